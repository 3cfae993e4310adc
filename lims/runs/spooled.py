"""What lies in a run's stored segments (or its file, see filed.py), for pages: columns over time, one scan's bytes.

A stored segment never changes, so what was read from it may be kept, in memory and (its columns) on the disk; every
reading of the segment itself checks all its hashes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from instruments.redecode import Disagreement, decode_again
from instruments.segment import Segment, read_segment
from lims.errors import NotFound, Sentence
from lims.runs import columncache, filed
from lims.runs.columncache import Columns
from lims.runs.live import Live
from lims.runs.models import Run
from lims.runs.queries import containing
from lims.store import Store
from protocols.symbols import quantity

SEGMENTS_KEPT = 4
SERIES_KEPT = 16
COLUMNS_KEPT = 4096  # segments as columns, some 30 kB each: two weeks of one-second scans
MOST_POINTS = 1500  # of a curve that is followed live; more would only be drawn over each other


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultCount:
    """One kind of fault of one instrument: how often, and the number of its first scan."""

    instrument: str
    sentence: Sentence
    count: int
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPage:
    """One scan: the line of the spool, the segment it stands in, and what its bytes say when decoded again."""

    scan: Mapping[str, Any]
    bench: Mapping[str, Any]
    segment: str
    disagreements: tuple[Disagreement, ...]

    def readings(self, instrument: str) -> list[Mapping[str, Any]]:
        """What this instrument said."""
        return [one for one in self.scan["readings"] if one["i"] == instrument]

    def exchanges(self, instrument: str) -> list[Mapping[str, Any]]:
        """What went over its wire."""
        return [one for one in self.scan["exchanges"] if one["i"] == instrument]

    def faults(self, instrument: str) -> list[Mapping[str, Any]]:
        """Why readings are missing."""
        return [one for one in self.scan["faults"] if one["i"] == instrument]


def scan_page(store: Store, run: Run, sequence: int) -> ScanPage:
    """The scan of this number; `NotFound` if the run has none."""
    for digest in containing(run, sequence):
        segment = _segment(store, digest)
        scan = segment.scans[sequence - segment.first]
        again = decode_again(replace(segment, scans=(scan,)))
        return ScanPage(scan=scan, bench=segment.bench, segment=digest, disagreements=again.disagreements)
    raise NotFound(f"{run.number} has no scan {sequence}.", f"{run.number} 没有第 {sequence} 次采样。")


def scans_between(store: Store, run: Run, start: float, end: float) -> list[Mapping[str, Any]]:
    """The scans from ``start`` to before ``end`` [s since 1970 UTC]."""
    if run.file:
        return filed.rows_between(store, run.file, start, end)
    found: list[Mapping[str, Any]] = []
    for row in run.segments:
        times = _columns(store, row.sha256).time
        if times.size and times[0] < end and times[-1] >= start:
            segment = _segment(store, row.sha256)
            found += [scan for scan, time in zip(segment.scans, times, strict=True) if start <= time < end]
    return found


def last_scan(store: Store, run: Run) -> Mapping[str, Any] | None:
    """The newest scan that has arrived; an imported file has rows and no scans."""
    if run.file is not None:
        return None
    for row in reversed(run.segments):
        if row.scans:
            return _segment(store, row.sha256).scans[-1]
    return None


def value_of(scan: Mapping[str, Any], symbol: str) -> float | None:
    """What a scan indicates for a symbol; None where the reading is missing."""
    return next((one["value"] for one in scan["readings"] if one["symbol"] == symbol), None)


def so_far(store: Store, run: Run, live: Live | None, symbols: Collection[str], *, hours: float = math.inf) -> Columns:
    """What a run holds now: its segments and, after them, the preview of the open one; at most the last ``hours``."""
    parts: list[Columns] = []
    if live is not None and live.scans:
        parts.append(_of_preview(live, symbols))
    for row in reversed(run.segments):
        if parts and _reach(parts) > hours * 3600.0:
            break
        if row.scans:
            parts.append(_columns(store, row.sha256))
    parts.reverse()
    time = np.concatenate([one.time for one in parts]) if parts else np.empty(0)
    late = time >= (time[-1] - hours * 3600.0) if time.size else np.empty(0, dtype=bool)
    return Columns(
        time[late],
        {name: np.concatenate([one.values[name] for one in parts])[late] for name in symbols} if parts else {},
    )


def _reach(parts: Sequence[Columns]) -> float:
    """How long a time the newest parts cover [s]; they stand newest first."""
    return float(parts[0].time[-1] - parts[-1].time[0])


def _of_preview(live: Live, symbols: Collection[str]) -> Columns:
    return Columns(
        np.array([scan.time for scan in live.scans]),
        {name: np.array([scan.values.get(name, (math.nan,))[0] for scan in live.scans]) for name in symbols},
    )


def recent_json(columns: Columns, units: Mapping[str, str]) -> bytes:
    """Columns as `series_json` gives them; of many scans every n-th, and ``step`` says n."""
    step = max(math.ceil(columns.time.size / MOST_POINTS), 1)
    kept = slice((columns.time.size - 1) % step if columns.time.size else 0, None, step)  # the newest is always there
    values = {name: one[kept].tolist() for name, one in columns.values.items()}
    return _as_json(columns.time[kept].tolist(), values, units, step=step)


def series_json(store: Store, run: Run) -> bytes:
    """Every column over time as JSON: {"time": […], "step": 1, "series": [{"symbol", names, "unit", "values"}]}.

    A missing value is null.
    """
    if run.file:
        return filed.series_json(store, run.file)
    return _series(store, tuple(row.sha256 for row in run.segments))


def faults(store: Store, run: Run) -> tuple[FaultCount, ...]:
    """Why readings are missing, by instrument and kind, the most frequent first."""
    return () if run.file else _faults(store, tuple(row.sha256 for row in run.segments))


@lru_cache(maxsize=SEGMENTS_KEPT)
def _segment(store: Store, digest: str) -> Segment:
    return read_segment(store.get(digest))


@lru_cache(maxsize=COLUMNS_KEPT)
def _columns(store: Store, digest: str) -> Columns:
    return columncache.load(store, digest) or columncache.keep(store, digest, _segment(store, digest))


@lru_cache(maxsize=SERIES_KEPT)
def _faults(store: Store, digests: tuple[str, ...]) -> tuple[FaultCount, ...]:
    found: dict[tuple[str, Sentence], list[int]] = {}
    for digest in digests:
        for scan in _segment(store, digest).scans:
            for one in scan["faults"]:
                key = one["i"], Sentence(one["sentence_en"], one["sentence_zh"])
                found.setdefault(key, []).append(scan["seq"])
    counted = [
        FaultCount(instrument=name, sentence=sentence, count=len(seen), first=seen[0])
        for (name, sentence), seen in found.items()
    ]
    return tuple(sorted(counted, key=lambda one: -one.count))


@lru_cache(maxsize=SERIES_KEPT)
def _series(store: Store, digests: tuple[str, ...]) -> bytes:
    times: list[float] = []
    columns: dict[str, list[float | None]] = {}
    units: dict[str, str] = {}
    for digest in digests:
        segment = _segment(store, digest)
        times += segment.times().tolist()
        units |= {one["symbol"]: one["unit"] for scan in segment.scans for one in scan["readings"]}
        for symbol, values in segment.columns().items():
            columns.setdefault(symbol, []).extend(values.tolist())
    return _as_json(times, columns, units, step=1)


def _as_json(
    times: Sequence[float], columns: Mapping[str, Sequence[float | None]], units: Mapping[str, str], *, step: int
) -> bytes:
    series = [
        {
            "symbol": name,
            "name_en": quantity(name).name_en,
            "name_zh": quantity(name).name_zh,
            "unit": units.get(name, ""),
            "values": [None if v != v else v for v in values],
        }
        for name, values in columns.items()
    ]
    return json.dumps({"time": times, "step": step, "series": series}, separators=(",", ":")).encode()
