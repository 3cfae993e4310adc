"""What waits for a person when they sign in: by permission, not by name of role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.certificates import queries as reports
from lims.equipment import queries as equipment
from lims.equipment.benches import bench_names
from lims.errors import Sentence
from lims.items import keeping
from lims.items import queries as items
from lims.orders import queries as orders
from lims.permissions import STAFF, Actor
from lims.results import queries as results
from lims.results.limits import unconfirmed
from lims.runs import queries as runs

SHOWN = 8


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
    """Everything that waits for this person."""
    return [*_laboratory_work(session, actor, today)] if actor.roles & STAFF else [*_company_work(session, actor)]


def _laboratory_work(session: Session, actor: Actor, today: date) -> list[Waiting]:
    found: list[Waiting] = []
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
        found.append(
            _of(session, "item", EXPECTED, items.items(actor, state="expected"), "items.items", state="expected")
        )
        found.append(_of(session, "item", TO_RETURN, keeping.due("return", today), "store.due", tab="return"))
        found.append(_of(session, "item", TO_DISPOSE, keeping.due("dispose", today), "store.due", tab="dispose"))
    if actor.may("run.record"):
        found.append(_of(session, "job", MY_JOBS, orders.open_jobs(actor.id), "runs.jobs", person="me"))
        found.append(_of(session, "result", RECORDED, results.waiting("recorded"), "review.queue"))
        latest = [runs.latest_on(session, name) for name in bench_names()]
        found.append(_rows("run", ON_BENCHES, [run for run in latest if run], "runs.benches"))
    if actor.may("result.review"):
        found.append(_of(session, "result", TO_REVIEW, results.waiting("submitted"), "review.queue"))
        found.append(_of(session, "report", TO_CHECK, reports.waiting("drafted"), "review.queue"))
    if actor.may("result.authorise"):
        found.append(_of(session, "result", TO_AUTHORISE, results.waiting("reviewed"), "review.queue"))
        found.append(_of(session, "report", TO_SIGN, reports.waiting("checked", "authorised"), "review.queue"))
    if actor.may("equipment.write"):
        due = equipment.due_before(session, today + timedelta(days=equipment.SOON_DAYS))
        found.append(_rows("equipment", DUE, due, "equipment.register"))
        found.append(_rows("limit", UNCONFIRMED, unconfirmed(), "results.limits"))
    return found


def _company_work(session: Session, actor: Actor) -> list[Waiting]:
    return [
        _of(session, "request", MY_REQUESTS, orders.requests(actor), "orders.requests"),
        _of(session, "report", MY_REPORTS, reports.reports(actor), "certificates.reports"),
        _of(session, "item", MY_ITEMS, items.items(actor), "items.items"),
    ]


def _of(
    session: Session,
    kind: str,
    words: tuple[Sentence, Sentence],
    select: sa.Select[Any],
    endpoint: str,
    **arguments: str,
) -> Waiting:
    total = session.scalar(sa.select(sa.func.count()).select_from(select.order_by(None).subquery())) or 0
    rows = session.scalars(select.limit(SHOWN)).unique().all() if total else []
    return Waiting(
        kind=kind, title=words[0], hint=words[1], rows=rows, total=total, endpoint=endpoint, arguments=arguments
    )


def _rows(kind: str, words: tuple[Sentence, Sentence], rows: Sequence[Any], endpoint: str) -> Waiting:
    return Waiting(
        kind=kind, title=words[0], hint=words[1], rows=rows[:SHOWN], total=len(rows), endpoint=endpoint, arguments={}
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
    Sentence("Latest runs on the benches", "各试验台最近一次运行"),
    Sentence("Nothing was recorded yet.", "尚无记录。"),
)
MY_JOBS = (
    Sentence("My jobs", "我的检测任务"),
    Sentence("Jobs the office plans for you appear here.", "分配给您的检测任务会显示在这里。"),
)
RECORDED = (
    Sentence("Results to submit", "待提交的结果"),
    Sentence("A sealed run gives a result to submit.", "运行封存并计算后，结果会显示在这里。"),
)
TO_REVIEW = (
    Sentence("Results to review", "待审核的结果"),
    Sentence("Results that technicians submit appear here.", "检测员提交的结果会显示在这里。"),
)
TO_CHECK = (
    Sentence("Reports to check", "待校核的报告"),
    Sentence("Drafts of reports appear here.", "报告草稿会显示在这里。"),
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
MY_REQUESTS = (
    Sentence("My requests", "我的委托"),
    Sentence("Place your first request with the button above.", "点击上方按钮提交第一份委托。"),
)
MY_REPORTS = (
    Sentence("My reports", "我的检测报告"),
    Sentence("Reports appear here as soon as they are issued.", "检测报告签发后即显示在这里。"),
)
MY_ITEMS = (
    Sentence("My items", "我的样品"),
    Sentence("An accepted request announces its item here.", "委托受理后，其样品会显示在这里。"),
)
