"""The figures of a result as SVG: the same bytes on the screen and in the report, for equal input equal bytes.

Every figure has a text alternative in `ALT`. What was used and what was refused differ in shape as well as in colour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lims.results import drawings
from lims.results.canvas import Words, style, svg
from lims.results.reduction import Array, Fit, column, fit_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALT: dict[str, dict[str, str]] = {
    "efficiency": {
        "zh": "效率曲线：归算到法向直射与稳态的各点效率随归算温差变化，附拟合曲线及其扩展不确定度带（k = 2）。",
        "en": "Efficiency curve: efficiency of each point, reduced to normal beam incidence and steady state, against "
        "the reduced temperature difference, with the fitted curve and its expanded uncertainty band (k = 2).",
    },
    "power": {
        "zh": "实测功率与拟合功率的比较，以及残差随拟合功率的变化。",
        "en": "Measured power against fitted power, and the residuals against fitted power.",
    },
    "residuals": {
        "zh": "残差随时间、入射角和温差的变化。",
        "en": "Residuals against time, angle of incidence and temperature difference.",
    },
    "modifier": {
        "zh": "直射入射角修正系数曲线及其扩展不确定度带（k = 2）与各点的值。",
        "en": "Incidence angle modifier of the beam with its expanded uncertainty band (k = 2) and the points.",
    },
    "modifier_table": {
        "zh": "各入射角下的入射角修正系数及其扩展不确定度（k = 2）。",
        "en": "Incidence angle modifier at its angles with expanded uncertainties (k = 2).",
    },
    "power_check": {
        "zh": "各有效小时的实测功率与估算功率的比较。",
        "en": "Measured against estimated power of every valid hour.",
    },
    "pressure_drop": {
        "zh": "压力降随质量流量的变化，附拟合曲线及其扩展不确定度带（k = 2）。",
        "en": "Pressure drop over the mass flow with the fitted curve and its expanded uncertainty band (k = 2).",
    },
    "response": {
        "zh": "出口温度变化份额随时间的变化；横线为 63.2 %。",
        "en": "Share of the outlet's change over time; the line is at 63.2 %.",
    },
    "course": {
        "zh": "试验过程中各温度与辐照度随时间的变化。",
        "en": "Temperatures and irradiance over the time of the test.",
    },
    "daily": {
        "zh": "各试验日有用得热量随日太阳辐照量的变化，实测与拟合。",
        "en": "Useful heat of each day over its irradiation, measured and fitted.",
    },
    "coverage": {
        "zh": "数据覆盖：每个数据点的温差与辐照度，采用与拒绝分别标示。",
        "en": "Coverage of the data: temperature difference and irradiance of each data point, used and refused.",
    },
    "refusals": {
        "zh": "按原因统计的被拒绝数据点数。",
        "en": "Number of data points refused, by reason.",
    },
}


def figures(outcome: Mapping[str, Any], *, language: str | None = None) -> dict[str, bytes]:
    """Draw every figure that the outcome (schema heliobench.outcome/1) allows, by name, as SVG.

    ``language`` is "zh", "en" or None for both. A figure whose columns or coefficients the method does not give is
    left out.
    """
    from matplotlib import rc_context

    words = Words(language)
    points = {name: column(values) for name, values in outcome["points"].items()}
    fit = fit_of(outcome)
    drawn: dict[str, bytes] = {}
    with rc_context(style()):
        for figure in _possible(points, fit, outcome):
            drawn[figure.name] = svg(figure.draw(points, fit, outcome, words))
    return drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """A figure and what it needs: columns of points and coefficients.

    unless: coefficients or columns that another figure shows better, or that this one cannot show.
    """

    name: str
    draw: Callable[[Mapping[str, Array], Fit, Mapping[str, Any], Words], Figure]
    columns: frozenset[str]
    coefficients: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


# In the order of the page. An efficiency curve is a curve of one variable: no wind, no long-wave radiation, no a8.
_FIGURES = (
    _Figure(
        name="efficiency",
        draw=drawings.efficiency,
        columns=_set("theta tm_minus_ta dtm_dt q_measured q_fitted"),
        coefficients=_set("eta0b"),
        unless=_set("a3 a4 a6 a7 a8"),
    ),
    _Figure(
        name="efficiency",
        draw=drawings.steady_efficiency,
        columns=_set("T_star G efficiency"),
        coefficients=_set("eta0hem a1"),
    ),
    _Figure(
        name="modifier",
        draw=drawings.modifier,
        columns=_set("Gb theta residual"),
        coefficients=_set("eta0b b0"),
    ),
    _Figure(name="modifier_table", draw=drawings.modifier_table, columns=_set("theta"), coefficients=_set("K50")),
    _Figure(
        name="power_check",
        draw=drawings.power_check,
        columns=_set("q_estimated q_measured"),
        coefficients=_set("power_slope"),
    ),
    _Figure(
        name="pressure_drop",
        draw=drawings.pressure_drop,
        columns=_set("mass_flow dp"),
        coefficients=_set("dp1 dp2"),
    ),
    _Figure(name="response", draw=drawings.response, columns=_set("response"), coefficients=_set("tau_c")),
    _Figure(
        name="daily",
        draw=drawings.daily,
        columns=_set("H t_amb_day t_main Q_day"),
        coefficients=_set("io1 io2 io3"),
    ),
    _Figure(
        name="course",
        draw=drawings.course,
        columns=_set("t_amb"),
        unless=_set("q_measured K50 response"),
    ),
    _Figure(name="coverage", draw=drawings.coverage, columns=_set("G tm_minus_ta")),
    _Figure(name="power", draw=drawings.power, columns=_set("q_measured q_fitted residual")),
    _Figure(name="residuals", draw=drawings.residuals, columns=_set("theta tm_minus_ta residual")),
    _Figure(name="refusals", draw=drawings.refusals, columns=_set("")),
)
_OF_ALL = ("coverage", "refusals")  # the others want something that was used


def _possible(points: Mapping[str, Array], fit: Fit, outcome: Mapping[str, Any]) -> list[_Figure]:
    """The figures for which there are columns, coefficients, windows used, or windows refused."""
    if "used" not in points:
        return []
    some_used = bool((points["used"] > 0).any())
    there = points.keys() | set(fit.order)
    return [
        one
        for one in _FIGURES
        if one.columns <= points.keys() and one.coefficients <= set(fit.order) and not one.unless & there
        if some_used or one.name in _OF_ALL
        if one.name != "refusals" or drawings.refused(outcome)
    ]
