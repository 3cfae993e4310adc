"""Points of a steady-state test: found in a record of samples, or stated one a row by a report."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from protocols.evaluation import OURS
from protocols.fields import number
from protocols.fluids import Fluid
from protocols.incidence import cosine_of_incidence, sun_position
from protocols.limits import Limit
from protocols.method import ItemValue, Refusal
from protocols.record import Record
from protocols.refusals import NotEvaluable
from protocols.steady import Criterion, require_intervals, search
from protocols.windows import Reason, Sieve

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_PLACE = ("tilt", "azimuth", "latitude", "longitude")


@dataclass(frozen=True, kw_only=True)
class Points:
    """Steady points, those used and those refused.

    time: s, the begin of each.  duration: s.  blocks: symbol -> (points, samples).  used: which may be fitted.
    refusal: place in `refusals`, or -1.  afternoon: whether the sun is past its noon, None without a place.
    """

    time: Array
    duration: float
    blocks: Mapping[str, Array]
    used: Flags
    refusal: Array
    refusals: tuple[Refusal, ...]
    afternoon: Flags | None

    def kept(self, symbols: Sequence[str] = ()) -> dict[str, Array]:
        """Give the blocks of the points used; all, or those of some symbols."""
        return {symbol: self.blocks[symbol][self.used] for symbol in (symbols or self.blocks)}


def found_points(
    *,
    record: Record,
    columns: Mapping[str, Array],
    item: Mapping[str, ItemValue],
    limits: Mapping[str, Limit],
    criteria: Sequence[Criterion],
    least: float,
    clause: str,
) -> Points:
    """Find the steady intervals of a record of samples and make each a point.

    columns: what the search and the fit read.  criteria: about those columns and what `with_derived` adds.
    Raises NotEvaluable when fewer than `least` intervals were found.
    """
    found = search(
        time=record.time,
        columns=columns,
        criteria=criteria,
        measuring_time=measuring_time(item, limits),
        preconditioning_time=limits["preconditioning_time"].value,
        needed=tuple(columns),
    )
    require_intervals(found=found, least=least, clause=clause)
    first = found.first
    return Points(
        time=record.time[first] - found.interval / 2.0,
        duration=found.rows.shape[1] * found.interval,
        blocks={symbol: values[found.rows] for symbol, values in columns.items()},
        used=np.ones(first.size, dtype=bool),
        refusal=np.full(first.size, -1.0),
        refusals=found.sieve.refusals,
        afternoon=_afternoon(record.time[found.rows].mean(axis=1), item),
    )


def stated_points(
    *, record: Record, columns: Mapping[str, Array], item: Mapping[str, ItemValue], fluid: Fluid
) -> Points:
    """Take each row of a record as a point that was averaged before; rows that cannot be used are refused.

    Refused are rows with a missing value, outside the range of the fluid, without irradiance, and those whose numbers
    the item names in `excluded_points`.
    """
    sieve = Sieve(record.time.size)
    sieve.refuse(_excluded(item, record.time.size), _excluded_reason())
    sieve.refuse(~np.logical_and.reduce([np.isfinite(v) for v in columns.values()]), _missing_reason())
    low, high = fluid.limits
    outside = [(columns[s] < low) | (columns[s] > high) for s in ("t_in", "t_out")]
    sieve.refuse(np.logical_or.reduce(outside), _fluid_reason(low, high))
    sieve.refuse(columns["G"] <= 0, _dark_reason())
    inside = {s: np.clip(columns[s], low, high) for s in ("t_in", "t_out")}
    return Points(
        time=record.time,
        duration=float("nan"),
        blocks={symbol: values[:, None] for symbol, values in {**columns, **inside}.items()},
        used=sieve.passed,
        refusal=sieve.index,
        refusals=sieve.refusals,
        afternoon=_afternoon(record.time, item),
    )


def with_derived(*, time: Array, columns: Mapping[str, Array], item: Mapping[str, ItemValue]) -> dict[str, Array]:
    """Add dT = t_out - t_in, Gd_share = Gd/G where Gd is there, and theta for a fixed mount whose place is known."""
    derived = {**columns, "dT": columns["t_out"] - columns["t_in"]}
    if "Gd" in columns:
        whole = columns["G"]
        derived["Gd_share"] = np.divide(columns["Gd"], whole, out=np.ones_like(whole), where=whole > 0)
    if item.get("mount", "fixed") == "fixed" and all(symbol in item for symbol in _PLACE):
        elevation, azimuth = _sun(time, item)
        cosine = cosine_of_incidence(
            elevation=elevation, azimuth=azimuth, tilt=number(item, "tilt"), plane_azimuth=number(item, "azimuth")
        )
        derived["theta"] = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    return derived


def require_place(item: Mapping[str, ItemValue]) -> None:
    """Raise NotEvaluable for a fixed mount whose tilt, azimuth or place is not stated."""
    lacking = [symbol for symbol in _PLACE if symbol not in item]
    if item["mount"] == "fixed" and lacking:
        raise NotEvaluable(
            clause=OURS,
            sentence_en=f"A fixed mount needs {', '.join(_PLACE)} for the angle of incidence; {', '.join(lacking)} is "
            'lacking in the item description: add it, or say mount = "tracking" or "simulator".',
            sentence_zh=f"固定安装须给出 {'、'.join(_PLACE)} 以计算入射角；试件描述缺少 {'、'.join(lacking)}："
            "请补充，或写 mount = “tracking”或“simulator”。",
        )


def theta_limit(*, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> Limit:
    """Give the largest angle of incidence: where the stated b0 brings K to its limit, else the plain limit."""
    plain, b0 = limits["steady_theta_max"], item.get("b0")
    if not isinstance(b0, float) or b0 <= 0:
        return plain
    angle = math.degrees(math.acos(1.0 / (1.0 + limits["steady_K_deviation"].value / b0)))
    return replace(plain, value=angle, clause=limits["steady_K_deviation"].clause)


def measuring_time(item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> float:
    """Give the shortest measuring time in s: the plain limit, or what time constant and transit time ask for."""
    asked = [limits["measuring_time_min"].value]
    for symbol, times in (("tau_c", "measuring_per_tau"), ("transit_time", "measuring_per_transit")):
        if symbol in item:
            asked.append(limits[times].value * number(item, symbol))
    return max(asked)


def _sun(time: Array, item: Mapping[str, ItemValue]) -> tuple[Array, Array]:
    return sun_position(time=time, latitude=number(item, "latitude"), longitude=number(item, "longitude"))


def _afternoon(time: Array, item: Mapping[str, ItemValue]) -> Flags | None:
    if item.get("mount", "fixed") != "fixed" or not all(symbol in item for symbol in _PLACE):
        return None
    _, azimuth = _sun(time, item)
    return np.asarray(np.sin(np.radians(azimuth)) < 0)  # the sun stands in the west


def _excluded(item: Mapping[str, ItemValue], size: int) -> Flags:
    marked = np.zeros(size, dtype=bool)
    for word in str(item.get("excluded_points", "")).replace(",", " ").split():
        if not word.isdecimal() or not 1 <= int(word) <= size:
            raise NotEvaluable(
                clause=OURS,
                sentence_en=f"excluded_points names {word!r}; give numbers of rows from 1 to {size}, in order of time.",
                sentence_zh=f"excluded_points 含“{word}”；请按时间顺序给出 1 至 {size} 的行号。",
            )
        marked[int(word) - 1] = True
    return marked


def _excluded_reason() -> Reason:
    return Reason(
        code="excluded",
        clause=OURS,
        sentence_en="The item description excludes the point by its number.",
        sentence_zh="试件描述按编号排除该测点。",
    )


def _missing_reason() -> Reason:
    return Reason(
        code="missing value", clause=OURS, sentence_en="A value of the point is missing.", sentence_zh="测点有缺测值。"
    )


def _dark_reason() -> Reason:
    return Reason(
        code="no irradiance",
        clause=OURS,
        sentence_en="The irradiance of the point is not above zero.",
        sentence_zh="测点辐照度不大于零。",
    )


def _fluid_reason(low: float, high: float) -> Reason:
    return Reason(
        code="fluid range",
        clause=OURS,
        sentence_en=f"A fluid temperature is outside {low:.1f} to {high:.1f} degC, where the fluid is known.",
        sentence_zh=f"工质温度超出其物性范围 {low:.1f} 至 {high:.1f} degC。",
    )
