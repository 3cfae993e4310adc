"""A logger's file looked at before anything is kept: what it holds, what would become of it, what stands against it.

Pure: bytes, what a person stated, and what is known of the bench go in; a `DryRun` comes out. Nothing is guessed
silently: what is proposed is shown as a proposal, and whoever confirms it states it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UnreadableFile
from instruments.loggers.file import Column, LoggerFile, Numbers
from instruments.loggers.opening import find
from lims.attachments.content import plain_name
from lims.errors import BadInput, Sentence
from lims.runs.filemap import Assigned, FileMap, check_column, missing_in, times
from lims.runs.unitwords import plain_unit
from protocols.symbols import QUANTITIES

STAMPS = ("moment", "start", "end")
"""What a written time stands for: the reading's moment, or the start or end of its averaging interval."""
SUSPECTED = ("-9999", "-999", "9999", "7999", "-7999", "65535", "32767", "9.9E+37")
"""Numbers that loggers write for no value; told when they are met and not stated to be marks."""
_GAP = 1.5  # a step longer than so many usual steps is a gap; ours: between one sample and two
_TOLD, _MOST_TOLD = 200, 40  # characters and lines of what a logger says of itself
_PLOTTED = 3000  # rows of a plot: more than a screen has points across
_ALIASES = {
    "G": ("gti", "poa", "rd_gti", "总辐照度", "总辐射", "太阳总辐照度"),
    "Gd": ("dti", "diffuse", "rd_dti", "散射辐射", "散射辐照度"),
    "DNI": ("rd_dni", "直接辐射", "法向直射辐射", "直射辐照度"),
    "t_in": ("tin", "te_in", "inlet", "进口温度", "入口温度", "进水温度"),
    "t_out": ("tout", "te_out", "outlet", "出口温度", "出水温度"),
    "t_amb": ("tamb", "ta", "te_amb", "ambient", "airtemp", "环境温度", "气温"),
    "V_dot": ("flow", "vf", "vdot", "流量", "体积流量"),
    "u": ("ws", "windspeed", "ve_wind", "风速"),
}
_STATISTIC = re.compile(r"[_ ](avg|smp|mean|tc|c)(\(\d+\))?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a person states; empty where nothing was stated yet.

    ``wishes``: see `instruments.loggers.opening.find`.  ``time``: columns of the time.  ``columns``: by symbol, None
    for a quantity that the file does not hold; no entry where it is still to be proposed.
    """

    wishes: Mapping[str, str | int] = field(default_factory=dict)
    time: tuple[int, ...] = ()
    zone: str = ""
    stamp: str = ""
    missing: tuple[str, ...] | None = None
    columns: Mapping[str, Assigned | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the laboratory knows beforehand: what is wanted, who measures it on the bench, how it was read last time."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    equipment: Mapping[str, str] = field(default_factory=dict)
    previous: FileMap | None = None
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One quantity that is wanted, what the file holds of it, and how many values are missing."""

    symbol: str
    needed: bool
    assigned: Assigned | None
    missing: int = 0
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What would be kept. ``problems`` stand against it; ``remarks`` are told. ``mapped`` is None while any stands."""

    name: str
    sha256: str
    size: int
    file: LoggerFile | None
    mapped: FileMap | None
    problems: tuple[Sentence, ...]
    remarks: tuple[Sentence, ...]
    quantities: tuple[Quantity, ...]
    time: tuple[int, ...]
    zone: str
    offset_in_file: bool
    stamp: str
    missing: tuple[str, ...]
    seconds: NDArray[np.float64] | None
    values: Mapping[str, NDArray[np.float64]]

    @property
    def step(self) -> float:
        """The usual distance of two rows [s]; 0 where it is unknown."""
        return _step(self.seconds)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that may hold a quantity."""
        if self.file is None:
            return ()
        heading = self.file.heading
        return tuple(one for one in heading.columns if one.index not in (*self.time, *heading.beside))

    @property
    def evidence(self) -> dict[str, str]:
        """What the logger says of itself."""
        return _short(self.file.heading.evidence) if self.file else {}

    @property
    def stride(self) -> int:
        """The plot shows one row in so many."""
        return 1 if self.seconds is None else max(1, -(-self.seconds.size // _PLOTTED))

    def plot(self) -> dict[str, Any]:
        """The mapped columns for a plot, one row in `stride`, as `series.js` draws them."""
        if self.seconds is None or not self.values:
            return {"time": [], "series": []}
        stride = self.stride
        units = {one.symbol: one.assigned.unit for one in self.quantities if one.assigned}
        return {
            "time": self.seconds[::stride].tolist(),
            "series": [
                {
                    "symbol": symbol, "name_en": QUANTITIES[symbol].name_en, "name_zh": QUANTITIES[symbol].name_zh,
                    "unit": units[symbol], "values": [None if v != v else v for v in values[::stride].tolist()],
                }
                for symbol, values in self.values.items()
            ],
        }  # fmt: skip


class _Look:
    """One look at one file: collects what is wrong and what is worth telling."""

    def __init__(self) -> None:
        self.problems: list[Sentence] = []
        self.remarks: list[Sentence] = []

    def tried(self, question: Callable[[], Any]) -> Any:
        """The answer, or None with one more problem."""
        try:
            return question()
        except (UnreadableFile, BadInput) as refused:
            told = refused.sentence_en
            self.problems.append(Sentence(told[:1].upper() + told[1:], refused.sentence_zh))
            return None


def dry_run(name: str, data: bytes, stated: Stated, known: Known) -> DryRun:
    """Look at a file with all that was stated about it."""
    look, digest = _Look(), hashlib.sha256(data).hexdigest()
    file: LoggerFile | None = look.tried(lambda: find(data, stated.wishes))
    named = plain_name(name)
    if file is None:
        return DryRun(
            name=named, sha256=digest, size=len(data), file=None, mapped=None, problems=tuple(look.problems),
            remarks=(), quantities=(), time=(), zone=stated.zone, offset_in_file=False, stamp="moment", missing=(),
            seconds=None, values={},
        )  # fmt: skip
    time = stated.time or file.heading.time
    marks = _marks(file, known) if stated.missing is None else stated.missing
    assigned = _assigned(file, stated, known)
    own = (file.heading.record, *file.heading.beside)
    wanted = (*time, *(one.column for one in assigned.values() if one), *(index for index in own if index is not None))
    file.expect([index for index in wanted if index < _width(file)])
    numbers = {one.symbol: found for one in assigned.values() if one and (found := _numbers(look, file, one, marks))}
    with_offset, zone, seconds = _seconds(look, file, time, stated.zone or known.zone)
    stamp = stated.stamp if stated.stamp in STAMPS else _stamp(file, assigned)
    _tell(look, file, numbers, seconds)
    if not with_offset and not stated.zone and seconds is not None:
        look.remarks.append(
            Sentence(
                f"The file does not say its time zone: {zone} is offered; by confirming you state it.",
                f"文件未注明时区：现提供 {zone}；确认即表示由您说明。",
            )
        )
    mapped = FileMap(
        sha256=digest, name=named, size=len(data), layout=file.layout, time=tuple(time),
        zone="" if with_offset else zone, midpoint_offset=_offset(stamp, seconds), missing=tuple(marks),
        columns=tuple(one for one in assigned.values() if one is not None), evidence=_short(file.heading.evidence),
    )  # fmt: skip
    look.problems += _lacking(known, assigned)
    look.problems += _twice(assigned)
    return DryRun(
        name=named, sha256=digest, size=len(data), file=file, mapped=None if look.problems else mapped,
        problems=tuple(look.problems), remarks=tuple(look.remarks),
        quantities=tuple(_quantities(known, assigned, numbers)), time=tuple(time), zone=zone,
        offset_in_file=with_offset, stamp=stamp, missing=tuple(marks),
        seconds=None if seconds is None else seconds + _offset(stamp, seconds),
        values={symbol: one.values for symbol, one in numbers.items()},
    )  # fmt: skip


def _short(evidence: Mapping[str, str]) -> dict[str, str]:
    """What the logger says of itself, as much of it as a page can show; the file keeps all of it."""
    return {name[:_TOLD]: value[:_TOLD] for name, value in list(evidence.items())[:_MOST_TOLD]}


def _width(file: LoggerFile) -> int:
    return len(file.heading.columns)


def _marks(file: LoggerFile, known: Known) -> tuple[str, ...]:
    """The marks used last time for such a file, else those that such a logger writes."""
    before = known.previous
    return before.missing if before and before.layout.reader == file.layout.reader else file.heading.missing


def _assigned(file: LoggerFile, stated: Stated, known: Known) -> dict[str, Assigned | None]:
    """Each wanted quantity with its column: as stated, else as last time, else by its name."""
    found: dict[str, Assigned | None] = {}
    for symbol in (*known.needed, *known.optional):
        found[symbol] = stated.columns[symbol] if symbol in stated.columns else _proposed(file, symbol, known)
    return found


def _proposed(file: LoggerFile, symbol: str, known: Known) -> Assigned | None:
    free = [one for one in file.heading.columns if one.index not in (*file.heading.time, *file.heading.beside)]
    before = next((one for one in known.previous.columns if one.symbol == symbol), None) if known.previous else None
    for one in free:
        if before is not None and one.name == before.name:
            return replace(before, column=one.index, unit=plain_unit(one.unit) or before.unit)
    if known.previous is not None and all(one.name in {c.name for c in free} for one in known.previous.columns):
        return None  # the same logger as last time, which did not measure this
    names = {_key(symbol), *map(_key, (QUANTITIES[symbol].name_zh, QUANTITIES[symbol].name_en))}
    names |= {_key(alias) for alias in _ALIASES.get(symbol, ())}
    for one in free:
        if one.name == symbol or _key(_STATISTIC.sub("", one.name)) in names or _key(one.name) in names:
            return Assigned(
                symbol=symbol, column=one.index, name=one.name, unit=plain_unit(one.unit),
                equipment=known.equipment.get(symbol, ""),
            )  # fmt: skip
    return None


def _key(name: str) -> str:
    # "T_in" and "t_in" are one name; "G" and "g" are not looked at so closely in a proposal either.
    return re.sub(r"[\s_]", "", name).lower()


def _numbers(look: _Look, file: LoggerFile, one: Assigned, marks: Sequence[str]) -> Numbers | None:
    def read() -> Numbers:
        check_column(file, one)
        return file.numbers(one.column, missing=marks)

    found: Numbers | None = look.tried(read)
    if found is not None:
        look.remarks += _met(file, one, found)
    return found


def _met(file: LoggerFile, one: Assigned, found: Numbers) -> Iterator[Sentence]:
    """Marks that were taken as missing, and numbers that look like marks and were not."""
    for mark, count in found.marked.items():
        yield Sentence(
            f"{one.symbol} (column “{one.name}”): {count} × {mark} taken as missing.",
            f"{one.symbol}（“{one.name}”列）：{count} 个 {mark} 按缺测处理。",
        )
    for mark in SUSPECTED:
        here = np.flatnonzero(np.isclose(found.values, float(mark), rtol=1e-6, atol=0.0))
        if here.size:
            place = file.place(int(here[0]))
            yield Sentence(
                f"{one.symbol} (column “{one.name}”): {here.size} × {mark}, first in {place.english}; if the logger "
                "writes it where it has no value, add it to the marks of missing values.",
                f"{one.symbol}（“{one.name}”列）：{here.size} 个 {mark}，首见于{place.chinese}；"
                "若为记录仪的缺测标记，请加入缺测标记。",
            )


def _seconds(
    look: _Look, file: LoggerFile, time: tuple[int, ...], zone: str
) -> tuple[bool, str, NDArray[np.float64] | None]:
    if not time:
        look.problems.append(Sentence("No column of times was found: state it.", "未找到时间列：请指定。"))
        return False, zone, None
    moments = look.tried(lambda: file.moments(time))
    if moments is None:
        return False, zone, None
    return moments.with_offset, zone, look.tried(lambda: times(file, time, zone))


def _stamp(file: LoggerFile, assigned: Mapping[str, Assigned | None]) -> str:
    """TOA5 writes a mean at the end of its interval; of others nothing is known."""
    notes = {file.column(one.column).note for one in assigned.values() if one and one.column < _width(file)}
    return "end" if file.layout.reader == "toa5" and "Avg" in notes else "moment"


def _offset(stamp: str, seconds: NDArray[np.float64] | None) -> float:
    """Seconds from the written time to the middle of the sample."""
    return {"moment": 0.0, "start": 0.5, "end": -0.5}[stamp] * _step(seconds)


def _step(seconds: NDArray[np.float64] | None) -> float:
    if seconds is None or seconds.size < 2:
        return 0.0
    return round(float(np.median(np.diff(seconds))), 3)


def _tell(
    look: _Look,
    file: LoggerFile,
    numbers: Mapping[str, Numbers],
    seconds: NDArray[np.float64] | None,
) -> None:
    for symbol, one in numbers.items():
        if missing_in(one) == one.values.size:
            look.remarks.append(Sentence(f"{symbol}: no value at all.", f"{symbol}：没有任何数值。"))
    if seconds is not None and seconds.size > 1:
        steps = np.diff(seconds)
        gaps = np.flatnonzero(steps > _GAP * np.median(steps))
        if gaps.size:
            longest = int(gaps[np.argmax(steps[gaps])])
            place = file.place(longest + 1)
            look.remarks.append(
                Sentence(
                    f"Gaps in the record: {gaps.size}; the longest is {_long(steps[longest])} before {place.english}.",
                    f"记录有 {gaps.size} 处间断，最长的在{place.chinese}之前，为 {_long(steps[longest])}。",
                )
            )
    look.remarks += _evidence(file)


def _long(seconds: float) -> str:
    """A duration as people read it.

    >>> _long(90.0), _long(5400.0), _long(1519260.0)
    ('90 s', '1.5 h', '17.6 d')
    """
    if seconds < 3600:
        return f"{seconds:g} s"
    return f"{seconds / 3600:.3g} h" if seconds < 2 * 86400 else f"{seconds / 86400:.3g} d"


def _evidence(file: LoggerFile) -> Iterator[Sentence]:
    """What the logger's own counting and alarms say."""
    record = file.heading.record
    with np.errstate(invalid="ignore"):
        counted = _quietly(file, record) if record is not None else None
        if counted is not None and counted.size > 1:
            jumps = np.flatnonzero(np.diff(counted) != 1)
            if jumps.size:
                place = file.place(int(jumps[0]) + 1)
                yield Sentence(
                    f"The logger's record number does not go on by one in {jumps.size} rows, first in {place.english}: "
                    "records are missing, or the table was reset.",
                    f"记录仪的记录号有 {jumps.size} 处不连续，首见于{place.chinese}：有记录缺失，或数据表曾被重置。",
                )
        for index in file.heading.beside:
            raised = _quietly(file, index)
            count = int(np.count_nonzero(raised > 0)) if raised is not None else 0
            if count:
                name = file.column(index).name
                yield Sentence(f"{name}: raised in {count} rows.", f"{name}：{count} 行有报警。")


def _quietly(file: LoggerFile, index: int) -> NDArray[np.float64] | None:
    try:
        return file.numbers(index, missing=()).values
    except UnreadableFile:
        return None  # a column that becomes no quantity need not be numbers


def _lacking(known: Known, assigned: Mapping[str, Assigned | None]) -> Iterator[Sentence]:
    for symbol in known.needed:
        if assigned[symbol] is None:
            quantity = QUANTITIES[symbol]
            yield Sentence(
                f"The method needs {symbol} ({quantity.name_en}, {quantity.unit}): choose its column.",
                f"该方法需要 {symbol}（{quantity.name_zh}，{quantity.unit}）：请选择所在的列。",
            )


def _twice(assigned: Mapping[str, Assigned | None]) -> Iterator[Sentence]:
    seen: dict[int, str] = {}
    for one in assigned.values():
        if one is not None:
            if one.column in seen:
                yield Sentence(
                    f"The column “{one.name}” is chosen for {seen[one.column]} and for {one.symbol}: it is only one.",
                    f"“{one.name}”列同时选为 {seen[one.column]} 和 {one.symbol}：只能是其一。",
                )
            seen.setdefault(one.column, one.symbol)


def _quantities(
    known: Known, assigned: Mapping[str, Assigned | None], numbers: Mapping[str, Numbers]
) -> Iterator[Quantity]:
    for symbol, one in assigned.items():
        needed = symbol in known.needed
        found = numbers.get(symbol)
        if found is None:
            yield Quantity(symbol=symbol, needed=needed, assigned=one)
            continue
        finite = found.values[np.isfinite(found.values)]
        yield Quantity(
            symbol=symbol, needed=needed, assigned=one, missing=missing_in(found),
            lowest=float(finite.min()) if finite.size else None, highest=float(finite.max()) if finite.size else None,
        )  # fmt: skip
