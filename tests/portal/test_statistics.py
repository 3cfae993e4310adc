"""A company's own figures: its orders by month and state, its turnaround, and nothing of anybody else's."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa

from lims.demonstration.journey import actor
from lims.items.models import Item
from lims.laboratory import Laboratory
from lims.orders.models import Request
from lims.portal.statistics import Month, bars, orders_by_month, states_of
from lims.portal.turnaround import figures
from lims.workdays import calendar
from lims.workflow import REQUEST

ZONE = "Asia/Shanghai"
SPAN = {"first": date(2026, 1, 1), "last": date(2026, 3, 31), "zone": ZONE}
ENTERED = {  # moment → state; all of the company of shen but the last
    datetime(2026, 1, 31, 16, 30, tzinfo=UTC): "completed",  # 1 February at the site
    datetime(2026, 2, 10, tzinfo=UTC): "cancelled",
    datetime(2026, 2, 11, tzinfo=UTC): "draft",  # no order yet
    datetime(2026, 3, 31, 16, 0, tzinfo=UTC): "submitted",  # already April
}


def _order(session: sa.orm.Session, like: Request, number: int, at: datetime, state: str, company_id: int) -> None:
    kept = {one.key: getattr(like, one.key) for one in sa.inspect(Request).column_attrs if one.key != "id"}
    changed = {"number": f"X-{number}", "created_at": at, "state": state, "company_id": company_id}
    session.add(Request(**kept | changed))


def test_orders_are_counted_by_the_sites_month_and_each_company_reads_its_own(issued: Laboratory) -> None:
    shen, lu = actor(issued, "shen"), actor(issued, "lu")
    with issued.database.write() as session:
        one = session.scalars(sa.select(Request)).one()
        one.created_at = datetime(2026, 3, 2, tzinfo=UTC)
        for number, (at, state) in enumerate(ENTERED.items()):
            _order(session, one, number, at, state, one.company_id)
        _order(session, one, 99, datetime(2026, 3, 3, tzinfo=UTC), "declined", lu.company_id or 0)
        state = one.state
    with issued.database.read() as session:
        mine, theirs = (orders_by_month(session, reader, **SPAN) for reader in (shen, lu))  # type: ignore[arg-type]
    assert {one.month: one.states for one in mine} == {
        "2026-01": {}, "2026-02": {"completed": 1, "cancelled": 1}, "2026-03": {state: 1},
    }  # fmt: skip
    assert {one.month: one.states for one in theirs if one.total} == {"2026-03": {"declined": 1}}
    assert states_of(mine, REQUEST.states)[-2:] == ["completed", "cancelled"]


def test_the_turnaround_of_a_company_holds_no_report_of_another(issued: Laboratory) -> None:
    with issued.database.write() as session:
        session.execute(sa.update(Item).values(received_at=issued.clock()))
        company = session.scalars(sa.select(Request.company_id)).one()
    today = issued.today
    span = {"first": today.replace(day=1), "last": today, "zone": ZONE, "apart": False, "monthly": False}
    with issued.database.read() as session:
        own = figures(session, calendar(), **span, company_id=company)  # type: ignore[arg-type]
        other = figures(session, calendar(), **span, company_id=company + 1)  # type: ignore[arg-type]
    assert [(one.month, one.reports, one.median, one.p90) for one in own] == [("", 1, 0.0, 0.0)]
    assert other == []


def test_blocks_of_a_bar_stand_on_one_another_and_the_highest_month_fills_the_plot() -> None:
    months = [
        Month(month="2026-01", states={"completed": 2, "accepted": 1, "declined": 1}),
        Month(month="2026-02", states={}),
    ]
    first, second = bars(months, height=100.0, step=60.0)
    assert [(part.y, part.height) for part in first.parts] == [(50.0, 50.0), (25.0, 25.0), (0.0, 25.0)]
    assert (first.top, second.top, second.parts, second.x) == (100.0, 0.0, (), 60.0)
