"""The original observation: an append-only file of scans, each line chained to the one before by its hash.

A run is a folder of segments `segment-000001.jsonl`, …; every line is one JSON object:

    head   {"v":1,"kind":"head","run":…,"segment":1,"bench":{…},"prev":…,"hash":…}       how the bench was wired
    scan   {"v":1,"kind":"scan","run":…,"seq":1,"time":"2017-07-03T06:00:30.000Z","lag":0.0,
            "monotonic":s,"exchanges":[{"i":instrument,"tx":hex,"rx":hex,"at":s,"took":s,"drained":hex}],
            "readings":[{"i":…,"channel":…,"symbol":"G","value":…,"unit":"W/m2","x":0}],
            "faults":[{"i":…,"channel":"","kind":…,"sentence_en":…,"sentence_zh":…}],"prev":…,"hash":…}
           and, when a device was asked who it is, "identities":[{"i":…,"model":…,"serial":…,"exchanges":[{…}]}]
    torn   {…,"kind":"torn","bytes":hex,…}                    a line that a power cut tore, kept as evidence
    seal   {…,"kind":"seal","scans":360,"first":1,"last":360,"final":false,…}     nothing may follow

`hash` is the SHA-256 of the line as it would read without its hash; `prev` is the hash of the line before, across
segments too (64 zeros at the very beginning). `readings` holds what the bench names; `x` counts the exchange of the
scan that proves it. `monotonic` is the begin of the scan on a clock that is never set; `at` is counted from there;
`drained`, seldom there, are bytes that lay on the line before the question. A scan is acknowledged when `append`
returns: fdatasync has then put its line on the disk. Several scans may share one fdatasync (`append_all`); who waits
for it, and how long, is told in group_commit.py.
"""

import errno
import fcntl
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from instruments.acquisition import Observation, Scan
from instruments.bench import Bench
from instruments.driver import Exchange
from instruments.errors import SpoolRefused
from instruments.segment import FORMAT, GENESIS, Segment, cut_torn_line, read_segment, stamp, with_hash

SCANS_PER_SEGMENT = 360  # ours: six hours of one-minute scans, about half a megabyte


@dataclass(frozen=True, slots=True)
class Recovery:
    """A torn last line found when a run was opened again. No acknowledged scan is in it."""

    segment: int
    torn: bytes
    sentence_en: str
    sentence_zh: str


@dataclass(frozen=True, slots=True)
class _Written:
    """What is safely on the disk; replaced as one, so that an interrupt finds all of it or nothing."""

    head: str = GENESIS
    size: int = 0
    scans: int = 0
    last_seq: int = 0


class Spool:
    """The writing end of one run. Only one program can have a run open.

    Opening a run again seals what is there and continues in a new segment; a torn last line is moved into a `torn` line
    and told in `recovery`. The instruments must be the same; the ports may have new names. Raises
    SpoolRefused when the run is sealed, belongs to another bench, is open elsewhere, or the disk is full;
    DamagedSegment when what is there is not what was written.
    """

    def __init__(self, folder: Path, *, run: str, bench: Bench, scans_per_segment: int = SCANS_PER_SEGMENT) -> None:
        self.folder, self.run = folder, run
        self._bench = bench.as_dict()
        self._scans_per_segment = scans_per_segment
        self.recovery: Recovery | None = None
        self.sealed = False
        self._written, self._index, self._file = _Written(), 0, -1
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = self._only_owner()
        try:
            self._continue()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def last_seq(self) -> int:
        """Number of the last scan on the disk; 0 when there is none."""
        return self._written.last_seq

    def append(self, scan: Scan) -> None:
        """Write one scan and return when it is on the disk. Raises SpoolRefused."""
        self.append_all((scan,))

    def append_all(self, scans: Sequence[Scan]) -> None:
        """Write several scans with one fdatasync for each segment they fall into, and return when they are on the disk.

        Raises SpoolRefused; `last_seq` then tells the last one that is on the disk.
        """
        if self.sealed:
            raise self._refused("sealed", "is sealed; start a new run", "已封存；请新建试验记录")
        for expected, scan in enumerate(scans, self.last_seq + 1):
            if scan.seq != expected:
                raise self._out_of_order(expected, scan.seq)
        while scans:
            if self._file >= 0 and self._written.scans >= self._scans_per_segment:
                self._write_seal(final=False)
            if self._file < 0:
                self._begin_segment()
            room = self._scans_per_segment - self._written.scans
            self._write(*({"kind": "scan", "run": self.run, **scan_as_dict(one)} for one in scans[:room]))
            scans = scans[room:]

    def seal(self) -> None:
        """Close the run for good: nothing can be added any more."""
        if not self.sealed:
            if self._file < 0:
                self._begin_segment()
            self._write_seal(final=True)

    def close(self) -> None:
        """Give the run back; it can be continued later unless it is sealed."""
        self._close_file()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    # --- writing --------------------------------------------------------------------------------------------

    def _write(self, *contents: Mapping[str, Any]) -> None:
        before, lines, head = self._written, [], self._written.head
        for content in contents:
            line, head = with_hash({"v": FORMAT, **content, "prev": head})
            lines.append(line)
        numbers = [content["seq"] for content in contents if content["kind"] == "scan"]
        data = b"".join(lines)
        try:
            _write_all(self._file, data)
            os.fdatasync(self._file)
            self._written = _Written(
                head=head,
                size=before.size + len(data),
                scans=before.scans + len(numbers),
                last_seq=numbers[-1] if numbers else before.last_seq,
            )
        except BaseException as error:
            # A full disk or Ctrl-C: half a line must not stay before the next one.
            os.ftruncate(self._file, self._written.size)
            os.lseek(self._file, self._written.size, os.SEEK_SET)
            if isinstance(error, OSError):
                raise self._not_written(error) from error
            raise

    def _write_seal(self, *, final: bool) -> None:
        scans, last = self._written.scans, self.last_seq
        counts = {"scans": scans, "first": last - scans + 1 if scans else 0, "last": last if scans else 0}
        self._write({"kind": "seal", "run": self.run, "segment": self._index, **counts, "final": final})
        self.sealed = final
        self._close_file()

    def _begin_segment(self) -> None:
        try:
            path = segment_path(self.folder, self._index + 1)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
            _sync_folder(self.folder)
        except OSError as error:
            raise self._not_written(error) from error
        self._index, self._written = self._index + 1, replace(self._written, size=0, scans=0)
        self._write_head()

    def _write_head(self) -> None:
        self._write({"kind": "head", "run": self.run, "segment": self._index, "bench": self._bench})

    def _close_file(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    # --- continuing a run -----------------------------------------------------------------------------------

    def _continue(self) -> None:
        paths = segments(self.folder)
        for path in paths:
            data = path.read_bytes()
            keep, torn = cut_torn_line(data) if path == paths[-1] else (data, b"")
            segment = read_segment(keep, previous=self._written.head) if keep else None
            if segment:
                self._take_over(segment)
            if segment and segment.sealed:
                read_segment(data, previous=segment.previous)  # nothing, not even a torn line, may follow a seal
            else:
                self._reopen(path, keep, torn)

    def _take_over(self, segment: Segment) -> None:
        if segment.run != self.run or _without_ports(segment.bench) != _without_ports(self._bench):
            raise self._refused(
                "other-bench",
                f"holds run {segment.run} of bench {segment.bench['name']}, wired differently; start a new run",
                f"属于试验记录 {segment.run}、台架 {segment.bench['name']}，接线配置不同；请新建试验记录",
            )
        self._index, self.sealed = segment.index, segment.final
        self._written = _Written(
            head=segment.head_hash, scans=len(segment.scans), last_seq=segment.last or self.last_seq
        )

    def _reopen(self, path: Path, keep: bytes, torn: bytes) -> None:
        self._index = index_of(path)
        self._file = os.open(path, os.O_WRONLY)
        os.ftruncate(self._file, len(keep))
        os.lseek(self._file, 0, os.SEEK_END)
        self._written = replace(self._written, size=len(keep), scans=self._written.scans if keep else 0)
        if not keep:
            self._write_head()
        if torn:
            self._write({"kind": "torn", "run": self.run, "bytes": torn.hex()})
            self.recovery = self._recovered(torn)
        # The next segment's head tells the ports of today: they may have other names than yesterday.
        self._write_seal(final=False)

    def _recovered(self, torn: bytes) -> Recovery:
        return Recovery(
            self._index,
            torn,
            f"Run {self.run}: segment {self._index} ended in a torn line of {len(torn)} bytes (power cut or killed "
            f"program); it was set aside. All acknowledged scans up to {self.last_seq} are there.",
            f"试验记录 {self.run}：第 {self._index} 段末行被截断（{len(torn)} 字节，断电或程序被终止），已另存。"
            f"已确认的采样（至第 {self.last_seq} 次）全部完好。",
        )

    # --- refusing -------------------------------------------------------------------------------------------

    def _only_owner(self) -> int:
        lock = os.open(self.folder / "lock", os.O_WRONLY | os.O_CREAT, 0o640)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise self._refused(
                "in-use",
                "is being written by another program; a run has one recorder: stop the other one",
                "正由其他程序写入；一份试验记录只能有一个记录程序，请先停止另一个",
            ) from error
        return lock

    def _not_written(self, error: OSError) -> SpoolRefused:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return self._refused(
                "disk-full",
                "cannot be written: the disk is full. Everything acknowledged is safe; free space and start again",
                "无法写入：磁盘已满。已确认的数据均安全；请清理空间后重新开始",
            )
        return self._refused("not-written", f"cannot be written: {error.strerror}", f"无法写入：{error.strerror}")

    def _out_of_order(self, expected: int, seq: int) -> SpoolRefused:
        return self._refused(
            "sequence", f"expects scan {expected}, not {seq}", f"应写入第 {expected} 次采样，而非第 {seq} 次"
        )

    def _refused(self, code: str, en: str, zh: str) -> SpoolRefused:
        return SpoolRefused(
            code=f"spool-{code}",
            sentence_en=f"The spool of run {self.run} in {self.folder} {en}.",
            sentence_zh=f"试验记录 {self.run} 的原始记录（{self.folder}）{zh}。",
        )


def segments(folder: Path) -> list[Path]:
    """The segment files of a run, in order."""
    return sorted(folder.glob("segment-*.jsonl"))


def segment_path(folder: Path, index: int) -> Path:
    """Where segment `index` (from 1) of a run is."""
    return folder / f"segment-{index:06d}.jsonl"


def index_of(path: Path) -> int:
    """The number of a segment file."""
    return int(path.stem.removeprefix("segment-"))


def scan_as_dict(scan: Scan) -> dict[str, Any]:
    """A scan as it stands in the spool, without kind and hashes."""
    exchanges: list[dict[str, Any]] = []
    readings: list[dict[str, Any]] = []
    faults: list[dict[str, Any]] = []
    for one in scan.observations:
        if one.faults:
            faults.extend(_fault_dicts(one))
        readings.extend(_reading_dicts(one, last=len(exchanges) + len(one.exchanges) - 1))
        exchanges.extend(_exchange_dicts(one.instrument.name, one.exchanges, scan.started))
    return {
        "seq": scan.seq,
        "time": stamp(scan.time),
        "lag": round(scan.lag, 3),
        "monotonic": round(scan.started, 6),
        "exchanges": exchanges,
        "readings": readings,
        "faults": faults,
        **({"identities": identities} if (identities := _identity_dicts(scan)) else {}),
    }


def _identity_dicts(scan: Scan) -> list[dict[str, Any]]:
    return [
        {
            "i": one.instrument.name,
            "model": one.identity.model,
            "serial": one.identity.serial,
            "exchanges": _exchange_dicts(one.instrument.name, one.identity.exchanges, scan.started),
        }
        for one in scan.observations
        if one.identity is not None
    ]


def _exchange_dicts(name: str, exchanges: Sequence[Exchange], started: float) -> list[dict[str, Any]]:
    found = []
    for one in exchanges:
        row = {
            "i": name,
            "tx": one.sent.hex(),
            "rx": one.received.hex(),
            "at": round(one.started - started, 6),
            "took": round(one.elapsed, 6),
        }
        if one.discarded:
            row["drained"] = one.discarded.hex()
        found.append(row)
    return found


def _reading_dicts(one: Observation, *, last: int) -> list[dict[str, Any]]:
    name, symbols = one.instrument.name, one.instrument.symbols
    return [
        {
            "i": name,
            "channel": reading.channel,
            "symbol": symbol,
            "value": _finite(reading.value),
            "unit": reading.unit,
            "x": last,
        }
        for reading in one.readings
        if (symbol := symbols.get(reading.channel)) is not None
    ]


def _finite(value: float) -> float:
    """The value, which a driver promised to be a number: JSON has no other, and null would be a missing reading."""
    if not math.isfinite(value):
        raise ValueError(value)
    return value


def _fault_dicts(one: Observation) -> list[dict[str, Any]]:
    return [
        {
            "i": one.instrument.name,
            "channel": fault.channel,
            "kind": fault.kind,
            "sentence_en": fault.sentence_en,
            "sentence_zh": fault.sentence_zh,
        }
        for fault in one.faults
    ]


def _without_ports(bench: Mapping[str, Any]) -> dict[str, Any]:
    return {**bench, "instrument": [{**one, "port": ""} for one in bench["instrument"]]}


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _sync_folder(folder: Path) -> None:
    # A new file's name is only safe when its folder is on the disk as well.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
