"""The power check of ISO 24194: the hours of an independent program, made truth, every reason to refuse."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.method import NotEvaluable, Outcome
from protocols.power_check.formulas import comparison, estimated_power, require_formula, safety_factor
from protocols.record import Common, Record
from tests.protocols.conftest import Case, limits_of
from tests.protocols.examples.power_check import ITEM, RATIO, made_field
from tests.protocols.hours_of_sunpeek import FILES, arcon, columns, estimated

METHOD = "iso24194-2022"
DAYS = 8


def case(
    *,
    change: dict[str, Any] | None = None,
    item: dict[str, Any] | None = None,
    uncertainties: tuple[Common, ...] = (),
    days: int = DAYS,
) -> Case:
    """The made field with some columns (None: left out) and item entries changed."""
    time, made = made_field(days=days)
    merged = {**made, **(change or {})}
    kept = {symbol: value for symbol, value in merged.items() if value is not None}
    described = {k: v for k, v in {**ITEM, **(item or {})}.items() if v is not None}
    record = Record(time=time, columns=kept, uncertainties=uncertainties)
    return Case(record, described, limits_of(METHOD), METHOD)


def values(outcome: Outcome) -> dict[str, float]:
    return {one.symbol: one.value for one in outcome.coefficients}


def part(symbol: str, rows: slice, value: float) -> dict[str, Any]:
    """A column of the made field with another value in some rows."""
    column = made_field(days=DAYS)[1][symbol].copy()
    column[rows] = value
    return {symbol: column}


@pytest.mark.parametrize("file", FILES)
def test_the_estimate_of_every_hour_is_that_of_an_independent_program(file: str) -> None:
    np.testing.assert_allclose(estimated(file), columns(file)["tp_sp_estimated"], rtol=0, atol=0.01)


def test_the_ratio_put_into_a_record_is_found_again() -> None:
    outcome = case().evaluate()
    assert values(outcome)["power_ratio"] == pytest.approx(RATIO, rel=1e-12)
    assert values(outcome)["power_slope"] == pytest.approx(RATIO, rel=1e-12)
    assert outcome.diagnostics["hours_used"] == 4 * DAYS
    assert outcome.refusals == ()


def test_a_heat_meter_stands_for_flow_and_temperatures() -> None:
    flow = case().evaluate()
    power = np.repeat(flow.points["q_measured"] * ITEM["A_G"], 60)
    metered = case(change={"V_dot": None, "Q_meter": power}, uncertainties=(Common(symbol="rho", relative=0.1),))
    outcome = metered.evaluate()
    assert values(outcome)["power_ratio"] == pytest.approx(RATIO, rel=1e-12)
    assert outcome.coefficients[0].common_uncertainty == 0.0


@pytest.mark.parametrize(
    ("held", "source"),
    [(("G", "Gd"), "G - Gd"), (("Gb", "Gd"), "Gb"), (("Gb", "G"), "Gb"), (("DNI", "G"), "DNI cos(theta)")],
)
def test_the_beam_may_be_given_in_several_ways(held: tuple[str, ...], source: str) -> None:
    made = made_field(days=DAYS)[1]
    outcome = case().evaluate()
    cosine = np.cos(np.radians(outcome.points["theta"]))
    beam = made["G"] - made["Gd"]
    known = {**made, "Gb": beam, "DNI": beam / np.repeat(cosine, 60)}
    given = {symbol: known[symbol] if symbol in held else None for symbol in ("G", "Gd", "Gb", "DNI")}
    found = case(change=given).evaluate()
    # The cosine of an hour's mean angle is not its mean cosine; DNI is only made that well.
    assert values(found)["power_ratio"] == pytest.approx(RATIO, rel=1e-3 if "DNI" in held else 1e-12)
    assert any(source in note.sentence_en for note in found.notes)


REFUSED: dict[str, dict[str, Any]] = {
    "ambient cold": part("t_amb", slice(60), 4.9),
    "windy": part("u", slice(60), 10.1),
    "beam low": part("Gd", slice(60), 500.0),
    "temperature unsteady": part("t_in", slice(30), 5.0),
    "shaded": part("shaded", slice(59, 60), 1.0),
    "missing": part("t_out", slice(0, 60, 8), np.nan),
    "impossible u": part("u", slice(5, 6), -9999.0),
    "impossible t_amb": part("t_amb", slice(5, 6), 65535.0),
    "impossible G": part("G", slice(5, 6), 65535.0),
    "impossible t_in": part("t_in", slice(5, 6), 9999.0),
    "fluid range": part("t_out", slice(20, 22), 120.0),
}


@pytest.mark.parametrize("code", REFUSED)
def test_an_hour_outside_a_condition_is_refused_with_its_reason_and_the_others_stay(code: str) -> None:
    outcome = case(change=REFUSED[code]).evaluate()
    assert [(refusal.code, refusal.count) for refusal in outcome.refusals] == [(code, 1)]
    assert outcome.points["used"].tolist() == [0.0] + [1.0] * (4 * DAYS - 1)
    assert outcome.points["refusal"][0] == 0.0
    assert outcome.refusals[0].clause
    assert outcome.refusals[0].sentence_zh
    assert values(outcome)["power_ratio"] == pytest.approx(RATIO, rel=1e-12)


def test_few_missing_samples_are_borne_but_not_in_one_long_gap() -> None:
    limits = limits_of(METHOD)
    limits["missing_max"] = replace(limits["missing_max"], value=0.5)
    spread = case(change=part("t_out", slice(1, 60, 12), np.nan)).evaluate()
    assert spread.refusals == ()
    gap = replace(case(change=part("t_out", slice(20, 31), np.nan)), limits=limits).evaluate()
    assert [refusal.code for refusal in gap.refusals] == ["gap"]
    short = replace(case(change=part("t_out", slice(20, 30), np.nan)), limits=limits).evaluate()
    assert short.refusals == ()


def test_a_surveyed_horizon_shades_like_the_column() -> None:
    high = case(item={"horizon": [[0.0, 60.0], [359.0, 60.0]]}, days=40)
    outcome = high.evaluate()
    assert {refusal.code for refusal in outcome.refusals} == {"shaded"}
    assert 20 <= outcome.diagnostics["hours_used"] < 160


def test_an_oblique_beam_is_refused() -> None:
    limits = limits_of(METHOD)
    limits["theta_max"] = replace(limits["theta_max"], value=33.0)
    outcome = replace(case(days=20), limits=limits).evaluate()
    assert {refusal.code for refusal in outcome.refusals} == {"incidence"}


def test_formula_1_asks_for_800_watts_of_hemispherical_irradiance() -> None:
    dim = part("G", slice(60), 799.0)
    outcome = case(change=dim, item={"formula": 1}).evaluate()
    assert [refusal.code for refusal in outcome.refusals] == ["irradiance low"]
    assert outcome.refusals[0].sentence_en == "The hemispherical irradiance is below 800 W/m2."


def test_too_few_hours_are_refused_with_the_most_frequent_reason() -> None:
    cold = np.full(DAYS * 240, 4.0)
    with pytest.raises(NotEvaluable, match=r"Only 0 hours can be used and at least 20 .* below 5 degC"):
        case(change={"t_amb": cold}).evaluate()


def test_the_verdict_compares_the_ratio_with_f_safe() -> None:
    passed = case().evaluate()
    failed = case(item={"f_p": 1.0, "f_U": 1.0, "f_O": 0.96}).evaluate()
    assert (passed.diagnostics["f_safe"], passed.diagnostics["passes"]) == (0.91, 1.0)
    assert (failed.diagnostics["f_safe"], failed.diagnostics["passes"]) == (0.96, 0.0)
    sure = {symbol: replace(limit, confirmed=True) for symbol, limit in limits_of(METHOD).items()}
    told = "Measured over estimated power is 0.950 ± 0.000, not below the f_safe of 0.91"
    assert replace(case(), limits=sure).evaluate().notes[0].sentence_en == f"{told}; the check is passed."
    assert "低于 f_safe = 0.96" in failed.notes[0].sentence_zh


def test_with_limits_that_nobody_has_confirmed_nothing_is_called_passed() -> None:
    told = case().evaluate().notes[0]
    assert told.code == "check not judged"
    assert told.sentence_en.endswith("; this is no statement of conformity, since limits are not confirmed.")
    assert "passed" not in told.sentence_en
    assert "通过" not in told.sentence_zh


@pytest.mark.parametrize(
    ("factors", "expected"), [((0.99, 0.93, 0.98), 0.9), ((0.97, 0.95, 1.0), 0.92), ((1.0, 0.905, 1.0), 0.9)]
)
def test_the_safety_factor_is_rounded_to_two_places_half_to_even(factors: tuple[float, ...], expected: float) -> None:
    f_p, f_U, f_O = factors
    assert safety_factor(f_p=f_p, f_U=f_U, f_O=f_O) == expected


@pytest.mark.parametrize(
    ("item", "complaint"),
    [
        ({"formula": 2.5}, "the formula is 0"),
        ({"a8": 1e-9}, "formula 2 has no term for a8"),
        ({"formula": 3}, "formula 3 has no term for a2"),
        ({"b0": None}, "Give the incidence angle modifier once"),
        ({"iam": [[50.0, 0.9]]}, "Give the incidence angle modifier once"),
        ({"b0": None, "iam_transversal": [[50.0, 0.9]]}, "Give the incidence angle modifier once"),
        ({"b0": None, "iam": [[50.0, -0.9]]}, "cannot be used"),
        ({"fluid": "brine"}, "brine"),
    ],
)
def test_an_item_that_cannot_be_is_refused_in_a_sentence(item: dict[str, Any], complaint: str) -> None:
    with pytest.raises(NotEvaluable, match=complaint) as refusal:
        case(item=item).evaluate()
    assert refusal.value.sentence_zh


@pytest.mark.parametrize(
    ("formula", "missing", "complaint"),
    [(1, ("G",), "column G "), (2, ("G",), "column Gb, or G and Gd"), (2, ("Gd",), "Gb, or"), (3, ("G",), "Gb, or")],
)
def test_an_irradiance_that_the_formula_needs_is_asked_for(
    formula: int, missing: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(NotEvaluable, match=complaint):
        case(change=dict.fromkeys(missing), item={"formula": formula, "a2": 0.0}).evaluate()


def test_a_record_without_power_is_refused() -> None:
    with pytest.raises(NotEvaluable, match="neither the column Q_meter"):
        case(change={"V_dot": None}).evaluate()


def test_hourly_samples_are_refused_because_no_rate_follows() -> None:
    time, made = made_field(days=DAYS)
    few = Record(time=time[30::60], columns={symbol: column[30::60] for symbol, column in made.items()})
    with pytest.raises(NotEvaluable, match="fewer than two"):
        replace(case(), record=few).evaluate()


def test_formula_3_takes_the_beam_and_the_fourth_power() -> None:
    collector = replace(arcon(), a2=0.0, a8=1e-7)
    found = estimated_power(
        formula=3,
        collector=collector,
        irradiance={"Gb": np.array([900.0])},
        Kb=np.array([0.98]),
        rise=np.array([100.0]),
        rate=np.array([0.001]),
    )
    assert found.tolist() == pytest.approx([0.745 * 0.98 * 900.0 - 206.7 - 10.0 - 7.313])


def test_parameters_of_the_aperture_are_refused() -> None:
    with pytest.raises(ValueError, match="aperture"):
        require_formula(formula=2, collector=replace(arcon(), area_basis="aperture"))


def test_a_biaxial_table_acts_by_both_projections() -> None:
    flat = [[50.0, 1.0], [89.0, 1.0]]
    steep = [[30.0, 0.9], [60.0, 0.7]]
    along = case(item={"b0": None, "iam_transversal": steep, "iam_longitudinal": flat}).evaluate()
    across = case(
        item={"b0": None, "iam_transversal": steep, "iam_longitudinal": flat, "tube_direction": "across"}
    ).evaluate()
    # At noon in June the beam lies in the plane up the slope: for tubes along it the transversal angle is small.
    assert values(along)["power_ratio"] < values(across)["power_ratio"]


@settings(max_examples=15, deadline=None)
@given(st.floats(0.5, 1.5))
def test_a_flow_read_wrong_by_a_factor_changes_both_results_by_it(factor: float) -> None:
    wrong = case(change={"V_dot": made_field(days=DAYS)[1]["V_dot"] * factor}).evaluate()
    for value in values(wrong).values():
        assert value == pytest.approx(RATIO * factor, rel=1e-9)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (Common(symbol="V_dot", relative=0.01), 0.01 * RATIO),
        (Common(symbol="rho", relative=0.01), 0.01 * RATIO),
        (Common(symbol="A_G", relative=0.01), (1.0 - 1.0 / 1.01) * RATIO),
        (Common(symbol="A_G", absolute=1.0), (1.0 - 1.0 / 1.01) * RATIO),
    ],
)
def test_a_common_cause_moves_the_ratio_by_itself(cause: Common, expected: float) -> None:
    outcome = case(uncertainties=(cause,)).evaluate()
    for one in outcome.coefficients:
        assert one.common_uncertainty == pytest.approx(expected, rel=1e-9)


def test_irradiance_acts_on_the_estimate_and_temperature_on_both() -> None:
    by = {
        symbol: case(uncertainties=(Common(symbol=symbol, absolute=size),))
        .evaluate()
        .coefficients[0]
        .common_uncertainty
        for symbol, size in {"G": 10.0, "t_amb": 0.3, "t_out": 0.05}.items()
    }
    # d ratio/d G = -ratio eta0b Kb / q: some 0.73 x 10 W/m2 of 546 W/m2.
    assert by["G"] == pytest.approx(RATIO * 7.25 / 546.0, rel=0.03)
    assert by["t_amb"] == pytest.approx(RATIO * 0.3 * 3.5 / 546.0, rel=0.1)
    assert by["t_out"] == pytest.approx(RATIO * 0.05 / 10.0, rel=0.1)


def test_the_random_uncertainty_is_that_of_drawing_whole_days() -> None:
    rng = np.random.default_rng(24194)
    day = np.repeat(np.arange(60), 5)
    estimated_ = rng.uniform(350.0, 650.0, day.size)
    measured = estimated_ * (0.93 + rng.normal(0.0, 0.02, 60)[day] + rng.normal(0.0, 0.01, day.size))
    found = comparison(measured=measured, estimated=estimated_, block=day)
    drawn = rng.integers(60, size=(4000, 60))
    m, e = measured.reshape(60, 5), estimated_.reshape(60, 5)
    ratio = m[drawn].sum(axis=(1, 2)) / e[drawn].sum(axis=(1, 2))
    slope = (m * e)[drawn].sum(axis=(1, 2)) / (e**2)[drawn].sum(axis=(1, 2))
    np.testing.assert_allclose(np.sqrt(np.diag(found.random)), [ratio.std(), slope.std()], rtol=0.05)
    assert found.random[0, 1] == pytest.approx(np.cov(ratio, slope)[0, 1], rel=0.1)


def test_one_day_alone_has_no_scatter_of_days() -> None:
    with pytest.raises(ValueError, match="at least two blocks"):
        comparison(measured=np.ones(30), estimated=np.ones(30), block=np.zeros(30))


def test_a_record_without_wind_and_shading_says_so() -> None:
    notes = {note.code for note in case(change={"u": None, "shaded": None}).evaluate().notes}
    assert {"no wind", "shading unknown"} <= notes


def test_formula_3_for_a_collector_that_does_not_concentrate_is_told() -> None:
    outcome = case(item={"formula": 3, "a2": 0.0}).evaluate()
    assert "formula and concentration" in {note.code for note in outcome.notes}
    silent = case(item={"formula": 3, "a2": 0.0, "concentration": 25.0}).evaluate()
    assert "formula and concentration" not in {note.code for note in silent.notes}


def test_the_random_uncertainty_is_the_jackknifes_where_all_blocks_expect_alike() -> None:
    measured = np.array([0.9, 1.0, 1.3, 0.7, 1.1])
    found = comparison(measured=measured, estimated=np.ones(5), block=np.arange(5))
    left_out = (measured.sum() - measured) / 4.0
    jackknife = 4.0 / 5.0 * np.sum((left_out - left_out.mean()) ** 2)
    np.testing.assert_allclose(found.random, np.full((2, 2), jackknife), rtol=1e-12)


def test_an_uncertainty_that_moves_nothing_is_told_as_not_counted() -> None:
    metered = case(change={"Q_meter": np.full(made_field(days=DAYS)[0].size, 1e4)})
    rho = (Common(symbol="rho", relative=0.01),)
    outcome = Case(replace(metered.record, uncertainties=rho), metered.item, metered.limits, METHOD).evaluate()
    assert any(note.code == "uncertainty not counted" and "rho" in note.sentence_en for note in outcome.notes)
    assert not any(note.code == "uncertainty not counted" for note in case(uncertainties=rho).evaluate().notes)
