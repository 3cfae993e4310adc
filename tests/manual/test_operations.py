"""A manual test from its beginning to its authorised record: who may write, what is kept, who signs."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lims import audit
from lims.demonstration import journey
from lims.equipment import queries as equipment_queries
from lims.errors import BadInput, Forbidden, Refused
from lims.laboratory import Laboratory
from lims.manual import operations, queries
from lims.manual.models import ManualEntry, ManualTest
from lims.orders import queries as order_queries
from lims.orders.sampled import RequestSampler

GOOD = {"system": "closed", "pressure": ("900", "900"), "held": "30", "leak": "no"}


def begin(laboratory: Laboratory, job: str, by: str = "technician") -> str:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        return operations.begin(work, job).number


def write(
    laboratory: Laboratory, number: str, symbol: str, text: str, *, by: str = "technician", **more: object
) -> None:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        operations.write(work, number, symbol=symbol, text=text, **more)  # type: ignore[arg-type]


def fill(laboratory: Laboratory, number: str) -> None:
    for symbol, texts in GOOD.items():
        for reading, text in enumerate(texts if isinstance(texts, tuple) else (texts,), start=1):
            write(laboratory, number, symbol, text, reading=reading)
    write(laboratory, number, "equipment", "HB-EQ-0001", row=1)


def act(laboratory: Laboratory, number: str, action: str, by: str, reason: str = "") -> None:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        operations.act(work, number, action, reason)


def found(laboratory: Laboratory, number: str) -> ManualTest:
    with laboratory.database.read() as session:
        return queries.by_number(session, number)


def test_a_manual_test_is_done_by_three_people_and_its_record_is_kept_by_digest(
    laboratory: Laboratory, job: str
) -> None:
    number = begin(laboratory, job)
    assert begin(laboratory, job) == number
    fill(laboratory, number)
    act(laboratory, number, "submit", "technician")
    act(laboratory, number, "review", "reviewer")
    act(laboratory, number, "authorise", "signatory")
    test = found(laboratory, number)
    kept = queries.submitted(laboratory.store, test.record_sha256)
    assert kept["record"]["pressure"] == [900.0, 900.0]
    assert len(kept["entries"]) == 6
    judged = json.loads(laboratory.store.get(test.judgement_sha256))
    assert judged["verdict"] == test.verdict
    with laboratory.database.read() as session:
        assert order_queries.job_by_number(session, job).state == "done"
        assert audit.verify(session).wrong_at is None


@pytest.mark.parametrize("kind", ["sqlite"])
def test_an_entry_is_changed_only_with_a_reason_and_both_are_kept(laboratory: Laboratory, job: str) -> None:
    number = begin(laboratory, job)
    write(laboratory, number, "held", "15")
    write(laboratory, number, "held", "15")  # the same again is once
    with pytest.raises(Refused, match="say why"):
        write(laboratory, number, "held", "30")
    write(laboratory, number, "held", "30", reason="看错秒表")
    write(laboratory, number, "held", "", reason="重新计时")
    assert [(one.text, one.reason) for one in found(laboratory, number).entries] == [
        ("15", ""), ("30", "看错秒表"), ("", "重新计时"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_is_missing_or_read_twice_unlike_is_not_submitted_unless_the_test_was_stopped(
    laboratory: Laboratory, job: str
) -> None:
    number = begin(laboratory, job)
    with pytest.raises(Refused, match="system"):
        act(laboratory, number, "submit", "technician")
    fill(laboratory, number)
    write(laboratory, number, "pressure", "950", reading=2, reason="第二次读数")
    with pytest.raises(Refused, match="pressure"):
        act(laboratory, number, "submit", "technician")
    write(laboratory, number, "stopped", "试样破裂")
    act(laboratory, number, "submit", "technician")
    assert found(laboratory, number).verdict != "pass"
    with pytest.raises(Refused, match="submitted"):
        write(laboratory, number, "remark", "too late")
    act(laboratory, number, "send_back", "reviewer", "请复测压力")
    write(laboratory, number, "remark", "已复测")
    act(laboratory, number, "submit", "technician")


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_record_whose_measured_numbers_decide_names_its_instruments(laboratory: Laboratory, job: str) -> None:
    number = begin(laboratory, job)
    fill(laboratory, number)
    write(laboratory, number, "equipment", "", row=1, reason="误扫")
    with pytest.raises(Refused, match=r"No instrument is named .* \(test pressure, time under pressure\)") as refused:
        act(laboratory, number, "submit", "technician")
    assert "未登记所用仪器，而判定取决于测量值（试验压力、保压时间）" in refused.value.sentence_zh
    write(laboratory, number, "equipment", "HB-EQ-0001", row=1)
    act(laboratory, number, "submit", "technician")
    act(laboratory, number, "review", "reviewer")
    with laboratory.database.write() as session:  # as a record that was submitted before anybody asked for it
        session.execute(sa.text("drop trigger manual_entry_no_delete"))
        session.execute(sa.text("delete from manual_entry where symbol = 'equipment'"))
    with pytest.raises(Refused, match="Refer the record back"):
        act(laboratory, number, "authorise", "signatory")
    assert found(laboratory, number).state == "reviewed"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_only_the_authorised_begin_and_write(laboratory: Laboratory, job: str) -> None:
    with pytest.raises(Forbidden):
        begin(laboratory, job, by="office")
    number = begin(laboratory, job)
    with laboratory.database.write() as session:
        session.execute(audit.sa.text("update competence set valid_to = '2020-01-01' where activity = 'test'"))
    with pytest.raises(Refused, match="not authorised"):
        write(laboratory, number, "held", "15")


@pytest.mark.parametrize("kind", ["sqlite"])
def test_nobody_signs_twice(laboratory: Laboratory, job: str) -> None:
    number = begin(laboratory, job)
    fill(laboratory, number)
    act(laboratory, number, "submit", "technician")
    act(laboratory, number, "review", "senior")
    with pytest.raises(Refused, match="tested or reviewed this"):
        act(laboratory, number, "authorise", "senior")
    act(laboratory, number, "authorise", "signatory")


@pytest.mark.parametrize("kind", ["sqlite"])
def test_whoever_wrote_an_entry_neither_reviews_nor_authorises(laboratory: Laboratory, job: str) -> None:
    number = begin(laboratory, job)
    fill(laboratory, number)
    with laboratory.database.write() as session:
        for username in ("reviewer", "signatory"):
            helper = journey.actor(laboratory, username).id
            test = queries.by_number(session, number)
            session.add(
                ManualEntry(
                    test_id=test.id, symbol="remarks", row=0, reading=1, text=username, at=laboratory.clock(),
                    person_id=helper,
                )
            )  # fmt: skip
    act(laboratory, number, "submit", "technician")
    with pytest.raises(Refused, match="cannot also review"):
        act(laboratory, number, "review", "reviewer")
    act(laboratory, number, "review", "senior")
    with pytest.raises(Refused, match="tested or reviewed this"):
        act(laboratory, number, "authorise", "signatory")


@pytest.mark.parametrize("kind", ["sqlite"])
def test_equipment_is_in_the_register_in_service_and_calibrated_today(laboratory: Laboratory, job: str) -> None:
    number = begin(laboratory, job)
    with pytest.raises(BadInput, match="no equipment HB-EQ-9999"):
        write(laboratory, number, "equipment", "HB-EQ-9999", row=1)
    with laboratory.database.read() as session:
        one = equipment_queries.of_numbers(session, ["HB-EQ-0001"])[0]
        assert max(each.due_on for each in one.calibrations) >= laboratory.today
    write(laboratory, number, "equipment", "HB-EQ-0001", row=1)
    later = laboratory.clock() + timedelta(days=4000)
    laboratory.clock = lambda: later
    with pytest.raises(Refused, match="calibration of HB-EQ-0001 ended"):
        write(laboratory, number, "equipment", "HB-EQ-0001", row=2)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_voided_record_is_kept_and_another_is_begun(laboratory: Laboratory, job: str) -> None:
    first = begin(laboratory, job)
    act(laboratory, first, "void", "technician", "试样接错")
    second = begin(laboratory, job)
    assert second != first
    assert found(laboratory, first).state == "void"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_job_of_a_bench_has_no_manual_record(planned: Laboratory) -> None:
    with pytest.raises(BadInput, match="no manual test"):
        begin(planned, f"RW-{planned.today.year}-00001")


@pytest.mark.parametrize("kind", ["sqlite"])
def test_who_took_the_sample_does_not_begin_write_submit_or_review(laboratory: Laboratory, job: str) -> None:
    sampled_by(laboratory, job, "technician", "reviewer")
    with pytest.raises(Refused, match="took this sample"):
        begin(laboratory, job)
    with laboratory.database.write() as session:
        session.execute(sa.delete(RequestSampler))
    number = begin(laboratory, job)
    fill(laboratory, number)
    sampled_by(laboratory, job, "technician")
    with pytest.raises(Refused, match="took this sample"):
        write(laboratory, number, "held", "30", reason="看错秒表")
    with pytest.raises(Refused, match="took this sample"):
        act(laboratory, number, "submit", "technician")
    with laboratory.database.write() as session:
        session.execute(sa.delete(RequestSampler))
    act(laboratory, number, "submit", "technician")
    sampled_by(laboratory, job, "reviewer")
    with pytest.raises(Refused, match="took this sample"):
        act(laboratory, number, "review", "reviewer")
    act(laboratory, number, "review", "senior")


def sampled_by(laboratory: Laboratory, job: str, *usernames: str) -> None:
    """The item of the job turns into one that these people took as a sample."""
    with laboratory.database.write() as session:
        request = order_queries.job_by_number(session, job).request_id
        session.add_all(
            RequestSampler(request_id=request, person_id=journey.actor(laboratory, one).id) for one in usernames
        )
