"""The watch in the laboratory: on the demonstration's record it counts what the evaluation used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from lims.demonstration import journey
from lims.equipment.benches import bench_named
from lims.laboratory import Laboratory
from lims.results import queries as result_queries
from lims.runs import live, operations, queries
from lims.runs.models import Run
from lims.watch.board import Board, board
from lims.watch.conditions import Judged, judge

BENCH = bench_named("graz-demo")


@pytest.fixture(scope="module")
def recorded(templates: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """A recorded result on SQLite, only read here."""
    with templates("sqlite", "recorded").copied(tmp_path_factory.mktemp("watched") / "instance") as made:
        yield made


def judged(laboratory: Laboratory, run: str, **changed: Any) -> Judged:
    """The watch on a run as if its bench were live."""
    with laboratory.database.read() as session:
        found = queries.by_number(session, run)
        shown = Board(bench=BENCH, run=found, state="live", contact=None, live=None, scan=None)
        answer = judge(laboratory, session, replace(shown, **changed))
    assert answer is not None
    return answer


def test_the_watch_counts_the_windows_that_the_result_used_and_refused(
    recorded: Laboratory, number: Callable[[str], str]
) -> None:
    with recorded.database.read() as session:
        outcome = result_queries.outcome(recorded.store, result_queries.by_number(session, number("JG")))
    found = judged(recorded, number("YX")).watched
    assert found is not None
    assert found.used == sum(outcome["points"]["used"]) == 37
    assert [(one.code, one.count) for one in found.refusals] == [
        (one["code"], one["count"]) for one in outcome["refusals"]
    ]
    days = next(need for need in found.needs if need.code == "days")
    assert days.value == outcome["diagnostics"]["days"]


def test_a_bench_at_rest_is_not_judged(recorded: Laboratory, number: Callable[[str], str]) -> None:
    with recorded.database.read() as session:
        found = board(recorded, BENCH, queries.by_number(session, number("YX")))
        assert (found.state, found.current) == ("idle", False)
        assert judge(recorded, session, found) is None


@pytest.fixture
def running(templates: Callable[[str, str], Any], tmp_path: Any, number: Callable[[str], str]) -> Iterator[Laboratory]:
    """A run that was prepared and has received nothing yet."""
    with templates("sqlite", "planned").copied(tmp_path / "instance") as made:
        with made.work(journey.actor(made, "technician")) as work:
            operations.prepare(work, number("RW"), clock=operations.RECORD_CLOCK)
        yield made


def _preview(segment: bytes) -> bytes:
    """The scans of a segment as the bench would show them while it is open."""
    scans = [json.loads(line) for line in segment.splitlines() if b'"kind":"scan"' in line]
    told = [
        {
            "seq": one["seq"], "time": one["time"], "lag": one["lag"], "faults": [],
            "values": {each["symbol"]: [each["value"], each["unit"]] for each in one["readings"]},
        }
        for one in scans
    ]  # fmt: skip
    return json.dumps({"schema": "heliobench.live/1", "after": scans[0]["seq"] - 1, "age": 1.0, "scans": told}).encode()


def test_sealed_segments_and_the_preview_are_judged_alike(
    running: Laboratory, segments: list[bytes], number: Callable[[str], str]
) -> None:
    run = number("YX")
    assert judged(running, run).why is not None  # nothing recorded yet
    operations.ingest(running, run, 1, segments[0])
    operations.preview(running, run, _preview(segments[1]))
    with running.database.read() as session:
        shown = live.read(running.live, run, stored=_run(running, run).last_sequence)
        found = board(running, BENCH, queries.by_number(session, run))
        before = judge(running, session, found)
    assert shown is not None
    operations.ingest(running, run, 2, segments[1])
    after = judged(running, run)
    assert before is not None
    assert before.watched == after.watched
    assert after.watched is not None
    assert after.watched.used > 5


def _run(laboratory: Laboratory, number: str) -> Run:
    with laboratory.database.read() as session:
        found = queries.by_number(session, number)
        session.refresh(found, ["segments"])
        return found
