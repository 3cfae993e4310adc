"""Scans of 30 channels a second on the disk, beside SQLite; and what recording 30 channels at 10 Hz costs.

    python -m benchmarks.spool [--scans 10000] [--repeat 3] [--seconds 10] [--json]

Ten radiometers with three channels each; a line of the spool (4 kB) holds questions, answers, readings and hashes.
Rows: one fdatasync a scan; group commit with scans as fast as they can be handed over (acknowledged after the
fdatasync, counted when the last one is); the same numbers without the bytes that prove them in SQLite (WAL, synchronous
FULL), one commit a scan and a hundred scans a commit. They take turns on the disk of the working folder; medians.
10 Hz: recorder, ten paced ports at 19200 baud and spool; the slaves are another process.
"""

import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks._slaves import ANSWER, DEVICE, SENT, slaves
from benchmarks._timing import Spent, main, spent
from instruments.acquisition import Observation, Recorder, Scan, poll
from instruments.bench import Bench, Instrument
from instruments.clock import SystemClock
from instruments.driver import Exchange
from instruments.group_commit import GroupCommit
from instruments.spool import Spool

GOALS = {"scans_per_s": 5000.0, "core_percent_at_10_hz": 3.0}
RADIOMETERS, GROUP = 10, 100
CHANNELS = {"G": "irradiance", "t": "body_temperature", "U": "supply"}


def bench_of(ports: list[str]) -> Bench:
    """Ten radiometers, thirty channels, ten times a second."""
    instruments = tuple(
        Instrument(
            name=f"kipp-{n}", driver="kipp_smp", port=port, address=1, equipment=f"E{n}", deadline=1.0,
            channels={f"{symbol}{n}": channel for symbol, channel in CHANNELS.items()}, settings={"baud": 19200},
        )
        for n, port in enumerate(ports)
    )  # fmt: skip
    return Bench(name="thirty", period=0.1, instruments=instruments)


BENCH = bench_of([f"p{n}" for n in range(RADIOMETERS)])


def made(scans: int) -> list[Scan]:
    """Scans as the recorder makes them."""
    readings = DEVICE.decode((Exchange(SENT, ANSWER, 0.0, 0.0),)).readings
    return [
        Scan(
            seq,
            1.7e9 + seq / 10,
            0.0,
            seq / 10,
            tuple(
                Observation(one, (Exchange(SENT, ANSWER, seq / 10 + 0.001, 0.0213),), readings, ())
                for one in BENCH.instruments
            ),
        )
        for seq in range(1, scans + 1)
    ]


def one_by_one(folder: Path, scans: list[Scan]) -> None:
    """Each on the disk before the next."""
    with Spool(folder / "run", run="R-1", bench=BENCH) as spool:
        for scan in scans:
            spool.append(scan)


def in_groups(folder: Path, scans: list[Scan]) -> None:
    """As many with one fdatasync as wait."""
    with Spool(folder / "run", run="R-1", bench=BENCH) as spool:
        with GroupCommit(spool) as disk:
            for scan in scans:
                disk.put(scan)
        assert spool.last_seq == len(scans)


def sqlite(folder: Path, scans: list[Scan], *, group: int) -> None:
    """One row of thirty numbers a scan."""
    values = ["?"] * (3 * RADIOMETERS + 2)
    with closing(sqlite3.connect(folder / "peer.sqlite", isolation_level=None)) as peer:
        peer.execute("pragma journal_mode=wal")
        peer.execute("pragma synchronous=full")
        peer.execute(f"create table scan (seq integer primary key, time, {', '.join(f'c{n}' for n in range(30))})")
        for begin in range(0, len(scans), group):
            peer.execute("begin immediate")
            for scan in scans[begin : begin + group]:
                peer.execute(
                    f"insert into scan values ({','.join(values)})", (scan.seq, scan.time, *scan.values.values())
                )
            peer.execute("commit")


WRITERS: dict[str, Callable[[Path, list[Scan]], None]] = {
    "spool, one by one": one_by_one,
    "spool, group commit": in_groups,
    "SQLite, one by one": lambda folder, scans: sqlite(folder, scans, group=1),
    f"SQLite, {GROUP} a commit": lambda folder, scans: sqlite(folder, scans, group=GROUP),
}


def written(scans: int, repeat: int) -> dict[str, dict[str, float]]:
    """{writer: scans per second, processor microseconds of one}."""
    given, taken = made(scans), {name: [] for name in WRITERS}
    for _ in range(repeat):
        for name, write in WRITERS.items():
            with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, spent() as one:
                write(Path(folder), given)
            taken[name].append(one)
    return {name: row(each, scans) for name, each in taken.items()}


def row(taken: list[Spent], scans: int) -> dict[str, float]:
    """The medians."""
    return {
        "scans_per_s": scans / statistics.median(one.wall for one in taken),
        "cpu_us": 1e6 * statistics.median(one.cpu for one in taken) / scans,
    }


def at_ten_hertz(seconds: int) -> float:
    """Percent of one core."""
    with (
        tempfile.TemporaryDirectory(dir=Path.cwd()) as folder,
        slaves(RADIOMETERS, baud=19200) as ports,
        Recorder(bench := bench_of(ports)) as recorder,
        Spool(Path(folder), run="R-1", bench=bench) as spool,
    ):
        recorder.scan(seq=0, at=0.0)  # a port just opened is quiet for the worst response time
        with spent() as one, GroupCommit(spool, patience=bench.period / 2) as disk:
            for scan in islice(poll(recorder, SystemClock()), 10 * seconds):
                assert not scan.faults
                disk.put(scan)
    return 100.0 * one.cpu / seconds


def measure(scans: int, repeat: int, seconds: int) -> dict[str, Any]:
    """Both."""
    return {
        "rows": written(scans, repeat),
        "core_percent_at_10_hz": statistics.median(at_ten_hertz(seconds) for _ in range(repeat)),
        "goals": GOALS,
    }


def table(found: dict[str, Any]) -> list[str]:
    """One row for each writer."""
    lines = [f"{'30 channels':24}{'scans/s':>10}{'CPU us/scan':>14}"]
    lines += [f"{name:24}{one['scans_per_s']:>10.0f}{one['cpu_us']:>14.0f}" for name, one in found["rows"].items()]
    share = f"recording at 10 Hz, {RADIOMETERS} ports: {found['core_percent_at_10_hz']:.2f} % of one core"
    return [
        *lines,
        f"goal {GOALS['scans_per_s']:.0f} scans/s with group commit",
        f"{share} (goal {GOALS['core_percent_at_10_hz']:g} %)",
    ]


if __name__ == "__main__":
    main(
        __doc__, measure, table, scans=(10_000, "scans of a turn"), repeat=(3, "turns"),
        seconds=(10, "seconds of a turn at 10 Hz"),
    )  # fmt: skip
