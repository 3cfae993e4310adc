"""From what was written to what is judged: entries folded into a record, texts read as the procedure asks. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from lims.errors import BadInput
from lims.labels import Label
from protocols.procedures.procedure import RATINGS, YES_NO, Entry, Procedure
from protocols.symbols import QUANTITIES

SCHEMA = "heliobench.manual/1"
# Beside the procedure's own entries; equipment has rows, the others stand once.
EQUIPMENT, DEVIATION, STOPPED, REMARK = "equipment", "deviation", "stopped", "remarks"
OWN = (EQUIPMENT, DEVIATION, STOPPED, REMARK)
ENVIRONMENT = "env."  # env.t_amb: a condition of the surroundings, with where it was read
BESIDE = {
    EQUIPMENT: Label("所用设备", "Equipment"),
    DEVIATION: Label("偏离", "Deviation"),
    REMARK: Label("备注", "Remarks"),
    STOPPED: Label("提前终止", "Stopped early"),
}
LONGEST = 4000
MOST_ROWS = 500

Place = tuple[str, int, int]


class Written(Protocol):
    """What folding needs of an entry."""

    @property
    def place(self) -> Place:
        """Symbol, row and reading."""

    @property
    def text(self) -> str:
        """As it was written."""


def entry_of(procedure: Procedure, symbol: str) -> Entry | None:
    """The procedure's own entry of a symbol; None of what stands beside them."""
    return next((one for one in procedure.entries if one.symbol == symbol), None)


def name_of(procedure: Procedure | None, symbol: str) -> Label:
    """What a symbol of a record is called: an entry, a condition of the surroundings, what stands beside them."""
    known = (entry_of(procedure, symbol) if procedure else None) or QUANTITIES.get(symbol.removeprefix(ENVIRONMENT))
    return Label(known.name_zh, known.name_en) if known else BESIDE.get(symbol, Label(symbol, symbol))


def current(entries: Sequence[Any]) -> dict[Place, Any]:
    """The entry that counts in each place: the last one, unless it takes the place back."""
    last = {one.place: one for one in entries}
    return {place: one for place, one in last.items() if one.text}


def superseded(entries: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Every entry that a later one replaced or took back, with that later one, in order of time."""
    last: dict[Place, Any] = {}
    pairs = []
    for one in entries:
        if one.place in last:
            pairs.append((last[one.place], one))
        last[one.place] = one
    return pairs


def folded(procedure: Procedure, entries: Sequence[Any]) -> dict[str, object]:
    """The record as `protocols.procedures.judging.judge` takes it; equal whatever the order of other places was."""
    texts = {place: one.text for place, one in current(entries).items()}
    record: dict[str, object] = {
        entry.symbol: value
        for entry in procedure.entries
        if not entry.each and (value := _value(entry, texts, 0)) is not None
    }
    for repetition in procedure.repetitions:
        record[repetition.symbol] = [
            {
                entry.symbol: value
                for entry in procedure.entries
                if entry.each == repetition.symbol and (value := _value(entry, texts, row)) is not None
            }
            for row in rows_of(procedure, repetition.symbol, texts)
        ]
    if (STOPPED, 0, 1) in texts:
        record[STOPPED] = texts[STOPPED, 0, 1]
    return record


def rows_of(procedure: Procedure, repetition: str, places: Mapping[Place, object]) -> list[int]:
    """The rows of a repetition in which anything stands."""
    mine = {entry.symbol for entry in procedure.entries if entry.each == repetition}
    return sorted({row for symbol, row, _ in places if symbol in mine})


def _value(entry: Entry, texts: Mapping[Place, str], row: int) -> object | None:
    first, second = (texts.get((entry.symbol, row, reading)) for reading in (1, 2))
    if entry.double:
        # One reading alone is no value yet: it is missing until somebody has read a second time.
        return None if first is None or second is None else [read(entry, first), read(entry, second)]
    return None if first is None else read(entry, first)


def read(entry: Entry, text: str) -> object:
    """A text as the value of an entry; `BadInput` naming the entry, what is wrong and what to write."""
    if entry.kind == "number":
        return _number(entry, text)
    if entry.kind == "pairs":
        return _pairs(entry, text)
    if entry.kind == "time":
        return _time(entry, text)
    choices = {"choice": entry.choices, "yes-no": YES_NO, "rating": RATINGS}.get(entry.kind)
    if choices is not None and text not in choices:
        raise _bad(entry, f"choose one of {', '.join(choices)}", f"请选择：{'、'.join(choices)}")
    return text


def _number(entry: Entry, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _bad(entry, "write a number with a decimal point", "请填写数字，小数点用“.”")
    if not entry.least <= value <= entry.most:
        low, high = f"{entry.least:g}", f"{entry.most:g}"
        raise _bad(
            entry, f"it lies between {low} and {high} {entry.unit}", f"数值应在 {low} 至 {high} {entry.unit} 之间"
        )
    return value


def _pairs(entry: Entry, text: str) -> list[list[float]]:
    rows = [line.replace(",", " ").split() for line in text.splitlines() if line.strip()]
    try:
        return [[float(first), float(second)] for first, second in rows]
    except ValueError as error:
        raise _bad(entry, "write two numbers on each line", "每行填写两个数") from error


def _time(entry: Entry, text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _bad(entry, "write a time with its zone, or press Now", "请填写带时区的时刻，或按“现在”")
    return text


def _bad(entry: Entry, en: str, zh: str) -> BadInput:
    return BadInput(f"{entry.name_en} ({entry.symbol}): {en}.", f"{entry.name_zh}（{entry.symbol}）：{zh}。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where something may be written: the procedure's own entry, or none for what stands beside it."""

    symbol: str
    entry: Entry | None


def spot_of(procedure: Procedure, symbol: str, row: int, reading: int) -> Spot:
    """Where ``symbol`` stands in the record; `BadInput` for a place that the procedure does not have."""
    entry = next((one for one in procedure.entries if one.symbol == symbol), None)
    if entry is not None:
        fits = (1 <= row <= MOST_ROWS) if entry.each else row == 0
        known = fits and (reading == 1 or (reading == 2 and entry.double))
    else:
        known = reading == 1 and _beside(procedure, symbol, row)
    if not known:
        raise BadInput(
            f"The record has no place {symbol}, row {row}, reading {reading}.",
            f"记录中没有“{symbol}”第 {row} 行第 {reading} 次读数的位置。",
        )
    return Spot(symbol=symbol, entry=entry)


def _beside(procedure: Procedure, symbol: str, row: int) -> bool:
    if symbol == EQUIPMENT:
        return 1 <= row <= MOST_ROWS
    name = symbol.removeprefix(ENVIRONMENT)
    return row == 0 and (symbol in OWN or (symbol != name and name in procedure.environment))
