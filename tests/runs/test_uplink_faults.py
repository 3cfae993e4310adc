"""The LIMS killed while it takes in segments, and restored from an older back-up: nothing acknowledged is missing."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from instruments.acquisition import Observation, Scan
from instruments.bench import Bench
from instruments.driver import Exchange, Reading
from instruments.segment import GENESIS, read_segment
from instruments.spool import Spool, segments
from instruments.uplink import Uplink
from lims import audit
from lims.app import create_app
from lims.audit import Event
from lims.demonstration import bench as demonstration
from lims.demonstration import journey
from lims.equipment.benches import bench_named
from lims.laboratory import Laboratory
from lims.runs import operations as runs
from lims.runs import queries
from tests.conftest import Template, first
from tests.web.test_serve import HELIOBENCH, free_port

NAME, JOB = first("YX"), first("RW")


class Noting(Uplink):
    """Notes every segment that the LIMS has acknowledged."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.acknowledged: list[int] = []

    def _put(self, client: httpx.Client, run: str, index: int, data: bytes) -> None:
        super()._put(client, run, index, data)
        self.acknowledged.append(index)


def scan_of(bench: Bench, seq: int) -> Scan:
    observed = Observation(
        bench.instruments[0], (Exchange(b"?", b"!", 0.0, 0.0),), (Reading("irradiance", 1.0 * seq, "W/m2"),), ()
    )
    return Scan(seq, 1.5e9 + 60.0 * seq, 0.0, 0.0, (observed,))


def record(folder: Path, count: int, *, seal: bool) -> Path:
    """One scan a segment."""
    bench = bench_named(journey.BENCH)
    with Spool(folder, run=NAME, bench=bench, scans_per_segment=1) as spool:
        for seq in range(spool.last_seq + 1, count + 1):
            spool.append(scan_of(bench, seq))
        if seal:
            spool.seal()
    return folder


def prepared(laboratory: Laboratory) -> str:
    """The token of the prepared run."""
    with laboratory.work(journey.actor(laboratory, "technician")) as work:
        run, token = runs.prepare(work, JOB, clock=runs.RECORD_CLOCK)
        assert run.number == NAME
    return token


def require_whole(laboratory: Laboratory, folder: Path, *, acknowledged: list[int]) -> None:
    """Every segment is there once, byte for byte; chain and audit trail go through; the run is sealed."""
    sent = [path.read_bytes() for path in segments(folder)]
    with laboratory.database.read() as session:
        run = queries.by_number(session, NAME)
        held = [laboratory.store.get(one.sha256) for one in run.segments]
        assert [one.index for one in run.segments] == list(range(1, len(sent) + 1))
        assert set(acknowledged) <= {one.index for one in run.segments}
        assert (run.state, run.scans) == ("sealed", sum(len(read_segment(data).scans) for data in sent))
        told = session.scalars(sa.select(Event).where(Event.subject == NAME, Event.action == "ingest"))
        assert len(told.all()) == len(sent)
        assert audit.verify(session).wrong_at is None
    assert held == sent
    previous = GENESIS
    for data in held:
        previous = read_segment(data, previous=previous).head_hash


@contextmanager
def serving(laboratory: Laboratory, port: int) -> Iterator[subprocess.Popen[str]]:
    """`heliobench serve`, killed with all its processes at the end."""
    environment = {
        **os.environ,
        "HELIOBENCH_INSTANCE": laboratory.settings.instance,
        "HELIOBENCH_DATABASE_URL": laboratory.settings.database_url,
        "HELIOBENCH_DEMONSTRATION": "true",
        "HELIOBENCH_WORKERS": "1",
    }
    command = [HELIOBENCH, "serve", "--port", str(port)]
    with subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            yield server
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            wait_for(lambda: is_free(port))


def wait_for(condition: Callable[[], bool], server: subprocess.Popen[str] | None = None) -> None:
    """Until it holds; the server, if one is given, must live meanwhile."""
    until = time.monotonic() + 60.0
    while not condition():
        assert server is None or server.poll() is None, server.stderr and server.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.005)


def is_free(port: int) -> bool:
    """A killed worker gives the port back a little later than its master is gone."""
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def kill_and_compare(laboratory: Laboratory, folder: Path, *, times: int, seed: int) -> None:
    """Kill the server so many times at random while the bench sends, then let it finish."""
    rng, port = random.Random(seed), free_port()
    token = prepared(laboratory)
    record(folder, 12 * times, seal=True)
    uplink = Noting(base_url=f"http://127.0.0.1:{port}", token=token, sleep=lambda _: time.sleep(0.02))
    sending = Thread(target=lambda: uplink.push(folder, run=NAME), daemon=True)
    sending.start()
    in_the_middle = 0
    for _ in range(times):
        before = len(uplink.acknowledged)
        with serving(laboratory, port) as server:
            wait_for(lambda seen=before: len(uplink.acknowledged) > seen or not sending.is_alive(), server)
            time.sleep(rng.uniform(0.0, 0.15))
            in_the_middle += sending.is_alive()
    with serving(laboratory, port) as server:
        wait_for(lambda: not sending.is_alive(), server)
    assert in_the_middle == times
    assert uplink.acknowledged == sorted(set(uplink.acknowledged))
    sys.stdout.write(f"{times} kills, {len(uplink.acknowledged)} segments acknowledged\n")
    require_whole(laboratory, folder, acknowledged=uplink.acknowledged)


def test_a_lims_killed_while_segments_come_in_has_every_acknowledged_one_once(
    templates: Callable[[str, str], Template], tmp_path: Path
) -> None:
    with templates("sqlite", "planned").copied(tmp_path / "instance") as laboratory:
        kill_and_compare(laboratory, tmp_path / "spool", times=3, seed=1)


@pytest.mark.faults
def test_a_lims_killed_fifty_times_has_every_acknowledged_segment_once(planned: Laboratory, tmp_path: Path) -> None:
    kill_and_compare(planned, tmp_path / "spool", times=50, seed=2)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.faults)])
def test_a_lims_restored_from_an_older_back_up_gets_again_what_is_missing_and_the_chain_is_whole(
    kind: str, templates: Callable[[str, str], Template], tmp_path: Path
) -> None:
    folder, tokens = tmp_path / "spool", []

    def begin(laboratory: Laboratory) -> None:
        tokens.append(prepared(laboratory))
        record(folder, 2, seal=False)
        assert push(laboratory, folder, tokens[0]) == (1,)

    back_up = templates(kind, "planned").grown(tmp_path / "back-up", begin)
    record(folder, 5, seal=True)
    with back_up.copied(tmp_path / "lost") as laboratory:
        assert push(laboratory, folder, tokens[0]) == (2, 3, 4, 5)
    with back_up.copied(tmp_path / "restored") as laboratory:
        assert push(laboratory, folder, tokens[0]) == (2, 3, 4, 5)
        assert push(laboratory, folder, tokens[0]) == ()
        require_whole(laboratory, folder, acknowledged=[1, 2, 3, 4, 5])


def push(laboratory: Laboratory, folder: Path, token: str) -> tuple[int, ...]:
    """The segments that were sent."""
    with demonstration.served(create_app(laboratory)) as address:
        return demonstration.push(folder, run=NAME, token=token, address=address).sent
