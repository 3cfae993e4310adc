"""The lists of requests and jobs."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, raiseload

from lims.equipment.benches import bench_names
from lims.labels import Label
from lims.lists.declaration import Column, Link, List, Named, Two, named, states_of
from lims.lists.filters import Choice, Days, Reader, Text, Through, person
from lims.orders.columns import company_of, technicians, words_of_company
from lims.orders.models import KINDS, Job, Request
from lims.orders.queries import OPEN
from lims.parties.models import Person
from lims.permissions import visible
from lims.repertoire import known_tests
from lims.workflow import JOB, REQUEST


def kind_named(kind: str) -> Named:
    """The kind of a test with its words."""
    english, chinese = KINDS.get(kind, (kind, kind))
    return Named(kind, Label(chinese, english))


def _overdue(chosen: str, reader: Reader) -> sa.ColumnElement[bool]:
    late = sa.and_(
        Request.due_on < reader.today, Request.state.in_(("submitted", "under_review", "asked_back", "accepted"))
    )
    return late if chosen == "1" else sa.false()


REQUESTS = List(
    name="requests",
    title=Label("委托", "Requests"),
    endpoint="orders.requests",
    permission="request.view",
    select=lambda actor: visible(sa.select(Request), Request.company_id, actor),
    options=(joinedload(Request.company), raiseload("*")),
    id=Request.id,
    order="-number",
    columns=(
        Column(
            name="number", title=Label("编号", "Number"), value=lambda it: it.number, look="id", sort=Request.id,
            link=lambda it: Link("orders.page", {"number": it.number}),
        ),
        Column(
            name="product", title=Label("产品", "Product"), value=lambda it: Two(it.product_zh, it.product_en),
            sort=Request.product_zh,
        ),
        Column(name="model", title=Label("规格型号", "Model"), value=lambda it: it.model, under="product"),
        company_of(Request),
        Column(
            name="kind", title=Label("类别", "Kind"), value=lambda it: kind_named(it.kind), sort=Request.kind,
        ),
        Column(
            name="created", title=Label("登记时间", "Created"), value=lambda it: it.created_at, sort=Request.created_at,
            look="moment",
        ),
        Column(
            name="due", title=Label("到期", "Due"), value=lambda it: it.due_on, sort=Request.due_on, nullable=True,
            look="day",
        ),
        Column(
            name="state", title=Label("状态", "State"), value=lambda it: named("request", it.state), look="chip",
            sort=Request.state,
        ),
    ),
    filters=(
        Text(
            columns=(Request.number, Request.product_zh, Request.product_en, Request.model),
            through=(words_of_company(Request),),
            placeholder=Label("编号、委托单位、产品或型号", "Number, company, product or model"),
        ),
        Choice(name="state", title=Label("状态", "State"), choices=states_of(REQUEST), column=Request.state),
        Choice(
            name="kind", title=Label("类别", "Kind"), column=Request.kind,
            choices=lambda _session, _actor: {kind: kind_named(kind).label for kind in KINDS},
        ),
        Days(name="due", title=Label("到期", "Due"), column=Request.due_on),
        Choice(
            name="late", title=Label("逾期", "Overdue"), where=_overdue,
            choices=lambda _session, _actor: {"1": Label("仅逾期", "overdue only")},
        ),
    ),
    hint=Label("提交新委托后会显示在这里。", "A new request begins everything."),
)  # fmt: skip


def _late(chosen: str, reader: Reader) -> sa.ColumnElement[bool]:
    """Jobs not done although their time has passed or their request is due."""
    due = sa.select(Request.due_on).where(Request.id == Job.request_id).scalar_subquery()
    late = sa.and_(Job.state.in_(OPEN), sa.or_(Job.planned_to < reader.today, due < reader.today))
    return late if chosen == "1" else sa.false()


def test_named(code: str) -> Named:
    """A test of the repertoire with its title."""
    found = known_tests().get(code)
    return Named(code, Label(found.title_zh, found.title_en) if found else Label(code, code))


JOBS = List(
    name="jobs",
    title=Label("检测任务", "Jobs"),
    endpoint="runs.jobs",
    permission="job.view",
    select=lambda _actor: sa.select(Job),
    options=(joinedload(Job.request), joinedload(Job.assigned_to), raiseload("*")),
    id=Job.id,
    order="-number",
    columns=(
        Column(
            name="number", title=Label("编号", "Number"), value=lambda it: it.number, look="id", sort=Job.id,
            link=lambda it: Link("runs.job", {"number": it.number}),
        ),
        Column(
            name="product", title=Label("产品", "Product"),
            value=lambda it: Two(it.request.product_zh, it.request.product_en),
        ),
        Column(name="model", title=Label("规格型号", "Model"), value=lambda it: it.request.model, under="product"),
        Column(name="test", title=Label("检测项目", "Test"), value=lambda it: test_named(it.code)),
        Column(
            name="bench", title=Label("试验台", "Bench"), value=lambda it: it.bench, sort=Job.bench, under="test",
            link=lambda it: Link("runs.bench", {"name": it.bench}) if it.bench else None,
        ),
        Column(
            name="planned", title=Label("计划日期", "Planned"), value=lambda it: it.planned_on, sort=Job.planned_on,
            look="day",
        ),
        Column(
            name="until", title=Label("计划至", "Until"), value=lambda it: it.planned_to, sort=Job.planned_to,
            look="day", under="planned",
        ),
        Column(
            name="technician", title=Label("检测员", "Technician"),
            value=lambda it: Two(it.assigned_to.name_zh, it.assigned_to.name_en), look="short",
            sort=Person.name_zh, along=(Job.assigned_to,),
        ),
        Column(
            name="due", title=Label("委托到期", "Request due"), value=lambda it: it.request.due_on, look="day",
            sort=Request.due_on, along=(Job.request,), nullable=True,
        ),
        Column(
            name="state", title=Label("状态", "State"), value=lambda it: named("job", it.state), look="chip",
            sort=Job.state,
        ),
    ),
    filters=(
        Text(
            columns=(Job.number, Job.bench),
            through=(Through(Job.request_id, Request.id, Request.number, Request.product_zh, Request.model),),
            placeholder=Label("编号、试验台、产品或型号", "Number, bench, product or model"),
        ),
        Choice(name="state", title=Label("状态", "State"), choices=states_of(JOB), column=Job.state),
        Choice(
            name="bench", title=Label("试验台", "Bench"), column=Job.bench,
            choices=lambda _session, _actor: {name: Label(name, name) for name in bench_names()},
        ),
        person(Job.assigned_to_id, technicians, Label("检测员", "Technician")),
        Days(name="planned", title=Label("计划日期", "Planned"), column=Job.planned_on),
        Choice(
            name="late", title=Label("逾期", "Overdue"), where=_late,
            choices=lambda _session, _actor: {"1": Label("仅逾期", "overdue only")},
        ),
    ),
    hint=Label("在已受理委托的页面上安排检测任务。", "Jobs are planned on the page of an accepted request."),
)  # fmt: skip
