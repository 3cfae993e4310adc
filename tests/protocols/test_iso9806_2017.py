"""The quasi-dynamic method against known truth, and against independent fits of a real record."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from protocols.method import NotEvaluable, Outcome, outcome_to_dict
from protocols.record import Common, Record
from tests.protocols.conftest import TRUTH, Case, made_columns

TEN_DAYS = (
    "2017-07-02",
    "2017-07-08",
    "2017-07-10",
    "2017-07-13",
    "2017-07-18",
    "2017-08-04",
    "2017-08-07",
    "2017-08-10",
    "2017-08-11",
    "2017-08-29",
)


def values(outcome: Outcome) -> dict[str, float]:
    return {each.symbol: each.value for each in outcome.coefficients}


def refused(outcome: Outcome) -> dict[str, int]:
    return {each.code: each.count for each in outcome.refusals}


def codes(outcome: Outcome) -> set[str]:
    return {each.code for each in outcome.notes}


# --- known truth ---


def test_the_true_coefficients_come_back_from_a_record_that_obeys_the_model(made: Callable[..., Case]) -> None:
    found = values(made().evaluate())
    assert found == pytest.approx(TRUTH, rel=1e-6)


def test_the_true_coefficients_come_back_within_their_uncertainty_from_a_noisy_record(
    made: Callable[..., Case],
) -> None:
    for each in made(noise=0.05).evaluate().coefficients:
        assert abs(each.value - TRUTH[each.symbol]) < 2.0 * each.expanded_uncertainty
        assert each.standard_uncertainty < 0.1 * TRUTH[each.symbol]


def test_area_and_flow_scaled_together_leave_every_coefficient(made: Callable[..., Case]) -> None:
    _, columns = made_columns()
    scaled = made(columns={"V_dot": columns["V_dot"] * 7.3}, item={"A_G": 2.0 * 7.3})
    assert values(scaled.evaluate()) == pytest.approx(values(made().evaluate()), rel=1e-9)


def test_power_scaled_by_its_area_scales_every_coefficient_of_power_and_no_ratio(made: Callable[..., Case]) -> None:
    found = values(made(item={"A_G": 4.0}).evaluate())
    expected = {s: TRUTH[s] * (1.0 if s in ("b0", "Kd") else 0.5) for s in TRUTH}
    assert found == pytest.approx(expected, rel=1e-6)


def test_the_order_of_rows_does_not_matter(made: Callable[..., Case]) -> None:
    case = made(noise=0.05)
    order = np.random.default_rng(3).permutation(case.record.time.size)
    shuffled = Record.from_rows(
        time=case.record.time[order], columns={s: v[order] for s, v in case.record.columns.items()}
    )
    again = Case(shuffled, case.item, case.limits).evaluate()
    assert outcome_to_dict(again) == outcome_to_dict(case.evaluate())


def test_a_flow_meter_in_the_outlet_weighs_less_water(made: Callable[..., Case]) -> None:
    inlet = values(made().evaluate())["eta0b"]
    assert values(made(item={"flow_meter_position": "outlet"}).evaluate())["eta0b"] < inlet


# --- uncertainty ---


def test_an_error_of_the_area_moves_all_power_coefficients_alike(made: Callable[..., Case]) -> None:
    outcome = made(noise=0.05, uncertainties=(Common(symbol="A_G", relative=0.01),)).evaluate()
    common = {c.symbol: c.common_uncertainty / c.value for c in outcome.coefficients}
    for symbol in ("eta0b", "a1", "a2", "a5"):
        assert common[symbol] == pytest.approx(0.01, rel=0.02)
    assert common["b0"] == pytest.approx(0.0, abs=1e-6)
    assert common["Kd"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("symbol", "absolute", "relative"),
    [
        ("G", 0.0, 0.01),
        ("Gd", 2.0, 0.0),
        ("t_in", 0.05, 0.0),
        ("t_out", 0.05, 0.0),
        ("t_amb", 0.3, 0.0),
        ("V_dot", 0.0, 0.01),
    ],
)
def test_a_common_uncertainty_is_the_change_of_the_coefficients_when_the_sensor_is_off_by_it(
    made: Callable[..., Case], symbol: str, absolute: float, relative: float
) -> None:
    _, columns = made_columns(noise=0.02)
    cause = Common(symbol=symbol, absolute=absolute, relative=relative)
    right = made(noise=0.02, uncertainties=(cause,)).evaluate()
    off = {symbol: columns[symbol] * (1.0 + relative) + absolute}
    wrong = made(noise=0.02, columns=off).evaluate()
    moved = np.abs(np.array(list(values(wrong).values())) - np.array(list(values(right).values())))
    common = np.array([each.common_uncertainty for each in right.coefficients])
    scale = np.array([TRUTH[s] for s in values(right)])
    np.testing.assert_allclose(common / scale, moved / scale, rtol=0.15, atol=3e-4)


def test_total_is_random_and_common_in_quadrature_and_expanded_by_two(made: Callable[..., Case]) -> None:
    outcome = made(noise=0.05, uncertainties=(Common(symbol="G", relative=0.01),)).evaluate()
    for place, each in enumerate(outcome.coefficients):
        total = np.hypot(each.random_uncertainty, each.common_uncertainty)
        assert each.standard_uncertainty == pytest.approx(total)
        assert outcome.covariance[place, place] == pytest.approx(total**2)
        assert each.expanded_uncertainty == 2.0 * each.standard_uncertainty
        assert each.coverage_factor == 2.0


def test_few_days_are_left_out_one_after_another_which_the_outcome_says(made: Callable[..., Case]) -> None:
    outcome = made(noise=0.05, days=3).evaluate()
    assert {"random uncertainty of few days", "few days"} <= codes(outcome)
    assert max(each.coverage_factor for each in outcome.coefficients) > 3.0


def test_a_single_day_gives_ordinary_standard_errors_and_says_so(made: Callable[..., Case]) -> None:
    outcome = made(noise=0.05, days=1).evaluate()
    assert {"too few days for the scatter", "few days"} <= codes(outcome)
    assert {each.coverage_factor for each in outcome.coefficients} == {2.0}


def test_a_record_without_calibrations_says_that_only_the_random_part_is_known(made: Callable[..., Case]) -> None:
    assert "no calibration uncertainty" in codes(made().evaluate())
    assert "no calibration uncertainty" not in codes(
        made(uncertainties=(Common(symbol="G", relative=0.01),)).evaluate()
    )


# --- terms that are dropped ---


def test_a_negative_a2_is_set_to_zero_and_the_fit_repeated(made: Callable[..., Case]) -> None:
    outcome = made(truth={**TRUTH, "a2": -0.01}).evaluate()
    found = {each.symbol: each for each in outcome.coefficients}
    assert found["a2"].value == 0.0
    assert found["a2"].standard_uncertainty == 0.0
    assert np.isnan(found["a2"].t_ratio)
    assert found["a1"].value < TRUTH["a1"]
    assert any("negative" in note.sentence_en for note in outcome.notes if note.code == "set to zero")


def test_a_term_with_a_small_t_ratio_is_set_to_zero_and_the_fit_repeated(made: Callable[..., Case]) -> None:
    outcome = made(truth={**TRUTH, "a2": 0.00002}, noise=0.3).evaluate()
    assert values(outcome)["a2"] == 0.0
    assert any("t-ratio" in note.sentence_en for note in outcome.notes if note.code == "set to zero")


# --- windows refused ---


def spoiled(symbol: str, value: float, at: int = 45) -> dict[str, np.ndarray]:
    _, columns = made_columns()
    changed = columns[symbol].copy()
    changed[at] = value
    return {symbol: changed}


def overcast() -> dict[str, np.ndarray]:
    """The fifth window with more diffuse than hemispherical irradiance."""
    _, columns = made_columns()
    diffuse = columns["Gd"].copy()
    diffuse[40:50] = 1.03 * columns["G"][40:50]
    return {"Gd": diffuse}


@pytest.mark.parametrize(
    ("code", "columns"),
    [
        ("missing value", spoiled("t_amb", np.nan)),
        ("missing value", spoiled("u", np.nan)),
        ("irradiance high", spoiled("G", 1800.0)),
        ("diffuse implausible", spoiled("Gd", 0.0)),
        ("diffuse implausible", overcast()),
        ("impossible Gd", spoiled("Gd", 9000.0)),
        ("flow low", spoiled("V_dot", 1e-7)),
        ("flow low", spoiled("V_dot", -4e-5)),
        ("flow unsteady", spoiled("V_dot", 5e-5)),
        ("fluid range", spoiled("t_out", 115.0)),
        ("inlet unsteady", spoiled("t_in", 40.0)),
    ],
)
def test_one_bad_sample_refuses_its_window_and_no_other(
    made: Callable[..., Case], code: str, columns: dict[str, np.ndarray]
) -> None:
    outcome = made(columns=columns).evaluate()
    assert refused(outcome)[code] == 1
    place = int(outcome.points["refusal"][4])
    assert outcome.refusals[place].code == code
    assert outcome.points["used"][4] == 0.0
    assert values(outcome) == pytest.approx(TRUTH, rel=1e-5)


def test_a_missing_minute_refuses_its_window_as_a_gap(made: Callable[..., Case]) -> None:
    case = made()
    keep = np.arange(case.record.time.size) != 45
    record = Record(time=case.record.time[keep], columns={s: v[keep] for s, v in case.record.columns.items()})
    outcome = Case(record, case.item, case.limits).evaluate()
    assert refused(outcome) == {"gap": 1}
    assert np.isnan(outcome.points["G"][4])
    assert values(outcome) == pytest.approx(TRUTH, rel=1e-5)


def test_a_shaded_minute_refuses_its_window(made: Callable[..., Case]) -> None:
    _, columns = made_columns()
    shaded = np.zeros_like(columns["G"])
    shaded[45] = 1.0
    assert refused(made(columns={"shaded": shaded}).evaluate()) == {"shaded": 1}


def test_a_horizon_refuses_the_windows_in_which_the_sun_stands_below_it(made: Callable[..., Case]) -> None:
    everywhere = made(item={"horizon": [[0, 65], [180, 65], [359, 65]]}).evaluate()
    assert 0 < refused(everywhere)["shaded"] < everywhere.points["used"].size


def test_night_and_grazing_sun_are_refused_by_name(graz: Callable[..., Outcome]) -> None:
    assert {"sun down", "incidence", "irradiance low", "missing value"} <= set(refused(graz(averaging_time=600.0)))


def test_every_window_is_either_used_or_refused_for_one_reason(graz: Callable[..., Outcome]) -> None:
    outcome = graz(averaging_time=1800.0)
    used, refusal = outcome.points["used"], outcome.points["refusal"]
    assert np.all((used == 1.0) == (refusal == -1.0))
    assert sum(refused(outcome).values()) + int(used.sum()) == used.size
    for place, each in enumerate(outcome.refusals):
        assert each.count == int((refusal == place).sum())
        assert each.sentence_zh
        assert each.clause


# --- whole records refused ---


def test_a_missing_column_is_named(made: Callable[..., Case]) -> None:
    with pytest.raises(NotEvaluable, match="no column t_amb"):
        made(columns={"t_amb": None}).evaluate()


def test_an_item_without_area_is_refused_by_name(made: Callable[..., Case]) -> None:
    case = made()
    del case.item["A_G"]
    with pytest.raises(NotEvaluable, match="lacks A_G"):
        case.evaluate()


def test_an_averaging_time_near_the_transit_time_is_refused(made: Callable[..., Case]) -> None:
    with pytest.raises(NotEvaluable, match="shorter than 2 times the transit time"):
        made(item={"transit_time": 301.0}).evaluate()


def test_an_averaging_time_that_is_no_multiple_of_the_sample_interval_is_refused(made: Callable[..., Case]) -> None:
    with pytest.raises(NotEvaluable, match="whole number of the sample interval"):
        made(item={"averaging_time": 610.0}).evaluate()


def test_too_few_windows_are_refused_with_the_commonest_reason(made: Callable[..., Case]) -> None:
    _, columns = made_columns()
    with pytest.raises(NotEvaluable, match=r"Only 0 windows .* below 50 W/m2"):
        made(columns={"G": columns["G"] * 0.0}).evaluate()


def test_a_record_that_is_missing_altogether_is_refused(made: Callable[..., Case]) -> None:
    _, columns = made_columns()
    with pytest.raises(NotEvaluable, match="A value is missing"):
        made(columns={"G": columns["G"] * np.nan}).evaluate()


def test_data_that_cannot_tell_two_coefficients_apart_are_refused_by_name(made: Callable[..., Case]) -> None:
    _, columns = made_columns()
    level = columns["t_amb"] + 30.0
    with pytest.raises(NotEvaluable, match="cannot tell") as refusal:
        made(columns={"t_in": level - 3.0, "t_out": level + 3.0, "t_amb": columns["t_amb"]}).evaluate()
    assert {"a1", "a2"} <= {word.strip(",:") for word in refusal.value.sentence_en.split()}


def test_windows_of_one_sample_are_refused_because_no_rate_follows(made: Callable[..., Case]) -> None:
    with pytest.raises(NotEvaluable, match="holds one sample"):
        made(item={"averaging_time": 60.0, "transit_time": 10.0}).evaluate()


@pytest.mark.parametrize("exchanged", [("t_in", "t_out"), ("t_in", "t_amb")])
def test_exchanged_columns_give_an_efficiency_that_no_collector_has(
    made: Callable[..., Case], exchanged: tuple[str, str]
) -> None:
    _, columns = made_columns()
    first, second = exchanged
    with pytest.raises(NotEvaluable, match="which no collector has; check whether columns are exchanged"):
        made(columns={first: columns[second], second: columns[first]}).evaluate()


def test_a_gross_area_stated_too_small_by_half_is_noticed(made: Callable[..., Case]) -> None:
    with pytest.raises(NotEvaluable, match="which no collector has"):
        made(item={"A_G": 1.0}).evaluate()


@pytest.mark.parametrize("hours", [-3.0, 3.0, 4.0])
def test_more_light_than_the_sun_can_give_tells_of_a_wrong_clock(made: Callable[..., Case], hours: float) -> None:
    right = made()
    assert "record against the sun" not in codes(right.evaluate())
    wrong = Record(time=right.record.time + 3600.0 * hours, columns=right.record.columns)
    assert "record against the sun" in codes(Case(wrong, right.item, right.limits).evaluate())


def test_samples_a_minute_apart_are_told_and_those_of_ten_seconds_are_not(made: Callable[..., Case]) -> None:
    found = made()
    assert "samples far apart" in codes(found.evaluate())
    finer = {
        **found.limits,
        "condition_sample_interval": replace(found.limits["condition_sample_interval"], value=60.0),
    }
    assert "samples far apart" not in codes(Case(found.record, found.item, finer).evaluate())


def test_an_uncertainty_that_is_not_propagated_is_told(made: Callable[..., Case]) -> None:
    outcome = made(uncertainties=(Common(symbol="DNI", relative=0.01),)).evaluate()
    assert {"uncertainty not counted", "no calibration uncertainty"} <= codes(outcome)
    outcome = made(uncertainties=(Common(symbol="A_G", relative=0.01),)).evaluate()
    assert not {"uncertainty not counted", "no calibration uncertainty"} & codes(outcome)


def test_coefficients_that_rest_on_two_single_days_are_refused(made: Callable[..., Case]) -> None:
    # Only day 2 varies tm - ta and only day 3 the share of diffuse light: 59 % of the resamples lack one of them.
    time, columns = made_columns()
    day = np.arange(time.size) // 360
    above = 30.0 + np.where(day == 2, 25.0 * np.sin(time / 5000.0), 0.0)
    share = 0.3 + np.where(day == 3, 0.2 * np.sin(time / 3000.0), 0.0)
    whole = columns["G"]
    power = 0.75 * (1.0 - 0.1 * share) * whole - 3.0 * above - 0.02 * above**2 + np.cos(time)
    rise = power * 2.0 / (4.0e-5 * 990.0 * 4180.0)
    level = columns["t_amb"] + above
    changed = {"Gd": share * whole, "t_in": level - rise / 2.0, "t_out": level + rise / 2.0}
    with pytest.raises(NotEvaluable, match="random uncertainty cannot be found"):
        made(columns=changed).evaluate()


def test_a_fluid_known_only_by_name_is_refused(made: Callable[..., Case]) -> None:
    with pytest.raises(NotEvaluable, match="known only by its tables"):
        made(item={"fluid": "glycol"}).evaluate()


def test_a_limit_table_without_a_limit_is_refused_by_name(made: Callable[..., Case]) -> None:
    case = made()
    with pytest.raises(NotEvaluable, match="lacks theta_max"):
        Case(case.record, case.item, {s: v for s, v in case.limits.items() if s != "theta_max"}).evaluate()


# --- the real record of Graz ---
# Expected: "a careful fit" of these two months, from the description of the data (10-minute means, unshaded, angle of
# incidence up to 60 deg, flow steady): eta0b 0.728, b0 0.21, Kd 0.905, a1 2.06, a2 0.0144, a5 6800; R2 0.986. Its
# a5 and b0 hold the slugs of cold fluid at start-up that this method refuses, hence the wider tolerance there. For
# 30 min the same source gives, May to September, 0.728 0.180 0.920 2.13 0.0136 7940; R2 0.9972.


def test_ten_minutes_of_two_real_months_agree_with_the_published_fit(graz: Callable[..., Outcome]) -> None:
    outcome = graz(averaging_time=600.0)
    found = values(outcome)
    assert found["eta0b"] == pytest.approx(0.728, abs=0.01)
    assert found["b0"] == pytest.approx(0.21, abs=0.03)
    assert found["Kd"] == pytest.approx(0.905, abs=0.01)
    assert found["a1"] == pytest.approx(2.06, abs=0.25)
    assert found["a2"] == pytest.approx(0.0144, abs=0.003)
    assert found["a5"] == pytest.approx(6800.0, rel=0.15)
    assert outcome.diagnostics["r_squared"] == pytest.approx(0.986, abs=0.01)
    assert outcome.diagnostics["windows_used"] > 1800


def test_thirty_minutes_of_two_real_months_agree_with_the_published_fit_of_the_summer(
    graz: Callable[..., Outcome],
) -> None:
    outcome = graz(averaging_time=1800.0)
    found = values(outcome)
    assert found["eta0b"] == pytest.approx(0.728, abs=0.006)
    assert found["b0"] == pytest.approx(0.180, abs=0.015)
    assert found["Kd"] == pytest.approx(0.920, abs=0.02)
    assert found["a1"] == pytest.approx(2.13, abs=0.24)
    assert found["a2"] == pytest.approx(0.0136, abs=0.005)
    assert found["a5"] == pytest.approx(7940.0, abs=400.0)
    assert outcome.diagnostics["r_squared"] == pytest.approx(0.9972, abs=0.001)


def test_the_result_of_real_operating_data_says_what_it_is_not(graz: Callable[..., Outcome]) -> None:
    assert {
        "no low temperature difference",
        "a1 and a2 only together",
        "flow unlike the test flow",
        "air speed outside test conditions",
        "fluid extrapolated",
        "limits not confirmed",
    } <= codes(graz(averaging_time=1800.0))


def test_days_drawn_whole_give_larger_random_uncertainties_than_ordinary_least_squares(
    graz: Callable[..., Outcome],
) -> None:
    # Section "Graz" of the published fits: ordinary errors are 0.5 to 0.8 of the day-block ones at 30 min.
    for each in graz(averaging_time=1800.0).coefficients:
        if each.symbol in ("eta0b", "a1", "a2", "a5"):
            assert 0.3 < each.value / each.t_ratio / each.random_uncertainty < 1.0


def test_beam_and_diffuse_agree_with_the_pyrheliometer(graz: Callable[..., Outcome]) -> None:
    assert graz(averaging_time=1800.0).diagnostics["beam_over_pyrheliometer"] == pytest.approx(1.0, abs=0.002)


def test_the_horizon_of_the_item_can_replace_the_shading_flag(graz: Callable[..., Outcome]) -> None:
    flagged, surveyed = graz(averaging_time=1800.0), graz(averaging_time=1800.0, shaded=False, horizon=True)
    uncertainty = {each.symbol: each.random_uncertainty for each in flagged.coefficients}
    for symbol, value in values(surveyed).items():
        assert abs(value - values(flagged)[symbol]) < uncertainty[symbol]
    assert np.mean(flagged.points["used"] == surveyed.points["used"]) > 0.99


def test_ten_chosen_days_give_the_two_months_within_their_uncertainty(
    graz: Callable[..., Outcome], graz_columns: tuple[np.ndarray, dict[str, np.ndarray]]
) -> None:
    time, _ = graz_columns
    starts = np.array([datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() for day in TEN_DAYS])
    into = time[:, None] - starts
    rows = ((into >= 6 * 3600.0) & (into < 16 * 3600.0)).any(axis=1)
    ten = graz(averaging_time=1800.0, shaded=False, horizon=True, rows=rows)
    months = values(graz(averaging_time=1800.0))
    assert rows.sum() == 6000
    assert ten.diagnostics["days"] == 10
    assert ten.diagnostics["windows_used"] > 80
    for each in ten.coefficients:
        assert abs(each.value - months[each.symbol]) < each.random_uncertainty


def test_the_outcome_survives_json_with_nan_as_null(graz: Callable[..., Outcome]) -> None:
    document = json.loads(json.dumps(outcome_to_dict(graz(averaging_time=1800.0)), allow_nan=False))
    assert document["schema"] == "heliobench.outcome/1"
    assert len(document["coefficients"]) == len(document["covariance"]) == 6
    assert None in document["points"]["G"]
    assert len({len(column) for column in document["points"].values()}) == 1
