"""The facts of a report, gathered from the records: the only place that knows both the tables and `ReportFacts`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lims.certificates import facts as f
from lims.certificates import manual_assembly
from lims.certificates.models import Report
from lims.clock import day_of
from lims.equipment import queries as equipment_queries
from lims.equipment.models import Equipment
from lims.errors import Sentence
from lims.items import queries as item_queries
from lims.items.models import Item, ItemProperty
from lims.laboratory import Laboratory
from lims.manual.models import ManualTest
from lims.orders.models import KINDS, Request
from lims.parties.models import Person
from lims.results import conformity
from lims.results import queries as result_queries
from lims.results.evaluation import method_named, software_version
from lims.results.models import Result
from lims.runs.correction import Calibrated
from lims.runs.models import Run
from lims.runs.operations import RECORD_CLOCK
from protocols.method import ItemField

NO_SAMPLING = f.Text(
    "样品由委托单位送检，检测结果仅适用于收到的样品。", "The item was supplied by the customer and tested as received."
)
NO_DEVIATION = f.Text("无。", "None.")
REPLAY = f.Text(
    "演示：仪器为仿真仪器，回放奥地利格拉茨某集热器阵列的实测记录（SOLID GmbH 与 AEE INTEC，CC BY-SA 4.0）；"
    "采样时刻为该记录自身的时刻。",
    "Demonstration: simulated instruments replayed a record measured at a collector array in Graz, Austria (SOLID GmbH "
    "and AEE INTEC, CC BY-SA 4.0); the scans carry the record's own times.",
)


def facts_of(session: Session, laboratory: Laboratory, report: Report, *, issued: date | None) -> f.ReportFacts:
    """Everything a report says, from the records behind it."""
    named: dict[str, Any] = {
        "number": report.number,
        "version": report.version,
        "issued": issued,
        "persons": tuple(_persons(report)),
        "verification_url": f"{laboratory.settings.base_url.rstrip('/')}/verify/{report.code}",
        "verification_code": report.code,
        "language": report.language,
    }
    if isinstance(report.basis, Result):
        return facts_of_result(session, laboratory, report.basis, **named)
    return _facts_of_record(session, laboratory, report.basis, **named)


def facts_of_result(
    session: Session,
    laboratory: Laboratory,
    result: Result,
    *,
    number: str,
    version: int,
    issued: date | None,
    persons: tuple[f.Person, ...],
    verification_url: str = "",
    verification_code: str = "",
    language: str = "both",
) -> f.ReportFacts:
    """Everything that is known of a result, for its report or its technical record."""
    zone = laboratory.settings.time_zone
    item = item_queries.of_job(session, result.job)
    inputs = result_queries.inputs(laboratory.store, result)
    method = method_named(result.method_id)
    outcome = result_queries.outcome(laboratory.store, result)
    agreed = conformity.agreed(session, result.job.request, item=item, inputs=inputs)
    return f.ReportFacts(
        **_of_order(laboratory, result.job.request),
        number=number,
        version=version,
        title=f.Text(method.title_zh, method.title_en),
        item=_item(item, method.item),
        method=f.TestMethod(
            id=method.id, standard=method.standard, edition=method.edition, clause=method.clause,
            title=f.Text(method.title_zh, method.title_en), digest=inputs["program_sha256"],
        ),
        dates=_dates(item, result.run, issued, zone),
        decision_rule=_told(conformity.summary(agreed, conformity.statement(agreed, outcome))),
        conformity=agreed,
        equipment=_equipment(session, inputs, result.run, zone),
        outcome=outcome,
        persons=persons,
        runs=(_run(result.run),),
        software_version=result.software_version.removeprefix("heliobench "),
        verification_url=verification_url,
        verification_code=verification_code,
        remarks=tuple(_remarks(result)),
        language=language,
    )  # fmt: skip


def _facts_of_record(
    session: Session, laboratory: Laboratory, test: ManualTest, *, issued: date | None, **named: Any
) -> f.ReportFacts:
    """Everything a report of a manual test says: its sealed record, its judgement, and what the order agreed on."""
    zone, request = laboratory.settings.time_zone, test.job.request
    record, judgement = manual_assembly.sealed_record(laboratory.store, test)
    item, method = item_queries.of_job(session, test.job), manual_assembly.method_of(test, record)
    first, last = manual_assembly.days_of(record, zone)
    agreed = conformity.agreed(session, request)
    return f.ReportFacts(
        **_of_order(laboratory, request),
        **named,
        title=method.title,
        item=_item(item, ()),
        method=method,
        dates=f.Dates(
            received=day_of(item.received_at, zone) if item.received_at else None, performed_from=first,
            performed_to=last, issued=issued,
        ),
        decision_rule=_told(conformity.manual_summary(agreed)),
        conformity=agreed,
        equipment=manual_assembly.equipment_of(session, record, zone),
        outcome=judgement,
        record=record,
        runs=(),
        software_version=software_version().removeprefix("heliobench "),
    )  # fmt: skip


def _of_order(laboratory: Laboratory, request: Request) -> dict[str, Any]:
    """What a report says of the laboratory, the company and the order, whatever it reports."""
    kind_en, kind_zh = KINDS[request.kind]
    company = request.company
    return {
        "laboratory": _laboratory(laboratory),
        "kind": f.Text(kind_zh, kind_en),
        "customer": f.Customer(
            name=f.Text(company.name_zh, company.name_en),
            address=f.Text(company.address_zh, company.address_en),
            contact=f"{company.contact}  {company.telephone}",
        ),
        "sampling": NO_SAMPLING,
        "deviations": f.Text(request.deviations) if request.deviations else NO_DEVIATION,
        "time_zone": laboratory.settings.time_zone,
    }


def _remarks(result: Result) -> Iterator[f.Text]:
    run = result.run
    if run.clock == RECORD_CLOCK:
        yield REPLAY
    for one in run.file.map.columns if run.file else ():
        if one.corrected_by:
            yield f.Text(
                f"{one.symbol}（{one.equipment or one.name}）的数值在导入前已修正，声明：{one.corrected_by}",
                f"The values of {one.symbol} ({one.equipment or one.name}) were corrected before the import: "
                f"{one.corrected_by}",
            )
    if run.job_id != result.job_id:
        yield f.Text(
            f"本任务（{result.job.number}）采用同一样品在任务 {run.job.number} 中的原始记录 {run.number}。",
            f"This job ({result.job.number}) was evaluated from the raw record {run.number} of {run.job.number} on the "
            "same item.",
        )


def _told(sentence: Sentence | None) -> f.Text:
    return f.Text(sentence.zh, sentence.en) if sentence else f.Text("")


def _laboratory(laboratory: Laboratory) -> f.Laboratory:
    told = laboratory.identity
    return f.Laboratory(
        name=f.Text(told["name_zh"], told["name_en"]),
        address=f.Text(told["address_zh"], told["address_en"]),
        contact=f"{told['telephone']}  {told['email']}",
        location=f.Text(told["location_zh"], told["location_en"]),
        demonstration=laboratory.settings.demonstration,
    )


def _item(item: Item, fields: tuple[ItemField, ...]) -> f.Item:
    known = {one.symbol: one for one in item.properties}
    shown = tuple(_property(known[field.symbol], field) for field in fields if field.symbol in known)
    return f.Item(
        number=item.number,
        description=f.Text(item.name_zh, item.name_en),
        manufacturer=f.Text(item.manufacturer),
        model=item.model,
        serial=item.serial_number,
        condition=f.Text(item.condition),
        properties=shown,
    )


def _property(one: ItemProperty, field: ItemField) -> f.ItemProperty:
    return f.ItemProperty(
        symbol=one.symbol,
        name=f.Text(field.name_zh, field.name_en),
        value=_value(one, field),
        unit=one.unit,
        supplied_by="customer" if one.supplied_by == "company" else "laboratory",
    )


def _value(one: ItemProperty, field: ItemField) -> f.Text:
    if one.number is not None:
        return f.Text(repr(one.number).removesuffix(".0"))
    if field.kind == "pairs":
        count = len(json.loads(one.text))
        return f.Text(f"{count} × 2")  # a table of so many pairs, in every language
    english, chinese = field.in_words(one.text)
    return f.Text(chinese, english)


def _dates(item: Item, run: Run, issued: date | None, zone: str) -> f.Dates:
    def day(moment: datetime | None) -> date | None:
        return moment.astimezone(ZoneInfo(zone)).date() if moment else None

    scans = (day(run.first_scan_at), day(run.last_scan_at))
    replayed = run.clock == RECORD_CLOCK
    performed = (day(run.created_at), day(run.sealed_at)) if replayed else scans
    observed = scans if replayed else (None, None)
    return f.Dates(
        received=day(item.received_at), performed_from=performed[0], performed_to=performed[1], issued=issued,
        observed_from=observed[0], observed_to=observed[1],
    )  # fmt: skip


def _equipment(session: Session, inputs: dict[str, Any], run: Run, zone: str) -> tuple[f.Equipment, ...]:
    """One line for each certificate that was valid on a day of the run."""
    if run.first_scan_at is None or run.last_scan_at is None:
        return ()
    first, last = (m.astimezone(ZoneInfo(zone)).date() for m in (run.first_scan_at, run.last_scan_at))
    used = [Calibrated.from_dict(one) for one in inputs["calibrations"]]
    certificates = {
        (one.equipment, one.certificate): one for one in used if one.calibrated_on <= last and one.due_on >= first
    }
    instruments = {one.number: one for one in equipment_queries.of_numbers(session, {one.equipment for one in used})}
    return tuple(_line(instruments[number], one) for (number, _), one in sorted(certificates.items()))


def _line(instrument: Equipment, one: Calibrated) -> f.Equipment:
    return f.Equipment(
        number=instrument.number,
        name=f.Text(instrument.name_zh, instrument.name_en),
        serial=instrument.serial_number,
        certificate=one.certificate,
        calibrated_on=one.calibrated_on,
        due_on=one.due_on,
    )


def _persons(report: Report) -> list[f.Person]:
    """Who signs the report: the tester, and those who checked and authorised it."""
    return _signed(
        (report.tested_by, report.basis.tested_at),
        (report.reviewed_by, report.checked_at),
        (report.authorised_by, report.authorised_at),
    )


def signed_result(result: Result) -> tuple[f.Person, ...]:
    """Who has signed the result itself so far."""
    return tuple(
        _signed(
            (result.tested_by, result.tested_at),
            (result.reviewed_by, result.reviewed_at),
            (result.authorised_by, result.authorised_at),
        )
    )


ROLES: tuple[tuple[f.Role, f.Text], ...] = (
    ("tested", f.Text("检测员", "Technician")),
    ("reviewed", f.Text("审核人", "Reviewer")),
    ("authorised", f.Text("授权签字人", "Authorised signatory")),
)


def _signed(*three: tuple[Person | None, datetime | None]) -> list[f.Person]:
    return [
        f.Person(role=role, name=f.Text(person.name_zh, person.name_en), title=title, time=time)
        for (role, title), (person, time) in zip(ROLES, three, strict=True)
        if person is not None and time is not None
    ]


def _run(run: Run) -> f.RawRun:
    if run.first_scan_at is None or run.last_scan_at is None:
        raise ValueError(f"{run.number} holds no scan; a run without one cannot be sealed")
    return f.RawRun(
        number=run.number, bench=run.bench, started=run.first_scan_at, ended=run.last_scan_at, scans=run.scans,
        segments=tuple(segment.sha256 for segment in run.segments), head=run.head,
        file=run.file.name if run.file else "",
    )  # fmt: skip
