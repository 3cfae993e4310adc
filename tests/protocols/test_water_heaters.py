"""Solar water heaters after GB/T 18708-2002: formulas, guards, records of a day and of a night, uncertainties."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pvlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.limits import Limit
from protocols.method import NotEvaluable, Outcome
from protocols.record import Common, Record
from protocols.requirements.spot_check import pass_rate, possible_failures
from protocols.water_heaters.solar_noon import date_of, local_day, solar_noon
from protocols.water_heaters.spans import Span
from protocols.water_heaters.store_shape import Cylinder, insulation_loss
from protocols.water_heaters.store_water import water_between
from protocols.water_heaters.water_heater import (
    cooled_temperature,
    heat_loss_factor,
    scaled_to_reference,
    store_loss_coefficient,
    useful_heat,
)
from tests.protocols.conftest import Case
from tests.protocols.examples.water_heaters import (
    COMMON,
    DAY,
    HALF,
    NOON,
    PLACE,
    U_SL,
    daily_case,
    day_columns,
    drawn_case,
    night_case,
)

NIGHT_SECONDS = 28800.0


def by_symbol(outcome: Outcome) -> dict[str, Any]:
    return {one.symbol: one for one in outcome.coefficients}


def codes(outcome: Outcome) -> set[str]:
    return {note.code for note in outcome.notes}


def with_limit(case: Case, symbol: str, value: float) -> Case:
    limits: dict[str, Limit] = {**case.limits, symbol: replace(case.limits[symbol], value=value)}
    return replace(case, limits=limits)


# --- formulas ---


@given(U_sl=st.floats(1.0, 100.0), t_amb=st.floats(-20.0, 30.0), above=st.floats(5.0, 60.0), hours=st.floats(1.0, 24.0))
def test_a_store_that_cools_by_a_factor_is_measured_to_have_that_factor(
    U_sl: float, t_amb: float, above: float, hours: float
) -> None:
    duration = 3600.0 * hours
    t_last = cooled_temperature(U_sl=U_sl, t_first=t_amb + above, t_amb=t_amb, duration=duration)
    found = heat_loss_factor(t_first=t_amb + above, t_last=t_last, t_amb=t_amb, duration=duration)
    assert found == pytest.approx(U_sl, rel=1e-9)


@given(shift=st.floats(-40.0, 40.0))
def test_only_differences_of_temperature_matter_to_the_loss(shift: float) -> None:
    moved = heat_loss_factor(t_first=52.3 + shift, t_last=49.6 + shift, t_amb=16.4 + shift, duration=NIGHT_SECONDS)
    assert moved == pytest.approx(11.3665, abs=5e-5)  # case S21


@pytest.mark.parametrize(
    ("t_first", "t_last", "t_amb", "duration", "sentence"),
    [
        (50.0, 50.0, 20.0, 28800.0, "has not cooled"),
        (50.0, 51.0, 20.0, 28800.0, "has not cooled"),
        (50.0, 20.0, 20.0, 28800.0, "not above the surroundings"),
        (50.0, 15.0, 20.0, 28800.0, "not above the surroundings"),
        (math.nan, 45.0, 20.0, 28800.0, "has not cooled"),
        (50.0, math.nan, 20.0, 28800.0, "has not cooled"),
        (50.0, 45.0, math.nan, 28800.0, "not above the surroundings"),
        (50.0, 45.0, 20.0, 0.0, "the night lasts 0.0 s"),
        (50.0, 45.0, 20.0, math.nan, "the night lasts nan s"),
    ],
)
def test_readings_without_a_loss_are_refused(
    t_first: float, t_last: float, t_amb: float, duration: float, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        heat_loss_factor(t_first=t_first, t_last=t_last, t_amb=t_amb, duration=duration)


def test_useful_heat_and_scaling_refuse_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="volume above zero"):
        useful_heat(V_s=0.0, t_first=20.0, t_last=45.0)
    with pytest.raises(ValueError, match="both"):
        useful_heat(V_s=0.1, t_first=20.0, t_last=math.nan)
    with pytest.raises(ValueError, match="without sun"):
        scaled_to_reference(q=7.0, H=0.0, reference=17.0)


def test_a_published_temperature_of_30_degrees_does_not_follow_from_1_kW_over_4_h() -> None:
    heat = useful_heat(V_s=0.2, t_first=12.0, t_last=30.0, water=water_between(t_first=12.0, t_last=30.0))
    assert heat > 15.0  # 14.4 MJ were given: case S01, a slip of its source


def test_the_constants_of_practice_state_a_third_of_a_per_cent_more_heat_than_water_holds() -> None:
    practice = useful_heat(V_s=0.15, t_first=20.0, t_last=60.0)
    physical = useful_heat(
        V_s=0.15, t_first=20.0, t_last=60.0, water=water_between(t_first=20.0, t_last=60.0, convention="iapws")
    )
    # steam tables at 0.1 MPa: 998.21 kg/m3 at 20 degC, enthalpy 84.01 and 251.25 kJ/kg
    assert physical == pytest.approx(0.15 * 998.21 * (251.25 - 84.01) * 1e-3, rel=1e-4)
    assert practice / physical == pytest.approx(1.0032, abs=1e-4)
    assert water_between(t_first=20.0, t_last=20.0, convention="iapws").c_p == pytest.approx(4184.1, abs=0.5)
    with pytest.raises(ValueError, match="'practice' or 'iapws'"):
        water_between(t_first=20.0, t_last=60.0, convention="tap")


def test_a_store_of_another_shape_or_no_insulation_is_refused() -> None:
    assert store_loss_coefficient(U_sl=12.0, V_s=0.15) == pytest.approx(1.8)
    with pytest.raises(ValueError, match="holds nothing"):
        Cylinder(diameter=0.0, height=1.0)
    with pytest.raises(ValueError, match="above zero"):
        insulation_loss(store=Cylinder(diameter=0.4, height=1.0), thickness=0.0, conductivity=0.04)


def test_a_spot_check_counts_and_finds_a_rate_that_no_count_gives() -> None:
    assert str(pass_rate(products=60, failed=5)) == "91.7"  # case S09
    assert str(pass_rate(products=16, failed=1, interval="0.1")) == "93.8"  # 93.75, a tie to the even digit
    assert possible_failures(products=64, rate="95.3") == (3,)
    assert possible_failures(products=64, rate="95.4") == ()  # case S12
    for products, failed in ((0, 0), (5, 6), (5, -1)):
        with pytest.raises(ValueError, match="check the counts"):
            pass_rate(products=products, failed=failed)


# --- the day ---


@pytest.mark.parametrize(
    ("latitude", "longitude", "date"),
    [
        (30.5, 120.7, "2026-07-01"),
        (47.05, 15.4, "2026-02-11"),
        (-33.9, -70.7, "2026-11-03"),
        (10.0, 150.0, "2026-04-15"),
    ],
)
def test_solar_noon_is_that_of_another_program(latitude: float, longitude: float, date: str) -> None:
    midday = pd.Timestamp(f"{date} 12:00", tz="UTC") - pd.Timedelta(seconds=240.0 * longitude)
    day = local_day(time=midday.timestamp(), longitude=longitude)
    assert date_of(day) == date
    found = pvlib.solarposition.sun_rise_set_transit_spa(pd.DatetimeIndex([midday]), latitude, longitude)
    ours = solar_noon(day=day, latitude=latitude, longitude=longitude)
    assert ours == pytest.approx(found["transit"].iloc[0].timestamp(), abs=3.0)


@pytest.mark.parametrize("step", [1.0, 10.0, 60.0, 120.0])
def test_the_sampling_hardly_matters_to_the_irradiation(step: float) -> None:
    time, columns = day_columns(step=step)
    case = daily_case()
    found = by_symbol(replace(case, record=Record(time=time, columns=columns)).evaluate())
    assert found["H"].value == pytest.approx(19.0539266, rel=2e-5)


def test_a_short_gap_is_bridged_and_a_long_one_refuses_the_day() -> None:
    columns = day_columns()[1]
    short, long = columns["G"].copy(), columns["G"].copy()
    short[300:304], long[300:307] = np.nan, np.nan
    whole = by_symbol(daily_case().evaluate())["H"].value
    assert by_symbol(daily_case(columns={"G": short}).evaluate())["H"].value == pytest.approx(whole, rel=1e-5)
    with pytest.raises(NotEvaluable, match="missing for 480 s within the test, more than the 300 s"):
        daily_case(columns={"G": long}).evaluate()


def test_a_record_that_begins_after_the_test_hours_is_refused() -> None:
    time, columns = day_columns()
    late = time > NOON - HALF + 1800.0
    record = Record(time=time[late], columns={s: v[late] for s, v in columns.items()})
    with pytest.raises(NotEvaluable, match=r"G .* is missing for 18"):
        replace(daily_case(), record=record).evaluate()


def test_a_record_of_two_days_asks_which_one_and_takes_the_one_named() -> None:
    time, columns = day_columns()
    both = Record(
        time=np.concatenate([time, time + 86400.0]),
        columns={s: np.concatenate([v, v * (0.5 if s == "G" else 1.0)]) for s, v in columns.items()},
    )
    case = replace(daily_case(), record=both)
    with pytest.raises(NotEvaluable, match=f"it holds: {date_of(DAY)}, {date_of(DAY + 1)}"):
        case.evaluate()
    second = by_symbol(replace(case, item={**case.item, "date": date_of(DAY + 1)}).evaluate())
    assert second["H"].value == pytest.approx(19.054 / 2.0, rel=2e-3)
    with pytest.raises(NotEvaluable, match="name one by `date`"):
        replace(case, item={**case.item, "date": "2026-08-01"}).evaluate()


@pytest.mark.parametrize(("before", "when"), [(True, "before the begin"), (False, "after the end")])
def test_a_store_that_was_not_read_is_refused(before: bool, when: str) -> None:
    time, columns = day_columns()
    store = columns["t_store"].copy()
    store[(time < NOON) if before else (time > NOON)] = np.nan
    with pytest.raises(NotEvaluable, match=when):
        daily_case(columns={"t_store": store}).evaluate()


def test_a_store_read_late_or_not_mixed_is_told() -> None:
    time = day_columns()[0]
    store = np.full(time.size, np.nan)
    store[time < NOON - HALF] = 20.0
    late = (time > NOON + HALF + 3600.0) & (time < NOON + HALF + 3900.0)
    store[late] = 44.0 + np.linspace(0.0, 2.0, late.sum())
    outcome = daily_case(columns={"t_store": store}).evaluate()
    assert {"late reading", "store not mixed"} <= codes(outcome)
    assert not {"late reading", "store not mixed"} & codes(daily_case().evaluate())


def test_conditions_that_were_not_kept_are_told_each_by_name() -> None:
    time, columns = day_columns()
    warm = {"t_amb": columns["t_amb"] + 8.0, "u": columns["u"] + 3.0, "t_store": columns["t_store"] - 1.0}
    found = codes(daily_case(columns=warm).evaluate())
    asked = {"condition day_t_amb_max", "condition day_u_max", "condition day_t_first", "condition day_t_last_min"}
    assert asked <= found
    assert not asked & codes(daily_case().evaluate())
    assert "no wind" in codes(daily_case(columns={"u": np.full(time.size, np.nan)}).evaluate())


def test_an_established_range_of_irradiation_refuses_a_day_outside_it() -> None:
    case = daily_case()
    assert "range of scaling not established" in codes(case.evaluate())
    within = with_limit(with_limit(case, "H_min", 16.0), "H_max", 20.0)
    assert "range of scaling not established" not in codes(within.evaluate())
    with pytest.raises(NotEvaluable, match="outside 16 to 18 MJ/m2"):
        with_limit(within, "H_max", 18.0).evaluate()


def test_drawing_off_gives_the_heat_of_the_water_drawn() -> None:
    outcome = drawn_case().evaluate()
    # 44 min of 10 L/min, falling straight from 25.5 K to nothing
    expected = 1000.0 * 4186.8 * 0.01 / 60.0 * 25.5 / 2.0 * 2640.0 / 1e6
    assert by_symbol(outcome)["Q_day"].value == pytest.approx(expected, rel=1e-3)
    assert "draw-off short" not in codes(drawn_case(V_s=0.14).evaluate())
    assert "draw-off short" in codes(drawn_case(V_s=0.16).evaluate())


def test_drawing_off_asks_for_its_columns_and_for_a_flow() -> None:
    with pytest.raises(NotEvaluable, match="no column V_dot "):
        daily_case(gain_by="draw-off").evaluate()
    case = drawn_case()
    still = {**case.record.columns, "V_dot": np.zeros(case.record.time.size)}
    with pytest.raises(NotEvaluable, match="No water was drawn"):
        replace(case, record=Record(time=case.record.time, columns=still)).evaluate()
    time, columns = day_columns()
    record = Record(time=time, columns={s: v for s, v in columns.items() if s != "t_store"})
    with pytest.raises(NotEvaluable, match="no column t_store "):
        replace(daily_case(), record=record).evaluate()


def test_the_pyranometer_dominates_the_daily_gain_and_the_temperatures_the_loss() -> None:
    day = daily_case(uncertainties=COMMON, u_mixed=0.05).evaluate().diagnostics
    others = [value for name, value in day.items() if name.startswith("u_q_17_") and name != "u_q_17_G"]
    assert day["u_q_17_G"] > max(others)
    night = night_case(uncertainties=COMMON, u_mixed=0.05).evaluate()
    loss = by_symbol(night)["U_sl"]
    assert loss.random_uncertainty > loss.common_uncertainty > 0.0


def test_the_uncertainty_of_the_day_is_that_of_its_formula() -> None:
    found = by_symbol(daily_case(uncertainties=COMMON, u_mixed=0.05).evaluate())
    relative = math.hypot(0.003, 0.003, 0.01)  # area, volume, irradiance; one sensor's offset cancels
    assert found["q_17"].common_uncertainty / found["q_17"].value == pytest.approx(relative, rel=0.01)
    assert found["q_17"].random_uncertainty / found["q_17"].value == pytest.approx(0.05 * math.sqrt(2) / 25.5, rel=1e-9)
    assert found["H"].random_uncertainty == 0.0
    assert found["H"].common_uncertainty / found["H"].value == pytest.approx(0.01, rel=1e-9)


def test_the_scatter_of_the_readings_is_random_with_their_freedom() -> None:
    time, columns = day_columns()
    wobble = columns["t_store"] + 0.1 * np.where(np.arange(time.size) % 2, 1.0, -1.0)
    found = by_symbol(daily_case(columns={"t_store": wobble}).evaluate())
    assert found["Q_day"].random_uncertainty > 0.0
    assert found["Q_day"].coverage_factor > 2.0


def test_the_time_of_a_span_is_integrated_on_straight_lines() -> None:
    time = np.array([0.0, 10.0, 25.0, 40.0])
    span = Span(time=time, begin=5.0, end=30.0)
    assert span.integral(2.0 * time + 1.0) == pytest.approx((30.0**2 - 5.0**2) + 25.0)
    assert span.mean(np.array([1.0, np.nan, 1.0, 1.0])) == pytest.approx(1.0)
    assert span.largest_gap(np.array([1.0, np.nan, 1.0, 1.0])) == pytest.approx(20.0)
    assert span.largest_gap(np.full(4, np.nan)) == pytest.approx(25.0)
    with pytest.raises(ValueError, match="no integral"):
        span.integral(np.full(4, np.nan))


# --- the night ---


@pytest.mark.parametrize("step", [10.0, 300.0, 28800.0])
def test_a_night_gives_its_loss_factor_however_often_it_was_read(step: float) -> None:
    item = {"t_amb_mean": 15.0} if step > 1800.0 else {}
    found = by_symbol(night_case(step=step, **item).evaluate())["U_sl"]
    assert found.value == pytest.approx(U_SL, rel=1e-5)


def test_two_rows_without_a_stated_ambient_mean_are_refused() -> None:
    with pytest.raises(NotEvaluable, match=r"t_amb .* is missing for 28800 s"):
        night_case(step=28800.0).evaluate()


def test_the_random_uncertainty_of_the_loss_is_that_of_two_readings() -> None:
    found = by_symbol(night_case(step=28800.0, t_amb_mean=15.0, u_mixed=0.1).evaluate())["U_sl"]
    t_last = cooled_temperature(U_sl=U_SL, t_first=60.0, t_amb=15.0, duration=NIGHT_SECONDS)
    per_kelvin = 4186.8e3 / NIGHT_SECONDS
    assert found.random_uncertainty == pytest.approx(per_kelvin * 0.1 * math.hypot(1.0 / 45.0, 1.0 / (t_last - 15.0)))


def test_an_offset_of_the_store_sensor_nearly_cancels_and_one_of_the_ambient_sensor_too() -> None:
    store = by_symbol(night_case(uncertainties=(Common(symbol="t_store", absolute=0.2),)).evaluate())["U_sl"]
    ambient = by_symbol(night_case(uncertainties=(Common(symbol="t_amb", absolute=0.2),)).evaluate())["U_sl"]
    assert store.common_uncertainty == pytest.approx(ambient.common_uncertainty, rel=0.02)
    assert store.common_uncertainty < 0.01 * store.value


def test_a_store_that_warms_at_night_is_refused_in_a_sentence() -> None:
    case = night_case()
    warmer = {**case.record.columns, "t_store": case.record.columns["t_store"][::-1]}
    with pytest.raises(NotEvaluable, match="No heat loss factor") as refusal:
        replace(case, record=Record(time=case.record.time, columns=warmer)).evaluate()
    assert "平均热损因数" in refusal.value.sentence_zh


def test_a_night_unlike_the_standards_is_told() -> None:
    case = night_case(V_s=0.15)
    outcome = case.evaluate()
    assert not {"duration", "condition night_t_first", "condition night_u_max", "condition night_G_max"} & codes(
        outcome
    )
    assert outcome.diagnostics["U_S"] == pytest.approx(0.15 * by_symbol(outcome)["U_sl"].value)
    half = slice(case.record.time.size // 2, None)
    columns = {s: v[half].copy() for s, v in case.record.columns.items()}
    columns |= {"u": columns["u"] + 5.0, "G": columns["G"] + 20.0, "t_store": columns["t_store"] - 15.0}
    late = replace(case, record=Record(time=case.record.time[half], columns=columns))
    asked = {"duration", "condition night_t_first", "condition night_u_max", "condition night_G_max"}
    assert asked <= codes(late.evaluate())
    bare = {symbol: case.record.columns[symbol] for symbol in ("t_store", "t_amb")}
    unseen = replace(case, record=Record(time=case.record.time, columns=bare))
    assert {"no u", "no G"} <= codes(unseen.evaluate())


def test_the_water_of_a_result_is_told_with_the_difference_it_makes() -> None:
    practice, physical = (
        by_symbol(night_case(water=water).evaluate())["U_sl"].value for water in ("practice", "iapws")
    )
    assert practice / physical == pytest.approx(1.018, abs=1e-3)  # at 60 degC water is lighter by 1.7 %
    note = next(one for one in night_case().evaluate().notes if one.code == "water")
    assert "give 1.77 % more" in note.sentence_en  # 4186.8e3 over 983.2 kg/m3 and 4184 J/(kg K) of steam tables
    case = night_case(water="iapws")
    hot = {**case.record.columns, "t_store": case.record.columns["t_store"] + 80.0}
    with pytest.raises(NotEvaluable, match="110"):
        replace(case, record=Record(time=case.record.time, columns=hot)).evaluate()


def test_the_example_place_is_where_noon_was_computed_for() -> None:
    assert solar_noon(day=DAY, **PLACE) == NOON


def test_a_day_of_20_MJ_gives_17_twentieths_of_its_heat() -> None:
    assert scaled_to_reference(q=8.0, H=20.0, reference=17.0) == pytest.approx(6.8)
    assert scaled_to_reference(q=8.0, H=20.0, reference=20.0) == pytest.approx(8.0)


def test_a_record_that_goes_on_into_the_evening_takes_the_reading_of_the_half_hour_after_the_test() -> None:
    time, columns = day_columns()
    store = columns["t_store"].copy()
    evening = time > NOON + HALF + 1800.0
    store[evening] = np.linspace(45.0, 30.0, evening.sum())
    found = by_symbol(daily_case(columns={"t_store": store}).evaluate())["Q_day"].value
    assert found == pytest.approx(useful_heat(V_s=0.15, t_first=20.0, t_last=45.5))
