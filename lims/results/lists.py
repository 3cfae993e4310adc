"""The list of results; what waits for review is a part of it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, raiseload

from lims.labels import Label
from lims.lists.declaration import Column, Link, List, named, states_of
from lims.lists.filters import Choice, Days, Text, Through
from lims.orders.columns import PRODUCT, by_tester, due_of, tester_of
from lims.orders.models import Job
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
        PRODUCT,
        Column(name="method", title=Label("方法", "Method"), value=lambda it: it.method_id, under="product"),
        Column(
            name="run", title=Label("试验记录", "Run"), value=lambda it: it.run.number, sort=Result.run_id,
            look="short",
            link=lambda it: Link("runs.run", {"number": it.run.number}),
        ),
        tester_of(Result),
        Column(
            name="recorded", title=Label("记录时间", "Recorded"), value=lambda it: it.recorded_at,
            sort=Result.recorded_at, look="moment",
        ),
        due_of(Result),
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
        by_tester(Result),
        Days(name="recorded", title=Label("记录日期", "Recorded"), column=Result.recorded_at, moments=True),
    ),
    hint=Label("试验记录封存并计算后，结果会显示在这里。", "A sealed run gives a result."),
)  # fmt: skip
