"""What a company is told of its order: what is needed from it, where the order stands, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from lims.contracts import amendments, operations, quotations
from lims.contracts.checklist import PERSONAL
from lims.demonstration import journey, people
from lims.errors import NotFound
from lims.laboratory import Laboratory, Work
from lims.orders import operations as orders
from lims.orders.models import Request
from lims.orders.operations import RequestForm
from lims.parties.models import Person
from lims.portal.documents import documents
from lims.portal.dossier import dossier
from lims.portal.home import company_home
from lims.portal.needed import needed
from lims.portal.progress import Progress, progress
from lims.portal.story import Moment, story
from lims.sampling import objections
from lims.workflow import Facts

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database
ZONE = "Asia/Shanghai"
FORM = RequestForm(product="collector-flat", tests=(people.METHOD,), manufacturer="M", model="X", gross_area=2.5)
Verb = Callable[[Work], Any]


def _do(laboratory: Laboratory, by: str, verb: Verb) -> Any:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        return verb(work)


def _kinds(laboratory: Laboratory, username: str) -> list[str]:
    with laboratory.database.read() as session:
        return [one.kind for one in needed(session, journey.actor(laboratory, username), laboratory.today, ZONE)]


def _progress(laboratory: Laboratory, number: str, username: str = "shen", today: date | None = None) -> Progress:
    actor, day = journey.actor(laboratory, username), today or laboratory.today
    with laboratory.database.read() as session:
        found = dossier(session, number, actor)
        return progress(session, found, actor, needed(session, actor, day, ZONE, found.request), day, ZONE)


def _story(laboratory: Laboratory, number: str, username: str = "shen") -> list[Moment]:
    actor = journey.actor(laboratory, username)
    with laboratory.database.read() as session:
        return story(session, dossier(session, number, actor), actor)


def _marks(found: Progress) -> list[str]:
    return [one.mark for one in found.stations]


@pytest.fixture
def reviewed(laboratory: Laboratory) -> str:
    """A request whose contract is under review."""
    number = journey.submit(laboratory, username="shen", form=FORM)
    _do(laboratory, "office", lambda work: operations.act(work, number, "start_review"))
    return number


def test_each_thing_that_waits_for_the_company_is_told_once_and_to_it_alone(
    laboratory: Laboratory, reviewed: str
) -> None:
    assert _kinds(laboratory, "shen") == []
    _do(laboratory, "office", lambda work: quotations.quote(work, reviewed))
    quoted = _do(laboratory, "office", lambda work: quotations.quote(work, reviewed)).number  # replaces the first
    asked = _do(laboratory, "office", lambda work: operations.propose_deviation(work, reviewed, "by weighing")).id
    _do(laboratory, "office", lambda work: operations.act(work, reviewed, "ask_back", "which tilt?"))
    assert sorted(_kinds(laboratory, "shen")) == ["deviation", "question", "quotation"]
    assert _kinds(laboratory, "lu") == []

    _do(laboratory, "shen", lambda work: operations.act(work, reviewed, "answer", "30 degrees"))
    _do(laboratory, "shen", lambda work: operations.answer_deviation(work, reviewed, asked, "agreed"))
    _do(laboratory, "shen", lambda work: quotations.answer_quotation(work, quoted, accepted=True))
    assert _kinds(laboratory, "shen") == []
    _do(laboratory, "office", lambda work: operations.decide(work, reviewed, "accept", ticked=PERSONAL))
    assert _kinds(laboratory, "shen") == ["item_expected"]


@ONE_KIND
def test_the_laboratorys_amendment_waits_for_the_company_and_the_companys_own_does_not(laboratory: Laboratory) -> None:
    number = journey.order(laboratory, form=FORM)
    day = (laboratory.today + timedelta(days=60)).isoformat()
    _do(laboratory, "shen", lambda work: amendments.amend(work, number, "secrecy", "drawings", "asked by our board"))
    assert _kinds(laboratory, "shen") == ["item_expected"]
    _do(laboratory, "office", lambda work: amendments.amend(work, number, "due_on", day, "no sun for weeks"))
    assert sorted(_kinds(laboratory, "shen")) == ["amendment", "item_expected"]


@ONE_KIND
def test_an_order_moves_through_its_stations_and_tells_whose_turn_it_is(laboratory: Laboratory) -> None:
    number = journey.submit(laboratory, username="shen", form=FORM)
    found = _progress(laboratory, number)
    assert _marks(found) == ["done", "now", "", "", "", ""]
    assert found.turn == "laboratory"
    _do(laboratory, "office", lambda work: operations.act(work, number, "start_review"))
    _do(laboratory, "office", lambda work: operations.decide(work, number, "accept", ticked=PERSONAL))
    found = _progress(laboratory, number)
    assert (_marks(found), found.turn) == (["done", "done", "now", "", "", ""], "company")
    assert "YP-" in found.next.en
    planned = journey.receive(laboratory, number)
    found = _progress(laboratory, planned.request)
    assert (_marks(found), found.turn) == (["done", "done", "done", "now", "", ""], "laboratory")
    assert str(laboratory.today) in found.next.en


@ONE_KIND
def test_an_issued_report_ends_the_stations_but_the_last(issued: Laboratory, number: Any) -> None:
    assert _marks(_progress(issued, number("WT"))) == ["done", "done", "done", "done", "done", "now"]
    assert _marks(_progress(issued, number("WT"), username="office")) == _marks(_progress(issued, number("WT")))


@ONE_KIND
def test_a_passed_due_date_is_told_in_working_days_with_the_reason_of_the_record(laboratory: Laboratory) -> None:
    number = journey.order(laboratory, form=FORM)
    friday = date(2030, 3, 1)  # no holiday of that year is known: weekends only
    _do(laboratory, "office", lambda work: _set_due(work, number, friday))
    assert _progress(laboratory, number, today=friday).delay is None
    late = _progress(laboratory, number, today=date(2030, 3, 6)).delay  # Monday, Tuesday, Wednesday
    assert late is not None
    assert (late.due, late.working_days, late.reason) == (friday, 3, "")
    _do(
        laboratory, "office",
        lambda work: amendments.amend(work, number, "due_on", "2030-04-01", "no sun for weeks"),
    )  # fmt: skip
    late = _progress(laboratory, number, today=date(2030, 3, 6)).delay
    assert late is not None
    assert late.reason == "no sun for weeks"
    proposed = next(one for one in _story(laboratory, number) if one.said == "no sun for weeks")
    assert "2030-03-01 → 2030-04-01" in proposed.sentence.en


def _set_due(work: Work, number: str, day: date) -> None:
    work.session.execute(sa.update(Request).where(Request.number == number).values(due_on=day))


def test_the_story_has_every_step_in_order_and_no_name_of_the_laboratory(issued: Laboratory, number: Any) -> None:
    told = _story(issued, number("WT"))
    assert [one.at for one in told] == sorted(one.at for one in told)
    said = [one.sentence.en for one in told]
    steps = ("submitted", "accepted", "arrived", "planned", "measurement is finished", "authorised", "issued")
    assert [step for step in steps if any(step in one for one in said)] == list(steps)
    with issued.database.read() as session:
        staff = set(session.scalars(sa.select(Person.name_zh).where(Person.company_id.is_(None))))
        own = session.scalars(sa.select(Person.name_zh).where(Person.username == "shen")).one()
    names = {one.who.zh for one in told}
    assert names == {own, ""}
    assert not names & staff
    assert {one.who.zh for one in _story(issued, number("WT"), "office")} & staff


@ONE_KIND
def test_the_time_for_objections_to_a_spot_check_is_told_until_it_is_over(issued: Laboratory, number: Any) -> None:
    def needs(days: int) -> list[date | None]:
        actor, day = journey.actor(issued, "shen"), issued.today + timedelta(days=days)
        with issued.database.read() as session:
            return [one.by for one in needed(session, actor, day, ZONE) if one.kind == "objection"]

    assert needs(0) == []
    _do(issued, "office", lambda work: work.session.execute(sa.update(Request).values(kind="spot_check")))
    assert needs(0) == []  # nobody entered yet that the company received it: the time has not begun
    _do(issued, "office", lambda work: objections.tell(work, number("BG"), received_on=issued.today, how="by hand"))
    (until,) = needs(0)
    assert until is not None
    assert 15 <= (until - issued.today).days <= 15 + 9  # 15 days; a last day off moves to the next working day
    assert needs((until - issued.today).days) == [until]
    assert needs((until - issued.today).days + 1) == []
    _do(issued, "shen", lambda work: objections.raise_objection(work, number("BG"), words="no", retest=False))
    assert needs(0) == []


@ONE_KIND
def test_the_reasons_of_steps_inside_the_laboratory_stay_there(laboratory: Laboratory) -> None:
    planned = journey.receive(laboratory, journey.order(laboratory, form=FORM))
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        orders.act_on_job(work, planned.job, "abandon", Facts(reason="the bench of Wang is broken"))
    every = "".join(f"{one.sentence}{one.said}" for one in _story(laboratory, planned.request))
    assert "Wang" not in every


@ONE_KIND
def test_documents_are_those_of_the_order_the_newest_first(issued: Laboratory, number: Any) -> None:
    actor = journey.actor(issued, "shen")
    with issued.database.read() as session:
        found = documents(session, dossier(session, number("WT"), actor), actor)
    assert [one.endpoint for one in found] == ["certificates.pdf", "attachments.file"]
    assert found[0].at >= found[1].at


@ONE_KIND
def test_nobody_of_another_company_finds_the_order(laboratory: Laboratory, reviewed: str) -> None:
    rival = journey.actor(laboratory, "lu")
    with laboratory.database.read() as session:
        with pytest.raises(NotFound):
            dossier(session, reviewed, rival)
        home = company_home(session, rival, laboratory.today, ZONE)
    assert (home.needs, home.in_work, home.orders, home.every_report, home.items_here) == ([], 0, [], 0, 0)
