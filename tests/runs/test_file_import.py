"""A logger's file as the original observation of a run: kept as it is, read the same way ever after, all or nothing."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from lims.audit import Event
from lims.certificates import operations as certificates
from lims.certificates.bundle import Bundle, parse_bundle
from lims.certificates.reproduction import reproduce
from lims.demonstration import journey
from lims.equipment.benches import bench_named
from lims.errors import BadInput, Damaged, Forbidden, Refused
from lims.laboratory import Laboratory
from lims.results import operations as results
from lims.results import queries as result_queries
from lims.results.evaluation import evaluate
from lims.runs import operations, queries
from lims.runs.dryrun import DryRun, Known, Stated, dry_run
from lims.runs.filemap import Assigned, FileMap, read_file
from lims.runs.models import Run, RunFile
from protocols.method import outcome_to_dict

Number = Callable[[str], str]


def known() -> Known:
    bench = bench_named(journey.BENCH)
    equipment = {symbol: one.equipment for one in bench.instruments for symbol in one.channels}
    return Known(needed=("G", "Gd", "t_in", "t_out", "t_amb", "V_dot"), optional=("u", "DNI"), equipment=equipment)


def looked_at(data: bytes, **stated: object) -> DryRun:
    return dry_run("OneMin.dat", data, Stated(**stated), known())  # type: ignore[arg-type]


def imported(laboratory: Laboratory, data: bytes, number: Number, by: str = "technician") -> Run:
    found = looked_at(data)
    assert found.problems == ()
    assert found.mapped is not None
    return operations.import_file(laboratory, journey.actor(laboratory, by), number("RW"), found.mapped, data)


def test_the_dry_run_proposes_everything_and_tells_what_has_to_be_stated(toa5: bytes) -> None:
    found = looked_at(toa5)
    assert found.problems == ()
    assert [one.symbol for one in found.quantities if one.assigned] == [*known().needed, "u", "DNI"]
    assert {one.assigned.equipment for one in found.quantities if one.assigned} >= {"HB-EQ-0001", "HB-EQ-0004"}
    assert found.step == 60.0
    assert "Asia/Shanghai is offered" in " ".join(one.en for one in found.remarks)
    assert found.mapped is not None
    assert found.mapped.evidence["signature"] == "8214"
    assert len(found.plot()["time"]) == found.file.rows


def test_a_file_is_evaluated_to_the_same_digits_as_the_serial_bytes_and_reproduced_from_its_bundle(
    templates, toa5: bytes, number: Number, tmp_path, segments: list[bytes]
) -> None:
    with templates("sqlite", "recorded").copied(tmp_path / "serial") as serial, serial.database.read() as session:
        by_wire = result_queries.outcome(serial.store, result_queries.by_number(session, number("JG")))
    with templates("sqlite", "planned").copied(tmp_path / "instance") as laboratory:
        with laboratory.database.write() as session:  # the record is of 2017: so is the item's receipt
            session.execute(sa.text("update item set received_at = '2017-07-01 00:00:00.000000'"))
        run = imported(laboratory, toa5, number)
        result = results.evaluate_run(laboratory, journey.actor(laboratory, "technician"), run.number)
        outcome = result_queries.outcome(laboratory.store, result)
        for name in ("coefficients", "covariance", "points", "refusals", "limits"):
            assert outcome[name] == by_wire[name], name
        journey.approve(laboratory, result.number)
        report = journey.report(laboratory, result.number)
        with laboratory.database.read() as session:
            data = certificates.bundle_of(laboratory, session.merge(report, load=False))
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
        assert f"run/{run.number}/file-00001.dat" in names
        found = reproduce(parse_bundle(data))
        assert found.same, found.differences
        assert (found.scans, found.readings) == (run.scans, int(sum(_finite(toa5))))
        bundle = parse_bundle(data)
        same_as_a_certificate_without_correction(bundle, toa5)
        changed = replace(bundle, runs={run.number: (toa5.replace(b'"Smp"', b'"Avg"'),)})
        with pytest.raises(Damaged, match="not the one the result was computed from"):
            reproduce(changed)


def same_as_a_certificate_without_correction(bundle: Bundle, data: bytes) -> None:
    """Values stated as corrected already count like those of a certificate with c0 = 0, c1 = 1 and that uncertainty."""

    def evaluated(columns: dict[str, object], calibration: dict[str, object]) -> dict[str, Any]:
        file, rows = bundle.inputs["file"], bundle.inputs["calibrations"]
        changed = {
            "file": {**file, "columns": [one | columns if one["symbol"] == "G" else one for one in file["columns"]]},
            "calibrations": [one | calibration if one["symbol"] == "G" else one for one in rows],
        }
        return outcome_to_dict(evaluate({**bundle.inputs, **changed}, [data]))

    stated = evaluated({"equipment": "", "corrected_by": "logger", "uncertainty_relative": 0.013}, {})
    no_range = {"range_low": -1e6, "range_high": 1e6}
    certified = evaluated(
        {}, {"c0": 0.0, "c1": 1.0, "uncertainty_absolute": 0.0, "uncertainty_relative": 0.013, **no_range}
    )
    for one, other in zip(stated["coefficients"], certified["coefficients"], strict=True):
        for name in ("value", "standard_uncertainty", "common_uncertainty"):
            assert one[name] == pytest.approx(other[name], rel=1e-9), (one["symbol"], name)
    assert stated["points"] == certified["points"]


def _finite(data: bytes) -> list[int]:
    rows = data.decode().splitlines()[4:]
    return [sum("NAN" not in cell and cell != "" for cell in row.split(",")[2:]) for row in rows]


def test_an_imported_run_is_sealed_with_its_bytes_its_map_and_who_did_it(
    planned: Laboratory, toa5: bytes, number: Number
) -> None:
    run = imported(planned, toa5, number)
    assert (run.state, run.clock, run.number) == ("sealed", "file", number("YX"))
    with planned.database.read() as session:
        kept = session.scalars(sa.select(RunFile)).one()
        assert planned.store.get(kept.sha256) == toa5
        assert (kept.name, kept.reader) == ("OneMin.dat", "toa5")
        assert kept.imported_by_id == journey.actor(planned, "technician").id
        assert kept.map.digest == kept.map_sha256 == run.head
        events = [(one.subject, one.action) for one in session.scalars(sa.select(Event).order_by(Event.position))][-6:]
    assert [action for subject, action in events if subject == run.number] == ["import", "record", "seal"]
    assert (number("RW"), "measure") in events
    assert run.scans == len(_finite(toa5))


def test_the_same_file_again_gives_the_run_that_is_there(planned: Laboratory, toa5: bytes, number: Number) -> None:
    first, second = imported(planned, toa5, number), imported(planned, toa5, number)
    assert first.number == second.number
    with planned.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Run)) == 1
        assert [one.number for one in queries.holding(session, looked_at(toa5).sha256)] == [first.number]
        assert queries.last_map(session, journey.BENCH) == looked_at(toa5).mapped


@pytest.mark.parametrize("kind", ["sqlite"])
def test_nothing_at_all_is_kept_of_a_file_that_cannot_be_read_or_may_not_be_imported(
    planned: Laboratory, toa5: bytes, number: Number
) -> None:
    mapped = looked_at(toa5).mapped
    assert mapped is not None
    job = number("RW")
    stranger = replace(mapped, columns=(replace(mapped.columns[0], equipment="HB-EQ-9999"), *mapped.columns[1:]))
    unit = replace(mapped, columns=(replace(mapped.columns[0], unit="V"), *mapped.columns[1:]))
    attempts = [
        (Forbidden, "role", "office", mapped, toa5),
        (Damaged, "not the one", "technician", mapped, toa5 + b" "),
        (BadInput, "HB-EQ-9999 is not in the equipment register", "technician", stranger, toa5),
        (BadInput, "Line 2, column 3 “G_Avg” for G: The unit V is of another quantity", "technician", unit, toa5),
        (Refused, "not authorised for this method", "technician", mapped, toa5),
    ]
    with planned.database.read() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Event))
    for error, sentence, by, tried, data in attempts:
        if error is Refused:
            with planned.database.write() as session:
                session.execute(sa.text("delete from competence where activity = 'test'"))
        with pytest.raises(error, match=sentence):
            operations.import_file(planned, journey.actor(planned, by), job, tried, data)
    with planned.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Event)) == before
        assert session.scalars(sa.select(Run)).all() == []


GOOD = """Time,G (W/m2),Gd (W/m2),t_in (C),t_out (C),t_amb (C),V_dot (l/min)
2026-07-01 09:00:00,800,100,20,30,25,2.5
2026-07-01 09:01:00,801,,20,30,25,2.5
2026-07-01 09:02:00,802,0,20,30,-9999,2.5
"""


def test_an_empty_cell_is_missing_and_a_zero_is_zero() -> None:
    found = looked_at(GOOD.encode())
    assert found.mapped is not None
    read = read_file(found.mapped, GOOD.encode())
    np.testing.assert_array_equal(read.columns["Gd"], [100, np.nan, 0])
    assert read.missing["Gd"] == 1
    assert "1 × -9999, first in line 4" in " ".join(one.en for one in found.remarks)
    marked = looked_at(GOOD.encode(), missing=("-9999",))
    assert marked.mapped is not None
    np.testing.assert_array_equal(read_file(marked.mapped, GOOD.encode()).columns["t_amb"], [25, 25, np.nan])


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("09:02:00", "09:01:00", "Line 4: the time 2026-07-01 09:01:00 occurs twice"),
        ("09:02:00", "08:59:00", "Line 4: the time 2026-07-01 08:59:00 goes back"),
        ("802,0", "802,zero", "Line 4, column 3 “Gd”: “zero” is not a number"),
        ("t_in (C)", "t_in (V)", "Line 1, column 4 “t_in” for t_in: The unit V is of another quantity"),
        ("t_in (C)", "t_in", "Line 1, column 4 “t_in” has no unit"),
        ("t_in (C)", "t_in (furlong bar)", "Line 1, column 4 “t_in” for t_in: "),
        ("t_in (C)", "kettle (C)", "The method needs t_in"),
        ("Time,G", "G,Time", ""),
    ],
)
def test_each_problem_is_told_with_its_place_and_stands_against_the_import(old: str, new: str, sentence: str) -> None:
    found = looked_at(GOOD.replace(old, new).encode())
    assert sentence in " ".join(one.en for one in found.problems)
    assert found.problems
    assert found.mapped is None


def test_the_zone_is_the_one_stated_and_an_hour_that_occurs_twice_is_refused() -> None:
    shanghai, graz = looked_at(GOOD.encode()), looked_at(GOOD.encode(), zone="Europe/Vienna")
    assert shanghai.seconds is not None
    assert graz.seconds is not None
    assert (graz.seconds - shanghai.seconds).tolist() == [6 * 3600.0] * 3
    assert shanghai.seconds[0] == datetime(2026, 7, 1, 1, tzinfo=UTC).timestamp()
    assert not any("is offered" in one.en for one in graz.remarks)
    autumn = looked_at(GOOD.replace("2026-07-01 09", "2026-10-25 02").encode(), zone="Europe/Vienna")
    assert "occurs twice or never" in autumn.problems[0].en
    assert "is no time zone" in looked_at(GOOD.encode(), zone="Mars/Base").problems[0].en
    written = looked_at(GOOD.replace(":00,", ":00+02:00,").encode())
    assert written.offset_in_file
    assert written.mapped is not None
    assert written.mapped.zone == ""


def test_means_at_the_end_of_their_interval_stand_for_its_middle() -> None:
    found = looked_at(GOOD.encode(), stamp="end", zone="UTC")
    assert found.mapped is not None
    assert found.mapped.midpoint_offset == -30.0
    first = read_file(found.mapped, GOOD.encode()).time[0]
    assert first == datetime(2026, 7, 1, 8, 59, 30, tzinfo=UTC).timestamp()


def test_values_corrected_already_need_a_statement_with_its_uncertainty() -> None:
    one = Assigned(symbol="G", column=1, name="G", unit="W/m2", corrected_by="logger, certificate 17-123")
    refused = looked_at(GOOD.encode(), columns={"G": one})
    assert "need the standard uncertainty" in refused.problems[0].en
    neither = looked_at(GOOD.encode(), columns={"G": replace(one, corrected_by="")})
    assert "name the instrument in the register, or state" in neither.problems[0].en
    stated = looked_at(GOOD.encode(), columns={"G": replace(one, uncertainty_relative=0.01)})
    assert stated.mapped is not None
    assert stated.mapped.corrected["G"].corrected_by == "logger, certificate 17-123"
    assert "G" not in stated.mapped.equipment


def test_the_map_of_last_time_is_proposed_again() -> None:
    first = looked_at(GOOD.replace("t_in", "T7").encode(), columns={
        "t_in": Assigned(symbol="t_in", column=3, name="T7", unit="degC", equipment="HB-EQ-0004")
    })  # fmt: skip
    assert first.mapped is not None
    again = dry_run("b.csv", GOOD.replace("t_in", "T7").encode(), Stated(), replace(known(), previous=first.mapped))
    assert again.mapped is not None
    assert again.mapped.columns == first.mapped.columns


def test_the_map_is_kept_as_json_and_read_back() -> None:
    mapped = looked_at(GOOD.encode()).mapped
    assert mapped is not None
    again = FileMap.from_dict(json.loads(json.dumps(mapped.as_dict())))
    assert again == mapped
    assert again.digest == mapped.digest
    with pytest.raises(ValueError):
        FileMap.from_dict({**mapped.as_dict(), "schema": "heliobench.file/2"})
