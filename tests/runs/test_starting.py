"""Starting a run: what is looked at first, one unfinished run a bench, and marks that are kept and taken back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lims.certificates import operations as certificates
from lims.certificates.bundle import parse_bundle
from lims.certificates.reproduction import reproduce
from lims.demonstration import journey
from lims.equipment.models import Equipment
from lims.errors import BadInput, Forbidden, NotFound, Refused
from lims.laboratory import Laboratory
from lims.parties.models import Competence
from lims.results import operations as results
from lims.results import queries as result_queries
from lims.results.evaluation import Excluded
from lims.runs import operations, preflight, queries
from lims.runs.models import Run, RunMark
from lims.watch.starting import read_code, starting

Number = Callable[[str], str]


def prepare(laboratory: Laboratory, job: str, *, at_bench: str = "") -> str:
    with laboratory.work(journey.actor(laboratory, "technician")) as work:
        return operations.prepare(work, job, clock=operations.RECORD_CLOCK, at_bench=at_bench)[0].number


def abort(laboratory: Laboratory, run: str) -> None:
    with laboratory.work(journey.actor(laboratory, "technician")) as work:
        operations.act(work, run, "abort", "hail")


def refusals(laboratory: Laboratory, job: str, by: str = "technician") -> list[str]:
    with laboratory.database.read() as session:
        found = preflight.checks(
            session, queries.startable(session)[0], journey.actor(laboratory, by), laboratory.today
        )
    return [one.refusal.en for one in found if one.refusal]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_each_thing_that_stands_against_a_start_is_a_line_in_words(planned: Laboratory, number: Number) -> None:
    assert refusals(planned, number("RW")) == []
    with planned.database.write() as session:
        session.execute(sa.update(Equipment).where(Equipment.number == "HB-EQ-0003").values(in_service=False))
        session.execute(sa.delete(Competence).where(Competence.activity == "test"))
    found = refusals(planned, number("RW"))
    assert len(found) == 2
    assert "is not authorised for this method" in found[0]
    assert found[1] == "HB-EQ-0003 pyrheliometer is out of service."


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_job_on_another_bench_than_the_scanned_one_does_not_start(planned: Laboratory, number: Number) -> None:
    with pytest.raises(Refused, match="is planned on bench graz-demo, and you are at other"):
        prepare(planned, number("RW"), at_bench="other")
    assert prepare(planned, number("RW"), at_bench="graz-demo") == number("YX")


def second_job(laboratory: Laboratory) -> str:
    return journey.receive(laboratory, journey.order(laboratory)).job


def test_two_jobs_started_on_one_bench_at_once_give_one_run_and_one_sentence(
    planned: Laboratory, number: Number
) -> None:
    jobs = (number("RW"), second_job(planned))

    def start(job: str) -> str:
        try:
            return prepare(planned, job)
        except Refused as refused:
            return refused.sentence_en

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(start, jobs))
    assert told[1] == number("YX")
    assert told[0].startswith(f"Bench graz-demo has an unfinished run, {number('YX')} of job RW-")
    abort(planned, number("YX"))
    with planned.database.read() as session:
        assert {one.number for one in queries.startable(session)} == set(jobs)  # the aborted one is run again
        assert queries.unfinished_on(session, "graz-demo") is None


@pytest.mark.parametrize("kind", ["sqlite"])
def test_two_people_at_one_button_give_one_run(planned: Laboratory, number: Number) -> None:
    def start(_: int) -> str:
        try:
            return prepare(planned, number("RW"))
        except Refused:
            return "refused"

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(start, range(4)))
    assert sorted(told) == sorted([number("YX"), *["refused"] * 3])


@pytest.mark.parametrize(
    ("code", "kind", "value"),
    [
        ("YP-2026-00001", "item", "YP-2026-00001"),
        ("yp-2026-00001\n", "item", "YP-2026-00001"),
        ("https://lab.example/items/YP-2026-00001", "item", "YP-2026-00001"),
        ("RW-2026-00002", "job", "RW-2026-00002"),
        ("graz-demo", "bench", "graz-demo"),
        ("https://lab.example/benches/graz-demo", "bench", "graz-demo"),
        ("../../etc/passwd", "", ""),
        ("", "", ""),
    ],
)
def test_a_scan_names_an_item_a_job_or_a_bench(code: str, kind: str, value: str) -> None:
    assert read_code(code) == (kind, value)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_item_then_bench_leads_to_the_job_and_its_checks(planned: Laboratory, number: Number) -> None:
    me = journey.actor(planned, "technician")
    with planned.database.read() as session:
        first = starting(session, me, planned.today, code=number("YP"))
        assert first.job is not None
        assert (first.job.number, first.checks) == (number("RW"), ())
        done = starting(session, me, planned.today, code="graz-demo", job=first.job.number)
        assert len(done.checks) == 10
        assert not [one for one in done.checks if one.refusal]
        lost = starting(session, me, planned.today, code="YP-1999-00001")
        assert lost.unknown is not None
        assert [one.number for one in lost.jobs] == [number("RW")]
        odd = starting(session, me, planned.today, code="???")
        assert odd.unknown is not None


# --- marks ----------------------------------------------------------------------------------------------------


def test_marks_stay_for_ever_and_are_taken_back_by_another(measured: Laboratory, number: Number) -> None:
    run, technician = number("YX"), journey.actor(measured, "technician")
    begun = row(measured, run).first_scan_at
    assert begun is not None
    with measured.work(technician) as work:
        operations.mark(work, run, "remark", text="cleaned the glazing")
        gone = operations.mark(
            work, run, "exclude", text="a ladder", first=begun, last=begun + timedelta(minutes=30)
        ).id
    standing = row(measured, run).standing_marks
    assert [(one.kind, one.text) for one in standing] == [("exclude", "a ladder"), ("remark", "cleaned the glazing")]
    assert standing[1].first_at == row(measured, run).last_scan_at  # a remark without a time is about the bench's now
    with measured.work(technician) as work:
        operations.withdraw_mark(work, run, gone, "wrong day")
    with pytest.raises(NotFound), measured.work(technician) as work:
        operations.withdraw_mark(work, run, gone, "again")
    found = row(measured, run)
    assert [one.kind for one in found.standing_marks] == ["remark"]
    assert [one.kind for one in found.marks] == ["remark", "exclude", "withdraw"]


def row(laboratory: Laboratory, number: str) -> Run:
    with laboratory.database.read() as session:
        found = queries.by_number(session, number)
        session.refresh(found, ["marks"])
        return found


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_mark_that_cannot_be_is_refused_and_nothing_is_kept(measured: Laboratory, number: Number) -> None:
    run, technician = number("YX"), journey.actor(measured, "technician")
    found = row(measured, run)
    first, last = found.first_scan_at, found.last_scan_at
    assert first is not None
    assert last is not None
    hour = timedelta(hours=1)
    with measured.work(technician) as work:
        for wrong in (
            {"kind": "remark", "text": "  "},
            {"kind": "remark", "text": "x" * 1001},
            {"kind": "dance", "text": "x"},
            {"kind": "exclude", "text": "x"},
            {"kind": "exclude", "text": "x", "first": first + hour, "last": first},
            {"kind": "exclude", "text": "x", "first": last, "last": last + hour},
            {"kind": "exclude", "text": "x", "first": first - 2 * hour, "last": first - hour},
        ):
            with pytest.raises(BadInput):
                operations.mark(work, run, **wrong)  # type: ignore[arg-type]
    with pytest.raises(Forbidden), measured.work(journey.actor(measured, "reviewer")) as work:
        operations.mark(work, run, "remark", text="x")
    with measured.database.read() as session:
        assert not session.scalars(sa.select(RunMark)).all()


@pytest.mark.parametrize("kind", ["sqlite"])
def test_an_interval_left_out_is_an_input_of_the_result_and_told_in_its_notes(
    measured: Laboratory, number: Number
) -> None:
    run, technician = number("YX"), journey.actor(measured, "technician")
    begun = row(measured, run).first_scan_at
    assert begun is not None
    with measured.work(technician) as work:
        operations.mark(
            work, run, "exclude", text="ladder before the collector", first=begun, last=begun + timedelta(minutes=20)
        )
        operations.mark(work, run, "remark", text="clouds")
    (excluded,) = results.excluded_of(row(measured, run))
    assert excluded == Excluded(
        first=f"{begun:%Y-%m-%dT%H:%M:%S}.000Z", last=f"{begun + timedelta(minutes=20):%Y-%m-%dT%H:%M:%S}.000Z",
        reason="ladder before the collector", by="陈立",
    )  # fmt: skip
    result = results.evaluate_run(measured, technician, run)
    with measured.database.read() as session:
        found = result_queries.by_number(session, result.number)
        inputs = result_queries.inputs(measured.store, found)
        outcome = result_queries.outcome(measured.store, found)
    assert [one["reason"] for one in inputs["excluded"]] == ["ladder before the collector"]
    (told,) = [one for one in outcome["notes"] if one["code"] == "left_out"]
    assert told["sentence_en"].startswith("21 scans from 2017-07-13 ")
    assert told["sentence_en"].endswith("were left out by 陈立: ladder before the collector")
    journey.approve(measured, result.number)
    report = journey.report(measured, result.number)
    with measured.database.read() as session:
        bundle = parse_bundle(certificates.bundle_of(measured, session.merge(report, load=False)))
    assert reproduce(bundle).same
    everything = {key: value for key, value in bundle.inputs.items() if key != "excluded"}
    assert reproduce(replace(bundle, inputs=everything)).differences
