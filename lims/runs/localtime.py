"""Times of a local clock as UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lims.errors import BadInput

Array = NDArray[np.float64]

_DAY, _SLOT = 86400, 900  # s; no zone changes its offset within a quarter of an hour of the clock
_OFFSET = re.compile(r"([+-])([01]\d|2[0-3]):([0-5]\d)")


def zone_named(text: str, *, where: str = "") -> tzinfo:
    """The zone of a name of the IANA list, or of an offset like +08:00. Raises `BadInput`; ``where`` begins it."""
    match = _OFFSET.fullmatch(text)
    if match:
        offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(-offset if match[1] == "-" else offset)
    try:
        return ZoneInfo(text)
    except (KeyError, OSError, ValueError) as error:
        raise BadInput(
            f"{where}“{text}” is no time zone: give a name like Asia/Shanghai or an offset like +08:00.",
            f"{where.rstrip()}“{text}”不是时区：请给出 Asia/Shanghai 之类的名称或 +08:00 之类的偏移。",
        ) from error


def utc_of(seconds: Array, zone: tzinfo) -> tuple[Array, NDArray[np.bool_]]:
    """Give UTC seconds of times written by the clock of a zone, and where the clock is ambiguous.

    seconds: of the clock's reading, as if it were UTC.  Ambiguous: the hour that occurs twice when summer time ends,
    and the one that does not occur when it begins.
    """
    day = np.floor(seconds / _DAY).astype(np.int64)
    days, index = np.unique(day, return_inverse=True)
    edges = [(_offsets(int(d) * _DAY, zone), _offsets((int(d) + 1) * _DAY, zone)) for d in days]
    steady = np.array([first == last and first[0] == first[1] for first, last in edges], dtype=bool)
    offset = np.array([first[0] for first, _ in edges])[index]
    twice = np.zeros(seconds.size, dtype=bool)
    for number in np.flatnonzero(~steady[index]):
        first, second = _offsets(int(seconds[number] // _SLOT) * _SLOT, zone)
        offset[number], twice[number] = first, first != second
    return seconds - offset, twice


def _offsets(clock: int, zone: tzinfo) -> tuple[float, float]:
    """The offset from UTC [s] at a reading of the clock, for the first and the second time it occurs."""
    naive = (datetime.fromtimestamp(0, tz=UTC) + timedelta(seconds=clock)).replace(tzinfo=None)
    return _seconds(naive, zone, fold=0), _seconds(naive, zone, fold=1)


def _seconds(naive: datetime, zone: tzinfo, *, fold: int) -> float:
    offset = naive.replace(tzinfo=zone, fold=fold).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0
