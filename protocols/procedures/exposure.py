"""The books of an exposure: irradiation by hour and day, hours above the class's conditions, and what is missing.

ISO 9806:2017, exposure [clause number unconfirmed], asks for an irradiation on the plane and for hours with irradiance
and ambient temperature above those of a climate class. How the hours are to be counted has not been found: here each
sample counts with the time it stands for: a minute above the threshold is a minute, whatever its neighbours are.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.limits import Limit
from protocols.record import Common, Record
from protocols.refusals import NotEvaluable

Array = NDArray[np.float64]

_HOUR, _DAY, _MEGA = 3600.0, 86400.0, 1e6
_SLIGHT = 1e-6  # of an interval; ours: less is rounding
_CLAUSE = "Heliobench, books of an exposure"


@dataclass(frozen=True, kw_only=True)
class Books:
    """What an exposure has gathered.

    day: s since 1970-01-01 UTC, the beginning of each local day.  hourly: MJ/m2, (days, 24); NaN in an hour without
    any value.  hourly_missing: s, (days, 24), without a value of G, between the first and the last sample.
    irradiation: MJ/m2, what was measured; missing time adds nothing.  irradiation_uncertainty: MJ/m2, standard, common
    to all samples, from the calibration of the pyranometer.  hours: h above both thresholds.  missing: h without a
    value of G.  unknown: h in which irradiance is above its threshold or missing and the pair cannot be judged for want
    of a value.
    """

    day: Array
    hourly: Array
    hourly_missing: Array
    irradiation: float
    irradiation_uncertainty: float
    hours: float
    missing: float
    unknown: float

    @property
    def daily(self) -> Array:
        """Give the irradiation of each day [MJ/m2]; NaN for a day without any value."""
        empty = np.isnan(self.hourly).all(axis=1)
        return np.where(empty, np.nan, np.nansum(self.hourly, axis=1))

    def days_above(self, least: float) -> int:
        """Count the days with at least this irradiation [MJ/m2], as EN 12975-2 asked for."""
        return int(np.count_nonzero(self.daily >= least))


def books(*, record: Record, irradiance: float, ambient: float, utc_offset: float = 0.0) -> Books:
    """Keep the books of an exposure.

    record: columns G [W/m2] and t_amb [degC]; NaN is missing time, never darkness.  irradiance: W/m2 and ambient: degC,
    the thresholds of the class, both included.  utc_offset: s, local time minus UTC, which decides where a day begins.

        irradiation = sum of G dt,  hours = sum of dt where G >= irradiance and t_amb >= ambient

    dt is the sampling interval, the median step between samples; a step longer than 1.5 dt leaves a gap that is
    missing.  A sample belongs to the hour of its middle; a pyranometer's negative nights count as they were read.
    Raises NotEvaluable for a missing column, fewer than two samples, samples closer than half an interval, or
    an interval that is not a part of an hour.
    """
    for symbol in ("G", "t_amb"):
        if symbol not in record.columns:
            raise _refused(f"the record has no column {symbol}; add it.", f"记录缺少列 {symbol}；请补充。")
    interval = _interval(record.time)
    start, lived = _clock(record.time, interval, utc_offset)
    G, t_amb = record.columns["G"], record.columns["t_amb"]
    valid = np.isfinite(G)
    energy = np.where(valid, G, 0.0) * interval / _MEGA
    known = _per_hour(lived, valid * interval)
    lacking = np.maximum(lived.span - known, 0.0)
    above = valid & (irradiance <= G) & (t_amb >= ambient)  # false for NaN, as the next
    below = valid & (irradiance > G) | (t_amb < ambient)
    gaps = _gaps(record.time, interval)
    total = math.fsum(energy.tolist())
    return Books(
        day=start,
        hourly=np.where(known > 0, _per_hour(lived, energy), np.nan).reshape(-1, 24),
        hourly_missing=np.where(lacking > _SLIGHT * interval, lacking, 0.0).reshape(-1, 24),
        irradiation=total,
        irradiation_uncertainty=_common(record.uncertainties, total, np.count_nonzero(valid) * interval),
        hours=np.count_nonzero(above) * interval / _HOUR,
        missing=(np.count_nonzero(~valid) * interval + gaps) / _HOUR,
        unknown=(np.count_nonzero(~above & ~below) * interval + gaps) / _HOUR,
    )


def class_conditions(limits: Mapping[str, Limit], climate_class: str) -> tuple[Limit, Limit]:
    """Give the irradiance [W/m2] and the ambient temperature [degC] above which an hour counts in a climate class.

    Raises KeyError for a class that the limit table does not have.
    """
    return limits[f"exposure_G_{climate_class}"], limits[f"exposure_t_amb_{climate_class}"]


@dataclass(frozen=True, kw_only=True)
class _Lived:
    """cell: the hour of the books in which each sample stands.  span: s of each hour that lie within the record."""

    cell: NDArray[np.intp]
    span: Array


def _clock(time: Array, interval: float, utc_offset: float) -> tuple[Array, _Lived]:
    begin, end = time[0] - interval / 2 + utc_offset, time[-1] + interval / 2 + utc_offset
    first = math.floor(begin / _DAY + 1e-9) * _DAY
    days = max(1, math.ceil((end - first) / _DAY - 1e-9))
    edges = first + _HOUR * np.arange(24 * days + 1)
    cell = np.clip(((time + utc_offset - first) // _HOUR).astype(np.intp), 0, 24 * days - 1)
    span = np.diff(np.clip(edges, begin, end))
    return first - utc_offset + _DAY * np.arange(days), _Lived(cell=cell, span=span)


def _per_hour(lived: _Lived, values: Array) -> Array:
    sums: Array = np.bincount(lived.cell, weights=values, minlength=lived.span.size).astype(np.float64)
    return sums


def _interval(time: Array) -> float:
    if time.size < 2:
        raise _refused("an exposure needs at least two samples; record longer.", "空晒至少需要两个采样；请延长记录。")
    steps = np.diff(time)
    interval = float(np.median(steps))
    if steps.min() < 0.5 * interval:
        raise _refused(
            f"samples follow each other after {steps.min():g} s and usually after {interval:g} s; give one interval.",
            f"采样间隔 {steps.min():g} s 与通常的 {interval:g} s 不一致；请统一采样间隔。",
        )
    if abs(_HOUR / interval - round(_HOUR / interval)) > 1e-6:
        raise _refused(
            f"the sampling interval of {interval:g} s is not a part of an hour; average to one that is.",
            f"采样间隔 {interval:g} s 不能整除一小时；请先平均为可整除的间隔。",
        )
    return interval


def _gaps(time: Array, interval: float) -> float:
    """Sum up the time between samples that no sample stands for [s]."""
    steps = np.diff(time)
    return float(np.sum(steps[steps > 1.5 * interval] - interval))


def _common(uncertainties: tuple[Common, ...], total: float, seconds: float) -> float:
    """Give the uncertainty of the sum that all samples share: relative parts of it, absolute parts times the time."""
    parts = [(each.relative * total, each.absolute * seconds / _MEGA) for each in uncertainties if each.symbol == "G"]
    return math.hypot(*(part for pair in parts for part in pair))


def _refused(english: str, chinese: str) -> NotEvaluable:
    return NotEvaluable(clause=_CLAUSE, sentence_en=english[0].upper() + english[1:], sentence_zh=chinese)
