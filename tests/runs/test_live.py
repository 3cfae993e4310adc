"""The preview of a running recording: beside the records, bounded, gone at the end; the recorder never waits for it."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from instruments.courier import Courier
from instruments.segment import read_segment
from instruments.tail import MOST_SCANS
from instruments.uplink import Uplink
from lims.app import create_app
from lims.audit import Event
from lims.demonstration import bench, journey
from lims.equipment.benches import bench_named
from lims.errors import BadInput, Refused
from lims.laboratory import Laboratory
from lims.runs import live, operations
from lims.runs.live import Live, contact
from lims.runs.models import Run
from lims.watch.board import board

SYMBOLS = ("G", "t_in")


def scan(seq: int, **changed: Any) -> dict[str, Any]:
    told = {
        "seq": seq,
        "time": f"2026-11-28T04:00:{seq % 60:02d}.000Z",
        "lag": 0.0,
        "values": {"G": [800.0 + seq, "W/m2"]},
    }
    return {**told, "faults": [], **changed}


def message(*seqs: int, age: float | None = 0.5, **changed: Any) -> bytes:
    told = {
        "schema": "heliobench.live/1",
        "after": seqs[0] - 1 if seqs else 0,
        "age": age,
        "scans": [scan(n) for n in seqs],
    }
    return json.dumps({**told, **changed}).encode()


def take(folder: Path, data: bytes, *, stored: int = 0, now: float = 1000.0) -> int:
    return live.take(folder, "R", data, symbols=SYMBOLS, stored=stored, now=now)


def kept(folder: Path, stored: int = 0) -> list[int]:
    found = live.read(folder, "R", stored=stored)
    return [one.seq for one in found.scans] if found else []


def test_scans_are_added_one_after_the_other_and_the_bench_is_told_where_to_go_on(tmp_path: Path) -> None:
    assert take(tmp_path, message(1, 2)) == 2
    assert take(tmp_path, message(3)) == 3
    assert take(tmp_path, message(5)) == 3  # scan 4 is lacking: it is asked for
    assert take(tmp_path, message(2, 3, 4, 5)) == 5  # sent again from there: no scan twice
    assert kept(tmp_path) == [1, 2, 3, 4, 5]


def test_what_has_arrived_in_segments_is_no_longer_preview(tmp_path: Path) -> None:
    take(tmp_path, message(1, 2, 3))
    assert kept(tmp_path, stored=2) == [3]
    assert take(tmp_path, message(7, 8), stored=5) == 8
    assert kept(tmp_path, stored=5) == [7, 8]
    live.drop(tmp_path, "R")
    live.drop(tmp_path, "R")
    assert live.read(tmp_path, "R", stored=0) is None


def test_a_beat_without_a_scan_is_heard_and_writes_nothing(tmp_path: Path) -> None:
    take(tmp_path, message(1, age=0.5), now=1000.0)
    before = (tmp_path / "R.json").read_bytes()
    take(tmp_path, message(after=1, age=4.5), now=1004.0)
    found = live.read(tmp_path, "R", stored=0)
    assert found is not None
    assert (found.heard, found.scanned) == (1004.0, 999.5)
    assert (tmp_path / "R.json").read_bytes() == before


def test_the_preview_is_bounded_whatever_a_bench_sends(tmp_path: Path) -> None:
    for first in range(1, 4 * MOST_SCANS, MOST_SCANS):
        take(tmp_path, message(*range(first, first + MOST_SCANS)))
    assert len(kept(tmp_path)) == live.KEPT
    assert [path.name for path in tmp_path.iterdir()] == ["R.json"]


BAD = {
    "no json": b"{",
    "no object": b"[]",
    "another schema": message(1, schema="x"),
    "no scans": message(1, scans=None),
    "a gap": message(1, 3),
    "backwards": message(2, 1),
    "not a number": message(scans=[scan(1, values={"G": ["a", "W/m2"]})]),
    "infinite": message(1, age=float("inf")),
    "no channel of the bench": message(scans=[scan(1, values={"<b>": [1.0, ""]})]),
    "no time": message(scans=[scan(1, time="noon")]),
    "deep": b"[" * 100_000,
    "too large": message(1) + b" " * live.LARGEST,
    "too many": message(*range(1, MOST_SCANS + 2)),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_a_message_that_is_none_is_refused_in_words_and_keeps_what_was_there(tmp_path: Path, bad: str) -> None:
    take(tmp_path, message(1))
    before = (tmp_path / "R.json").read_bytes()
    with pytest.raises(BadInput, match="This preview cannot be shown"):
        take(tmp_path, BAD[bad])
    assert (tmp_path / "R.json").read_bytes() == before


def test_a_damaged_file_is_no_preview_and_the_next_message_replaces_it(tmp_path: Path) -> None:
    (tmp_path / "R.json").write_bytes(b'{"scans": [')
    assert kept(tmp_path) == []
    assert take(tmp_path, message(1)) == 1


@pytest.mark.parametrize(
    ("heard", "scanned", "state"),
    [
        (1000.0, 999.0, "live"),
        (993.0, 993.0, "live"),
        (992.9, 992.9, "lost"),  # seven seconds without a word
        (1000.0, 877.0, "live"),
        (1000.0, 876.9, "late"),  # more than two periods and three seconds
        (1000.0, None, "waiting"),
        (990.0, None, "lost"),
    ],
)
def test_old_values_are_never_live(heard: float, scanned: float | None, state: str) -> None:
    found = contact(Live(scans=(), heard=heard, scanned=scanned), now=1000.0, period=60.0)
    assert (found.state, found.values_are_live) == (state, state == "live")


def test_a_run_nobody_has_spoken_of_is_not_lost_but_not_begun() -> None:
    assert contact(None, now=0.0, period=60.0).state == "never"


# --- with the laboratory --------------------------------------------------------------------------------------


@pytest.fixture
def running(planned: Laboratory, number: Callable[[str], str]) -> tuple[Laboratory, str, str]:
    with planned.work(journey.actor(planned, "technician")) as work:
        run, token = operations.prepare(work, number("RW"), clock=operations.RECORD_CLOCK)
    return planned, run.number, token


def row(laboratory: Laboratory) -> Run:
    with laboratory.database.read() as session:
        return session.scalars(sa.select(Run).options(selectinload(Run.segments), selectinload(Run.file))).one()


def events(laboratory: Laboratory) -> int:
    with laboratory.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Event)) or 0


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_preview_changes_no_record_and_goes_when_the_run_is_sealed(
    running: tuple[Laboratory, str, str], segments: list[bytes]
) -> None:
    laboratory, run, _ = running
    before, files = events(laboratory), sorted(laboratory.store.folder.rglob("*"))
    assert operations.preview(laboratory, run, message(1, 2)) == 2
    assert (events(laboratory), row(laboratory).state, row(laboratory).scans) == (before, "prepared", 0)
    assert sorted(laboratory.store.folder.rglob("*")) == files
    shown = board(laboratory, bench_named("graz-demo"), row(laboratory))
    assert (shown.state, shown.scan.values if shown.scan else None) == ("live", {"G": (802.0, "W/m2")})
    operations.ingest(laboratory, run, 1, segments[0])
    arrived = read_segment(segments[0])
    shown = board(laboratory, bench_named("graz-demo"), row(laboratory))
    assert shown.scan is not None
    assert shown.scan.seq == arrived.last
    for index, data in enumerate(segments[1:], start=2):
        operations.ingest(laboratory, run, index, data)
    assert not list(laboratory.live.iterdir())
    with pytest.raises(Refused, match="takes no more"):
        operations.preview(laboratory, run, message(1))


@pytest.mark.parametrize("kind", ["sqlite"])
def test_only_the_runs_token_shows_anything_and_an_aborted_run_nothing_more(
    running: tuple[Laboratory, str, str],
) -> None:
    laboratory, run, token = running
    with bench.served(create_app(laboratory)) as address:
        url = f"{address}/api/runs/{run}/live"
        for wrong in ("", "Bearer x", f"Basic {token}"):
            assert httpx.put(url, content=message(1), headers={"Authorization": wrong}).status_code == 403
        good = {"Authorization": f"Bearer {token}"}
        assert httpx.put(f"{address}/api/runs/YX-0/live", content=message(1), headers=good).status_code == 404
        answer = httpx.put(url, content=b"{", headers=good)
        assert (answer.status_code, "预览" in answer.json()["sentence_zh"]) == (400, True)
        assert httpx.put(url, content=message(1), headers=good).json() == {"run": run, "have": 1}
        with laboratory.work(journey.actor(laboratory, "technician")) as work:
            operations.act(work, run, "abort", "hail")
        assert httpx.put(url, content=message(2), headers=good).status_code == 409
    assert not list(laboratory.live.iterdir())


@pytest.mark.parametrize("kind", ["sqlite"])
def test_the_courier_shows_the_open_segment_and_brings_the_sealed_ones_while_the_bench_records(
    running: tuple[Laboratory, str, str], spool: Path, tmp_path: Path
) -> None:
    laboratory, run, token = running
    folder = tmp_path / "spool"
    folder.mkdir()
    files = sorted(spool.glob("segment-*.jsonl"))
    (folder / files[0].name).write_bytes(files[0].read_bytes())
    lines = files[1].read_bytes().splitlines(keepends=True)
    (folder / files[1].name).write_bytes(b"".join(lines[:11]))  # the head and ten scans: not sealed
    told: list[str] = []
    with (
        bench.served(create_app(laboratory)) as address,
        Courier(
            Uplink(base_url=address, token=token, attempts=1),
            folder,
            run=run,
            tell=lambda en, _: told.append(en),
            beat=0.02,
        ),
    ):
        _until(lambda: live.read(laboratory.live, run, stored=0))
    found, arrived = live.read(laboratory.live, run, stored=row(laboratory).last_sequence), row(laboratory)
    assert (arrived.state, [one.index for one in arrived.segments]) == ("recording", [1])
    assert found is not None
    assert [one.seq for one in found.scans] == list(range(arrived.last_sequence + 1, arrived.last_sequence + 11))
    assert told == []


def _until(true: Callable[[], Any], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        threading.Event().wait(0.01)


@contextmanager
def deaf() -> Iterator[str]:
    """A LIMS that takes connections and answers 503."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(503)

        do_PUT = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_lims_that_is_away_is_told_once_and_costs_the_recording_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    with (
        deaf() as address,
        Courier(
            Uplink(base_url=address, token="x", attempts=1),
            tmp_path,
            run="R",
            tell=lambda en, _: told.append(en),
            beat=0.01,
        ),
    ):
        _until(lambda: told)
        threading.Event().wait(0.05)
    assert len(told) == 1
    assert "cannot be reached" in told[0]
