"""What is needed from a company: everything that waits for it and not for the laboratory, with a link and a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.certificates.models import Report
from lims.contracts.messages import unread
from lims.contracts.models import Amendment, Deviation, Quotation
from lims.errors import Sentence
from lims.items.choices import retention
from lims.items.models import Item
from lims.orders.lines import UNDER_REVIEW
from lims.orders.models import Request
from lims.parties.models import Person
from lims.permissions import Actor, visible
from lims.sampling.models import Objection, ResultNotice

AGREEING = (*UNDER_REVIEW, "accepted")  # states of a request in which deviations are still agreed
FAR = date.max
SPOT_CHECK = "spot_check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that waits for the company. by: until when, where that is known; part: the place on the page."""

    kind: str
    request: Request
    sentence: Sentence
    by: date | None = None
    endpoint: str = "orders.page"
    number: str = ""
    part: str = ""

    def late(self, today: date) -> bool:
        """Whether the day has passed."""
        return self.by is not None and self.by < today


def needed(session: Session, actor: Actor, today: date, zone: str, request: Request | None = None) -> list[Need]:
    """What waits for the company in the requests that ``actor`` may see, or in one of them; the most urgent first."""
    found = [need for finder in FINDERS for need in finder(session, _Scope(actor, today, zone, request))]
    return sorted(found, key=lambda need: (need.by or FAR, need.request.id))


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whose requests are asked about, and when."""

    actor: Actor
    today: date
    zone: str
    request: Request | None

    def of(self, select: Any) -> Any:
        """Limited to them; ``select`` knows the table of requests."""
        select = visible(select, Request.company_id, self.actor)
        return select if self.request is None else select.where(Request.id == self.request.id)


def _unfinished(session: Session, scope: _Scope) -> Iterator[Need]:
    for one in session.scalars(scope.of(sa.select(Request).where(Request.state == "draft"))):
        yield Need(
            kind="draft",
            request=one,
            sentence=Sentence("Complete the draft and submit it.", "请补充草稿并提交。"),
            number=one.number,
        )


def _questions(session: Session, scope: _Scope) -> Iterator[Need]:
    for one in session.scalars(scope.of(sa.select(Request).where(Request.state == "asked_back"))):
        yield Need(
            kind="question",
            request=one,
            sentence=Sentence("Answer the laboratory's question.", "请答复本中心提出的问题。"),
            number=one.number,
            part="messages",
        )


def _quotations(session: Session, scope: _Scope) -> Iterator[Need]:
    newest = sa.select(sa.func.max(Quotation.id)).group_by(Quotation.request_id)
    select = sa.select(Quotation, Request).join(Request, Quotation.request_id == Request.id)
    select = select.where(Quotation.id.in_(newest), ~Quotation.answer.has(), Request.state.in_(UNDER_REVIEW))
    for quotation, request in session.execute(scope.of(select)):
        yield Need(
            kind="quotation",
            request=request,
            sentence=_quoted(quotation, scope.today),
            by=quotation.valid_until,
            number=request.number,
            part="quotations",
        )


def _quoted(quotation: Quotation, today: date) -> Sentence:
    if quotation.valid_until < today:
        return Sentence(
            f"The quotation {quotation.number} has expired; ask for another with a message.",
            f"报价单 {quotation.number} 已过有效期；请留言要求重新报价。",
        )
    return Sentence(
        f"Accept the quotation {quotation.number}, or do not.", f"请确认是否接受报价单 {quotation.number}。"
    )


def _deviations(session: Session, scope: _Scope) -> Iterator[Need]:
    select = sa.select(Request).where(Request.state.in_(AGREEING))
    asked = sa.select(Deviation.request_id).where(Deviation.answer == "")
    for one in session.scalars(scope.of(select.where(Request.id.in_(asked)))):
        yield Need(
            kind="deviation",
            request=one,
            sentence=Sentence(
                "Agree or refuse: the laboratory proposes to deviate from the method.",
                "本中心提出方法偏离，请答复是否同意。",
            ),
            number=one.number,
            part="deviations",
        )


def _amendments(session: Session, scope: _Scope) -> Iterator[Need]:
    by_staff = sa.select(Person.id).where(Person.company_id.is_(None))
    asked = sa.select(Amendment.request_id).where(
        Amendment.needs_consent, ~Amendment.answer.has(), Amendment.person_id.in_(by_staff)
    )
    for one in session.scalars(scope.of(sa.select(Request).where(Request.state == "accepted", Request.id.in_(asked)))):
        yield Need(
            kind="amendment",
            request=one,
            sentence=Sentence("Agree or refuse: the laboratory proposes a change.", "本中心提出变更，请答复是否同意。"),
            number=one.number,
            part="amendments",
        )


def _items(session: Session, scope: _Scope) -> Iterator[Need]:
    rule = retention()
    select = sa.select(Item, Request).join(Request, Item.request_id == Request.id).where(Item.parent_number == "")
    soon = sa.and_(Item.state == "kept", Item.keep_until <= scope.today + timedelta(days=rule.warn_days))
    # Whoever samples brings what was sealed: the company sampled sends nothing.
    awaited = sa.and_(Item.state == "expected", Request.state == "accepted", Request.kind != SPOT_CHECK)
    for item, request in session.execute(scope.of(select.where(sa.or_(awaited, Item.state == "refused", soon)))):
        yield Need(
            kind=f"item_{item.state}",
            request=request,
            sentence=_about(item, request),
            by=item.keep_until if item.state == "kept" else None,
            endpoint="items.page",
            number=item.number,
        )


def _about(item: Item, request: Request) -> Sentence:
    number = item.number
    if item.state == "expected":
        return Sentence(
            f"Send the item; write {number} on the parcel.", f"请寄送样品，并在包装上注明样品编号 {number}。"
        )
    if item.state == "refused":
        return Sentence(
            f"{number} was refused: read the letter and tell us whether it is sent back.",
            f"样品 {number} 已拒收：请查看通知书，并告知是否退回。",
        )
    until = item.keep_until
    if request.return_item:
        return Sentence(
            f"{number} is kept until {until} and then sent back; tell us if you wish otherwise.",
            f"样品 {number} 保留至 {until}，期满退回；如有其他要求请告知。",
        )
    return Sentence(
        f"{number} is kept until {until} and then disposed of; tell us if you want it back.",
        f"样品 {number} 保留至 {until}，期满由本中心处置；如需退回请告知。",
    )


def _objections(session: Session, scope: _Scope) -> Iterator[Need]:
    """Reports of spot checks that the company received and against which it can still object, and has not."""
    select = sa.select(ResultNotice, Request).join(Request, ResultNotice.request_id == Request.id)
    select = select.join(Report, ResultNotice.report_id == Report.id).where(Report.state == "issued")
    select = select.where(ResultNotice.until >= scope.today, Report.company_id == Request.company_id)
    select = select.where(ResultNotice.report_id.not_in(sa.select(Objection.report_id)))
    for notice, request in session.execute(scope.of(select)):
        yield Need(
            kind="objection",
            request=request,
            sentence=_objection(notice.report.number, notice.until),
            by=notice.until,
            endpoint="objections.page",
            number=request.number,
        )


def _objection(number: str, until: date) -> Sentence:
    return Sentence(
        f"Objections to {number} can be raised until {until}.", f"如对检测报告 {number} 有异议，请于 {until} 前提出。"
    )


def _messages(session: Session, scope: _Scope) -> Iterator[Need]:
    """Messages of the laboratory that nobody of the company has read; a question is told as such."""
    if scope.actor.company_id is None:
        return
    counts = unread(session, scope.actor)
    select = sa.select(Request).where(Request.number.in_(counts), Request.state != "asked_back")
    for one in session.scalars(scope.of(select)):
        count = counts[one.number]
        yield Need(
            kind="message",
            request=one,
            sentence=Sentence(
                f"Read {count} new message(s) of the laboratory.", f"本中心有 {count} 条新留言，请查看。"
            ),
            number=one.number,
            part="messages",
        )


FINDERS = (_messages, _unfinished, _questions, _quotations, _deviations, _amendments, _items, _objections)
