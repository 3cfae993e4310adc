"""After the report of a spot check: notice, fifteen days, objection, retest of the backup sample by another body."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from lims.certificates import operations as certificates
from lims.certificates.models import Report
from lims.demonstration.journey import actor
from lims.errors import BadInput, NotFound, Refused
from lims.items.models import Item
from lims.laboratory import Laboratory
from lims.orders.models import Request
from lims.sampling import objections
from lims.sampling.models import ResultNotice
from lims.sampling.rules import ObjectionRule, rule
from lims.workdays import calendar

SQLITE = pytest.mark.parametrize("kind", ["sqlite"])


@pytest.mark.parametrize(
    ("received", "until"),
    [
        (date(2026, 11, 2), date(2026, 11, 17)),  # a Tuesday
        (date(2026, 11, 6), date(2026, 11, 23)),  # the 21st is a Saturday
        (date(2026, 9, 18), date(2026, 10, 8)),  # 3 October lies in the National Day holiday of 2026
    ],
)
def test_the_last_day_is_the_fifteenth_after_receipt_or_the_next_working_day(received: date, until: date) -> None:
    assert rule().until(received, calendar()) == until


def test_the_rule_is_data_with_its_source_and_what_is_unconfirmed_is_marked() -> None:
    told: ObjectionRule = rule()
    assert (told.days, told.confirmed, told.moving_confirmed) == (15, True, False)
    assert "38" in told.source.en


@pytest.fixture
def report(issued: Laboratory) -> str:
    """The demonstration's report turns into one of a spot check whose backup sample is in the house."""
    with issued.database.write() as session:
        request = session.scalars(sa.select(Request)).one()
        request.kind = "spot_check"
        session.add(
            Item(
                number="YP-2026-00099", state="accepted", request_id=request.id, company_id=request.company_id,
                name_zh="集热器", name_en="", manufacturer="", model="", serial_number="", role="backup",
                seal="FY-0018", seal_found="intact", received_at=issued.clock(),
            )
        )  # fmt: skip
        return str(session.scalar(sa.select(Report.number)))


def told(laboratory: Laboratory, report: str, days_ago: int = 1) -> None:
    with laboratory.work(actor(laboratory, "office")) as work:
        objections.tell(work, report, received_on=work.today - timedelta(days=days_ago), how="挂号信 RM1")


def raised(laboratory: Laboratory, report: str, by: str = "shen", **given: Any) -> str:
    with laboratory.work(actor(laboratory, by)) as work:
        asked: dict[str, Any] = {"words": "对效率结果有异议", "retest": True} | given
        return objections.raise_objection(work, report, **asked).number


def act(laboratory: Laboratory, number: str, action: str, by: str = "quality", reason: str = "见附件") -> str:
    with laboratory.work(actor(laboratory, by)) as work:
        return objections.act(work, number, action, reason).state


def handed(laboratory: Laboratory, number: str, body: str = "国家太阳能热水器质检中心", seal: str = "intact") -> str:
    with laboratory.work(actor(laboratory, "technician")) as work:
        return objections.hand_over(work, number, body=body, seal_found=seal).state


def test_a_retest_that_overturns_leaves_no_report_in_force(issued: Laboratory, report: str) -> None:
    told(issued, report)
    number = raised(issued, report)
    assert act(issued, number, "accept") == "accepted"
    with pytest.raises(Refused, match="which was not made"):
        act(issued, number, "settle", "signatory")
    assert handed(issued, number) == "retesting"
    with issued.database.read() as session:
        backup = session.scalars(sa.select(Item).where(Item.role == "backup")).one()
        assert backup.custody[-1].place == "国家太阳能热水器质检中心"
    assert act(issued, number, "overturn", reason="国检 2026-118：不合格改为合格") == "overturned"
    with issued.database.read() as session:
        assert [one.number for one in session.scalars(objections.open_in("overturned"))] == [number]
    with pytest.raises(Refused, match="still in force; withdraw it"):
        act(issued, number, "settle", "signatory")
    with issued.work(actor(issued, "signatory")) as work:
        certificates.act(work, report, "withdraw", "复检改变原结论")
    assert act(issued, number, "settle", "signatory") == "settled"


@SQLITE
def test_the_retest_is_made_by_another_body_on_an_intact_seal(issued: Laboratory, report: str) -> None:
    told(issued, report)
    number = raised(issued, report)
    act(issued, number, "accept")
    own = str(issued.identity["name_zh"])
    for body, seal, said in (
        ("", "intact", "Name the other body"), (own, "intact", "this laboratory does not"),
        ("甲中心", "", "Look at the seal"), ("甲中心", "broken", "is not intact"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=said) as error:
            handed(issued, number, body, seal)
        assert error.value.sentence_zh.endswith("。")
    handed(issued, number, "甲中心")
    assert act(issued, number, "confirm") == "confirmed"
    with issued.database.read() as session:
        assert session.scalar(sa.select(Report.state)) == "issued"


@SQLITE
def test_who_may_object_and_until_when(issued: Laboratory, report: str) -> None:
    with pytest.raises(Refused, match="has not begun"):
        raised(issued, report)
    told(issued, report, days_ago=40)
    with pytest.raises(Refused, match=r"told of .* already"):
        told(issued, report)
    with pytest.raises(Refused, match="The last day to object was") as late:
        raised(issued, report)
    assert "届满" in late.value.sentence_zh
    with pytest.raises(Refused, match="The last day"):
        raised(issued, report, late_because="洪水")  # only the office accepts it
    with pytest.raises(NotFound):
        raised(issued, report, by="lu")
    with pytest.raises(BadInput, match="what you object to"):
        raised(issued, report, words=" ")
    with pytest.raises(BadInput, match="outside what is possible"):
        raised(issued, report, by="office", raised_on=issued.today + timedelta(days=1))
    number = raised(issued, report, by="office", late_because="台风致停工停产，7 日内提出")
    with issued.database.read() as session, pytest.raises(NotFound):
        objections.by_number(session, number, actor(issued, "lu"))
    with pytest.raises(Refused, match="reason"):
        act(issued, number, "refuse", reason="")
    assert act(issued, number, "refuse", reason="逾期") == "refused"


@SQLITE
def test_the_company_is_told_of_an_issued_report_of_a_spot_check(issued: Laboratory, report: str) -> None:
    with issued.database.read() as session:
        assert len(session.scalars(objections.untold()).all()) == 1
    with issued.work(actor(issued, "office")) as work:
        for given, said in (
            ({"received_on": work.today + timedelta(days=1), "how": "信"}, "in the future"),
            ({"received_on": work.today, "how": " "}, "how the company received"),
        ):
            with pytest.raises(BadInput, match=said):
                objections.tell(work, report, **given)
    told(issued, report)
    with issued.database.read() as session:
        assert session.scalars(objections.untold()).all() == []


def test_notices_are_not_changed(issued: Laboratory, report: str) -> None:
    told(issued, report)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), issued.database.write() as session:
        session.execute(sa.update(ResultNotice).values(how="x"))
