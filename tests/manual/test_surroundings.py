"""The surroundings of a manual test, from a bench that records meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from lims.clock import iso
from lims.demonstration import journey
from lims.equipment import queries as equipment_queries
from lims.laboratory import Laboratory
from lims.manual import queries, surroundings
from lims.manual.models import ManualEntry
from lims.runs import operations as runs
from lims.runs import queries as run_queries
from lims.runs.correction import Calibrated
from tests.manual.conftest import authorise, plan
from tests.manual.test_operations import act, begin, fill, write

Number = Callable[[str], str]
INDICATED = [20.0, 21.0, 25.0]


@pytest.fixture
def laboratory(templates: Callable[[str, str], Any], tmp_path: Path) -> Iterator[Laboratory]:
    """A bench's job planned beside the manual test's, on SQLite."""
    with templates("sqlite", "planned").copied(tmp_path / "instance") as made:
        yield made


@pytest.fixture
def record(laboratory: Laboratory) -> str:
    authorise(laboratory, ("technician", "test"), ("reviewer", "review"), ("signatory", "authorise"))
    return begin(laboratory, plan(laboratory))


def recorded(laboratory: Laboratory, job: str, indicated: list[float], *, before: float = 0.0) -> str:
    """A bench shows these ambient temperatures now, or so many seconds ago."""
    with laboratory.work(journey.actor(laboratory, "technician")) as work:
        run, _ = runs.prepare(work, job, clock=runs.RECORD_CLOCK)
        run.clock = runs.SYSTEM_CLOCK
        number = run.number
    now = laboratory.clock().timestamp() - before
    scans = [
        {"seq": seq, "time": stamp(now), "lag": 0.0, "faults": [], "values": {"t_amb": [value, "degC"]}}
        for seq, value in enumerate(indicated, 1)
    ]
    message = {"schema": "heliobench.live/1", "after": 0, "age": 1.0, "scans": scans}
    runs.preview(laboratory, number, json.dumps(message).encode())
    return number


def stamp(seconds: float) -> str:

    return iso(datetime.fromtimestamp(seconds, UTC))


def environment(laboratory: Laboratory, number: str) -> list[ManualEntry]:
    with laboratory.database.read() as session:
        return [one for one in queries.by_number(session, number).entries if one.symbol == "env.t_amb"]


def test_what_a_bench_measured_meanwhile_is_corrected_and_attached_on_submission(
    laboratory: Laboratory, record: str, number: Number
) -> None:
    run = recorded(laboratory, number("RW"), INDICATED)
    fill(laboratory, record)
    act(laboratory, record, "submit", "technician")
    (entry,) = environment(laboratory, record)
    with laboratory.database.read() as session:
        (thermometer,) = equipment_queries.of_numbers(session, [entry.text.split(", ")[1]])
        used = [one for one in thermometer.calibrations if one.symbol == "t_amb"][-1]
    mean = sum(used.c0 + used.c1 * one for one in INDICATED) / 3
    assert entry.text.startswith(f"{float(f'{mean:.4g}'):g} °C (")
    assert f", {run}, " in entry.text
    assert entry.text.endswith("n = 3")
    assert entry.reason == surroundings.ATTACHED
    with laboratory.database.read() as session:
        kept = queries.submitted(laboratory.store, queries.by_number(session, record).record_sha256)
    assert [one["text"] for one in kept["entries"] if one["symbol"] == "env.t_amb"] == [entry.text]


def test_what_somebody_wrote_stays(laboratory: Laboratory, record: str, number: Number) -> None:
    recorded(laboratory, number("RW"), INDICATED)
    fill(laboratory, record)
    write(laboratory, record, "env.t_amb", "22.0 HB-EQ-0009")
    act(laboratory, record, "submit", "technician")
    assert [one.text for one in environment(laboratory, record)] == ["22.0 HB-EQ-0009"]


def test_what_was_measured_before_the_record_began_is_not_its_surroundings(
    laboratory: Laboratory, record: str, number: Number
) -> None:
    recorded(laboratory, number("RW"), INDICATED, before=3600.0)
    fill(laboratory, record)
    act(laboratory, record, "submit", "technician")
    assert environment(laboratory, record) == []


def calibrations(laboratory: Laboratory) -> list[Calibrated]:
    with laboratory.database.read() as session:
        known = equipment_queries.calibrated_for(session, "t_amb")
        return run_queries.calibrations_of(session, {one.number for one in known})


def test_without_a_valid_calibration_nothing_is_attached(
    laboratory: Laboratory, record: str, number: Number, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = recorded(laboratory, number("RW"), INDICATED)
    with laboratory.database.read() as session:
        assert surroundings.measured(laboratory, session, queries.by_number(session, record))["t_amb"].run == run
    old = [replace(one, due_on=date(2018, 1, 1)) for one in calibrations(laboratory)]
    monkeypatch.setattr(run_queries, "calibrations_of", lambda *_: old)  # certificates are append-only
    fill(laboratory, record)
    act(laboratory, record, "submit", "technician")
    assert environment(laboratory, record) == []
