"""From what the instruments indicated to corrected values: the calibration that was valid that day, no other.

A day without a valid calibration refuses the evaluation. A reading outside its calibrated range is not used: it
becomes missing, and is counted and told. (ISO/IEC 17025 clauses 6.4.6, 6.4.11, 6.4.13.) Pure: no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lims.errors import Refused, Sentence
from lims.units import convert
from protocols.record import Common

Array = NDArray[np.float64]
NUMBERS = ("c0", "c1", "range_low", "range_high", "uncertainty_absolute", "uncertainty_relative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """One quantity of one certificate: corrected = c0 + c1·indicated, in ``unit``, within ``range_low…high``."""

    equipment: str
    certificate: str
    symbol: str
    unit: str
    calibrated_on: date
    due_on: date
    c0: float
    c1: float
    range_low: float
    range_high: float
    uncertainty_absolute: float
    uncertainty_relative: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe, for the technical record and the bundle."""
        return asdict(self) | {
            "calibrated_on": self.calibrated_on.isoformat(),
            "due_on": self.due_on.isoformat(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calibrated:
        """What `as_dict` gave; `KeyError`, `TypeError` or `ValueError` for anything else."""
        dates = {key: date.fromisoformat(data[key]) for key in ("calibrated_on", "due_on")}
        return cls(**{**data, **dates, **{key: float(data[key]) for key in NUMBERS}})


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """Columns in the method's units, the errors common to each column, and what was not used and why."""

    columns: dict[str, Array]
    uncertainties: tuple[Common, ...]
    notes: tuple[Sentence, ...]


def correct(
    *,
    time: Array,
    indicated: Mapping[str, Array],
    units: Mapping[str, str],
    wanted: Mapping[str, str],
    equipment: Mapping[str, str],
    calibrations: Sequence[Calibrated],
    zone: str,
) -> Corrected:
    """Correct every wanted column.

    time: [s since 1970 UTC].  indicated, units: what the bench's channels gave, by symbol.  wanted: symbol → unit of
    the method.  equipment: symbol → number in the register.  zone: time zone in which "that day" is meant.
    Raises `Refused` naming instrument, quantity and day if no calibration was valid.
    """
    days = _days(time, zone)
    columns: dict[str, Array] = {}
    uncertainties: list[Common] = []
    notes: list[Sentence] = []
    for symbol, unit in wanted.items():
        of_symbol = [one for one in calibrations if (one.symbol, one.equipment) == (symbol, equipment[symbol])]
        chosen = _by_day(symbol, equipment[symbol], days, of_symbol)
        values, outside = _column(indicated[symbol], units[symbol], days, chosen)
        columns[symbol] = convert(values, next(iter(chosen.values())).unit, unit)
        uncertainties.append(_common(symbol, unit, chosen.values()))
        if outside:
            notes.append(_outside(symbol, outside, equipment[symbol]))
    return Corrected(columns=columns, uncertainties=tuple(uncertainties), notes=tuple(notes))


def _days(time: Array, zone: str) -> NDArray[np.int64]:
    """Ordinal of the local day of each moment; the offset is looked up once an hour, not once a reading."""
    hours, index = np.unique(np.floor(time / 3600.0), return_inverse=True)
    moments = [datetime.fromtimestamp(hour * 3600.0, UTC).astimezone(ZoneInfo(zone)) for hour in hours]
    return np.array([moment.toordinal() for moment in moments], dtype=np.int64)[index]


def _by_day(
    symbol: str, number: str, days: NDArray[np.int64], calibrations: Iterable[Calibrated]
) -> dict[int, Calibrated]:
    known = sorted(calibrations, key=lambda one: one.calibrated_on)
    chosen: dict[int, Calibrated] = {}
    for day in np.unique(days).tolist():
        on = date.fromordinal(day)
        valid = [one for one in known if one.calibrated_on <= on <= one.due_on]
        if not valid:
            raise Refused(
                f"{number} had no valid calibration of {symbol} on {on}: enter the certificate, or repeat the run "
                "with a calibrated instrument.",
                f"{number} 在 {on} 没有 {symbol} 的有效校准：请录入校准证书，或用已校准的仪器重新检测。",
            )
        chosen[day] = valid[-1]
    return chosen


def _column(
    indicated: Array, unit: str, days: NDArray[np.int64], chosen: Mapping[int, Calibrated]
) -> tuple[Array, int]:
    corrected = np.full(indicated.shape, np.nan)
    outside = 0
    for day, calibration in chosen.items():
        here = days == day
        values = convert(indicated[here], unit, calibration.unit)
        within = (values >= calibration.range_low) & (values <= calibration.range_high)
        outside += int(np.count_nonzero(~within & np.isfinite(values)))
        corrected[here] = np.where(within, calibration.c0 + calibration.c1 * values, np.nan)
    return corrected, outside


def _common(symbol: str, unit: str, used: Iterable[Calibrated]) -> Common:
    """The error that all points share. Where certificates changed during the record, the larger one counts."""
    certificates = list(dict.fromkeys(used))
    absolute = max(float(convert(one.uncertainty_absolute, one.unit, unit, difference=True)) for one in certificates)
    relative = max(one.uncertainty_relative for one in certificates)
    source = ", ".join(f"{one.equipment} {one.certificate}" for one in certificates)
    return Common(symbol=symbol, absolute=absolute, relative=relative, source=source)


def _outside(symbol: str, count: int, number: str) -> Sentence:
    return Sentence(
        f"{count} readings of {symbol} ({number}) lay outside the calibrated range and were not used.",
        f"{symbol}（{number}）有 {count} 个读数超出校准范围，未予采用。",
    )
