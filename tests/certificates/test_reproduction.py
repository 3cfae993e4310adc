"""The digits again: from the bundle alone, and nothing changed in it stays unnoticed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lims.certificates import operations, queries
from lims.certificates.bundle import Bundle, parse_bundle, write_bundle
from lims.certificates.reproduction import reproduce
from lims.demonstration import journey
from lims.errors import BadInput, Damaged, HeliobenchError
from lims.laboratory import Laboratory
from protocols.method import NotEvaluable

Number = Callable[[str], str]
Rewrite = Callable[[list[bytes], Callable[[dict[str, Any]], None]], list[bytes]]


@pytest.fixture(scope="module")
def shared(templates: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """An issued report on SQLite, only read here."""
    with templates("sqlite", "issued").copied(tmp_path_factory.mktemp("shared") / "instance") as made:
        yield made


@pytest.fixture
def data(shared: Laboratory, number: Number) -> bytes:
    """The bundle's bytes."""
    with shared.database.read() as session:
        report = queries.by_number(session, number("BG"), journey.actor(shared, "office"))
    return operations.bundle_of(shared, report)


@pytest.fixture
def bundle(data: bytes) -> Bundle:
    return parse_bundle(data)


def _segments(bundle: Bundle) -> list[bytes]:
    return list(bundle.runs[bundle.inputs["run"]])


def _with_segments(bundle: Bundle, segments: list[bytes]) -> Bundle:
    """The forger's bundle: raw bytes exchanged, and every digest of them in the inputs made to fit."""
    digests = [hashlib.sha256(one).hexdigest() for one in segments]
    runs = {bundle.inputs["run"]: tuple(segments)}
    return replace(bundle, runs=runs, inputs={**bundle.inputs, "segments": digests})


def test_an_issued_bundle_reproduces_every_printed_digit(bundle: Bundle, shared: Laboratory) -> None:
    found = reproduce(bundle, trust_roots=[operations.authority_of(shared).root_pem])
    assert found.same
    assert found.same_program
    assert (found.scans, found.disagreements, found.differences) == (1800, 0, ())
    assert found.exchanges == 6 * 1800
    assert len(found.digits) > 50
    assert found.digits["eta0b.value"] == next(
        row["value"] for row in bundle.content["results"] if row["key"] == "eta0b"
    )


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_bundle_signed_by_another_laboratory_does_not_reproduce(bundle: Bundle, laboratory: Laboratory) -> None:
    found = reproduce(bundle, trust_roots=[operations.authority_of(laboratory).root_pem])
    assert not found.verdict.valid
    assert not found.same


def _raw_byte(content: dict[str, Any]) -> None:
    """One hexadecimal digit of a temperature on the wire, in the middle of a clear day."""
    if content["kind"] == "scan" and content["seq"] == 300:
        for one in content["exchanges"]:
            if one["i"] == "pt100-scanner":
                text = bytes.fromhex(one["rx"])
                place = text.index(b".") + 1
                one["rx"] = (text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]).hex()


def _lag(content: dict[str, Any]) -> None:
    """Something no digit depends on."""
    if content["kind"] == "scan" and content["seq"] == 300:
        content["lag"] = 0.125


def test_a_changed_raw_byte_under_a_repaired_chain_disagrees_with_its_reading(
    bundle: Bundle, rewritten: Rewrite
) -> None:
    found = reproduce(_with_segments(bundle, rewritten(_segments(bundle), _raw_byte)))
    assert found.disagreements > 0
    assert not found.same


def test_a_changed_reading_under_a_repaired_chain_changes_digits_or_disagrees(
    bundle: Bundle, rewritten: Rewrite
) -> None:
    def warmer(content: dict[str, Any]) -> None:
        for one in content.get("readings", ()):
            if one["symbol"] == "t_out":
                one["value"] += 0.5

    found = reproduce(_with_segments(bundle, rewritten(_segments(bundle), warmer)))
    assert found.disagreements == 1800
    assert {"eta0b.value"} <= {one.key for one in found.differences}
    assert not found.same


def test_raw_bytes_other_than_those_the_report_names_are_found_even_if_no_digit_changes(
    bundle: Bundle, rewritten: Rewrite
) -> None:
    """The report prints the digests of its raw segments: a segment that is merely similar is not its evidence."""
    forged = _with_segments(bundle, rewritten(_segments(bundle), _lag))
    found = reproduce(forged)
    assert found.disagreements == 0
    assert not found.same
    assert any("segment" in one.key for one in found.differences)


def test_raw_bytes_that_the_inputs_do_not_name_are_refused(bundle: Bundle, rewritten: Rewrite) -> None:
    segments = rewritten(_segments(bundle), _raw_byte)
    with pytest.raises(Damaged, match="not those the result was computed from"):
        reproduce(replace(bundle, runs={bundle.inputs["run"]: tuple(segments)}))


def test_a_changed_calibration_changes_digits_and_each_is_named_with_both_values(bundle: Bundle) -> None:
    changed = [one | {"c1": one["c1"] * 1.01} if one["symbol"] == "G" else one for one in bundle.inputs["calibrations"]]
    found = reproduce(replace(bundle, inputs={**bundle.inputs, "calibrations": changed}))
    assert not found.same
    differing = {one.key: (one.printed, one.computed) for one in found.differences}
    printed, computed = differing["eta0b.value"]
    assert printed != computed
    assert printed == next(row["value"] for row in bundle.content["results"] if row["key"] == "eta0b")


def test_another_program_is_told_and_the_digits_are_compared_all_the_same(bundle: Bundle) -> None:
    found = reproduce(replace(bundle, inputs={**bundle.inputs, "program_sha256": "0" * 64}))
    assert not found.same_program
    assert found.differences == ()


def test_a_bundle_with_another_report_in_it_does_not_reproduce(bundle: Bundle) -> None:
    changed = bytearray(bundle.report)
    changed[len(changed) // 2] ^= 1
    assert not reproduce(replace(bundle, report=bytes(changed))).same


def test_the_same_bundle_is_written_as_the_same_bytes(bundle: Bundle, data: bytes) -> None:
    assert write_bundle(bundle) == data


MALFORMED: dict[str, Callable[[dict[str, Any]], object]] = {
    "a calibration without its slope": lambda i: i["calibrations"][0].pop("c1"),
    "a calibration with a word for a number": lambda i: i["calibrations"][0].update(c0="zero"),
    "a calibration of no day": lambda i: i["calibrations"][0].update(due_on="soon"),
    "calibrations that are no list": lambda i: i.update(calibrations=7),
    "an unknown method": lambda i: i.update(method="iso-0"),
    "no time zone": lambda i: i.update(time_zone="Mars/Base"),
    "an item that is no table": lambda i: i.update(item=[]),
    "a limit with a key too many": lambda i: next(iter(i["limits"].values())).update(colour="red"),
    "an uncertainty of nothing": lambda i: i.update(item_uncertainties=[{}]),
    "segments that are no list": lambda i: i.update(segments=None),
    "another run": lambda i: i.update(run="YX-0"),
}


@pytest.mark.parametrize("mistake", MALFORMED)
def test_inputs_that_are_no_inputs_are_refused_in_a_sentence(bundle: Bundle, mistake: str) -> None:
    inputs = json.loads(json.dumps(bundle.inputs))
    MALFORMED[mistake](inputs)
    with pytest.raises((HeliobenchError, NotEvaluable)) as refused:
        reproduce(replace(bundle, inputs=inputs))
    assert refused.value.sentence_en
    assert refused.value.sentence_zh


ALONE = """
import json, sys
from pathlib import Path
from lims.certificates.bundle import read_bundle
from lims.certificates.reproduction import reproduce
found = reproduce(read_bundle(Path(sys.argv[1])))
print(json.dumps({"same": found.same, "digits": len(found.digits)}))
"""


def test_it_needs_no_instance_no_database_and_writes_nothing(data: bytes, tmp_path: Path) -> None:
    path, empty = tmp_path / "bundle.zip", tmp_path / "empty"
    path.write_bytes(data)
    empty.mkdir()
    environment = {
        "PATH": os.environ["PATH"], "HELIOBENCH_INSTANCE": str(tmp_path / "nowhere"),
        "HELIOBENCH_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "HOME": str(empty),
        "MPLCONFIGDIR": str(tmp_path / "mpl"),
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-c", ALONE, path], cwd=empty, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout)["same"] is True
    assert list(empty.iterdir()) == []
    assert not (tmp_path / "nowhere").exists()


def test_a_bundle_of_no_run_is_refused(bundle: Bundle) -> None:
    with pytest.raises((BadInput, Damaged)):
        reproduce(replace(bundle, runs={}))
