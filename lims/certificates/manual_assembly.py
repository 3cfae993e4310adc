"""The facts of a report of a manual test, gathered from its sealed record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from lims.certificates import facts as f
from lims.clock import day_of
from lims.equipment import queries as equipment_queries
from lims.equipment.models import Calibration, Equipment
from lims.manual import queries, sealed
from lims.manual import record as records
from lims.manual.models import ManualTest
from lims.store import Store


def sealed_record(store: Store, test: ManualTest) -> tuple[dict[str, Any], dict[str, Any]]:
    """The record of a test and its judgement as they were submitted."""
    return queries.submitted(store, test.record_sha256), queries.submitted(store, test.judgement_sha256)


def method_of(test: ManualTest, record: Mapping[str, Any]) -> f.TestMethod:
    """The procedure as the method of a report; its edition is cited as "GB/T 6424-2007"."""
    procedure = queries.procedure_of(test)
    standard, _, edition = procedure.edition.replace(":", "-").rpartition("-")
    return f.TestMethod(
        id=procedure.id,
        standard=standard,
        edition=edition,
        clause=procedure.clause,
        title=f.Text(procedure.title_zh, procedure.title_en),
        digest=str(record.get("program_sha256", "")),
    )


def days_of(record: Mapping[str, Any], zone: str) -> tuple[date | None, date | None]:
    """The first and the last day on which something was written that counts."""
    counts = records.current(sealed.entries_of(record)).values()
    days = sorted(day_of(datetime.fromisoformat(one.at), zone) for one in counts)
    return (days[0], days[-1]) if days else (None, None)


def equipment_of(session: Session, record: Mapping[str, Any], zone: str) -> tuple[f.Equipment, ...]:
    """One line for each certificate that was valid on the days of the test; what needs none stands in the record."""
    first, last = days_of(record, zone)
    counts = records.current(sealed.entries_of(record))
    numbers = {one.text for (symbol, _, _), one in counts.items() if symbol == records.EQUIPMENT}
    if first is None or last is None:
        return ()
    known = equipment_queries.of_numbers(session, numbers)
    return tuple(_line(one, each) for one in known for each in _valid(one, first, last))


def _valid(one: Equipment, first: date, last: date) -> Iterator[Calibration]:
    """Its certificates that cover the test; none that does: the last one, so that the report says why it is refused."""
    certificates = {each.certificate: each for each in one.calibrations}
    covering = [each for each in certificates.values() if each.calibrated_on <= first and last <= each.due_on]
    latest = sorted(certificates.values(), key=lambda each: each.due_on)[-1:]
    yield from covering or latest


def _line(instrument: Equipment, one: Calibration) -> f.Equipment:
    return f.Equipment(
        number=instrument.number,
        name=f.Text(instrument.name_zh, instrument.name_en),
        serial=instrument.serial_number,
        certificate=one.certificate,
        calibrated_on=one.calibrated_on,
        due_on=one.due_on,
    )
