"""Correction: the calibration valid on the day of each reading, exactly, in the right unit, within its range."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.errors import BadInput, Refused
from lims.runs.correction import Calibrated, Corrected, correct

ZONE = "Asia/Shanghai"
CERTIFICATE = Calibrated(
    equipment="HB-EQ-0001", certificate="C-1", symbol="G", unit="W/m2", calibrated_on=date(2017, 5, 15),
    due_on=date(2018, 5, 14), c0=1.2, c1=1.004, range_low=-20.0, range_high=1500.0, uncertainty_absolute=0.0,
    uncertainty_relative=0.0075,
)  # fmt: skip
NEXT = replace(CERTIFICATE, certificate="C-2", calibrated_on=date(2017, 7, 20), c0=-2.0, c1=0.99)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def corrected(
    indicated: list[float],
    *certificates: Calibrated,
    times: list[str] | None = None,
    symbol: str = "G",
    unit: str = "W/m2",
    wanted: str = "W/m2",
    zone: str = ZONE,
) -> Corrected:
    start = at("2017-07-03 04:00")
    time = [at(text) for text in times] if times else [start + 60 * n for n in range(len(indicated))]
    return correct(
        time=np.array(time), indicated={symbol: np.array(indicated)}, units={symbol: unit}, wanted={symbol: wanted},
        equipment={symbol: "HB-EQ-0001"}, calibrations=certificates, zone=zone,
    )  # fmt: skip


def test_a_linear_correction_is_exact() -> None:
    found = corrected([0.0, 1000.0], CERTIFICATE)
    assert found.columns["G"].tolist() == [1.2, 1.2 + 1.004 * 1000.0]
    assert found.notes == ()


def test_the_uncertainty_and_its_source_come_from_the_certificate() -> None:
    (common,) = corrected([500.0], CERTIFICATE).uncertainties
    assert (common.symbol, common.absolute, common.relative) == ("G", 0.0, 0.0075)
    assert common.source == "HB-EQ-0001 C-1"


def test_each_reading_takes_the_newest_certificate_of_its_own_day() -> None:
    found = corrected(
        [100.0] * 3, NEXT, CERTIFICATE, times=["2017-07-19 04:00", "2017-07-20 04:00", "2017-07-21 04:00"]
    )
    assert found.columns["G"] == pytest.approx([101.6, 97.0, 97.0], abs=1e-12)
    assert found.uncertainties[0].source == "HB-EQ-0001 C-1, HB-EQ-0001 C-2"


@pytest.mark.parametrize(("zone", "expected"), [("Asia/Shanghai", 97.0), ("UTC", 101.6), ("Europe/Vienna", 101.6)])
def test_that_day_is_the_day_of_the_sites_time_zone(zone: str, expected: float) -> None:
    found = corrected([100.0], CERTIFICATE, NEXT, times=["2017-07-19 16:30"], zone=zone)
    assert found.columns["G"] == pytest.approx([expected], abs=1e-12)


def test_where_certificates_change_the_larger_uncertainty_counts() -> None:
    wider = replace(NEXT, uncertainty_relative=0.01, uncertainty_absolute=0.5)
    (common,) = corrected([1.0, 1.0], CERTIFICATE, wider, times=["2017-07-19 04:00", "2017-07-21 04:00"]).uncertainties
    assert (common.absolute, common.relative) == (0.5, 0.01)


@pytest.mark.parametrize(
    ("day", "valid"), [("2017-05-14", False), ("2017-05-15", True), ("2018-05-14", True), ("2018-05-15", False)]
)
def test_a_certificate_holds_from_its_day_to_its_due_day_and_else_the_evaluation_is_refused(
    day: str, valid: bool
) -> None:
    if valid:
        assert corrected([1.0], CERTIFICATE, times=[f"{day} 04:00"]).columns["G"].size == 1
        return
    with pytest.raises(Refused) as refused:
        corrected([1.0], CERTIFICATE, times=[f"{day} 04:00"])
    assert refused.value.sentence_en.startswith(f"HB-EQ-0001 had no valid calibration of G on {day}:")
    assert refused.value.sentence_zh.startswith(f"HB-EQ-0001 在 {day} 没有 G 的有效校准")


@pytest.mark.parametrize("other", [{"equipment": "HB-EQ-0002"}, {"symbol": "Gd"}])
def test_the_certificate_of_another_instrument_or_quantity_does_not_count(other: dict[str, str]) -> None:
    with pytest.raises(Refused, match="no valid calibration of G"):
        corrected([1.0], replace(CERTIFICATE, **other))


def test_one_day_without_a_certificate_refuses_the_whole_run() -> None:
    with pytest.raises(Refused, match="2018-05-15"):
        corrected([1.0, 1.0], CERTIFICATE, times=["2018-05-14 04:00", "2018-05-15 04:00"])


def test_a_reading_outside_the_calibrated_range_becomes_missing_and_is_told() -> None:
    found = corrected([-20.0, -20.001, 1500.0, 1500.001, np.nan], CERTIFICATE)
    assert np.isnan(found.columns["G"]).tolist() == [False, True, False, True, True]
    (note,) = found.notes
    assert note.en == "2 readings of G (HB-EQ-0001) lay outside the calibrated range and were not used."
    assert "2 个读数超出校准范围" in note.zh


def test_a_missing_reading_stays_missing_without_a_note() -> None:
    found = corrected([np.nan, 1.0], CERTIFICATE)
    assert np.isnan(found.columns["G"]).tolist() == [True, False]
    assert found.notes == ()


THERMOMETER = replace(
    CERTIFICATE, symbol="t_in", unit="K", c0=0.5, c1=1.0, range_low=273.15, range_high=373.15,
    uncertainty_absolute=0.03, uncertainty_relative=0.0,
)  # fmt: skip


def test_readings_and_certificate_and_method_may_each_have_their_own_unit() -> None:
    """The instrument shows degC, the certificate speaks K, the method wants degC; 20.0 + 0.5 is 20.5 in each."""
    found = corrected([20.0, -0.1, 100.1], THERMOMETER, symbol="t_in", unit="degC", wanted="degC")
    assert found.columns["t_in"][:1] == pytest.approx([20.5], abs=1e-9)
    assert np.isnan(found.columns["t_in"][1:]).all()


def test_an_uncertainty_is_converted_as_a_difference() -> None:
    (common,) = corrected([20.0], THERMOMETER, symbol="t_in", unit="degC", wanted="degC").uncertainties
    assert common.absolute == pytest.approx(0.03, abs=1e-12)
    flow = replace(CERTIFICATE, symbol="V_dot", unit="l/min", range_high=60.0, uncertainty_absolute=0.6)
    (common,) = corrected([0.0005], flow, symbol="V_dot", unit="m3/s", wanted="m3/s").uncertainties
    assert common.absolute == pytest.approx(1e-5, rel=1e-12)


def test_a_certificate_of_another_quantity_is_refused_in_a_sentence() -> None:
    with pytest.raises(BadInput, match="another quantity"):
        corrected([1.0], replace(CERTIFICATE, unit="degC"))


def test_a_certificate_survives_the_way_through_json() -> None:
    assert Calibrated.from_dict(CERTIFICATE.as_dict()) == CERTIFICATE


number = st.floats(-1000.0, 1000.0)


@given(plant=st.lists(number, min_size=1, max_size=20), c0=st.floats(-10, 10), c1=st.floats(0.5, 2.0))
def test_correcting_an_instrument_that_errs_by_the_inverse_gives_back_the_plant(
    plant: list[float], c0: float, c1: float
) -> None:
    certificate = replace(CERTIFICATE, c0=c0, c1=c1, range_low=-1e5, range_high=1e5)
    found = corrected([(true - c0) / c1 for true in plant], certificate)
    assert found.columns["G"] == pytest.approx(plant, abs=1e-9)


@given(hours=st.lists(st.integers(0, 24 * 60), min_size=1, max_size=50))
def test_every_reading_is_corrected_by_the_certificate_a_clerk_would_pick(hours: list[int]) -> None:
    """One certificate a week, picked again reading by reading with the calendar alone."""
    start, week = datetime(2017, 6, 1, tzinfo=UTC), timedelta(days=7)
    certificates = [
        replace(CERTIFICATE, certificate=f"W{n}", c0=float(n), c1=1.0, calibrated_on=(start + n * week).date())
        for n in range(-1, 10)
    ]
    moments = [start + timedelta(hours=hour) for hour in sorted(set(hours))]
    found = corrected([0.0] * len(moments), *certificates, times=[f"{m:%Y-%m-%d %H:%M}" for m in moments])
    local = [(moment + timedelta(hours=8)).date() for moment in moments]  # China has no summer time
    assert found.columns["G"].tolist() == [(day - start.date()).days // 7 for day in local]
