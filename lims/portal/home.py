"""What waits for a person when they sign in: by permission, not by name of role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.certificates import queries as reports
from lims.certificates.models import Report
from lims.contracts.messages import unread
from lims.equipment import queries as equipment
from lims.equipment.benches import bench_names
from lims.errors import Sentence
from lims.items import keeping
from lims.items import queries as items
from lims.items.models import Item
from lims.limits.tables import unconfirmed
from lims.manual import queries as manual
from lims.orders import queries as orders
from lims.orders.models import Request
from lims.permissions import Actor
from lims.portal import dossier
from lims.portal.needed import Need, needed
from lims.portal.progress import Progress, progress
from lims.results import queries as results
from lims.runs import queries as runs
from lims.sampling import objections

SHOWN = 8
ENDED = 3  # of a company's orders that came to an end, so many of the newest stand on its home
CLOSED = ("completed", "declined", "cancelled")  # states of a request in which nothing more happens
HERE = ("received", "accepted", "in_test", "kept", "refused")  # states of an item that is in the laboratory


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One kind of work that waits: how many, the first few, and where all of them are."""

    kind: str
    title: Sentence
    hint: Sentence
    rows: Sequence[Any]
    total: int
    endpoint: str
    arguments: dict[str, str]


def waiting(session: Session, actor: Actor, today: date) -> list[Waiting]:
    """Everything that waits for this person of the laboratory."""
    return _laboratory_work(session, actor, today)


def _laboratory_work(session: Session, actor: Actor, today: date) -> list[Waiting]:
    found: list[Waiting] = []
    if actor.may("request.write"):
        talked = orders.requests(actor).where(Request.number.in_(unread(session, actor)))
        found.append(_of(session, "request", UNREAD, talked, "orders.requests"))
    if actor.may("request.review"):
        found.append(
            _of(
                session,
                "request",
                SUBMITTED,
                orders.requests(actor, state="submitted"),
                "orders.requests",
                state="submitted",
            )
        )
        found.append(
            _of(
                session,
                "request",
                IN_REVIEW,
                orders.requests(actor, state="under_review"),
                "orders.requests",
                state="under_review",
            )
        )
    if actor.may("item.handle"):
        found.append(_of(session, "item", EXPECTED, items.awaited(actor), "items.items", state="expected"))
        found.append(_of(session, "item", TO_RETURN, keeping.due("return", today), "store.due", tab="return"))
        found.append(_of(session, "item", TO_DISPOSE, keeping.due("dispose", today), "store.due", tab="dispose"))
    if actor.may("run.record"):
        found.append(_of(session, "job", MY_JOBS, orders.open_jobs(actor.id), "runs.jobs", person="me"))
        found.append(_of(session, "result", RECORDED, results.waiting("recorded"), "review.queue"))
        latest = [runs.latest_on(session, name) for name in bench_names()]
        found.append(_rows("run", ON_BENCHES, [run for run in latest if run], "runs.benches"))
    if actor.may("result.review"):
        found.append(_of(session, "result", TO_REVIEW, results.waiting("submitted"), "review.queue"))
        found.append(_of(session, "manual", BY_HAND_TO_REVIEW, manual.waiting("submitted"), "review.queue"))
        found.append(_of(session, "report", TO_CHECK, reports.waiting("drafted"), "review.queue"))
    if actor.may("result.authorise"):
        found.append(_of(session, "result", TO_AUTHORISE, results.waiting("reviewed"), "review.queue"))
        found.append(_of(session, "manual", BY_HAND_TO_AUTHORISE, manual.waiting("reviewed"), "review.queue"))
        found.append(_of(session, "report", TO_SIGN, reports.waiting("checked", "authorised"), "review.queue"))
    if actor.may("equipment.write"):
        due = equipment.due_before(session, today + timedelta(days=equipment.SOON_DAYS))
        found.append(_rows("equipment", DUE, due, "equipment.register"))
        found.append(_rows("limit", UNCONFIRMED, unconfirmed(session), "limits.every"))
    return found + _spot_checks(session, actor)


def _spot_checks(session: Session, actor: Actor) -> list[Waiting]:
    """What a spot check asks after its report: to tell the company, to decide, to hand over, to settle."""
    found = []
    if actor.may("sampling.order"):
        found.append(_of(session, "request", TO_TELL, objections.untold(), "orders.requests"))
        found.append(_open(session, TO_HAND_OVER, "accepted"))
    if actor.may("objection.decide"):
        found.append(_open(session, TO_DECIDE, "raised"))
        found.append(_open(session, AT_RETEST, "retesting"))
    if actor.may("report.withdraw"):
        found.append(_open(session, OVERTURNED, "overturned"))
    return found


def _open(session: Session, words: tuple[Sentence, Sentence], state: str) -> Waiting:
    return _of(session, "objection", words, objections.open_in(state), "objections.every", state=state)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyHome:
    """What somebody of a company sees first."""

    needs: Sequence[Need]
    orders: Sequence[Progress]
    in_work: int
    ended: Sequence[Request]
    reports: Sequence[Report]
    every_report: int
    items_here: int


def company_home(session: Session, actor: Actor, today: date, zone: str) -> CompanyHome:
    """What is needed from a company, its newest orders in work with where they stand, its newest reports."""
    needs = needed(session, actor, today, zone)
    open_orders = orders.requests(actor).where(Request.state.not_in(CLOSED))
    published = reports.reports(actor)
    return CompanyHome(
        needs=needs,
        orders=[
            _progress(session, one, actor, needs, today, zone)
            for one in session.scalars(open_orders.limit(SHOWN)).unique()
        ],
        in_work=_count(session, open_orders),
        ended=session.scalars(orders.requests(actor).where(Request.state.in_(CLOSED)).limit(ENDED)).unique().all(),
        reports=session.scalars(published.limit(SHOWN)).unique().all(),
        every_report=_count(session, published),
        items_here=_count(session, items.items(actor).where(Item.state.in_(HERE), Item.parent_number == "")),
    )


def _progress(
    session: Session, request: Request, actor: Actor, needs: Sequence[Need], today: date, zone: str
) -> Progress:
    own = [one for one in needs if one.request.id == request.id]
    return progress(session, dossier.of(session, request, actor), actor, own, today, zone)


def _count(session: Session, select: sa.Select[Any]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(select.order_by(None).subquery())) or 0


def _of(
    session: Session,
    kind: str,
    words: tuple[Sentence, Sentence],
    select: sa.Select[Any],
    endpoint: str,
    **arguments: str,
) -> Waiting:
    total = _count(session, select)
    rows = session.scalars(select.limit(SHOWN)).unique().all() if total else []
    return Waiting(
        kind=kind, title=words[0], hint=words[1], rows=rows, total=total, endpoint=endpoint, arguments=arguments
    )


def _rows(kind: str, words: tuple[Sentence, Sentence], rows: Sequence[Any], endpoint: str) -> Waiting:
    return Waiting(
        kind=kind, title=words[0], hint=words[1], rows=rows[:SHOWN], total=len(rows), endpoint=endpoint, arguments={}
    )


UNREAD = (
    Sentence("New messages", "新留言"),
    Sentence("Messages of companies that nobody has read appear here.", "尚无人查看的委托单位留言会显示在这里。"),
)
TO_TELL = (
    Sentence("Spot checks whose result the company was not told", "尚未告知受检单位结果的监督抽查"),
    Sentence("The time to object begins when the company has the report.", "受检单位收到报告后，异议期限开始计算。"),
)
TO_HAND_OVER = (
    Sentence("Backup samples to hand over for a retest", "待移交复检的备样"),
    Sentence("Another body makes the retest.", "复检由其他检验机构承担。"),
)
TO_DECIDE = (
    Sentence("Objections to decide", "待处理的异议"),
    Sentence("What companies say against a spot check appears here.", "受检单位提出的异议会显示在这里。"),
)
AT_RETEST = (
    Sentence("Retests under way", "复检中"),
    Sentence("Enter what the other body found.", "请登记复检机构的结论。"),
)
OVERTURNED = (
    Sentence("Reports that a retest overturned", "被复检改变结论的报告"),
    Sentence("The report is withdrawn, then the objection is settled.", "须先撤回报告，再办结异议。"),
)
SUBMITTED = (
    Sentence("Requests to review", "待评审的委托"),
    Sentence("New requests of companies appear here.", "委托单位提交的新委托会显示在这里。"),
)
IN_REVIEW = (
    Sentence("In contract review", "合同评审中"),
    Sentence("Requests whose review has begun.", "已开始合同评审的委托。"),
)
EXPECTED = (
    Sentence("Items expected", "待收样品"),
    Sentence("An accepted request announces its item here.", "委托受理后，其样品会显示在这里。"),
)
TO_RETURN = (
    Sentence("Items to return", "待退样品"),
    Sentence(
        "Items whose time in store is over and that their company wants back.", "保留期已满且委托单位要求退回的样品。"
    ),
)
TO_DISPOSE = (
    Sentence("Items to dispose of", "待处置样品"),
    Sentence("Items whose time in store is over and that nobody wants back.", "保留期已满且无需退回的样品。"),
)
ON_BENCHES = (
    Sentence("Latest runs on the benches", "各试验台最近一次试验记录"),
    Sentence("Nothing was recorded yet.", "尚无记录。"),
)
MY_JOBS = (
    Sentence("My jobs", "我的检测任务"),
    Sentence("Jobs the office plans for you appear here.", "分配给您的检测任务会显示在这里。"),
)
RECORDED = (
    Sentence("Results to submit", "待提交的结果"),
    Sentence("A sealed run gives a result to submit.", "试验记录封存并计算后，结果会显示在这里。"),
)
TO_REVIEW = (
    Sentence("Results to review", "待审核的结果"),
    Sentence("Results that technicians submit appear here.", "检测员提交的结果会显示在这里。"),
)
TO_CHECK = (
    Sentence("Reports to check", "待校核的报告"),
    Sentence("Drafts of reports appear here.", "报告草稿会显示在这里。"),
)
BY_HAND_TO_REVIEW = (
    Sentence("Manual records to review", "待审核的人工试验记录"),
    Sentence(
        "Records of manual tests that technicians submit appear here.", "检测人员提交的人工试验记录会显示在这里。"
    ),
)
BY_HAND_TO_AUTHORISE = (
    Sentence("Manual records to authorise", "待批准的人工试验记录"),
    Sentence("Reviewed records of manual tests appear here.", "已审核的人工试验记录会显示在这里。"),
)
TO_AUTHORISE = (
    Sentence("Results to authorise", "待批准的结果"),
    Sentence("Reviewed results appear here.", "审核通过的结果会显示在这里。"),
)
TO_SIGN = (
    Sentence("Reports to sign", "待签发的报告"),
    Sentence("Checked reports appear here.", "校核通过的报告会显示在这里。"),
)
DUE = (
    Sentence("Calibrations due within 30 days", "30 天内到期的校准"),
    Sentence("Every instrument in service is calibrated for longer.", "在用设备的校准均未临近到期。"),
)
UNCONFIRMED = (
    Sentence("Limits not confirmed", "未确认的限值"),
    Sentence("Every limit was compared with its standard.", "所有限值均已与标准核对。"),
)
