"""Questions about results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.audit import Event
from lims.errors import NotFound
from lims.orders.models import Job, Request
from lims.results.models import OPEN, EvaluationTask, Result
from lims.runs.models import Run
from lims.store import Store

MOST_COMPARABLE = 200  # offered in a list to choose from


def by_number(session: Session, number: str) -> Result:
    """The result of this number; else `NotFound`."""
    found = session.scalar(sa.select(Result).where(Result.number == number))
    if found is None:
        raise NotFound(f"There is no result {number}.", f"没有编号为 {number} 的结果。")
    return found


def of_run(session: Session, run: Run) -> Sequence[Result]:
    """The results computed from a run, oldest first."""
    return session.scalars(sa.select(Result).where(Result.run_id == run.id).order_by(Result.id)).all()


def of_job(session: Session, job: Job) -> Sequence[Result]:
    """The results of a job, oldest first."""
    return session.scalars(sa.select(Result).where(Result.job_id == job.id).order_by(Result.id)).all()


def waiting(*states: str) -> sa.Select[Any]:
    """Results in these states, those due first; those without a date come last, those waiting longest first."""
    return (
        sa.select(Result)
        .join(Job, Result.job_id == Job.id)
        .join(Request, Job.request_id == Request.id)
        .where(Result.state.in_(states))
        .order_by(Request.due_on.is_(None), Request.due_on, Result.id)
    )


def before(session: Session, result: Result) -> Result | None:
    """The result of the same job that was recorded last before this one."""
    earlier = sa.select(Result).where(Result.job_id == result.job_id, Result.id < result.id)
    found: Result | None = session.scalars(earlier.order_by(Result.id.desc())).first()
    return found


def comparable(session: Session, result: Result) -> Sequence[Result]:
    """Results of the same item or of the same method, those of the item first, then the newest."""
    same_item = Job.item_id == result.job.item_id
    found = (
        sa.select(Result)
        .join(Job, Result.job_id == Job.id)
        .where(Result.id != result.id, sa.or_(same_item, Result.method_id == result.method_id))
        .order_by(same_item.desc(), Result.id.desc())
        .limit(MOST_COMPARABLE)
    )
    return session.scalars(found).unique().all()


def neighbours(session: Session, result: Result) -> tuple[str, str]:
    """The numbers before and after this result among those that wait in its state; empty at the ends."""
    numbers = list(session.scalars(waiting(result.state).with_only_columns(Result.number)))
    at = numbers.index(result.number) if result.number in numbers else -1
    if at < 0:
        return "", ""
    return numbers[at - 1] if at else "", numbers[at + 1] if at + 1 < len(numbers) else ""


def outcome(store: Store, result: Result) -> dict[str, Any]:
    """The stored outcome (`heliobench.outcome/1`), checked against its digest."""
    return dict(json.loads(store.get(result.outcome_sha256)))


def inputs(store: Store, result: Result) -> dict[str, Any]:
    """Everything the evaluation depended on (`heliobench.inputs/1`), checked against its digest."""
    return dict(json.loads(store.get(result.inputs_sha256)))


def reopened(session: Session, job: Job) -> int | None:
    """The position in the audit trail at which a job was reopened; None for one that is not open again."""
    moved = sa.select(Event).where(Event.kind == "job", Event.subject == job.number, Event.target != "")
    last = session.scalar(moved.order_by(Event.position.desc()).limit(1))
    return last.position if last is not None and last.action == "reopen" else None


def recorded_since(session: Session, job: Job, position: int) -> Sequence[str]:
    """Which runs and results of a job anything happened to after a position of the audit trail."""
    numbers = sa.union(
        sa.select(Run.number).where(Run.job_id == job.id), sa.select(Result.number).where(Result.job_id == job.id)
    )
    later = sa.select(Event.subject).where(
        Event.position > position, Event.kind.in_(("run", "result")), Event.subject.in_(numbers)
    )
    return session.scalars(later.distinct().order_by(Event.subject)).all()


def being_evaluated(session: Session, job: Job) -> bool:
    """Whether an evaluation for this job is queued or under way."""
    open_ = sa.select(EvaluationTask.id).where(EvaluationTask.job_id == job.id, EvaluationTask.state.in_(OPEN))
    return session.scalar(open_.limit(1)) is not None
