"""Who is told what, in which language, where; and that nobody is told of another company's anything."""

from __future__ import annotations

import re
import string
from typing import Any

import pytest
import sqlalchemy as sa

from lims.demonstration import journey, people
from lims.errors import BadInput, NotFound
from lims.laboratory import Laboratory
from lims.notices import operations, queries
from lims.notices.audience import AUDIENCES
from lims.notices.models import Mail, Notice
from lims.notices.topics import GROUPS, RULES, words
from lims.orders import operations as orders
from lims.orders.models import Request
from lims.parties.models import Person
from lims.workflow import MACHINES

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])

# The whole main job of the demonstration, as the laboratory would tell it: topic → user names told in the application.
TOLD = {
    "request.submit": {"office"},
    "request.accept": {"shen", "gu"},
    "item.receive": {"shen", "gu"},
    "job.plan": {"technician"},
    "result.submit": {"reviewer", "senior"},
    "result.review": {"signatory"},  # senior reviewed: nobody is told of what they did themselves
    "report.draft": {"reviewer", "senior"},
    "report.check": {"signatory"},
    "report.issue": {"shen", "gu"},
    "competence.authorise": {"technician", "reviewer", "signatory", "senior"},
}


def told(laboratory: Laboratory) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    with laboratory.database.read() as session:
        select = sa.select(Notice.topic, Person.username).join(Person, Notice.person_id == Person.id)
        found += [(topic, username) for topic, username in session.execute(select)]
    return found


@ONE_KIND
def test_the_main_job_tells_everybody_concerned_and_nobody_else(issued: Laboratory) -> None:
    found: dict[str, set[str]] = {}
    for topic, username in told(issued):
        found.setdefault(topic, set()).add(username)
    assert found == TOLD


@ONE_KIND
def test_mails_of_a_company_name_no_other_and_no_one_of_the_laboratory(issued: Laboratory) -> None:
    with issued.database.read() as session:
        users = sa.select(Person.id).where(Person.company_id.is_not(None))
        mails = session.scalars(sa.select(Mail).where(Mail.person_id.in_(users))).all()
        staff = set(session.scalars(sa.select(Person.name_zh).where(Person.company_id.is_(None))))
    assert mails
    for one in mails:
        assert not [name for name in staff if name in one.body + one.subject]
        assert "暖阳" not in one.body


@ONE_KIND
def test_a_job_planned_for_a_technician_does_not_name_the_company(issued: Laboratory) -> None:
    with issued.database.read() as session:
        mail = session.scalars(sa.select(Mail).where(Mail.topic == "job.plan")).one()
    assert "晴川" not in mail.subject + mail.body
    assert mail.to_address == "technician@laboratory.example.org"


@ONE_KIND
def test_a_refusal_tells_its_reason_in_the_readers_own_language(planned: Laboratory) -> None:
    with planned.work(journey.actor(planned, "gu")) as work:
        work.session.get_one(Person, work.actor.id).language = "en"
    with planned.work(journey.actor(planned, "shen")) as work:
        copy = orders.draft_request(work, _form())
        number = copy.number
        copy.state = "submitted"
    with planned.work(journey.actor(planned, "office")) as work:
        orders.act_on_request(work, number, "decline", "面积过大 too large")
    with planned.database.read() as session:
        mails = session.scalars(sa.select(Mail).where(Mail.topic == "request.decline").order_by(Mail.to_address)).all()
    assert [one.language for one in mails] == ["en", "zh"]
    assert mails[0].subject == f"Request {number} is declined"
    assert "Reason: 面积过大 too large" in mails[0].body
    assert mails[1].subject == f"委托 {number} 不予受理"
    assert "理由：面积过大 too large" in mails[1].body


def _form() -> Any:
    return orders.RequestForm(product_zh="平板集热器", manufacturer="晴川", model="QC", gross_area=2.0)


@ONE_KIND
def test_nobody_gets_mail_at_an_address_that_was_never_proved_or_that_they_do_not_want(planned: Laboratory) -> None:
    with planned.work(journey.actor(planned, "shen")) as work:
        operations.choose(work, "orders", by_mail=False)
        operations.choose(work, "orders", by_mail=False)
    with planned.work(journey.actor(planned, "gu")) as work:
        work.session.get_one(Person, work.actor.id).email_verified_at = None
    with planned.work(journey.actor(planned, "office")) as work:
        number = work.session.scalars(sa.select(Request.number)).one()
        before = work.session.scalar(sa.select(sa.func.count()).select_from(Mail))
        work.record("request", number, "complete")
    with planned.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Mail)) == before
    assert {name for topic, name in told(planned) if topic == "request.complete"} == {"shen", "gu"}


@ONE_KIND
def test_a_notice_is_its_readers_own(planned: Laboratory) -> None:
    shen, lu = journey.actor(planned, "shen"), journey.actor(planned, "lu")
    with planned.database.read() as session:
        mine = session.scalars(queries.notices(shen)).all()
        assert queries.unread(session, people.person(planned, "shen").id) == len(mine) > 0
        assert session.scalars(queries.notices(lu)).all() == []
    with pytest.raises(NotFound), planned.work(lu) as work:
        operations.read(work, mine[0].id)
    with planned.work(shen) as work:
        operations.read(work, mine[0].id)
        assert operations.read_all(work) == len(mine) - 1
        assert operations.read_all(work) == 0


@ONE_KIND
@pytest.mark.parametrize("group", ["account", "nothing"])
def test_the_safety_of_the_account_is_always_mailed(laboratory: Laboratory, group: str) -> None:
    with pytest.raises(BadInput), laboratory.work(journey.actor(laboratory, "shen")) as work:
        operations.choose(work, group, by_mail=False)


# --- the table itself ---------------------------------------------------------------------------------------------


# Events about a record that are no arrow of its machine: planning, drafting, and what both sides write on an order.
WRITTEN = {
    "plan", "draft", "ask_back", "answer", "message", "quote", "answer_quotation", "propose_deviation",
    "answer_deviation", "amend", "answer_amendment", "tell_result", "raise", "find", "agree", "ask_disposal",
}  # fmt: skip
FACTS = {
    "number", "company", "product", "bench", "day", "method", "activity", "start", "end", "roles", "days", "hours",
    "sending", "by", "report", "body", "received_on", "until", "what", "announced", "found", "authority", "document",
    "products",
}  # fmt: skip


@pytest.mark.parametrize("event", RULES, ids=".".join)
def test_every_rule_has_an_audience_a_group_and_the_same_facts_in_both_languages(event: tuple[str, str]) -> None:
    rule = RULES[event]
    assert rule.audience in AUDIENCES
    assert rule.group in GROUPS
    for sentence in (rule.title, rule.text):
        for text in (sentence.en, sentence.zh):
            assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= FACTS
        assert re.search(r"[\u4e00-\u9fff]", sentence.zh)
    if event[0] in MACHINES:
        known = {transition.action for transition in MACHINES[event[0]].transitions} | WRITTEN
        assert event[1] in known


def test_braces_in_a_fact_stay_braces() -> None:
    facts = {"number": "WT-1", "product_zh": "{number.__class__}", "product_en": "", "reason": "{0}"}
    title, text = words("request", "decline", facts, "en")
    assert title == "Request WT-1 is declined"
    assert "{number.__class__}" in text
    assert "Reason: {0}" in text


@ONE_KIND
@pytest.mark.parametrize(("by", "told_are"), [("shen", {"office"}), ("office", {"shen", "gu"})])
def test_a_message_goes_to_the_other_side(planned: Laboratory, by: str, told_are: set[str]) -> None:
    with planned.work(journey.actor(planned, by)) as work:
        work.record("request", work.session.scalars(sa.select(Request.number)).one(), "message")
    assert {name for topic, name in told(planned) if topic == "request.message"} == told_are
