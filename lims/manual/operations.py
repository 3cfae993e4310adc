"""Verbs about manual tests: begin, write, submit, review, authorise, send back, void."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from lims.attachments import queries as attachments
from lims.canonical import canonical_json
from lims.clock import iso
from lims.equipment import queries as equipment_queries
from lims.errors import BadInput, Refused, Sentence, refuse
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.laboratory import Work
from lims.manual import queries, surroundings
from lims.manual import record as records
from lims.manual.models import ManualEntry, ManualTest
from lims.manual.sealed import judgement_document, program_digest
from lims.orders import operations as orders
from lims.orders import queries as order_queries
from lims.orders import sampled
from lims.orders.models import Job
from lims.parties import queries as party_queries
from lims.store import Store
from lims.workflow import JOB, MANUAL, Facts, not_the_sampler, refusal
from protocols.limits import limit_as_dict, limit_from_dict
from protocols.procedures.judging import Judgement, judge
from protocols.procedures.procedure import Procedure
from protocols.refusals import NotEvaluable

ACTIVITY = {"submit": "test", "review": "review", "authorise": "authorise"}


def begin(work: Work, job_number: str) -> ManualTest:
    """Begin the record of a job's manual test, or go on with the one under way.

    Asks for competence, and starts job and item. Raises `BadInput` for a job that a bench measures.
    """
    work.actor.require("run.record")
    if work.actor.id is None:
        raise Refused("A named person tests.", "检测须由具名人员进行。")
    job = order_queries.job_by_number(work.session, job_number)
    if not job.procedure_id:
        raise BadInput(
            f"{job_number} is no manual test; it is run on a bench.", f"{job_number} 不是人工试验，须在试验台上进行。"
        )
    under_way = next((one for one in queries.of_job(work.session, job) if one.state != "void"), None)
    if under_way is not None:
        return under_way
    _start(work, job)
    test = ManualTest(
        number=work.number("RG"), job_id=job.id, procedure_id=job.procedure_id, created_at=work.now,
        tested_by_id=work.actor.id,
    )  # fmt: skip
    work.session.add(test)
    work.session.flush()
    work.record("manual", test.number, "begin", target=test.state, job=job.number, procedure=job.procedure_id)
    return test


def _start(work: Work, job: Job) -> None:
    facts = sampled.told(work.session, job, work.actor.id, Facts(competent=_able(work, job.code, "test")))
    if job.state in ("running", "measured"):  # an earlier record was voided
        refuse(refusal(JOB, "start", _Planned(job.number), work.actor, facts))
        return
    orders.act_on_job(work, job.number, "start", facts)
    item = item_queries.of_job(work.session, job)
    if item.state != "in_test":
        items.act(work, item.number, "start_test")


class _Planned:
    """A job as it was before its first record: what guards its start guards every other record, too."""

    state = "planned"

    def __init__(self, number: str) -> None:
        self.number = number


def _able(work: Work, code: str, activity: str) -> bool:
    return party_queries.is_competent(
        work.session, person_id=work.actor.id, method_id=code, activity=activity, day=work.today
    )


def write(
    work: Work, number: str, *, symbol: str, text: str, row: int = 0, reading: int = 1, reason: str = ""
) -> ManualEntry | None:
    """Write one entry; None if the same stands there already. Replacing one needs a reason, and keeps it.

    Raises `Refused` for a record that is submitted, without competence or a reason, `BadInput` for a text that cannot
    be the entry's value, or for equipment that is not fit today.
    """
    work.actor.require("run.record")
    test = queries.by_number(work.session, number, lock=True)
    if test.state != "open":
        raise Refused(f"{number} was submitted; it is written no more.", f"{number} 已提交，不能再填写。")
    if work.actor.id is None or not _able(work, test.job.code, "test"):
        raise Refused(
            f"{work.actor.name} is not authorised for this manual test today; the quality manager can authorise.",
            f"{work.actor.name} 目前未获得该试验的授权；质量负责人可以授权。",
        )
    refuse(not_the_sampler(test, work.actor, sampled.told(work.session, test.job, work.actor.id, Facts())))
    cleaned = _checked(work, queries.procedure_of(test), symbol, row, reading, text.strip())
    before = records.current(test.entries).get((symbol, row, reading))
    if (before.text if before else "") == cleaned:
        return None
    if before is not None and not reason.strip():
        raise Refused(
            "An entry stands here already; say why it is changed. Both are kept.",
            "此处已有记录；请说明更改理由。更改前后的内容均会保留。",
            code="reason",
        )
    entry = ManualEntry(
        test_id=test.id, symbol=symbol, row=row, reading=reading, text=cleaned, reason=reason.strip(), at=work.now,
        person_id=work.actor.id,
    )  # fmt: skip
    work.session.add(entry)
    work.session.flush()
    work.session.refresh(test, ["entries"])
    work.record(
        "manual", number, "write", procedure=test.procedure_id, symbol=symbol, row=row, reading=reading, text=cleaned,
        why=reason.strip(),
    )  # fmt: skip
    return entry


def _checked(work: Work, procedure: Procedure, symbol: str, row: int, reading: int, text: str) -> str:
    spot = records.spot_of(procedure, symbol, row, reading)
    if len(text) > records.LONGEST:
        raise BadInput(f"At most {records.LONGEST} characters fit here.", f"此处最多 {records.LONGEST} 个字符。")
    if text and spot.entry is not None:
        records.read(spot.entry, text)
    if text and symbol == records.EQUIPMENT:
        _require_fit(work, text)
    return text


def _require_fit(work: Work, number: str) -> None:
    """The instrument is in the register, in service, and one of its calibrations covers today."""
    found = equipment_queries.of_numbers(work.session, [number])
    if not found:
        raise BadInput(f"There is no equipment {number} in the register.", f"设备台账中没有 {number}。")
    one = found[0]
    if not one.in_service:
        raise Refused(f"{number} is out of service.", f"{number} 已停用。")
    if one.calibrations and all(each.due_on < work.today for each in one.calibrations):
        last = max(each.due_on for each in one.calibrations)
        raise Refused(
            f"The calibration of {number} ended on {last}; use another instrument.",
            f"{number} 的校准已于 {last} 到期；请改用其他设备。",
        )


def judged(session: Session, store: Store, test: ManualTest) -> Judgement:
    """What the record says as it stands: once it was submitted, by the limits that counted then."""
    if test.state not in queries.SEALED:
        return _judge_now(session, test)
    procedure, filed = queries.procedure_of(test), queries.submitted(store, test.record_sha256)["limits"]
    limits = {symbol: limit_from_dict(one) for symbol, one in filed.items()}
    return judge(procedure, records.folded(procedure, test.entries), limits)


def _judge_now(session: Session, test: ManualTest) -> Judgement:
    procedure = queries.procedure_of(test)
    return judge(procedure, records.folded(procedure, test.entries), queries.limits_of(session, procedure))


def act(work: Work, number: str, action: str, reason: str = "") -> ManualTest:
    """Any action of the record's machine; who did it and when is kept with it."""
    test = queries.by_number(work.session, number)
    able = action not in ACTIVITY or _able(work, test.job.code, ACTIVITY[action])
    if action == "submit" and test.state == "open" and able:
        surroundings.attach(work, test)
    missing = tuple(_missing(work.session, test)) if action == "submit" else ()
    if action in ("submit", "authorise"):
        missing = (*missing, *_without_instrument(test))
    facts = Facts(reason=reason, competent=able, missing=missing)
    facts = sampled.told(work.session, test.job, work.actor.id, facts)
    work.move(MANUAL, action, test, facts, record=test.record_sha256)
    _sign_for(work, test, action)
    work.session.flush()
    work.session.refresh(test)
    return test


def _missing(session: Session, test: ManualTest) -> Iterator[Sentence]:
    """What stands against submitting: entries that are missing or read twice unlike, unless the test was stopped."""
    try:
        judgement = _judge_now(session, test)
    except NotEvaluable as refused:
        yield Sentence(refused.sentence_en, refused.sentence_zh)
        return
    stopped = (records.STOPPED, 0, 1) in records.current(test.entries)
    if judgement.missing and not stopped:
        names = ", ".join(judgement.missing)
        yield Sentence(
            f"The record lacks, or reads twice unlike: {names}. Fill it in, or say why the test was stopped.",
            f"记录缺少以下内容，或两次读数不一致：{names}。请补全，或说明试验提前终止的原因。",
        )


def _without_instrument(test: ManualTest) -> Iterator[Sentence]:
    """A number that decides was measured with something, and its calibration has to be known (17025 7.5.1, 6.4)."""
    there, procedure = records.current(test.entries), queries.procedure_of(test)
    symbols = {symbol for symbol, _, _ in there}
    decisive = [entry for entry in procedure.measured if entry.symbol in symbols]
    if not decisive or records.EQUIPMENT in symbols:
        return
    names_en = ", ".join(entry.name_en for entry in decisive)
    names_zh = "、".join(entry.name_zh for entry in decisive)
    back = test.state != "open"
    yield Sentence(
        f"No instrument is named in {test.number}, and what was measured decides ({names_en}). "
        + ("Refer the record back, so that each instrument is scanned." if back else "Scan each instrument used."),
        f"{test.number} 未登记所用仪器，而判定取决于测量值（{names_zh}）。"
        + ("请退回记录，补充扫描所用仪器。" if back else "请扫描所用的每台仪器。"),
    )


def _sign_for(work: Work, test: ManualTest, action: str) -> None:
    if action == "submit":
        _seal(work, test)
        test.tested_at = work.now
        if test.job.state == "running":  # it was measured before, when the record came back
            orders.act_on_job(work, test.job.number, "measure")
    elif action == "review":
        test.reviewed_by_id, test.reviewed_at = work.actor.id, work.now
    elif action == "authorise":
        test.authorised_by_id, test.authorised_at = work.actor.id, work.now
        orders.act_on_job(work, test.job.number, "finish")
    elif action in ("send_back", "refer_back"):
        test.reviewed_by_id = test.reviewed_at = test.tested_at = None


def _seal(work: Work, test: ManualTest) -> None:
    """Keep the record and its judgement as they are submitted, by digest."""
    judgement = _judge_now(work.session, test)
    test.verdict = judgement.verdict
    test.record_sha256 = work.store.put(canonical_json(document(work.session, test)))
    test.judgement_sha256 = work.store.put(canonical_json(judgement_document(judgement)))


def document(session: Session, test: ManualTest) -> dict[str, Any]:
    """The whole record (schema heliobench.manual/1): every entry ever made, what counts of them, the photographs."""
    procedure = queries.procedure_of(test)
    return {
        "schema": records.SCHEMA,
        "number": test.number,
        "job": test.job.number,
        "procedure": procedure.id,
        "edition": procedure.edition,
        "record": records.folded(procedure, test.entries),
        "entries": [
            {
                "symbol": one.symbol, "row": one.row, "reading": one.reading, "text": one.text, "reason": one.reason,
                "at": iso(one.at), "person": one.person.username, "name": one.person.name_zh,
            }
            for one in test.entries
        ],
        "limits": {symbol: limit_as_dict(one) for symbol, one in queries.limits_of(session, procedure).items()},
        "photographs": [
            {"place": one.purpose, "file": one.name, "bytes": one.size, "sha256": one.sha256}
            for one in attachments.of(session, "manual", test.number)
        ],
        "program_sha256": program_digest(procedure),
    }  # fmt: skip
