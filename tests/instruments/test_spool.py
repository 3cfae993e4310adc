"""The spool loses no acknowledged scan and lets no change pass."""

import json
import os
import resource
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from instruments.acquisition import Observation, Scan
from instruments.driver import Exchange, Fault, Reading
from instruments.errors import DamagedSegment, SpoolRefused
from instruments.segment import GENESIS, read_segment, with_hash
from instruments.spool import Spool, segment_path, segments


def scan_of(bench, seq):
    """A scan with one reading and one fault."""
    global_, diffuse = bench.instruments[:2]
    asked = Exchange(bytes((1, 4, seq % 256)), b"\x02", 10.0, 0.001, b"late" if seq == 2 else b"")
    return Scan(
        seq=seq,
        time=1499061570.0 + 60 * seq,
        lag=0.0,
        started=9.5,
        observations=(
            Observation(global_, (asked,), (Reading("irradiance", 800.0 + seq / 10, "W/m2"),), ()),
            Observation(diffuse, (asked,), (), (Fault("no-reply", "No reply.", "无应答。"),)),
        ),
    )


def write(folder, bench, count, *, seal=True, per_segment=3):
    with Spool(folder, run="R-1", bench=bench, scans_per_segment=per_segment) as spool:
        for _ in range(count):
            spool.append(scan_of(bench, spool.last_seq + 1))
        if seal:
            spool.seal()
    return segments(folder)


def all_scans(folder):
    previous, scans = GENESIS, []
    for path in segments(folder):
        segment = read_segment(path.read_bytes(), previous=previous)
        previous, scans = segment.head_hash, scans + list(segment.scans)
    return scans


def test_a_scan_stands_in_the_spool_with_bytes_readings_and_faults(tmp_path, demo):
    (path,) = write(tmp_path, demo, 2)
    scan = read_segment(path.read_bytes()).scans[1]
    assert (scan["run"], scan["seq"], scan["time"]) == ("R-1", 2, "2017-07-03T06:01:30.000Z")
    assert scan["exchanges"][0] == {
        "i": "pyranometer-global", "tx": "010402", "rx": "02", "at": 0.5, "took": 0.001, "drained": b"late".hex(),
    }  # fmt: skip
    assert scan["readings"] == [
        {"i": "pyranometer-global", "channel": "irradiance", "symbol": "G", "value": 800.2, "unit": "W/m2", "x": 0}
    ]
    assert scan["faults"] == [
        {
            "i": "pyranometer-diffuse", "channel": "", "kind": "no-reply", "sentence_en": "No reply.",
            "sentence_zh": "无应答。",
        }
    ]  # fmt: skip


def test_segments_are_cut_and_chained_and_the_last_is_final(tmp_path, demo):
    paths = write(tmp_path, demo, 7)
    found = [read_segment(path.read_bytes()) for path in paths]
    assert [(one.index, one.first, one.last, one.sealed, one.final) for one in found] == [
        (1, 1, 3, True, False),
        (2, 4, 6, True, False),
        (3, 7, 7, True, True),
    ]
    assert [one.previous for one in found] == [GENESIS, found[0].head_hash, found[1].head_hash]
    assert all(one.bench == demo.as_dict() for one in found)


def test_columns_have_one_row_per_scan_and_nan_where_a_reading_is_missing(tmp_path, demo):
    (path,) = write(tmp_path, demo, 2)
    segment = read_segment(path.read_bytes())
    np.testing.assert_array_equal(segment.times(), [1499061630.0, 1499061690.0])
    columns = segment.columns()
    assert set(columns) == set(demo.units)
    np.testing.assert_array_equal(columns["G"], [800.1, 800.2])
    assert np.isnan(columns["Gd"]).all()


def test_any_single_changed_byte_of_a_segment_is_found_and_its_line_named(tmp_path, demo):
    (path,) = write(tmp_path, demo, 2)
    data = path.read_bytes()
    for position in range(0, len(data), 7):
        changed = data[:position] + bytes((data[position] ^ 1,)) + data[position + 1 :]
        with pytest.raises(DamagedSegment) as damage:
            read_segment(changed)
        assert damage.value.line == data.count(b"\n", 0, position) + 1
        assert damage.value.sentence_en.startswith(f"Line {damage.value.line} of the spool segment ")
        assert f"第 {damage.value.line} 行" in damage.value.sentence_zh


def test_lines_taken_out_exchanged_repeated_or_forged_are_found(tmp_path, demo):
    (path,) = write(tmp_path, demo, 3)
    head, one, two, three, seal = path.read_bytes().splitlines(keepends=True)
    forged = json.loads(two)
    forged["readings"][0]["value"] = 999.0
    del forged["hash"]
    for line, wrong in [
        (3, head + one + three + seal),
        (2, head + two + one + three + seal),
        (3, head + one + one + two + three + seal),
        (1, one + two + three + seal),
        (4, head + one + with_hash(forged)[0] + three + seal),
        (6, head + one + two + three + seal + seal),
        (6, head + one + two + three + seal + b'{"v":1'),
        (1, b""),
    ]:
        with pytest.raises(DamagedSegment) as damage:
            read_segment(wrong)
        assert damage.value.line == line


def test_a_segment_of_another_place_in_the_run_is_found(tmp_path, demo):
    first, second, *_ = write(tmp_path, demo, 7)
    previous = read_segment(first.read_bytes()).head_hash
    assert read_segment(second.read_bytes(), previous=previous).index == 2
    with pytest.raises(DamagedSegment, match=r"Line 1 .* does not follow the line before it"):
        read_segment(second.read_bytes(), previous=GENESIS)


def test_a_seal_that_counts_wrong_is_found(tmp_path, demo):
    (path,) = write(tmp_path, demo, 2)
    *lines, seal = path.read_bytes().splitlines(keepends=True)
    forged = {**json.loads(seal), "scans": 3}
    del forged["hash"]
    with pytest.raises(DamagedSegment, match=r"Line 4 .* seals another number of scans"):
        read_segment(b"".join(lines) + with_hash(forged)[0])


def test_a_line_torn_at_any_byte_is_set_aside_and_reported_and_the_run_goes_on(tmp_path, demo):
    whole = write(tmp_path / "whole", demo, 2, seal=False)[0].read_bytes()
    begin = whole.rfind(b"\n", 0, -1) + 1
    for number, end in enumerate([*range(begin + 1, len(whole), 37), len(whole) - 1]):
        folder = tmp_path / str(number)
        folder.mkdir()
        segment_path(folder, 1).write_bytes(whole[:end])
        with Spool(folder, run="R-1", bench=demo) as spool:
            assert spool.recovery is not None
            assert spool.recovery.torn == whole[begin:end]
            assert f"torn line of {end - begin} bytes" in spool.recovery.sentence_en
            assert spool.last_seq == 1
            spool.append(scan_of(demo, 2))
            spool.seal()
        assert [scan["seq"] for scan in all_scans(folder)] == [1, 2]
        assert read_segment(segment_path(folder, 1).read_bytes()).torn == (whole[begin:end],)


def test_blocks_of_zeros_after_a_power_cut_are_a_torn_line(tmp_path, demo):
    (path,) = write(tmp_path, demo, 2, seal=False)
    path.write_bytes(path.read_bytes() + b"\0" * 512 + b'"}\n')
    with Spool(tmp_path, run="R-1", bench=demo) as spool:
        assert spool.recovery is not None
        assert spool.last_seq == 2


def test_a_torn_head_of_a_new_segment_is_set_aside(tmp_path, demo):
    write(tmp_path, demo, 3, seal=False)
    write(tmp_path, demo, 1, seal=False)
    last = segments(tmp_path)[-1]
    last.write_bytes(last.read_bytes()[:50])
    assert write(tmp_path, demo, 1)
    assert [scan["seq"] for scan in all_scans(tmp_path)] == [1, 2, 3, 4]


def test_a_damaged_line_in_the_middle_is_refused_and_nothing_is_changed(tmp_path, demo):
    (path,) = write(tmp_path, demo, 3, seal=False)
    data = bytearray(path.read_bytes())
    data[data.find(b'"seq":2')] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedSegment, match="Line 3 of the spool segment is damaged"):
        Spool(tmp_path, run="R-1", bench=demo)
    assert path.read_bytes() == data


def test_a_run_that_was_closed_goes_on_in_a_new_segment_even_on_renamed_ports(tmp_path, demo):
    write(tmp_path, demo, 2, seal=False)
    moved = demo.with_ports({port: f"/dev/{port}" for port in demo.ports})
    with Spool(tmp_path, run="R-1", bench=moved) as spool:
        assert (spool.last_seq, spool.recovery) == (2, None)
        spool.append(scan_of(moved, 3))
        spool.seal()
    assert [scan["seq"] for scan in all_scans(tmp_path)] == [1, 2, 3]
    assert read_segment(segments(tmp_path)[1].read_bytes()).bench["instrument"][0]["port"] == "/dev/sim:global"


def test_what_cannot_be_right_is_refused_in_a_sentence(tmp_path, demo):
    with Spool(tmp_path, run="R-1", bench=demo) as spool:
        with pytest.raises(SpoolRefused, match="expects scan 1, not 2"):
            spool.append(scan_of(demo, 2))
        with pytest.raises(SpoolRefused, match="written by another program") as refused:
            Spool(tmp_path, run="R-1", bench=demo)
        assert "其他程序" in refused.value.sentence_zh
        spool.seal()
        with pytest.raises(SpoolRefused, match="is sealed"):
            spool.append(scan_of(demo, 1))
    with pytest.raises(SpoolRefused, match="holds run R-1 of bench graz-demo"):
        Spool(tmp_path, run="R-2", bench=demo)


def test_a_full_disk_stops_with_a_sentence_and_loses_nothing_acknowledged(tmp_path, demo):
    spool = Spool(tmp_path, run="R-1", bench=demo)
    spool.append(scan_of(demo, 1))
    size = segments(tmp_path)[0].stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, hard))
    try:
        with pytest.raises(SpoolRefused, match=r"the disk is full\. Everything acknowledged is safe"):
            spool.append(scan_of(demo, 2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert segments(tmp_path)[0].stat().st_size == size
    spool.append(scan_of(demo, 2))
    spool.seal()
    spool.close()
    assert [scan["seq"] for scan in all_scans(tmp_path)] == [1, 2]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_ctrl_c_in_the_middle_of_a_line_leaves_a_run_that_can_be_sealed(tmp_path, demo, monkeypatch, moment):
    really = os.fdatasync

    def interrupted(file):
        if moment == "after":
            really(file)
        raise KeyboardInterrupt

    with Spool(tmp_path, run="R-1", bench=demo) as spool:
        spool.append(scan_of(demo, 1))
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", interrupted)
            with pytest.raises(KeyboardInterrupt):
                spool.append(scan_of(demo, 2))
        assert spool.last_seq == 1
        spool.seal()
    assert [scan["seq"] for scan in all_scans(tmp_path)] == [1]


RECORDER = """
    import sys, time
    from pathlib import Path
    from instruments.acquisition import Observation, Scan
    from instruments.bench import read_bench
    from instruments.driver import Exchange, Reading
    from instruments.spool import Spool
    bench = read_bench(Path(sys.argv[2]))
    asked = Exchange(b"?", bytes(3000), 0.0, 0.0)
    with Spool(Path(sys.argv[1]), run="R-1", bench=bench, scans_per_segment=7) as spool:
        while True:
            observed = Observation(bench.instruments[0], (asked,), (Reading("irradiance", 1.0, "W/m2"),), ())
            spool.append(Scan(spool.last_seq + 1, 0.0, 0.0, 0.0, (observed,)))
            print(spool.last_seq, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
def test_a_killed_recorder_loses_no_acknowledged_scan(tmp_path, demo, acknowledged):
    from_file = str(Path(__file__).parents[2] / "config" / "benches" / "graz-demo.toml")
    program = [sys.executable, "-c", textwrap.dedent(RECORDER), str(tmp_path), from_file]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as recorder:
        while int(recorder.stdout.readline()) < acknowledged:
            pass
        recorder.kill()
        acknowledged = max([acknowledged, *(int(line) for line in recorder.stdout.read().split("\n")[:-1])])
    with Spool(tmp_path, run="R-1", bench=demo) as spool:
        assert spool.last_seq >= acknowledged
        spool.append(scan_of(demo, spool.last_seq + 1))
        spool.seal()
    numbers = [scan["seq"] for scan in all_scans(tmp_path)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > acknowledged
