"""Check a filled-in record against what its procedure asks: what is there, what is missing, what differs."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from protocols.method import Pairs
from protocols.procedures.procedure import Entry, Procedure
from protocols.procedures.reading import allowed
from protocols.refusals import NotEvaluable

Value = float | str | Pairs

STOPPED = "stopped"
_CLAUSE = "Heliobench, record of a manual test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A required entry that is missing, or whose two readings differ. row: from 1, or 0 for an entry without rows."""

    entry: Entry
    row: int = 0
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A record that has been checked.

    values: of each entry, one for each row (one for an entry without rows); None = missing.
    rows: the number of rows of each repetition.  gaps: what is missing or contradicts itself.
    stopped: why the test was ended before its end; empty = it was carried through.
    """

    values: Mapping[str, tuple[Value | None, ...]]
    rows: Mapping[str, int]
    gaps: tuple[Gap, ...]
    stopped: str

    def numbers(self, symbol: str) -> tuple[float | None, ...]:
        """Give the numbers of an entry, None where one is missing."""
        return tuple(value if isinstance(value, float) else None for value in self.values[symbol])


def checked(procedure: Procedure, record: Mapping[str, object]) -> Entered:
    """Check a record: entries by symbol, a list of rows for each repetition, and "stopped" with a reason.

    An entry that must be given twice is a list of two numbers. NaN, an empty text and an absent key are missing.
    Raises NotEvaluable for an unknown key and for a value of the wrong kind or outside what can be true.
    """
    rows = {one.symbol: _rows(one.symbol, record.get(one.symbol, ())) for one in procedure.repetitions}
    _require_known(procedure, record, rows)
    values: dict[str, tuple[Value | None, ...]] = {}
    gaps: list[Gap] = []
    for entry in procedure.entries:
        sources = rows[entry.each] if entry.each else (record,)
        read = [_read(entry, source.get(entry.symbol)) for source in sources]
        values[entry.symbol] = tuple(value for value, _ in read)
        gaps += _gaps(entry, read)
    return Entered(
        values=values,
        rows={symbol: len(each) for symbol, each in rows.items()},
        gaps=tuple(gaps),
        stopped=_stopped(record.get(STOPPED, "")),
    )


def _gaps(entry: Entry, read: Sequence[tuple[Value | None, bool]]) -> Iterator[Gap]:
    for number, (value, differs) in enumerate(read, start=1):
        if differs or (value is None and entry.required):
            yield Gap(entry=entry, row=number if entry.each else 0, differs=differs)


def _rows(symbol: str, given: object) -> tuple[Mapping[str, object], ...]:
    if not isinstance(given, list | tuple) or not all(isinstance(each, Mapping) for each in given):
        raise _refused(
            f"the entry {symbol} must be a list of rows, each with its own entries; write [[{symbol}]] above each row.",
            f"{symbol} 须为若干行，每行各有其条目；请在每行之上写 [[{symbol}]]。",
        )
    return tuple(given)


def _require_known(
    procedure: Procedure, record: Mapping[str, object], rows: Mapping[str, tuple[Mapping[str, object], ...]]
) -> None:
    for place, given in [("", record), *((symbol, row) for symbol, each in rows.items() for row in each)]:
        known = [one.symbol for one in procedure.entries if one.each == place]
        for key in given:
            if key not in known and (place or key not in (*rows, STOPPED)):
                raise _refused(
                    f"the record has the entry {key!r}, which {procedure.id} does not know"
                    f"{f' in {place}' if place else ''}; known are {', '.join(known)}.",
                    f"记录中的“{key}”不是 {procedure.id} 的条目；可用条目：{'、'.join(known)}。",
                )


def _stopped(given: object) -> str:
    if not isinstance(given, str):
        raise _refused(
            f"the entry stopped is {given!r}; say in words why the test was ended early.",
            f"stopped 为 {given!r}；请用文字说明提前终止试验的原因。",
        )
    return given.strip()


def _read(entry: Entry, given: object) -> tuple[Value | None, bool]:
    """Give the value, or None where it is missing, and whether its two readings differ."""
    if entry.double and not _absent(given):
        return _twice(entry, given)
    return _one(entry, given), False


def _twice(entry: Entry, given: object) -> tuple[Value | None, bool]:
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise _refused(
            f"the entry {entry.symbol} ({entry.name_en}) decides and is entered twice; give two numbers, e.g. "
            "[12.1, 12.1].",
            f"{entry.symbol}（{entry.name_zh}）为判定数值，须录入两次；请给出两个数，例如 [12.1, 12.1]。",
        )
    first, second = (_one(entry, each) for each in given)
    if first is None or second is None:
        return None, False
    return (first, False) if first == second else (None, True)


def _one(entry: Entry, given: object) -> Value | None:
    if _absent(given):
        return None
    if entry.kind == "number":
        return _number(entry, given)
    if entry.kind == "pairs":
        return _pairs(entry, given)
    if entry.kind == "time":
        return _time(entry, given)
    return _text(entry, given)


def _absent(given: object) -> bool:
    return given is None or given == "" or (isinstance(given, float) and math.isnan(given))


def _number(entry: Entry, given: object) -> float:
    if isinstance(given, int | float) and _finite(given) and entry.least <= given <= entry.most:
        return float(given)
    raise _refused(
        f"the entry {entry.symbol} ({entry.name_en}) is {given!r}; give a number from {entry.least:g} to "
        f"{entry.most:g} in {entry.unit}.",
        f"{entry.symbol}（{entry.name_zh}）为 {given!r}；请给出 {entry.least:g} 至 {entry.most:g} 之间的数"
        f"（单位 {entry.unit}）。",
    )


def _text(entry: Entry, given: object) -> str:
    text = {True: "yes", False: "no"}[given] if isinstance(given, bool) and entry.kind == "yes-no" else given
    possible = allowed(entry)
    if isinstance(text, str) and (not possible or text in possible):
        return text
    raise _refused(
        f"the entry {entry.symbol} ({entry.name_en}) is {given!r}; give {' or '.join(possible) or 'a text'}.",
        f"{entry.symbol}（{entry.name_zh}）为 {given!r}；请给出 {' / '.join(possible) or '文字'}。",
    )


def _time(entry: Entry, given: object) -> str:
    try:
        moment = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _refused(
            f"the entry {entry.symbol} ({entry.name_en}) is {given!r}; give date, time and time zone, e.g. "
            "2026-03-01T10:00:00+08:00.",
            f"{entry.symbol}（{entry.name_zh}）为 {given!r}；请给出日期、时间与时区，例如 2026-03-01T10:00:00+08:00。",
        )
    return moment.isoformat()


def _pairs(entry: Entry, given: object) -> Pairs:
    rows = given if isinstance(given, list | tuple) else ()
    good = [each for each in rows if isinstance(each, list | tuple) and len(each) == 2 and all(map(_finite, each))]
    if not rows or len(good) != len(rows):
        raise _refused(
            f"the entry {entry.symbol} ({entry.name_en}) must be a list of pairs of numbers, e.g. [[0, 1], [90, 2]].",
            f"{entry.symbol}（{entry.name_zh}）须为数对列表，例如 [[0, 1], [90, 2]]。",
        )
    return tuple((float(first), float(second)) for first, second in good)


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _refused(english: str, chinese: str) -> NotEvaluable:
    return NotEvaluable(clause=_CLAUSE, sentence_en=english[0].upper() + english[1:], sentence_zh=chinese)
