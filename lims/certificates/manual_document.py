"""What a record of a manual test says, as text: for its technical record, its report and its recomputation. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from lims.clock import local
from lims.labels import VERDICTS
from lims.manual import record as records
from lims.manual import sealed
from lims.notation import unit_text
from protocols.procedures.procedure import Entry, Procedure

Told = dict[str, Any]


def told(document: Mapping[str, Any], judgement: Mapping[str, Any] | None, *, zone: str) -> Told:
    """Entries that count, those they replaced, photographs and the judgement.

    document: `heliobench.manual/1`.  judgement: `heliobench.judgement/1`, None where the record cannot be judged.
    """
    procedure, entries = sealed.procedure_of(document), sealed.entries_of(document)
    return {
        "entries": _entries(procedure, records.current(entries), zone),
        "replaced": [_replaced(procedure, old, new, zone) for old, new in records.superseded(entries)],
        "photographs": [_photograph(procedure, one) for one in document.get("photographs", ())],
        "judgement": _judgement(procedure, judgement),
    }


def printed(record: Told) -> dict[str, str]:
    """Every entry, photograph and derived number of a record and its verdict, by key."""
    found = {f"entry.{one['key']}": one["raw"] for one in record["entries"]}
    found |= {f"replaced.{place}": "; ".join(one["raw"]) for place, one in enumerate(record["replaced"], start=1)}
    found |= {f"photograph.{place}": one["sha256"] for place, one in enumerate(record["photographs"], start=1)}
    found |= {f"derived.{one['key']}": one["value"] for one in record["judgement"]["derived"]}
    return found | {"judgement.verdict": record["judgement"]["code"]}


def _pair(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _entries(procedure: Procedure, there: Mapping[records.Place, sealed.Entry], zone: str) -> list[Told]:
    """What counts, in the procedure's order, then what stands beside it."""
    order = {entry.symbol: number for number, entry in enumerate(procedure.entries)}
    known = {entry.symbol: entry for entry in procedure.entries}
    rows = []
    for symbol, row, reading in sorted(there, key=lambda one: (one[1], order.get(one[0], len(order)), one)):
        entry, one = known.get(symbol), there[symbol, row, reading]
        rows.append(
            {
                "key": f"{symbol}.{row}.{reading}",
                "name": _name(procedure, symbol),
                "place": f"{row or ''}{f' ({reading})' if entry and entry.double else ''}",
                "raw": one.text,
                "text": _text(entry, one.text),
                "unit": unit_text(entry.unit) if entry and entry.unit not in ("", "1") else "",
                "who": one.name or one.person,
                "at": _moment(one.at, zone),
            }
        )
    return rows


def _name(procedure: Procedure, symbol: str) -> dict[str, str]:
    name = records.name_of(procedure, symbol)
    return _pair(name.zh, name.en)


def _text(entry: Entry | None, text: str) -> dict[str, str]:
    return _pair(entry.in_chinese(text) if entry is not None else text, text)


def _moment(text: str, zone: str) -> str:
    return local(datetime.fromisoformat(text), zone)


def _replaced(procedure: Procedure, old: sealed.Entry, new: sealed.Entry, zone: str) -> Told:
    entry = records.entry_of(procedure, old.symbol)
    return {
        "name": _name(procedure, old.symbol),
        "place": str(old.row or ""),
        "before": _text(entry, old.text),
        "now": _text(entry, new.text or "–"),
        "who": new.name or new.person,
        "at": _moment(new.at, zone),
        "reason": new.reason,
        "raw": [old.symbol, str(old.row), str(old.reading), old.text, new.text, new.reason],
    }


def _photograph(procedure: Procedure, one: Mapping[str, Any]) -> Told:
    symbol, _, row = str(one["place"]).partition(" ")
    return {
        "name": _name(procedure, symbol),
        "place": "" if row == "0" else row,
        "file": str(one["file"]),
        "sha256": str(one["sha256"]),
    }


def _judgement(procedure: Procedure, judgement: Mapping[str, Any] | None) -> Told:
    if judgement is None:
        return {"code": "", "verdict": _verdict(""), "would_be": None, "reasons": [], "derived": []}
    verdict, would_be = judgement["verdict"], judgement["would_be"]
    return {
        "code": verdict,
        "verdict": _verdict(verdict),
        "would_be": _verdict(would_be) if would_be and verdict == "not judged" else None,
        "reasons": [_pair(note["sentence_zh"], note["sentence_en"]) for note in judgement["reasons"]],
        "derived": list(_derived(procedure, judgement["derived"])),
    }


def _derived(procedure: Procedure, numbers: Mapping[str, float]) -> Iterator[Told]:
    for symbol, value in numbers.items():
        entry = procedure.entry(symbol)
        yield {
            "key": symbol,
            "name": _pair(entry.name_zh, entry.name_en),
            "value": f"{value:.4g}",
            "unit": unit_text(entry.unit) if entry.unit not in ("", "1") else "",
        }


def _verdict(verdict: str) -> dict[str, str]:
    label = VERDICTS[verdict]
    return _pair(label.zh, label.en)
