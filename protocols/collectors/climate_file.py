"""Readers of a year of hourly weather: EPW, NREL TMY3 and the CSV of PVGIS.

Every file is read into 8 760 hours of a year without a leap day, in the order of the file; the years a typical year is
composed of are not kept. Numbers that a format marks as missing are refused where a yield needs them.
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from protocols.collectors.climate import HOURS, MONTH_DAYS, OPTIONAL, Climate, in_step

Array = NDArray[np.float64]

_IRRADIANCE = (-20.0, 1600.0)  # W/m2
_POSSIBLE = {
    "G_h": _IRRADIANCE,
    "DNI": _IRRADIANCE,
    "DHI": _IRRADIANCE,
    "t_amb": (-80.0, 60.0),  # degC
    "u": (0.0, 100.0),  # m/s
    "EL": (0.0, 900.0),  # W/m2
}  # beyond stands an error, of which a file has other marks than its format's


def read_climate(path: Path) -> Climate:
    """Read an EPW, TMY3 or PVGIS file, told apart by its first line.

    Raises ValueError naming file and line for another format, hours that lack or stand twice, and values that are
    missing, no numbers or impossible; and for a clock or place that the irradiances contradict, see `clock_error`.
    """
    return in_step(_read(path))


def _read(path: Path) -> Climate:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        lines = path.read_text("latin-1").splitlines()
    first = lines[0] if lines else ""
    if first.startswith("LOCATION,"):
        return _epw(path, lines)
    if first.startswith("Latitude (decimal degrees)"):
        return _pvgis(path, lines)
    if len(next(csv.reader([first]), [])) == 7:
        return _tmy3(path, lines)
    raise _wrong(path, 1, "it is neither EPW, TMY3 nor the CSV of PVGIS; export the climate in one of these")


# --- one reader a format ---


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """The hours of a file: line of each, its fields, and (month, day, hour from 0)."""

    line: Sequence[int]
    fields: Sequence[Sequence[str]]
    moment: Sequence[tuple[int, int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """Where a quantity stands, and whether a number means that it is missing."""

    place: int
    missing: Callable[[float], bool]


def _epw(path: Path, lines: list[str]) -> Climate:
    head = lines[0].split(",")
    place = {key: _number(path, 1, head, at) for key, at in (("lat", 6), ("lon", 7), ("tz", 8), ("elev", 9))}
    offsets = [re.search(r"Irradiance Time Offset \(h\):\s*(-?[\d.]+)", line) for line in lines[5:7]]
    offset = next((float(found[1]) for found in offsets if found), -0.5)  # from the stamp, the end of the hour
    rows = _rows(path, lines, 8, lambda fields: (int(fields[1]), int(fields[2]), int(fields[3]) - 1))
    columns = {
        "t_amb": _Column(place=6, missing=lambda x: x >= 99.9),
        "EL": _Column(place=12, missing=lambda x: x >= 9999),
        "G_h": _Column(place=13, missing=lambda x: x >= 9999),
        "DNI": _Column(place=14, missing=lambda x: x >= 9999),
        "DHI": _Column(place=15, missing=lambda x: x >= 9999),
        "u": _Column(place=21, missing=lambda x: x >= 999),
    }
    return _climate(path, rows, columns, place, name=head[1].strip(), centre=1.0 + offset, source="EPW")


def _tmy3(path: Path, lines: list[str]) -> Climate:
    head = next(csv.reader([lines[0]]))
    place = {key: _number(path, 1, head, at) for key, at in (("tz", 3), ("lat", 4), ("lon", 5), ("elev", 6))}
    names = next(csv.reader(lines[1:2]), [])
    wanted = {
        "G_h": "GHI (W/m^2)",
        "DNI": "DNI (W/m^2)",
        "DHI": "DHI (W/m^2)",
        "t_amb": "Dry-bulb (C)",
        "u": "Wspd (m/s)",
    }
    lacking = [name for name in wanted.values() if name not in names]
    if lacking:
        raise _wrong(path, 2, f"the column {lacking[0]!r} of a TMY3 file is missing")
    columns = {s: _Column(place=names.index(name), missing=lambda x: x <= -9900) for s, name in wanted.items()}
    rows = _rows(path, lines, 2, lambda fields: (int(fields[0][:2]), int(fields[0][3:5]), int(fields[1][:2]) - 1))
    return _climate(path, rows, columns, place, name=head[1].strip(), source="TMY3")


def _pvgis(path: Path, lines: list[str]) -> Climate:
    head = dict(line.split(":", 1) for line in lines[:12] if ":" in line and not line[0].isdigit())
    keys = {"lat": "Latitude (decimal degrees)", "lon": "Longitude (decimal degrees)", "elev": "Elevation (m)"}
    place = {short: _number(path, 1, [head.get(name, "")], 0) for short, name in keys.items()} | {"tz": 0.0}
    centre = _number(path, 1, [head.get("Irradiance Time Offset (h)", "0.5")], 0)
    at = next((i for i, line in enumerate(lines) if line.startswith("time(UTC),")), None)
    if at is None:
        raise _wrong(path, 1, "there is no line that begins with time(UTC); export the typical year (TMY) as CSV")
    names = lines[at].split(",")
    wanted = {"t_amb": "T2m", "G_h": "G(h)", "DNI": "Gb(n)", "DHI": "Gd(h)", "EL": "IR(h)", "u": "WS10m"}
    lacking = [name for name in wanted.values() if name not in names]
    if lacking:
        raise _wrong(path, at + 1, f"the column {lacking[0]!r} of a typical year by PVGIS is missing")
    columns = {s: _Column(place=names.index(name), missing=np.isnan) for s, name in wanted.items()}
    end = next((i for i, line in enumerate(lines) if i > at and not line.strip()), len(lines))
    rows = _rows(path, lines[:end], at + 1, lambda fields: _stamp(fields[0]))
    licence = next((line for line in lines[end:] if line.startswith("PVGIS (c)")), "")
    return _climate(path, rows, columns, place, name=path.stem, centre=centre, source="PVGIS", licence=licence)


def _stamp(text: str) -> tuple[int, int, int]:
    """Month, day and hour of "20180131:2300"."""
    return int(text[4:6]), int(text[6:8]), int(text[9:11])


# --- what the formats share ---


def _rows(path: Path, lines: list[str], skip: int, moment: Callable[[list[str]], tuple[int, int, int]]) -> _Rows:
    line, fields, moments = [], [], []
    for number, row in enumerate(csv.reader(lines[skip:]), start=skip + 1):
        if not row:
            continue
        try:
            moments.append(moment(row))
        except (ValueError, IndexError) as error:
            raise _wrong(path, number, f"“{','.join(row)[:30]}” does not begin with a time") from error
        line.append(number)
        fields.append(row)
    return _Rows(line=line, fields=fields, moment=moments)


def _climate(
    path: Path,
    rows: _Rows,
    columns: Mapping[str, _Column],
    place: Mapping[str, float],
    *,
    name: str,
    source: str,
    centre: float = 0.5,
    licence: str = "",
) -> Climate:
    kept = [i for i, (month, day, _) in enumerate(rows.moment) if (month, day) != (2, 29)]
    _check_order(path, rows, kept)
    values = {symbol: _values(path, rows, kept, symbol, column) for symbol, column in columns.items()}
    return Climate(
        name=name or path.stem,
        latitude=place["lat"],
        longitude=place["lon"],
        elevation=place["elev"],
        utc_offset=place["tz"],
        centre=centre,
        leap_hours=len(rows.moment) - len(kept),
        source=f"{source} file {path.name}",
        licence=licence,
        **{symbol: column for symbol, column in values.items() if column is not None},
    )


def _check_order(path: Path, rows: _Rows, kept: Sequence[int]) -> None:
    wanted = _calendar()
    for place, expected in zip(kept, wanted, strict=False):
        if rows.moment[place] != expected:
            month, day, hour = expected
            raise _wrong(
                path, rows.line[place], f"the hour {hour + 1} of day {day} in month {month} is expected here; "
                "give every hour of the year once, in order"
            )  # fmt: skip
    if len(kept) != HOURS:
        last = rows.line[kept[-1]] if kept else 1
        raise _wrong(path, last, f"there are {len(kept)} hours; a year has {HOURS} besides 29 February")


def _calendar() -> Iterable[tuple[int, int, int]]:
    for month, days in enumerate(MONTH_DAYS, start=1):
        for day in range(1, days + 1):
            for hour in range(24):
                yield month, day, hour


def _values(path: Path, rows: _Rows, kept: Sequence[int], symbol: str, column: _Column) -> Array | None:
    """The numbers of a column; None where an optional one is missing throughout."""
    numbers = np.array([_number(path, rows.line[i], rows.fields[i], column.place) for i in kept])
    missing = np.flatnonzero([column.missing(float(x)) for x in numbers])
    if symbol in OPTIONAL and missing.size == numbers.size:
        return None
    if missing.size:
        line = rows.line[kept[int(missing[0])]]
        raise _wrong(path, line, f"{symbol} is marked as missing ({missing.size} times in the file); fill it in")
    low, high = _POSSIBLE[symbol]
    impossible = np.flatnonzero((numbers < low) | (numbers > high))
    if impossible.size:
        first = int(impossible[0])
        raise _wrong(
            path, rows.line[kept[first]], f"{symbol} is {numbers[first]:g}, outside {low:g} to {high:g}; correct it"
        )
    return numbers


def _number(path: Path, line: int, fields: Sequence[str], place: int) -> float:
    try:
        value = float(fields[place])
    except (ValueError, IndexError) as error:
        text = fields[place] if place < len(fields) else ""
        raise _wrong(path, line, f"field {place + 1} is “{text[:20]}”, no number; correct it") from error
    if not np.isfinite(value):
        raise _wrong(path, line, f"field {place + 1} is {value}; give a finite number")
    return value


def _wrong(path: Path, line: int, what: str) -> ValueError:
    return ValueError(f"{path.name}, line {line}: {what}.")
