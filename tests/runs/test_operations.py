"""Runs: what a bench sends is taken in once, whole and in order, or refused without a trace."""

from __future__ import annotations

import base64
import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from instruments.errors import InstrumentError
from instruments.uplink import Uplink, content_digest
from lims.app import create_app
from lims.audit import Event
from lims.demonstration import bench, journey
from lims.equipment.benches import bench_named
from lims.equipment.models import Equipment
from lims.errors import BadInput, Forbidden, NotFound, Refused
from lims.laboratory import Laboratory
from lims.parties.models import Competence
from lims.runs import operations
from lims.runs.models import Run, RunSegment

Rewrite = Callable[[list[bytes], Callable[[dict[str, Any]], None]], list[bytes]]


@dataclass
class Prepared:
    """A laboratory with a prepared run that has received nothing yet."""

    laboratory: Laboratory
    run: str
    token: str
    job: str

    def ingest(self, index: int, data: bytes) -> RunSegment:
        return operations.ingest(self.laboratory, self.run, index, data)

    @property
    def row(self) -> Run:
        with self.laboratory.database.read() as session:
            whole = (joinedload(Run.job), selectinload(Run.segments))
            return session.scalars(sa.select(Run).options(*whole).where(Run.number == self.run)).one()

    @property
    def trace(self) -> tuple[object, ...]:
        """All that a refusal must leave as it was."""
        row = self.row
        with self.laboratory.database.read() as session:
            events = session.scalar(sa.select(sa.func.count()).select_from(Event))
        return events, row.state, row.head, row.scans, [one.sha256 for one in row.segments]


@pytest.fixture
def prepared(planned: Laboratory, number: Callable[[str], str]) -> Prepared:
    with planned.work(journey.actor(planned, "technician")) as work:
        run, token = operations.prepare(work, number("RW"), clock=operations.RECORD_CLOCK)
    return Prepared(planned, run.number, token, number("RW"))


def test_segments_in_order_are_kept_byte_by_byte_and_the_last_one_seals(
    prepared: Prepared, segments: list[bytes]
) -> None:
    for index, data in enumerate(segments, start=1):
        assert prepared.row.state == ("prepared" if index == 1 else "recording")
        prepared.ingest(index, data)
    row = prepared.row
    assert (row.state, row.scans, row.job.state) == ("sealed", 1800, "measured")
    assert [prepared.laboratory.store.get(one.sha256) for one in row.segments] == segments
    assert row.head == json.loads(segments[-1].splitlines()[-1])["hash"]
    assert row.first_scan_at is not None
    assert f"{row.first_scan_at:%Y-%m-%dT%H:%M:%S}" == json.loads(segments[0].splitlines()[1])["time"][:19]


def test_the_same_segment_again_is_answered_alike_and_changes_nothing(
    prepared: Prepared, segments: list[bytes]
) -> None:
    first = prepared.ingest(1, segments[0])
    before = prepared.trace
    again = prepared.ingest(1, segments[0])
    assert (again.sha256, again.received_at) == (first.sha256, first.received_at)
    assert prepared.trace == before


def test_other_bytes_under_the_same_number_are_refused(
    prepared: Prepared, segments: list[bytes], rewritten: Rewrite
) -> None:
    prepared.ingest(1, segments[0])
    before = prepared.trace
    (other,) = rewritten(segments[:1], lambda content: content.update(lag=9.0))
    with pytest.raises(Refused, match="received before with other bytes; nothing was replaced"):
        prepared.ingest(1, other)
    assert prepared.trace == before


def _cut(segments: list[bytes]) -> list[bytes]:
    return segments[0].splitlines(keepends=True)


def _flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


DAMAGED: dict[str, Callable[[list[bytes]], bytes]] = {
    "nothing at all": lambda s: b"",
    "no spool": lambda s: b"hello\n",
    "the last line without its end": lambda s: s[0][:-1],
    "a changed byte": lambda s: _flip(s[0], 5000),
    "a line missing": lambda s: b"".join(_cut(s)[:5] + _cut(s)[6:]),
    "two lines swapped": lambda s: b"".join([*_cut(s)[:5], _cut(s)[6], _cut(s)[5], *_cut(s)[7:]]),
    "a line twice": lambda s: b"".join([*_cut(s)[:6], *_cut(s)[5:]]),
    "something after the seal": lambda s: s[0] + _cut(s)[5],
    "two segments in one": lambda s: s[0] + s[1],
}


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("kind", ["sqlite"])
def test_damaged_bytes_are_refused_in_a_sentence_and_nothing_is_stored(
    prepared: Prepared, segments: list[bytes], damage: str
) -> None:
    before = prepared.trace
    with pytest.raises(InstrumentError, match=r"Line \d+ of the spool segment"):
        prepared.ingest(1, DAMAGED[damage](segments))
    assert prepared.trace == before
    assert not list(prepared.laboratory.store.folder.rglob("*.gz"))
    prepared.ingest(1, segments[0])


def _other_wiring(content: dict[str, Any]) -> None:
    if content["kind"] == "head" and content["segment"] == 2:
        content["bench"]["instrument"][0]["equipment"] = "HB-EQ-0002"


def _other_bench(content: dict[str, Any]) -> None:
    if content["kind"] == "head":
        content["bench"]["name"] = "another"


def _other_run(content: dict[str, Any]) -> None:
    content["run"] = "YX-1999-00001"


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize(
    ("index", "change", "said"),
    [
        (2, None, "expects segment 1 of its own spool, not segment 2"),
        (1, _other_run, "expects segment 1 of its own spool, not segment 1 of YX-1999-00001"),
        (1, _other_bench, "must be sealed and of bench graz-demo"),
    ],
)
def test_a_segment_that_does_not_fit_the_run_is_refused_without_a_trace(
    prepared: Prepared, segments: list[bytes], rewritten: Rewrite, index: int, change: Any, said: str
) -> None:
    before = prepared.trace
    data = rewritten(segments, change or (lambda content: None))[index - 1]
    if index == 2:
        data = rewritten([data], lambda content: None)[0]  # begins a chain of its own
    with pytest.raises(Refused, match=said):
        prepared.ingest(index, data)
    assert prepared.trace == before


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_segment_of_other_wiring_than_the_first_is_refused(
    prepared: Prepared, segments: list[bytes], rewritten: Rewrite
) -> None:
    forged = rewritten(segments, _other_wiring)
    prepared.ingest(1, forged[0])
    before = prepared.trace
    with pytest.raises(BadInput, match="wired otherwise than its first"):
        prepared.ingest(2, forged[1])
    assert prepared.trace == before


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_gap_and_an_unsealed_segment_are_refused(prepared: Prepared, segments: list[bytes]) -> None:
    prepared.ingest(1, segments[0])
    before = prepared.trace
    with pytest.raises(InstrumentError, match="does not follow the line before it"):
        prepared.ingest(3, segments[2])
    with pytest.raises(BadInput, match="must be sealed"):
        prepared.ingest(2, b"".join(segments[1].splitlines(keepends=True)[:-1]))
    assert prepared.trace == before


def test_a_sealed_run_never_changes(measured: Laboratory, segments: list[bytes], number: Callable[[str], str]) -> None:
    done = Prepared(measured, number("YX"), "", "")
    before = done.trace
    done.ingest(len(segments), segments[-1])
    with pytest.raises(InstrumentError):
        done.ingest(len(segments) + 1, segments[0])
    with measured.work(journey.actor(measured, "technician")) as work:
        for action in ("abort", "record", "seal"):
            with pytest.raises(Refused):
                operations.act(work, done.run, action, "because")
    assert done.trace == before


def test_an_aborted_run_takes_no_more_and_its_job_can_be_run_again(prepared: Prepared, segments: list[bytes]) -> None:
    technician = journey.actor(prepared.laboratory, "technician")
    prepared.ingest(1, segments[0])
    with prepared.laboratory.work(technician) as work:
        operations.act(work, prepared.run, "abort", "hail broke the cover")
    with pytest.raises(Refused, match="is 'aborted' and takes no more segments"):
        prepared.ingest(2, segments[1])
    with prepared.laboratory.work(technician) as work:
        again, _ = operations.prepare(work, prepared.job, clock=operations.RECORD_CLOCK)
    assert again.number != prepared.run


KILLED = """
import os, signal, sys
from pathlib import Path
from lims.laboratory import Laboratory
from lims.runs import operations
from lims.settings import load_settings
from lims.store import Store
keep = Store.put
def put(self, data, **how):
    keep(self, data, **how)
    os.kill(os.getpid(), signal.SIGKILL)
Store.put = put
instance, url, run, segment = sys.argv[1:]
laboratory = Laboratory(load_settings({}, instance=instance, database_url=url))
operations.ingest(laboratory, run, 1, Path(segment).read_bytes())
"""


def test_a_server_killed_between_file_and_row_leaves_no_row_and_takes_the_segment_again(
    prepared: Prepared, spool: Path, segments: list[bytes]
) -> None:
    before, settings = prepared.trace, prepared.laboratory.settings
    segment = min(spool.glob("segment-*.jsonl"))
    told = [settings.instance, settings.database_url, prepared.run, segment]
    killed = subprocess.run([sys.executable, "-c", KILLED, *told], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert prepared.trace == before
    assert prepared.ingest(1, segments[0]).size == len(segments[0])


# --- preparing ------------------------------------------------------------------------------------------------


def _prepare(laboratory: Laboratory, job: str, *, by: str = "technician", clock: str = "record") -> Run:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        return operations.prepare(work, job, clock=clock)[0]


@pytest.mark.parametrize("by", ["office", "reviewer", "signatory", "admin", "quality", "shen"])
@pytest.mark.parametrize("kind", ["sqlite"])
def test_only_a_technician_prepares_a_run(planned: Laboratory, number: Callable[[str], str], by: str) -> None:
    with pytest.raises(Forbidden):
        _prepare(planned, number("RW"), by=by)


def test_a_job_is_begun_once(prepared: Prepared) -> None:
    with pytest.raises(Refused):
        _prepare(prepared.laboratory, prepared.job)


def test_an_instrument_out_of_service_or_out_of_calibration_stops_a_run_of_today(
    planned: Laboratory, number: Callable[[str], str], disarmed: Callable[..., None]
) -> None:
    with planned.database.write() as session:
        session.execute(sa.update(Equipment).where(Equipment.number == "HB-EQ-0003").values(in_service=False))
    with pytest.raises(Refused, match="HB-EQ-0003 pyrheliometer is out of service"):
        _prepare(planned, number("RW"), clock="system")
    with planned.database.write() as session:
        session.execute(sa.update(Equipment).values(in_service=True))
        disarmed(session, "calibration")
        session.execute(sa.text("delete from calibration where symbol = 't_out' and calibrated_on > '2020-01-01'"))
    with pytest.raises(Refused, match="HB-EQ-0004 Pt100 scanner has no calibration of t_out valid on"):
        _prepare(planned, number("RW"), clock="system")


def test_without_competence_no_run_is_prepared(planned: Laboratory, number: Callable[[str], str]) -> None:
    with planned.database.write() as session:
        session.execute(sa.delete(Competence).where(Competence.activity == "test"))
    with pytest.raises(Refused, match="is not authorised for this method"):
        _prepare(planned, number("RW"))


def test_an_unknown_bench_or_job_or_run_is_not_found(laboratory: Laboratory) -> None:
    with pytest.raises(NotFound, match="no bench nowhere"):
        bench_named("nowhere")
    with pytest.raises(NotFound, match="no bench"):
        bench_named("../../pyproject")
    with pytest.raises(NotFound, match="no job RW-0"):
        _prepare(laboratory, "RW-0")
    with pytest.raises(NotFound, match="no run YX-0"):
        operations.ingest(laboratory, "YX-0", 1, b"")


# --- over real HTTP -------------------------------------------------------------------------------------------


def test_the_uplink_hands_a_whole_spool_over_and_sends_nothing_twice(prepared: Prepared, spool: Path) -> None:
    with bench.served(create_app(prepared.laboratory)) as address:
        uplink = Uplink(base_url=address, token=prepared.token, attempts=1)
        assert uplink.push(spool, run=prepared.run).sent == (1, 2, 3, 4, 5)
        again = uplink.push(spool, run=prepared.run)
    assert (again.sent, again.held) == ((), (1, 2, 3, 4, 5))
    assert prepared.row.state == "sealed"


def _put(address: str, prepared: Prepared, data: bytes, **changed: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {prepared.token}", "Content-Digest": content_digest(data)} | changed
    return httpx.put(f"{address}/api/runs/{prepared.run}/segments/1", content=data, headers=headers)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_the_interface_answers_each_mistake_with_its_status_and_a_sentence(
    prepared: Prepared, segments: list[bytes]
) -> None:
    data, before = segments[0], prepared.trace
    wrong_digest = f"sha-256=:{base64.b64encode(hashlib.sha256(b'x').digest()).decode()}:"
    with bench.served(create_app(prepared.laboratory)) as address:
        answers = [
            (403, "token is not that of this run", _put(address, prepared, data, Authorization="Bearer wrong")),
            (403, "token is not that of this run", _put(address, prepared, data, Authorization="")),
            (403, "token is not that of this run", _put(address, prepared, data, Authorization="Basic eDp5")),
            (400, "does not fit its Content-Digest", _put(address, prepared, data, **{"Content-Digest": wrong_digest})),
            (400, "does not fit its Content-Digest", _put(address, prepared, data, **{"Content-Digest": ""})),
            (400, "Line 1 of the spool segment", _put(address, prepared, b"hello\n")),
            (404, "There is no run YX-0", httpx.get(f"{address}/api/runs/YX-0/segments")),
            (403, "token", httpx.get(f"{address}/api/runs/{prepared.run}/segments")),
        ]
        assert prepared.trace == before
        assert _put(address, prepared, data).status_code == 201
        answers.append((409, "with other bytes", _put(address, prepared, segments[1])))
    for status, said, answer in answers:
        assert answer.status_code == status, said
        assert said in answer.json()["sentence_en"]
        assert answer.json()["sentence_zh"]


def test_the_token_is_kept_only_as_its_digest(prepared: Prepared) -> None:
    assert prepared.row.token_sha256 == hashlib.sha256(prepared.token.encode()).hexdigest()
    operations.require_token(prepared.laboratory, prepared.run, prepared.token)
