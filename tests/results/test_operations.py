"""Results: recorded once with all they need, signed by three people, and never changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from lims.audit import Event
from lims.demonstration import journey
from lims.errors import BadInput, Damaged, Forbidden, Refused
from lims.items.models import Item
from lims.laboratory import Laboratory
from lims.orders.models import Job
from lims.results import background, operations, queries
from lims.results.models import Result
from lims.runs.models import RunSegment

Number = Callable[[str], str]


def _result(laboratory: Laboratory, number: str) -> Result:
    with laboratory.database.read() as session:
        found = queries.by_number(session, number)
        session.refresh(found, ["values", "figures"])
        return found


def _act(laboratory: Laboratory, username: str, number: str, action: str, reason: str = "") -> Result:
    with laboratory.work(journey.actor(laboratory, username)) as work:
        return operations.act(work, number, action, reason)


def test_the_stored_values_are_those_of_the_stored_outcome(recorded: Laboratory, number: Number) -> None:
    result = _result(recorded, number("JG"))
    told = queries.outcome(recorded.store, result)["coefficients"]
    names = ("symbol", "unit", "value", "standard_uncertainty", "expanded_uncertainty")
    assert [[getattr(row, name) for name in names] for row in result.values] == [
        [row[name] for name in names] for row in told
    ]
    assert result.values[0].symbol == "eta0b"
    assert result.state == "recorded"


def test_every_figure_is_in_the_store(recorded: Laboratory, number: Number) -> None:
    drawn = _result(recorded, number("JG")).figures
    assert drawn
    for one in drawn:
        assert b"<svg" in recorded.store.get(one.sha256)


def test_a_run_may_be_evaluated_again_and_both_results_stay(recorded: Laboratory, number: Number) -> None:
    again = journey.evaluate(recorded, number("YX"))
    first = _result(recorded, number("JG"))
    assert again.number != first.number
    assert again.outcome_sha256 == first.outcome_sha256


def _refused(laboratory: Laboratory, run: str, by: str = "technician") -> None:
    with laboratory.database.read() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Event))
    try:
        operations.evaluate_run(laboratory, journey.actor(laboratory, by), run)
    finally:
        with laboratory.database.read() as session:
            assert session.scalars(sa.select(Result)).all() == []
            assert session.scalar(sa.select(sa.func.count()).select_from(Event)) == before


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("by", ["office", "reviewer", "signatory", "admin", "quality", "shen"])
def test_only_a_technician_evaluates(measured: Laboratory, number: Number, by: str) -> None:
    with pytest.raises(Forbidden):
        _refused(measured, number("YX"), by)


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("state", ["prepared", "recording", "aborted"])
def test_a_run_that_is_not_sealed_is_not_evaluated(measured: Laboratory, number: Number, state: str) -> None:
    with measured.database.write() as session:
        session.execute(sa.text("update run set state = :state"), {"state": state})
    with pytest.raises(Refused, match=f"is '{state}'; only a sealed run is evaluated"):
        _refused(measured, number("YX"))


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"x")])
@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_damaged_or_lost_segment_in_the_store_is_told_and_nothing_recorded(
    measured: Laboratory, number: Number, damage: Callable
) -> None:
    with measured.database.read() as session:
        digest = session.scalars(sa.select(RunSegment.sha256).where(RunSegment.index == 3)).one()
    path = measured.store.folder / digest[:2] / f"{digest}.gz"
    path.chmod(0o644)
    damage(path)
    with pytest.raises(Damaged, match=digest[:16]):
        _refused(measured, number("YX"))


def test_without_a_calibration_of_the_runs_days_nothing_is_recorded(
    measured: Laboratory, number: Number, disarmed: Callable[..., None]
) -> None:
    with measured.database.write() as session:
        disarmed(session, "calibration")
        session.execute(sa.text("delete from calibration where symbol = 'G' and calibrated_on < '2020-01-01'"))
    with pytest.raises(Refused, match="HB-EQ-0001 had no valid calibration of G on 2017-07-13"):
        _refused(measured, number("YX"))


@pytest.mark.parametrize("kind", ["sqlite"])
def test_an_item_that_lacks_what_the_method_asks_for_is_told_in_the_methods_words(
    measured: Laboratory, number: Number
) -> None:
    with measured.database.write() as session:
        session.execute(sa.text("delete from item_property where symbol = 'beta' or symbol = 'A_G'"))
        assert session.scalars(sa.select(Item)).one()
    with pytest.raises(BadInput, match="lacks"):
        _refused(measured, number("YX"))


def test_who_tested_reviewed_and_authorised_and_when_is_kept_with_the_result(
    recorded: Laboratory, number: Number
) -> None:
    for username, action in (("technician", "submit"), ("reviewer", "review"), ("signatory", "authorise")):
        _act(recorded, username, number("JG"), action)
    result = _result(recorded, number("JG"))
    names = [result.tested_by.username, result.reviewed_by.username, result.authorised_by.username]  # type: ignore[union-attr]
    assert names == ["technician", "reviewer", "signatory"]
    assert result.recorded_at <= result.tested_at <= result.reviewed_at <= result.authorised_at  # type: ignore[operator]
    assert result.job.state == "done"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_result_sent_back_begins_anew_without_its_reviewer(recorded: Laboratory, number: Number) -> None:
    name = number("JG")
    _act(recorded, "technician", name, "submit")
    _act(recorded, "reviewer", name, "review")
    assert _act(recorded, "signatory", name, "refer_back", "the shading of row 3").state == "recorded"
    result = _result(recorded, name)
    assert (result.reviewed_by_id, result.reviewed_at, result.tested_at) == (None, None, None)
    _act(recorded, "technician", name, "submit")
    assert _act(recorded, "senior", name, "review").reviewed_by.username == "senior"  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_an_authorised_result_cannot_be_voided_or_authorised_again(recorded: Laboratory, number: Number) -> None:
    journey.approve(recorded, number("JG"))
    for username, action in (("technician", "void"), ("signatory", "authorise"), ("signatory", "refer_back")):
        with pytest.raises(Refused, match="is 'authorised'"):
            _act(recorded, username, number("JG"), action, "because")


@pytest.mark.parametrize("kind", ["sqlite"])
def test_of_two_results_of_a_job_only_one_is_authorised(recorded: Laboratory, number: Number) -> None:
    second = journey.evaluate(recorded, number("YX")).number
    journey.approve(recorded, number("JG"))
    with pytest.raises(Refused, match="already has an authorised result"):
        _act(recorded, "technician", second, "submit")
    assert _result(recorded, second).state == "recorded"


# --- a job that was reopened by mistake ---


def _job(laboratory: Laboratory, username: str, verb: Callable, number: str, reason: str = "看错任务") -> Job:
    with laboratory.work(journey.actor(laboratory, username)) as work:
        found: Job = verb(work, number, reason)
        return found


def test_a_reopening_is_taken_back_with_a_reason_and_the_signatures_stay(
    authorised: Laboratory, number: Number
) -> None:
    job, before = number("RW"), _result(authorised, number("JG"))
    with pytest.raises(Refused, match="needs it to be 'measured'"):
        _job(authorised, "signatory", operations.take_back, job)
    assert _job(authorised, "signatory", operations.reopen, job).state == "measured"
    with pytest.raises(Refused, match="Give a reason"):
        _job(authorised, "signatory", operations.take_back, job, " ")
    for by in ("technician", "reviewer", "office", "quality"):
        with pytest.raises(Refused, match="role does not include"):
            _job(authorised, by, operations.take_back, job)
    assert _job(authorised, "signatory", operations.take_back, job).state == "done"
    after = _result(authorised, number("JG"))
    signed = (
        "state",
        "tested_by_id",
        "tested_at",
        "reviewed_by_id",
        "reviewed_at",
        "authorised_by_id",
        "authorised_at",
    )
    assert [getattr(after, name) for name in signed] == [getattr(before, name) for name in signed]
    with authorised.database.read() as session:
        told = session.scalars(sa.select(Event).where(Event.subject == job).order_by(Event.position)).all()
        assert [(one.action, one.source, one.target, one.reason) for one in told[-2:]] == [
            ("reopen", "done", "measured", "看错任务"), ("take_back", "measured", "done", "看错任务"),
        ]  # fmt: skip


@pytest.mark.parametrize("kind", ["sqlite"])
def test_it_is_too_late_once_something_was_recorded_or_while_it_is_evaluated(
    authorised: Laboratory, number: Number
) -> None:
    job, technician = number("RW"), journey.actor(authorised, "technician")
    _job(authorised, "signatory", operations.reopen, job)
    task, _ = background.ask(authorised, technician, number("YX"))
    with pytest.raises(Refused, match=r"evaluation for .* is under way; cancel it first"):
        _job(authorised, "signatory", operations.take_back, job)
    assert background.perform(authorised, technician, task) is not None
    later = number("JG").replace("00001", "00002")
    with pytest.raises(Refused, match=f"too late .* recorded since \\({later}\\)") as refused:
        _job(authorised, "signatory", operations.take_back, job)
    assert "不能再撤销" in refused.value.sentence_zh


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_job_that_was_never_done_is_not_taken_back_to_done(recorded: Laboratory, number: Number) -> None:
    with pytest.raises(Refused, match="was not reopened"):
        _job(recorded, "signatory", operations.take_back, number("RW"))
