"""Questions about requests and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import NotFound
from lims.orders.models import Job, Request
from lims.parties.models import Company
from lims.permissions import Actor, visible


def request_by_number(session: Session, number: str, actor: Actor) -> Request:
    """The request of this number, if the actor may know of it; else `NotFound`."""
    select = visible(sa.select(Request).where(Request.number == number), Request.company_id, actor)
    found = session.scalar(select)
    if found is None:
        raise NotFound(f"There is no request {number}.", f"没有编号为 {number} 的委托。")
    return found  # type: ignore[no-any-return]


def requests(actor: Actor, *, text: str = "", state: str = "") -> sa.Select[Any]:
    """The requests an actor may see, newest first; ``text`` looks in number, company, product and model."""
    select = sa.select(Request).join(Company, Request.company_id == Company.id)
    select = visible(select, Request.company_id, actor).order_by(Request.id.desc())
    if state:
        select = select.where(Request.state == state)
    if text:
        columns = (Request.number, Company.name_zh, Company.name_en, Request.product_zh, Request.model)
        select = select.where(sa.or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return select


def jobs_of(session: Session, request: Request) -> Sequence[Job]:
    """The jobs of a request."""
    return session.scalars(sa.select(Job).where(Job.request_id == request.id).order_by(Job.id)).all()


def job_by_number(session: Session, number: str) -> Job:
    """The job of this number; else `NotFound`."""
    found = session.scalar(sa.select(Job).where(Job.number == number))
    if found is None:
        raise NotFound(f"There is no job {number}.", f"没有编号为 {number} 的检测任务。")
    return found


def jobs(*, text: str = "", state: str = "", assigned_to_id: int | None = None) -> sa.Select[Any]:
    """Jobs, newest first; ``text`` looks in number and bench."""
    select = sa.select(Job).order_by(Job.id.desc())
    if state:
        select = select.where(Job.state == state)
    if assigned_to_id is not None:
        select = select.where(Job.assigned_to_id == assigned_to_id)
    if text:
        columns = (Job.number, Job.bench)
        select = select.where(sa.or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return select
