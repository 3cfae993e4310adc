"""The lists of spot check tasks and of objections."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, raiseload

from lims.labels import Label
from lims.lists.declaration import Column, Link, List, Two, named, staff, states_of
from lims.lists.filters import Choice, Days, Text
from lims.permissions import visible
from lims.sampling.models import Objection, SamplingTask
from lims.workflow import OBJECTION

TASKS = List(
    name="tasks",
    title=Label("监督抽查", "Spot checks"),
    endpoint="sampling.tasks",
    permission="sampling.view",
    select=lambda _actor: sa.select(SamplingTask),
    options=(raiseload("*"),),
    id=SamplingTask.id,
    order="-number",
    columns=(
        Column(
            name="number", title=Label("编号", "Number"), value=lambda it: it.number, look="id", sort=SamplingTask.id,
            link=lambda it: Link("sampling.task", {"number": it.number}),
        ),
        Column(name="authority", title=Label("任务下达单位", "Authority"), value=lambda it: it.authority),
        Column(name="document", title=Label("文号", "Document"), value=lambda it: it.document, under="authority"),
        Column(name="products", title=Label("产品", "Products"), value=lambda it: it.products),
        Column(name="companies", title=Label("受检单位", "Companies"), value=lambda it: it.companies, kind=int),
        Column(name="samples", title=Label("批次", "Samples"), value=lambda it: it.samples, kind=int),
        Column(
            name="first_day", title=Label("开始", "From"), value=lambda it: it.first_day, look="day",
        ),
        Column(
            name="last_day", title=Label("截止", "Until"), value=lambda it: it.last_day, look="day",
            sort=SamplingTask.last_day,
        ),
    ),
    filters=(
        Text(
            columns=(SamplingTask.number, SamplingTask.authority, SamplingTask.document, SamplingTask.products),
            placeholder=Label("编号、任务下达单位、文号或产品", "Number, authority, document or product"),
        ),
        Days(name="last_day", title=Label("截止", "Until"), column=SamplingTask.last_day),
    ),
    hint=Label("登记主管部门下达的抽查任务后会显示在这里。", "An authority's task order begins a spot check."),
)  # fmt: skip

OBJECTIONS = List(
    name="objections",
    title=Label("异议与复检", "Objections"),
    endpoint="objections.every",
    permission="objection.view",
    select=lambda actor: visible(sa.select(Objection), Objection.company_id, actor),
    options=(
        joinedload(Objection.company), joinedload(Objection.request).raiseload("*"),
        joinedload(Objection.report).raiseload("*"), raiseload("*"),
    ),
    id=Objection.id,
    order="-number",
    columns=(
        Column(
            name="number", title=Label("编号", "Number"), value=lambda it: it.number, look="id", sort=Objection.id,
            link=lambda it: Link("objections.page", {"number": it.request.number}),
        ),
        Column(name="report", title=Label("检测报告", "Report"), value=lambda it: it.report.number, look="short"),
        Column(
            name="company", title=Label("受检单位", "Company"),
            value=lambda it: Two(it.company.name_zh, it.company.name_en), shown=staff,
        ),
        Column(name="raised", title=Label("提出日期", "Raised"), value=lambda it: it.raised_on, look="day"),
        Column(name="until", title=Label("异议截止", "Last day"), value=lambda it: it.until, look="day"),
        Column(name="retest", title=Label("申请复检", "Retest"), value=lambda it: it.retest, kind=bool),
        Column(
            name="state", title=Label("状态", "State"), value=lambda it: named("objection", it.state), look="chip",
            sort=Objection.state,
        ),
    ),
    filters=(
        Text(columns=(Objection.number, Objection.words), placeholder=Label("编号或内容", "Number or words")),
        Choice(name="state", title=Label("状态", "State"), choices=states_of(OBJECTION), column=Objection.state),
    ),
    hint=Label(
        "受检单位对监督抽查结果提出的异议会显示在这里。", "What a company says against the result of a spot check."
    ),
)  # fmt: skip
