"""A company on one page: what it ordered, sent and got, and every change of what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.audit import Event
from lims.certificates import queries as reports
from lims.certificates.models import Report
from lims.items import queries as items
from lims.items.models import Item
from lims.labels import Label
from lims.orders import queries as orders
from lims.orders.models import Request
from lims.parties.models import Company, Person
from lims.permissions import Actor
from lims.review.queries import who

SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The newest records of one kind, and how many there are."""

    kind: str
    rows: Sequence[Any]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One event of a company with old and new values by column."""

    at: datetime
    who: Label
    action: str
    reason: str
    values: dict[str, tuple[str, str]]


def records_of(session: Session, company: Company, actor: Actor) -> list[Records]:
    """The newest requests, items and reports of a company, as far as the actor may see them."""
    found = (
        ("request", orders.requests(actor).where(Request.company_id == company.id)),
        ("item", items.items(actor).where(Item.company_id == company.id)),
        ("report", reports.reports(actor).where(Report.company_id == company.id)),
    )
    return [_records(session, kind, select) for kind, select in found]


def _records(session: Session, kind: str, select: sa.Select[Any]) -> Records:
    total = session.scalar(sa.select(sa.func.count()).select_from(select.order_by(None).subquery())) or 0
    rows = session.scalars(select.limit(SHOWN)).unique().all() if total else []
    return Records(kind=kind, rows=rows, total=total)


def changes_of(session: Session, company: Company, reader: Actor) -> list[Change]:
    """What was changed of a company, newest first."""
    select = sa.select(Event, Person).outerjoin(Person, Event.actor_id == Person.id)
    select = select.where(Event.kind == "company", Event.subject == company.code)
    return [
        Change(
            at=event.at, who=who(event, person, reader), action=event.action, reason=event.reason or _reason(event),
            values={name: (str(old), str(new)) for name, (old, new) in _detail(event).get("changed", {}).items()},
        )
        for event, person in session.execute(select.order_by(Event.position.desc())).unique()
    ]  # fmt: skip


def _detail(event: Event) -> dict[str, Any]:
    detail: dict[str, Any] = json.loads(event.detail)
    return detail


def _reason(event: Event) -> str:
    return str(_detail(event).get("reason", ""))
