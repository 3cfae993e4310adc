"""The law of propagation of uncertainty, against the examples of the GUM and closed forms."""

import json
import math

import GTC
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.metrology import inputs as quantities
from protocols.metrology.coverage import coverage_factor, dof_of_reliability, welch_satterthwaite
from protocols.metrology.gum import Input, first_order, first_order_joint, second_order, second_order_terms
from tests.protocols.conftest import DATA

CASES = json.loads((DATA / "gum" / "cases.json").read_text("utf-8"))


def gauge_inputs() -> list[Input]:
    """H.1, with the components that are themselves combined."""
    d = welch_satterthwaite([5.8, 3.9, 6.7], [24, 5, 8])
    return [
        quantities.from_expanded("l_S", 50000623.0, expanded_uncertainty=75.0, coverage_factor=3.0, dof=18, unit="nm"),
        Input(name="d", value=215.0, standard_uncertainty=math.hypot(5.8, 3.9, 6.7), dof=d, unit="nm"),
        quantities.rectangular("delta_alpha", 0.0, half_width=1e-6, dof=50),
        quantities.rectangular("delta_theta", 0.0, half_width=0.05, dof=2),
        quantities.rectangular("alpha_S", 11.5e-6, half_width=2e-6),
        Input(name="theta", value=-0.1, standard_uncertainty=math.hypot(0.2, 0.5 / math.sqrt(2.0))),
    ]


def gauge(x: np.ndarray) -> np.ndarray:
    l_S, d, delta_alpha, delta_theta, alpha_S, theta = x
    return l_S + d - l_S * (delta_alpha * theta + alpha_S * delta_theta)


def test_the_end_gauge_of_the_gum_has_its_printed_budget() -> None:
    expected = CASES["gum_H1_end_gauge"]["expected_recomputed"]
    found = first_order(gauge, gauge_inputs())
    assert found.value == pytest.approx(expected["l_nm"], abs=1e-6)
    assert found.standard_uncertainty == pytest.approx(expected["u_c_nm"], rel=1e-8)
    parts = [abs(each.contribution) for each in found.contributions]
    np.testing.assert_allclose(parts[:4], list(expected["contrib_nm"].values()), rtol=1e-7)
    assert max(parts[4:]) < 1e-6
    assert sum(each.share for each in found.contributions) == pytest.approx(1.0)
    assert gauge_inputs()[1].dof == pytest.approx(expected["nu_d"], rel=1e-12)
    assert found.dof == pytest.approx(expected["nu_eff"], rel=1e-7)
    stated = found.expanded(0.99)
    assert stated.dof == 16
    assert stated.coverage_factor == pytest.approx(expected["k99_nu16"], rel=1e-12)
    assert stated.expanded_uncertainty == pytest.approx(expected["U99_nm_nu16"], rel=1e-8)


def test_a_complex_step_and_analytic_sensitivities_give_the_same_as_differences() -> None:
    inputs = gauge_inputs()
    central = first_order(gauge, inputs).standard_uncertainty
    assert first_order(gauge, inputs, derivative="complex").standard_uncertainty == pytest.approx(central, rel=1e-8)
    analytic = [1.0, 1.0, 0.1 * 50000623.0, -11.5e-6 * 50000623.0, 0.0, 0.0]
    assert first_order(gauge, inputs, sensitivities=analytic).standard_uncertainty == pytest.approx(central, rel=1e-8)


def test_terms_of_second_order_raise_the_end_gauge_to_thirty_four_nanometres() -> None:
    expected = CASES["gum_H1_end_gauge"]["expected_recomputed"]
    found = second_order(gauge, gauge_inputs())
    assert found.standard_uncertainty == pytest.approx(expected["u_c_with_second_order_nm"], rel=1e-6)
    terms = second_order_terms(gauge, gauge_inputs())
    pairs = [math.sqrt(terms[i, j] + terms[j, i]) for i, j in ((2, 5), (3, 4))]
    np.testing.assert_allclose(pairs, expected["second_order_nm"], rtol=1e-4)
    shares = sum(each.share for each in found.contributions)
    assert shares + found.second_order / found.standard_uncertainty**2 == pytest.approx(1.0)


def test_second_order_terms_are_those_of_a_polynomial_by_hand() -> None:
    inputs = [Input(name=name, value=x, standard_uncertainty=u) for name, x, u in (("a", 1.5, 0.2), ("b", -0.7, 0.3))]
    terms = second_order_terms(lambda x: x[0] ** 3 + 2.0 * x[0] * x[1] ** 2, inputs)
    a, b, ua, ub = 1.5, -0.7, 0.2, 0.3
    f_a, f_b, f_aa, f_bb, f_ab = 3 * a**2 + 2 * b**2, 4 * a * b, 6 * a, 4 * a, 4 * b
    by_hand = [
        [(f_aa**2 / 2 + f_a * 6.0) * ua**4, (f_ab**2 / 2 + f_a * 4.0) * ua**2 * ub**2],
        [(f_ab**2 / 2 + f_b * 0.0) * ua**2 * ub**2, (f_bb**2 / 2 + f_b * 0.0) * ub**4],
    ]
    np.testing.assert_allclose(terms, by_hand, rtol=1e-9, atol=1e-12)
    assert second_order_terms(lambda x: x[0], [Input(name="a", value=1.0, standard_uncertainty=0.0)]).tolist() == [
        [0.0]
    ]


def test_a_negative_variance_of_second_order_is_refused() -> None:
    wave = [Input(name="x", value=0.0, standard_uncertainty=1.1)]
    with pytest.raises(ValueError, match="Monte Carlo"):
        second_order(lambda x: np.sin(x[0]), wave)  # f f_iii = -cos^2: 1 - u^2 < 0


def impedance(x: np.ndarray) -> np.ndarray:
    V, current, phase = x
    return np.stack([V / current * np.cos(phase), V / current * np.sin(phase), V / current])


def test_quantities_read_together_give_the_resistance_and_reactance_of_the_gum() -> None:
    case = CASES["gum_H2_R_X_Z"]
    readings = [case["inputs"][name] for name in ("V", "I", "phi")]
    inputs, correlation = quantities.from_joint_readings(["V", "I", "phi"], readings)
    expected = case["expected_recomputed"]
    np.testing.assert_allclose([each.value for each in inputs], expected["mean"], rtol=1e-13)
    np.testing.assert_allclose([each.standard_uncertainty for each in inputs], expected["u"], rtol=1e-11)
    np.testing.assert_allclose(correlation, expected["corr"], rtol=1e-10)
    found = first_order_joint(impedance, inputs, correlation=correlation)
    np.testing.assert_allclose(found.values, [expected["R"], expected["X"], expected["Z"]], rtol=1e-12)
    np.testing.assert_allclose(found.standard_uncertainties, expected["u_RXZ"], rtol=1e-8)
    np.testing.assert_allclose(found.correlation, expected["corr_RXZ"], rtol=1e-7)
    np.testing.assert_allclose(found.dof, expected["nu"])
    alone = first_order(lambda x: impedance(x)[0], inputs, correlation=correlation)
    assert alone.expanded(0.95).dof == 4
    assert sum(each.share for each in alone.contributions) == pytest.approx(1.0)
    independent = first_order_joint(impedance, inputs)
    np.testing.assert_allclose(independent.standard_uncertainties, case["recomputed_no_corr"]["u_RXZ"], rtol=1e-8)


def test_the_weight_of_ea_4_02_has_its_printed_expanded_uncertainty() -> None:
    case = CASES["ea402_S2_weight_10kg"]
    given_ = case["inputs"]
    inputs = [
        quantities.from_expanded("m_S", given_["m_S"]["value"], expanded_uncertainty=0.045, coverage_factor=2.0),
        quantities.rectangular("drift", 0.0, half_width=0.015),
        Input(name="delta_m", value=0.02, standard_uncertainty=0.025 / math.sqrt(3.0)),
        quantities.rectangular("eccentricity", 0.0, half_width=0.01),
        quantities.rectangular("buoyancy", 0.0, half_width=0.01),
    ]
    found = first_order(lambda x: x.sum(axis=0), inputs)
    assert found.value == pytest.approx(case["expected_recomputed"]["m_X_g"], abs=1e-9)
    assert found.standard_uncertainty == pytest.approx(case["expected_recomputed"]["u_g"], rel=1e-8)
    parts = [each.contribution for each in found.contributions]
    np.testing.assert_allclose(parts, list(case["expected_recomputed"]["contrib_g"].values()), rtol=1e-7)
    assert round(1000.0 * 2.0 * found.standard_uncertainty) == case["expected_published"]["U_mg"]


def test_coverage_factors_are_those_of_table_g_2() -> None:
    for dof, row in CASES["gum_G2_t_table"]["expected"].items():
        for percent, k in row.items():
            found = coverage_factor(probability=float(percent) / 100.0, dof=float(dof))
            # the source took a large number of degrees for infinitely many
            assert found == pytest.approx(k, rel=1e-8 if dof == "inf" else 1e-12)


def test_effective_degrees_of_freedom_are_those_of_the_textbooks() -> None:
    for case in CASES["welch_satterthwaite_small"]["cases"][:2]:
        parts = np.array(case["u"]) * np.array(case.get("c", 1.0))
        assert welch_satterthwaite(parts, [float(nu) for nu in case["nu"]]) == pytest.approx(case["expected_nu"])
    case = CASES["welch_satterthwaite_small"]["cases"][2]
    inputs = [
        Input(name=name, value=x, standard_uncertainty=u, dof=nu)
        for name, x, u, nu in zip("abc", case["x"], case["u"], case["nu"], strict=True)
    ]
    found = first_order(lambda x: x[0] / x[1] * x[2], inputs)
    assert found.value == pytest.approx(case["expected"]["yc"], rel=1e-12)
    assert found.standard_uncertainty == pytest.approx(case["expected"]["u"], rel=1e-8)
    assert found.dof == pytest.approx(case["expected"]["nu"], rel=1e-7)


def test_degrees_of_freedom_are_truncated_but_not_below_what_rounding_errors_only_miss() -> None:
    assert coverage_factor(probability=0.99, dof=16.9) == coverage_factor(probability=0.99, dof=16.0)
    assert coverage_factor(probability=0.99, dof=16.0 - 1e-14 * 16) == coverage_factor(probability=0.99, dof=16.0)
    assert coverage_factor(probability=0.95) == pytest.approx(1.959963984540054, rel=1e-13)


def test_correlated_inputs_of_unlike_degrees_of_freedom_leave_none_and_no_coverage_factor() -> None:
    inputs = [Input(name=name, value=1.0, standard_uncertainty=0.1, dof=dof) for name, dof in (("a", 4), ("b", 9))]
    found = first_order(lambda x: x[0] + x[1], inputs, correlation=[[1.0, 0.5], [0.5, 1.0]])
    assert found.standard_uncertainty == pytest.approx(0.1 * math.sqrt(3.0))
    assert math.isnan(found.dof)
    with pytest.raises(ValueError, match="no coverage factor"):
        found.expanded(0.95)


def test_fully_correlated_errors_add_and_opposite_ones_cancel() -> None:
    inputs = [Input(name=name, value=1.0, standard_uncertainty=u) for name, u in (("a", 3.0), ("b", 4.0))]
    together, against = [[1.0, 1.0], [1.0, 1.0]], [[1.0, -1.0], [-1.0, 1.0]]
    assert first_order(lambda x: x[0] + x[1], inputs, correlation=together).standard_uncertainty == pytest.approx(7.0)
    assert first_order(lambda x: x[0] + x[1], inputs, correlation=against).standard_uncertainty == pytest.approx(1.0)
    assert first_order(lambda x: x[0] + x[1], inputs).standard_uncertainty == pytest.approx(5.0)


def test_what_all_points_share_does_not_average_out_and_is_told_apart() -> None:
    points = [Input(name=f"p{i}", value=1.0, standard_uncertainty=0.3) for i in range(9)]
    shared = Input(name="calibration", value=1.0, standard_uncertainty=0.05, common=True)
    found = first_order(lambda x: x[0] * x[1:].mean(axis=0), [shared, *points])
    assert found.common_uncertainty == pytest.approx(0.05)
    assert found.random_uncertainty == pytest.approx(0.1)
    assert found.standard_uncertainty == pytest.approx(math.hypot(0.05, 0.1))


def test_inputs_from_stated_widths_have_the_uncertainties_of_their_distributions() -> None:
    width = {"half_width": 0.6}
    assert quantities.rectangular("x", 1.0, **width).standard_uncertainty == pytest.approx(0.6 / math.sqrt(3.0))
    assert quantities.triangular("x", 1.0, **width).standard_uncertainty == pytest.approx(0.6 / math.sqrt(6.0))
    assert quantities.arcsine("x", 1.0, **width).standard_uncertainty == pytest.approx(0.6 / math.sqrt(2.0))
    for top, like in ((0.0, quantities.triangular), (1.0, quantities.rectangular)):
        found = quantities.trapezoidal("x", 1.0, top=top, **width)
        assert found.standard_uncertainty == pytest.approx(like("x", 1.0, **width).standard_uncertainty)
    readings = [10.1, 10.3, 9.9, 10.0]
    read = quantities.from_readings("x", readings, unit="K", common=True)
    assert (read.dof, read.unit, read.common) == (3, "K", True)
    assert read.standard_uncertainty == pytest.approx(np.std(readings, ddof=1) / 2.0)
    assert dof_of_reliability(0.25) == 8.0  # GUM G.4.2


def test_a_quantity_that_never_moved_is_correlated_with_nothing() -> None:
    _, correlation = quantities.from_joint_readings(["still", "moving"], [[1.0, 1.0, 1.0], [1.0, 2.0, 4.0]])
    np.testing.assert_array_equal(correlation, np.eye(2))


@pytest.mark.parametrize("u", [1e-3, 1.0, 1e3])
def test_an_uncertainty_far_below_its_value_does_not_drown_in_rounding(u: float) -> None:
    moment = Input(name="seconds since 1970", value=1.7e9, standard_uncertainty=u)
    twice = second_order(lambda x: 2.0 * x[0], [moment])
    assert twice.standard_uncertainty == pytest.approx(2.0 * u, rel=1e-3)


def test_a_small_constant_of_the_model_is_not_moved_out_of_where_the_model_holds() -> None:
    constant = Input(name="k", value=1e-6, standard_uncertainty=0.0)
    found = first_order(lambda x: np.log(x[0]) + x[1], [constant, ONE])
    assert found.standard_uncertainty == pytest.approx(ONE.standard_uncertainty, rel=1e-9)
    assert found.contributions[0].sensitivity == pytest.approx(1e6, rel=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 2.0), st.floats(0.01, 0.2)), min_size=2, max_size=4), st.floats(0.01, 1000.0))
def test_relative_uncertainties_of_a_product_add_in_squares_in_any_unit(
    given_: list[tuple[float, float]], scale: float
) -> None:
    inputs = [Input(name=str(i), value=x * scale, standard_uncertainty=u * scale) for i, (x, u) in enumerate(given_)]
    found = first_order(lambda x: np.prod(x, axis=0), inputs)
    relative = math.sqrt(sum((u / x) ** 2 for x, u in given_))
    assert found.standard_uncertainty / found.value == pytest.approx(relative, rel=1e-6)
    backwards = first_order(lambda x: np.prod(x, axis=0), inputs[::-1])
    assert backwards.standard_uncertainty == pytest.approx(found.standard_uncertainty, rel=1e-12)


def test_correlated_budgets_are_those_of_gtc() -> None:
    rng = np.random.default_rng(3)
    values, u = rng.uniform(0.5, 2.0, 4), rng.uniform(0.01, 0.1, 4)
    mixed = rng.normal(size=(4, 4))
    r = mixed @ mixed.T
    r /= np.sqrt(np.outer(np.diag(r), np.diag(r)))
    theirs = [GTC.ureal(x, each, independent=False) for x, each in zip(values, u, strict=True)]
    for i in range(4):
        for j in range(i):
            GTC.set_correlation(r[i, j], theirs[i], theirs[j])
    expected = theirs[0] * GTC.exp(theirs[1]) / theirs[2] - GTC.sin(theirs[3]) * theirs[0]
    inputs = [
        Input(name=str(i), value=x, standard_uncertainty=each)
        for i, (x, each) in enumerate(zip(values, u, strict=True))
    ]

    def model(x: np.ndarray) -> np.ndarray:
        return x[0] * np.exp(x[1]) / x[2] - np.sin(x[3]) * x[0]

    for derivative in ("central", "complex"):
        found = first_order(model, inputs, correlation=r, derivative=derivative)
        assert found.value == pytest.approx(expected.x, rel=1e-13)
        assert found.standard_uncertainty == pytest.approx(expected.u, rel=1e-8)
        sensitivities = [GTC.rp.sensitivity(expected, each) for each in theirs]
        np.testing.assert_allclose([each.sensitivity for each in found.contributions], sensitivities, rtol=1e-7)


ONE = Input(name="x", value=1.0, standard_uncertainty=0.1)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: Input(name="x", value=math.nan, standard_uncertainty=0.1), "value of x"),
        (lambda: Input(name="x", value=1.0, standard_uncertainty=-0.1), "uncertainty of x"),
        (lambda: Input(name="x", value=1.0, standard_uncertainty=0.1, dof=0.0), "degrees of freedom"),
        (lambda: first_order(lambda x: np.log(x[0] - 1.0), [ONE]), "no finite number"),
        (lambda: first_order(lambda x: x[0] * 1j, [ONE]), "complex numbers"),
        (lambda: first_order(lambda x: np.abs(x[0]), [ONE], derivative="complex"), "drops complex"),
        (lambda: first_order(lambda x: x[0], [ONE], derivative="exact"), "not known"),
        (lambda: first_order(lambda x: x[0], [ONE], sensitivities=[1.0, 2.0]), "first_order_joint"),
        (lambda: first_order(lambda x: x[0], [ONE], sensitivities=[math.nan]), "not a finite number"),
        (lambda: first_order(lambda x: x[0], [ONE, ONE], correlation=[[1.0]]), "2 x 2"),
        (lambda: first_order(lambda x: x[0], [ONE, ONE], correlation=[[1.0, 2.0], [2.0, 1.0]]), "eigenvalue"),
        (lambda: coverage_factor(probability=95.0), "between 0 and 1"),
        (lambda: coverage_factor(probability=0.95, dof=0.7), "no coverage factor"),
        (lambda: welch_satterthwaite([1.0], [0.0]), "positive"),
        (lambda: welch_satterthwaite([math.nan], [1.0]), "not a finite number"),
        (lambda: dof_of_reliability(0.0), "positive"),
        (lambda: quantities.from_readings("x", [1.0]), "two finite readings"),
        (lambda: quantities.from_readings("x", [1.0, math.nan]), "two finite readings"),
        (lambda: quantities.rectangular("x", 1.0, half_width=-1.0), "positive numbers"),
        (lambda: quantities.trapezoidal("x", 1.0, half_width=1.0, top=1.5), "from 0 to 1"),
    ],
)
def test_what_makes_no_budget_is_refused_in_a_sentence(wrong: object, sentence: str) -> None:
    with np.errstate(divide="ignore", invalid="ignore"), pytest.raises(ValueError, match=sentence):
        wrong()  # type: ignore[operator]
