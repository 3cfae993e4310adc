"""A company's own figures: how many orders it entered in each month and where they stand.

How long they took is told by lims/portal/turnaround.py. Passed and failed are not counted: an order judged by no
requirement has no such outcome, and one order may hold several statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.db import local_day
from lims.lists.filters import midnight
from lims.orders.models import Request
from lims.permissions import Actor, visible

COMPLETED, ENDED = ("completed",), ("declined", "cancelled")
FILLS = ("#0b5d7e", "#b5d5e1", "#ffffff")  # completed, under way, ended without a report


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The orders that were entered in one month, counted by the state in which they are now."""

    month: str
    states: dict[str, int]

    @property
    def total(self) -> int:
        """All orders of the month."""
        return sum(self.states.values())

    @property
    def parts(self) -> tuple[int, int, int]:
        """How many are completed, under way, and declined or cancelled."""
        completed, ended = (sum(self.states.get(one, 0) for one in states) for states in (COMPLETED, ENDED))
        return completed, self.total - completed - ended, ended


def orders_by_month(session: Session, actor: Actor, *, first: date, last: date, zone: str) -> list[Month]:
    """Every month from ``first`` to ``last`` with the actor's orders; a draft is no order yet."""
    day = local_day(Request.created_at, zone).label("day")
    select: Any = sa.select(day, Request.state).where(
        Request.state != "draft", Request.created_at >= midnight(first, zone),
        Request.created_at < midnight(last + timedelta(days=1), zone),
    )  # fmt: skip
    mine = visible(select, Request.company_id, actor).subquery()
    counted = sa.select(mine.c.day, mine.c.state, sa.func.count()).group_by(mine.c.day, mine.c.state)
    found: dict[str, Counter[str]] = {month: Counter() for month in _months(first, last)}
    for entered, state, count in session.execute(counted):
        found[f"{entered:%Y-%m}"][state] += count
    return [Month(month=month, states=dict(states)) for month, states in found.items()]


def _months(first: date, last: date) -> Iterator[str]:
    for count in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield f"{count // 12}-{count % 12 + 1:02d}"


def states_of(months: Sequence[Month], order: Sequence[str]) -> list[str]:
    """The states that occur, in this order: the columns of the table."""
    return [state for state in order if any(one.states.get(state) for one in months)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One block of a bar."""

    y: float
    height: float
    fill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One month of the plot, in its units: left edge, height, and the blocks from below."""

    month: str
    total: int
    x: float
    top: float
    parts: tuple[Part, ...]


def bars(months: Sequence[Month], *, height: float, step: float) -> Iterator[Bar]:
    """The months as stacked bars, the tallest as high as the plot."""
    unit = height / (max((one.total for one in months), default=0) or 1)
    for place, one in enumerate(months):
        parts, below = [], 0
        for count, fill in zip(one.parts, FILLS, strict=True):
            below += count
            if count:
                parts.append(Part(y=height - below * unit, height=count * unit, fill=fill))
        yield Bar(month=one.month, total=one.total, x=place * step, top=below * unit, parts=tuple(parts))
