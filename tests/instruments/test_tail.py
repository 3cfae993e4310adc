"""The tail of a spool that is being written: every whole scan once, and nothing of a line that is not whole yet."""

import pytest

from instruments import tail
from instruments.acquisition import Observation, Scan
from instruments.driver import Exchange, Fault, Reading
from instruments.spool import Spool, segment_path
from instruments.tail import Tail


def scan_of(bench, seq, *, faults=()):
    readings = () if faults else (Reading("irradiance", 1.0 * seq, "W/m2"),)
    observed = Observation(bench.instruments[0], (Exchange(b"?", b"!", 0.0, 0.0),), readings, faults)
    return Scan(seq, 60.0 * seq, 0.0, 5.0 * seq, (observed,))


@pytest.fixture
def spool(tmp_path, demo):
    with Spool(tmp_path, run="R-1", bench=demo, scans_per_segment=3) as opened:
        yield opened


def tail_of(spool, now=100.0):
    return Tail(spool.folder, monotonic=lambda: now)


def test_a_spool_without_a_scan_gives_an_empty_message(spool):
    assert tail_of(spool).message(after=0) == {"schema": "heliobench.live/1", "after": 0, "age": None, "scans": []}


def test_scans_come_with_values_units_and_their_age_and_only_after_the_number_asked(spool, demo):
    end = tail_of(spool)
    for seq in (1, 2):
        spool.append(scan_of(demo, seq))
    told = end.message(after=0)
    assert (told["after"], told["age"]) == (0, 90.0)
    assert told["scans"][1] == {
        "seq": 2, "time": "1970-01-01T00:02:00.000Z", "lag": 0.0, "values": {"G": [2.0, "W/m2"]}, "faults": [],
    }  # fmt: skip
    spool.append(scan_of(demo, 3))
    assert [one["seq"] for one in end.message(after=2)["scans"]] == [3]
    assert end.message(after=3)["scans"] == []


def test_a_missing_reading_is_a_fault_in_words_and_no_value(spool, demo):
    spool.append(scan_of(demo, 1, faults=(Fault("silent", "No answer.", "无应答。"),)))
    (scan,) = tail_of(spool).message(after=0)["scans"]
    assert scan["values"] == {}
    assert [one["sentence_zh"] for one in scan["faults"]] == ["无应答。"]


def test_a_new_segment_begins_a_new_tail(spool, demo):
    end = tail_of(spool)
    for seq in range(1, 5):
        spool.append(scan_of(demo, seq))
        end.message(after=0)
    told = end.message(after=0)
    assert (told["after"], [one["seq"] for one in told["scans"]]) == (3, [4])


def test_half_a_line_waits_for_its_end_and_a_damaged_one_is_passed_over(tmp_path, spool, demo):
    spool.append(scan_of(demo, 1))
    spool.append(scan_of(demo, 2))
    data = segment_path(tmp_path, 1).read_bytes()
    copy = tmp_path / "copy"
    copy.mkdir()
    end, path = Tail(copy, monotonic=lambda: 100.0), segment_path(copy, 1)
    for cut in range(len(data) - 200, len(data)):
        path.write_bytes(data[:cut])
        assert [one["seq"] for one in end.message(after=0)["scans"]] == [1]
    path.write_bytes(data + b"no json\n[1]\n")
    assert [one["seq"] for one in end.message(after=0)["scans"]] == [1, 2]


def test_a_message_is_bounded(monkeypatch, spool, demo):
    monkeypatch.setattr(tail, "MOST_SCANS", 2)
    for seq in (1, 2, 3):
        spool.append(scan_of(demo, seq))
    told = tail_of(spool).message(after=0)
    assert (told["after"], [one["seq"] for one in told["scans"]]) == (1, [2, 3])
