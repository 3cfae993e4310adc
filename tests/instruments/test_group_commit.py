"""The writing thread of a spool: acknowledged only what is on the disk, in order, and who waits for what."""

import os
from threading import Event

import pytest

from instruments.errors import SpoolRefused
from instruments.group_commit import GroupCommit
from instruments.segment import GENESIS, read_segment
from instruments.spool import Spool, segments
from tests.instruments.test_uplink import scan_of


class Disk:
    """Stands in for fdatasync: counts, waits while it is told to stall, fails when it is told to."""

    def __init__(self, monkeypatch):
        self.syncs, self.running, self.error, self.reached = 0, Event(), None, Event()
        self.running.set()
        self.real = os.fdatasync
        monkeypatch.setattr(os, "fdatasync", self)

    def __call__(self, file):
        self.reached.set()
        assert self.running.wait(10)
        self.syncs += 1
        if self.error is not None:
            raise self.error
        self.real(file)


@pytest.fixture
def disk(monkeypatch):
    return Disk(monkeypatch)


def numbers(folder):
    """The scans of a run, every line checked."""
    found, previous = [], GENESIS
    for path in segments(folder):
        segment = read_segment(path.read_bytes(), previous=previous)
        found, previous = found + [scan["seq"] for scan in segment.scans], segment.head_hash
    return found


def record_until_refused(commit, bench):
    for seq in range(1, 10):
        commit.put(scan_of(bench, seq))


def test_scans_that_wait_while_the_disk_stalls_share_one_fdatasync_and_none_is_told_before(tmp_path, demo, disk):
    told = []
    with Spool(tmp_path, run="R-1", bench=demo) as spool:
        with GroupCommit(spool, acknowledged=lambda scan: told.append(scan.seq)) as commit:
            disk.running.clear()
            for seq in range(1, 51):
                commit.put(scan_of(demo, seq))
            assert disk.reached.wait(10)
            assert (told, spool.last_seq) == ([], 0)
            disk.running.set()
        assert told == list(range(1, 51))
        assert disk.syncs <= 4  # the head, the first, at most two groups
    assert numbers(tmp_path) == told


def test_a_group_larger_than_a_segment_fills_several(tmp_path, demo):
    with Spool(tmp_path, run="R-1", bench=demo, scans_per_segment=7) as spool:
        spool.append(scan_of(demo, 1))
        spool.append_all([scan_of(demo, seq) for seq in range(2, 31)])
        spool.seal()
    assert numbers(tmp_path) == list(range(1, 31))
    assert [len(read_segment(path.read_bytes()).scans) for path in segments(tmp_path)] == [7, 7, 7, 7, 2]


def test_with_patience_a_scan_is_told_before_the_next_is_asked_for(tmp_path, demo):
    told = []
    with (
        Spool(tmp_path, run="R-1", bench=demo) as spool,
        GroupCommit(spool, acknowledged=lambda scan: told.append(scan.seq), patience=60.0) as commit,
    ):
        for seq in (1, 2, 3):
            commit.put(scan_of(demo, seq))
            assert told[-1] == seq == spool.last_seq


def test_a_disk_that_stalls_longer_than_the_patience_does_not_hold_up_the_next_scan(tmp_path, demo, disk):
    with Spool(tmp_path, run="R-1", bench=demo) as spool, GroupCommit(spool, patience=0.001) as commit:
        disk.running.clear()
        for seq in range(1, 6):
            commit.put(scan_of(demo, seq))
        assert spool.last_seq == 0
        disk.running.set()
    assert numbers(tmp_path) == [1, 2, 3, 4, 5]


def test_a_full_disk_is_raised_to_whoever_records_and_what_waited_behind_is_neither_told_nor_written(
    tmp_path, demo, disk
):
    told = []

    def first_scan_on_the_disk(scan):
        told.append(scan.seq)
        disk.error = OSError(28, "No space left on device")

    with Spool(tmp_path, run="R-1", bench=demo) as spool:
        commit = GroupCommit(spool, acknowledged=first_scan_on_the_disk, patience=60.0)
        with pytest.raises(SpoolRefused, match="the disk is full"), commit:
            record_until_refused(commit, demo)
        disk.error = None
        spool.append(scan_of(demo, 2))
    assert told == [1]
    assert numbers(tmp_path) == [1, 2]


def test_a_refusal_of_the_last_scans_is_not_lost_with_the_end_of_the_recording(tmp_path, demo, disk):
    disk.error = OSError(28, "No space left on device")
    with (
        Spool(tmp_path, run="R-1", bench=demo) as spool,
        pytest.raises(SpoolRefused, match="the disk is full"),
        GroupCommit(spool) as commit,
    ):
        commit.put(scan_of(demo, 1))


def test_scans_out_of_order_are_refused_and_none_of_the_group_is_written(tmp_path, demo):
    with Spool(tmp_path, run="R-1", bench=demo) as spool:
        with pytest.raises(SpoolRefused, match="expects scan 2, not 3"):
            spool.append_all([scan_of(demo, 1), scan_of(demo, 3)])
        assert spool.last_seq == 0
