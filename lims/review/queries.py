"""Questions about the audit trail: the story of one record, and the whole trail filtered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.audit import Event
from lims.labels import Label
from lims.parties.models import Person
from lims.permissions import STAFF, Actor
from lims.review.about import about

# What stays in the laboratory. Why a report is amended is read on the amended one, once that is issued.
INSIDE = sa.or_(Event.kind == "note", sa.and_(Event.kind == "report", Event.action == "open_amendment"))

RECORDER = "uplink "  # how the recorder of a run begins its name (lims/runs/operations.py)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event as a reader may see it."""

    at: datetime
    kind: str
    subject: str
    action: str
    target: str
    reason: str
    who: Label  # empty: the reader may not know it
    about: Label  # which test, which roles …; empty where the action says everything


def history(session: Session, subject: str, reader: Actor) -> list[Happening]:
    """What happened to a record, newest first; a company does not read the names of the laboratory's people."""
    return history_of(session, [subject], reader)


def history_of(session: Session, subjects: Collection[str], reader: Actor) -> list[Happening]:
    """What happened to several records, newest first; whether the reader may know of them is asked by the caller.

    A company does not read what stays INSIDE the laboratory.
    """
    select = (
        sa.select(Event, Person)
        .outerjoin(Person, Event.actor_id == Person.id)
        .where(Event.subject.in_(subjects))
        .order_by(Event.position.desc())
    )
    if not reader.roles & STAFF:
        select = select.where(sa.not_(INSIDE))
    return [
        Happening(
            at=event.at, kind=event.kind, subject=event.subject, action=event.action, target=event.target,
            reason=event.reason, who=who(event, person, reader), about=about(event),
        )
        for event, person in session.execute(select).unique()
    ]  # fmt: skip


def who(event: Event, person: Person | None, reader: Actor) -> Label:
    """The name that was recorded; for English readers the person's English one, unless they were renamed since."""
    company = person.company_id if person else None
    if reader.blind and company is not None:
        return Label("委托单位", "the company")
    if not (reader.roles & STAFF or company == reader.company_id):
        return Label("", "")
    same = person is not None and person.name_zh == event.actor_name
    return called(event.actor_name, person.name_en if person and same else "")


def called(name: str, latin: str) -> Label:
    """Whoever acted, in both languages: a person, or the recorder of a run, which signs as ``uplink YX-2026-00001``."""
    run = name.removeprefix(RECORDER)
    return Label(f"记录程序 {run}", f"recorder {run}") if run != name else Label(name, latin or name)
