"""Evacuated tubes: formulas, records, spectra, requirements of both editions."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from protocols.limits import read_limits
from protocols.method import NotEvaluable, Outcome, methods
from protocols.record import Common, Record
from protocols.requirements.products import judge_both_ways, judge_dimension
from protocols.requirements.tubes import tube_requirements
from protocols.tubes.tubes import solar_weighted, solar_weighted_uncertainty, stagnation_parameter, tube_heat_loss
from tests.protocols.conftest import ROOT
from tests.protocols.examples.tubes import (
    A_A,
    COMMON,
    H_35,
    MASS,
    NOON,
    U_LT,
    hot_columns,
    still_columns,
    tube_case,
    warming_columns,
)

STAGNATION, IRRADIATION, LOSS = (f"gbt17049-2005-{test}" for test in ("stagnation", "irradiation", "heat-loss"))
OLD, NEW = "GB/T 17049-2005", "GB/T 17049-2024"
ROWS = tube_requirements(prefix="gbt17049-2005")
READINGS: dict[str, Any] = {"t_1": 80.0, "t_2": 78.0, "t_3": 76.0, "t_amb": 18.0}
TUBE = {"mass": 1.5, "area": 0.25, "duration": 3600.0, "c_p": 4186.8}


def limits(table: str) -> Any:
    return read_limits(ROOT / "config" / "limits" / f"{table}.toml")


def only(outcome: Outcome) -> Any:
    (found,) = outcome.coefficients
    return found


def codes(outcome: Outcome) -> set[str]:
    return {note.code for note in outcome.notes}


# --- formulas ---


@given(shift=st.floats(-15.0, 15.0), times=st.floats(0.1, 10.0))
def test_a_loss_coefficient_keeps_to_differences_and_to_mass_over_area(shift: float, times: float) -> None:
    moved = {symbol: value + shift for symbol, value in READINGS.items()}
    scaled = {**TUBE, "mass": TUBE["mass"] * times, "area": TUBE["area"] * times}
    assert tube_heat_loss(**moved, **scaled) == pytest.approx(tube_heat_loss(**READINGS, **TUBE), rel=1e-9)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"t_2": 81.0}, "cool from reading to reading"),
        ({"t_3": 78.0}, "cool from reading to reading"),
        ({"t_1": np.nan}, "cool from reading to reading"),
        ({"t_amb": 76.0}, "not above the surroundings"),
        ({"t_amb": np.nan}, "numbers above zero"),
        ({"mass": 0.0}, "numbers above zero"),
        ({"area": -1.0}, "numbers above zero"),
    ],
)
def test_readings_that_give_no_loss_are_refused(change: dict[str, float], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        tube_heat_loss(**{**READINGS, **TUBE, **change})


def test_a_stagnation_parameter_needs_sun() -> None:
    with pytest.raises(ValueError, match="above zero"):
        stagnation_parameter(t_tube=200.0, t_amb=20.0, G=[900.0, 0.0])


@given(
    values=npst.arrays(np.float64, 12, elements=st.floats(0.0, 1.0)),
    weights=npst.arrays(np.float64, 12, elements=st.floats(0.01, 5.0)),
    times=st.floats(1e-3, 1e3),
)
def test_a_weighted_property_lies_within_its_table_and_keeps_to_the_shape_of_the_spectrum(
    values: Any, weights: Any, times: float
) -> None:
    found = solar_weighted(values=values, weights=weights)
    assert values.min() - 1e-12 <= found <= values.max() + 1e-12
    assert solar_weighted(values=values, weights=times * weights) == pytest.approx(found, abs=1e-12)
    assert solar_weighted(values=values[::-1], weights=weights[::-1]) == pytest.approx(found, abs=1e-12)
    # alpha = 1 - rho of an opaque coating
    assert solar_weighted(values=1.0 - values, weights=weights) == pytest.approx(1.0 - found, abs=1e-12)


def test_errors_of_a_spectrum_average_out_unless_they_are_common() -> None:
    table = {"values": np.full(100, 0.9), "weights": np.ones(100)}
    assert solar_weighted_uncertainty(**table, random=0.01) == pytest.approx((0.001, 0.0))
    assert solar_weighted_uncertainty(**table, common=0.01) == pytest.approx((0.0, 0.01))
    with pytest.raises(ValueError, match="not negative"):
        solar_weighted_uncertainty(**table, random=-0.01)


@pytest.mark.parametrize(
    ("values", "weights", "sentence"),
    [
        ([0.9, 0.8], [1.0], "one weight for each wavelength"),
        ([], [], "one weight for each wavelength"),
        ([0.9, np.nan], [1.0, 1.0], "not a number"),
        ([0.9, 0.8], [1.0, -1.0], "must not be negative"),
        ([0.9, 0.8], [0.0, 0.0], "must not be negative and not all be zero"),
        ([90.0, 80.0], [1.0, 1.0], "not per cent"),
    ],
)
def test_a_spectrum_that_cannot_be_weighted_is_refused(values: Any, weights: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        solar_weighted(values=values, weights=weights)


# --- records ---


def test_intervals_without_steady_sun_are_refused_and_the_rest_is_used() -> None:
    G = still_columns()[1]["G"].copy()
    G[:20] = 700.0
    outcome = tube_case(STAGNATION, columns={"G": G}).evaluate()
    assert outcome.diagnostics["intervals"] == 2
    assert "G minimum" in {one.code for one in outcome.refusals}
    with pytest.raises(NotEvaluable):
        tube_case(STAGNATION, columns={"G": G - 200.0}).evaluate()


def test_wind_refuses_only_where_it_was_measured() -> None:
    windy = {"u": np.full(60, 6.0)}
    with pytest.raises(NotEvaluable):
        tube_case(STAGNATION, columns=windy).evaluate()
    case = tube_case(STAGNATION)
    calm = {symbol: values for symbol, values in case.record.columns.items() if symbol != "u"}
    assert "no wind" in codes(replace(case, record=Record(time=case.record.time, columns=calm)).evaluate())


def test_the_noise_of_a_tube_is_random_and_its_calibration_common() -> None:
    time, columns = still_columns(noise=0.3)
    case = tube_case(STAGNATION)
    found = only(replace(case, record=Record(time=time, columns=columns, uncertainties=COMMON)).evaluate())
    # 1 % of G, 0.2 K and 0.1 K over 0.93 kW/m2
    assert found.common_uncertainty == pytest.approx(np.hypot(0.01 * found.value, np.hypot(0.2, 0.1) / 0.93), rel=0.02)
    assert 0.0 < found.random_uncertainty < 1.0


def test_one_interval_says_that_it_is_one() -> None:
    case = tube_case(STAGNATION)
    rows = slice(16)
    short = Record(time=case.record.time[rows], columns={s: v[rows] for s, v in case.record.columns.items()})
    assert "one interval" in codes(replace(case, record=short).evaluate())


@pytest.mark.parametrize("every", [1, 2, 4])
def test_an_irradiation_does_not_depend_on_the_sampling(every: int) -> None:
    time, columns = warming_columns()
    case = tube_case(IRRADIATION)
    thin = Record(time=time[::every], columns={s: v[::every] for s, v in columns.items()})
    assert only(replace(case, record=thin).evaluate()).value == pytest.approx(H_35, rel=5e-6)  # G bends between


def test_a_count_can_begin_at_a_stated_temperature() -> None:
    stated = only(tube_case(IRRADIATION, t_start=24.0).evaluate())
    assert stated.value == pytest.approx(H_35, rel=1e-6)
    with pytest.raises(NotEvaluable, match="above t_start"):
        tube_case(IRRADIATION, t_start=20.0).evaluate()
    with pytest.raises(NotEvaluable, match=r"does not warm by 35 K above 50\.00 degC"):
        tube_case(IRRADIATION, t_start=50.0).evaluate()


def test_the_uncertainty_of_an_irradiation_is_the_pyranometers_and_the_noise_at_both_ends() -> None:
    time, columns = warming_columns()
    case, rng, found = tube_case(IRRADIATION, t_start=24.0), np.random.default_rng(1), []
    for _ in range(100):
        noisy = {**columns, "t_tube": columns["t_tube"] + rng.normal(0.0, 0.05, time.size)}
        record = Record(time=time, columns=noisy, uncertainties=COMMON)
        found.append(only(replace(case, record=record).evaluate()))
    assert found[0].common_uncertainty / found[0].value == pytest.approx(0.01, rel=0.02)  # that of t_tube cancels
    stated = np.mean([one.random_uncertainty for one in found])
    assert stated == pytest.approx(H_35 * 0.05 * np.sqrt(2.0) / 35.0, rel=0.1)  # 0.05 K at either end of 35 K
    assert 0.6 * stated < np.std([one.value for one in found]) < 1.1 * stated


def test_a_gap_while_the_tube_warms_is_refused_and_a_dim_one_told() -> None:
    G = warming_columns()[1]["G"].copy()
    gap = G.copy()
    gap[100:108] = np.nan
    with pytest.raises(NotEvaluable, match=r"G .* is missing for 180 s"):
        tube_case(IRRADIATION, columns={"G": gap}).evaluate()
    G[100] = 500.0
    assert "condition irradiation_G_min" in codes(tube_case(IRRADIATION, columns={"G": G}).evaluate())
    assert "condition irradiation_G_min" not in codes(tube_case(IRRADIATION).evaluate())


def test_three_readings_give_the_same_loss_as_a_record() -> None:
    time, columns = hot_columns()
    rows = np.isin(time, NOON + np.array([0.0, 1800.0, 3600.0]))
    case = tube_case(LOSS)
    three = Record(time=time[rows], columns={s: v[rows] for s, v in columns.items()})
    assert only(replace(case, record=three).evaluate()).value == pytest.approx(U_LT, rel=1e-12)


def test_an_hour_that_is_not_complete_is_refused() -> None:
    case = tube_case(LOSS)
    early = case.record.time < NOON + 3000.0
    short = Record(time=case.record.time[early], columns={s: v[early] for s, v in case.record.columns.items()})
    with pytest.raises(NotEvaluable, match="no reading of t_tube within 60 s"):
        replace(case, record=short).evaluate()


def test_a_tube_that_begins_too_hot_or_cool_is_refused_or_told() -> None:
    water = hot_columns()[1]["t_tube"]
    with pytest.raises(NotEvaluable, match="never cools to 80 degC"):
        tube_case(LOSS, columns={"t_tube": water + 10.0}).evaluate()
    assert "cool start" in codes(tube_case(LOSS, columns={"t_tube": water - 10.0}).evaluate())
    with pytest.raises(NotEvaluable, match="No heat loss coefficient"):
        tube_case(LOSS, columns={"t_amb": np.full(water.size, 90.0)}).evaluate()


def test_the_budget_of_a_loss_has_readings_mass_and_area() -> None:
    found = only(tube_case(LOSS, u_reading=0.05, u_mass=0.01 * MASS, u_A_A=0.02 * A_A).evaluate())
    assert found.common_uncertainty / found.value == pytest.approx(np.hypot(0.01, 0.02), rel=1e-6)
    fall = U_LT * A_A * 3600.0 / (4186.8 * MASS) * 53.0  # K in the hour, roughly: two readings of 0.05 K decide
    assert found.random_uncertainty / found.value == pytest.approx(0.05 * np.sqrt(2.0) / fall, rel=0.1)
    offset = only(tube_case(LOSS, uncertainties=(Common(symbol="t_tube", absolute=0.2),)).evaluate())
    assert offset.common_uncertainty / offset.value == pytest.approx(0.2 / 52.0, rel=0.05)


def test_the_edition_of_2024_takes_formulas_over_and_confirms_nothing() -> None:
    for test in ("stagnation", "irradiation", "heat-loss"):
        old, new = (only(tube_case(f"gbt17049-{year}-{test}").evaluate()).value for year in (2005, 2024))
        assert old == new
        taken_over = [one for one in limits("gbt17049_2024").values() if one.source != "Heliobench"]
        assert taken_over
        assert not any(one.confirmed for one in taken_over)
    assert methods()["gbt17049-2024-heat-loss"].clause == "6.4, average heat loss coefficient"


# --- requirements ---


@pytest.mark.parametrize(
    ("name", "value", "would_be"),
    [
        ("tau", "0.89", "pass"),
        ("tau", "0.8899", "fail"),
        ("alpha", "0.86", "pass"),
        ("eps", "0.080", "pass"),
        ("eps", "0.0801", "fail"),
        ("Y", "190", "pass"),
        ("Y", "189.9", "fail"),
        ("H_35_47", "3.7", "pass"),
        ("H_35_58", "4.71", "fail"),
        ("U_lt", "0.85", "pass"),
        ("U_lt", "0.851", "fail"),
    ],
)
def test_limits_belong_to_what_they_allow_and_judge_nothing_before_they_are_confirmed(
    name: str, value: str, would_be: str
) -> None:
    both = judge_both_ways(ROWS[name], value, limits("gbt17049_2005"), edition=OLD)
    assert both.full.would_be == would_be
    assert both.full.verdict == "not judged"
    sure = {s: replace(one, confirmed=True) for s, one in limits("gbt17049_2005").items()}
    assert judge_both_ways(ROWS[name], value, sure, edition=OLD).full.verdict == would_be


def test_the_limits_of_2024_were_not_found_and_judge_nothing() -> None:
    rows = tube_requirements(prefix="gbt17049-2024")
    for name in ("alpha", "eps", "Y", "H_35_47", "U_lt"):
        ruling = judge_both_ways(rows[name], "0.9", limits("gbt17049_2024"), edition=NEW).full
        assert (ruling.verdict, ruling.would_be) == ("not judged", "")
        assert "Nobody has found" in ruling.reasons[-1].sentence_en


@pytest.mark.parametrize(
    ("value", "nominal", "would_be"),
    [("58.7", "58", "pass"), ("57.3", "58", "pass"), ("58.71", "58", "fail"), ("46.2", "47", "fail")],
)
def test_a_diameter_may_deviate_by_its_tolerance(value: str, nominal: str, would_be: str) -> None:
    tolerance = limits("gbt17049_2005")["diameter_tolerance"]
    ruling = judge_dimension(value, nominal=nominal, tolerance=tolerance, edition=OLD)
    assert (ruling.verdict, ruling.would_be) == ("not judged", would_be)
    sure = judge_dimension(value, nominal=nominal, tolerance=replace(tolerance, confirmed=True), edition=OLD)
    assert sure.verdict == would_be
    missing = limits("gbt17049_2024")["diameter_tolerance"]
    unknown = judge_dimension(value, nominal=nominal, tolerance=missing, edition=NEW)
    assert (unknown.verdict, unknown.would_be) == ("not judged", "")


def test_the_mean_of_a_loss_is_of_three_readings_and_a_spectrum_weights_its_table() -> None:
    bent = {**READINGS, "t_2": 77.0}
    assert tube_heat_loss(**bent, **TUBE) == pytest.approx(4186.8 * 1.5 * 4.0 / (0.25 * (233.0 / 3.0 - 18.0) * 3600.0))
    assert solar_weighted(values=[0.9, 0.5], weights=[3.0, 1.0]) == pytest.approx(0.8)


def test_the_ambient_temperature_of_a_loss_is_the_mean_of_its_hour() -> None:
    time, columns = hot_columns()
    drifting = columns["t_amb"] + 4.0 * (time - NOON - 1800.0) / 3600.0
    assert only(tube_case(LOSS, columns={"t_amb": drifting}).evaluate()).value == pytest.approx(U_LT, rel=1e-9)


def test_intervals_that_differ_among_themselves_are_as_uncertain_as_they_scatter() -> None:
    still = still_columns()[1]["t_tube"]
    levels = np.repeat([0.0, 2.0, 1.0, 3.0], 15)
    outcome = tube_case(STAGNATION, columns={"t_tube": still + levels, "G": np.full(60, 930.0)}).evaluate()
    assert outcome.diagnostics["intervals"] == 4
    assert only(outcome).random_uncertainty == pytest.approx(np.std([0.0, 2.0, 1.0, 3.0], ddof=1) / 2.0 / 0.93)
