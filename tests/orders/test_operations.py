"""Requests and jobs: what is asked must be complete, and changes only while it is a draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from lims.contracts import operations as contracts
from lims.contracts.checklist import PERSONAL
from lims.demonstration import journey, people
from lims.errors import BadInput, Forbidden, NotFound, Refused
from lims.items import operations as items
from lims.laboratory import Laboratory
from lims.orders import operations, queries
from lims.orders.models import Request
from lims.orders.operations import RequestForm
from lims.runs import operations as runs

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database
FORM = RequestForm(
    tests=(people.METHOD,), product_zh="集热器", product_en="collector", manufacturer="M", model="X",
    serial_number="1", gross_area=2.5,
)  # fmt: skip


def _draft(
    laboratory: Laboratory, form: RequestForm = FORM, by: str = "shen", company_id: int | None = None
) -> Request:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        return operations.draft_request(work, form, company_id=company_id)


def _act(laboratory: Laboratory, number: str, action: str, by: str, reason: str = "") -> Request:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        if action == "accept":
            contracts.decide(work, number, action, ticked=PERSONAL)
            return queries.request_by_number(work.session, number, work.actor)
        return items.act_on_request(work, number, action, reason)


@pytest.fixture
def request_number(laboratory: Laboratory) -> str:
    return _draft(laboratory).number


def test_a_request_belongs_to_the_company_of_who_drafts_it(laboratory: Laboratory) -> None:
    mine = _draft(laboratory, company_id=people.person(laboratory, "lu").company_id)
    assert mine.company_id == people.person(laboratory, "shen").company_id
    theirs = _draft(laboratory, by="office", company_id=people.person(laboratory, "lu").company_id)
    assert theirs.company_id == people.person(laboratory, "lu").company_id


@ONE_KIND
@pytest.mark.parametrize("company_id", [None, 0, 999])
def test_the_office_must_choose_a_company_that_exists(laboratory: Laboratory, company_id: int | None) -> None:
    with pytest.raises(BadInput, match="Choose the company"):
        _draft(laboratory, by="office", company_id=company_id)


@ONE_KIND
@pytest.mark.parametrize("by", ["technician", "reviewer", "signatory", "quality", "admin"])
def test_nobody_else_drafts_a_request(laboratory: Laboratory, by: str) -> None:
    with pytest.raises(Forbidden):
        _draft(laboratory, by=by)


@ONE_KIND
@pytest.mark.parametrize("changed", [{"kind": "secret"}, {"tests": ("iso-0",)}, {"tests": ("procedure:rain",)}])
def test_a_kind_or_method_there_is_not_is_refused(laboratory: Laboratory, changed: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="There is no"):
        _draft(laboratory, replace(FORM, **changed))


@ONE_KIND
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tests": ()}, "lacks the test method"),
        ({"product_zh": ""}, "lacks the product's name"),
        ({"manufacturer": ""}, "lacks the manufacturer"),
        ({"model": ""}, "lacks the model"),
        ({"gross_area": None}, "lacks the gross area"),
        ({"model": "", "manufacturer": ""}, "lacks the manufacturer, the model"),
    ],
)
def test_an_incomplete_request_is_not_submitted_and_told_what_is_missing(
    laboratory: Laboratory, changed: dict[str, object], said: str
) -> None:
    number = _draft(laboratory, replace(FORM, **changed)).number
    with pytest.raises(Refused, match=said):
        _act(laboratory, number, "submit", "shen")


@ONE_KIND
@pytest.mark.parametrize("area", [-1.0, 0.0, 10_000.0])
def test_an_area_that_cannot_be_is_refused_in_the_draft_already(laboratory: Laboratory, area: float) -> None:
    with pytest.raises(BadInput, match="above 0 and below 10000"):
        _draft(laboratory, replace(FORM, gross_area=area))


@ONE_KIND
def test_a_request_without_a_finished_test_is_not_completed(laboratory: Laboratory) -> None:
    number = journey.order(laboratory)
    with pytest.raises(Refused, match="has no finished test"):
        _act(laboratory, number, "complete", "office")


def test_a_draft_is_changed_by_its_company_until_it_is_submitted(laboratory: Laboratory, request_number: str) -> None:
    def change(by: str) -> Request:
        with laboratory.work(journey.actor(laboratory, by)) as work:
            return operations.change_request(work, request_number, replace(FORM, model="Y"))

    with pytest.raises(NotFound):
        change("lu")
    assert change("gu").model == "Y"
    _act(laboratory, request_number, "submit", "shen")
    with pytest.raises(BadInput, match="was submitted"):
        change("shen")
    _act(laboratory, request_number, "return", "office", "the model is unknown")
    assert change("shen").state == "draft"


def test_another_company_can_neither_see_nor_move_a_request(laboratory: Laboratory, request_number: str) -> None:
    for action in ("submit", "cancel"):
        with pytest.raises(NotFound):
            _act(laboratory, request_number, action, "lu", "because")


def test_accepting_announces_the_item_and_nothing_else_does(laboratory: Laboratory, request_number: str) -> None:
    who = journey.actor(laboratory, "office")
    found = []
    for action, by in (("submit", "shen"), ("start_review", "office"), ("accept", "office")):
        _act(laboratory, request_number, action, by)
        with laboratory.database.read() as session:
            request = queries.request_by_number(session, request_number, who)
            found.append(len(items.queries.of_request(session, request)))
    assert found == [0, 0, 1]


@ONE_KIND
@pytest.mark.parametrize(
    ("assigned", "said"),
    [("office", "assigned to a technician"), ("shen", "assigned to a technician"), ("nobody", "assigned to")],
)
def test_a_job_is_planned_for_a_technician_and_an_accepted_item(
    laboratory: Laboratory, assigned: str, said: str
) -> None:
    planned = journey.receive(laboratory, journey.order(laboratory))
    person = 999 if assigned == "nobody" else people.person(laboratory, assigned).id

    def plan(assigned_to_id: int, item: str) -> None:
        with laboratory.work(journey.actor(laboratory, "office")) as work:
            items.plan_job(
                work, request_number=planned.request, item_number=item, bench=journey.BENCH,
                planned_on=date(2026, 11, 23), assigned_to_id=assigned_to_id,
            )  # fmt: skip

    with pytest.raises(BadInput, match=said):
        plan(person, planned.item)
    other = journey.receive(laboratory, journey.order(laboratory)).item
    with pytest.raises(BadInput, match="does not belong to"):
        plan(people.person(laboratory, "technician").id, other)


def test_an_order_holds_several_tests_and_each_is_planned_by_itself(laboratory: Laboratory) -> None:
    rain = "procedure:iso9806-2017-rain"
    number = journey.order(laboratory, form=replace(FORM, tests=(people.METHOD, rain, people.METHOD)))
    first = journey.receive(laboratory, number, position=1)
    office = journey.actor(laboratory, "office")
    plan = {
        "request_number": number, "item_number": first.item, "planned_on": date(2026, 11, 23),
        "assigned_to_id": people.person(laboratory, "technician").id,
    }  # fmt: skip
    with pytest.raises(BadInput, match="Choose which test"), laboratory.work(office) as work:
        items.plan_job(work, bench=journey.BENCH, **plan)
    with pytest.raises(BadInput, match="Choose the bench"), laboratory.work(office) as work:
        items.plan_job(work, bench="", position=1, **plan)
    with laboratory.work(office) as work:
        job = items.plan_job(work, bench="", position=2, **plan)
    with laboratory.database.read() as session:
        request = queries.request_by_number(session, number, office)
        assert [(one.position, one.code) for one in request.tests] == [(1, people.METHOD), (2, rain)]
        planned = {one.request_test_id: (one.kind, one.code) for one in queries.jobs_of(session, request)}
        lines = [one.id for one in request.tests]
    assert planned == {lines[0]: ("method", people.METHOD), lines[1]: ("procedure", rain)}
    with (
        pytest.raises(Refused, match="manual test"),
        laboratory.work(journey.actor(laboratory, "technician")) as work,
    ):
        runs.prepare(work, job.number)


@ONE_KIND
def test_no_job_is_planned_for_an_item_that_has_not_come(laboratory: Laboratory) -> None:
    number = journey.order(laboratory)
    office = journey.actor(laboratory, "office")
    with laboratory.work(office) as work:
        item = items.queries.of_request(work.session, queries.request_by_number(work.session, number, office))[0]
        with pytest.raises(BadInput, match="the item is 'expected'"):
            items.plan_job(
                work, request_number=number, item_number=item.number, bench=journey.BENCH,
                planned_on=date(2026, 11, 23), assigned_to_id=1,
            )  # fmt: skip
