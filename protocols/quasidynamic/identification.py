"""What a quasi-dynamic data set can identify: wind that varies, beam at every node, regressors that differ.

A coefficient that the data cannot identify is refused in a sentence, with the way out: measure what is lacking, or
state the coefficient (item entry fixed_...), which the result then tells. It is never left out in silence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.method import NotEvaluable
from protocols.quasidynamic.admission import Run
from protocols.quasidynamic.model import Problem
from protocols.quasidynamic.terms import WIND_SYMBOLS, Model

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

IDENTIFICATION_LIMITS = (
    "wind_range_min",
    "node_beam_min",
    "node_windows_min",
    "condition_noted",
    "condition_refused",
    "regressor_correlation",
)

_OURS = "Heliobench"
_ENVIRONMENT = ("a3", "a4", "a6", "a7")  # of wind and sky: of no use together only, as a1 and a2 are
_POWERS = frozenset({"a1", "a2", "a8"})  # of one difference: correlated by nature, and told elsewhere
_HALF = 0.5  # of a variance; D. A. Belsley, E. Kuh, R. E. Welsch, Regression Diagnostics (1980), 3.2
_WIND_QUANTILES = (0.1, 0.9)
_SINGULAR = 1e10  # a condition beyond is a dependence that the fit itself refuses by name


def require_identified(run: Run, used: Flags, left: Problem) -> None:
    """Refuse a record that cannot identify what is to be fitted.

    used: of the complete windows.  left: the regression of the windows used.
    Raises NotEvaluable naming the coefficients.
    """
    _require_wind(run, used, left)
    _require_nodes(run, left)
    _require_independence(run, left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """How nearly the regressors depend on each other.

    condition: of the column-scaled design.  names: the parameters that owe more than half of their variance to the
    direction that the data fix worst.
    """

    condition: float
    names: tuple[str, ...]


def dependence(design: Array, names: Sequence[str]) -> Dependence:
    """Give condition and variance shares: pi_j = (v_jp / s_p)^2 / sum_k (v_jk / s_k)^2 of the scaled design U S V'.

    p: the smallest singular value. Belsley, Kuh and Welsch (1980), 3.2; unlike them the design has no constant.
    """
    _, singular, right = np.linalg.svd(design / np.linalg.norm(design, axis=0), full_matrices=False)
    with np.errstate(divide="ignore"):
        parts = (right / singular[:, None]) ** 2
    share = parts[-1] / parts.sum(axis=0)
    worst = tuple(name for name, one in zip(names, share.tolist(), strict=True) if one > _HALF)
    return Dependence(condition=float(singular[0] / singular[-1]), names=worst)


def identification_figures(model: Model, left: Problem, fit: fits.Fit) -> dict[str, float]:
    """Give for the diagnostics the variance inflation of each parameter, sum(x_j^2) C_jj / s^2, 1 when orthogonal."""
    design = left.design[:, left.places(fit.names)]
    inflation = np.diag(fit.covariance) * (design**2).sum(axis=0) / fit.residual_sd**2
    symbols = [model.symbols[model.names.index(name)] for name in fit.names]
    return {f"variance_inflation_{symbol}": float(one) for symbol, one in zip(symbols, inflation, strict=True)}


def alike(left: Problem, least: float) -> tuple[tuple[str, str, float], ...]:
    """Give pairs of regressors whose correlation about their means is beyond +-least, powers of tm - ta excepted."""
    varying = [place for place in range(len(left.names)) if np.ptp(left.design[:, place]) > 0]
    correlation = np.atleast_2d(np.corrcoef(left.design[:, varying], rowvar=False))
    pairs = [
        (left.names[varying[i]], left.names[varying[j]], float(correlation[i, j]))
        for i in range(len(varying))
        for j in range(i + 1, len(varying))
        if abs(correlation[i, j]) > least
    ]
    return tuple(pair for pair in pairs if not _POWERS.issuperset(pair[:2]))


def _require_wind(run: Run, used: Flags, left: Problem) -> None:
    sought = [symbol for symbol in WIND_SYMBOLS if symbol in left.names]
    if not sought:
        return
    low, high = np.quantile(run.blocks["u"][used].mean(axis=1), _WIND_QUANTILES).tolist()
    least = run.limit("wind_range_min")
    if high - low < least:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The wind was nearly constant ({low:.2f} to {high:.2f} m/s in four fifths of the windows; it "
            f"must vary by {least:g} m/s), so {_and(sought)} cannot be identified; measure at other air speeds, or "
            f"state them as {_and(f'fixed_{each}' for each in sought)}.",
            sentence_zh=f"风速几乎不变（五分之四的时段在 {low:.2f} 至 {high:.2f} m/s，至少须变化 {least:g} m/s），"
            f"无法确定 {'、'.join(sought)}；请在其他风速下测量，或以 "
            f"{'、'.join(f'fixed_{each}' for each in sought)} 给出已知值。",
        )


def _require_nodes(run: Run, left: Problem) -> None:
    if not run.model.nodes:
        return
    least, beam = run.limit("node_windows_min"), run.limit("node_beam_min")
    lit = (left.design >= beam).sum(axis=0)
    places = {0: 0} | {a: left.names.index(f"eta0b*K{a}") for a in run.model.nodes if f"eta0b*K{a}" in left.names}
    dark = [angle for angle, place in places.items() if lit[place] < least]
    if dark:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"Too little beam was measured near {_and(f'{angle} deg' for angle in dark)} of incidence "
            f"({least:g} windows with a share of {beam:g} W/m2 are needed at each node of the modifier's table); "
            f"measure there, or state {_and(_way_out(angle) for angle in dark)}.",
            sentence_zh=f"入射角 {'、'.join(f'{angle}°' for angle in dark)} 附近的直射数据不足"
            f"（修正系数表每个节点至少需要 {least:g} 个份额达 {beam:g} W/m2 的时段）；请补充测量，或给出 "
            f"{'、'.join(_way_out(angle) for angle in dark)}。",
        )


def _way_out(angle: int) -> str:
    return "fixed_K10 = 1" if angle == 0 else f"fixed_K{angle}"


def _require_independence(run: Run, left: Problem) -> None:
    if not np.linalg.norm(left.design, axis=0).all():
        return  # the fit itself refuses a column of zeros, by name
    found = dependence(left.design, left.names)
    most = run.limit("condition_refused")
    lost = [name for name in found.names if name in _ENVIRONMENT]
    if lost and most < found.condition < _SINGULAR:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The data hardly tell {_and(found.names)} apart (condition {found.condition:.0f}, at most "
            f"{most:g}): {_and(lost)} cannot be identified; measure over a wider range of wind, sky and temperature, "
            f"or state {_and(f'fixed_{each}' for each in lost)}.",
            sentence_zh=f"数据几乎无法区分 {'、'.join(found.names)}（条件数 {found.condition:.0f}，上限 {most:g}），"
            f"无法确定 {'、'.join(lost)}；请在更宽的风速、天空辐射与温度范围内测量，或给出 "
            f"{'、'.join(f'fixed_{each}' for each in lost)}。",
        )


def _and(words: Iterable[str]) -> str:
    every = list(words)
    return " and ".join([", ".join(every[:-1]), every[-1]] if len(every) > 1 else every)
