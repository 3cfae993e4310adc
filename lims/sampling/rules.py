"""How long a company may object to the result of a spot check: config/spot_check.toml and the calendar."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from lims.errors import Sentence
from lims.settings import ROOT
from lims.workdays import Calendar, calendar

FILE = ROOT / "config" / "spot_check.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionRule:
    """days: calendar days after the day of receipt.  moves: a last day off moves to the next working day."""

    days: int
    source: Sentence
    confirmed: bool
    moves: bool
    moving: Sentence
    moving_confirmed: bool

    def until(self, received_on: date, working: Calendar) -> date:
        """The last day on which an objection is in time; days are those of Asia/Shanghai.

        >>> rule().until(date(2026, 11, 2), calendar())
        datetime.date(2026, 11, 17)
        """
        last = received_on + timedelta(days=self.days)
        return last if not self.moves or working.is_working(last) else working.after(last, 1)


@cache
def rule(path: Path = FILE) -> ObjectionRule:
    """The rule as its file says it."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    days, last = told["objection"], told["last_day"]
    return ObjectionRule(
        days=int(days["days"]), source=Sentence(days["source"], days["source_zh"]), confirmed=bool(days["confirmed"]),
        moves=bool(last["moves"]), moving=Sentence(last["source"], last["source_zh"]),
        moving_confirmed=bool(last["confirmed"]),
    )  # fmt: skip


def objection_until(received_on: date) -> date:
    """The last day by the rule and calendar of this site."""
    return rule().until(received_on, calendar())
