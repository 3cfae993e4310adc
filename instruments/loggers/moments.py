"""Times as loggers write them: ISO, with slashes or dots, 年月日, with AM or 下午, milliseconds after a colon. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UnreadableFile

ORDERS = ("ymd", "dmy", "mdy")
_DAY = r"(?P<a>\d{1,4})[-/.年](?P<b>\d{1,2})[-/.月](?P<c>\d{1,4})日?"
_CLOCK = (
    r"(?P<early>上午|下午)?\s*(?P<h>\d{1,2})[:时](?P<m>\d{2})(?:[:分](?P<s>\d{2})秒?(?:[.,:](?P<f>\d{1,9}))?)?分?"
    r"\s*(?P<late>[AaPp][Mm]|上午|下午)?"
)
_OFFSET = r"\s*(?P<offset>Z|[+-]\d\d:?[0-5]\d)?"
_DATE = re.compile(_DAY, re.ASCII)
_TIME = re.compile(_CLOCK + _OFFSET, re.ASCII)
_WHOLE = re.compile(r"(\d[\d年月日./-]*\d日?)[T\s]\s*(\S.*)")
_AFTERNOON = frozenset({"pm", "下午"})
DAY_SECONDS = 86400


class Moment(NamedTuple):
    """One time: seconds since 1970 and whether an offset from UTC was written (they are then UTC)."""

    seconds: float
    with_offset: bool


LONGEST = 60
"""Characters of a time; a longer cell is none, and would only keep the patterns busy."""
_SIGNS = {4: "-", 7: "-", 10: " T", 13: ":", 16: ":", 19: "."}


def quick_seconds(texts: Sequence[str]) -> NDArray[np.float64] | None:
    """Seconds since 1970 of times that are all written like 2026-07-13 06:01:00 or 06:01:00.250; None if one is not."""
    length = len(texts[0]) if texts else 0
    if length not in (19, 23) or any(len(text) != length for text in texts):
        return None
    signs = np.array(texts, dtype=f"U{length}").view("U1").reshape(-1, length)
    for place in range(length):
        allowed = _SIGNS.get(place, "0123456789")
        if not np.isin(signs[:, place], list(allowed)).all():
            return None
    try:
        stamps = np.array(texts, dtype="datetime64[ms]")
    except ValueError:
        return None  # the thirtieth of February: the careful reader says where
    return stamps.astype(np.int64) / 1000.0


def is_date(text: str) -> bool:
    """Whether a cell holds a date alone."""
    return len(text) <= LONGEST and bool(_DATE.fullmatch(text.strip()))


def is_time(text: str) -> bool:
    """Whether a cell holds a time of day alone."""
    return len(text) <= LONGEST and bool(_TIME.fullmatch(text.strip()))


def is_moment(text: str) -> bool:
    """Whether a cell holds a date and a time of day."""
    parts = _WHOLE.fullmatch(text.strip()) if len(text) <= LONGEST else None
    return bool(parts and is_date(parts[1]) and is_time(parts[2]))


def possible_orders(texts: Iterable[str]) -> tuple[str, ...]:
    """In which orders year, month and day of all these cells can stand: one if the file decides, none without a date.

    >>> possible_orders(["2026-01-05 06:00"]), possible_orders(["13/01/2026 6:00"]), possible_orders(["3/4/2026 6:00"])
    (('ymd',), ('dmy',), ('dmy', 'mdy'))
    """
    days = {text.strip().replace("T", " ").split(" ")[0] for text in texts}
    return tuple(order for order in ORDERS if days and all(_fits(day, order) for day in days))


def _fits(text: str, order: str) -> bool:
    try:
        _ordinal(text, order)
    except ValueError:
        return False
    return True


class Reader:
    """Reads the times of one column; each day is looked up once."""

    def __init__(self, order: str) -> None:
        """``order``: one of ORDERS."""
        if order not in ORDERS:
            raise UnreadableFile(
                "The dates can be read with the day first or with the month first: state which.",
                "日期可按“日/月”或“月/日”两种顺序理解：请说明。",
                code="date-order",
            )
        self._order = order
        self._days: dict[str, int] = {}

    def moment(self, text: str) -> Moment:
        """Raises ValueError for a text that is no time."""
        parts = _WHOLE.fullmatch(text.strip()) if len(text) <= LONGEST else None
        if parts is None:
            raise ValueError(text)
        day = self._days.get(parts[1])
        if day is None:
            day = self._days[parts[1]] = _ordinal(parts[1], self._order)
        clock, offset = _clock(parts[2].strip())
        return Moment(day * DAY_SECONDS + clock - (offset or 0), offset is not None)

    def moments(self, texts: Sequence[str]) -> list[Moment]:
        """Raises ValueError for the first text that is no time."""
        return [self.moment(text) for text in texts]


_EPOCH = date(1970, 1, 1).toordinal()


def _ordinal(text: str, order: str) -> int:
    """Days since 1970-01-01 of a date; ValueError if it is none in this order, or its year has two digits."""
    match = _DATE.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        raise ValueError(text)
    parts = dict(zip(order, (match["a"], match["b"], match["c"]), strict=True))
    if len(parts["y"]) != 4:
        raise ValueError(text)
    return date(int(parts["y"]), int(parts["m"]), int(parts["d"])).toordinal() - _EPOCH


def _clock(text: str) -> tuple[float, int | None]:
    """Seconds of the day and the offset from UTC [s]; ValueError if it is no time of day."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(text)
    hour, minute, second = int(match["h"]), int(match["m"]), int(match["s"] or 0)
    half = (match["early"] or match["late"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(text)
    fraction = int(match["f"]) / 10 ** len(match["f"]) if match["f"] else 0.0
    return hour * 3600 + minute * 60 + second + fraction, _offset(match["offset"])


def _offset(text: str | None) -> int | None:
    if not text:
        return None
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "")
    return (-1 if text[0] == "-" else 1) * (int(digits[:2]) * 3600 + int(digits[2:]) * 60)
