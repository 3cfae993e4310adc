"""The technical record of a manual test as one document: steps, every entry with who and when, judgement, changes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lims.certificates.manual_document import told
from lims.certificates.record import happened
from lims.certificates.render import render
from lims.clock import local
from lims.items import queries as item_queries
from lims.labels import state_label
from lims.laboratory import Laboratory
from lims.manual import operations, queries
from lims.manual.models import ManualTest
from lims.manual.sealed import judgement_document
from protocols.clauses import clause_zh
from protocols.procedures.procedure import instructions
from protocols.refusals import NotEvaluable

TEMPLATE = "manual_record.typ"


def manual_record_pdf(session: Session, laboratory: Laboratory, test: ManualTest) -> bytes:
    """PDF of a record as of now; once it was submitted, of the record as it was sealed."""
    zone, procedure = laboratory.settings.time_zone, queries.procedure_of(test)
    item, names = item_queries.of_job(session, test.job), laboratory.identity
    steps = instructions(procedure, queries.limits_of(session, procedure))
    content = {
        "number": test.number,
        "version": "1",
        "demonstration": laboratory.settings.demonstration,
        "laboratory": {"name": _pair(names["name_zh"], names["name_en"])},
        "state": _label("manual", test.state),
        "title": _pair(procedure.title_zh, procedure.title_en),
        "edition": _pair(
            f"{procedure.edition}，{clause_zh(procedure.clause)}", f"{procedure.edition}, {procedure.clause}"
        ),
        "item": f"{item.number}  {item.name_zh} {item.model} {item.serial_number}",
        "job": f"{test.job.number} / {test.job.request.number}",
        "steps": [_pair(one.zh, one.en) for one in steps],
        "record": _record(session, laboratory, test, zone),
        "people": _people(test, zone),
        "changes": list(happened(session, (item.number, test.job.number, test.number), zone)),
        "digests": [one for one in (test.record_sha256, test.judgement_sha256) if one],
        "printed": f"{local(laboratory.clock(), zone)} ({zone})",
    }  # fmt: skip
    return render(content, template=TEMPLATE)


def _record(session: Session, laboratory: Laboratory, test: ManualTest, zone: str) -> dict[str, object]:
    store = laboratory.store
    if test.state in queries.SEALED:
        record, judgement = (queries.submitted(store, one) for one in (test.record_sha256, test.judgement_sha256))
        return told(record, judgement, zone=zone)
    document = operations.document(session, test)
    try:
        return told(document, judgement_document(operations.judged(session, store, test)), zone=zone)
    except NotEvaluable as refused:
        found = told(document, None, zone=zone)
        found["judgement"]["reasons"] = [_pair(refused.sentence_zh, refused.sentence_en)]
        return found


def _pair(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _label(kind: str, state: str) -> dict[str, str]:
    label = state_label(kind, state)
    return _pair(label.zh, label.en)


def _people(test: ManualTest, zone: str) -> list[list[str]]:
    signed = (
        ("检测 Tested", test.tested_by, test.tested_at),
        ("审核 Reviewed", test.reviewed_by, test.reviewed_at),
        ("批准 Authorised", test.authorised_by, test.authorised_at),
    )
    return [[role, who.name_zh, local(at, zone)] for role, who, at in signed if who and at]
