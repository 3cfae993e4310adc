"""A spot check from the task to the order: two samplers, seals, signatures; who sampled does not test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from lims.demonstration import journey, people, spot_check
from lims.demonstration.journey import actor
from lims.errors import BadInput, Forbidden, HeliobenchError, NotFound, Refused
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.items import receipt
from lims.items.models import Item
from lims.laboratory import Laboratory
from lims.orders import operations as orders
from lims.orders import queries as order_queries
from lims.orders.models import Job, Request
from lims.orders.sampled import RequestSampler, samplers
from lims.parties.models import Company, Person
from lims.results import operations as results
from lims.results.models import Result
from lims.runs import operations as runs
from lims.sampling import operations, queries
from lims.sampling.models import SamplingRecord
from lims.sampling.operations import RecordForm, TaskForm
from lims.sampling.sheet import sheet

CHINESE = re.compile(r"[一-鿿].*。$", re.DOTALL)
Templates = Callable[[str, str], Any]


def refused(said: str, error: HeliobenchError) -> None:
    """The sentence says it in English, and in Chinese with a full stop of its own."""
    assert said in error.sentence_en, error.sentence_en
    assert CHINESE.search(error.sentence_zh), error.sentence_zh


@pytest.fixture(scope="module")
def drafted(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A laboratory whose samplers filled in a record that nobody signed yet; as a template."""

    def step(laboratory: Laboratory) -> None:
        spot_check.authorise(laboratory, (*spot_check.SAMPLERS, "technician"))
        spot_check.taken(laboratory, spot_check.task(laboratory))

    return templates("sqlite", "people").grown(tmp_path_factory.mktemp("drafted") / "instance", step)


@pytest.fixture
def draft(drafted: Any, tmp_path: Path) -> Iterator[Laboratory]:
    with drafted.copied(tmp_path / "instance") as laboratory:
        yield laboratory


@pytest.fixture(scope="module")
def shared(drafted: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """The same, for tests after which the next one may find what they left."""
    with drafted.copied(tmp_path_factory.mktemp("shared") / "instance") as laboratory:
        yield laboratory


CY, CC = "CY-2026-00001", "CC-2026-00001"


def number_of(laboratory: Laboratory, table: Any) -> str:
    with laboratory.database.read() as session:
        return str(session.scalar(sa.select(table.number).order_by(table.id)))


def test_a_spot_check_becomes_an_order_of_sealed_items_that_the_samplers_may_not_test(laboratory: Laboratory) -> None:
    number = spot_check.load(laboratory)
    with laboratory.work(actor(laboratory, "office")) as work:
        made = operations.order(work, number).number
        journey.accept(work, made)
    with laboratory.database.read() as session:
        order = order_queries.request_by_number(session, made, actor(laboratory, "lu"))
        assert (order.kind, order.payer, order.company.code) == ("spot_check", "浙江省演示市场监督管理局", "C-002")
        found = item_queries.of_request(session, order)
        assert [(one.role, one.seal) for one in found] == [("test", "FY-0017"), ("backup", "FY-0018")]
        expected = {people.person(laboratory, one).id for one in spot_check.SAMPLERS}
        assert [samplers(session, one.id) for one in found] == [expected, expected]
        progress = queries.progress(queries.records_of(session, queries.record_by_number(session, number).task))
        assert (progress.companies, progress.samples, progress.declined) == (1, 1, 0)
        with pytest.raises(NotFound):
            order_queries.request_by_number(session, made, actor(laboratory, "shen"))
    with laboratory.work(actor(laboratory, "office")) as work, pytest.raises(Refused) as again:
        operations.order(work, number)
    refused("'ordered'", again.value)


def test_a_broken_seal_leads_to_refusal_and_an_intact_one_to_the_test(laboratory: Laboratory) -> None:
    number = spot_check.load(laboratory)
    with laboratory.work(actor(laboratory, "office")) as work:
        made = operations.order(work, number).number
        journey.accept(work, made)
    with laboratory.work(actor(laboratory, "technician")) as work:
        order = order_queries.request_by_number(work.session, made, work.actor)
        test, backup = item_queries.of_request(work.session, order)
        arrivals = [
            receipt.Arrival(number=test.number, conditions=("intact",), seal_found="intact"),
            receipt.Arrival(number=backup.number, conditions=("intact",), seal="FY-9999"),
        ]
        receipt.receive(work, made, receipt.Delivery(place="A-01", arrivals=arrivals))
        assert (test.seal_found, backup.seal_found, backup.seal) == ("intact", "broken", "FY-0018")
        assert [(one.what, one.announced, one.found) for one in backup.findings] == [("seal", "FY-0018", "FY-9999")]
        items.act(work, test.number, "accept")
        with pytest.raises(Refused) as broken:
            items.act(work, backup.number, "accept")
        refused("cannot be tested; refuse it", broken.value)
        with pytest.raises(Refused) as back:
            receipt.check_seal(work, backup.number, found="intact")
        refused("that stays", back.value)
        items.act(work, backup.number, "refuse", reason="封签号不符")
        assert backup.state == "refused"


def test_a_seal_nobody_looked_at_keeps_the_item_from_the_test(draft: Laboratory) -> None:
    spot_check.signed(draft, CY)
    with draft.work(actor(draft, "office")) as work:
        made = operations.order(work, CY).number
        journey.accept(work, made)
        order = order_queries.request_by_number(work.session, made, work.actor)
        test, backup = item_queries.of_request(work.session, order)
        for one in (test, backup):
            items.act(work, one.number, "receive", condition="完好", place="A-01")
        with pytest.raises(Refused) as unseen:
            items.act(work, test.number, "accept")
        refused("Look at the seal FY-0017", unseen.value)
        with pytest.raises(BadInput):
            receipt.check_seal(work, test.number, found="perhaps")
        for one in (test, backup):
            receipt.check_seal(work, one.number, found="intact")
            items.act(work, one.number, "accept")
        with pytest.raises(Refused) as kept:
            _plan(work, made, backup.number, "technician")
        refused("stays sealed for a retest", kept.value)
        assert _plan(work, made, test.number, "technician").state == "planned"


def _plan(work: Any, request: str, item: str, username: str) -> Job:
    person = work.session.scalar(sa.select(Person).where(Person.username == username))
    return items.plan_job(
        work, request_number=request, item_number=item, bench=journey.BENCH, planned_on=work.today,
        assigned_to_id=person.id,
    )  # fmt: skip


# --- who sampled does not test: each place where a test is planned, done or reviewed ----------------------------


def sampled_by(laboratory: Laboratory, *usernames: str) -> None:
    """The demonstration's item turns into one that these people took as a sample."""
    with laboratory.work(actor(laboratory, "office")) as work:
        request = work.session.scalar(sa.select(Request).order_by(Request.id))
        for one in usernames:
            person = work.session.scalar(sa.select(Person).where(Person.username == one))
            work.session.add(RequestSampler(request_id=request.id, person_id=person.id))  # type: ignore[union-attr]


@pytest.fixture
def stage(templates: Templates, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Laboratory]:
    with templates("sqlite", request.param).copied(tmp_path / "instance") as laboratory:
        yield laboratory


@pytest.mark.parametrize("stage", ["planned"], indirect=True)
def test_no_job_is_planned_for_a_sampler_and_none_is_started_by_one(stage: Laboratory) -> None:
    sampled_by(stage, "technician")
    job, item, request = (number_of(stage, table) for table in (Job, Item, Request))
    with stage.work(actor(stage, "office")) as work, pytest.raises(Refused) as planning:
        _plan(work, request, item, "technician")
    refused("may not test it; choose another technician", planning.value)
    with stage.work(actor(stage, "technician")) as work, pytest.raises(Refused) as starting:
        runs.prepare(work, job, clock=runs.RECORD_CLOCK)
    refused("took this sample", starting.value)
    for action in ("start", "use_record"):
        with stage.work(actor(stage, "technician")) as work, pytest.raises(Refused) as job_refused:
            orders.act_on_job(work, job, action)
        refused("took this sample", job_refused.value)


@pytest.mark.parametrize("stage", ["planned"], indirect=True)
def test_a_run_that_was_aborted_is_not_begun_again_by_a_sampler(stage: Laboratory) -> None:
    job = number_of(stage, Job)
    with stage.work(actor(stage, "technician")) as work:
        run, _ = runs.prepare(work, job, clock=runs.RECORD_CLOCK)
        runs.act(work, run.number, "abort", "电源中断")
    sampled_by(stage, "technician")
    with stage.work(actor(stage, "technician")) as work, pytest.raises(Refused) as again:
        runs.prepare(work, job, clock=runs.RECORD_CLOCK)
    refused("took this sample", again.value)


@pytest.mark.parametrize("stage", ["recorded"], indirect=True)
def test_a_sampler_neither_evaluates_nor_submits_nor_reviews(stage: Laboratory) -> None:
    result = number_of(stage, Result)
    sampled_by(stage, "technician")
    with stage.database.read() as session:
        run = session.scalars(sa.select(Result)).one().run.number
    with pytest.raises(Refused) as evaluating:
        results.require_evaluable(stage, actor(stage, "technician"), run)
    refused("took this sample", evaluating.value)
    with stage.work(actor(stage, "technician")) as work, pytest.raises(Refused) as submitting:
        results.act(work, result, "submit")
    refused("took this sample", submitting.value)


@pytest.mark.parametrize("stage", ["recorded"], indirect=True)
def test_a_sampler_does_not_review_what_a_colleague_tested(stage: Laboratory) -> None:
    result = number_of(stage, Result)
    with stage.work(actor(stage, "technician")) as work:
        results.act(work, result, "submit")
    sampled_by(stage, "reviewer")
    with stage.work(actor(stage, "reviewer")) as work, pytest.raises(Refused) as reviewing:
        results.act(work, result, "review")
    refused("took this sample", reviewing.value)
    with stage.work(actor(stage, "senior")) as work:
        assert results.act(work, result, "review").state == "reviewed"


# --- what cannot stand on a record -----------------------------------------------------------------------------


def saved(laboratory: Laboratory, **changes: Any) -> SamplingRecord:
    form = replace(spot_check.form(laboratory), **changes)
    with laboratory.work(actor(laboratory, "office")) as work:
        return operations.save(work, CY, form)


def test_two_samplers_are_two_people_of_the_laboratory_who_are_authorised(draft: Laboratory) -> None:
    quality, reviewer, lu = (people.person(draft, one).id for one in ("quality", "reviewer", "lu"))
    for second, said in ((quality, "two people"), (reviewer, "not authorised to take samples"), (lu, "a company")):
        with pytest.raises(BadInput) as error:
            saved(draft, sampler_1_id=quality, sampler_2_id=second)
        refused(said, error.value)
    saved(draft, sampler_2_id=None)
    with draft.work(actor(draft, "quality")) as work, pytest.raises(BadInput) as alone:
        operations.sign(work, CY)
    refused("name the second one", alone.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seals": ("FY-1", "FY-1")}, "stands here twice"),
        ({"seals": ("a b",)}, "no number of a seal"),
        ({"seals": tuple(f"FY-{n}" for n in range(60))}, "At most"),
        ({"sampled_on": date(2099, 1, 1)}, "in the future"),
        ({"base_quantity": -1}, "whole numbers"),
        ({"place_kind": "moon"}, "where the sample is taken"),
    ],
)
def test_what_cannot_be_is_not_kept(shared: Laboratory, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as error:
        saved(shared, **changes)
    refused(said, error.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": ""}, "lacks the model"),
        ({"seals": ()}, "1 samples need 1 seals"),
        ({"backup_seals": ()}, "1 backup samples need 1 seals"),
        ({"base_quantity": 1}, "2 were taken of 1"),
        ({"backup_place": ""}, "where the backup sample is kept"),
    ],
)
def test_a_record_that_is_not_whole_is_kept_but_signed_by_nobody(
    shared: Laboratory, changes: dict[str, Any], said: str
) -> None:
    saved(shared, **changes)
    for verb in (_sign, _company_signs):
        with pytest.raises(BadInput) as error:
            verb(shared)
        refused(said, error.value)


def _sign(laboratory: Laboratory) -> None:
    with laboratory.work(actor(laboratory, "quality")) as work:
        operations.sign(work, CY)


def _company_signs(laboratory: Laboratory, **given: Any) -> None:
    asked: dict[str, Any] = {"how": "refused", "representative": "陆鸣", "words": "对封样有异议"} | given
    with laboratory.work(actor(laboratory, "quality")) as work:
        operations.sign_for_company(work, CY, **asked)


def test_a_seal_is_used_once(draft: Laboratory) -> None:
    with draft.work(actor(draft, "office")) as work:
        second = operations.begin(work, CC).number
        with pytest.raises(BadInput) as used:
            operations.save(work, second, RecordForm(seals=("FY-0018",)))
        refused("FY-0018 was used on another record", used.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"representative": " "}, "who represented the company"),
        ({"how": "telepathy"}, "how this person signed"),
        ({"words": ""}, "why the company does not sign"),
        ({"how": "drawn"}, "with a finger or pen"),
        ({"how": "sheet"}, "scan or photograph of the signed sheet"),
    ],
)
def test_the_company_signs_in_one_of_three_ways(shared: Laboratory, given: dict[str, Any], said: str) -> None:
    saved(shared)
    with pytest.raises(BadInput) as error:
        _company_signs(shared, **given)
    refused(said, error.value)


def test_what_somebody_signed_is_changed_only_after_opening_it_again_with_a_reason(draft: Laboratory) -> None:
    _company_signs(draft)
    _sign(draft)
    for verb, said in ((lambda: saved(draft, model="NY-30"), "was signed"), (lambda: _sign(draft), "signed already")):
        with pytest.raises(Refused) as error:
            verb()
        refused(said, error.value)
    with draft.work(actor(draft, "technician")) as work, pytest.raises(Refused) as stranger:
        operations.sign(work, CY)
    refused("is not a sampler", stranger.value)
    with draft.work(actor(draft, "quality")) as work, pytest.raises(Refused):
        operations.act(work, CY, "reopen")
    with draft.work(actor(draft, "quality")) as work:
        record = operations.act(work, CY, "reopen", "型号写错")
        assert not record.touched
    assert saved(draft, model="NY-30").model == "NY-30"


def test_a_company_that_declines_is_recorded_with_both_samplers(draft: Laboratory) -> None:
    saved(draft, sampler_2_id=None)
    with draft.work(actor(draft, "quality")) as work, pytest.raises(BadInput) as alone:
        operations.act(work, CY, "decline", "拒绝进入成品库")
    refused("both samplers", alone.value)
    saved(draft)
    with draft.work(actor(draft, "quality")) as work:
        assert operations.act(work, CY, "decline", "拒绝进入成品库").state == "declined"
    with draft.database.read() as session:
        records = queries.records_of(session, queries.task_by_number(session, CC))
        assert queries.progress(records).declined == 1


def test_a_company_nobody_knew_is_registered_with_the_order(draft: Laboratory) -> None:
    saved(draft, company_id=None, company_name="桐乡新晖热水器有限公司", company_address="桐乡市振兴路 9 号")
    spot_check.signed(draft, CY)
    with draft.work(actor(draft, "office")) as work:
        order = operations.order(work, CY)
        assert (order.company.name_zh, order.company.code) == ("桐乡新晖热水器有限公司", "C-003")
        assert work.session.scalar(sa.select(sa.func.count()).select_from(Company)) == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"document": " "}, "number of its document"),
        ({"tests": ()}, "at least one test"),
        ({"samples": 1}, "a sample for every company"),
        ({"last_day": date(2020, 1, 1)}, "ends before it begins"),
        ({"budget": -1}, "below zero"),
    ],
)
def test_a_task_order_says_who_asks_for_what_by_when(shared: Laboratory, changes: dict[str, Any], said: str) -> None:
    day = shared.today
    form = TaskForm(
        authority="某局", document="7 号", products="集热器", tests=(people.METHOD,), companies=2, samples=3,
        first_day=day, last_day=day + timedelta(days=1),
    )  # fmt: skip
    with shared.work(actor(shared, "office")) as work, pytest.raises(BadInput) as error:
        operations.enter_task(work, replace(form, **changes))
    refused(said, error.value)
    with shared.work(actor(shared, "technician")) as work, pytest.raises(Forbidden):
        operations.enter_task(work, form)


def test_the_sheet_is_one_page_and_says_what_was_taken(draft: Laboratory) -> None:
    with draft.database.read() as session:
        record = queries.record_by_number(session, CY)
        pdf = sheet(draft, record)
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 1
