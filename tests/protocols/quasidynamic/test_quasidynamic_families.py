"""Every family of the quasi-dynamic test against known truth, and what it says about data that lack something."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from protocols.method import NotEvaluable, Outcome
from protocols.quasidynamic.identification import alike, dependence, identification_figures
from protocols.quasidynamic.model import Problem, Regression, eliminated, problem
from protocols.quasidynamic.terms import NODES, WIND_INFRARED, node_weight
from protocols.record import Common, Record
from tests.protocols.conftest import Case
from tests.protocols.coverage import responses, simulation
from tests.protocols.quasidynamic_oracle import fitted
from tests.protocols.simulated import GLAZED, LOW_CONCENTRATION, TRUTHS, WISC, case, made

BINS, TWO_AXES, SENSITIVE = "iso9806-2017-qdt-bins", "iso9806-2017-qdt-biaxial", "iso9806-2017-qdt-wisc"
CONCENTRATING = "iso9806-2017-qdt-concentrating"
ONE_AXIS = ("iso9806-2017-qdt", BINS, SENSITIVE)
Array = NDArray[np.float64]


def values(outcome: Outcome) -> dict[str, float]:
    return {each.symbol: each.value for each in outcome.coefficients}


def codes(outcome: Outcome) -> set[str]:
    return {each.code for each in outcome.notes}


def told(outcome: Outcome, code: str) -> list[str]:
    return [each.sentence_en for each in outcome.notes if each.code == code]


def without(rows: NDArray[np.bool_], of: Case) -> Case:
    """The case without these rows."""
    kept = {symbol: column[~rows] for symbol, column in of.record.columns.items()}
    return Case(Record(time=of.record.time[~rows], columns=kept), of.item, of.limits, method=of.method)


def angles(of: Case) -> Array:
    """The angle of incidence of every minute, by way of an outcome's windows."""
    theta = of.evaluate().points["theta"]
    return np.repeat(theta, 10)


# --- the fit ---


@pytest.mark.parametrize("method", ONE_AXIS)
def test_coefficients_and_t_ratios_are_those_of_other_programs(method: str) -> None:
    one = case(method, noise=0.05)
    outcome = one.evaluate()
    theirs, errors = fitted(one, TRUTHS[method], outcome.points["used"] > 0)
    for mine, value, error in zip(outcome.coefficients, theirs, errors, strict=True):
        assert mine.value == pytest.approx(value, rel=1e-4)
        if mine.symbol.startswith("a") or mine.symbol == "eta0b":
            assert mine.t_ratio == pytest.approx(value / error, rel=1e-3)


@pytest.mark.parametrize("method", list(TRUTHS))
def test_the_truth_of_a_noisy_record_lies_within_the_uncertainty(method: str) -> None:
    # The noise of single minutes at both ends of a window also dilutes a5 by some percent, which no residual shows.
    for each in case(method, noise=0.02).evaluate().coefficients:
        truth = TRUTHS[method][each.symbol]
        assert abs(each.value - truth) <= 2.5 * each.expanded_uncertainty + 0.01 * truth * (each.symbol == "a5")


@settings(max_examples=10, deadline=None)
@given(st.floats(0.05, 20.0))
def test_area_and_flow_scaled_together_leave_every_coefficient(scale: float) -> None:
    _, columns = made(WISC, highest=28.0)
    scaled = case(SENSITIVE, columns={"V_dot": columns["V_dot"] * scale}, item={"A_G": 2.0 * scale})
    assert values(scaled.evaluate()) == pytest.approx(WISC, rel=1e-6)


@settings(max_examples=5, deadline=None)
@given(st.floats(0.5, 5.0))
def test_an_area_stated_larger_lowers_every_coefficient_of_power_and_no_ratio(scale: float) -> None:
    found = values(case(SENSITIVE, item={"A_G": 2.0 * scale}).evaluate())
    assert found == pytest.approx({s: v if s in ("b0", "Kd") else v / scale for s, v in WISC.items()}, rel=1e-6)


@pytest.mark.parametrize("hours", [-3, 5])
def test_the_same_test_at_another_longitude_and_clock_gives_the_same_coefficients(hours: int) -> None:
    # The sun's declination moves by 0.02 deg in an hour at the equinox, which is what remains.
    here = case(SENSITIVE)
    record = Record(time=here.record.time + 3600.0 * hours, columns=here.record.columns)
    item = {**here.item, "longitude": here.item["longitude"] - 15.0 * hours}
    assert values(Case(record, item, here.limits, method=SENSITIVE).evaluate()) == pytest.approx(WISC, rel=0.01)


@pytest.mark.parametrize(("symbol", "absolute"), [("EL", 10.0), ("u", 0.2)])
def test_wind_and_sky_carry_their_calibration_into_the_coefficients(symbol: str, absolute: float) -> None:
    _, columns = made(WISC, highest=28.0)
    right = case(SENSITIVE, uncertainties=(Common(symbol=symbol, absolute=absolute),)).evaluate()
    wrong = values(case(SENSITIVE, columns={symbol: columns[symbol] + absolute}).evaluate())
    for each in right.coefficients:
        moved = abs(wrong[each.symbol] - each.value)
        assert each.common_uncertainty == pytest.approx(moved, rel=0.15, abs=2e-3 * WISC[each.symbol])


def test_the_weights_of_the_nodes_are_a_linear_interpolation() -> None:
    theta = np.linspace(0.0, 70.0, 701)
    table = np.array([1.0, 1.02, 1.05, 1.1, 1.08, 0.97, 0.8, 0.6])
    weighted = sum(value * node_weight(theta, angle) for value, angle in zip(table, (0, *NODES), strict=True))
    np.testing.assert_allclose(weighted, np.interp(theta, (0, *NODES), table), atol=1e-12)


def test_a_table_is_found_up_to_its_last_node_and_a_b0_up_to_sixty_degrees() -> None:
    assert case(BINS).evaluate().diagnostics["theta_max"] > 65.0
    assert case("iso9806-2017-qdt").evaluate().diagnostics["theta_max"] < 60.0


# --- coefficients that are known ---


@pytest.mark.parametrize(("method", "symbol"), [(m, s) for m in (BINS, SENSITIVE) for s in TRUTHS[m] if s != "eta0b"])
def test_a_known_coefficient_is_not_fitted_and_the_others_hold_for_it(method: str, symbol: str) -> None:
    truth = TRUTHS[method]
    outcome = case(method, item={f"fixed_{symbol}": truth[symbol]}).evaluate()
    known = next(each for each in outcome.coefficients if each.symbol == symbol)
    assert values(outcome) == pytest.approx(truth, rel=1e-6)
    assert (known.value, known.standard_uncertainty) == (truth[symbol], 0.0)
    assert np.isnan(known.t_ratio)
    assert told(outcome, "given, not fitted")[0].startswith(f"{symbol} = ")


def test_a_known_coefficient_that_is_wrong_moves_the_others() -> None:
    found = values(case("iso9806-2017-qdt", item={"fixed_a2": 0.0}).evaluate())
    assert found["a1"] > GLAZED["a1"] + 0.3
    assert found["a2"] == 0.0


def test_a_calibration_error_is_carried_round_a_known_coefficient() -> None:
    item = {"fixed_a3": WISC["a3"], "fixed_b0": WISC["b0"]}
    _, columns = made(WISC, highest=28.0)
    right = case(SENSITIVE, item=item, uncertainties=(Common(symbol="G", relative=0.01),)).evaluate()
    wrong = values(case(SENSITIVE, item=item, columns={"G": columns["G"] * 1.01}).evaluate())
    for each in right.coefficients:
        moved = abs(wrong[each.symbol] - each.value)
        assert each.common_uncertainty == pytest.approx(moved, rel=0.1, abs=1e-3 * WISC[each.symbol])


# --- wind and sky ---


def test_nearly_constant_wind_is_refused_with_the_coefficients_and_the_way_out() -> None:
    with pytest.raises(NotEvaluable, match="nearly constant") as refusal:
        case(SENSITIVE, wind=0.2).evaluate()
    assert "a3, a6 and a7 cannot be identified" in refusal.value.sentence_en
    assert "fixed_a3, fixed_a6 and fixed_a7" in refusal.value.sentence_en
    assert "a3、a6、a7" in refusal.value.sentence_zh


def test_nearly_constant_wind_is_evaluated_when_its_coefficients_are_known() -> None:
    item = {f"fixed_{symbol}": WISC[symbol] for symbol in ("a3", "a6", "a7")}
    outcome = case(SENSITIVE, wind=0.2, item=item).evaluate()
    assert values(outcome) == pytest.approx(WISC, rel=1e-6)
    assert len(told(outcome, "given, not fitted")) == 3


def test_only_what_is_still_sought_is_refused_for_constant_wind() -> None:
    with pytest.raises(NotEvaluable, match="so a6 cannot be identified"):
        case(SENSITIVE, wind=0.2, item={"fixed_a3": 1.7, "fixed_a7": 0.0}).evaluate()


def test_a_sky_that_follows_the_fluid_is_refused_because_a4_and_a1_cannot_be_told_apart() -> None:
    _, columns = made(WISC, highest=28.0)
    above = (columns["t_in"] + columns["t_out"]) / 2.0 - columns["t_amb"]
    sky = -4.0 * above + np.sin(np.arange(above.size) / 7.0)
    with pytest.raises(NotEvaluable, match=r"hardly tell a1, .*apart .* a4 .*cannot be identified") as refusal:
        case(SENSITIVE, columns={"EL": 5.67e-8 * (columns["t_amb"] + 273.15) ** 4 + sky}).evaluate()
    assert "fixed_a4" in refusal.value.sentence_zh


def test_a_wind_term_that_the_data_do_not_show_is_not_called_absent() -> None:
    outcome = case(SENSITIVE, truth={**WISC, "a6": 0.0}, noise=0.05).evaluate()
    assert values(outcome)["a6"] == 0.0
    assert "does not mean that the collector has none" in told(outcome, "not identified")[0]


def test_a_coefficient_of_the_wrong_sign_is_pointed_out() -> None:
    outcome = case(SENSITIVE, truth={**WISC, "a3": -1.0}).evaluate()
    assert told(outcome, "implausible sign")[0].startswith("a3 came out as -1")
    assert "implausible sign" not in codes(case(SENSITIVE).evaluate())


# --- the modifier ---


def test_a_table_without_beam_near_the_normal_is_refused_with_the_way_out() -> None:
    whole = case(BINS)
    oblique = without(angles(whole) < 11.0, whole)
    with pytest.raises(NotEvaluable, match=r"near 0 deg .* state fixed_K10 = 1"):
        oblique.evaluate()
    found = values(Case(oblique.record, {**oblique.item, "fixed_K10": 1.0}, oblique.limits, method=BINS).evaluate())
    assert found == pytest.approx(TRUTHS[BINS], rel=1e-6)


def test_a_table_without_beam_at_its_end_is_refused_by_angle() -> None:
    whole = case(BINS)
    with pytest.raises(NotEvaluable, match="near 70 deg") as refusal:
        without(angles(whole) > 60.0, whole).evaluate()
    assert "fixed_K70" in refusal.value.sentence_zh


def test_an_eta0_day_that_ends_early_is_told() -> None:
    whole = case("iso9806-2017-qdt")
    outcome = without(angles(whole) > 45.0, whole).evaluate()
    assert told(outcome, "incidence range small")[0].startswith("The angle of incidence reaches 44 deg")


def test_a_table_of_two_axes_says_that_it_is_the_transversal_one() -> None:
    assert "transversal table" in codes(case(TWO_AXES).evaluate())


def test_tubes_that_lie_otherwise_give_another_table() -> None:
    along = values(case(TWO_AXES).evaluate())
    across = case(TWO_AXES, item={"tubes": "across"})
    with pytest.raises(NotEvaluable, match="Too little beam"):  # the sun stays within 25 deg of the east-west plane
        across.evaluate()
    assert along["K40"] == pytest.approx(1.09)


@pytest.mark.parametrize(
    "table",
    [
        [[0.0, 1.0], [40.0, 0.9]],
        [[10.0, 1.0], [80.0, 0.5]],
        [[0.0, 1.0], [80.0, -0.1]],
        [[0.0, 1.0], [0.0, 0.9], [80.0, 0.4]],
    ],
    ids=["too short", "without zero", "negative", "twice"],
)
def test_a_longitudinal_modifier_that_cannot_be_is_refused(table: list[list[float]]) -> None:
    with pytest.raises(NotEvaluable, match="longitudinal modifier must begin"):
        case(TWO_AXES, item={"longitudinal_modifier": table}).evaluate()


# --- concentrating collectors ---


def test_a_high_concentration_counts_only_the_beam_and_says_so() -> None:
    outcome = case(CONCENTRATING).evaluate()
    assert values(outcome)["Kd"] == values(outcome)["a2"] == 0.0
    assert len(told(outcome, "not in the model")) == 2


def test_a_low_concentration_has_diffuse_light_and_no_radiation_term() -> None:
    outcome = case(CONCENTRATING, truth=LOW_CONCENTRATION, item={"concentration": 3.0}).evaluate()
    assert values(outcome) == pytest.approx(LOW_CONCENTRATION, rel=1e-6)
    assert "no a8" in told(outcome, "not in the model")[0]


def test_a_coefficient_given_for_a_term_that_the_form_lacks_is_refused() -> None:
    with pytest.raises(NotEvaluable, match="fixed_a2 is given"):
        case(CONCENTRATING, item={"fixed_a2": 0.01}).evaluate()


def tracked(**item: Any) -> Case:
    time, columns = made(TRUTHS[CONCENTRATING])
    still = case(CONCENTRATING)
    theta = np.repeat(still.evaluate().points["theta"], 10)
    kept = {symbol: value for symbol, value in still.item.items() if symbol not in ("tilt", "azimuth")}
    record = Record(time=time, columns={**columns, "theta": np.zeros_like(theta)})
    return Case(record, {**kept, **item}, still.limits, method=CONCENTRATING)


def test_a_collector_that_follows_the_sun_needs_no_plane_but_its_b0_is_not_to_be_seen() -> None:
    with pytest.raises(NotEvaluable, match=r"eta0b\*b0"):
        tracked().evaluate()
    outcome = tracked(fixed_b0=0.0).evaluate()
    assert outcome.points["theta"].max() == 0.0
    assert outcome.diagnostics["windows_used"] > 400


def test_without_plane_and_without_angle_the_way_out_is_told() -> None:
    one = tracked()
    columns = {symbol: column for symbol, column in one.record.columns.items() if symbol != "theta"}
    with pytest.raises(NotEvaluable, match="angle of incidence is not known"):
        Case(Record(time=one.record.time, columns=columns), one.item, one.limits, method=CONCENTRATING).evaluate()


# --- what the data are like ---


def test_day_types_are_recognised_and_a_missing_one_is_told() -> None:
    whole = case("iso9806-2017-qdt")
    days = {s: v for s, v in whole.evaluate().diagnostics.items() if s.startswith("days_")}
    assert days == {"days_eta0": 1, "days_intermediate": 2, "days_intermediate_clouded": 2, "days_high": 3}
    assert "day types lacking" not in codes(whole.evaluate())
    minute = np.arange(whole.record.time.size)
    fewer = without((minute >= 600) & (minute < 1200), whole).evaluate().diagnostics  # the clear intermediate day
    assert (fewer["days_intermediate"], fewer["days_intermediate_clouded"]) == (1, 2)
    first = minute < 600
    assert "ambient temperature" in told(without(first, whole).evaluate(), "day types lacking")[0]


def test_a_sky_that_follows_the_sun_is_named_with_it() -> None:
    _, columns = made(WISC, highest=28.0)
    sky = 0.2 * (columns["G"] - columns["Gd"]) - 150.0 + 12.0 * np.sin(np.arange(columns["G"].size) / 500.0)
    outcome = case(SENSITIVE, columns={"EL": 5.67e-8 * (columns["t_amb"] + 273.15) ** 4 + sky}).evaluate()
    assert "The regressors of eta0b and a4 have the correlation 0.99" in told(outcome, "regressors correlated")[0]


def test_pairs_beyond_a_correlation_are_named_once_and_powers_of_one_difference_are_not() -> None:
    x = np.linspace(1.0, 5.0, 50)
    wave = np.sin(3.0 * x)
    left = Problem(names=("a1", "a2", "a3", "a4"), design=np.column_stack([x, x**2, x + 0.01 * wave, wave]), response=x)
    found = alike(left, 0.95)
    assert [pair[:2] for pair in found] == [("a1", "a3"), ("a2", "a3")]
    assert found[0][2] == pytest.approx(np.corrcoef(x, x + 0.01 * wave)[0, 1])


def test_orthogonal_regressors_have_the_condition_one_and_a_near_copy_names_both() -> None:
    first, second, third = np.linalg.qr(np.random.default_rng(2).normal(size=(60, 3)))[0].T
    assert dependence(np.column_stack([first, 7.0 * second, third]), "abc").condition == pytest.approx(1.0)
    copied = dependence(np.column_stack([first, second, first + 0.01 * third]), "abc")
    assert copied.names == ("a", "c")
    # For two unit columns with the cosine r the condition is sqrt((1 + r)/(1 - r)).
    r = 1.0 / np.sqrt(1.0 + 0.01**2)
    assert copied.condition == pytest.approx(np.sqrt((1.0 + r) / (1.0 - r)), rel=1e-6)


def test_variance_inflation_is_that_of_statsmodels() -> None:
    found = simulation(SENSITIVE, 1)
    response = responses(found, tests=1, by_day=0.0, seed=1)[:, 0]
    data = Regression(design=found.design, response=response, mass_flow=response)
    left = problem(model=WIND_INFRARED, data=data, fixed={})
    fit, _ = eliminated(model=WIND_INFRARED, left=left, t_ratio_min=0.0)
    figures = identification_figures(WIND_INFRARED, left, fit)
    scaled = found.design / np.linalg.norm(found.design, axis=0)
    others = [np.delete(scaled, place, axis=1) for place in range(scaled.shape[1])]
    fits = [sm.OLS(scaled[:, place], rest).fit() for place, rest in enumerate(others)]
    theirs = [each.uncentered_tss / each.ssr for each in fits]
    assert list(figures.values()) == pytest.approx(theirs, rel=1e-6)


# --- words ---

_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:()]|[,;:()][\u4e00-\u9fff]")


@pytest.mark.parametrize("method", list(TRUTHS))
def test_chinese_sentences_have_full_width_punctuation(method: str) -> None:
    one = case(method, noise=0.05, item={"fixed_a1": 3.0})
    outcome = one.evaluate()
    sentences = [each.sentence_zh for each in (*outcome.notes, *outcome.refusals)]
    sentences += [limit.note_zh for limit in outcome.limits]
    assert [sentence for sentence in sentences if _HALF_WIDTH.search(sentence)] == []


@pytest.mark.parametrize("method", list(TRUTHS))
def test_points_carry_what_a_plot_of_the_family_needs(method: str) -> None:
    points: Mapping[str, Array] = case(method).evaluate().points
    assert {"G", "Gb", "Gd", "theta", "tm_minus_ta", "dtm_dt", "u", "q_measured", "q_fitted", "residual"} <= set(points)
    assert ("EL" in points) == (method == SENSITIVE)
    taken = points["used"] > 0
    np.testing.assert_allclose(points["residual"][taken], 0.0, atol=1e-8)
