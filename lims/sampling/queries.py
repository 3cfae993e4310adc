"""Questions about spot checks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import NotFound
from lims.orders.models import Request
from lims.parties.models import Company, Competence, Person
from lims.parties.queries import WITH_ROLES
from lims.permissions import STAFF
from lims.sampling.models import SamplingRecord, SamplingSeal, SamplingTask

DONE = ("signed", "ordered")  # states of a record whose sample was taken


def task_by_number(session: Session, number: str) -> SamplingTask:
    """The task of this number; else `NotFound`."""
    found = session.scalar(sa.select(SamplingTask).where(SamplingTask.number == number))
    if found is None:
        raise NotFound(f"There is no spot check task {number}.", f"没有编号为 {number} 的抽查任务。")
    return found


def record_by_number(session: Session, number: str) -> SamplingRecord:
    """The sampling record of this number; else `NotFound`."""
    found = session.scalar(sa.select(SamplingRecord).where(SamplingRecord.number == number))
    if found is None:
        raise NotFound(f"There is no sampling record {number}.", f"没有编号为 {number} 的抽样单。")
    return found


def record_of(session: Session, request: Request) -> SamplingRecord | None:
    """The sampling record that a request was made from."""
    return session.scalar(sa.select(SamplingRecord).where(SamplingRecord.request_id == request.id))


def records_of(session: Session, task: SamplingTask) -> Sequence[SamplingRecord]:
    """The sampling records of a task, newest first."""
    of_task = sa.select(SamplingRecord).where(SamplingRecord.task_id == task.id)
    return session.scalars(of_task.order_by(SamplingRecord.id.desc())).unique().all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a task is."""

    companies: int
    samples: int
    declined: int


def progress(records: Sequence[SamplingRecord]) -> Progress:
    """What was done of a task: companies are told apart by credit code, or by name where there is none."""
    taken = [one for one in records if one.state in DONE]
    return Progress(
        companies=len({one.credit_code or one.company_name for one in taken}), samples=len(taken),
        declined=sum(one.state == "declined" for one in records),
    )  # fmt: skip


def may_sample(session: Session, codes: Collection[str], day: date) -> Sequence[Person]:
    """The active staff authorised on this day to take samples for at least one of these tests."""
    authorised = sa.select(Competence.person_id).where(
        Competence.activity == "sample", Competence.method_id.in_(codes), Competence.valid_from <= day,
        Competence.valid_to >= day, sa.or_(Competence.withdrawn_on.is_(None), Competence.withdrawn_on > day),
    )  # fmt: skip
    found = sa.select(Person).options(WITH_ROLES).where(Person.id.in_(authorised), Person.active)
    return [one for one in session.scalars(found.order_by(Person.username)) if one.roles & STAFF]


def seal_used(session: Session, numbers: Collection[str], *, but: SamplingRecord) -> SamplingSeal | None:
    """A seal of another record with one of these numbers."""
    found = sa.select(SamplingSeal).where(SamplingSeal.number.in_(numbers), SamplingSeal.record_id != but.id)
    return session.scalar(found.limit(1))


def company_of(session: Session, record: SamplingRecord) -> Company | None:
    """The registered company that a record means: chosen, or found by its credit code."""
    if record.company is not None or not record.credit_code:
        return record.company
    return session.scalar(sa.select(Company).where(Company.credit_code == record.credit_code))
