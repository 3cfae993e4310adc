"""Questions about requests and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import NotFound
from lims.orders.models import Job, Request
from lims.permissions import Actor, visible

OPEN = ("planned", "running", "measured")  # states of a job that is still to be done


def request_by_number(session: Session, number: str, actor: Actor) -> Request:
    """The request of this number, if the actor may know of it; else `NotFound`."""
    select = visible(sa.select(Request).where(Request.number == number), Request.company_id, actor)
    found = session.scalar(select)
    if found is None:
        raise NotFound(f"There is no request {number}.", f"没有编号为 {number} 的委托。")
    return found  # type: ignore[no-any-return]


def requests(actor: Actor, *, state: str = "") -> sa.Select[Any]:
    """The requests an actor may see, newest first."""
    select = visible(sa.select(Request), Request.company_id, actor).order_by(Request.id.desc())
    return select.where(Request.state == state) if state else select


def jobs_of(session: Session, request: Request) -> Sequence[Job]:
    """The jobs of a request."""
    return session.scalars(sa.select(Job).where(Job.request_id == request.id).order_by(Job.id)).all()


def job_by_number(session: Session, number: str) -> Job:
    """The job of this number; else `NotFound`."""
    found = session.scalar(sa.select(Job).where(Job.number == number))
    if found is None:
        raise NotFound(f"There is no job {number}.", f"没有编号为 {number} 的检测任务。")
    return found


def open_jobs(person_id: int | None) -> sa.Select[Any]:
    """The jobs of a person that are not done yet, the earliest planned first."""
    mine = sa.select(Job).where(Job.assigned_to_id == person_id, Job.state.in_(OPEN))
    return mine.order_by(Job.planned_on, Job.id)


def open_jobs_of(session: Session, person_id: int | None) -> Sequence[Job]:
    """The same, read."""
    return session.scalars(open_jobs(person_id)).all()
