"""Verbs and questions about repeated tests: why a job repeats another, and which of them counts.

A repeat never takes the place of what was measured before: both jobs keep their runs and results. Which of them a
report is drafted from is said by a signatory, who sets the other one aside with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import NO_REASON, BadInput, Refused, Sentence
from lims.laboratory import Work
from lims.orders import queries
from lims.orders.models import Job, JobRepeat, JobSetAside

REPEATABLE = ("measured", "done", "abandoned")
LONGEST = 2000


def require_repeatable(work: Work, number: str, reason: str) -> Job:
    """The job that is to be repeated; `Refused` while it is under way, `BadInput` without a reason."""
    job = queries.job_by_number(work.session, number)
    if job.state not in REPEATABLE:
        raise Refused(
            f"{number} is '{job.state}'; only a test that was measured or given up is repeated.",
            f"{number} 尚未测量完毕；只有已测量或已放弃的检测才能重复。",
        )
    if not reason.strip():
        raise BadInput(
            "Say why the test is repeated: it is kept with both.", "请说明重复检测的理由：理由将随两次检测一并保存。"
        )
    return job


def keep_repeat(work: Work, job: Job, earlier: Job, reason: str) -> None:
    """Keep that ``job`` repeats ``earlier``; `BadInput` if it is another test or another item."""
    if (job.request_test_id, job.item_id) != (earlier.request_test_id, earlier.item_id):
        raise BadInput(
            f"{earlier.number} is another test or of another item; a repeat is the same test on the same item.",
            f"{earlier.number} 是另一检测项目或另一样品；重复检测须为同一样品的同一项目。",
        )
    if work.actor.id is None:
        raise Refused("A named person repeats a test.", "重复检测须由具名人员提出。")
    work.session.add(
        JobRepeat(
            job_id=job.id, repeats_id=earlier.id, at=work.now, person_id=work.actor.id, reason=reason.strip()[:LONGEST]
        )
    )
    work.session.flush()
    work.record("job", job.number, "repeat", repeats=earlier.number, why=reason.strip())


def set_aside(work: Work, number: str, reason: str) -> None:
    """Say that the result of a repeated job does not count; by a signatory, with a reason, once, and never of all."""
    work.actor.require("result.authorise")
    job = queries.job_by_number(work.session, number)
    family = chain(work.session, job)
    if work.actor.id is None or not reason.strip():
        raise BadInput(NO_REASON.en, NO_REASON.zh)
    if len(family) < 2:
        raise Refused(
            f"{number} was not repeated; there is nothing to choose between.", f"{number} 没有重复检测，无须选择。"
        )
    aside = set_asides(work.session, family)
    if job.id in aside:
        raise Refused(f"{number} was set aside already.", f"{number} 的结果此前已不予采用。")
    if len(aside) == len(family) - 1:
        raise Refused(
            f"{number} is the last one that counts; repeat the test first.",
            f"{number} 是唯一有效的一次；请先重复检测。",
        )
    work.session.add(JobSetAside(job_id=job.id, at=work.now, person_id=work.actor.id, reason=reason.strip()[:LONGEST]))
    work.session.flush()
    work.record("job", number, "set_aside", why=reason.strip())


def stands_against(session: Session, job: Job) -> Sentence | None:
    """Why no report is drafted from this job's result: it was set aside, or nobody said which of several counts."""
    family = chain(session, job)
    aside = set_asides(session, family)
    if job.id in aside:
        reason = aside[job.id].reason
        return Sentence(f"{job.number} was set aside: {reason}", f"{job.number} 的结果不予采用：{reason}")
    counting = [one.number for one in family if one.id not in aside and one.state == "done"]
    if len(counting) > 1:
        numbers = ", ".join(counting)
        return Sentence(
            f"The test was done more than once ({numbers}); a signatory sets aside those that do not count.",
            f"该项检测进行了多次（{numbers}）；须由授权签字人对不予采用的结果作出说明。",
        )
    return None


def chain(session: Session, job: Job) -> Sequence[Job]:
    """This job with all that it repeats and that repeat it, oldest first."""
    known = {job.id}
    while True:
        linked = sa.select(JobRepeat.job_id, JobRepeat.repeats_id).where(
            sa.or_(JobRepeat.job_id.in_(known), JobRepeat.repeats_id.in_(known))
        )
        more = {one for pair in session.execute(linked) for one in pair} - known
        if not more:
            return session.scalars(sa.select(Job).where(Job.id.in_(known)).order_by(Job.id)).all()
        known |= more


def repeat_of(session: Session, job: Job) -> JobRepeat | None:
    """What this job repeats, and why; none for a first one."""
    return session.get(JobRepeat, job.id)


def set_asides(session: Session, jobs: Sequence[Job]) -> dict[int, JobSetAside]:
    """Which of these jobs were set aside, by id."""
    found = sa.select(JobSetAside).where(JobSetAside.job_id.in_([one.id for one in jobs]))
    return {one.job_id: one for one in session.scalars(found)}
