"""How long the laboratory takes: working days from the receipt of an item to the first issue of its report.

A test ordered for an item that was here already begins with its request. The database counts: the working days are
handed to it as a table, so that the holidays of config/holidays say how long something took. Later versions of a report
do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.certificates.models import Report, ReportIssue
from lims.db import local_day
from lims.items.models import Item
from lims.labels import Label
from lims.lists.declaration import Column
from lims.lists.filters import midnight
from lims.orders.lists import kind_named, test_named
from lims.orders.models import Job, Request
from lims.repertoire import MANUAL
from lims.workdays import Calendar

LONGEST = timedelta(days=730)  # ours: what lay here longer before its report is not looked for
MONTHS = 12
TEST = sa.case((Job.procedure_id != "", MANUAL + Job.procedure_id), else_=Job.method_id)  # its code


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one month, and of one kind and method if they are told apart: how many reports, and working days."""

    month: str
    kind: str
    method_id: str
    reports: int
    mean: float
    median: float
    p90: float


def figures(
    session: Session,
    known: Calendar,
    *,
    first: date,
    last: date,
    zone: str,
    apart: bool = True,
    monthly: bool = True,
    company_id: int | None = None,
) -> list[Figures]:
    """The figures of reports first issued from ``first`` to ``last``; ``apart``: by kind of test and method too.

    monthly: by month, else of the whole time, with an empty month.  company_id: only of the orders of this company.

    p90: the working days within which nine of ten reports were issued (nearest rank).
    """
    days = _days(known, first, last, zone, company_id)
    month = days.c.month if monthly else sa.literal("").label("month")
    keys = [month, days.c.kind, days.c.method_id] if apart else [month]
    ranked = sa.select(
        *keys, days.c.days, sa.func.count().over(partition_by=keys).label("n"),
        sa.func.row_number().over(partition_by=keys, order_by=days.c.days).label("rank"),
    ).subquery()  # fmt: skip
    middle = sa.case((sa.and_(2 * ranked.c.rank >= ranked.c.n, 2 * ranked.c.rank <= ranked.c.n + 2), ranked.c.days))
    ninth = sa.case((10 * ranked.c.rank >= 9 * ranked.c.n, ranked.c.days))
    groups = [ranked.c[key.name] for key in keys]
    select = sa.select(
        *groups, sa.func.count().label("reports"), sa.func.avg(ranked.c.days).label("mean"),
        sa.func.avg(middle).label("median"), sa.func.min(ninth).label("p90"),
    ).group_by(*groups).order_by(*groups)  # fmt: skip
    return [_figures(row._mapping) for row in session.execute(select)]


def _figures(row: Any) -> Figures:
    return Figures(
        month=row["month"], kind=row.get("kind", ""), method_id=row.get("method_id", ""), reports=row["reports"],
        mean=float(row["mean"]), median=float(row["median"]), p90=float(row["p90"]),
    )  # fmt: skip


def _days(known: Calendar, first: date, last: date, zone: str, company_id: int | None) -> Any:
    """One row for each report: month, kind, method and working days."""
    begun = sa.case((Item.received_at > Request.created_at, Item.received_at), else_=Request.created_at)
    working = _working(known, first, last)
    begin, end = sa.select(working).subquery("begin_day"), sa.select(working).subquery("end_day")
    return (
        sa.select(end.c.month, Request.kind, TEST.label("method_id"), (end.c.number - begin.c.number).label("days"))
        .select_from(ReportIssue)
        .join(Report, Report.id == ReportIssue.report_id)
        .join(Job, Job.id == Report.job_id)
        .join(Request, Request.id == Job.request_id)
        .join(Item, Item.id == Job.item_id)
        .join(begin, begin.c.day == local_day(begun, zone))
        .join(end, end.c.day == local_day(ReportIssue.issued_at, zone))
        .where(
            Report.version == 1, ReportIssue.issued_at >= midnight(first, zone),
            ReportIssue.issued_at < midnight(last + timedelta(days=1), zone),
            sa.true() if company_id is None else Request.company_id == company_id,
        )
        .subquery()
    )  # fmt: skip


def _working(known: Calendar, first: date, last: date) -> Any:
    """Every day as a row: how many working days have passed by then, and its month."""
    rows, passed = [], 0
    for count in range((last - first + LONGEST).days + 1):
        day = first - LONGEST + timedelta(days=count)
        passed += known.is_working(day)
        rows.append((day, passed, f"{day:%Y-%m}"))
    columns = sa.column("day", sa.Date), sa.column("number", sa.Integer), sa.column("month", sa.String)
    return sa.values(*columns, name="days").data(rows).cte("working")


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of the plot, in its units: left edge, and the heights of median and nine of ten."""

    month: str
    x: float
    median: float
    p90: float
    figures: Figures


def bars(rows: Sequence[Figures], *, height: float, step: float) -> Iterator[Bar]:
    """The months as bars, the tallest as high as the plot."""
    highest = max((one.p90 for one in rows), default=0.0) or 1.0
    for place, one in enumerate(rows):
        yield Bar(one.month, place * step, height * one.median / highest, height * one.p90 / highest, one)


COLUMNS = (
    Column(name="month", title=Label("月份", "Month"), value=lambda it: it.month, look="short"),
    Column(name="kind", title=Label("类别", "Kind"), value=lambda it: kind_named(it.kind), look="short"),
    Column(name="test", title=Label("检测项目", "Test"), value=lambda it: test_named(it.method_id)),
    Column(name="reports", title=Label("报告数", "Reports"), value=lambda it: it.reports, kind=int),
    Column(
        name="mean", title=Label("平均（工作日）", "Mean [working days]"), kind=float,
        value=lambda it: round(it.mean, 1),
    ),
    Column(
        name="median", title=Label("中位数（工作日）", "Median [working days]"), value=lambda it: it.median, kind=float
    ),
    Column(
        name="p90", title=Label("九成以内（工作日）", "Nine of ten within [working days]"), value=lambda it: it.p90,
        kind=float,
    ),
)  # fmt: skip
