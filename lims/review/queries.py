"""Questions about the audit trail: the story of one record, and the whole trail filtered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.audit import Event
from lims.parties.models import Person
from lims.permissions import STAFF, Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event as a reader may see it."""

    at: datetime
    kind: str
    subject: str
    action: str
    target: str
    reason: str
    who: str


def history(session: Session, subject: str, reader: Actor) -> list[Happening]:
    """What happened to a record, newest first; a company does not read the names of the laboratory's people."""
    return history_of(session, [subject], reader)


def history_of(session: Session, subjects: Collection[str], reader: Actor) -> list[Happening]:
    """What happened to several records, newest first; whether the reader may know of them is asked by the caller."""
    select = (
        sa.select(Event, Person.company_id)
        .outerjoin(Person, Event.actor_id == Person.id)
        .where(Event.subject.in_(subjects))
        .order_by(Event.position.desc())
    )
    if not reader.roles & STAFF:
        select = select.where(Event.kind != "note")
    return [
        Happening(
            at=event.at, kind=event.kind, subject=event.subject, action=event.action, target=event.target,
            reason=event.reason, who=_who(event, company, reader),
        )
        for event, company in session.execute(select)
    ]  # fmt: skip


def _who(event: Event, company: int | None, reader: Actor) -> str:
    if reader.blind and company is not None:
        return "委托单位 company"
    return event.actor_name if reader.roles & STAFF or company == reader.company_id else ""
