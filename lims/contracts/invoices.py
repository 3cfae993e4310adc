"""Invoices of a request: entered by the office as they were made elsewhere, paid, or cancelled with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.contracts.models import Invoice, InvoiceStep
from lims.errors import BadInput, NotFound, Refused, require_reason
from lims.laboratory import Work
from lims.orders.models import Request
from lims.orders.queries import request_by_number
from lims.permissions import Actor

DEAREST = Decimal(100_000_000)  # yuan; ours: more is a slip of the keyboard
LONGEST_NUMBER = 40
EARLIEST = date(2000, 1, 1)


def of_request(session: Session, request: Request) -> Sequence[Invoice]:
    """The invoices of a request, oldest first; whether the reader may know of it is asked by the caller."""
    return session.scalars(sa.select(Invoice).where(Invoice.request_id == request.id).order_by(Invoice.id)).all()


def payer(request: Request) -> str:
    """Whom the invoices of a request are made out to: the authority of a spot check, else the company itself."""
    return request.payer or request.company.name_zh


def shown_to(request: Request, reader: Actor) -> bool:
    """Whether the reader may read the invoices: a company not those that somebody else pays."""
    return reader.company_id is None or not request.payer


def enter(work: Work, request_number: str, *, number: str, issued_on: date, total: Decimal) -> Invoice:
    """Keep an invoice with its request. The same number is entered once, whatever its request."""
    work.actor.require("invoice.write")
    request = request_by_number(work.session, request_number, work.actor)
    number = number.strip()
    if not 1 <= len(number) <= LONGEST_NUMBER or not number.isprintable():
        raise BadInput("Give the invoice's number.", "请填写发票号码。")
    if request.state in ("draft", "declined"):
        raise Refused(f"{request_number} is '{request.state}'; nothing is invoiced.", f"{request_number} 无需开票。")
    if not Decimal(0) < total <= DEAREST or total != total.quantize(Decimal("0.01")):
        raise BadInput("Give the total as 12800 or 12800.50.", "金额请填写为 12800 或 12800.50。")
    _require_day(work, issued_on)
    if work.session.scalar(sa.select(Invoice.id).where(Invoice.number == number)):
        raise Refused(f"The invoice {number} is entered already.", f"发票 {number} 已登记。")
    invoice = Invoice(
        number=number, request_id=request.id, issued_on=issued_on, total=total, entered_at=work.now,
        entered_by_id=_person(work),
    )  # fmt: skip
    work.session.add(invoice)
    work.session.flush()
    work.record(
        "request", request_number, "invoice", invoice=number, total=f"{total:.2f}", on=issued_on.isoformat(),
        payer=payer(request),
    )  # fmt: skip
    return invoice


def pay(work: Work, request_number: str, number: str, on: date) -> Invoice:
    """An invoice was paid on a day."""
    invoice = _found(work, request_number, number)
    _require_day(work, on)
    if on < invoice.issued_on:
        raise BadInput(
            f"{number} was issued on {invoice.issued_on}; it cannot be paid before.",
            f"发票 {number} 开具于 {invoice.issued_on}，付款日期不得早于该日。",
        )
    return _step(work, request_number, invoice, "paid", on, "")


def cancel(work: Work, request_number: str, number: str, reason: str) -> Invoice:
    """An invoice counts no longer; it stays in the record."""
    invoice = _found(work, request_number, number)
    require_reason(reason)
    return _step(work, request_number, invoice, "cancelled", work.today, reason.strip()[:2000])


def _step(work: Work, request_number: str, invoice: Invoice, what: str, on: date, reason: str) -> Invoice:
    if invoice.step("cancelled") or invoice.step(what):
        raise Refused(
            f"{invoice.number} is {invoice.state} already.", f"发票 {invoice.number} 此前已处理，不能重复操作。"
        )
    step = InvoiceStep(invoice_id=invoice.id, what=what, on=on, at=work.now, person_id=_person(work), reason=reason)
    work.session.add(step)
    work.session.flush()
    work.session.refresh(invoice, ["steps"])
    work.record("request", request_number, f"invoice_{what}", invoice=invoice.number, on=on.isoformat(), why=reason)
    return invoice


def _found(work: Work, request_number: str, number: str) -> Invoice:
    work.actor.require("invoice.write")
    request = request_by_number(work.session, request_number, work.actor)
    found = next((one for one in of_request(work.session, request) if one.number == number), None)
    if found is None:
        raise NotFound(f"{request_number} has no invoice {number}.", f"{request_number} 没有发票 {number}。")
    return found


def _require_day(work: Work, day: date) -> None:
    if not EARLIEST <= day <= work.today:
        raise BadInput("Give a day that is not in the future.", "日期不得晚于今天。")


def _person(work: Work) -> int:
    if work.actor.id is None:
        raise Refused("A named person keeps the accounts.", "账目须由具名人员登记。")
    return work.actor.id
