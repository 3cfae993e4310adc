"""Verbs about plans: a test of a request on a bench, for a person, in a slot; planned anew with a reason."""

from __future__ import annotations

from datetime import date

from lims.errors import BadInput, Refused, Sentence, require_reason
from lims.laboratory import Work
from lims.orders import queries
from lims.orders.concerns import Concern, Plan, concerns, slot_of
from lims.orders.lines import chosen_line
from lims.orders.models import Job, Request
from lims.orders.slots import Slot
from lims.parties.models import Person
from lims.permissions import Role

TESTABLE = ("accepted", "in_test")  # states of an item for which a job can be planned


class Warned(Refused):
    """Warnings stand against the plan; it is made when a person sets them aside."""

    def __init__(self, found: list[Concern]) -> None:
        self.concerns = found
        en, zh = " ".join(one.sentence.en for one in found), "".join(one.sentence.zh for one in found)
        super().__init__(f"{en} Tick “plan all the same” to set this aside.", f"{zh}如仍要安排，请勾选“仍然安排”。")


def plan_job(
    work: Work,
    *,
    request: Request,
    item_id: int,
    item_state: str,
    bench: str,
    planned_on: date | Slot,
    assigned_to_id: int,
    position: int | None = None,
    stop_at_warnings: bool = False,
) -> Job:
    """Plan a test of the request for an item that can be tested, for a person; a method is measured on a bench.

    planned_on: a day or a slot. position: which line of the request; none: its only one. stop_at_warnings: raise
    `Warned` instead of keeping the warnings with the plan. An item in test has other jobs; one after the other, or
    several on one record.
    """  # fmt: skip
    work.actor.require("job.plan")
    if request.state != "accepted" or item_state not in TESTABLE:
        raise BadInput(
            f"A job needs an accepted request and an accepted item; {request.number} is '{request.state}', "
            f"the item is '{item_state}'.",
            f"检测任务要求委托和样品均已受理；{request.number} 为“{request.state}”，样品为“{item_state}”。",
        )
    line = chosen_line(request, position)
    plan = Plan(
        code=line.code, bench=bench, person=_technician(work, assigned_to_id), item_id=item_id, due_on=request.due_on,
        slot=planned_on if isinstance(planned_on, Slot) else Slot.day(planned_on),
    )  # fmt: skip
    warned = _checked(work, plan, stop_at_warnings=stop_at_warnings)
    job = Job(
        number=work.number("RW"), request_id=request.id, item_id=item_id, request_test_id=line.id,
        method_id=line.method_id, procedure_id=line.procedure_id,
    )  # fmt: skip
    _put(job, plan)
    work.session.add(job)
    work.session.flush()
    work.record(
        "job", job.number, "plan", target=job.state, test=line.code, bench=bench, assigned_to=plan.person.name_zh,
        when=plan.slot.words.zh, warnings=[one.zh for one in warned],
    )  # fmt: skip
    return job


def replan_job(
    work: Work,
    number: str,
    *,
    bench: str,
    slot: Slot,
    assigned_to_id: int,
    reason: str,
    stop_at_warnings: bool = False,
) -> Job:
    """Another bench, person or time for a job that has not begun; the reason and the plan before are kept."""
    work.actor.require("job.plan")
    job = queries.job_by_number(work.session, number)
    if job.state != "planned":
        raise Refused(
            f"{number} is '{job.state}'; only a job that has not begun is planned anew.",
            f"{number} 已开始（{job.state}）；只能调整尚未开始的检测任务。",
        )
    require_reason(reason)
    plan = Plan(
        code=job.code, bench=bench, person=_technician(work, assigned_to_id), slot=slot, item_id=job.item_id,
        due_on=job.request.due_on, job_id=job.id,
    )  # fmt: skip
    warned = _checked(work, plan, stop_at_warnings=stop_at_warnings)
    before = {"bench": job.bench, "assigned_to": job.assigned_to.name_zh, "when": slot_of(job).words.zh}
    after = {"bench": bench, "assigned_to": plan.person.name_zh, "when": slot.words.zh}
    changed = {key: f"{before[key]} → {value}" for key, value in after.items() if before[key] != value}
    if not changed:
        raise BadInput("Nothing is different from the plan as it stands.", "与现有安排相比没有变化。")
    _put(job, plan)
    work.session.flush()
    work.session.refresh(job)
    work.record(
        "job", number, "replan", reason=reason.strip(), changed=changed, warnings=[one.zh for one in warned]
    )  # fmt: skip
    return job


def _checked(work: Work, plan: Plan, *, stop_at_warnings: bool) -> list[Sentence]:
    """The warnings of a plan; raises its first refusal, and with ``stop_at_warnings`` all warnings."""
    if not plan.manual and not plan.bench:
        raise BadInput("Choose the bench that measures this method.", "请选择测量该方法的试验台。")
    found = concerns(work.session, plan, work.today)
    for one in found:
        if one.refuses:
            raise Refused(one.sentence.en, one.sentence.zh)
    if found and stop_at_warnings:
        raise Warned(found)
    return [one.sentence for one in found]


def _put(job: Job, plan: Plan) -> None:
    job.bench, job.assigned_to_id = plan.bench, plan.person.id
    job.planned_on, job.planned_to = plan.slot.first, plan.slot.last
    job.begins_noon, job.ends_noon = plan.slot.begins_noon, plan.slot.ends_noon


def _technician(work: Work, person_id: int) -> Person:
    person = work.session.get(Person, person_id)
    if person is None or Role.TECHNICIAN not in person.roles or not person.active:
        raise BadInput("A job is assigned to a technician.", "检测任务须分配给检测员。")
    return person
