"""The list of results; what waits for review is a part of it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, raiseload

from lims.labels import Label
from lims.lists.declaration import Column, Link, List, Two, named, states_of
from lims.lists.filters import Choice, Days, Text, Through, person
from lims.orders.lists import technicians
from lims.orders.models import Job, Request
from lims.parties.models import Person
from lims.results.models import Result
from lims.runs.models import Run
from lims.workflow import RESULT

RESULTS = List(
    name="results",
    title=Label("结果", "Results"),
    endpoint="results.results",
    permission="result.view",
    select=lambda _actor: sa.select(Result),
    options=(
        joinedload(Result.job).joinedload(Job.request), joinedload(Result.run), joinedload(Result.tested_by),
        raiseload("*"),
    ),
    id=Result.id,
    order="-number",
    columns=(
        Column(
            name="number", title=Label("编号", "Number"), value=lambda it: it.number, look="id", sort=Result.id,
            link=lambda it: Link("results.page", {"number": it.number}),
        ),
        Column(
            name="product", title=Label("产品", "Product"),
            value=lambda it: Two(it.job.request.product_zh, it.job.request.product_en),
        ),
        Column(name="method", title=Label("方法", "Method"), value=lambda it: it.method_id, under="product"),
        Column(
            name="run", title=Label("试验记录", "Run"), value=lambda it: it.run.number, sort=Result.run_id,
            look="short",
            link=lambda it: Link("runs.run", {"number": it.run.number}),
        ),
        Column(
            name="tested_by", title=Label("检测人", "Tested by"),
            value=lambda it: Two(it.tested_by.name_zh, it.tested_by.name_en),
            sort=Person.name_zh, along=(Result.tested_by,),
        ),
        Column(
            name="recorded", title=Label("记录时间", "Recorded"), value=lambda it: it.recorded_at,
            sort=Result.recorded_at, look="moment",
        ),
        Column(
            name="due", title=Label("委托到期", "Request due"), value=lambda it: it.job.request.due_on, look="day",
            sort=Request.due_on, along=(Result.job, Job.request), nullable=True,
        ),
        Column(
            name="state", title=Label("状态", "State"), value=lambda it: named("result", it.state), look="chip",
            sort=Result.state,
        ),
    ),
    filters=(
        Text(
            columns=(Result.number, Result.method_id),
            through=(Through(Result.run_id, Run.id, Run.number), Through(Result.job_id, Job.id, Job.number)),
            placeholder=Label("编号、方法、试验记录或检测任务", "Number, method, run or job"),
        ),
        Choice(name="state", title=Label("状态", "State"), choices=states_of(RESULT), column=Result.state),
        person(Result.tested_by_id, technicians, Label("检测人", "Tested by")),
        Days(name="recorded", title=Label("记录日期", "Recorded"), column=Result.recorded_at, moments=True),
    ),
    hint=Label("运行封存并计算后，结果会显示在这里。", "A sealed run gives a result."),
)  # fmt: skip
