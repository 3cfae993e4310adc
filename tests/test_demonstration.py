"""The demonstration laboratory: loaded whole or not at all, and its record is enough for a result."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from lims import models
from lims.commands.demo import demo
from lims.demonstration import journey, people
from lims.demonstration.record import DAYS, FIRST_HOUR, LAST_HOUR, replay
from lims.errors import Sentence
from lims.laboratory import Laboratory
from lims.limits.tables import LIMITS
from lims.results.evaluation import method_named
from lims.runs.itemfile import read_item
from protocols.limits import read_limits
from protocols.record import Record


def test_the_log_in_password_is_drawn_for_each_instance_and_kept_private(laboratory: Laboratory) -> None:
    path = Path(laboratory.settings.instance) / "secrets" / "demonstration-password"
    assert people.password(laboratory) == people.password(laboratory) == path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.unlink()
    assert people.password(laboratory) != "" != path.read_text()


def test_loading_that_breaks_off_leaves_nothing(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    def counts() -> list[int]:
        tables = models.Base.metadata.sorted_tables
        with laboratory.database.read() as session:
            return [session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables]

    told = people.description()
    for kind in ("company", "rival"):
        told[kind]["code"] += "-2"
    for row in told["person"]:
        row["username"] += "2"
        row |= {"company": f"{row['company']}-2"} if "company" in row else {}
    for row in told["competence"]:
        row["person"] += "2"
    monkeypatch.setattr(people, "description", lambda: told | {"equipment": [{"number": "HB-EQ-9"}]})
    before = counts()
    with pytest.raises(KeyError):
        people.load(laboratory)
    assert counts() == before


def test_everyone_of_the_demonstration_is_there_once(laboratory: Laboratory) -> None:
    assert people.loaded(laboratory)
    for row in people.description()["person"]:
        assert people.person(laboratory, row["username"]).roles == set(row["roles"])
    with pytest.raises(LookupError, match="no 'ghost'"):
        people.person(laboratory, "ghost")


def test_each_of_the_wrong_people_is_refused_in_both_languages(
    recorded: Laboratory, number: Callable[[str], str]
) -> None:
    refused: list[Sentence] = journey.approve(recorded, number("JG"))
    assert len(refused) == 3
    assert "cannot also authorise" in refused[-1].en
    assert all(one.en.endswith(".") and one.zh.endswith("。") for one in refused)


def test_the_replay_is_the_daytime_of_its_days_in_the_benchs_units() -> None:
    record = replay(DAYS[:1])
    moments = [datetime.fromtimestamp(float(time), UTC) for time in record.times]
    assert {moment.date() for moment in moments} == {DAYS[0]}
    assert {moment.hour for moment in moments} == set(range(FIRST_HOUR, LAST_HOUR))
    assert {moment.second for moment in moments} == {30}
    assert -30.0 < (record.plant.value("t_amb", at=float(record.times[0])) or np.nan) < 60.0


def test_the_fewest_days_that_the_command_takes_are_enough_for_a_result() -> None:
    fewest = next(one.type.min for one in demo.params if one.name == "days")  # type: ignore[attr-defined]
    record, method = replay(DAYS[:fewest]), method_named(people.METHOD)
    columns = {
        symbol: np.array([record.plant.value(symbol, at=time) for time in record.times])
        for symbol in {**method.inputs, **method.optional_inputs}
        if symbol in record.plant._columns
    }
    outcome = method.evaluate(
        record=Record(time=record.times, columns=columns),
        item=dict(read_item(journey.ITEM_FILE, method).values),
        limits=read_limits(LIMITS / f"{method.limit_table}.toml"),
    )
    assert outcome.points["used"].sum() >= 30
