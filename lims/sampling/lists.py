"""The list of spot check tasks."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import raiseload

from lims.labels import Label
from lims.lists.declaration import Column, Link, List
from lims.lists.filters import Days, Text
from lims.sampling.models import SamplingTask

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
