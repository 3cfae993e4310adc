"""The list of runs."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, raiseload

from lims.equipment.benches import bench_names
from lims.labels import Label
from lims.lists.declaration import Column, Link, List, Two, named, states_of
from lims.lists.filters import Choice, Days, Text, Through
from lims.orders.models import Job
from lims.runs.models import Run
from lims.workflow import RUN

RUNS = List(
    name="runs",
    title=Label("试验记录", "Runs"),
    endpoint="runs.runs",
    permission="run.view",
    select=lambda _actor: sa.select(Run),
    options=(joinedload(Run.job), joinedload(Run.started_by), raiseload("*")),
    id=Run.id,
    order="-number",
    columns=(
        Column(
            name="number", title=Label("编号", "Number"), value=lambda it: it.number, look="id", sort=Run.id,
            link=lambda it: Link("runs.run", {"number": it.number}),
        ),
        Column(name="bench", title=Label("试验台", "Bench"), value=lambda it: it.bench, sort=Run.bench, look="short"),
        Column(
            name="job", title=Label("检测任务", "Job"), value=lambda it: it.job.number, sort=Run.job_id, look="short",
            link=lambda it: Link("runs.job", {"number": it.job.number}),
        ),
        Column(
            name="started_by", title=Label("开始人", "Started by"),
            value=lambda it: Two(it.started_by.name_zh, it.started_by.name_en), look="short",
        ),
        Column(
            name="first_scan", title=Label("起", "From"), value=lambda it: it.first_scan_at, sort=Run.first_scan_at,
            nullable=True, look="moment",
        ),
        Column(
            name="last_scan", title=Label("止", "To"), value=lambda it: it.last_scan_at, sort=Run.last_scan_at,
            nullable=True, look="moment",
        ),
        Column(name="scans", title=Label("采样数", "Scans"), value=lambda it: it.scans, kind=int, sort=Run.scans),
        Column(name="faults", title=Label("故障数", "Faults"), value=lambda it: it.faults, kind=int, sort=Run.faults),
        Column(
            name="state", title=Label("状态", "State"), value=lambda it: named("run", it.state), look="chip",
            sort=Run.state,
        ),
    ),
    filters=(
        Text(
            columns=(Run.number, Run.bench),
            through=(Through(Run.job_id, Job.id, Job.number),),
            placeholder=Label("编号、试验台或检测任务", "Number, bench or job"),
        ),
        Choice(name="state", title=Label("状态", "State"), choices=states_of(RUN), column=Run.state),
        Choice(
            name="bench", title=Label("试验台", "Bench"), column=Run.bench,
            choices=lambda _session, _actor: {name: Label(name, name) for name in bench_names()},
        ),
        Days(name="first", title=Label("开始日期", "From"), column=Run.first_scan_at, moments=True),
    ),
    hint=Label("在检测任务页面上开始试验记录。", "A run is started on the page of a job."),
)  # fmt: skip
