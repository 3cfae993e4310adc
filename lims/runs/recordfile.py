"""A record handed in as a file, CSV (also gzipped), Parquet or a logger's own: a column `time_utc` (ISO 8601) and
columns named `symbol [unit]`, or what a `ColumnMap` says that a logger calls them.

Only the columns a method asks for are read; values are converted to the unit of the symbol or refused. A gap in
the times is no error here: the method refuses the averaging windows it touches and says so. Repeated and unsorted
times are refused, because one of the two rows must be wrong and only the one who wrote the file can say which.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lims import units
from lims.errors import BadInput, Sentence
from lims.runs.columnmap import COLUMNS, SEPARATORS, TIME, ColumnMap
from lims.runs.localtime import utc_of
from lims.runs.loggertable import LoggerTable, is_loggers
from lims.runs.parquettable import MAGIC, ParquetTable
from lims.runs.quickcsv import QuickCsv, header_of, unreadable
from lims.runs.table import Instants, Table, unusable
from protocols.record import Common, Record

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
    columns: ColumnMap | None = None,
) -> RecordFile:
    """Read the columns that a method needs, in its units.

    needed, optional: symbol -> unit.  midpoint_offset: seconds from the written time to the middle of the sample
    (30 for one-minute means stamped with the start of the minute).  uncertainties: passed on with the record.
    columns: how the file names them, where it does not by our symbols.

    Raises BadInput, in one sentence with file, line and column, for everything that is wrong with the file.
    """
    mapped = columns or ColumnMap()
    state = _state(path)
    table = _table(path, mapped)
    if isinstance(table, LoggerTable):
        mapped = _of_logger(table, mapped)
    else:
        _check_separator(path, table.names)
    found = _columns(path, table.names, mapped)
    wanted = dict(needed) | {symbol: unit for symbol, unit in (optional or {}).items() if symbol in found}
    _check_header(path, table.names, found, wanted, mapped)
    if isinstance(table, QuickCsv):
        table.expect(time=mapped.time, numbers=[found[symbol][0] for symbol in wanted])
    instants = _instants(path, table, mapped)
    _check_order(path, table, instants.seconds)
    values = {symbol: _values(path, table, found[symbol], unit) for symbol, unit in wanted.items()}
    sha256 = table.digest if isinstance(table, QuickCsv) else _digest(path)
    if _state(path) != state:
        raise unusable(
            path, "the file changed while it was read: wait until it is complete.", "读取时文件发生变化：请待其写完。"
        )
    return RecordFile(
        record=Record(time=instants.seconds + midpoint_offset, columns=values, uncertainties=tuple(uncertainties)),
        sha256=sha256,
        remarks=tuple(_remarks(instants, mapped, ignored=[name for s, (name, _) in found.items() if s not in wanted])),
    )


def _table(path: Path, mapped: ColumnMap) -> Table:
    """The file by the reader that understands it.

    A logger's own reader takes what begins like TOA5, Keysight CSV, TDMS or UTF-16, and a file whose first line does
    not hold the column of times that the item file names, if another line does.
    """
    if _begins(path, MAGIC):
        return ParquetTable(path)
    if is_loggers(path):
        return LoggerTable(path)
    plain = QuickCsv(path, separator=mapped.separator)
    if mapped.time != TIME and mapped.time not in header_of(path, mapped.separator):
        with suppress(BadInput):
            found = LoggerTable(path, separator="" if mapped.separator == "," else mapped.separator)
            if mapped.time in found.names:
                return found
    return plain


def _of_logger(table: LoggerTable, mapped: ColumnMap) -> ColumnMap:
    """The map with the file's own column of times, where no other is named."""
    return replace(mapped, time=table.time) if mapped.time == TIME else mapped


def _state(path: Path) -> tuple[int, int, int]:
    """What changes when somebody writes to a file; raises BadInput for one that cannot be read."""
    try:
        with path.open("rb") as stream:
            found = os.fstat(stream.fileno())
    except OSError as error:
        raise unreadable(path, error) from error
    return found.st_ino, found.st_size, found.st_mtime_ns


def _begins(path: Path, mark: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(mark)) == mark


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _check_separator(path: Path, names: list[str]) -> None:
    """Refuse a header that is one name because another separator divides it, saying which."""
    mark = next((mark for mark in SEPARATORS if len(names) == 1 and mark in names[0]), None)
    if mark is not None:
        written = {"\t": "\\t"}.get(mark, mark)
        raise unusable(
            path,
            f"the columns are divided by “{written}”: "
            f'write separator = "{written}" under [{COLUMNS}] of the item file.',
            f'各列以“{written}”分隔：请在试件文件的 [{COLUMNS}] 下写 separator = "{written}"。',
        )


def _columns(path: Path, names: list[str], mapped: ColumnMap) -> dict[str, tuple[str, str]]:
    """Symbol -> (name of the column, unit); the unit is "" where none is written."""
    placed = mapped.placed(names)
    for symbol, held in placed.items():
        if len(held) > 1:
            first, second = held[0][0], held[1][0]
            raise unusable(
                path,
                f"the columns “{first}” and “{second}” both hold {symbol}: remove one.",
                f"“{first}”列和“{second}”列都是 {symbol}：请删除其一。",
            )
        if not held:
            written = mapped.names[symbol]
            raise unusable(
                path,
                f"there is no column “{written}”, which [{COLUMNS}] names for {symbol}: correct the name.",
                f"没有 [{COLUMNS}] 为 {symbol} 指定的“{written}”列：请更正列名。",
            )
    return {symbol: held[0] for symbol, held in placed.items()}


def _check_header(
    path: Path,
    names: list[str],
    columns: Mapping[str, tuple[str, str]],
    wanted: Mapping[str, str],
    mapped: ColumnMap,
) -> None:
    if names.count(mapped.time) != 1:
        raise unusable(
            path,
            f"the column “{mapped.time}” is missing or repeated: give one column of ISO 8601 times of that name.",
            f"缺少或重复“{mapped.time}”列：请给出一列以此为名的 ISO 8601 时间。",
        )
    for symbol, unit in wanted.items():
        if symbol not in columns:
            raise unusable(
                path, f"the column “{symbol} [{unit}]” is missing: add it.", f"缺少“{symbol} [{unit}]”列：请补充。"
            )
        if not columns[symbol][1]:
            name = mapped.names.get(symbol, symbol)
            raise unusable(
                path,
                f"the column “{name}” has no unit: write it as “{name} [{unit}]”.",
                f"“{name}”列没有单位：请写成“{name} [{unit}]”。",
            )


def _instants(path: Path, table: Table, mapped: ColumnMap) -> Instants:
    """The times as UTC, those without offset by the clock of the file's zone."""
    written = table.instants(mapped.time)
    if written.with_offset:
        return written
    if mapped.zone is None:
        if isinstance(table, LoggerTable):
            raise unusable(
                path,
                "the times carry no offset from UTC, and a logger's clock is seldom set to it: write "
                f'time_zone = "Asia/Shanghai" (or what it is set to) under [{COLUMNS}] of the item file.',
                "时间未带时区偏移，而记录仪时钟通常不是 UTC："
                f'请在试件文件的 [{COLUMNS}] 下写 time_zone = "Asia/Shanghai"（或其实际时区）。',
            )
        return written
    seconds, twice = utc_of(written.seconds, mapped.zone)
    if twice.any():
        row = int(np.flatnonzero(twice)[0])
        place, moment = table.place(row), _iso(written.seconds[row]).rstrip("Z")
        raise unusable(
            path,
            f"{place.english}: when the clock of {mapped.zone} is changed, {moment} occurs twice or never; "
            "write the times with their offset from UTC.",
            f"{place.chinese}：{mapped.zone} 时钟调整时，{moment} 出现两次或不存在；请写明时区偏移。",
        )
    return Instants(seconds, with_offset=False)


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


def _remarks(instants: Instants, mapped: ColumnMap, *, ignored: list[str]) -> Iterable[Sentence]:
    if not instants.with_offset and mapped.zone is not None:
        yield Sentence(
            f"The times carry no offset and were taken as those of {mapped.zone}, as [{COLUMNS}] says.",
            f"时间未带时区偏移，按 [{COLUMNS}] 作为 {mapped.zone} 的时间处理。",
        )
    elif not instants.with_offset:
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
