"""Filled-in records that are good in every respect, made for any procedure from its own conditions and bounds."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from protocols.limits import Limit, read_limits
from protocols.procedures.procedure import Bound, Entry, Procedure
from protocols.procedures.reading import procedures
from tests.protocols.conftest import ROOT

FOLDER = ROOT / "config" / "procedures"
PROCEDURES = procedures(FOLDER)
OFFERED = {id_: one for id_, one in PROCEDURES.items() if not one.scope_en}

_TEXTS = {"text": "words", "photo": "photo.jpg", "time": "2026-03-01T10:00:00+08:00", "yes-no": "no", "rating": "0"}


@cache
def shipped(procedure: Procedure) -> Mapping[str, Limit]:
    """The limit table of a procedure as it stands."""
    return read_limits(ROOT / "config" / "limits" / f"{procedure.limit_table}.toml")


def confirmed(procedure: Procedure) -> dict[str, Limit]:
    """The same as if somebody had read the standard: all found, all confirmed, all of this edition."""
    return {
        symbol: replace(
            limit, value=limit.value if limit.established else 1.0, confirmed=True, edition=procedure.edition
        )
        for symbol, limit in shipped(procedure).items()
    }


def good_record(procedure: Procedure) -> dict[str, Any]:
    """A record that keeps every condition and passes every criterion, were the limits confirmed."""
    limits = confirmed(procedure)
    values = {entry.symbol: _value(procedure, entry, limits) for entry in procedure.entries}
    for derived in procedure.derived:
        if derived.kind.startswith("difference"):
            values[derived.of[1]] = values[derived.of[0]]
    for bound in procedure.bounds:
        if bound.declared:
            values[bound.declared] = _needed(procedure, bound.declared, limits)
    record: dict[str, Any] = {
        entry.symbol: [values[entry.symbol]] * 2 if entry.double else values[entry.symbol]
        for entry in procedure.entries
        if not entry.each
    }
    for repetition in procedure.repetitions:
        record[repetition.symbol] = _rows(procedure, repetition.symbol, repetition.least, values, limits)
    return record


def _rows(
    procedure: Procedure, symbol: str, least: str, values: Mapping[str, Any], limits: Mapping[str, Limit]
) -> list[dict[str, Any]]:
    row = {entry.symbol: values[entry.symbol] for entry in procedure.entries if entry.each == symbol}
    climbing = [one.of[0] for one in procedure.derived if one.kind == "highest passed"]
    if not climbing:
        return [dict(row) for _ in range(math.ceil(limits[least].value) if least else 2)]
    top, count = values["required"], 8
    return [{**row, climbing[0]: top * number / count} for number in range(1, count + 1)]


def _value(procedure: Procedure, entry: Entry, limits: Mapping[str, Limit]) -> Any:
    if entry.kind == "choice":
        return entry.choices[0]
    if entry.kind == "pairs":
        return [[0.0, 1.0]]
    return _needed(procedure, entry.symbol, limits) if entry.kind == "number" else _TEXTS[entry.kind]


def _needed(procedure: Procedure, symbol: str, limits: Mapping[str, Limit]) -> float:
    """A number that keeps all bounds: the largest lower one, or the target, or the upper one, or one."""
    mine = [one for one in (*procedure.conditions, *procedure.bounds) if one.entry == symbol]
    targets = {one.comparison: _target(procedure, one, limits) for one in mine}
    for comparison in ("at least", "within", "within fraction", "at most"):
        if comparison in targets:
            return targets[comparison]
    return 1.0


def _target(procedure: Procedure, bound: Bound, limits: Mapping[str, Limit]) -> float:
    if bound.declared:
        return 1.0
    name = bound.limit
    if bound.by:
        name += "_" + next(one.choices[0] for one in procedure.entries if one.symbol == bound.by)
    return limits[name].value * (_needed(procedure, bound.times, limits) if bound.times else 1.0)
