"""Equipment: registered once, calibrated by certificates that cannot be changed, fit or unfit on a day."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest

from lims.demonstration import journey
from lims.equipment import operations, queries
from lims.equipment.models import Calibration
from lims.errors import BadInput, Forbidden, NotFound
from lims.laboratory import Laboratory

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database
DAY = timedelta(days=1)
START = date(2030, 3, 1)
CERTIFICATE = {
    "certificate": "JL-2030-7", "provider_zh": "计量院", "provider_en": "metrology institute", "symbol": "G",
    "unit": "W/m2", "calibrated_on": START, "due_on": START + 365 * DAY, "c0": 0.5, "c1": 1.01, "range_low": -20.0,
    "range_high": 1500.0, "uncertainty_relative": 0.005,
}  # fmt: skip
INSTRUMENT = {
    "number": "HB-EQ-0100", "name_zh": "总辐射表", "name_en": "pyranometer", "manufacturer": "EKO", "model": "MS-80",
    "serial_number": "1", "location": "roof",
}  # fmt: skip


def _calibrate(laboratory: Laboratory, by: str = "quality", **changed: object) -> Calibration:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        equipment = queries.by_number(work.session, "HB-EQ-0001")
        return operations.calibrate(work, equipment, **(CERTIFICATE | changed))


def test_a_new_certificate_is_the_valid_one_from_its_day_on(laboratory: Laboratory) -> None:
    _calibrate(laboratory)
    _calibrate(laboratory, certificate="JL-2030-8", calibrated_on=START + 9 * DAY, c0=0.7)
    with laboratory.database.read() as session:
        equipment = queries.by_number(session, "HB-EQ-0001")
        found = [queries.calibration_on(equipment, "G", START + n * DAY) for n in (-1, 0, 8, 9, 365, 366)]
    names = [one.certificate if one else None for one in found]
    assert names == [None, "JL-2030-7", "JL-2030-7", "JL-2030-8", "JL-2030-8", None]


@ONE_KIND
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"due_on": START}, "the due date must follow"),
        ({"range_low": 1500.0}, "the range must not be empty"),
        ({"c1": 0.0}, "the slope must not be zero"),
        ({"uncertainty_relative": 0.0}, "give the standard uncertainty of G"),
        ({"uncertainty_relative": -0.1}, "give the standard uncertainty of G"),
        *(({name: math.nan}, "must be finite") for name in ("c0", "c1", "range_low", "range_high")),
        ({"range_high": math.inf}, "must be finite"),
        ({"uncertainty_absolute": math.nan}, "must be finite"),
        ({"unit": "furlong per"}, "is not a unit"),
        ({"unit": "K"}, "another quantity"),
        ({"symbol": "nonsense"}, "'nonsense'"),
        ({"certificate": "DEMO-2017-0001"}, "is entered already"),
    ],
)
def test_a_certificate_that_cannot_be_is_refused_in_a_sentence(
    laboratory: Laboratory, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        _calibrate(laboratory, **changed)


@ONE_KIND
@pytest.mark.parametrize("by", ["technician", "office", "reviewer", "signatory", "admin", "shen"])
def test_only_the_quality_manager_writes_in_the_register(laboratory: Laboratory, by: str) -> None:
    with pytest.raises(Forbidden):
        _calibrate(laboratory, by=by)
    with pytest.raises(Forbidden), laboratory.work(journey.actor(laboratory, by)) as work:
        operations.register(work, **INSTRUMENT)
    with laboratory.work(journey.actor(laboratory, by)) as work:
        equipment = queries.by_number(work.session, "HB-EQ-0001")
        with pytest.raises(Forbidden):
            operations.set_in_service(work, equipment, in_service=False, reason="dropped")


def test_an_instrument_is_registered_once(laboratory: Laboratory) -> None:
    def register() -> None:
        with laboratory.work(journey.actor(laboratory, "quality")) as work:
            operations.register(work, **INSTRUMENT)

    register()
    with pytest.raises(BadInput, match="HB-EQ-0100 is registered already"):
        register()
    with laboratory.database.read() as session, pytest.raises(NotFound, match="no equipment HB-EQ-0999"):
        queries.by_number(session, "HB-EQ-0999")


@ONE_KIND
def test_out_of_service_needs_a_reason_and_makes_unfit(laboratory: Laboratory) -> None:
    def put(in_service: bool, reason: str) -> None:
        with laboratory.work(journey.actor(laboratory, "quality")) as work:
            equipment = queries.by_number(work.session, "HB-EQ-0001")
            operations.set_in_service(work, equipment, in_service=in_service, reason=reason)

    def unfit() -> str:
        with laboratory.database.read() as session:
            equipment = queries.by_number(session, "HB-EQ-0001")
            found = queries.unfit(equipment, ["G"], laboratory.clock().date())
        return found.en if found else ""

    with pytest.raises(BadInput, match="Give a reason"):
        put(False, "  ")
    assert unfit() == ""
    put(False, "dropped")
    assert unfit() == "HB-EQ-0001 pyranometer, hemispherical is out of service."
    put(True, "repaired and checked")
    assert unfit() == ""


@ONE_KIND
def test_those_due_soon_are_listed(laboratory: Laboratory) -> None:
    today = laboratory.clock().date()
    with laboratory.database.read() as session:
        assert queries.due_before(session, today) == []
        assert len(queries.due_before(session, today + 3650 * DAY)) == 6
