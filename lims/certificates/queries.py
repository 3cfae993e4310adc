"""Questions about reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.certificates.models import Report
from lims.errors import NotFound
from lims.orders.models import Job, Request
from lims.permissions import STAFF, Actor, visible
from lims.results.models import Result
from lims.store import Store

# What a company may know of its own reports: not those still being written.
PUBLISHED = ("issued", "superseded", "withdrawn")


def reports(actor: Actor) -> sa.Select[Any]:
    """The reports an actor may see, newest first; a company sees its own once they are issued."""
    select = visible(sa.select(Report), Report.company_id, actor).order_by(Report.id.desc())
    if not actor.roles & STAFF:
        select = select.where(Report.state.in_(PUBLISHED))
    return select


def by_number(session: Session, number: str, actor: Actor) -> Report:
    """The report of this number, if the actor may know of it; else `NotFound`."""
    found = session.scalar(reports(actor).where(Report.number == number))
    if found is None:
        raise NotFound(f"There is no report {number}.", f"没有编号为 {number} 的检测报告。")
    return found  # type: ignore[no-any-return]


def by_code(session: Session, code: str) -> Report | None:
    """The report of this verification code, once it is issued; None if there is none."""
    return session.scalar(sa.select(Report).where(Report.code == code, Report.state.in_(PUBLISHED)))


def published(session: Session, number: str) -> Report | None:
    """The issued report of this number, for anyone who holds it; None if there is none."""
    return session.scalar(sa.select(Report).where(Report.number == number, Report.state.in_(PUBLISHED)))


def of_result(session: Session, result: Result) -> Sequence[Report]:
    """The reports of a result, oldest first."""
    return session.scalars(sa.select(Report).where(Report.result_id == result.id).order_by(Report.id)).all()


def of_request(session: Session, request: Request, actor: Actor) -> Sequence[Report]:
    """The reports of a request that the actor may see."""
    mine = sa.select(Result.id).join(Job, Result.job_id == Job.id).where(Job.request_id == request.id)
    return session.scalars(reports(actor).where(Report.result_id.in_(mine))).all()


def issued_content(store: Store, report: Report) -> dict[str, Any] | None:
    """Everything printed on a report, as it was issued; None before."""
    return dict(json.loads(store.get(report.issue.content_sha256))) if report.issue else None


def waiting(*states: str) -> sa.Select[Any]:
    """Reports in these states, those waiting longest first."""
    return sa.select(Report).where(Report.state.in_(states)).order_by(Report.id)
