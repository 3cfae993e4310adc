"""The figures of orders for an accountant: prices, tax, quotation, invoices, what is paid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session

from lims.contracts.models import Invoice, InvoiceStep, Quotation, QuotationAnswer
from lims.db import Base, Yuan
from lims.labels import Label
from lims.lists.declaration import Column, Link, List, Named, Two, named, staff
from lims.lists.filters import Choice, Days, Reader, Text, midnight
from lims.orders.models import Request, RequestTest
from lims.parties.models import Company
from lims.permissions import Actor, visible

NOTHING = Decimal("0.00")


def _counting() -> Any:
    """Invoices that count, summed by request."""
    cancelled = sa.select(InvoiceStep.invoice_id).where(InvoiceStep.what == "cancelled")
    paid = sa.select(InvoiceStep.invoice_id).where(InvoiceStep.what == "paid")
    return (
        sa.select(
            Invoice.request_id.label("request_id"),
            sa.func.aggregate_strings(Invoice.number, ", ").label("invoices"),
            sa.func.max(Invoice.issued_on).label("invoiced_on"),
            sa.func.sum(Invoice.total).label("invoiced"),
            sa.func.sum(sa.case((Invoice.id.in_(paid), Invoice.total), else_=sa.literal(NOTHING, Yuan()))).label(
                "paid"
            ),
        )
        .where(Invoice.id.not_in(cancelled))
        .group_by(Invoice.request_id)
    )


def _priced() -> Any:
    """The net sum of a request's tests; none while one of them has no price."""
    every, priced = sa.func.count(RequestTest.id), sa.func.count(RequestTest.price)
    net = sa.case((every == priced, sa.func.sum(RequestTest.price)), else_=sa.null())
    select = sa.select(RequestTest.request_id.label("request_id"), sa.type_coerce(net, Yuan()).label("net"))
    return select.group_by(RequestTest.request_id)


def _figures() -> sa.Subquery:
    newest = sa.select(sa.func.max(Quotation.id)).group_by(Quotation.request_id)
    lines, money = _priced().subquery(), _counting().subquery()
    quoted = sa.select(Quotation, QuotationAnswer.accepted).outerjoin(QuotationAnswer).where(Quotation.id.in_(newest))
    quoted_rows = quoted.subquery()
    return (
        sa.select(
            Request.id, Request.number, Request.state, Request.company_id, Request.created_at, Request.product_zh,
            Request.product_en, Request.model, Request.payer, Company.name_zh.label("company_zh"),
            Company.name_en.label("company_en"),
            lines.c.net, quoted_rows.c.number.label("quotation"), quoted_rows.c.accepted,
            quoted_rows.c.net.label("quoted_net"), quoted_rows.c.total.label("quoted_total"), money.c.invoices,
            money.c.invoiced_on, sa.func.coalesce(money.c.invoiced, sa.literal(NOTHING, Yuan())).label("invoiced"),
            sa.func.coalesce(money.c.paid, sa.literal(NOTHING, Yuan())).label("paid"),
        )
        .join(Company, Request.company_id == Company.id)
        .outerjoin(lines, lines.c.request_id == Request.id)
        .outerjoin(quoted_rows, quoted_rows.c.request_id == Request.id)
        .outerjoin(money, money.c.request_id == Request.id)
        .where(Request.state != "draft")
        .subquery("figure")
    )  # fmt: skip


class Figure(Base):
    """One order with its money: a row to read, no table."""

    __table__ = _figures()
    __mapper_args__ = {"primary_key": [__table__.c.id]}  # noqa: RUF012 (SQLAlchemy's own protocol)

    if TYPE_CHECKING:  # what the subquery's columns are; the mapper finds them itself
        id: Mapped[int]
        number: Mapped[str]
        state: Mapped[str]
        company_id: Mapped[int]
        created_at: Mapped[datetime]
        product_zh: Mapped[str]
        product_en: Mapped[str]
        model: Mapped[str]
        company_zh: Mapped[str]
        company_en: Mapped[str]
        net: Mapped[Decimal | None]
        payer: Mapped[str]
        quotation: Mapped[str | None]
        accepted: Mapped[bool | None]
        quoted_net: Mapped[Decimal | None]
        quoted_total: Mapped[Decimal | None]
        invoices: Mapped[str | None]
        invoiced_on: Mapped[date | None]
        invoiced: Mapped[Decimal]
        paid: Mapped[Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The sums of some orders: how many, invoiced, paid, still open."""

    orders: int
    invoiced: Decimal
    paid: Decimal

    @property
    def open(self) -> Decimal:
        """Invoiced and not yet paid."""
        return self.invoiced - self.paid


def sums(session: Session, select: sa.Select[Any]) -> Sums:
    """The sums of the orders a select over `Figure` finds."""
    rows = select.order_by(None).subquery()
    asked = sa.select(sa.func.count(), sa.func.sum(rows.c.invoiced), sa.func.sum(rows.c.paid)).select_from(rows)
    count, invoiced, paid = session.execute(asked).one()
    return Sums(orders=count, invoiced=invoiced or NOTHING, paid=paid or NOTHING)


def _years(session: Session, actor: Actor) -> Mapping[str, Label]:
    first, last = session.execute(
        _figures_of(actor, sa.func.min(Figure.created_at), sa.func.max(Figure.created_at))
    ).one()
    if first is None:
        return {}
    return {str(year): Label(f"{year} 年", str(year)) for year in range(last.year, first.year - 1, -1)}


def _figures_of(actor: Actor, *columns: Any) -> sa.Select[Any]:
    """What the actor may see; a company nothing that another pays (the authority of a spot check)."""
    mine = visible(sa.select(*columns), Figure.company_id, actor)
    return mine if actor.company_id is None else mine.where(Figure.payer == "")


def _in_year(chosen: str, reader: Reader) -> sa.ColumnElement[bool]:
    if not re.fullmatch(r"[12]\d{3}", chosen, re.ASCII):
        return sa.false()
    first, after = (midnight(date(int(chosen) + more, 1, 1), reader.zone) for more in (0, 1))
    return sa.and_(Figure.created_at >= first, Figure.created_at < after)


MONEY = {
    "not_invoiced": Label("未开票", "not invoiced", "quiet"),
    "open": Label("未付清", "not paid", "wait"),
    "paid": Label("已付清", "paid", "good"),
}
QUOTATION = {
    None: Label("待确认", "waits for an answer", "wait"),
    True: Label("已接受", "accepted", "good"),
    False: Label("未接受", "not accepted", "stop"),
}


def money(row: Figure) -> str:
    """``not_invoiced``, ``open`` or ``paid``."""
    return "not_invoiced" if not row.invoiced else "paid" if row.paid >= row.invoiced else "open"


def _where_money(chosen: str, _reader: Reader) -> sa.ColumnElement[bool]:
    none = Figure.invoiced == NOTHING
    paid = sa.and_(Figure.invoiced > NOTHING, Figure.paid >= Figure.invoiced)
    return {"not_invoiced": none, "paid": paid, "open": Figure.paid < Figure.invoiced}.get(chosen, sa.false())


def _sum(name: str, zh: str, en: str) -> Column:
    column = getattr(Figure, name)
    return Column(
        name=name, title=Label(zh, en), value=lambda row: getattr(row, name), kind=Decimal, sort=column,
        look="yuan", nullable=name not in ("invoiced", "paid"),
    )  # fmt: skip


FIGURES = List(
    name="figures",
    title=Label("费用与发票", "Prices and invoices"),
    endpoint="contracts_money.figures",
    permission="invoice.view",
    select=lambda actor: _figures_of(actor, Figure),
    id=Figure.id,
    order="-number",
    columns=(
        Column(
            name="number", title=Label("委托编号", "Request"), value=lambda row: row.number, look="id", sort=Figure.id,
            link=lambda row: Link("contracts_money.invoices", {"number": row.number}),
        ),
        Column(
            name="product", title=Label("产品", "Product"), value=lambda row: Two(row.product_zh, row.product_en),
            sort=Figure.product_zh,
        ),
        Column(name="model", title=Label("规格型号", "Model"), value=lambda row: row.model, under="product"),
        Column(
            name="company", title=Label("委托单位", "Company"), value=lambda row: Two(row.company_zh, row.company_en),
            sort=Figure.company_zh, shown=staff,
        ),
        Column(
            name="payer", title=Label("付款单位", "Paid by"), value=lambda row: row.payer, under="company",
            shown=staff,
        ),
        Column(
            name="placed", title=Label("委托时间", "Placed"), value=lambda row: row.created_at, look="moment",
            sort=Figure.created_at,
        ),
        Column(
            name="state", title=Label("状态", "State"), value=lambda row: named("request", row.state), look="chip",
            sort=Figure.state,
        ),
        _sum("net", "检测费（不含税）", "Tests without tax"),
        Column(name="quotation", title=Label("报价单", "Quotation"), value=lambda row: row.quotation, look="short"),
        Column(
            name="answer", title=Label("报价状态", "Quotation's state"), look="chip",
            value=lambda row: Named(str(row.accepted), QUOTATION[row.accepted]) if row.quotation else None,
        ),
        _sum("quoted_net", "报价（不含税）", "Quoted without tax"),
        Column(
            name="tax", title=Label("增值税", "Value added tax"), kind=Decimal, look="yuan",
            value=lambda row: row.quoted_total - row.quoted_net if row.quotation else None,
        ),
        _sum("quoted_total", "报价（含税）", "Quoted with tax"),
        Column(name="invoices", title=Label("发票号码", "Invoices"), value=lambda row: row.invoices),
        Column(
            name="invoiced_on", title=Label("开票日期", "Invoiced on"), value=lambda row: row.invoiced_on, look="day",
            sort=Figure.invoiced_on, nullable=True,
        ),
        _sum("invoiced", "开票金额", "Invoiced"),
        _sum("paid", "已付", "Paid"),
        Column(
            name="money", title=Label("付款状态", "Payment"), look="chip",
            value=lambda row: Named(money(row), MONEY[money(row)]),
        ),
    ),
    filters=(
        Text(
            columns=(Figure.number, Figure.product_zh, Figure.product_en, Figure.model, Figure.invoices),
            placeholder=Label("委托、产品、型号或发票号码", "Request, product, model or invoice"),
        ),
        Choice(name="year", title=Label("年份", "Year"), choices=_years, where=_in_year),
        Choice(
            name="money", title=Label("付款状态", "Payment"), where=_where_money,
            choices=lambda _session, _actor: MONEY,
        ),
        Days(name="invoiced", title=Label("开票日期", "Invoiced on"), column=Figure.invoiced_on),
    ),
    hint=Label("委托提交后，其费用会显示在这里。", "The prices of submitted requests appear here."),
)  # fmt: skip
