"""How a logger's file becomes columns of quantities: the document `heliobench.file/1`, and the file read by it. Pure.

The document is what a person confirmed: how the file is read, which column is which quantity in which unit, by which
instrument, whose time it carries and which marks mean "no value". With the file's bytes it gives the numbers again.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UnreadableFile
from instruments.loggers.file import Layout, LoggerFile, Numbers
from instruments.loggers.opening import reopen
from instruments.segment import stamp
from lims import units
from lims.canonical import canonical_json
from lims.errors import BadInput, Damaged
from lims.runs.localtime import utc_of, zone_named
from protocols.symbols import QUANTITIES

SCHEMA = "heliobench.file/1"
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """One quantity: the column that holds it, its unit there, and who corrects it.

    ``equipment``: number in the register, whose calibration of the day corrects the column.  ``corrected_by``: a
    statement that the values are corrected already; then the standard uncertainties are those of the statement.
    """

    symbol: str
    column: int
    name: str
    unit: str
    equipment: str = ""
    corrected_by: str = ""
    uncertainty_absolute: float = 0.0
    uncertainty_relative: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMap:
    """The document. ``zone``: of the logger's clock, "" if the file states its offset. ``midpoint_offset``: seconds
    from the written time to the middle of the sample."""

    sha256: str
    name: str
    size: int
    layout: Layout
    time: tuple[int, ...]
    zone: str
    midpoint_offset: float
    missing: tuple[str, ...]
    columns: tuple[Assigned, ...]
    evidence: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe."""
        return {
            "schema": SCHEMA,
            **asdict(self),
            "evidence": dict(self.evidence),
            "time": list(self.time),
            "missing": list(self.missing),
            "columns": [asdict(one) for one in self.columns],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FileMap:
        """What `as_dict` gave; `KeyError`, `TypeError` or `ValueError` for anything else."""
        if data["schema"] != SCHEMA:
            raise ValueError(data["schema"])
        given = {key: value for key, value in data.items() if key != "schema"}
        return cls(
            **given
            | {
                "layout": Layout(**data["layout"]),
                "time": tuple(map(int, data["time"])),
                "missing": tuple(map(str, data["missing"])),
                "columns": tuple(Assigned(**one) for one in data["columns"]),
                "midpoint_offset": float(data["midpoint_offset"]),
            }
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the document, which names the file's own: both bound by one digest."""
        return hashlib.sha256(canonical_json(self.as_dict())).hexdigest()

    @property
    def units(self) -> dict[str, str]:
        """{symbol: unit in which the file gives it}."""
        return {one.symbol: one.unit for one in self.columns}

    @property
    def equipment(self) -> dict[str, str]:
        """{symbol: number of the instrument whose calibration corrects it}."""
        return {one.symbol: one.equipment for one in self.columns if not one.corrected_by}

    @property
    def corrected(self) -> dict[str, Assigned]:
        """The quantities that are stated to be corrected already."""
        return {one.symbol: one for one in self.columns if one.corrected_by}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeries:
    """A file's rows as columns: time [s since 1970 UTC, the middle of each sample], NaN where a value is missing."""

    time: Array
    columns: dict[str, Array]
    missing: dict[str, int]


def read_file(mapped: FileMap, data: bytes) -> FileSeries:
    """The quantities of a file by its document.

    Raises `Damaged` for other bytes than the document names, `BadInput` with line and column for what cannot be read.
    """
    if hashlib.sha256(data).hexdigest() != mapped.sha256:
        raise Damaged("The raw file is not the one the result was computed from.", "原始文件与计算结果所用的不一致。")
    with in_words(mapped.name):
        file = reopen(data, mapped.layout, columns=(*mapped.time, *(one.column for one in mapped.columns)))
        for one in mapped.columns:
            check_column(file, one)
        numbers = {one.symbol: file.numbers(one.column, missing=mapped.missing) for one in mapped.columns}
        time = times(file, mapped.time, mapped.zone) + mapped.midpoint_offset
    return FileSeries(
        time=time,
        columns={symbol: one.values for symbol, one in numbers.items()},
        missing={symbol: missing_in(one) for symbol, one in numbers.items()},
    )


def missing_in(numbers: Numbers) -> int:
    """How many values of a column are missing."""
    return int(np.count_nonzero(np.isnan(numbers.values)))


def times(file: LoggerFile, columns: tuple[int, ...], zone: str) -> Array:
    """UTC of every row, strictly increasing [s since 1970]. Raises `BadInput` or `UnreadableFile` with the place."""
    seconds, with_offset = file.moments(columns)
    if with_offset:
        check_order(file, seconds)
        return seconds
    if not zone:
        raise BadInput(
            "The times carry no offset from UTC: state the time zone of the logger's clock.",
            "时间未带时区偏移：请说明记录仪时钟所用的时区。",
        )
    check_order(file, seconds)
    utc, twice = utc_of(seconds, zone_named(zone))
    if twice.any():
        row = int(np.flatnonzero(twice)[0])
        place = file.place(row)
        raise BadInput(
            f"{place.english}: when the clock of {zone} is changed, {_clock(seconds[row])} occurs twice or never; "
            "if the logger's clock is not changed, state its offset, like +08:00.",
            f"{place.chinese}：{zone} 时钟调整时，{_clock(seconds[row])} 出现两次或不存在；"
            "若记录仪不调整时钟，请填写固定偏移，如 +08:00。",
        )
    return utc


def check_order(file: LoggerFile, seconds: Array) -> None:
    """Raise `BadInput` at the first time that repeats or goes back."""
    wrong = np.flatnonzero(np.diff(seconds) <= 0)
    if not wrong.size:
        return
    row = int(wrong[0]) + 1
    place, count = file.place(row), wrong.size
    clock = _clock(seconds[row])
    en, zh = ("occurs twice", "重复") if seconds[row] == seconds[row - 1] else ("goes back", "早于上一行")
    raise BadInput(
        f"{place.english}: the time {clock} {en} ({count} such rows); import the part before or after it by its first "
        "and last line.",
        f"{place.chinese}：时间 {clock} {zh}（共 {count} 处）；请用首行、末行只导入其前或其后的部分。",
    )


def check_column(file: LoggerFile, one: Assigned) -> None:
    """Raise `BadInput` naming line and column if an assignment does not fit the file or the quantity."""
    quantity = QUANTITIES.get(one.symbol)
    if quantity is None:
        raise BadInput(f"There is no quantity “{one.symbol}”.", f"没有“{one.symbol}”这个量。")
    held = file.column(one.column)
    where, wo = _where(file, one.column)
    if held.name != one.name or one.column in file.heading.time:
        raise BadInput(f"{where} is not the column “{one.name}”.", f"{wo}不是“{one.name}”列。")
    if not one.unit:
        raise BadInput(
            f"{where} “{one.name}” has no unit: state it (for {one.symbol} one that converts to {quantity.unit}).",
            f"{wo}“{one.name}”没有单位：请填写（{one.symbol} 须可换算为 {quantity.unit}）。",
        )
    try:
        units.convert(0.0, one.unit, quantity.unit)
    except BadInput as refusal:
        raise BadInput(
            f"{where} “{one.name}” for {one.symbol}: {refusal.sentence_en}",
            f"{wo}“{one.name}”（{one.symbol}）：{refusal.sentence_zh}",
        ) from refusal
    _check_correction(one, where, wo)


def _check_correction(one: Assigned, where: str, wo: str) -> None:
    if not (one.equipment or one.corrected_by):
        raise BadInput(
            f"{where} “{one.name}”: name the instrument in the register, or state who corrected the values already.",
            f"{wo}“{one.name}”：请指定设备编号，或说明数值已由何人、以何方式修正。",
        )
    given = (one.uncertainty_absolute, one.uncertainty_relative)
    if not all(math.isfinite(value) and value >= 0 for value in given):
        raise BadInput(
            f"{where} “{one.name}”: a standard uncertainty is a number that is not negative.",
            f"{wo}“{one.name}”：标准不确定度须为非负数。",
        )
    if one.corrected_by and not any(given):
        raise BadInput(
            f"{where} “{one.name}”: values corrected already need the standard uncertainty of that correction.",
            f"{wo}“{one.name}”：已修正的数值须给出该修正的标准不确定度。",
        )


def _where(file: LoggerFile, column: int) -> tuple[str, str]:
    line = file.layout.header_line
    if not line:
        return f"Channel {column + 1}", f"第 {column + 1} 通道"
    return f"Line {line}, column {column + 1}", f"第 {line} 行第 {column + 1} 列"


@contextmanager
def in_words(name: str) -> Iterator[None]:
    """Turn what is wrong with a file into a refusal that begins with its name."""
    try:
        yield
    except (UnreadableFile, BadInput) as refused:
        raise BadInput(
            f"{name}: {refused.sentence_en}", f"{name}：{refused.sentence_zh}", code="unusable-file"
        ) from refused


def _clock(seconds: float) -> str:
    return stamp(float(seconds)).removesuffix(".000Z").removesuffix("Z").replace("T", " ")
