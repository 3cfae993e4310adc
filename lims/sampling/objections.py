"""Verbs after the report of a spot check: the company is told, objects, the backup sample goes to another body."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.certificates import queries as report_queries
from lims.certificates.models import Report
from lims.errors import BadInput, NotFound, Refused, Sentence
from lims.items import custody
from lims.items import queries as item_queries
from lims.items.models import BACKUP, BROKEN, GONE, INTACT, Item
from lims.laboratory import Work
from lims.orders.models import Job, Request
from lims.permissions import Actor, Role, visible
from lims.sampling.models import Objection, ResultNotice
from lims.sampling.rules import objection_until
from lims.workflow import OBJECTION, Facts

KIND = "objection"


def by_number(session: Session, number: str, actor: Actor) -> Objection:
    """The objection of this number, if the actor may know of it; else `NotFound`."""
    select = visible(sa.select(Objection).where(Objection.number == number), Objection.company_id, actor)
    found: Objection | None = session.scalar(select)
    if found is None:
        raise NotFound(f"There is no objection {number}.", f"没有编号为 {number} 的异议。")
    return found


def of_request(session: Session, request: Request) -> list[Objection]:
    """The objections to the reports of a request, oldest first."""
    found = sa.select(Objection).where(Objection.request_id == request.id).order_by(Objection.id)
    return list(session.scalars(found))


def notices_of(session: Session, request: Request) -> list[ResultNotice]:
    """When the company sampled received which report of a request."""
    found = sa.select(ResultNotice).where(ResultNotice.request_id == request.id).order_by(ResultNotice.at)
    return list(session.scalars(found))


def untold() -> sa.Select[Any]:
    """The spot checks with an issued report of which the company was not told yet."""
    told = sa.select(ResultNotice.report_id)
    issued = (
        sa.select(Job.request_id)
        .join(Report, Report.job_id == Job.id)
        .where(Report.state == "issued", Report.id.not_in(told))
    )
    return sa.select(Request).where(Request.kind == "spot_check", Request.id.in_(issued)).order_by(Request.id)


def open_in(*states: str) -> sa.Select[Any]:
    """The objections in these states, those with the earliest last day first."""
    return sa.select(Objection).where(Objection.state.in_(states)).order_by(Objection.until, Objection.id)


def tell(work: Work, report_number: str, *, received_on: date, how: str) -> ResultNotice:
    """The company sampled received the report on this day; its time to object runs from the next."""
    work.actor.require("sampling.order")
    report = report_queries.by_number(work.session, report_number, work.actor)
    request = report.job.request
    if request.kind != "spot_check" or report.state != "issued" or work.actor.id is None:
        raise Refused(
            f"{report_number} is no issued report of a spot check.", f"{report_number} 不是已签发的监督抽查报告。"
        )
    if work.session.get(ResultNotice, report.id) is not None:
        raise Refused(f"The company was told of {report_number} already.", f"{report_number} 此前已告知受检单位。")
    if received_on > work.today:
        raise BadInput("The day of receipt lies in the future.", "收到日期不能晚于今天。")
    if not how.strip():
        raise BadInput("Say how the company received it.", "请填写送达方式。")
    notice = ResultNotice(
        report_id=report.id, request_id=request.id, received_on=received_on, until=objection_until(received_on),
        how=how.strip()[:200], at=work.now, person_id=work.actor.id,
    )  # fmt: skip
    work.session.add(notice)
    work.session.flush()
    work.record(
        "request", request.number, "tell_result", report=report.number, received_on=received_on.isoformat(),
        until=notice.until.isoformat(),
    )  # fmt: skip
    return notice


def raise_objection(
    work: Work, report_number: str, *, words: str, retest: bool, raised_on: date | None = None, late_because: str = ""
) -> Objection:
    """The company sampled objects, or the office records what came by letter (``raised_on``: the day it came).

    After the last day only the office can enter one, with the force majeure that kept the company.
    """
    work.actor.require("objection.raise")
    report = report_queries.by_number(work.session, report_number, work.actor)
    notice = work.session.get(ResultNotice, report.id)
    if notice is None:
        raise Refused(
            f"The company was not told of {report_number} yet; the time to object has not begun.",
            f"{report_number} 尚未告知受检单位，异议期限尚未开始。",
        )
    if not words.strip():
        raise BadInput("Say what you object to.", "请填写异议内容。")
    office = Role.OFFICE in work.actor.roles
    day = (raised_on if office else None) or work.today
    if not notice.received_on <= day <= work.today:
        raise BadInput("The day of the objection lies outside what is possible.", "提出异议的日期不正确。")
    if day > notice.until and not (office and late_because.strip()):
        raise Refused(
            f"The last day to object was {notice.until}; after it the office can enter an objection only with the "
            "force majeure that kept the company.",
            f"异议期限已于 {notice.until} 届满；逾期仅可由业务受理人员在写明不可抗力情形后登记。",
        )
    objection = Objection(
        number=work.number("YY"), request_id=notice.request_id, company_id=report.company_id, report_id=report.id,
        retest=retest, words=words.strip()[:4000], raised_on=day, until=notice.until,
        late_because=late_because.strip()[:2000] if day > notice.until else "",
    )  # fmt: skip
    work.session.add(objection)
    work.session.flush()
    work.record(KIND, objection.number, "raise", target=objection.state, report=report.number, retest=retest)
    return objection


def act(work: Work, number: str, action: str, reason: str = "") -> Objection:
    """Any step but handing over: accept, refuse, withdraw, the retest's outcome, settle."""
    objection = by_number(work.session, number, work.actor)
    if action == "hand_over":
        raise Refused("Handing over has its own form.", "移交备样请使用相应的表单。")
    missing = tuple(_unsettled(objection)) if action == "settle" else ()
    before = objection.state
    work.move(OBJECTION, action, objection, Facts(reason=reason, missing=missing))
    if before == "raised":
        objection.decision = reason.strip()
    elif before == "retesting":
        objection.outcome = reason.strip()
    work.session.flush()
    return objection


def _unsettled(objection: Objection) -> Iterator[Sentence]:
    """A retest that overturned the result leaves no report in force; one that is still to be made is no end."""
    if objection.state == "overturned" and objection.report.state == "issued":
        yield Sentence(
            f"{objection.report.number} is still in force; withdraw it, or issue its amendment, before the "
            "objection is settled.",
            f"{objection.report.number} 仍然有效；办结前须先撤回该报告，或签发其修改报告。",
        )
    if objection.state == "accepted" and objection.retest:
        yield Sentence(
            f"{objection.number} asks for a retest, which was not made.", f"{objection.number} 申请复检，尚未进行复检。"
        )


def hand_over(work: Work, number: str, *, body: str, seal_found: str) -> Objection:
    """The backup sample goes to another body under its intact seal, with a line in its chain of custody."""
    objection = by_number(work.session, number, work.actor)
    backup = backup_of(work.session, objection)
    work.move(OBJECTION, "hand_over", objection, Facts(missing=tuple(_not_ready(work, backup, body, seal_found))))
    objection.body = body.strip()[:200]
    if backup is not None:
        custody.hand_over(work, backup.number, place=objection.body, purpose=f"复检移交 retest {objection.number}")
        work.record("item", backup.number, "check_seal", seal=backup.seal, found=INTACT, objection=objection.number)
    work.session.flush()
    return objection


def backup_of(session: Session, objection: Objection) -> Item | None:
    """The backup sample that a retest is made on; None if there is none in the house."""
    items = item_queries.of_request(session, objection.request)
    return next((one for one in items if one.role == BACKUP and one.received_at and one.state not in GONE), None)


def _not_ready(work: Work, backup: Item | None, body: str, seal_found: str) -> Iterator[Sentence]:
    own = {str(work.laboratory.identity["name_zh"]), str(work.laboratory.identity["name_en"])}
    if not body.strip() or body.strip() in own:
        yield Sentence(
            "Name the other body that makes the retest; this laboratory does not.",
            "请填写承担复检的其他检验机构，不得由本中心复检。",
        )
    if backup is None:
        yield Sentence(
            "There is no backup sample in the house; refuse the retest with written reasons.",
            "本中心没有可供复检的备样；请书面说明理由，不予复检。",
        )
    elif seal_found == BROKEN or backup.seal_found == BROKEN or backup.state == "refused":
        yield Sentence(
            f"The seal {backup.seal} of {backup.number} is not intact: no retest can be made on it.",
            f"{backup.number} 的封签 {backup.seal} 不完好，不能用于复检。",
        )
    elif seal_found != INTACT:
        yield Sentence(f"Look at the seal {backup.seal} first.", f"请先查验封签 {backup.seal}。")
