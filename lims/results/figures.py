"""The figures of a result as SVG: the same bytes on the screen and in the report, for equal input equal bytes.

Text is drawn as outlines of the Noto Sans SC that reports use, so no viewer needs a Chinese font. Every figure has a
text alternative in `ALT`. Colours are those of Okabe and Ito, which colour-blind readers can tell apart; what was
used and what was refused differ in shape as well.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pylopdf_fonts_zh_cn

from lims.results.reduction import (
    Array,
    Fit,
    angle_term,
    beam_modifier,
    column,
    fit_of,
    measured_modifier,
    reduced_efficiency,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, VERMILION, GREEN, INK, GREY = "#0072B2", "#D55E00", "#009E73", "#222222", "#8A8F98"
WIDTH = 6.7
"""Inches: the text width of the A4 report."""

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
    "coverage": {
        "zh": "数据覆盖：每个平均时段的温差与辐照度，采用与拒绝分别标示。",
        "en": "Coverage of the data: temperature difference and irradiance of each window, used and refused.",
    },
    "refusals": {
        "zh": "按原因统计的被拒绝平均时段数。",
        "en": "Number of averaging windows refused, by reason.",
    },
}

_STYLE: dict[str, Any] = {
    "svg.hashsalt": "heliobench",
    "svg.fonttype": "path",
    "font.size": 8.5,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E3E6EA",
    "grid.linewidth": 0.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8,
}


class _Words:
    """Labels in one language, or in both (Chinese first) when no language is chosen."""

    def __init__(self, language: str | None) -> None:
        self.language = language

    def __call__(self, zh: str, en: str, *, between: str = " ") -> str:
        if self.language is None:
            return f"{zh}{between}{en}"
        return zh if self.language.startswith("zh") else en


def figures(outcome: Mapping[str, Any], *, language: str | None = None) -> dict[str, bytes]:
    """Draw every figure that the outcome (schema heliobench.outcome/1) allows, by name, as SVG.

    ``language`` is "zh", "en" or None for both. A figure whose columns the method does not give is left out.
    """
    from matplotlib import rc_context

    words = _Words(language)
    points = {name: column(values) for name, values in outcome["points"].items()}
    fit = fit_of(outcome)
    drawn: dict[str, bytes] = {}
    style: Any = {**_STYLE, "font.family": _font_family()}
    with rc_context(style):
        for name, draw in _possible(points, outcome).items():
            drawn[name] = _svg(draw(points, fit, outcome, words))
    return drawn


def _font_family() -> list[str]:
    from matplotlib import font_manager

    path = str(pylopdf_fonts_zh_cn.sans_path())
    if not any(entry.fname == path for entry in font_manager.fontManager.ttflist):
        font_manager.fontManager.addfont(path)
    return [font_manager.FontProperties(fname=path).get_name(), "DejaVu Sans"]


def _svg(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    # typst renders an SVG with a document type as an empty picture, without a warning.
    return re.sub(rb"<!DOCTYPE[^>]*>\s*", b"", out.getvalue())


def _canvas(columns: int = 1, *, height: float = 3.0, ratios: tuple[float, ...] = ()) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False, width_ratios=ratios or None)
    return figure, list(axes[0])


def _used(points: Mapping[str, Array]) -> dict[str, Array]:
    chosen = points["used"] > 0
    return {name: values[chosen] for name, values in points.items()}


def _scatter(axes: Axes, x: Array, y: Array, *, label: str | None = None) -> None:
    axes.scatter(x, y, s=11, color=BLUE, alpha=0.55, linewidths=0, label=label)


def _efficiency(points: Mapping[str, Array], fit: Fit, _: Mapping[str, Any], words: _Words) -> Figure:
    used = _used(points)
    reduced = reduced_efficiency(used, fit)
    g = reduced.irradiance
    x = np.linspace(0.0, float(reduced.reduced_difference.max()) * 1.08, 120)
    curve = fit["eta0b"] - fit["a1"] * x - fit["a2"] * g * x**2
    half = fit.band({"eta0b": np.ones_like(x), "a1": -x, "a2": -g * x**2})
    figure, (axes,) = _canvas(height=2.85)
    _scatter(axes, reduced.reduced_difference, reduced.efficiency, label=words("采用的平均时段", "windows used"))
    axes.fill_between(x, curve - half, curve + half, color=VERMILION, alpha=0.22, linewidth=0, label="U (k = 2)")
    axes.plot(x, curve, color=VERMILION, linewidth=1.4, label=words("拟合曲线", "fitted curve"))
    axes.set_xlabel(
        words("归算温差", "reduced temperature difference") + r"  $(\vartheta_m-\vartheta_a)/G^*$  [K m²/W]"
    )
    axes.set_ylabel(words("效率", "efficiency") + r"  $\eta$")
    axes.set_title(rf"$G^*$ = {g:.0f} W/m²", fontsize=8, loc="right", color=INK)
    axes.set_xlim(0, x[curve > 0.0][-1] if (curve > 0.0).any() else None)
    axes.set_ylim(bottom=max(0.0, float(np.nanmin(reduced.efficiency)) - 0.08))
    axes.legend(loc="lower left")
    return figure


def _power(points: Mapping[str, Array], _: Fit, __: Mapping[str, Any], words: _Words) -> Figure:
    used = _used(points)
    figure, (left, right) = _canvas(2, height=2.8, ratios=(1.0, 1.15))
    fitted, measured = used["q_fitted"], used["q_measured"]
    ends = [min(fitted.min(), measured.min()), max(fitted.max(), measured.max())]
    left.plot(ends, ends, color=VERMILION, linewidth=1.0)
    _scatter(left, fitted, measured)
    left.set_aspect("equal", adjustable="datalim")
    left.set_xlabel(words("拟合功率", "fitted power") + " [W/m²]")
    left.set_ylabel(words("实测功率", "measured power") + " [W/m²]")
    _residual_panel(right, fitted, used["residual"])
    right.set_xlabel(words("拟合功率", "fitted power") + " [W/m²]")
    right.set_ylabel(words("残差", "residual") + " [W/m²]")
    return figure


def _residual_panel(axes: Axes, x: Any, residual: Array) -> None:
    axes.axhline(0.0, color=VERMILION, linewidth=1.0)
    _scatter(axes, x, residual)
    largest = float(np.nanmax(np.abs(residual))) * 1.15 or 1.0
    axes.set_ylim(-largest, largest)


def _residuals(points: Mapping[str, Array], _: Fit, __: Mapping[str, Any], words: _Words) -> Figure:
    from matplotlib.dates import AutoDateLocator, DateFormatter

    used = _used(points)
    figure, (by_time, by_angle, by_difference) = _canvas(3, height=2.5)
    when: Any = [datetime.fromtimestamp(seconds, UTC) for seconds in used["time"]]
    for axes, x in ((by_time, when), (by_angle, used["theta"]), (by_difference, used["tm_minus_ta"])):
        _residual_panel(axes, x, used["residual"])
    by_time.xaxis.set_major_locator(AutoDateLocator(minticks=2, maxticks=5))  # type: ignore[no-untyped-call]
    by_time.xaxis.set_major_formatter(DateFormatter("%m-%d"))  # type: ignore[no-untyped-call]
    by_time.set_ylabel(words("残差", "residual") + " [W/m²]")
    by_time.set_xlabel(words("日期", "date") + " (UTC)")
    by_angle.set_xlabel(words("入射角", "angle of incidence") + r"  $\theta$ [°]")
    by_difference.set_xlabel(words("温差", "difference") + r"  $\vartheta_m-\vartheta_a$ [K]")
    return figure


def _modifier(points: Mapping[str, Array], fit: Fit, _: Mapping[str, Any], words: _Words) -> Figure:
    used = _used(points)
    strong = used["Gb"] > 0.5 * float(np.nanmax(used["Gb"]))
    theta = np.linspace(0.0, min(75.0, float(np.nanmax(used["theta"])) + 5.0), 120)
    curve = beam_modifier(theta, fit["b0"])
    half = fit.band({"b0": -angle_term(theta)})
    figure, (axes,) = _canvas(height=2.3)
    _scatter(
        axes, used["theta"][strong], measured_modifier(used, fit)[strong], label=words("采用的平均时段", "windows used")
    )
    axes.fill_between(theta, curve - half, curve + half, color=VERMILION, alpha=0.22, linewidth=0, label="U (k = 2)")
    axes.plot(theta, curve, color=VERMILION, linewidth=1.4, label=rf"$b_0$ = {fit['b0']:.3f}")
    axes.set_xlabel(words("入射角", "angle of incidence") + r"  $\theta$ [°]")
    axes.set_ylabel(words("修正系数", "modifier") + r"  $K_b$")
    axes.set_xlim(left=0)
    axes.legend(loc="lower left")
    return figure


def _coverage(points: Mapping[str, Array], _: Fit, __: Mapping[str, Any], words: _Words) -> Figure:
    chosen = points["used"] > 0
    x, y = points["G"], points["tm_minus_ta"]
    figure, (axes,) = _canvas(height=2.3)
    axes.scatter(x[~chosen], y[~chosen], s=13, marker="x", color=GREY, linewidths=0.7, label=words("拒绝", "refused"))
    _scatter(axes, x[chosen], y[chosen], label=words("采用", "used"))
    axes.set_xlabel(words("半球向总辐照度", "hemispherical irradiance") + r"  $G$ [W/m²]")
    axes.set_ylabel(words("温差", "difference") + r"  $\vartheta_m-\vartheta_a$ [K]")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.0)
    return figure


def _refused(outcome: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return sorted((r for r in outcome["refusals"] if r["count"]), key=lambda r: (r["count"], r["code"]))


def _refusals(_: Mapping[str, Array], __: Fit, outcome: Mapping[str, Any], words: _Words) -> Figure:
    rows = _refused(outcome)
    figure, (axes,) = _canvas(height=0.7 + 0.42 * len(rows))
    counts = [row["count"] for row in rows]
    bars = axes.barh(range(len(rows)), counts, color=GREEN, height=0.55)
    axes.bar_label(bars, padding=3, fontsize=8)
    labels = [words(row["sentence_zh"], textwrap.fill(row["sentence_en"], 58), between="\n") for row in rows]
    axes.set_yticks(range(len(rows)), labels, fontsize=7)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, max(counts) * 1.12)
    axes.set_xlabel(words("被拒绝的平均时段数", "windows refused"))
    return figure


_Draw = Callable[[Mapping[str, Array], Fit, Mapping[str, Any], _Words], "Figure"]
_MODEL = frozenset({"Gb", "theta", "tm_minus_ta", "dtm_dt", "q_measured", "q_fitted", "residual"})
_OF_USED: dict[str, tuple[frozenset[str], _Draw]] = {
    "efficiency": (_MODEL, _efficiency),
    "modifier": (_MODEL, _modifier),
    "power": (frozenset({"q_measured", "q_fitted", "residual"}), _power),
    "residuals": (frozenset({"time", "theta", "tm_minus_ta", "residual"}), _residuals),
}
_OF_ALL: dict[str, tuple[frozenset[str], _Draw]] = {
    "coverage": (frozenset({"used", "G", "tm_minus_ta"}), _coverage),
    "refusals": (frozenset({"used"}), _refusals),
}
_ORDER = ("efficiency", "modifier", "coverage", "power", "residuals", "refusals")


def _possible(points: Mapping[str, Array], outcome: Mapping[str, Any]) -> dict[str, _Draw]:
    """The figures for which there are columns, windows used, or windows refused."""
    some_used = "used" in points and bool((points["used"] > 0).any())
    candidates = {**(_OF_USED if some_used else {}), **_OF_ALL}
    found = {name: draw for name, (needs, draw) in candidates.items() if needs <= points.keys()}
    if not _refused(outcome):
        found.pop("refusals", None)
    return {name: found[name] for name in _ORDER if name in found}
