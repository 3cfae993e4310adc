"""Working days: weekends, public holidays and the weekends that are worked instead, read from config/holidays/*.toml.

A year without a file has only its weekends off; `unsure` tells so, and so it does of a year nobody has confirmed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from lims.errors import Sentence
from lims.settings import ROOT

HOLIDAYS = ROOT / "config" / "holidays"
DAY = timedelta(days=1)
SATURDAY = 5
FARTHEST = 3660  # days; ours: a due date ten years ahead is a slip of the keyboard


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """off: the name of each public holiday.  worked: weekends that are working days.  confirmed: year → by anybody."""

    off: Mapping[date, Sentence]
    worked: frozenset[date]
    confirmed: Mapping[int, bool]

    def closed(self, day: date) -> Sentence | None:
        """Why nobody works on this day; None for a working day."""
        if day in self.off:
            return self.off[day]
        if day.weekday() >= SATURDAY and day not in self.worked:
            return Sentence("weekend", "周末")
        return None

    def is_working(self, day: date) -> bool:
        """Whether the laboratory works on this day."""
        return self.closed(day) is None

    def after(self, day: date, working_days: int) -> date:
        """The day by which so many working days have passed after ``day``; ``day`` itself does not count.

        Raises ValueError for a negative number and one that leads too far ahead.
        """
        if working_days < 0 or working_days > FARTHEST // 2:
            raise ValueError(f"{working_days} working days cannot be counted from {day}")
        found = day
        while working_days:
            found += DAY
            working_days -= self.is_working(found)
        return found

    def between(self, first: date, last: date) -> int:
        """How many working days lie after ``first`` up to and with ``last``; negative when ``last`` is earlier."""
        if last < first:
            return -self.between(last, first)
        return sum(self.is_working(first + DAY * count) for count in range(1, (last - first).days + 1))

    def unsure(self, first: date, last: date) -> tuple[int, ...]:
        """The years from ``first`` to ``last`` whose holidays nobody has confirmed, or that have no file."""
        return tuple(year for year in range(first.year, last.year + 1) if not self.confirmed.get(year, False))


@cache
def calendar(folder: Path = HOLIDAYS) -> Calendar:
    """The calendar of every file of a folder. Raises ValueError naming the file for what it must not say."""
    off: dict[date, Sentence] = {}
    worked: set[date] = set()
    confirmed: dict[int, bool] = {}
    for path in sorted(folder.glob("*.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        confirmed[int(told["year"])] = bool(told["confirmed"])
        for row in told["holiday"]:
            off |= {day: Sentence(row["name_en"], row["name_zh"]) for day in _days(path, row)}
            worked |= set(row.get("made_up", ()))
    return Calendar(off=off, worked=frozenset(worked), confirmed=confirmed)


def digest_of(year: int, folder: Path = HOLIDAYS) -> str:
    """The SHA-256 of a year's file, so that a confirmation counts for what was read; empty if there is none."""
    path = folder / f"{year}.toml"
    return sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def source_of(year: int, folder: Path = HOLIDAYS) -> Sentence:
    """Where a year's file says its days come from."""
    told = tomllib.loads((folder / f"{year}.toml").read_text(encoding="utf-8"))
    return Sentence(told["source_en"], told["source_zh"])


def _days(path: Path, row: Mapping[str, Any]) -> Iterator[date]:
    first, last = row["first"], row["last"]
    if last < first:
        raise ValueError(f"{path.name}: {row['name_en']} ends on {last}, before it begins on {first}")
    yield from (first + DAY * count for count in range((last - first).days + 1))
