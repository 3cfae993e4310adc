"""What stands against a plan, in words: a refusal, or a warning that a person may set aside.

Missing competence refuses (ISO/IEC 17025 clause 6.2.6), and so does having taken the sample of a spot check. Two jobs
at once, a calibration that runs out, a holiday or a late end are warnings: two collectors may stand on one bench,
calibrations are renewed, the sun shines on Sundays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, raiseload

from lims.confirmations.queries import unsure
from lims.equipment import queries as equipment_queries
from lims.equipment.benches import bench_named
from lims.errors import Sentence
from lims.orders import sampled
from lims.orders.models import Job
from lims.orders.queries import OPEN
from lims.orders.slots import Slot
from lims.parties.models import Competence, Person
from lims.workdays import calendar

NAMED_DAYS = 3  # so many closed days are named, further ones counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be planned: a test by its code, where, by whom, when; ``job_id`` when a job is planned anew."""

    code: str
    bench: str
    person: Person
    slot: Slot
    item_id: int
    due_on: date | None
    job_id: int | None = None

    @property
    def manual(self) -> bool:
        """Whether people record it without a bench's recorder."""
        return self.code.startswith("procedure:")


@dataclass(frozen=True, slots=True)
class Concern:
    """One sentence against a plan; ``refuses``: it cannot be set aside."""

    refuses: bool
    sentence: Sentence


def concerns(session: Session, plan: Plan, today: date) -> list[Concern]:
    """Everything that stands against a plan, refusals first."""
    warned = (
        *_past(plan, today), *_clashes(session, plan), *_calibrations(session, plan), *_closed(session, plan),
        *_late(plan),
    )  # fmt: skip
    took = sampled.planning_refused(session, plan.item_id, plan.person)
    found = [
        *([Concern(True, took)] if took else []),
        *_incompetent(session, plan),
        *(Concern(False, sentence) for sentence in warned),
    ]
    return sorted(found, key=lambda one: not one.refuses)


def _past(plan: Plan, today: date) -> Iterator[Sentence]:
    if plan.slot.last < today:
        yield Sentence(f"{plan.slot.words.en} is over already.", f"{plan.slot.words.zh}已经过去。")


def _incompetent(session: Session, plan: Plan) -> Iterator[Concern]:
    """The days of the plan on which the person is not authorised to test."""
    select = sa.select(Competence.valid_from, Competence.valid_to).where(
        Competence.person_id == plan.person.id, Competence.method_id == plan.code, Competence.activity == "test"
    )
    spans = session.execute(select).all()
    lacking = [day for day in plan.slot.days if not any(begin <= day <= end for begin, end in spans)]
    if lacking:
        yield Concern(
            not plan.manual,
            Sentence(
                f"{plan.person.name_en or plan.person.name_zh} is not authorised for this test on {lacking[0]}; "
                "choose somebody else, or ask the quality manager.",
                f"{plan.person.name_zh} 在 {lacking[0]} 未获得该检测项目的授权；请另选人员或联系质量负责人。",
            ),
        )


def _clashes(session: Session, plan: Plan) -> Iterator[Sentence]:
    for job in meeting(session, plan.slot, bench=plan.bench, person_id=plan.person.id):
        if job.id == plan.job_id:
            continue
        when = slot_of(job).words
        if plan.bench and job.bench == plan.bench and job.item_id != plan.item_id:
            yield Sentence(
                f"{plan.bench} is taken by {job.number} ({when.en}).",
                f"{plan.bench} 已安排 {job.number}（{when.zh}）。",
            )
        if job.assigned_to_id == plan.person.id:
            yield Sentence(
                f"{plan.person.name_en or plan.person.name_zh} has {job.number} then ({when.en}).",
                f"{plan.person.name_zh} 同时段已有 {job.number}（{when.zh}）。",
            )


def meeting(session: Session, slot: Slot, *, bench: str, person_id: int) -> Sequence[Job]:
    """The open jobs of a bench or a person that share a half-day with a slot."""
    mine = sa.or_(sa.and_(Job.bench == bench, Job.bench != ""), Job.assigned_to_id == person_id)
    select = sa.select(Job).where(mine, Job.state.in_(OPEN), *touching(slot.first, slot.last))
    return [job for job in session.scalars(select.order_by(Job.planned_on, Job.id)) if slot_of(job).meets(slot)]


def touching(first: date, last: date) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """Jobs planned on one of these days."""
    return Job.planned_on <= last, Job.planned_to >= first


def between(session: Session, first: date, last: date) -> Sequence[Job]:
    """The jobs planned between two days that were not given up, with what a calendar shows of them."""
    select = sa.select(Job).where(*touching(first, last), Job.state != "abandoned")
    loaded = select.options(joinedload(Job.request), joinedload(Job.assigned_to), raiseload("*"))
    return session.scalars(loaded.order_by(Job.planned_on, Job.id)).all()


def slot_of(job: Job) -> Slot:
    """When a job is planned."""
    return Slot(
        first=job.planned_on, last=job.planned_to, begins_noon=job.begins_noon, ends_noon=job.ends_noon
    )  # fmt: skip


def _calibrations(session: Session, plan: Plan) -> Iterator[Sentence]:
    if not plan.bench:
        return
    wired = bench_named(plan.bench)
    register = {
        one.number: one for one in equipment_queries.of_numbers(session, [each.equipment for each in wired.instruments])
    }
    for instrument in wired.instruments:
        found = register.get(instrument.equipment)
        if found is None:
            yield Sentence(
                f"{instrument.equipment} ({instrument.name}) is not in the equipment register.",
                f"{instrument.equipment}（{instrument.name}）未在设备台账中登记。",
            )
            continue
        days = (plan.slot.first, plan.slot.last)
        unfit = [equipment_queries.unfit(found, instrument.channels, day) for day in days]
        yield from [sentence for sentence in unfit if sentence][:1]


def _closed(session: Session, plan: Plan) -> Iterator[Sentence]:
    known = calendar()
    closed = [(day, why) for day in plan.slot.days if (why := known.closed(day))]
    if closed:
        named = closed[:NAMED_DAYS]
        more = len(closed) - len(named)
        en = ", ".join(f"{day} ({why.en})" for day, why in named) + (f" and {more} more" if more else "")
        zh = "、".join(f"{day}（{why.zh}）" for day, why in named) + (f"等共 {len(closed)} 天" if more else "")
        yield Sentence(f"No working days: {en}.", f"非工作日：{zh}。")
    if years_unsure := unsure(session, plan.slot.first, plan.slot.last):
        years = ", ".join(map(str, years_unsure))
        yield Sentence(f"Nobody has confirmed the holidays of {years} yet.", f"{years} 年的节假日尚未确认。")


def _late(plan: Plan) -> Iterator[Sentence]:
    if plan.due_on and plan.slot.last > plan.due_on:
        yield Sentence(
            f"It ends on {plan.slot.last}, after the request is due ({plan.due_on}).",
            f"结束于 {plan.slot.last}，晚于委托到期日（{plan.due_on}）。",
        )
