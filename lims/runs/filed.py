"""What lies in a run's imported file, for pages: columns over time, one row with its line as it stands in the file.

A stored file never changes, so what was read from it may be kept; every reading checks its digest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from instruments.loggers.file import LoggerFile, Place
from instruments.loggers.opening import reopen
from instruments.segment import stamp
from lims.errors import NotFound
from lims.runs.filemap import Assigned, FileMap, FileSeries, read_file
from lims.runs.models import Run, RunFile
from lims.store import Store
from protocols.symbols import quantity

FILES_KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPage:
    """One row: where it stands, its bytes, the text they are, and what was read from it."""

    place: Place
    data: bytes
    text: str
    time: str
    values: tuple[tuple[Assigned, float | None], ...]


def row_page(store: Store, run: Run, file: RunFile, sequence: int) -> RowPage:
    """The row of this number, the first is 1; `NotFound` if the file has none."""
    opened, read, mapped = _opened(store, file.sha256, file.map_json)
    if not 1 <= sequence <= read.time.size:
        raise NotFound(f"{run.number} has no row {sequence}.", f"{run.number} 没有第 {sequence} 行数据。")
    row = sequence - 1
    data = opened.line(row)
    values = ((one, float(read.columns[one.symbol][row])) for one in mapped.columns)
    return RowPage(
        place=opened.place(row), data=data, text=data.decode(mapped.layout.encoding) if data else "",
        time=stamp(read.time[row]), values=tuple((one, value if value == value else None) for one, value in values),
    )  # fmt: skip


def rows_between(store: Store, file: RunFile, start: float, end: float) -> list[Mapping[str, Any]]:
    """The rows from ``start`` to before ``end`` [s since 1970 UTC], in the form of scans."""
    _, read, mapped = _opened(store, file.sha256, file.map_json)
    first, last = np.searchsorted(read.time, [start, end])
    return [_scan(read, mapped, row) for row in range(int(first), int(last))]


def series_json(store: Store, file: RunFile) -> bytes:
    """Every column over time, as `spooled.series_json` gives those of a spool."""
    _, read, mapped = _opened(store, file.sha256, file.map_json)
    series = [
        {
            "symbol": one.symbol, "name_en": quantity(one.symbol).name_en, "name_zh": quantity(one.symbol).name_zh,
            "unit": one.unit, "values": [None if v != v else v for v in read.columns[one.symbol].tolist()],
        }
        for one in mapped.columns
    ]  # fmt: skip
    return json.dumps({"time": read.time.tolist(), "series": series}, separators=(",", ":")).encode()


def _scan(read: FileSeries, mapped: FileMap, row: int) -> dict[str, Any]:
    readings = [
        {"symbol": one.symbol, "value": None if np.isnan(value) else float(value), "unit": one.unit}
        for one in mapped.columns
        for value in (read.columns[one.symbol][row],)
    ]
    return {"seq": row + 1, "time": stamp(read.time[row]), "readings": readings, "faults": []}


@lru_cache(maxsize=FILES_KEPT)
def _opened(store: Store, digest: str, map_json: str) -> tuple[LoggerFile, FileSeries, FileMap]:
    data, mapped = store.get(digest), FileMap.from_dict(json.loads(map_json))
    return reopen(data, mapped.layout), read_file(mapped, data), mapped
