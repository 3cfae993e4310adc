"""A record handed in as a file, CSV or Parquet: a column `time_utc` (ISO 8601) and columns named `symbol [unit]`.

Only the columns a method asks for are read; values are converted to the unit of the symbol or refused. A gap in
the times is no error here: the method refuses the averaging windows it touches and says so. Repeated and unsorted
times are refused, because one of the two rows must be wrong and only the one who wrote the file can say which.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lims import units
from lims.errors import BadInput, Sentence
from lims.runs.csvtable import CsvTable
from lims.runs.parquettable import MAGIC, ParquetTable
from lims.runs.table import Instants, Table, unusable
from protocols.record import Common, Record

TIME = "time_utc"
_HEADER = re.compile(r"([^\[\]]*?)\s*(?:\[([^\[\]]*)\])?")
_GAP = 1.5  # a step longer than so many usual steps is a gap; ours: between one sample and two


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFile:
    """A record with the digest of the file it came from and what the reader noticed on the way."""

    record: Record
    sha256: str
    remarks: tuple[Sentence, ...]


def read_record(
    path: Path,
    *,
    needed: Mapping[str, str],
    optional: Mapping[str, str] | None = None,
    midpoint_offset: float = 0.0,
    uncertainties: Iterable[Common] = (),
) -> RecordFile:
    """Read the columns that a method needs, in its units.

    needed, optional: symbol -> unit.  midpoint_offset: seconds from the written time to the middle of the sample
    (30 for one-minute means stamped with the start of the minute).  uncertainties: passed on with the record.

    Raises BadInput, in one sentence with file, line and column, for everything that is wrong with the file.
    """
    data = _bytes(path)
    table: Table = ParquetTable(path) if data.startswith(MAGIC) else CsvTable(path, data)
    columns = _columns(path, table.names)
    wanted = dict(needed) | {symbol: unit for symbol, unit in (optional or {}).items() if symbol in columns}
    _check_header(path, table.names, columns, wanted)
    instants = table.instants(TIME)
    _check_order(path, table, instants.seconds)
    values = {symbol: _values(path, table, columns[symbol], unit) for symbol, unit in wanted.items()}
    return RecordFile(
        record=Record(time=instants.seconds + midpoint_offset, columns=values, uncertainties=tuple(uncertainties)),
        sha256=hashlib.sha256(data).hexdigest(),
        remarks=tuple(_remarks(instants, ignored=[name for s, (name, _) in columns.items() if s not in wanted])),
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(
            f"The record {path} cannot be read ({reason}): check the name and the permissions.",
            f"无法读取记录 {path}（{reason}）：请检查文件名和权限。",
            code="unreadable",
        ) from error


def _columns(path: Path, names: list[str]) -> dict[str, tuple[str, str]]:
    """Symbol -> (name of the column, unit); the unit is "" where none is written."""
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        if name == TIME:
            continue
        match = _HEADER.fullmatch(name)
        symbol, unit = (match[1].strip(), (match[2] or "").strip()) if match else (name, "")
        if symbol in found:
            raise unusable(
                path,
                f"the columns “{found[symbol][0]}” and “{name}” both hold {symbol}: remove one.",
                f"“{found[symbol][0]}”列和“{name}”列都是 {symbol}：请删除其一。",
            )
        found[symbol] = (name, unit)
    return found


def _check_header(
    path: Path, names: list[str], columns: Mapping[str, tuple[str, str]], wanted: Mapping[str, str]
) -> None:
    if names.count(TIME) != 1:
        raise unusable(
            path,
            f"the column “{TIME}” is missing or repeated: give one column of ISO 8601 times of that name.",
            f"缺少或重复“{TIME}”列：请给出一列以此为名的 ISO 8601 时间。",
        )
    for symbol, unit in wanted.items():
        if symbol not in columns:
            raise unusable(
                path, f"the column “{symbol} [{unit}]” is missing: add it.", f"缺少“{symbol} [{unit}]”列：请补充。"
            )
        if not columns[symbol][1]:
            raise unusable(
                path,
                f"the column “{symbol}” has no unit: write it as “{symbol} [{unit}]”.",
                f"“{symbol}”列没有单位：请写成“{symbol} [{unit}]”。",
            )


def _check_order(path: Path, table: Table, seconds: NDArray[np.float64]) -> None:
    wrong = np.flatnonzero(np.diff(seconds) <= 0)
    if not wrong.size:
        return
    row = int(wrong[0]) + 1
    place, moment = table.place(row), _iso(seconds[row])
    if seconds[row] == seconds[row - 1]:
        raise unusable(
            path,
            f"{place.english}: the time {moment} occurs twice; remove the row that is wrong.",
            f"{place.chinese}：时间 {moment} 重复；请删除错误的行。",
        )
    raise unusable(
        path,
        f"{place.english}: the time {moment} is earlier than the one before it; sort the rows by time.",
        f"{place.chinese}：时间 {moment} 早于上一行；请按时间排序。",
    )


def _values(path: Path, table: Table, column: tuple[str, str], unit: str) -> NDArray[np.float64]:
    name, written = column
    numbers = table.numbers(name)
    try:
        return units.convert(numbers, written, unit)
    except BadInput as refusal:
        raise unusable(
            path, f"column “{name}”: {refusal.sentence_en}", f"“{name}”列：{refusal.sentence_zh}"
        ) from refusal


def _remarks(instants: Instants, *, ignored: list[str]) -> Iterable[Sentence]:
    if not instants.with_offset:
        yield Sentence(
            "The times carry no offset and were taken as UTC, as the name of the column says.",
            "时间未带时区偏移，按列名作为 UTC 处理。",
        )
    steps = np.diff(instants.seconds)
    gaps = np.flatnonzero(steps > _GAP * np.median(steps)) if steps.size else steps
    if gaps.size:
        longest = int(gaps[np.argmax(steps[gaps])])
        start, length = _iso(instants.seconds[longest]), steps[longest]
        yield Sentence(
            f"Gaps in the record: {gaps.size}; the longest is {length:g} s after {start}.",
            f"记录有 {gaps.size} 处间断，最长的在 {start} 之后，为 {length:g} s。",
        )
    if ignored:
        yield Sentence(
            f"The method does not use the columns {', '.join(ignored)}.", f"方法未使用的列：{'、'.join(ignored)}。"
        )


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(float(seconds), tz=UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
