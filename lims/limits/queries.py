"""Questions about what the laboratory has confirmed of its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.confirmations.standing import counting
from lims.limits.models import LimitConfirmation


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What counts of a limit: number, clause and source as read in the text, with who read it and when."""

    symbol: str
    edition: str
    value: float
    unit: str
    clause: str
    source: str


def bases(session: Session, table: str, edition: str) -> dict[str, tuple[str, str]]:
    """(area, temperature) on which limits of a table rest, as read in the text of ``edition``, by symbol."""
    last = {one.symbol: one for one in session.scalars(_of(table).where(LimitConfirmation.edition == edition))}
    return {symbol: (one.area, one.temperature) for symbol, one in last.items() if one.area and not one.withdrawn}


def history(session: Session, table: str, symbol: str) -> Sequence[LimitConfirmation]:
    """Every confirmation of a limit and every one taken back, oldest first."""
    return session.scalars(_of(table).where(LimitConfirmation.symbol == symbol)).all()


def standing(session: Session, table: str, symbol: str, edition: str) -> LimitConfirmation | None:
    """The confirmation of a limit for an edition that counts; None where there is none."""
    return counting([one for one in history(session, table, symbol) if one.edition == edition])


def confirmed(session: Session, table: str, editions: Sequence[str]) -> list[Confirmed]:
    """What counts of a table, the confirmations for the last of ``editions`` last."""
    last = {(one.edition, one.symbol): one for one in session.scalars(_of(table))}
    return [
        _told(one) for edition in editions for (its, _), one in last.items() if its == edition and not one.withdrawn
    ]


def _of(table: str) -> sa.Select[Any]:
    return sa.select(LimitConfirmation).where(LimitConfirmation.limit_table == table).order_by(LimitConfirmation.id)


def _told(one: LimitConfirmation) -> Confirmed:
    source = f"{one.source}; {one.person.name_zh} {one.day.isoformat()}"
    return Confirmed(
        symbol=one.symbol, edition=one.edition, value=one.value, unit=one.unit, clause=one.clause, source=source
    )
