"""Steady points that cannot be right: their own numbers disagree, or they are unlike all the others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.limits import Limit
from protocols.metrology.selection import outlier_flags
from protocols.steady_state.model import Circuit

Array = NDArray[np.float64]

_ROUNDING = 1e-9  # of the largest response: a residual below it is that of an exact fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a point is doubted: its place among the rows, from 0, what is wrong in both languages."""

    place: int
    code: str
    sentence_en: str
    sentence_zh: str


def contradictions(*, columns: Mapping[str, Array], circuit: Circuit, limits: Mapping[str, Limit]) -> tuple[Doubt, ...]:
    """Find points whose own numbers disagree: tm with (t_in + t_out)/2, power or efficiency with rho V c_p dT.

    columns: symbol -> (points,); tm, Q_meter and efficiency are compared where they are there. The difference allowed
    for an efficiency is the relative one plus half its last digit. Raises nothing: missing values are passed over.
    """
    flow_power = circuit.flow_power(columns)
    found: list[Doubt] = []
    if "tm" in columns:
        mean = (columns["t_in"] + columns["t_out"]) / 2.0
        bad = np.flatnonzero(np.abs(columns["tm"] - mean) > limits["consistency_mean"].value)
        found += [_mean_doubt(int(place), columns["tm"][place], mean[place]) for place in bad]
    allowed = limits["consistency_power"].value
    if "Q_meter" in columns:
        share = _off(flow_power, columns["Q_meter"])
        bad = np.flatnonzero(np.abs(share) > allowed)
        found += [_power_doubt(int(place), "power", "功率", share[place]) for place in bad]
    if "efficiency" in columns:
        stated = columns["efficiency"]
        share = _off(flow_power, stated * columns["G"] * circuit.area)
        coarse = np.divide(limits["resolution_efficiency"].value, np.abs(stated), where=stated != 0, out=_inf(stated))
        bad = np.flatnonzero(np.abs(share) > allowed + coarse)
        found += [_power_doubt(int(place), "efficiency", "效率", share[place]) for place in bad]
    return tuple(found)


def _inf(like: Array) -> Array:
    return np.full_like(like, np.inf)


def _off(ours: Array, stated: Array) -> Array:
    """Give ours over stated minus one; infinite where nothing was stated but something was measured."""
    return np.divide(ours, stated, where=stated != 0, out=_inf(stated)) - 1.0


def _mean_doubt(place: int, stated: float, mean: float) -> Doubt:
    return Doubt(
        place=place,
        code="point inconsistent",
        sentence_en=f"the stated mean fluid temperature is {stated:.2f} degC but inlet and outlet give {mean:.2f} degC",
        sentence_zh=f"所列工质平均温度为 {stated:.2f} degC，而由进出口温度得 {mean:.2f} degC",
    )


def _power_doubt(place: int, what: str, what_zh: str, share: float) -> Doubt:
    return Doubt(
        place=place,
        code="point inconsistent",
        sentence_en=f"flow and temperatures give {100 * share:+.1f} % of difference to the stated {what}",
        sentence_zh=f"由流量与温度算得的值与所列{what_zh}相差 {100 * share:+.1f} %",
    )


def unlike(*, design: Array, response: Array, limits: Mapping[str, Limit]) -> tuple[Doubt, ...]:
    """Find points unlike all others by their leave-one-out residuals, and say which pass for outliers.

    design: (points, terms) with every term of the model, for a wrong point may cost a term; response: (points,). A
    second look is asked for by the limit studentised_warning or by the robust residual of `selection.outlier_flags`;
    an outlier exceeds the Bonferroni limit.
    Raises what `selection.outlier_flags` raises.
    """
    flags = outlier_flags(design, response, level=limits["outlier_chance"].value)
    real = np.abs(response - design @ (fits.operator(design) @ response)) > _ROUNDING * np.abs(response).max()
    odd = (np.abs(flags.studentised) > limits["studentised_warning"].value) | flags.robust_flagged
    return tuple(_unlike(int(place), flags.studentised[place], flags.limit) for place in np.flatnonzero(odd & real))


def _unlike(place: int, t: float, bound: float) -> Doubt:
    outlier = abs(t) > bound
    more, more_zh = ("beyond", "超过") if outlier else ("within", "未超过")
    return Doubt(
        place=place,
        code="outlier" if outlier else "point unlike the others",
        sentence_en=f"its residual is {t:+.1f} standard errors from the fit of the other points, {more} the limit of "
        f"{bound:.1f} for an outlier",
        sentence_zh=f"其残差相对其余测点拟合为 {t:+.1f} 倍标准误差，{more_zh}离群判据 {bound:.1f}",
    )
