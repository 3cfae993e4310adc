"""Two results side by side: the difference of each value, and whether their uncertainties explain it. Pure.

Results measured with the same calibrations share those errors: they cancel in the difference, whose uncertainty is then
of the random parts alone. Otherwise the E_n score of ISO 13528:2022, 9.7 is given, of the whole uncertainties.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lims.results.canvas import BLUE, VERMILION, Words, canvas, style, svg
from lims.results.reading import printed
from lims.results.reduction import COVERAGE, Fit, fit_of
from protocols.statistics.proficiency import SATISFACTORY, en_score, en_verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

IRRADIANCE = 1000.0  # W/m2, of the efficiency curves that are laid over each other
INTERCEPTS = ("eta0b", "eta0hem")
FARTHEST = 0.09  # K m2/W: where the curves end


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One value in both results; ``score`` is difference over uncertainty, none where neither states one."""

    symbol: str
    unit: str
    first: tuple[str, str]  # value and U as printed
    second: tuple[str, str]
    difference: float
    score: float | None
    explained: bool | None  # |score| below 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All values that both results have, and whether their calibrations are the same."""

    values: Sequence[Compared]
    only_first: Sequence[str]
    only_second: Sequence[str]
    shared: bool


def compare(
    first: Mapping[str, Any], first_inputs: Mapping[str, Any], second: Mapping[str, Any], inputs: Mapping[str, Any]
) -> Comparison:
    """Values of two outcomes (schema heliobench.outcome/1) by symbol."""
    ours, theirs = ({one["symbol"]: one for one in each["coefficients"]} for each in (first, second))
    shared = bool(first_inputs["calibrations"]) and first_inputs["calibrations"] == inputs["calibrations"]
    both = [symbol for symbol in ours if symbol in theirs]
    return Comparison(
        values=[_compared(ours[symbol], theirs[symbol], shared=shared) for symbol in both],
        only_first=[symbol for symbol in ours if symbol not in theirs],
        only_second=[symbol for symbol in theirs if symbol not in ours],
        shared=shared,
    )


def _compared(first: Mapping[str, Any], second: Mapping[str, Any], *, shared: bool) -> Compared:
    score = _score(first, second, shared=shared)
    return Compared(
        symbol=first["symbol"],
        unit=first["unit"],
        first=printed(first["value"], first["expanded_uncertainty"]),
        second=printed(second["value"], second["expanded_uncertainty"]),
        difference=second["value"] - first["value"],
        score=score,
        explained=None if score is None else en_verdict(score) is SATISFACTORY,
    )


def _score(first: Mapping[str, Any], second: Mapping[str, Any], *, shared: bool) -> float | None:
    if shared:
        halves = [COVERAGE * one["random_uncertainty"] for one in (first, second) if one["random_uncertainty"]]
    else:
        halves = [one["expanded_uncertainty"] for one in (first, second) if one["expanded_uncertainty"]]
    if len(halves) < 2 or not all(math.isfinite(one) for one in halves):
        return None
    score = en_score(second["value"], expanded=halves[1], assigned=first["value"], assigned_expanded=halves[0])
    return float(score)


def have_curves(*outcomes: Mapping[str, Any]) -> bool:
    """Whether each has an efficiency curve of one variable."""
    symbols = [{one["symbol"] for one in outcome["coefficients"]} for outcome in outcomes]
    return all("a1" in there and there & set(INTERCEPTS) for there in symbols)


def overlay(first: Mapping[str, Any], second: Mapping[str, Any], names: tuple[str, str]) -> bytes:
    """The efficiency curves of both with their bands as SVG; see `have_curves`."""
    from matplotlib import rc_context

    fits, words = [fit_of(one) for one in (first, second)], Words(None)
    with rc_context(style()):
        figure, (axes,) = canvas(height=3.0)
        for fit, name, colour in zip(fits, names, (BLUE, VERMILION), strict=True):
            _curve(axes, fit, name, colour)
        axes.set_xlabel(
            words("归算温差", "reduced temperature difference") + r"  $(\vartheta_m-\vartheta_a)/G$ [K m²/W]"
        )
        axes.set_ylabel(words("效率", "efficiency") + r"  $\eta$")
        axes.set_title(rf"$G$ = {IRRADIANCE:.0f} W/m²", fontsize=8, loc="right")
        axes.set_ylim(bottom=0.0)
        axes.legend(loc="lower left")
        return svg(figure)


def _intercept(fit: Fit) -> str:
    return next((name for name in INTERCEPTS if name in fit.order), "")


def _curve(axes: Axes, fit: Fit, name: str, colour: str) -> None:
    x = np.linspace(0.0, FARTHEST, 100)
    start, square = _intercept(fit), IRRADIANCE * x**2
    curve = fit[start] - fit["a1"] * x - fit["a2"] * square
    half = fit.band({start: np.ones_like(x), "a1": -x, "a2": -square})
    axes.fill_between(x, curve - half, curve + half, color=colour, alpha=0.18, linewidth=0)
    axes.plot(x, curve, color=colour, linewidth=1.4, label=f"{name} ± U (k = 2)")
