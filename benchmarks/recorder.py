"""Scans per second of the whole recorder, and the same radiometers read by pymodbus.

    python -m benchmarks.recorder [--scans N] [--json]

Six simulated instruments on six pseudo-terminals answer as fast as they can; the simulators run in this process too, so
their CPU is counted with ours. Rows:

    six instruments, no spool     one thread per port, decode, no disk
    six instruments, spool        the same, each scan hashed and fdatasync'ed
    three radiometers, ours       the three Kipp & Zonen only, one thread per port
    three radiometers, pymodbus   its synchronous client, one thread per port, same simulators, registers only
"""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pymodbus.client import ModbusSerialClient

from benchmarks._timing import main, spent
from instruments.acquisition import Recorder, poll
from instruments.bench import Bench, read_bench
from instruments.clock import ReplayClock
from instruments.simulation.bench import simulated
from instruments.simulation.plant import RecordPlant
from instruments.spool import Spool

BENCH = Path(__file__).parents[1] / "config" / "benches" / "graz-demo.toml"
GOAL = 150.0  # scans/s of the six instruments with spool
RANGES = {"G": 1000, "Gd": 300, "DNI": 900, "t_in": 60, "t_out": 90, "t_amb": 30, "V_dot": 0.004, "u": 5}


def table(found: dict[str, Any]) -> Iterator[str]:
    """Line by line."""
    yield f"{'':30}{'scans/s':>10}{'CPU ms/scan':>14}"
    for name, one in found["rows"].items():
        yield f"{name:30}{one['scans_per_s']:>10.0f}{one['cpu_ms_per_scan']:>14.2f}"
    yield f"goal {GOAL:.0f} scans/s with spool; radiometers ours / pymodbus = {found['ratio']:.2f}"


def ratio(measured: dict[str, dict[str, float]]) -> float:
    """Scans per second of ours over those of pymodbus on the same three radiometers."""
    ours, peer = measured["three radiometers, ours"], measured["three radiometers, pymodbus"]
    return ours["scans_per_s"] / peer["scans_per_s"]


def measure(scans: int) -> dict[str, Any]:
    """{row: scans per second and CPU milliseconds per scan}."""
    bench = read_bench(BENCH)
    radiometers = replace(bench, instruments=bench.instruments[:3])
    rows = {
        "six instruments, no spool": timed(scans, lambda: ours(bench, scans)),
        "six instruments, spool": timed(scans, lambda: spooled(bench, scans)),
        "three radiometers, ours": timed(scans, lambda: ours(radiometers, scans)),
        "three radiometers, pymodbus": timed(scans, lambda: pymodbus(radiometers, scans)),
    }
    return {"rows": rows, "ratio": ratio(rows), "goal": GOAL}


def timed(scans: int, ready: Callable[[], AbstractContextManager[Callable[[], None]]]) -> dict[str, float]:
    """Scans per second and CPU per scan of the work, without what it takes to get ready."""
    with ready() as work, spent() as one:
        work()
    return {"scans_per_s": scans / one.wall, "cpu_ms_per_scan": 1000 * one.cpu / scans}


@contextmanager
def on_ptys(bench: Bench, scans: int) -> Iterator[tuple[Bench, ReplayClock]]:
    """The bench on pseudo-terminals, feeling noise."""
    rng, rows = np.random.default_rng(2026), np.arange(scans, dtype=np.float64)
    columns = {symbol: rng.uniform(0.0, upper, scans) for symbol, upper in RANGES.items()}
    clock = ReplayClock(60.0 * rows + 30.0)
    with simulated(bench, plant=RecordPlant(time=60.0 * rows, columns=columns), clock=clock) as put:
        yield put, clock


@contextmanager
def ours(bench: Bench, scans: int) -> Iterator[Callable[[], None]]:
    """Our recorder without a disk."""
    with on_ptys(bench, scans) as (put, clock), Recorder(put) as recorder:
        recorder.scan(seq=0, at=0.0)  # a port just opened is quiet for the worst response time

        def work() -> None:
            assert not any(scan.faults for scan in poll(recorder, clock))

        yield work


@contextmanager
def spooled(bench: Bench, scans: int) -> Iterator[Callable[[], None]]:
    """Our recorder with the spool."""
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as folder,  # a temporary file system would make fdatasync free
        on_ptys(bench, scans) as (put, clock),
        Recorder(put) as recorder,
        Spool(Path(folder), run="R-1", bench=put) as spool,
    ):
        recorder.scan(seq=0, at=0.0)

        def work() -> None:
            for scan in poll(recorder, clock):
                spool.append(scan)
            spool.seal()

        yield work


@contextmanager
def pymodbus(bench: Bench, scans: int) -> Iterator[Callable[[], None]]:
    """The peer's synchronous client on the same simulators."""
    with on_ptys(bench, scans) as (put, clock), ExitStack() as stack:
        clients = [ModbusSerialClient(port, baudrate=19200, timeout=1, retries=0) for port in put.ports]
        for client in clients:
            client.connect()
            stack.callback(client.close)
        threads = stack.enter_context(ThreadPoolExecutor(len(clients)))

        def work() -> None:
            for _ in clock.ticks(put.period):
                answers = threads.map(lambda one: one.read_input_registers(0, count=10, device_id=1), clients)
                assert not any(answer.isError() for answer in answers)

        yield work


if __name__ == "__main__":
    main(__doc__, measure, table, scans=(1000, "scans of each"))
