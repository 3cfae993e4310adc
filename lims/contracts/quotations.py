"""Quotations: drawn from the lines of a request, kept as the PDF that the company reads, answered by the company."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from lims.contracts import queries
from lims.contracts.models import Quotation, QuotationAnswer
from lims.contracts.operations import LONGEST, OPEN, require_company
from lims.errors import BadInput, Refused
from lims.laboratory import Work
from lims.offerings.listing import total
from lims.orders.models import Request
from lims.orders.queries import request_by_number
from lims.repertoire import known_tests
from lims.typesetting import typeset

_TEMPLATE = Path(__file__).with_name("quotation.typ")
PRINTED = ("name_zh", "name_en", "address_zh", "address_en", "telephone", "email")  # of the laboratory
FEN = Decimal("0.01")


def value_added_tax(net: Decimal, percent: int) -> Decimal:
    """The tax on a net sum, rounded to the fen, half up as invoices are.

    >>> value_added_tax(Decimal("21000.00"), 6), value_added_tax(Decimal("0.25"), 6)
    (Decimal('1260.00'), Decimal('0.02'))
    """
    return (net * percent / 100).quantize(FEN, rounding=ROUND_HALF_UP)


def quote(work: Work, number: str) -> Quotation:
    """A quotation of a request as it stands; an earlier one that was not answered is replaced by it.

    Raises `BadInput` while a test has no price, `Refused` when the request is not under review.
    """
    work.actor.require("request.review")
    request = request_by_number(work.session, number, work.actor)
    if request.state not in OPEN:
        raise Refused(
            f"{number} is '{request.state}'; a quotation is made during its review.",
            f"{number} 当前状态不能报价；报价在合同评审期间作出。",
        )
    if request.payer:
        raise Refused(
            f"{number} is paid by {request.payer}; the company gets no quotation.",
            f"{number} 的费用由{request.payer}承担，不向受检单位报价。",
        )
    net = total([one.price for one in request.tests])
    if net is None or not request.tests or work.actor.id is None:
        raise BadInput("Give every test a price first.", "请先为所有检测项目定价。")
    settings = work.laboratory.settings
    quotation = Quotation(
        number=work.number("BJ"), request_id=request.id, made_at=work.now, made_by_id=work.actor.id,
        valid_until=work.today + timedelta(days=settings.quotation_days), net=net, vat_percent=settings.vat_percent,
        total=net + value_added_tax(net, settings.vat_percent),
    )  # fmt: skip
    pdf = quotation_pdf(content_of(quotation, request, work.laboratory.identity, today=work.today))
    work.store.put(pdf)
    quotation.sha256 = hashlib.sha256(pdf).hexdigest()
    work.session.add(quotation)
    work.session.flush()
    work.record(
        "request", number, "quote", quotation=quotation.number, total=f"{quotation.total:.2f}", sha256=quotation.sha256
    )
    return quotation


def answer_quotation(work: Work, number: str, *, accepted: bool, note: str = "") -> Quotation:
    """The company accepts the newest quotation of its request, or does not, once."""
    quotation = queries.quotation_by_number(work.session, number, work.actor)
    require_company(work)
    request = work.session.get_one(Request, quotation.request_id)
    newest = queries.quotations(work.session, request)[0]
    if newest.id != quotation.id:
        raise Refused(
            f"{number} was replaced by {newest.number}; answer that one.",
            f"{number} 已被 {newest.number} 替代；请答复后者。",
        )
    if quotation.answer is not None:
        raise Refused(f"{number} is answered already.", f"{number} 已答复。")
    if accepted and quotation.valid_until < work.today:
        raise Refused(
            f"{number} was valid until {quotation.valid_until}; ask for another.",
            f"{number} 有效期至 {quotation.valid_until}；请要求重新报价。",
        )
    if request.state not in OPEN or work.actor.id is None:
        raise Refused(
            f"{request.number} is '{request.state}'; its quotation is no longer asked for.",
            f"{request.number} 当前状态无需答复报价。",
        )
    work.session.add(
        QuotationAnswer(
            quotation_id=quotation.id,
            at=work.now,
            person_id=work.actor.id,
            accepted=accepted,
            note=note.strip()[:LONGEST],
        )
    )
    work.session.flush()
    work.session.refresh(quotation, ["answer"])
    work.record("request", request.number, "answer_quotation", quotation=number, accepted=accepted)
    return quotation


def content_of(quotation: Quotation, request: Request, laboratory: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """Every string that is printed."""
    known, company = known_tests(), request.company
    return {
        "laboratory": {key: laboratory[key] for key in PRINTED},
        "number": quotation.number,
        "request": request.number,
        "day": today.isoformat(),
        "valid_until": quotation.valid_until.isoformat(),
        "company": {"zh": company.name_zh, "en": company.name_en, "contact": request.contact or company.contact},
        "product": {"zh": f"{request.product_zh} {request.model}", "en": f"{request.product_en} {request.model}"},
        "lines": [
            {
                "zh": known[one.code].title_zh if one.code in known else one.code,
                "en": known[one.code].title_en if one.code in known else one.code,
                "standard": known[one.code].reference if one.code in known else "",
                "days": "–" if one.working_days is None else str(one.working_days),
                "price": _money(one.price),
                "note": one.note,
            }
            for one in request.tests
        ],
        "net": _money(quotation.net),
        "vat_percent": str(quotation.vat_percent),
        "vat": _money(quotation.total - quotation.net),
        "total": _money(quotation.total),
    }  # fmt: skip


def _money(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:,.2f}"


def quotation_pdf(content: Mapping[str, Any]) -> bytes:
    """The quotation on A4, Chinese first. The text of the content is data for the template, never its program."""
    inputs = {"content": json.dumps(content, ensure_ascii=False)}
    return typeset(_TEMPLATE, inputs)
