"""Turnaround: working days counted by the database, with figures worked out by hand on a calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from lims.certificates.models import Report, ReportIssue
from lims.db import local_day
from lims.items.models import Item
from lims.laboratory import Laboratory
from lims.orders.models import Request
from lims.portal.turnaround import Figures, bars, figures
from lims.workdays import calendar

ZONE = "Asia/Shanghai"
RECEIVED = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # Tuesday the 3rd at the site
# Moments of issue, and the working days after the 3rd of March 2026 by the calendar on the wall.
MARCH = {
    datetime(2026, 3, 4, 1, 0, tzinfo=UTC): 1,
    datetime(2026, 3, 6, 15, 59, tzinfo=UTC): 3,
    datetime(2026, 3, 8, 16, 0, tzinfo=UTC): 4,  # already Monday the 9th at the site
    datetime(2026, 3, 10, 1, 0, tzinfo=UTC): 5,
    datetime(2026, 3, 31, 15, 59, tzinfo=UTC): 20,
}
APRIL = {datetime(2026, 3, 31, 16, 0, tzinfo=UTC): 21, datetime(2026, 4, 2, 1, 0, tzinfo=UTC): 22}


def _issue(laboratory: Laboratory, moments: list[datetime], version: int = 1) -> None:
    """More reports of the one result, issued at these moments."""
    with laboratory.database.write() as session:
        session.execute(sa.update(Item).values(received_at=RECEIVED))
        session.execute(sa.update(Request).values(created_at=datetime(2026, 2, 2, tzinfo=UTC)))
        first = session.scalars(sa.select(Report).order_by(Report.id)).first()
        assert first is not None
        for moment in moments:
            name = f"{version}-{moment.isoformat()}"
            report = Report(
                number=name[:30], state="superseded", version=version, result_id=first.result_id, job_id=first.job_id,
                company_id=first.company_id, code=name, drafted_at=moment, tested_by_id=first.tested_by_id,
            )  # fmt: skip
            session.add(report)
            session.flush()
            digest = f"{report.id:064d}"
            session.add(
                ReportIssue(
                    report_id=report.id,
                    issued_at=moment,
                    pdf_sha256=digest,
                    content_sha256=digest,
                    bundle_sha256=digest,
                )
            )


def test_mean_median_and_nine_of_ten_are_those_of_the_calendar_on_the_wall(issued: Laboratory) -> None:
    _issue(issued, [*MARCH, *APRIL])
    _issue(issued, [datetime(2026, 3, 27, tzinfo=UTC)], version=2)  # a later version does not count
    span = {"first": date(2026, 3, 1), "last": date(2026, 4, 30), "zone": ZONE}
    with issued.database.read() as session:
        apart = figures(session, calendar(), **span)
        together = figures(session, calendar(), **span, apart=False)
        only = figures(session, calendar(), first=date(2026, 4, 1), last=date(2026, 4, 1), zone=ZONE, apart=False)
    expected = [("2026-03", 5, 6.6, 4.0, 20.0), ("2026-04", 2, 21.5, 21.5, 22.0)]
    assert [(one.month, one.reports, one.mean, one.median, one.p90) for one in together] == expected
    assert [(one.month, one.reports, one.mean, one.median, one.p90) for one in apart] == expected
    assert {(one.kind, one.method_id) for one in apart} == {("commissioned", "iso9806-2017-qdt")}
    assert [(one.month, one.reports, one.p90) for one in only] == [("2026-04", 1, 21.0)]


def test_bars_are_as_high_as_their_figures() -> None:
    one = Figures(month="2026-03", kind="", method_id="", reports=5, mean=6.6, median=4.0, p90=20.0)
    made = list(bars([one], height=100.0, step=10.0))
    assert [(bar.x, bar.median, bar.p90) for bar in made] == [(0.0, 20.0, 100.0)]
    assert list(bars([], height=100.0, step=10.0)) == []


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Vienna"])
def test_the_day_of_a_moment_is_that_of_the_site_on_both_databases(issued: Laboratory, zone: str) -> None:
    with issued.database.write() as session:
        session.execute(sa.update(Item).values(received_at=datetime(2026, 3, 29, 22, 30, tzinfo=UTC)))
        assert session.scalar(sa.select(local_day(Item.received_at, zone))) == date(2026, 3, 30)
