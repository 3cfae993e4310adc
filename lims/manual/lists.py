"""The list of records of manual tests; what waits for review is a part of it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, raiseload

from lims.labels import Label
from lims.lists.declaration import Column, Link, List, named, states_of
from lims.lists.filters import Choice, Days, Text, Through
from lims.manual.models import ManualTest
from lims.orders.columns import PRODUCT, by_tester, due_of, tester_of
from lims.orders.lists import test_named
from lims.orders.models import Job
from lims.repertoire import code
from lims.workflow import MANUAL

RECORDS = List(
    name="manual",
    title=Label("人工试验记录", "Records of manual tests"),
    endpoint="manual.every",
    permission="result.view",
    select=lambda _actor: sa.select(ManualTest),
    options=(joinedload(ManualTest.job).joinedload(Job.request), joinedload(ManualTest.tested_by), raiseload("*")),
    id=ManualTest.id,
    order="-number",
    columns=(
        Column(
            name="number", title=Label("编号", "Number"), value=lambda it: it.number, look="id", sort=ManualTest.id,
            link=lambda it: Link("manual.page", {"number": it.number}),
        ),
        PRODUCT,
        Column(name="test", title=Label("试验", "Test"),
            value=lambda it: test_named(code(method_id="", procedure_id=it.procedure_id)), under="product"),
        Column(
            name="job", title=Label("检测任务", "Job"), value=lambda it: it.job.number, sort=ManualTest.job_id,
            look="short",
            link=lambda it: Link("runs.job", {"number": it.job.number}),
        ),
        tester_of(ManualTest),
        Column(
            name="begun", title=Label("开始时间", "Begun"), value=lambda it: it.created_at,
            sort=ManualTest.created_at, look="moment",
        ),
        due_of(ManualTest),
        Column(
            name="state", title=Label("状态", "State"), value=lambda it: named("manual", it.state), look="chip",
            sort=ManualTest.state,
        ),
    ),
    filters=(
        Text(
            columns=(ManualTest.number, ManualTest.procedure_id),
            through=(Through(ManualTest.job_id, Job.id, Job.number),),
            placeholder=Label("编号、试验或检测任务", "Number, test or job"),
        ),
        Choice(name="state", title=Label("状态", "State"), choices=states_of(MANUAL), column=ManualTest.state),
        by_tester(ManualTest),
        Days(name="begun", title=Label("开始日期", "Begun"), column=ManualTest.created_at, moments=True),
    ),
    hint=Label("开始人工试验后，其记录会显示在这里。", "A manual test that is begun has its record here."),
)  # fmt: skip
