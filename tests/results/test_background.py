"""Evaluations beside the pages: one at a time of the same thing, given up on request, lost without harm."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lims.demonstration import journey
from lims.errors import BadInput, Forbidden, NotFound, Refused
from lims.laboratory import Laboratory
from lims.results import background, operations
from lims.results.models import EvaluationTask, Result

Number = Callable[[str], str]


def state(laboratory: Laboratory, task_id: int) -> EvaluationTask:
    with laboratory.database.read() as session:
        return background.by_id(session, task_id)


def results(laboratory: Laboratory) -> int:
    with laboratory.database.read() as session:
        return int(session.scalar(sa.select(sa.func.count()).select_from(Result)) or 0)


def test_an_evaluation_ends_in_its_result_and_a_second_click_meets_the_same_one(
    measured: Laboratory, number: Number
) -> None:
    technician = journey.actor(measured, "technician")
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda _: background.ask(measured, technician, number("YX")), range(4)))
    assert len({task for task, _ in asked}) == 1
    assert sorted(new for _, new in asked) == [False, False, False, True]
    task = asked[0][0]
    done = background.Evaluations(measured).start(task, technician).result()
    assert done is not None
    assert (state(measured, task).state, state(measured, task).result_id) == ("done", done.id)
    assert background.perform(measured, technician, task) is None
    assert results(measured) == 1
    with pytest.raises(Refused, match="ended already"):
        background.cancel(measured, technician, task)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_it_is_given_up_before_its_next_stage_and_records_nothing(
    measured: Laboratory, number: Number, monkeypatch: pytest.MonkeyPatch
) -> None:
    technician = journey.actor(measured, "technician")
    computing, cancelled = threading.Event(), threading.Event()

    monkeypatch.setattr(operations, "outcome_to_dict", lambda _outcome: computing.set() or cancelled.wait(30) or {})
    task, _ = background.ask(measured, technician, number("YX"))
    future = background.Evaluations(measured).start(task, technician)
    assert computing.wait(30)
    assert state(measured, task).state == "running"
    background.cancel(measured, technician, task)
    cancelled.set()
    assert future.result() is None
    assert state(measured, task).state == "cancelled"
    assert "nothing was recorded" in state(measured, task).sentence_en
    assert results(measured) == 0


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_a_killed_server_left_is_called_lost_and_can_be_asked_for_again(
    measured: Laboratory, number: Number
) -> None:
    technician = journey.actor(measured, "technician")
    task, _ = background.ask(measured, technician, number("YX"))
    with measured.database.write() as session:
        left = background.by_id(session, task)
        left.state, left.beat_at = "running", measured.clock() - timedelta(minutes=5)
    again, new = background.ask(measured, technician, number("YX"))
    assert (new, again != task) == (True, True)
    assert (state(measured, task).state, state(measured, again).state) == ("lost", "queued")
    assert "Ask for the evaluation again" in state(measured, task).sentence_en


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_refusal_and_a_failure_are_told_in_the_task_and_raised(
    measured: Laboratory, number: Number, monkeypatch: pytest.MonkeyPatch
) -> None:
    technician = journey.actor(measured, "technician")

    def refused(*_: object, **__: object) -> None:
        raise BadInput("Too few windows.", "时段过少。")

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    for how, error, told in ((refused, BadInput, "时段过少。"), (broken, ZeroDivisionError, background.FAILED.zh)):
        monkeypatch.setattr(operations, "evaluate", how)
        task, _ = background.ask(measured, technician, number("YX"))
        with pytest.raises(error):
            background.perform(measured, technician, task)
        assert (state(measured, task).state, state(measured, task).sentence_zh) == ("failed", told)
    assert results(measured) == 0


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_cannot_be_evaluated_is_refused_when_it_is_asked_for(planned: Laboratory, number: Number) -> None:
    with pytest.raises(NotFound):
        background.ask(planned, journey.actor(planned, "technician"), number("YX"))
    with pytest.raises(Forbidden):
        background.ask(planned, journey.actor(planned, "office"), number("YX"))
