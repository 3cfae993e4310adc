"""Propagation of distributions: JCGM 101 and 102, against exact answers within the noise that the draws have."""

import json
import math

import numpy as np
import pytest
from scipy import stats

from protocols.fits import linear
from protocols.metrology import draws as from_
from protocols.metrology import inputs as quantities
from protocols.metrology.gum import Input, Measurement, first_order, second_order
from protocols.metrology.montecarlo import (
    SHORTEST,
    SYMMETRIC,
    adaptive,
    coverage_interval,
    draw,
    joint_summary,
    least_squares,
    summary,
    tolerance,
    validate,
)
from tests.protocols.conftest import DATA

CASES = json.loads((DATA / "montecarlo" / "cases.json").read_text("utf-8"))
ROOT3 = math.sqrt(3.0)


def seeded(seed: int = 20240601) -> np.random.Generator:
    return np.random.default_rng(seed)


def total(x: np.ndarray) -> np.ndarray:
    return x.sum(axis=0)


def mass(x: np.ndarray) -> np.ndarray:
    """JCGM 101:2008 9.3: what a weight of 100 g lacks or exceeds, in mg; deviations from 100 000 mg, kg/m3."""
    reference, added, air, weight, standard = x
    return (reference + added) * (1.0 + (air - 1.2) * (1.0 / weight - 1.0 / standard)) - 1e5


MASS = [
    Input(name="reference", value=1e5, standard_uncertainty=0.05, unit="mg"),
    Input(name="added", value=1.234, standard_uncertainty=0.020, unit="mg"),
    quantities.rectangular("air", 1.2, half_width=0.1, unit="kg/m3"),
    quantities.rectangular("weight", 8000.0, half_width=1000.0, unit="kg/m3"),
    quantities.rectangular("standard", 8000.0, half_width=50.0, unit="kg/m3"),
]


def gauge_sampler() -> from_.Sampler:
    return from_.joint(
        from_.scaled_t(50000623.0, 25.0, 18.0),
        from_.scaled_t([215.0, 0.0, 0.0], [6.0, 4.0, 7.0], [24.0, 5.0, 8.0]),
        from_.rectangular(9.5e-6, 13.5e-6),
        from_.normal(-0.1, 0.2),
        from_.arcsine(-0.5, 0.5),
        from_.curvilinear_trapezoid([-1.0e-6, -0.050], [1.0e-6, 0.050], [0.1e-6, 0.025]),
    )


def gauge(x: np.ndarray) -> np.ndarray:
    """JCGM 101:2008 9.5, the deviation from 50 mm in nm."""
    L_S, D, d1, d2, alpha_S, theta0, swing, dalpha, dtheta = x
    return L_S + D + d1 + d2 - L_S * (dalpha * (theta0 + swing) + alpha_S * dtheta) - 5e7


@pytest.mark.parametrize(
    ("sampler", "expected"),
    [
        (from_.normal(2.0, 0.5), stats.norm(2.0, 0.5)),
        (from_.scaled_t(2.0, 0.5, 7.0), stats.t(7.0, 2.0, 0.5)),
        (from_.rectangular(-1.0, 3.0), stats.uniform(-1.0, 4.0)),
        (from_.triangular(-1.0, 3.0), stats.triang(0.5, -1.0, 4.0)),
        (from_.trapezoidal(-1.0, 3.0, 0.4), stats.trapezoid(0.3, 0.7, -1.0, 4.0)),
        (from_.arcsine(-1.0, 3.0), stats.arcsine(-1.0, 4.0)),
        (from_.exponential(2.0), stats.expon(scale=2.0)),
        (from_.gamma(4.0, 0.25), stats.gamma(4.0, scale=0.25)),
    ],
    ids=["normal", "t", "rectangular", "triangular", "trapezoidal", "arcsine", "exponential", "gamma"],
)
def test_draws_follow_their_distribution(sampler: from_.Sampler, expected: stats.rv_continuous) -> None:
    drawn = sampler(seeded(), 20_000)
    assert drawn.shape == (1, 20_000)
    assert stats.kstest(drawn[0], expected.cdf).pvalue > 0.01


def test_draws_between_inexact_bounds_have_the_variance_of_a_curvilinear_trapezoid() -> None:
    drawn = from_.curvilinear_trapezoid(2.0, 4.0, 0.5)(seeded(), 100_000)[0]
    assert drawn.mean() == pytest.approx(3.0, abs=0.008)
    assert drawn.var() == pytest.approx(4.0 / 12.0 + 0.25 / 9.0, rel=0.02)  # JCGM 101:2008 6.4.3
    np.testing.assert_allclose([drawn.min(), drawn.max()], [1.5, 4.5], atol=0.05)
    assert stats.kstest(drawn, "uniform", args=(2.0, 2.0)).pvalue < 1e-6


def test_correlated_draws_have_their_covariance_also_when_it_is_singular() -> None:
    covariance = np.array([[4.0, 2.0, 2.0], [2.0, 9.0, 9.0], [2.0, 9.0, 9.0]])
    drawn = from_.multivariate_normal([1.0, 2.0, 3.0], covariance)(seeded(), 100_000)
    np.testing.assert_allclose(drawn.mean(axis=1), [1.0, 2.0, 3.0], atol=0.04)
    np.testing.assert_allclose(np.cov(drawn), covariance, atol=0.15)
    np.testing.assert_allclose(drawn[1] - 2.0, drawn[2] - 3.0, atol=1e-6)


@pytest.mark.parametrize("case", CASES["jcgm101_9_2_additive"]["cases"], ids=lambda case: case["id"])
def test_sums_of_four_quantities_have_the_exact_interval(case: dict[str, dict[str, list[float]]]) -> None:
    samplers = {
        "9.2.2": from_.normal(np.zeros(4), 1.0),
        "9.2.3": from_.rectangular(np.full(4, -ROOT3), ROOT3),
        "9.2.4": from_.rectangular(-ROOT3 * np.array([1.0, 1.0, 1.0, 10.0]), ROOT3 * np.array([1.0, 1.0, 1.0, 10.0])),
    }
    found = summary(draw(total, samplers[case["id"]], draws=200_000, rng=seeded()), interval=SYMMETRIC)
    u = case["expected"]["u"]
    assert found.value == pytest.approx(0.0, abs=4.0 * u / math.sqrt(200_000))
    assert found.standard_uncertainty == pytest.approx(u, rel=0.006)
    # an end is known to sqrt(p(1 - p)/M)/density, at most 0.011 u here
    np.testing.assert_allclose([found.low, found.high], case["expected"]["exact"], atol=0.035 * u / 2.0)


def test_the_mass_of_jcgm_101_needs_more_than_first_order() -> None:
    first, second = first_order(mass, MASS), second_order(mass, MASS)
    assert first.value == pytest.approx(1.234, abs=1e-9)
    assert first.standard_uncertainty == pytest.approx(0.0539, abs=5e-5)
    assert second.standard_uncertainty == pytest.approx(0.0750, abs=5e-5)
    found = summary(draw(mass, from_.of_inputs(MASS), draws=400_000, rng=seeded()))
    assert found.standard_uncertainty == pytest.approx(0.0754797, rel=0.005)
    np.testing.assert_allclose([found.low, found.high], [1.083, 1.383], atol=0.003)
    assert not validate(first, found, digits=1).holds


def test_a_difference_that_cannot_be_negative_has_no_first_order_uncertainty_but_has_draws() -> None:
    # JCGM 101:2008 9.4: y = x1^2 + x2^2, u = 0.005; a noncentral chi-squared
    sampler = from_.normal([0.010, 0.0], 0.005)
    drawn = draw(lambda x: x[0] ** 2 + x[1] ** 2, sampler, draws=200_000, rng=seeded())
    found = summary(drawn)
    assert found.value == pytest.approx(150e-6, rel=0.003)
    assert found.standard_uncertainty == pytest.approx(111.803e-6, rel=0.006)
    np.testing.assert_allclose([found.low, found.high], [0.0, 366e-6], atol=4e-6)
    symmetric = summary(drawn, interval=SYMMETRIC)
    np.testing.assert_allclose(
        [symmetric.low, symmetric.high], 25e-6 * stats.ncx2(2, 4.0).ppf([0.025, 0.975]), rtol=0.02
    )
    nothing = [Input(name=name, value=0.0, standard_uncertainty=0.005) for name in "ab"]
    assert first_order(lambda x: x[0] ** 2 + x[1] ** 2, nothing).standard_uncertainty == pytest.approx(0.0, abs=1e-12)


def test_the_gauge_block_has_its_published_interval_of_ninety_nine_percent() -> None:
    case = CASES["jcgm101_9_5_gauge_block"]["expected_recomputed"]
    found = summary(draw(gauge, gauge_sampler(), draws=400_000, rng=seeded(), workers=2), probability=0.99)
    assert found.value == pytest.approx(case["y"], abs=0.25)
    assert found.standard_uncertainty == pytest.approx(case["u"], rel=0.005)
    np.testing.assert_allclose([found.low, found.high], case["shortest99"], atol=2.5)
    symmetric = coverage_interval(np.sort(draw(gauge, gauge_sampler(), draws=100_000, rng=seeded(1))), probability=0.95)
    np.testing.assert_allclose(symmetric, case["shortest95"], atol=3.0)


def test_the_logarithm_of_a_uniform_quantity_has_its_exact_shortest_interval() -> None:
    expected = CASES["npl_ln_uniform"]["expected_exact"]
    found = summary(draw(lambda x: np.log(x[0]), from_.rectangular(0.1, 1.1), draws=200_000, rng=seeded()))
    assert found.value == pytest.approx(expected["y"], abs=0.005)
    assert found.standard_uncertainty == pytest.approx(expected["u"], rel=0.007)
    np.testing.assert_allclose([found.low, found.high], expected["shortest95"], atol=0.012)
    classical = first_order(lambda x: np.log(x[0]), [quantities.rectangular("x", 0.6, half_width=0.5)])
    assert classical.value == pytest.approx(expected["GUF_y"], rel=1e-12)
    assert classical.standard_uncertainty == pytest.approx(expected["GUF_u"], rel=1e-6)


def test_the_falling_ball_viscometer_has_its_published_mean_and_quantiles() -> None:
    case = CASES["nist_tn1900_E3_viscometer"]
    pairs = np.array(list(case["inputs"].values()))

    def viscosity(x: np.ndarray) -> np.ndarray:
        mu_c, t_m, rho_b, rho_m, t_c, rho_c = x
        return mu_c * t_m * (rho_b - rho_m) / (t_c * (rho_b - rho_c))

    found = summary(draw(viscosity, from_.normal(*pairs.T), draws=300_000, rng=seeded()), interval=SYMMETRIC)
    expected = case["expected_recomputed"]
    assert found.value == pytest.approx(expected["MC_mean"], abs=0.009)
    assert found.standard_uncertainty == pytest.approx(expected["MC_sd"], rel=0.015)
    np.testing.assert_allclose([found.low, found.high], expected["MC_quantiles"], atol=0.04)
    inputs = [Input(name=n, value=x, standard_uncertainty=u) for n, (x, u) in case["inputs"].items()]
    assert first_order(viscosity, inputs).standard_uncertainty == pytest.approx(expected["GUM_u"], rel=1e-6)


@pytest.mark.parametrize("row", CASES["jcgm102_polar"]["rows"], ids=lambda row: f"{row['x1']}-{row['r']}")
def test_polar_coordinates_have_the_means_and_covariance_of_jcgm_102(row: dict[str, float]) -> None:
    covariance = row["u"] ** 2 * np.array([[1.0, row["r"]], [row["r"], 1.0]])
    sampler = from_.multivariate_normal([row["x1"], row["x2"]], covariance)
    drawn = draw(lambda x: np.stack([np.hypot(*x), np.arctan2(x[1], x[0])]), sampler, draws=100_000, rng=seeded())
    means, found = joint_summary(drawn)
    u = np.sqrt(np.diag(found))
    magnitude, u_magnitude, phase, u_phase, correlation = row["MCM_recomputed"]
    np.testing.assert_allclose([means[0], u[0]], [magnitude, u_magnitude], rtol=0.01)
    assert means[1] == pytest.approx(phase, abs=5.0 * u_phase / math.sqrt(100_000))
    assert u[1] == pytest.approx(u_phase, rel=0.01)
    assert found[0, 1] / (u[0] * u[1]) == pytest.approx(correlation, abs=0.015)


def test_the_adaptive_procedure_stops_when_the_digits_asked_for_are_settled() -> None:
    example = CASES["jcgm101_adaptive"]["example"]["ndig1"]
    found = adaptive(mass, from_.of_inputs(MASS), rng=seeded(5), digits=1)
    assert found.draws % 10_000 == 0
    assert 20_000 <= found.draws <= 200_000  # the independent run needed 50 000
    assert found.tolerance == example["delta"]
    assert found.value == pytest.approx(example["y"], abs=2.0 * found.tolerance / 5.0)
    assert found.standard_uncertainty == pytest.approx(example["u"], abs=found.tolerance)
    np.testing.assert_allclose([found.low, found.high], example["ci"], atol=2.0 * found.tolerance)
    with pytest.raises(ValueError, match="fewer digits"):
        adaptive(mass, from_.of_inputs(MASS), rng=seeded(5), digits=2, most_draws=50_000)


def test_more_digits_need_more_draws() -> None:
    one = adaptive(total, from_.normal(np.zeros(4), 1.0), rng=seeded(), digits=1)
    two = adaptive(total, from_.normal(np.zeros(4), 1.0), rng=seeded(), digits=2)
    assert (one.tolerance, two.tolerance) == (0.5, 0.05)
    assert one.draws < two.draws
    np.testing.assert_allclose([two.low, two.high], [-3.92, 3.92], atol=0.05)


def test_threads_and_the_number_of_them_do_not_change_a_digit() -> None:
    alone = draw(gauge, gauge_sampler(), draws=23_456, rng=seeded(), workers=1)
    together = draw(gauge, gauge_sampler(), draws=23_456, rng=seeded(), workers=3)
    np.testing.assert_array_equal(alone, together)
    assert alone.shape == (23_456,)
    assert not np.array_equal(alone, draw(gauge, gauge_sampler(), draws=23_456, rng=seeded(2)))
    runs = [adaptive(total, from_.normal(np.zeros(4), 1.0), rng=seeded(), workers=n) for n in (1, 2)]
    assert runs[0] == runs[1]


def test_first_order_is_valid_for_a_linear_model_of_normal_quantities() -> None:
    inputs = [Input(name=name, value=1.0, standard_uncertainty=1.0) for name in "abcd"]
    found = adaptive(total, from_.of_inputs(inputs), rng=seeded(), digits=2)
    assert validate(first_order(total, inputs), found, digits=1).holds
    wide = [
        quantities.rectangular(name, 0.0, half_width=a * ROOT3) for name, a in zip("abcd", (1, 1, 1, 10), strict=True)
    ]
    drawn = summary(draw(total, from_.of_inputs(wide), draws=100_000, rng=seeded()), interval=SYMMETRIC)
    found = validate(first_order(total, wide), drawn, digits=1)
    assert found.high_difference == pytest.approx(19.89 - 17.02, abs=0.15)
    assert found.low_difference == pytest.approx(19.89 - 17.02, abs=0.15)
    assert not validate(first_order(total, wide), drawn, digits=2).holds


def test_intervals_of_ordered_numbers_are_those_by_hand() -> None:
    ordered = np.concatenate([np.arange(50) * 0.1, 5.0 + np.arange(50)])
    assert coverage_interval(ordered, probability=0.5, interval=SHORTEST) == (0.0, 5.0)
    # q = 50 of 100; r = 25: from the 25th to the 75th
    assert coverage_interval(ordered, probability=0.5, interval=SYMMETRIC) == (ordered[24], ordered[74])


@pytest.mark.parametrize(
    ("u", "digits", "delta"),
    [
        (0.0754797, 1, 0.005),
        (0.0754797, 2, 0.0005),
        (0.0996, 1, 0.05),
        (0.0996, 2, 0.005),
        (32.0, 2, 0.5),
        (5.0, 1, 0.5),
    ],
)
def test_the_tolerance_is_half_a_unit_of_the_last_digit(u: float, digits: int, delta: float) -> None:
    assert tolerance(u, digits=digits) == pytest.approx(delta)


def test_a_fit_in_every_draw_is_the_fit_of_every_draw() -> None:
    rng = seeded()
    columns, response = rng.normal(size=(3, 16, 40)), rng.normal(size=(16, 40))
    columns[2] *= 1e4
    found = least_squares(columns, response)
    for at in range(40):
        expected = linear(columns[:, :, at].T, response[:, at], names="abc").values
        np.testing.assert_allclose(found[:, at], expected, rtol=1e-11, atol=1e-17)


def test_a_fit_that_some_draw_does_not_identify_is_refused() -> None:
    columns = np.ones((2, 16, 3))
    with pytest.raises(ValueError, match="depend on each other"):
        least_squares(columns, np.ones((16, 3)))
    with pytest.raises(ValueError, match="column of the design is zero"):
        least_squares(0.0 * columns, np.ones((16, 3)))


def test_the_sixteen_point_collector_has_the_uncertainties_of_the_independent_run() -> None:
    case = json.loads((DATA / "metrology" / "collector_16pt.json").read_text("utf-8"))
    raw = {name: np.array(values) for name, values in case["inputs"].items() if isinstance(values, list)}
    u, scale = case["inputs"]["uncertainties"], case["inputs"]["cp_J_kgK"] / case["inputs"]["A_m2"]
    above, difference = (raw["theta_in"] + raw["theta_out"]) / 2 - raw["theta_a"], raw["theta_out"] - raw["theta_in"]
    sampler = from_.joint(
        from_.normal(raw["G"], raw["G"] * u["u_rel_G_random"]),
        from_.normal(raw["mdot_kg_s"], raw["mdot_kg_s"] * u["u_rel_m_random"]),
        from_.normal(above, u["u_T_mean_K_random"]),
        from_.normal(np.zeros(16), u["u_Ta_K_random"]),
        from_.normal(difference, u["u_deltaT_K_random"]),
        from_.normal(np.ones(4), [u["u_rel_G_common"], u["u_rel_m_common"], u["u_rel_A_common"], u["u_rel_cp_common"]]),
    )

    def fitted(x: np.ndarray) -> np.ndarray:
        G, flow, mean, ambient, rise = x[:80].reshape(5, 16, -1)
        pyranometer, meter, area, heat_capacity = x[80:]
        above = mean - ambient
        return least_squares(
            np.stack([G * pyranometer, -above, -(above**2)]), flow * rise * (scale * meter * heat_capacity / area)
        )

    _, covariance = joint_summary(draw(fitted, sampler, draws=40_000, rng=seeded(), workers=2))
    # both runs have 40 000 draws: each u is known to 0.35 %
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), case["expected"]["MC_40000_OLS_u"], rtol=0.02)


def test_inputs_of_a_budget_are_drawn_by_their_distribution() -> None:
    inputs = [
        Input(name="known", value=3.0, standard_uncertainty=0.0),
        Input(name="few readings", value=0.0, standard_uncertainty=1.0, dof=5.0),
        quantities.triangular("triangle", 1.0, half_width=2.0),
        quantities.trapezoidal("trapezoid", 1.0, half_width=2.0, top=0.4),
        quantities.arcsine("swing", 1.0, half_width=2.0),
    ]
    drawn = from_.of_inputs(inputs)(seeded(), 50_000)
    assert np.all(drawn[0] == 3.0)
    assert stats.kstest(drawn[1], stats.t(5.0).cdf).pvalue > 0.01
    u = [each.standard_uncertainty for each in inputs[2:]]
    np.testing.assert_allclose(drawn[2:].std(axis=1), u, rtol=0.015)
    assert stats.kstest(drawn[3], stats.trapezoid(0.3, 0.7, -1.0, 4.0).cdf).pvalue > 0.01
    pair = [Input(name=name, value=0.0, standard_uncertainty=2.0) for name in "ab"]
    correlated = from_.of_inputs(pair, correlation=[[1.0, 0.9], [0.9, 1.0]])(seeded(), 50_000)
    assert np.corrcoef(correlated)[0, 1] == pytest.approx(0.9, abs=0.01)


ONE = Measurement(
    value=0.0, standard_uncertainty=1.0, dof=9.0, random_uncertainty=1.0, common_uncertainty=0.0, contributions=()
)


def of_kind(distribution: str, *, divisor: float = 1.0) -> Input:
    return Input(name="x", value=2.0, standard_uncertainty=0.1, distribution=distribution, divisor=divisor)


@pytest.mark.parametrize("distribution", ["normal", "rectangular", "triangular", "arcsine"])
@pytest.mark.parametrize("divisor", [1.0, 2.0])
def test_an_input_is_drawn_with_the_standard_uncertainty_it_states(distribution: str, divisor: float) -> None:
    drawn = from_.of_inputs([of_kind(distribution, divisor=divisor)])(seeded(), 20_000)
    assert drawn.std() == pytest.approx(0.1, rel=0.02)  # the draws know it within 0.5 %


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: from_.normal(0.0, -1.0), "zero or positive"),
        (lambda: from_.normal(math.nan, 1.0), "finite"),
        (lambda: from_.scaled_t(0.0, 1.0, 0.0), "degrees of freedom"),
        (lambda: from_.rectangular(1.0, 1.0), "below the upper"),
        (lambda: from_.trapezoidal(0.0, 1.0, 2.0), "top from 0 to 1"),
        (lambda: from_.curvilinear_trapezoid(0.0, 1.0, 0.6), "inexact"),
        (lambda: from_.exponential(0.0), "exponential"),
        (lambda: from_.gamma(0.0, 1.0), "shape"),
        (lambda: from_.multivariate_normal([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]]), "negative eigenvalue"),
        (lambda: from_.multivariate_normal([0.0, 0.0], [[1.0]]), "square"),
        (lambda: from_.of_inputs([Input(name="x", value=0.0, standard_uncertainty=1.0, distribution="odd")]), "odd"),
        (
            lambda: from_.of_inputs([quantities.rectangular("x", 0.0, half_width=1.0)], correlation=[[1.0]]),
            "correlated",
        ),
        (lambda: draw(total, from_.normal(0.0, 1.0), draws=0, rng=seeded()), "at least 1"),
        (lambda: draw(lambda x: x.mean(), from_.normal(0.0, 1.0), draws=5, rng=seeded()), "last axis"),
        (
            lambda: draw(lambda x: np.where(x[0] > 0, x[0], np.nan), from_.normal(0.0, 1.0), draws=9, rng=seeded()),
            "of 9",
        ),
        (lambda: summary(np.arange(10.0)), "make more"),
        (lambda: coverage_interval(np.arange(100.0), probability=2.0), "between 0 and 1"),
        (lambda: coverage_interval(np.arange(100.0), probability=0.5, interval="widest"), "not known"),
        (lambda: adaptive(lambda x: x, from_.normal(0.0, 1.0), rng=seeded()), "several"),
        (lambda: adaptive(total, from_.normal(0.0, 1.0), rng=seeded(), probability=1.0), "between 0 and 1"),
        (lambda: summary(np.append(np.arange(100.0), math.nan)), "not a finite number"),
        (lambda: from_.of_inputs([of_kind("trapezoidal", divisor=3.0)]), "from sqrt"),
        (lambda: tolerance(0.0, digits=1), "no 1 digits"),
        (lambda: tolerance(1.0, digits=0), "no 0 digits"),
        (lambda: validate(ONE, summary(np.arange(100.0)), digits=9), "no 9 digits"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(wrong: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        wrong()  # type: ignore[operator]
