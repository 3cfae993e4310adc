"""The list of reports."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, raiseload

from lims.certificates.models import Report, ReportIssue
from lims.certificates.queries import PUBLISHED, reports
from lims.items.models import Item
from lims.labels import Label, state_label
from lims.lists.declaration import Column, Link, List, Two, named
from lims.lists.filters import Choice, Days, Text, Through
from lims.lists.words import holding
from lims.orders.columns import company_of, words_of_company
from lims.orders.models import Job
from lims.permissions import STAFF, Actor
from lims.workflow import REPORT

ISSUED_AT: Any = sa.select(ReportIssue.issued_at).where(ReportIssue.report_id == Report.id).scalar_subquery()


def _states(_session: Session, actor: Actor) -> dict[str, Label]:
    known = REPORT.states if actor.roles & STAFF else PUBLISHED
    return {state: state_label("report", state) for state in known}


class StatedProduct(Through):
    """Product and model as a report states them: searched there once, not joined to every row."""

    def __init__(self) -> None:
        super().__init__(Report.job_id, Job.id, Item.name_zh, Item.name_en, Item.model)

    def holding(self, text: str) -> Any:
        """Whether one of them has the text: as it was issued, of a draft as the item is called now."""
        told = sa.select(ReportIssue.report_id).where(ReportIssue.product_zh != "")
        printed = holding(text, ReportIssue.product_zh, ReportIssue.product_en, ReportIssue.model)
        of_item = sa.select(Job.id).join(Item, Job.item_id == Item.id).where(holding(text, *self.columns))
        return sa.or_(Report.id.in_(told.where(printed)), sa.and_(Report.id.not_in(told), Report.job_id.in_(of_item)))


REPORTS = List(
    name="reports",
    title=Label("检测报告", "Reports"),
    endpoint="certificates.reports",
    permission="report.view",
    select=lambda actor: reports(actor).order_by(None),
    options=(
        joinedload(Report.company), joinedload(Report.issue),
        joinedload(Report.item), raiseload("*"),
    ),
    id=Report.id,
    order="-number",
    columns=(
        Column(
            name="number", title=Label("编号", "Number"), value=lambda it: it.number, look="id", sort=Report.id,
            link=lambda it: Link("certificates.page", {"number": it.number}),
        ),
        Column(
            name="product", title=Label("产品", "Product"),
            value=lambda it: Two(*it.product),
        ),
        Column(
            name="model", title=Label("规格型号", "Model"), under="product",
            value=lambda it: it.model,
        ),
        company_of(Report),
        Column(
            name="issued", title=Label("签发时间", "Issued"), look="moment", sort=ISSUED_AT, nullable=True,
            value=lambda it: it.issue.issued_at if it.issue else None,
        ),
        Column(
            name="state", title=Label("状态", "State"), value=lambda it: named("report", it.state), look="chip",
            sort=Report.state,
        ),
        Column(
            name="file", title=Label("文件", "File"), value=lambda it: "PDF" if it.issue else None, look="short",
            link=lambda it: Link("certificates.pdf", {"number": it.number}) if it.issue else None,
        ),
    ),
    filters=(
        Text(
            columns=(Report.number,),
            through=(StatedProduct(), words_of_company(Report)),
            placeholder=Label("编号、产品、型号或委托单位", "Number, product, model or company"),
        ),
        Choice(name="state", title=Label("状态", "State"), choices=_states, column=Report.state),
        Days(name="issued", title=Label("签发日期", "Issued"), column=ISSUED_AT, moments=True),
    ),
    hint=Label("由已批准的结果起草检测报告。", "A report is drafted from an authorised result."),
)  # fmt: skip
