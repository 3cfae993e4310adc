"""The steady-state test: known truth, real tables with a wrong number, uncertainty against GTC, coverage."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import GTC
import numpy as np
import pytest
from GTC import la
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from protocols.evaluation import coverage_factor
from protocols.fits import RankDeficient, linear
from protocols.fluids import WATER
from protocols.method import NotEvaluable, Outcome
from protocols.record import Common, Record
from protocols.steady_state.fit import fit_points
from protocols.steady_state.model import GLAZED, Circuit, Effect, predicted, propagated, uncertain_fit
from protocols.steady_state.notes import levels
from tests.protocols.examples import steady as made
from tests.validation.steady_state import AS_PRINTED, autotherm, autotherm_columns, inconsistent, read, sixteen

Array = NDArray[np.float64]


def values(outcome: Outcome) -> dict[str, float]:
    return {each.symbol: each.value for each in outcome.coefficients}


def codes(outcome: Outcome) -> list[str]:
    return [each.code for each in outcome.notes]


def with_columns(case: Any, **columns: Array | None) -> Any:
    """The case with columns put in place of its own, or left out."""
    merged = {s: v for s, v in {**case.record.columns, **columns}.items() if v is not None}
    return replace(case, record=replace(case.record, columns=merged))


# --- a wrong number in a real table ---


def test_the_typing_error_of_a_real_report_is_named_by_its_own_mean_temperature() -> None:
    notes = autotherm(A_G=1.4276).notes
    wrong = [each for each in notes if each.code == "point inconsistent"]
    assert [each.sentence_en for each in wrong] == [
        "Point 15: the stated mean fluid temperature is 54.76 degC but inlet and outlet give 58.35 degC; look at its "
        "raw values. It was not removed."
    ]
    assert wrong[0].sentence_zh.startswith("测点 15：所列工质平均温度为 54.76 degC")


def test_the_typing_error_is_found_without_the_stated_mean_too_and_no_other_point_is_named() -> None:
    time, columns = autotherm_columns()
    kept = {s: v for s, v in columns.items() if s not in ("tm", "Q_meter")}
    case = replace(made.case("iso9806-2017-sst-points"), record=Record(time=time, columns=kept), item={"A_G": 1.4276})
    named = [each.sentence_en for each in case.evaluate().notes if each.sentence_en.startswith("Point ")]
    assert len(named) == 1
    assert named[0].startswith("Point 15: its residual is +2.6 standard errors")


def test_a_doubted_point_stays_in_the_fit_and_the_result_tells_what_it_would_be_without() -> None:
    outcome = autotherm(A_G=1.4276)
    left_out = autotherm(A_G=1.4276, excluded_points="15")
    assert outcome.points["used"].sum() == 16
    assert left_out.points["used"].tolist() == [1.0] * 14 + [0.0, 1.0]
    assert left_out.refusals[0].code == "excluded"
    for symbol, value in values(left_out).items():
        assert outcome.diagnostics[f"{symbol}_without_doubted"] == pytest.approx(value, rel=1e-12)
    assert abs(values(outcome)["a1"] - values(left_out)["a1"]) > 1.0  # what one typing error does


def test_no_point_is_doubted_when_the_typing_error_is_mended() -> None:
    time, columns = autotherm_columns()
    mended = columns["t_in"].copy()
    mended[14] = 52.96
    columns |= {"t_in": mended, "t_out": columns["t_out"] + mended - columns["t_in"]}
    case = replace(
        made.case("iso9806-2017-sst-points"), record=Record(time=time, columns=columns), item={"A_G": 1.4276}
    )
    outcome = case.evaluate()
    assert not [each for each in outcome.notes if each.sentence_en.startswith("Point ")]
    fit = read("autotherm")["case"]["recomputed"]["A=1.4276"]["quadratic"]
    for symbol, name in (("eta0hem", "eta0"), ("a1", "a1"), ("a2", "a2")):
        assert abs(values(outcome)[symbol] - fit[name]["value"]) < fit[name]["se"]


def test_runs_whose_efficiency_contradicts_flow_and_temperatures_are_named() -> None:
    assert inconsistent() == [1, 2, 3, 4, 5, 6, 8, 9, 13]


@pytest.mark.parametrize("words", ["0", "17", "fifteen", "3 -1"])
def test_a_point_to_leave_out_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(NotEvaluable, match="give numbers of rows from 1 to 16"):
        autotherm(A_G=1.4276, excluded_points=words)


def test_values_said_to_be_in_a_column_that_is_not_there_are_refused() -> None:
    case = made.case("iso9806-2017-sst-points", power_from="Q_meter")
    with pytest.raises(NotEvaluable, match="column Q_meter, which the record has not"):
        case.evaluate()


# --- uncertainty ---


def gtc_fit() -> list[Any]:
    """The canonical sixteen points with all 84 uncertain inputs, by GTC from end to end."""
    raw = read("collector_16pt")["inputs"]
    u = raw["uncertainties"]
    common = {name: GTC.ureal(1.0, u[f"u_rel_{name}_common"]) for name in ("G", "m", "A", "cp")}
    rows = []
    for G, t_a, t_in, t_out, m in zip(
        *(raw[name] for name in ("G", "theta_a", "theta_in", "theta_out", "mdot_kg_s")), strict=True
    ):
        above = GTC.ureal((t_in + t_out) / 2.0, u["u_T_mean_K_random"]) - GTC.ureal(t_a, u["u_Ta_K_random"])
        rise = GTC.ureal(t_out - t_in, u["u_deltaT_K_random"])
        flow = GTC.ureal(m, m * u["u_rel_m_random"]) * common["m"]
        q = flow * raw["cp_J_kgK"] * common["cp"] * rise / (raw["A_m2"] * common["A"])
        rows.append((GTC.ureal(G, G * u["u_rel_G_random"]) * common["G"], -above, -above * above, q))
    gram = [[sum(row[i] * row[j] for row in rows) for j in range(3)] for i in range(3)]
    return list(la.solve(la.uarray(gram), la.uarray([sum(row[i] * row[3] for row in rows) for i in range(3)])))


def test_the_covariance_of_a_fit_with_84_uncertain_inputs_is_that_of_gtc() -> None:
    design, q, random, common = sixteen()
    fit = linear(design, q, names=("eta0hem", "a1", "a2"))
    ours = propagated(design=design, response=q, values=fit.values, random=random, common=common)
    theirs = gtc_fit()
    np.testing.assert_allclose(fit.values, [each.x for each in theirs], rtol=1e-9)
    covariance = [[GTC.get_covariance(a, b) for b in theirs] for a in theirs]
    np.testing.assert_allclose(ours.total, covariance, rtol=1e-9)


def test_fit_and_propagation_in_one_factorisation_are_the_same() -> None:
    design, q, random, common = sixteen()
    names = ("eta0hem", "a1", "a2")
    values_, budget = uncertain_fit(design=design, response=q, names=names, random=random, common=common)
    apart = linear(design, q, names=names).values
    np.testing.assert_allclose(values_, apart, rtol=1e-11)
    both = propagated(design=design, response=q, values=apart, random=random, common=common)
    np.testing.assert_allclose(budget.random, both.random, rtol=1e-9)
    np.testing.assert_allclose(budget.common, both.common, rtol=1e-9)


def test_a_design_that_cannot_tell_two_terms_apart_is_refused_by_name() -> None:
    design, q, *_ = sixteen()
    doubled = np.column_stack([design[:, :2], 3.0 * design[:, 1]])
    with pytest.raises(RankDeficient, match="a1 and a2"):
        uncertain_fit(design=doubled, response=q, names=("eta0hem", "a1", "a2"), random=(), common=())
    with pytest.raises(ValueError, match="3 points"):
        uncertain_fit(design=design[:3], response=q[:3], names=("eta0hem", "a1", "a2"), random=(), common=())


def test_the_result_states_what_the_usual_weighting_would_claim_and_why_it_is_too_small() -> None:
    outcome = made.case("iso9806-2017-sst-points", uncertainties=made.COMMON).evaluate()
    note = next(each for each in outcome.notes if each.code == "common errors kept common")
    usual, ours = outcome.diagnostics["u_independent_eta0hem"], outcome.coefficients[0].standard_uncertainty
    assert usual < 0.6 * ours
    assert f"= {usual:.4f} instead of {ours:.4f}" in note.sentence_en


@pytest.mark.parametrize(
    ("symbol", "absolute", "relative"),
    [
        ("G", 0.0, 0.01),
        ("t_in", 0.05, 0.0),
        ("t_out", 0.05, 0.0),
        ("t_amb", 0.3, 0.0),
        ("V_dot", 0.0, 0.01),
        ("A_G", 0.004, 0.0),
        ("rho", 0.0, 0.002),
        ("c_p", 8.0, 0.0),
    ],
)
def test_a_common_uncertainty_is_the_change_of_the_coefficients_when_the_sensor_is_off_by_it(
    symbol: str, absolute: float, relative: float
) -> None:
    cause = Common(symbol=symbol, absolute=absolute, relative=relative)
    case = made.case("iso9806-2017-sst-points", uncertainties=(cause,))
    common = {each.symbol: each.common_uncertainty for each in case.evaluate().coefficients}
    plain = made.case("iso9806-2017-sst-points")
    if symbol == "A_G":
        off = replace(plain, item={**plain.item, "A_G": made.AREA + absolute})
    elif symbol in ("rho", "c_p"):
        share = 1.0 + relative + absolute / 4180.0
        off = with_columns(plain, V_dot=plain.record.columns["V_dot"] * share)
    else:
        off = with_columns(plain, **{symbol: plain.record.columns[symbol] * (1.0 + relative) + absolute})
    for name, value in values(off.evaluate()).items():
        assert common[name] == pytest.approx(abs(value - values(plain.evaluate())[name]), rel=0.05, abs=2e-5)


def test_ninety_five_per_cent_intervals_cover_the_truth_in_two_thousand_tests() -> None:
    """Noise from point to point, and a pyranometer and a flow meter that are off by the same in the whole test."""
    rng, truth = np.random.default_rng(9806), np.array(list(made.GLAZED.values()))
    _, columns = made.sixteen()
    above = (columns["t_in"] + columns["t_out"]) / 2.0 - columns["t_amb"]
    design = np.column_stack([columns["G"], -above, -(above**2)])
    none, error, random, shared = np.zeros(16), *np.zeros((3, 2000, 3))
    for test in range(2000):
        off_G, off_q = rng.normal(0.0, (0.004, 0.003))
        seen = design * np.array([1.0 + off_G, 1.0, 1.0])
        q = (design @ truth) * (1.0 + off_q) + rng.normal(0.0, 2.0, 16)
        fit = linear(seen, q, names=GLAZED.terms)
        common = [
            Effect(cause="G", response=none, design=np.column_stack([seen[:, 0] * 0.004, none, none])),
            Effect(cause="q", response=q * 0.003),
        ]
        shifts = propagated(design=seen, response=q, values=fit.values, random=(), common=common).common
        error[test], random[test], shared[test] = fit.values - truth, fit.standard_errors, np.sqrt(np.diag(shifts))
    factor = coverage_factor(random=random, common=shared, dof=13)
    covered = (np.abs(error) <= factor * np.hypot(random, shared)).mean(axis=0)
    assert np.all((covered > 0.93) & (covered < 0.97)), covered


def test_the_coverage_factor_is_two_for_a_well_known_uncertainty_and_grows_with_few_degrees_of_freedom() -> None:
    assert coverage_factor(random=0.0, common=1.0, dof=3) == 2.0
    assert coverage_factor(random=1e-6, common=1.0, dof=3) == pytest.approx(2.0, abs=1e-6)
    # EA-4/02 M:2022, table E.1: 95.45 % and 10 and 20 effective degrees of freedom
    assert coverage_factor(random=1.0, common=0.0, dof=10) == pytest.approx(2.28, abs=0.005)
    assert coverage_factor(random=1.0, common=0.0, dof=20) == pytest.approx(2.13, abs=0.005)
    # equal parts: the effective number is four times as large (JCGM 100:2008 G.4.1)
    assert coverage_factor(random=1.0, common=1.0, dof=5) == coverage_factor(random=1.0, common=0.0, dof=20)


def test_the_prediction_uncertainty_is_that_of_the_covariance() -> None:
    values_, covariance = np.array([0.75, 3.5, 0.01]), np.diag([1e-4, 0.01, 1e-6])
    power, u = predicted(
        values=values_, covariance=covariance, G=np.array([1000.0, 800.0]), above=np.array([0.0, 50.0])
    )
    np.testing.assert_allclose(power, [750.0, 600.0 - 175.0 - 25.0])
    np.testing.assert_allclose(u, [10.0, np.sqrt(64.0 + 25.0 + 6.25)])


# --- properties ---


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(16)))
def test_the_order_of_points_does_not_matter(order: list[int]) -> None:
    case = made.case("iso9806-2017-sst-points")
    shuffled = {s: v[order] for s, v in case.record.columns.items()}
    other = replace(case, record=replace(case.record, columns=shuffled), item={"A_G": made.AREA})
    plain = replace(case, item={"A_G": made.AREA})
    assert values(other.evaluate()) == pytest.approx(values(plain.evaluate()), rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.05, 50.0))
def test_area_and_flow_scaled_together_leave_every_coefficient(scale: float) -> None:
    case = made.case("iso9806-2017-sst-points")
    scaled = with_columns(case, V_dot=case.record.columns["V_dot"] * scale)
    scaled = replace(scaled, item={**case.item, "A_G": made.AREA * scale})
    assert values(scaled.evaluate()) == pytest.approx(values(case.evaluate()), rel=1e-8)


def test_doubling_the_area_halves_every_coefficient() -> None:
    case = made.case("iso9806-2017-sst-points")
    double = replace(case, item={**case.item, "A_G": 2.0 * made.AREA})
    assert values(double.evaluate()) == pytest.approx(
        {s: v / 2.0 for s, v in values(case.evaluate()).items()}, rel=1e-9
    )


# --- from samples ---


def test_samples_and_their_averages_give_the_same_coefficients() -> None:
    case = made.case("iso9806-2017-sst", exact=True)
    outcome = case.evaluate()
    columns = {s: outcome.points[s] for s in ("G", "t_in", "t_out", "t_amb", "V_dot", "u")}
    rows = Record(time=outcome.points["time"], columns=columns)
    stated = replace(made.case("iso9806-2017-sst-points"), record=rows, item={"A_G": made.AREA, "mount": "tracking"})
    assert values(stated.evaluate()) == pytest.approx(values(outcome), rel=1e-4)


def test_a_negative_a2_is_set_to_zero_and_the_fit_repeated() -> None:
    time, columns = made.sixteen()
    bent = made.glazed_columns(
        columns["G"], columns["t_in"], columns["t_amb"], {"eta0hem": 0.74, "a1": 4.0, "a2": -0.01}
    )
    case = made.case("iso9806-2017-sst-points")
    outcome = replace(case, record=Record(time=time, columns=bent)).evaluate()
    assert values(outcome)["a2"] == 0.0
    assert "a2 came out negative" in next(e.sentence_en for e in outcome.notes if e.code == "set to zero")


def test_time_constant_and_transit_time_lengthen_the_interval() -> None:
    def duration(**item: Any) -> float:
        case = made.case("iso9806-2017-sst")
        return float(replace(case, item={"A_G": 2.0, "mount": "tracking", **item}).evaluate().points["duration"][0])

    assert duration() == 600.0
    assert duration(tau_c=210.0) == 840.0
    assert duration(transit_time=240.0, tau_c=200.0) == 960.0


def test_a_fixed_mount_needs_its_place_and_keeps_the_angle_of_incidence() -> None:
    case = made.case("iso9806-2017-sst")
    fixed = replace(case, item={"A_G": 2.0})
    with pytest.raises(NotEvaluable, match="tilt, azimuth, latitude, longitude is lacking"):
        fixed.evaluate()
    outcome = replace(case, item={"A_G": 2.0, **made.PLACE, "tilt": 17.0}).evaluate()
    assert "theta maximum" in {each.code for each in outcome.refusals}
    assert outcome.points["theta"].max() <= 20.0
    wide = replace(case, item={"A_G": 2.0, **made.PLACE, "tilt": 17.0, "b0": 0.1}).evaluate()
    # K = 1 - 0.1 (1/cos(theta) - 1) = 0.98 at acos(1/1.2) = 33.56 deg
    assert 20.0 < wide.points["theta"].max() <= 33.557309761920624 + 1e-9


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("G", 600.0, "G mean at least"),
        ("u", 5.0, "u mean at most"),
        ("u", 1.0, "u mean at least"),
        ("Gd", 400.0, "Gd_share mean at most"),
    ],
)
def test_an_interval_outside_the_test_conditions_is_refused_with_its_reason(
    column: str, value: float, code: str
) -> None:
    case = made.case("iso9806-2017-sst")
    changed = case.record.columns.get(column, np.full(case.record.time.size, 90.0)).copy()
    changed[:200] = value
    outcome = with_columns(case, **{column: changed}).evaluate()
    assert code in {each.code for each in outcome.refusals}


def test_too_few_intervals_are_refused_with_the_commonest_reason() -> None:
    case = made.case("iso9806-2017-sst")
    with pytest.raises(NotEvaluable, match=r"Only 0 steady intervals.*air speed is in the mean above 4 m/s"):
        with_columns(case, u=np.full(case.record.time.size, 6.0)).evaluate()


def test_exchanged_inlet_and_outlet_are_refused() -> None:
    case = made.case("iso9806-2017-sst-points")
    swapped = with_columns(case, t_in=case.record.columns["t_out"], t_out=case.record.columns["t_in"])
    with pytest.raises(NotEvaluable, match="which no collector has"):
        swapped.evaluate()


def test_one_air_speed_cannot_tell_the_wind_terms_and_says_so() -> None:
    case = made.case("iso9806-2017-sst-wisc-points")
    with pytest.raises(NotEvaluable, match="cannot be identified"):
        with_columns(case, u=np.full(16, 3.0)).evaluate()
    assert "air speeds lacking" in codes(with_columns(case, u=np.tile([2.6, 3.0, 3.2, 3.4], 4)).evaluate())


def test_conditions_that_a_report_does_not_keep_are_told() -> None:
    case = made.case("iso9806-2017-sst-points")
    few = {s: v[[0, 1, 4, 5, 6, 12, 13]] for s, v in case.record.columns.items()}
    outcome = replace(case, record=Record(time=case.record.time[[0, 1, 4, 5, 6, 12, 13]], columns=few)).evaluate()
    assert {
        "few points",
        "few inlet temperatures",
        "few points at a level",
        "not symmetric about noon",
        "no calibration uncertainty",
        "limits not confirmed",
    } <= set(codes(outcome))
    wind = with_columns(case, u=np.r_[np.full(15, 3.0), 7.0]).evaluate()
    assert "air speed outside test conditions" in codes(wind)
    assert "of point 16 is outside" in " ".join(each.sentence_en for each in wind.notes)


def test_temperatures_further_apart_than_the_gap_are_levels_of_their_own() -> None:
    found = levels(np.array([40.2, 20.0, 21.0, 39.9, 60.0]), 3.0)
    assert [each.tolist() for each in found] == [[20.0, 21.0], [39.9, 40.2], [60.0]]


@pytest.mark.parametrize("rows", [slice(0, 16), slice(0, 12)])
def test_the_fit_of_points_is_the_ordinary_one_by_efficiency_too(rows: slice) -> None:
    _, columns = made.sixteen(noise=0.02)
    blocks = {s: v[rows][:, None] for s, v in columns.items()}
    circuit = Circuit(area=made.AREA, fluid=WATER)
    fit = fit_points(model=GLAZED, blocks=blocks, circuit=circuit, causes=(), t_ratio_min=0.0, by_efficiency=True)
    above = circuit.above(blocks)[:, 0]
    G = columns["G"][rows]
    design = np.column_stack([np.ones(G.size), -above / G, -(above**2) / G])
    expected, *_ = np.linalg.lstsq(design, circuit.power(blocks)[:, 0] / made.AREA / G, rcond=None)
    np.testing.assert_allclose(fit.values, expected, rtol=1e-8)


def test_the_printed_table_is_reproduced_by_both_editions() -> None:
    one: Callable[[str], Outcome] = lambda method: autotherm(method=method, A_G=1.4, **AS_PRINTED)  # noqa: E731
    assert values(one("iso9806-2017-sst-points")) == values(one("gbt4271-2021-sst-points"))
