"""The demonstration's bench: simulated instruments on real ptys, recorded, spooled and pushed over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from instruments.acquisition import Recorder, poll
from instruments.bench import Bench
from instruments.clock import ReplayClock
from instruments.simulation.bench import simulated
from instruments.spool import Spool
from instruments.uplink import Pushed, Uplink
from lims.demonstration.record import Replay


def record(
    bench: Bench, replay: Replay, *, run: str, spool: Path, speed: float | None, tick: Callable[[], None]
) -> Path:
    """Record the whole replay into a sealed spool and return its folder; ``tick`` is called after each scan."""
    clock = ReplayClock([float(moment) for moment in replay.times], speed=speed)
    folder = spool / run
    with (
        simulated(bench, plant=replay.plant, clock=clock, errors=replay.errors) as wired,
        Spool(folder, run=run, bench=wired) as open_spool,
        Recorder(wired) as recorder,
    ):
        for scan in poll(recorder, clock):
            open_spool.append(scan)
            tick()
        open_spool.seal()
    return folder


class _Quiet(WSGIRequestHandler):
    """Answers requests without a line on the screen for each; the demonstration has its own words."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The LIMS on a free local port for as long as the demonstration needs it; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def push(folder: Path, *, run: str, token: str, address: str) -> Pushed:
    """Hand the sealed segments to the LIMS."""
    return Uplink(base_url=address, token=token).push(folder, run=run)
