"""An outcome as people read it: printed digits, windows used and refused with their reasons. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lims.notation import plain_number
from lims.runs.models import Run
from protocols import rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One coefficient: the digits as they are printed, and the numbers they come from."""

    symbol: str
    unit: str
    value: str
    expanded: str
    t_ratio: str
    exact: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One averaging window; ``refusal`` is why it was not used."""

    index: int
    start: datetime
    seconds: float
    used: bool
    refusal: Mapping[str, Any] | None
    values: Mapping[str, float | None]


def coefficients(outcome: Mapping[str, Any]) -> list[Row]:
    """Every coefficient with the digits of the report."""
    return [_row(one) for one in outcome["coefficients"]]


def _row(one: Mapping[str, Any]) -> Row:
    value, expanded = printed(one["value"], one["expanded_uncertainty"])
    t_ratio = one["t_ratio"]
    return Row(
        symbol=one["symbol"], unit=one["unit"], value=value, expanded=expanded,
        t_ratio="–" if t_ratio is None else f"{t_ratio:.1f}", exact=one,
    )  # fmt: skip


def printed(value: float | None, expanded: float | None) -> tuple[str, str]:
    """The digits of a value and its expanded uncertainty.

    One that was set, or comes without uncertainty, is printed as it is, to six significant digits at most.

    >>> printed(0.72834, 0.0124), printed(0.0, 0.0), printed(2.067, None), printed(19.05389639583209, 0.0)
    (('0.728', '0.012'), ('0', '–'), ('2.067', '–'), ('19.0539', '–'))
    """
    if value is None:
        return "–", "–"
    if not expanded:
        return plain_number(float(f"{value:.6g}")), "–"
    return rounding.report(value, expanded)


def windows(outcome: Mapping[str, Any], *, show: str = "") -> list[Window]:
    """The windows in order of time; ``show`` is "used", "refused" or the code of one reason."""
    points = outcome["points"]
    names = [name for name in points if name not in ("time", "used", "refusal")]
    found = []
    for index, (start, used, refusal) in enumerate(zip(points["time"], points["used"], points["refusal"], strict=True)):
        why = outcome["refusals"][int(refusal)] if refusal is not None and refusal >= 0 else None
        if _shown(show, bool(used), why):
            found.append(_window(outcome, index, start, bool(used), why, names))
    return found


def window(outcome: Mapping[str, Any], index: int) -> Window | None:
    """The window of this position; None if there is none."""
    everything = windows(outcome) if 0 <= index < len(outcome["points"]["time"]) else []
    return everything[index] if everything else None


# What a table of windows shows of the columns that a method gives, as many as fit.
_TELLING = (
    *("G", "H", "theta", "tm_minus_ta", "t_store", "t_tube", "t_abs", "mass_flow", "dp", "t_amb_day", "t_main"),
    *("q_measured", "q_estimated", "q_fitted", "Q_day", "residual"),
)
_COLUMNS = 6


def telling_columns(outcome: Mapping[str, Any]) -> list[str]:
    """Which columns of the windows a table shows: the telling ones that the method gives, else its first ones.

    >>> telling_columns({"points": {"time": [], "u": [], "residual": [], "G": [], "used": []}})
    ['G', 'residual']
    """
    there = [name for name in outcome["points"] if name not in ("time", "used", "refusal", "duration")]
    known = [name for name in _TELLING if name in there] or there
    return known if len(known) <= _COLUMNS else [*known[: _COLUMNS - 3], *known[-3:]]


def _window(
    outcome: Mapping[str, Any], index: int, start: float, used: bool, why: Mapping[str, Any] | None, names: list[str]
) -> Window:
    length = outcome["points"].get("duration")
    seconds = averaging_time(outcome) if length is None else length[index] or 0.0
    return Window(
        index=index, start=datetime.fromtimestamp(start, UTC), seconds=seconds, used=used, refusal=why,
        values={name: outcome["points"][name][index] for name in names},
    )  # fmt: skip


def _shown(show: str, used: bool, why: Mapping[str, Any] | None) -> bool:
    if show in ("", "used", "refused"):
        return not show or used == (show == "used")
    return why is not None and why["code"] == show


def averaging_time(outcome: Mapping[str, Any]) -> float:
    """Length of a window [s]: as the method says, else the distance of the first two."""
    told = outcome["diagnostics"].get("averaging_time")
    times = outcome["points"]["time"]
    return float(told) if told else float(times[1] - times[0]) if len(times) > 1 else 0.0


def counts(outcome: Mapping[str, Any]) -> dict[str, int]:
    """How many windows there are, were used and were refused."""
    used = sum(1 for flag in outcome["points"]["used"] if flag)
    total = len(outcome["points"]["used"])
    return {"total": total, "used": used, "refused": total - used}


def correlations(outcome: Mapping[str, Any], symbol: str) -> list[tuple[str, str]]:
    """How the estimate of ``symbol`` is correlated with every other, as printed."""
    names = [one["symbol"] for one in outcome["coefficients"]]
    i = names.index(symbol)
    return [(name, _correlation(outcome["covariance"], i, j)) for j, name in enumerate(names)]


def _correlation(covariance: list[list[float | None]], i: int, j: int) -> str:
    shared, first, second = covariance[i][j], covariance[i][i], covariance[j][j]
    return f"{shared / math.sqrt(first * second):+.2f}" if shared is not None and first and second else "–"


def calibrations_used(inputs: Mapping[str, Any], run: Run) -> list[Mapping[str, Any]]:
    """Of the calibrations handed to the evaluation, those whose term covers a day of the run."""
    if run.first_scan_at is None or run.last_scan_at is None:
        return []
    zone = ZoneInfo(inputs["time_zone"])
    first, last = (at.astimezone(zone).date().isoformat() for at in (run.first_scan_at, run.last_scan_at))
    known = (one for one in inputs["calibrations"] if one["calibrated_on"] <= last and one["due_on"] >= first)
    return sorted(known, key=lambda one: (one["equipment"], one["symbol"]))
