"""Who is told of a spot check: task, result, objection, retest; and of an item that is not as announced."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lims.demonstration import spot_check
from lims.demonstration.journey import actor
from lims.items import keeping, receipt
from lims.items.models import Item
from lims.laboratory import Laboratory
from lims.notices.models import Mail, Notice
from lims.orders.models import Request
from lims.parties.models import Person, PersonRole
from lims.permissions import Role
from lims.sampling import objections

SHEN_GU = {"shen", "gu"}
pytestmark = pytest.mark.parametrize("kind", ["sqlite"])


def told(laboratory: Laboratory, topic: str) -> set[str]:
    with laboratory.database.read() as session:
        select = sa.select(Person.username).join(Notice, Notice.person_id == Person.id).where(Notice.topic == topic)
        return set(session.scalars(select))


@pytest.fixture
def disputed(issued: Laboratory) -> tuple[Laboratory, str]:
    """The demonstration's report is one of a spot check, and its backup sample is in the house. With its number."""
    with issued.database.write() as session:
        request = session.scalars(sa.select(Request)).one()
        request.kind = "spot_check"
        session.add(
            Item(
                number="YP-2026-00099", state="kept", request_id=request.id, company_id=request.company_id,
                name_zh="集热器", name_en="", manufacturer="", model="", serial_number="", role="backup",
                seal="FY-0018", seal_found="intact", received_at=issued.clock(),
            )
        )  # fmt: skip
        report = session.scalars(sa.text("select number from report")).one()
    with issued.work(actor(issued, "office")) as work:
        objections.tell(work, report, received_on=work.today, how="挂号信")
    return issued, report


def test_an_objection_and_its_retest_are_told_to_the_company_the_office_and_who_decides(
    disputed: tuple[Laboratory, str],
) -> None:
    laboratory, report = disputed
    with laboratory.work(actor(laboratory, "shen")) as work:
        number = objections.raise_objection(work, report, words="有异议", retest=True).number
    for action, by, reason in (
        ("accept", "quality", "受理"),
        ("", "technician", ""),
        ("overturn", "quality", "国检 118"),
    ):
        with laboratory.work(actor(laboratory, by)) as work:
            if action:
                objections.act(work, number, action, reason)
            else:
                objections.hand_over(work, number, body="甲中心", seal_found="intact")
    assert {
        topic: told(laboratory, f"objection.{topic}") for topic in ("raise", "accept", "hand_over", "overturn")
    } == {
        "raise": {"office", "quality", "gu"},  # shen did it
        "accept": SHEN_GU | {"office"},
        "hand_over": SHEN_GU | {"office", "quality"},
        "overturn": SHEN_GU | {"office", "signatory"},
    }
    assert told(laboratory, "request.tell_result") == SHEN_GU
    with laboratory.database.read() as session:
        mail = session.scalars(sa.select(Mail).where(Mail.topic == "objection.overturn")).first()
        assert mail is not None
        assert "复检结果：国检 118" in mail.body
        assert mail.path.endswith("/objections")
        assert report in mail.subject


def test_nobody_is_told_twice_of_one_step_of_an_objection(disputed: tuple[Laboratory, str]) -> None:
    laboratory, report = disputed
    with laboratory.database.write() as session:  # who signed the report decides on objections, too
        signatory = session.scalars(sa.select(Person).where(Person.username == "signatory")).one()
        session.add(PersonRole(person_id=signatory.id, role=Role.QUALITY_MANAGER))
    with laboratory.work(actor(laboratory, "shen")) as work:
        number = objections.raise_objection(work, report, words="有异议", retest=True).number
    with laboratory.work(actor(laboratory, "quality")) as work:
        objections.act(work, number, "accept", "受理")
    with laboratory.work(actor(laboratory, "technician")) as work:
        objections.hand_over(work, number, body="甲中心", seal_found="intact")
    with laboratory.work(actor(laboratory, "quality")) as work:
        objections.act(work, number, "overturn", "国检 118")
    # told, raised by shen, accepted by quality, handed over, overturned by quality: each once, never who did it
    expected = {"shen": 4, "gu": 5, "office": 4, "signatory": 4, "quality": 2}
    with laboratory.database.read() as session:
        for kept in (Notice, Mail):
            select = sa.select(Person.username).join(kept, kept.person_id == Person.id)
            assert Counter(session.scalars(select.where(kept.path.endswith("/objections")))) == expected, kept


def test_a_refused_objection_that_came_by_letter_is_told_to_the_company(disputed: tuple[Laboratory, str]) -> None:
    laboratory, report = disputed
    with laboratory.work(actor(laboratory, "office")) as work:
        number = objections.raise_objection(work, report, words="来信", retest=False, raised_on=work.today).number
    with laboratory.work(actor(laboratory, "quality")) as work:
        objections.act(work, number, "refuse", "无新事实")
    assert told(laboratory, "objection.raise") == SHEN_GU | {"quality"}
    assert told(laboratory, "objection.refuse") == SHEN_GU | {"office"}


def test_early_disposal_is_asked_of_the_others_who_may_carry_it_out(disputed: tuple[Laboratory, str]) -> None:
    laboratory, _ = disputed
    with laboratory.work(actor(laboratory, "office")) as work:
        keeping.ask_disposal(work, "YP-2026-00099", "库位不足")
    assert told(laboratory, "item.ask_disposal") == {"technician"}


def test_what_is_not_as_announced_is_asked_of_the_company_and_its_word_told_to_who_tests(planned: Laboratory) -> None:
    with planned.work(actor(planned, "office")) as work:
        item = work.session.scalars(sa.select(Item)).one()
        receipt.find(work, item, "model", announced="QC-20", found="QC-25")
        receipt.agree(work, item.number, "沈工电话同意按 QC-25 检测")
    assert told(planned, "item.find") == SHEN_GU
    assert told(planned, "item.agree") == SHEN_GU | {"technician"}
    with planned.database.read() as session:
        bodies = {one.topic: one.body for one in session.scalars(sa.select(Mail).where(Mail.topic.like("item.%")))}
    assert "规格型号：委托为“QC-20”，实收为“QC-25”" in bodies["item.find"]
    assert "沈工" not in bodies["item.agree"]  # a technician in blind mode reads it


def test_a_task_is_told_to_those_who_may_take_its_samples(laboratory: Laboratory) -> None:
    spot_check.authorise(laboratory, ("quality", "technician"))
    spot_check.task(laboratory)
    assert told(laboratory, "task.add") == {"quality", "technician"}
    with laboratory.database.read() as session:
        last = laboratory.today + timedelta(days=60)
        assert last.isoformat() in session.scalars(sa.select(Mail.body).where(Mail.topic == "task.add")).first()  # type: ignore[operator]
