"""The technical record of a manual test as one document: steps, every entry with who and when, judgement, changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from lims.certificates.record import happened
from lims.certificates.render import render
from lims.clock import local
from lims.errors import Sentence
from lims.items import queries as item_queries
from lims.labels import VERDICTS, state_label
from lims.laboratory import Laboratory
from lims.manual import operations, queries
from lims.manual import record as records
from lims.manual.models import ManualEntry, ManualTest
from lims.notation import unit_text
from protocols.procedures.judging import Judgement
from protocols.procedures.procedure import Procedure, instructions
from protocols.refusals import NotEvaluable

TEMPLATE = "manual_record.typ"
BESIDE = {
    records.EQUIPMENT: ("所用设备", "Equipment"),
    records.DEVIATION: ("偏离", "Deviation"),
    records.REMARK: ("备注", "Remarks"),
    records.STOPPED: ("提前终止", "Stopped early"),
}


def manual_record_pdf(session: Session, laboratory: Laboratory, test: ManualTest) -> bytes:
    """PDF of a record as of now."""
    zone, procedure = laboratory.settings.time_zone, queries.procedure_of(test)
    item, told = item_queries.of_job(session, test.job), laboratory.identity
    steps = instructions(procedure, queries.limits_of(session, procedure))
    content = {
        "number": test.number,
        "version": "1",
        "demonstration": laboratory.settings.demonstration,
        "laboratory": {"name": _pair(told["name_zh"], told["name_en"])},
        "state": _label("manual", test.state),
        "title": _pair(procedure.title_zh, procedure.title_en),
        "edition": f"{procedure.edition}, {procedure.clause}",
        "item": f"{item.number}  {item.name_zh} {item.model} {item.serial_number}",
        "job": f"{test.job.number} / {test.job.request.number}",
        "steps": [_pair(one.zh, one.en) for one in steps],
        "entries": _entries(procedure, test, zone),
        "judgement": _judgement(session, procedure, test),
        "people": _people(test, zone),
        "replaced": [_replaced(old, new, zone) for old, new in records.superseded(test.entries)],
        "changes": list(happened(session, (item.number, test.job.number, test.number), zone)),
        "digests": [one for one in (test.record_sha256, test.judgement_sha256) if one],
        "printed": f"{local(laboratory.clock(), zone)} ({zone})",
    }  # fmt: skip
    return render(content, template=TEMPLATE)


def _replaced(old: ManualEntry, new: ManualEntry, zone: str) -> list[str]:
    when = local(new.at, zone)
    return [old.symbol, str(old.row or ""), old.text, new.text or "–", new.person.name_zh, when, new.reason]


def _pair(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _label(kind: str, state: str) -> dict[str, str]:
    label = state_label(kind, state)
    return _pair(label.zh, label.en)


def _entries(procedure: Procedure, test: ManualTest, zone: str) -> list[dict[str, Any]]:
    """What counts, in the procedure's order, then what stands beside it."""
    order = {entry.symbol: number for number, entry in enumerate(procedure.entries)}
    known = {entry.symbol: entry for entry in procedure.entries}
    there = records.current(test.entries)
    rows = []
    for symbol, row, reading in sorted(there, key=lambda one: (one[1], order.get(one[0], len(order)), one)):
        entry, one = known.get(symbol), there[symbol, row, reading]
        zh, en = (entry.name_zh, entry.name_en) if entry else BESIDE.get(symbol, (symbol, symbol))
        rows.append(
            {
                "name": _pair(zh, en),
                "place": f"{row or ''}{f' ({reading})' if entry and entry.double else ''}",
                "text": one.text,
                "unit": unit_text(entry.unit) if entry and entry.unit else "",
                "who": one.person.name_zh,
                "at": local(one.at, zone),
            }
        )
    return rows


def _judgement(session: Session, procedure: Procedure, test: ManualTest) -> dict[str, Any]:
    try:
        found: Judgement | Sentence = operations.judged(session, test)
    except NotEvaluable as refused:
        found = Sentence(refused.sentence_en, refused.sentence_zh)
    if isinstance(found, Sentence):
        return {"verdict": _verdict(""), "would_be": None, "reasons": [_pair(found.zh, found.en)], "derived": []}
    return {
        "verdict": _verdict(found.verdict),
        "would_be": _verdict(found.would_be) if found.would_be and found.verdict == "not judged" else None,
        "reasons": [_pair(note.sentence_zh, note.sentence_en) for note in found.reasons],
        "derived": [_derived(procedure, symbol, value) for symbol, value in found.derived.items()],
    }


def _derived(procedure: Procedure, symbol: str, value: float) -> dict[str, Any]:
    entry = procedure.entry(symbol)
    return {"name": _pair(entry.name_zh, entry.name_en), "value": f"{value:.4g} {unit_text(entry.unit)}"}


def _verdict(verdict: str) -> dict[str, str]:
    label = VERDICTS[verdict]
    return _pair(label.zh, label.en)


def _people(test: ManualTest, zone: str) -> list[list[str]]:
    signed = (
        ("检测 Tested", test.tested_by, test.tested_at),
        ("审核 Reviewed", test.reviewed_by, test.reviewed_at),
        ("批准 Authorised", test.authorised_by, test.authorised_at),
    )
    return [[role, who.name_zh, local(at, zone)] for role, who, at in signed if who and at]
