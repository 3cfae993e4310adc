"""Thirty-two ports at 19200 baud at full speed in one recorder: what part of one processor core it takes.

    python -m benchmarks.many_ports [--ports 32] [--seconds 5] [--repeat 3] [--json]

Each port is a paced wire with one radiometer on it (ten registers); the slaves are another process. Ours is the whole
recorder: one thread a port, every byte traced, values decoded, one scan of all ports after the other. The peers are
threads that only read: raw pyserial as in `wire`, and pymodbus's synchronous client. Rows take turns; medians.
"""

import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks._slaves import slaves, theory
from benchmarks._timing import main, spent
from benchmarks.wire import pymodbus, raw
from instruments.acquisition import Recorder
from instruments.bench import Bench, Instrument

BAUD, GOAL = 19200, 25.0  # percent of one core
Reads = Callable[[int], None]


def bench_of(ports: list[str]) -> Bench:
    """One radiometer on every port."""
    return Bench(
        name="many",
        period=1.0,
        instruments=tuple(
            Instrument(
                name=f"kipp-{n}", driver="kipp_smp", port=port, address=1, equipment=f"E{n}", deadline=1.0,
                channels={f"G{n}": "irradiance"}, settings={"baud": BAUD},
            )
            for n, port in enumerate(ports)
        ),
    )  # fmt: skip


@contextmanager
def ours(ports: list[str]) -> Iterator[Reads]:
    """The recorder."""
    with Recorder(bench_of(ports)) as recorder:

        def reads(times: int) -> None:
            for seq in range(times):
                assert not recorder.scan(seq=seq, at=0.0).faults

        yield reads


def threads(master: Callable[[str, int], Any]) -> Callable[[list[str]], Any]:
    """A peer: one thread a port."""

    @contextmanager
    def peer(ports: list[str]) -> Iterator[Reads]:
        with ExitStack() as stack:
            each = [stack.enter_context(master(port, BAUD)) for port in ports]
            pool = stack.enter_context(ThreadPoolExecutor(len(ports)))
            yield lambda times: list(pool.map(lambda read: read(times), each)) and None

    return peer


MASTERS = {"heliobench recorder": ours, "raw pyserial": threads(raw), "pymodbus sync": threads(pymodbus)}


def measure(ports: int, seconds: int, repeat: int) -> dict[str, Any]:
    """{master: percent of a core, exchanges per second of all ports, percent of the wire}."""
    times, found = round(seconds / theory(BAUD)), {}
    taken: dict[str, list[Any]] = {name: [] for name in MASTERS}
    for _ in range(repeat):
        for name, master in MASTERS.items():
            with slaves(ports, baud=BAUD) as names, master(names) as reads:
                reads(2)
                with spent() as one:
                    reads(times)
                taken[name].append(one)
    for name, each in taken.items():
        wall, cpu = statistics.median(one.wall for one in each), statistics.median(one.cpu for one in each)
        found[name] = {
            "core_percent": 100.0 * cpu / wall,
            "per_s": ports * times / wall,
            "wire_percent": 100.0 * times / wall * theory(BAUD),
            "cpu_us": 1e6 * cpu / (ports * times),
        }
    return {"ports": ports, "rows": found, "goal": GOAL}


def table(found: dict[str, Any]) -> list[str]:
    """One row for each master."""
    lines = [f"{found['ports']} ports at {BAUD} baud   of a core  exchanges/s   of the wire    CPU"]
    for name, row in found["rows"].items():
        lines.append(
            f"{name:24}{row['core_percent']:>8.1f} %{row['per_s']:>13.0f}{row['wire_percent']:>12.1f} %"
            f"{row['cpu_us']:>5.0f} us"
        )
    return [*lines, f"goal under {GOAL:.0f} % of one core"]


if __name__ == "__main__":
    main(__doc__, measure, table, ports=(32, "ports"), seconds=(5, "seconds of a turn"), repeat=(3, "turns"))
