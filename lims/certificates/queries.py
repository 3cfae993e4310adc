"""Questions about reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.audit import Event
from lims.certificates.models import Basis, Report, ReportAmendment, ReportIssue
from lims.errors import BadInput, NotFound, Sentence
from lims.manual.models import ManualTest
from lims.orders import repeats
from lims.orders.models import Job, Request
from lims.permissions import STAFF, Actor, visible
from lims.results.models import Result
from lims.store import Store

# What is still being written, and what a company may know of its own reports: not those still being written.
UNDER_WAY = ("drafted", "checked", "authorised")
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


def of_record(session: Session, test: ManualTest) -> Sequence[Report]:
    """The reports of the record of a manual test, oldest first."""
    return session.scalars(sa.select(Report).where(Report.manual_test_id == test.id).order_by(Report.id)).all()


def stands_against(session: Session, result: Basis) -> Sentence | None:
    """Why no report rests on this now: it was set aside, or a later result of its job was authorised."""
    if not isinstance(result, Result):
        return repeats.stands_against(session, result.job)
    later = sa.select(Result).where(
        Result.job_id == result.job_id, Result.state == "authorised", Result.authorised_at > result.authorised_at
    )
    newer = session.scalar(later.order_by(Result.authorised_at.desc()))
    if newer is not None:
        return Sentence(
            f"{newer.number} was authorised after {result.number}, for the same job; a report rests on that one.",
            f"同一任务的 {newer.number} 在 {result.number} 之后批准；报告须依据该结果。",
        )
    return repeats.stands_against(session, result.job)


def issue_of(report: Report) -> ReportIssue:
    """What was issued as this report; `BadInput` if it is not issued."""
    if report.issue is None:
        raise BadInput(
            f"{report.number} is not issued yet; there is no signed file.",
            f"{report.number} 尚未签发，没有已签名的文件。",
        )
    return report.issue


def checked_content(session: Session, store: Store, report: Report) -> dict[str, Any] | None:
    """What a report said when it was checked, as the event of the check keeps it; None for one that keeps nothing."""
    checks = sa.select(Event).where(Event.kind == "report", Event.subject == report.number, Event.action == "check")
    event = session.scalar(checks.order_by(Event.position.desc()).limit(1))
    digest = json.loads(event.detail).get("content") if event else None
    return dict(json.loads(store.get(digest))) if digest else None


def amendment_under_way(session: Session, report: Report) -> Report | None:
    """The amendment that somebody works on; None if there is none."""
    found: Report | None = session.scalar(_amendments(report).where(Report.state.in_(UNDER_WAY)))
    return found


def replacement(session: Session, report: Report) -> Report | None:
    """The report that replaced this one, also if it was withdrawn or replaced itself; None while this is in force."""
    found: Report | None = session.scalar(_amendments(report).where(Report.state.in_(PUBLISHED)))
    return found


def _amendments(report: Report) -> sa.Select[Any]:
    return sa.select(Report).join(ReportAmendment, ReportAmendment.report_id == Report.id).where(
        ReportAmendment.replaces_id == report.id
    )  # fmt: skip


def of_request(session: Session, request: Request, actor: Actor) -> Sequence[Report]:
    """The reports of a request that the actor may see."""
    mine = sa.select(Job.id).where(Job.request_id == request.id)
    return session.scalars(reports(actor).where(Report.job_id.in_(mine))).all()


def issued_content(store: Store, report: Report) -> dict[str, Any] | None:
    """Everything printed on a report, as it was issued; None before."""
    return dict(json.loads(store.get(report.issue.content_sha256))) if report.issue else None


def waiting(*states: str) -> sa.Select[Any]:
    """Reports in these states, those waiting longest first."""
    return sa.select(Report).where(Report.state.in_(states)).order_by(Report.id)
