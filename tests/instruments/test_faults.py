"""The recorder killed, the LIMS away, the disk full, the clock set back: what the record shows afterwards."""

import json
import random
import resource
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from itertools import islice, pairwise

import pytest

from instruments.acquisition import Recorder, poll
from instruments.bench import Bench, Instrument
from instruments.clock import SystemClock
from instruments.drivers.kipp_smp import KippSmp
from instruments.errors import SpoolRefused
from instruments.redecode import decode_again
from instruments.segment import GENESIS, read_segment
from instruments.simulation.pty import PtyServer
from instruments.spool import Spool, segments
from tests.instruments.test_uplink import Lims, append, push, serving

RECORDER = """
    import json, sys
    from pathlib import Path
    from instruments.acquisition import Recorder
    from instruments.bench import bench_from
    from instruments.spool import Spool
    bench = bench_from(json.loads(sys.argv[2]), source="test")
    with Spool(Path(sys.argv[1]), run="R-1", bench=bench, scans_per_segment=25) as spool, Recorder(bench) as recorder:
        print("ready", flush=True)
        while True:
            spool.append(recorder.scan(seq=spool.last_seq + 1, at=60.0 * spool.last_seq))
            print(spool.last_seq, flush=True)
"""


@pytest.fixture
def counting():
    """A bench of one radiometer on a pty whose every answer is one more than the last."""
    asked = iter(range(1, 30_000))
    one = Instrument(
        name="kipp", driver="kipp_smp", port="p", address=1, equipment="E", deadline=0.5,
        channels={"G": "irradiance"}, settings={"slowest": 0.02},
    )  # fmt: skip
    bench = Bench(name="counting", period=1.0, instruments=(one,))
    slave = KippSmp.simulator(
        driver=one.device, feel=lambda channel: next(asked) / 10 if channel == "irradiance" else 1
    )
    with PtyServer({"p": [slave]}) as server:
        yield bench.with_ports(server.ports)


def everything(folder):
    """All scans of a run, every line and every reading checked."""
    previous, scans = GENESIS, []
    for path in segments(folder):
        segment = read_segment(path.read_bytes(), previous=previous)
        assert decode_again(segment).disagreements == ()
        previous, scans = segment.head_hash, scans + list(segment.scans)
    return scans


def record_and_kill(folder, bench, *, told, after):
    """Runs the recorder in a process of its own, kills it so many seconds after so many scans; the last one it told."""
    program = [sys.executable, "-c", textwrap.dedent(RECORDER), str(folder), json.dumps(bench.as_dict())]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout.readline() == "ready\n"
        lines = [recorder.stdout.readline().strip() for _ in range(told)]
        time.sleep(after)
        recorder.kill()
        lines += recorder.stdout.read().split("\n")[:-1]
    return int(lines[-1]) if lines else 0


def check_kills(folder, bench, times, *, seed):
    rng, acknowledged, waited_for = random.Random(seed), 0, 0
    hasty = replace(bench.instruments[0], deadline=0.06)  # a port just opened is quiet for the worst response time
    bench = replace(bench, instruments=(hasty,))
    for _ in range(times):
        told, after = rng.randrange(3), rng.uniform(0.0, 0.2)
        waited_for += told
        acknowledged = max(acknowledged, record_and_kill(folder, bench, told=told, after=after))
    with Spool(folder, run="R-1", bench=bench) as spool:
        assert spool.last_seq >= acknowledged >= waited_for
        spool.seal()
    scans = everything(folder)
    assert [scan["seq"] for scan in scans] == list(range(1, len(scans) + 1))
    assert len(scans) >= acknowledged
    values = [scan["readings"][0]["value"] for scan in scans if scan["readings"]]
    assert all(before < after for before, after in pairwise(values))  # no reading twice, none out of order
    assert values


def test_a_recorder_killed_ten_times_at_random_loses_no_acknowledged_scan_and_writes_none_twice(tmp_path, counting):
    check_kills(tmp_path, counting, 10, seed=1)


@pytest.mark.faults
def test_a_recorder_killed_two_hundred_times_loses_no_acknowledged_scan_and_writes_none_twice(tmp_path, counting):
    check_kills(tmp_path, counting, 200, seed=2)


def test_a_lims_away_for_an_hour_gets_every_segment_once_and_nothing_is_recorded_less(tmp_path, demo):
    append(tmp_path, demo, 6, seal=True)
    lims, clock = Lims(), [0.0]

    def sleep(pause):
        clock[0] += pause
        lims.trouble = [(503, {})] if clock[0] < 3600.0 else []

    lims.trouble = [(503, {})]
    with serving(lims) as url:
        pushed = push(url, tmp_path, sleep=sleep)
    assert (lims.order, pushed.sent) == ([1, 2, 3], (1, 2, 3))
    assert 3600.0 <= clock[0] <= 3660.0  # found again at most a minute after it came back
    assert pushed.failures < 70  # and not hammered meanwhile


def fill(spool, recorder):
    """Scans until the disk is full."""
    while True:
        spool.append(recorder.scan(seq=spool.last_seq + 1, at=0.0))


def test_a_full_disk_stops_the_recording_with_a_sentence_and_keeps_every_acknowledged_scan(tmp_path, counting):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Spool(tmp_path, run="R-1", bench=counting) as spool, Recorder(counting) as recorder:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8000, hard))
        try:
            with pytest.raises(SpoolRefused, match="the disk is full") as full:
                fill(spool, recorder)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        acknowledged = spool.last_seq
        assert "磁盘已满" in full.value.sentence_zh
        spool.append(recorder.scan(seq=spool.last_seq + 1, at=0.0))
        spool.seal()
    assert acknowledged > 5
    assert [scan["seq"] for scan in everything(tmp_path)] == list(range(1, acknowledged + 2))


def test_a_clock_set_back_an_hour_reorders_nothing_and_the_record_shows_the_step(tmp_path, counting):
    """The wall clock goes back by 3600 s between two scans: order and monotonic time go on, the step can be read."""
    steps = iter([0.0, 0.0, 0.0, -3600.0, -3600.0, -3600.0, -3600.0])
    now = [1_700_000_000.0]
    clock = SystemClock(
        wall=lambda: now[0] + next(steps),
        monotonic=lambda: now[0],
        sleep=lambda pause: now.__setitem__(0, now[0] + pause),
    )
    with Spool(tmp_path, run="R-1", bench=counting) as spool, Recorder(replace(counting, period=60.0)) as recorder:
        for scan in islice(poll(recorder, clock), 6):
            spool.append(scan)
        spool.seal()
    scans = everything(tmp_path)
    assert [scan["seq"] for scan in scans] == [1, 2, 3, 4, 5, 6]
    times = read_segment(segments(tmp_path)[0].read_bytes()).times()
    assert [round(b - a) for a, b in pairwise(times.tolist())] == [60, -3540, 60, 60, 60]
    assert all(before["monotonic"] < after["monotonic"] for before, after in pairwise(scans))
    assert [scan["lag"] for scan in scans] == [0.0] * 6


def test_unplugging_the_port_leaves_faults_and_the_record_goes_on_when_it_is_back(tmp_path, counting):
    """Its name comes back for another pseudo-terminal, as that of a converter plugged in again."""
    (one,) = counting.instruments
    stable = tmp_path / "by-id"
    bench = replace(counting, instruments=(replace(one, port=str(stable)),))
    before, after = (KippSmp.simulator(driver=one.device, feel=lambda _, at=at: at) for at in (1.0, 7.0))
    with PtyServer({"a": [before]}) as server, PtyServer({"b": [after]}) as other:
        stable.symlink_to(server.ports["a"])
        with Recorder(bench) as recorder, Spool(tmp_path / "run", run="R-1", bench=bench) as spool:
            spool.append(recorder.scan(seq=1, at=0.0))
            server.unplug("a")
            spool.append(recorder.scan(seq=2, at=1.0))
            stable.unlink()
            spool.append(recorder.scan(seq=3, at=2.0))
            stable.symlink_to(other.ports["b"])
            spool.append(recorder.scan(seq=4, at=3.0))
    shown = [(scan["readings"], scan["faults"]) for scan in everything(tmp_path / "run")]
    assert [[reading["value"] for reading in readings] for readings, _ in shown] == [[1.0], [], [], [7.0]]
    assert [[fault["kind"] for fault in faults] for _, faults in shown] == [[], ["port-lost"], ["port-missing"], []]
