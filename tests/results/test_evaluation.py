"""From sealed segments to an outcome: nothing but the inputs counts, and nothing of them may be other than named."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import protocols
from lims.canonical import canonical_json
from lims.demonstration import journey
from lims.demonstration.people import description
from lims.errors import BadInput, Damaged, HeliobenchError, Refused
from lims.laboratory import Laboratory
from lims.results import queries
from lims.results.evaluation import evaluate, method_named, program_digest, read_inputs, record_of, series
from protocols.limits import Limit
from protocols.method import Outcome, outcome_to_dict
from protocols.record import Common, Record

Rewrite = Callable[[list[bytes], Callable[[dict[str, Any]], None]], list[bytes]]


@pytest.fixture(scope="module")
def recorded(templates: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """A recorded result on SQLite, only read here."""
    with templates("sqlite", "recorded").copied(tmp_path_factory.mktemp("recorded") / "instance") as made:
        yield made


@pytest.fixture
def inputs(recorded: Laboratory, number: Callable[[str], str]) -> dict[str, Any]:
    """The stored inputs of the result."""
    with recorded.database.read() as session:
        return queries.inputs(recorded.store, queries.by_number(session, number("JG")))


@pytest.fixture
def stored(recorded: Laboratory, number: Callable[[str], str]) -> dict[str, Any]:
    """The stored outcome of the result."""
    with recorded.database.read() as session:
        return queries.outcome(recorded.store, queries.by_number(session, number("JG")))


def test_stored_inputs_evaluated_again_give_the_stored_outcome_to_the_last_bit(
    inputs: dict[str, Any], stored: dict[str, Any], segments: list[bytes]
) -> None:
    again = outcome_to_dict(evaluate(json.loads(json.dumps(inputs)), segments))
    assert json.loads(json.dumps(again)) == stored


def test_a_limit_without_a_number_is_null_in_the_inputs_and_none_again_when_they_are_read(
    inputs: dict[str, Any],
) -> None:
    unfound = next(symbol for symbol, limit in inputs["limits"].items() if limit["value"] is None)
    read = read_inputs(inputs).limits
    assert not read[unfound].established
    assert read["theta_max"].value == inputs["limits"]["theta_max"]["value"]


def test_the_outcome_is_the_protocols_own_of_the_record_corrected_by_hand(
    inputs: dict[str, Any], stored: dict[str, Any], segments: list[bytes]
) -> None:
    """Each reading corrected here by the certificate in config/demonstration: corrected = c0 + c1 · indicated."""
    read = series(segments)
    quantities = {one["symbol"]: one for row in description()["equipment"] for one in row["quantity"]}
    method = method_named(inputs["method"])
    columns, common = {}, []
    for symbol in {**method.inputs, **method.optional_inputs}:
        if symbol in read.columns:
            one, indicated = quantities[symbol], read.columns[symbol]
            within = (indicated >= one["range"][0]) & (indicated <= one["range"][1])
            columns[symbol] = np.where(within, one["c0"] + one["c1"] * indicated, np.nan)
            absolute, relative = one.get("uncertainty_absolute", 0.0), one.get("uncertainty_relative", 0.0)
            common.append(Common(symbol=symbol, absolute=absolute, relative=relative))
    item_errors = [Common(**one) for one in inputs["item_uncertainties"]]
    by_hand = method.evaluate(
        record=Record(time=read.time, columns=columns, uncertainties=(*common, *item_errors)),
        item=inputs["item"], limits={symbol: Limit(**one) for symbol, one in inputs["limits"].items()},
    )  # fmt: skip
    told = json.loads(json.dumps(outcome_to_dict(by_hand)))
    for name in ("coefficients", "covariance", "points", "refusals", "diagnostics", "limits"):
        assert told[name] == stored[name], name


def test_an_interval_left_out_counts_like_values_that_were_never_measured(
    inputs: dict[str, Any], stored: dict[str, Any], segments: list[bytes]
) -> None:
    """Beside the method on a record whose values of that hour are missing."""
    read, given = series(segments), read_inputs(inputs)
    record, _ = record_of(read, given)
    first = datetime.fromtimestamp(float(read.time[len(read.time) // 2]), UTC)
    last = first + timedelta(hours=1)
    gone = (read.time >= first.timestamp()) & (read.time <= last.timestamp())
    holes = {symbol: np.where(gone, np.nan, values) for symbol, values in record.columns.items()}
    by_hand = given.method.evaluate(record=replace(record, columns=holes), item=given.item, limits=given.limits)
    left_out = {"first": first.isoformat(), "last": last.isoformat(), "reason": "ladder", "by": "陈立"}
    found = evaluate({**inputs, "excluded": [left_out]}, segments)
    told, beside = (json.loads(json.dumps(outcome_to_dict(one))) for one in (found, by_hand))
    for name in ("coefficients", "covariance", "points", "refusals", "diagnostics"):
        assert told[name] == beside[name], name
    assert told["coefficients"] != stored["coefficients"]


def test_the_simulated_instruments_errors_are_corrected_back_to_the_measured_record(segments: list[bytes]) -> None:
    from lims.demonstration.record import replay

    read = series(segments)
    days = {np.datetime64(int(moment), "s").astype("datetime64[D]").item() for moment in read.time}
    plant = replay(tuple(sorted(days))).plant
    for symbol, resolution in (("t_in", 0.02), ("t_out", 0.02), ("G", 0.6), ("V_dot", 1e-6)):
        one = next(q for row in description()["equipment"] for q in row["quantity"] if q["symbol"] == symbol)
        true = np.array([plant.value(symbol, at=moment) for moment in read.time])
        error = np.abs(one["c0"] + one["c1"] * read.columns[symbol] - true)
        assert np.nanmax(error) < resolution, symbol


@pytest.mark.parametrize(
    "other",
    [
        lambda s: s[:-1],
        lambda s: s[::-1],
        lambda s: [*s[:-1], s[-1].replace(b'"lag":0.0', b'"lag":0.1', 1)],
        lambda s: [*s, s[-1]],
        lambda s: [],
    ],
    ids=["one less", "in another order", "one byte changed", "one twice", "none"],
)
def test_segments_other_than_the_inputs_name_are_refused(
    inputs: dict[str, Any], segments: list[bytes], other: Callable[[list[bytes]], list[bytes]]
) -> None:
    with pytest.raises(Damaged, match="not those the result was computed from"):
        evaluate(inputs, other(segments))


def test_a_run_without_its_last_segment_is_not_evaluated(inputs: dict[str, Any], segments: list[bytes]) -> None:
    with pytest.raises(BadInput, match="it is not sealed"):
        evaluate(inputs | {"segments": inputs["segments"][:-1]}, segments[:-1])


def test_without_a_calibration_of_the_day_there_is_no_outcome(inputs: dict[str, Any], segments: list[bytes]) -> None:
    of_today = [one for one in inputs["calibrations"] if one["calibrated_on"] > "2020-01-01"]
    assert len(of_today) == len(inputs["calibrations"]) // 2
    with pytest.raises(Refused, match=r"HB-EQ-000\d had no valid calibration of \w+ on 2017-07-13"):
        evaluate(inputs | {"calibrations": of_today}, segments)


def test_an_unknown_method_is_refused_naming_those_there_are(inputs: dict[str, Any], segments: list[bytes]) -> None:
    with pytest.raises(BadInput, match=r"There is no method 'iso-0'; known: .*iso9806-2017-qdt"):
        evaluate(inputs | {"method": "iso-0"}, segments)


def test_a_run_whose_clock_went_back_is_refused_in_a_sentence(
    inputs: dict[str, Any], segments: list[bytes], rewritten: Rewrite
) -> None:
    def earlier(content: dict[str, Any]) -> None:
        if content["kind"] == "scan" and content["seq"] == 400:
            content["time"] = "2017-07-01T06:00:30.000Z"

    forged = rewritten(segments, earlier)
    digests = [hashlib.sha256(data).hexdigest() for data in forged]
    with pytest.raises((HeliobenchError, ValueError)) as refused:
        evaluate(inputs | {"segments": digests}, forged)
    assert getattr(refused.value, "sentence_en", "")
    assert getattr(refused.value, "sentence_zh", "")


def test_readings_out_of_the_calibrated_range_are_left_out_and_told(
    inputs: dict[str, Any], segments: list[bytes]
) -> None:
    highest = float(np.nanmax(series(segments).columns["t_out"]))
    narrow = [
        one | {"range_high": highest - 0.5} if one["symbol"] == "t_out" else one for one in inputs["calibrations"]
    ]
    assert not _notes(evaluate(inputs, segments))
    with_notes = _notes(evaluate(inputs | {"calibrations": narrow}, segments))
    count = int(np.count_nonzero(series(segments).columns["t_out"] > highest - 0.5))
    assert count > 0
    assert with_notes == [f"{count} readings of t_out (HB-EQ-0004) lay outside the calibrated range and were not used."]


def _notes(outcome: Outcome) -> list[str]:
    return [note.sentence_en for note in outcome.notes if note.code == "outside_calibration"]


def test_the_inputs_name_everything_an_evaluation_depends_on(inputs: dict[str, Any], segments: list[bytes]) -> None:
    assert inputs["schema"] == "heliobench.inputs/1"
    assert inputs["segments"] == [hashlib.sha256(data).hexdigest() for data in segments]
    assert inputs["program_sha256"] == program_digest()
    assert inputs["item"]["A_G"] == 515.66
    assert inputs["limits"]
    assert canonical_json(inputs) == canonical_json(json.loads(canonical_json(inputs)))


def test_a_changed_line_of_the_protocols_is_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "protocols"
    shutil.copytree(Path(protocols.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(protocols, "__file__", str(copy / "__init__.py"))
    fresh = program_digest.__wrapped__
    assert fresh() == program_digest()
    path = copy / "fits.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    changed = fresh()
    assert changed != program_digest()
    path.rename(copy / "fitting.py")
    assert fresh() not in (changed, program_digest())


def test_the_demonstrations_method_is_the_one_evaluated() -> None:
    assert method_named(journey.people.METHOD).id == "iso9806-2017-qdt"
