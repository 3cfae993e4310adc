"""The books of an exposure: what a simulated month holds, what is missing, where days begin, and a real record."""

import math

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from protocols.procedures.exposure import Books, books, class_conditions
from protocols.record import Common, Record
from protocols.refusals import NotEvaluable
from tests.protocols.conftest import ROOT
from tests.protocols.procedures.records import PROCEDURES, shipped

Array = NDArray[np.float64]
DAY = 86400.0
PEAK = 1100.0


def month(days: int = 30, interval: float = 300.0) -> tuple[Array, Array]:
    """Days of a half sine from 6 to 18 h, 0 at night, G at the middle of each sample."""
    time = (np.arange(days * round(DAY / interval)) + 0.5) * interval
    return time, np.maximum(PEAK * np.sin(np.pi * (time % DAY - 0.25 * DAY) / (0.5 * DAY)), 0.0)


def kept(time: Array, G: Array, t_amb: float = 25.0, **options: float) -> Books:
    thresholds = {"irradiance": 800.0, "ambient": 10.0, **options}
    return books(record=Record(time=time, columns={"G": G, "t_amb": np.full_like(G, t_amb)}), **thresholds)


def test_a_simulated_month_gives_the_integral_and_the_hours_of_the_half_sine() -> None:
    made = kept(*month())
    assert made.irradiation == pytest.approx(30 * PEAK * DAY / np.pi / 1e6, rel=1e-4)
    above = (0.5 - math.asin(800.0 / PEAK) / np.pi) * 24.0
    assert made.hours == pytest.approx(30 * above, abs=30 * 300.0 / 3600.0)
    assert made.hourly.shape == (30, 24)
    assert made.daily == pytest.approx(made.irradiation / 30)
    assert made.hourly.sum() == pytest.approx(made.irradiation, rel=1e-12)
    assert (made.missing, made.unknown, made.hourly_missing.max()) == (0.0, 0.0, 0.0)
    assert (made.days_above(14.0), made.days_above(40.0)) == (30, 0)


def test_no_hour_counts_when_it_is_too_cold_and_the_thresholds_themselves_count() -> None:
    time, G = month(days=1)
    assert kept(time, G, t_amb=9.999).hours == 0.0
    assert kept(time, np.full_like(G, 800.0), t_amb=10.0).hours == 24.0


def test_missing_irradiance_is_missing_time_and_not_darkness() -> None:
    time, G = month(days=2)
    noon = (time > 11 * 3600) & (time < 13 * 3600)
    made = kept(time, np.where(noon, np.nan, G))
    assert made.missing == made.unknown == 2.0
    assert np.isnan(made.hourly[0, 11:13]).all()
    assert made.hourly_missing[0, 11:13].tolist() == [3600.0, 3600.0]
    assert made.irradiation == pytest.approx(kept(time, G).irradiation - np.sum(G[noon]) * 300.0 / 1e6)


def test_rows_that_are_not_there_are_missing_as_well() -> None:
    time, G = month(days=2)
    there = (time < 11 * 3600) | (time > 13 * 3600)
    with_gap, with_nan = kept(time[there], G[there]), kept(time, np.where(there, G, np.nan))
    for name in ("irradiation", "hours", "missing", "unknown"):
        assert getattr(with_gap, name) == pytest.approx(getattr(with_nan, name), abs=1e-12)
    np.testing.assert_allclose(with_gap.hourly_missing, with_nan.hourly_missing)


def test_an_ambient_temperature_that_is_missing_leaves_only_bright_hours_unknown() -> None:
    time, G = month(days=1)
    record = Record(time=time, columns={"G": G, "t_amb": np.full_like(G, np.nan)})
    made = books(record=record, irradiance=800.0, ambient=10.0)
    assert (made.hours, made.missing) == (0.0, 0.0)
    assert made.unknown == kept(time, G).hours


def test_days_begin_at_local_midnight() -> None:
    time, G = month(days=2)
    utc, china = kept(time, G), kept(time - 8 * 3600.0, G, utc_offset=8 * 3600.0)
    np.testing.assert_array_equal(china.hourly, utc.hourly)
    assert (china.day - utc.day == -8 * 3600.0).all()


def test_a_record_that_begins_and_ends_within_days_misses_only_what_lies_between() -> None:
    time, G = month(days=2)
    part = (time > 7 * 3600) & (time < DAY + 9 * 3600)
    made = kept(time[part], G[part])
    assert made.hourly.shape == (2, 24)
    assert made.missing == made.hourly_missing.max() == 0.0
    assert np.isnan(made.hourly[0, :7]).all()
    assert np.isnan(made.hourly[1, 9:]).all()


def test_the_pyranometers_calibration_stays_common_to_all_samples() -> None:
    time, G = month(days=10)
    sensor = (Common(symbol="G", relative=0.01), Common(symbol="G", absolute=2.0), Common(symbol="t_amb", absolute=9.0))
    record = Record(time=time, columns={"G": G, "t_amb": G}, uncertainties=sensor)
    made = books(record=record, irradiance=800.0, ambient=10.0)
    assert made.irradiation_uncertainty == pytest.approx(math.hypot(0.01 * made.irradiation, 2.0 * 10 * DAY / 1e6))


@given(factor=st.floats(0.1, 10.0), cut=st.integers(1, 500))
def test_irradiation_scales_and_two_parts_are_the_whole(factor: float, cut: int) -> None:
    time, G = month(days=2)
    whole = kept(time, G)
    assert kept(time, factor * G).irradiation == pytest.approx(factor * whole.irradiation)
    first, second = kept(time[: cut + 1], G[: cut + 1]), kept(time[cut + 1 :], G[cut + 1 :])
    assert first.irradiation + second.irradiation == pytest.approx(whole.irradiation)
    assert first.hours + second.hours == pytest.approx(whole.hours)


@pytest.mark.parametrize(
    ("time", "sentence"),
    [
        ([0.0], "at least two samples"),
        ([0.0, 60.0, 120.0, 130.0, 190.0], "follow each other after 10 s and usually after 60 s"),
        ([0.0, 7000.0, 14000.0], "7000 s is not a part of an hour"),
    ],
)
def test_samples_that_cannot_be_counted_are_refused(time: list[float], sentence: str) -> None:
    times = np.array(time)
    with pytest.raises(NotEvaluable, match=sentence):
        kept(times, np.ones_like(times))


def test_a_missing_column_is_refused_by_name() -> None:
    with pytest.raises(NotEvaluable, match="no column t_amb"):
        books(record=Record(time=np.arange(3.0), columns={"G": np.ones(3)}), irradiance=1.0, ambient=1.0)


@pytest.mark.parametrize(("class_", "expected"), [("A", (1000.0, 20.0)), ("B", (900.0, 15.0)), ("C", (800.0, 10.0))])
def test_the_conditions_of_a_class_come_from_the_limit_table(class_: str, expected: tuple[float, float]) -> None:
    irradiance, ambient = class_conditions(shipped(PROCEDURES["iso9806-2017-exposure"]), class_)
    assert (irradiance.value, ambient.value) == expected


def test_two_months_in_graz_are_those_that_a_database_counts(graz_columns: tuple[Array, dict[str, Array]]) -> None:
    time, columns = graz_columns
    record = Record(time=time, columns={"G": columns["G"], "t_amb": columns["t_amb"]})
    made = books(record=record, irradiance=800.0, ambient=10.0)
    file = ROOT / "lims" / "demonstration" / "graz" / "graz_2017-07_2017-08_1min.parquet"
    H, minutes, missing = duckdb.sql(
        "select sum(rd_gti) * 60 / 1e6, count(*) filter (rd_gti >= 800 and te_amb >= 283.15), "
        f"count(*) filter (rd_gti is null or isnan(rd_gti)) from '{file}' where not isnan(coalesce(rd_gti, 0))"
    ).fetchall()[0]
    assert made.irradiation == pytest.approx(H, rel=1e-9)
    assert made.hours == pytest.approx(minutes / 60.0)
    assert np.nansum(made.daily) == pytest.approx(H, rel=1e-9)
    assert made.missing >= missing / 60.0
