"""Several methods on one item: ordered one by one, described once, evaluated from one record, signed like any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from lims.audit import Event
from lims.certificates import operations as certificates
from lims.certificates.assembly import facts_of
from lims.demonstration import journey, people
from lims.errors import BadInput, NotFound, Refused
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.items.models import Item
from lims.laboratory import Laboratory
from lims.orders import operations as orders
from lims.orders import queries as order_queries
from lims.orders.models import Job
from lims.orders.operations import RequestForm
from lims.parties.models import Competence
from lims.results import operations, queries
from lims.results.models import Result
from lims.runs import operations as runs
from lims.runs import queries as run_queries
from protocols.method import methods

Number = Callable[[str], str]
SECOND = "gbt4271-2021-qdt"  # the model is that of ISO 9806, so its digits are known
ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database


def _order(laboratory: Laboratory, item: str, *, method: str = SECOND, by: str = "shen") -> str:
    """A request for a further method on an item that is here, accepted."""
    with laboratory.work(journey.actor(laboratory, by)) as work:
        form = items.completed(work, RequestForm(tests=(method,), item_number=item))
        request = orders.draft_request(work, form).number
        items.act_on_request(work, request, "submit")
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        journey.accept(work, request)
    return request


def _plan(laboratory: Laboratory, request: str, item: str) -> str:
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        technician = journey.actor(laboratory, "technician").id
        assert technician is not None
        return items.plan_job(
            work, request_number=request, item_number=item, bench=journey.BENCH, planned_on=work.today,
            assigned_to_id=technician,
        ).number  # fmt: skip


def _evaluate(laboratory: Laboratory, run: str, job: str) -> Result:
    return operations.evaluate_run(laboratory, journey.actor(laboratory, "technician"), run, job_number=job)


@pytest.fixture
def second(recorded: Laboratory, number: Number) -> str:
    """The planned job of a further method on the item that was measured."""
    return _plan(recorded, _order(recorded, number("YP")), number("YP"))


def _job(laboratory: Laboratory, number: str) -> Job:
    with laboratory.database.read() as session:
        return order_queries.job_by_number(session, number)


def test_a_request_for_an_item_that_is_here_announces_no_other_and_takes_its_description(
    recorded: Laboratory, number: Number
) -> None:
    request = _order(recorded, number("YP"))
    with recorded.database.read() as session:
        found = order_queries.request_by_number(session, request, journey.actor(recorded, "shen"))
        assert (found.model, found.gross_area) == ("HTHEATstore 35/10", 515.66)
        assert [one.number for one in item_queries.of_request(session, found)] == [number("YP")]
        item = item_queries.by_number(session, number("YP"), journey.actor(recorded, "office"))
        assert list(item_queries.methods_for(session, item)) == [people.METHOD, SECOND]
        assert session.scalar(sa.select(sa.func.count()).select_from(Item)) == 1


def test_a_second_method_is_evaluated_from_the_same_record_and_both_results_stay(
    recorded: Laboratory, number: Number, second: str
) -> None:
    evaluated = _evaluate(recorded, number("YX"), second).number
    job = _job(recorded, second)
    assert (job.state, _job(recorded, number("RW")).state) == ("measured", "measured")
    with recorded.database.read() as session:
        first, result = (queries.by_number(session, one) for one in (number("JG"), evaluated))
        assert (result.method_id, result.job.number, result.run.number) == (SECOND, second, number("YX"))
        ours = {one.symbol: one.value for one in result.values}
        assert ours == pytest.approx({one.symbol: one.value for one in first.values}, rel=1e-9)
        told = session.scalars(sa.select(Event).where(Event.subject == second, Event.action == "use_record")).one()
        assert number("YX") in str(told.detail)
        assert [one.number for one in run_queries.usable_for(session, job)] == [number("YX")]


@ONE_KIND
def test_three_people_sign_it_and_its_report_names_the_job_whose_record_it_is(
    recorded: Laboratory, number: Number, second: str
) -> None:
    result = _evaluate(recorded, number("YX"), second).number
    assert len(journey.approve(recorded, result)) == 3
    assert _job(recorded, second).state == "done"
    with recorded.work(journey.actor(recorded, "technician")) as work:
        report = certificates.draft(work, result)
        remarks = [remark.en for remark in facts_of(work.session, work.laboratory, report, issued=None).remarks]
    assert any(number("YX") in text and number("RW") in text and second in text for text in remarks)


def test_who_is_not_authorised_for_the_second_method_does_not_evaluate_it(
    recorded: Laboratory, number: Number, second: str
) -> None:
    with recorded.database.write() as session:
        session.execute(sa.delete(Competence).where(Competence.method_id == SECOND, Competence.activity == "test"))
    with pytest.raises(Refused, match="not authorised for this method"):
        _evaluate(recorded, number("YX"), second)
    assert _job(recorded, second).state == "planned"


@ONE_KIND
def test_the_record_of_another_item_is_refused(recorded: Laboratory, number: Number) -> None:
    other = journey.receive(recorded, journey.order(recorded)).job
    with pytest.raises(BadInput, match="another item"):
        _evaluate(recorded, number("YX"), other)
    assert _job(recorded, other).state == "planned"


@ONE_KIND
def test_a_job_that_is_over_takes_no_record(recorded: Laboratory, number: Number, second: str) -> None:
    with recorded.database.write() as session:
        session.execute(sa.update(Job).where(Job.number == second).values(state="abandoned"))
    with pytest.raises(Refused, match="'abandoned'"):
        _evaluate(recorded, number("YX"), second)


def test_a_second_job_may_have_a_run_of_its_own_while_the_item_is_in_test(
    recorded: Laboratory, number: Number, second: str
) -> None:
    with recorded.work(journey.actor(recorded, "technician")) as work:
        run, _ = runs.prepare(work, second, clock=runs.RECORD_CLOCK)
    job = _job(recorded, second)
    assert (run.job_id, job.state) == (job.id, "running")
    with pytest.raises(Refused, match="'running'"):
        _evaluate(recorded, number("YX"), second)


def test_an_item_is_described_for_each_of_its_methods_and_each_is_given_what_it_asks_for(
    recorded: Laboratory, number: Number
) -> None:
    _order(recorded, number("YP"), method="iso24194-2022")
    with recorded.work(journey.actor(recorded, "technician")) as work:
        items.state_properties(work, number("YP"), {"formula": 2.0, "a1": 2.067, "iam": [[50.0, 0.9], [90.0, 0.0]]})
        item = item_queries.by_number(work.session, number("YP"), work.actor)
        check = items.as_method_input(item, methods()["iso24194-2022"])
        test = items.as_method_input(item, methods()[people.METHOD])
    assert (check["a1"], check["iam"], check["tilt"]) == (2.067, [[50.0, 0.9], [90.0, 0.0]], 30.0)
    assert "a1" not in test
    assert "averaging_time" not in check
    assert (test["tilt"], test["averaging_time"]) == (30.0, 1800.0)


@ONE_KIND
def test_only_an_item_of_the_company_that_is_still_here_can_be_named(recorded: Laboratory, number: Number) -> None:
    with pytest.raises(NotFound):
        _order(recorded, number("YP"), by="lu")
    form = RequestForm(tests=(SECOND,), item_number=number("YP"))
    lu = people.person(recorded, "lu").company_id
    with recorded.work(journey.actor(recorded, "office")) as work:
        foreign = orders.draft_request(work, items.completed(work, form), company_id=lu).number
        with pytest.raises(NotFound):
            items.act_on_request(work, foreign, "submit")
    with recorded.work(journey.actor(recorded, "technician")) as work:
        items.act(work, number("YP"), "keep")
    with pytest.raises(Refused, match="cannot be tested again"):
        _order(recorded, number("YP"))


@ONE_KIND
@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("iso9806-2017-stagnation", "the nearest lacks: absorber temperature"),
        ("iso9806-2017-sst", "Nobody is authorised to test, review, authorise"),
    ],
)
def test_an_order_that_no_bench_or_nobody_can_do_is_not_accepted(
    recorded: Laboratory, number: Number, method: str, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        _order(recorded, number("YP"), method=method)


@ONE_KIND
def test_what_is_typed_in_a_request_stands_before_what_is_known_of_the_item(
    recorded: Laboratory, number: Number
) -> None:
    with recorded.work(journey.actor(recorded, "shen")) as work:
        form = RequestForm(tests=(SECOND,), item_number=number("YP"), model="HTHEATstore 35/10 (S)")
        given = items.completed(work, form)
        assert items.completed(work, replace(form, item_number="")) == replace(form, item_number="")
    assert (given.model, given.manufacturer) == ("HTHEATstore 35/10 (S)", "Arcon-Sunmark A/S")
