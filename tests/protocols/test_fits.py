"""Linear fits against NIST's certified digits, and what cannot be fitted."""

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.fits import RankDeficient, linear, operator, scaled_by_scatter
from tests.protocols.conftest import DATA

SETS: dict[str, dict[str, Any]] = json.loads((DATA / "nist_strd" / "linear.json").read_text("utf-8"))["sets"]


def design_of(case: dict[str, Any]) -> np.ndarray:
    regressors = np.array(case["x"], dtype=float)
    if case["degree"] is None:
        return np.column_stack([np.ones(regressors.shape[1]), *regressors])
    powers = range(0 if case["intercept"] else 1, case["degree"] + 1)
    return np.column_stack([regressors[0] ** power for power in powers])


def digits(found: object, certified: object) -> float:
    """Correct digits of the worst value; a certified zero counts by the absolute error."""
    got, true = np.atleast_1d(np.asarray(found)), np.atleast_1d(np.asarray(certified, dtype=float))
    error = np.abs(got - true) / np.where(true == 0, 1.0, np.abs(true))
    return float(np.min(-np.log10(np.maximum(error, 1e-16))))


def test_all_eleven_linear_sets_of_nist_are_here() -> None:
    assert len(SETS) == 11


def exactly(design: np.ndarray, response: np.ndarray) -> np.ndarray:
    """The least squares solution of the numbers as they stand in the computer, by rational arithmetic."""
    rows = [[Fraction(value) for value in row] for row in np.column_stack([design, response]).tolist()]
    table = [[sum(row[i] * row[j] for row in rows) for j in range(len(rows[0]))] for i in range(design.shape[1])]
    for i, pivot in enumerate(table):
        table[i] = [value / pivot[i] for value in pivot]
        for k, other in enumerate(table):
            if k != i:
                table[k] = [value - other[i] * own for value, own in zip(other, table[i], strict=True)]
    return np.array([float(row[-1]) for row in table])


@pytest.mark.parametrize("name", SETS)
def test_the_certified_coefficients_of_nist_come_out_to_the_digits_asked_for(name: str) -> None:
    case = SETS[name]
    design = design_of(case)
    fit = linear(design, np.array(case["y"], dtype=float), names=[f"B{i}" for i in range(design.shape[1])])
    assert digits(fit.values, case["beta"]) >= case["gate_digits"]
    assert digits(fit.standard_errors, case["beta_sd"]) >= min(7.0, case["gate_digits"])
    assert digits(fit.residual_sd, case["residual_sd"]) >= min(7.0, case["gate_digits"])
    assert digits(fit.r_squared, case["r_squared"]) >= 9.0
    assert fit.rank == design.shape[1]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", SETS)
def test_no_digit_is_lost_that_the_rounded_design_still_holds(name: str, turned: bool) -> None:
    case = SETS[name]
    design, response = design_of(case), np.array(case["y"], dtype=float)
    design = design[:, ::-1] if turned else design
    fit = linear(design, response, names=[f"B{i}" for i in range(design.shape[1])])
    assert digits(fit.values, exactly(design, response)) >= (14.0 if fit.condition > 1e3 else 12.0)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(5, 8))
def test_a_polynomial_far_from_its_origin_is_solved_to_the_last_digit(seed: int, terms: int) -> None:
    rng = np.random.default_rng(seed)
    design = (3.0 + rng.uniform(0, 1, 14))[:, None] ** np.arange(terms)
    response = design @ rng.normal(size=terms) + rng.normal(size=14)
    fit = linear(design, response, names=[str(power) for power in range(terms)])
    np.testing.assert_allclose(fit.values, exactly(design, response), rtol=1e-11)


def made(points: int = 40) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(5)
    design = np.column_stack([np.ones(points), rng.uniform(0, 10, points), rng.normal(0, 1e-3, points)])
    return design, design @ np.array([1.0, 2.0, 3000.0]) + rng.normal(0, 0.1, points), rng


def test_an_ordinary_fit_is_that_of_statsmodels() -> None:
    design, response, _ = made()
    ours, theirs = linear(design, response, names="abc"), sm.OLS(response, design).fit()
    np.testing.assert_allclose(ours.values, theirs.params, rtol=1e-10)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-9)
    np.testing.assert_allclose(ours.t_ratios, theirs.tvalues, rtol=1e-9)
    assert ours.r_squared == pytest.approx(theirs.rsquared, rel=1e-12)
    assert ours.dof == theirs.df_resid


def test_a_weighted_fit_is_that_of_statsmodels_with_the_covariance_of_the_uncertainties_given() -> None:
    design, response, rng = made()
    sd = rng.uniform(0.05, 0.5, response.size)
    ours = linear(design, response, names="abc", standard_uncertainty=sd)
    theirs = sm.WLS(response, design, weights=sd**-2).fit()
    np.testing.assert_allclose(ours.values, theirs.params, rtol=1e-9)
    np.testing.assert_allclose(ours.covariance, theirs.normalized_cov_params, rtol=1e-9)
    assert ours.r_squared == pytest.approx(theirs.rsquared, rel=1e-9)


def test_a_generalised_fit_is_that_of_statsmodels() -> None:
    design, response, rng = made()
    shape = rng.normal(0, 0.1, (response.size, response.size))
    covariance = shape @ shape.T + 0.01 * np.eye(response.size)
    ours = linear(design, response, names="abc", covariance=covariance)
    theirs = sm.GLS(response, design, sigma=covariance).fit()
    np.testing.assert_allclose(ours.values, theirs.params, rtol=1e-9)
    np.testing.assert_allclose(ours.covariance, theirs.normalized_cov_params, rtol=1e-8)


@given(st.lists(st.floats(1e-6, 1e6), min_size=3, max_size=3))
def test_a_column_in_another_unit_changes_only_its_own_coefficient(factors: list[float]) -> None:
    design, response, _ = made()
    scale = np.array(factors)
    plain, scaled = linear(design, response, names="abc"), linear(design * scale, response, names="abc")
    np.testing.assert_allclose(scaled.values * scale, plain.values, rtol=1e-9)
    np.testing.assert_allclose(scaled.t_ratios, plain.t_ratios, rtol=1e-9)


@given(st.lists(st.integers(-100, 100), min_size=3, max_size=3), st.integers(-100, 100))
def test_powers_of_two_leave_every_bit_as_it_was(columns: list[int], side: int) -> None:
    design, response, _ = made()
    scale, unit = np.exp2(columns), 2.0**side
    plain, scaled = linear(design, response, names="abc"), linear(design * scale, response * unit, names="abc")
    np.testing.assert_array_equal(scaled.values * scale / unit, plain.values)
    assert scaled.condition == plain.condition
    assert scaled.r_squared == plain.r_squared


@settings(max_examples=40)
@given(st.permutations(range(40)), st.permutations(range(3)))
def test_the_order_of_points_and_columns_does_not_matter(rows: list[int], columns: list[int]) -> None:
    design, response, _ = made()
    plain = linear(design, response, names="abc")
    other = linear(design[np.ix_(rows, columns)], response[rows], names=["abc"[place] for place in columns])
    np.testing.assert_allclose(other.values, plain.values[columns], rtol=1e-11)
    np.testing.assert_allclose(other.covariance, plain.covariance[np.ix_(columns, columns)], rtol=1e-10)
    assert other.r_squared == pytest.approx(plain.r_squared, rel=1e-12)


@pytest.mark.parametrize(("low", "terms", "least", "digits_of_values"), [(0.0, 7, 1e3, 11), (1.0, 8, 1e6, 6)])
def test_a_tall_and_ill_conditioned_design_is_solved_as_by_polynomials_on_their_own_domain(
    low: float, terms: int, least: float, digits_of_values: int
) -> None:
    rng = np.random.default_rng(4)
    x = low + rng.uniform(0, 1, 20_000)
    response = np.cos(3 * x) + rng.normal(0, 1e-3, x.size)
    fit = linear(x[:, None] ** np.arange(terms), response, names=[str(power) for power in range(terms)])
    expected = np.polynomial.Polynomial.fit(x, response, terms - 1)
    assert fit.condition > least
    assert digits(fit.values, expected.convert().coef) > digits_of_values
    np.testing.assert_allclose(x[:, None] ** np.arange(terms) @ fit.values, expected(x), atol=1e-10)


def test_a_tall_design_with_dependent_columns_or_one_of_zeros_is_refused_by_name() -> None:
    x = np.random.default_rng(4).uniform(0, 1, (10_000, 2))
    with pytest.raises(RankDeficient, match="speed and pace"):
        linear(np.column_stack([x, 2 * x[:, 1]]), x[:, 0], names=["noise", "speed", "pace"])
    with pytest.raises(RankDeficient, match="wind"):
        linear(np.column_stack([x, np.zeros(10_000)]), x[:, 0], names=["noise", "speed", "wind"])


@pytest.mark.parametrize("points", [8191, 8192, 8193, 20_000])
def test_a_design_that_is_reduced_in_pieces_gives_the_fit_of_statsmodels(points: int) -> None:
    rng = np.random.default_rng(points)
    design = np.column_stack([np.ones(points), rng.uniform(200, 1000, points), rng.uniform(0, 60, (points, 2))])
    response = design @ np.array([5.0, 0.7, -3.0, 0.1]) + rng.normal(0, 5, points)
    ours, theirs = linear(design, response, names="abcd"), sm.OLS(response, design).fit()
    np.testing.assert_allclose(ours.values, theirs.params, rtol=1e-9)
    np.testing.assert_allclose(ours.standard_errors, theirs.bse, rtol=1e-9)
    assert ours.r_squared == pytest.approx(theirs.rsquared, rel=1e-12)
    assert ours.condition == pytest.approx(np.linalg.cond(design / np.linalg.norm(design, axis=0)), rel=1e-9)


def test_lists_and_integers_are_taken_as_they_come() -> None:
    fit = linear([[1, 0], [1, 1], [1, 2], [1, 3]], [1, 3, 5, 8], names=["level", "slope"])
    np.testing.assert_allclose(fit.values, [0.8, 2.3], rtol=1e-14)
    assert (fit.dof, fit.rank, fit.names) == (2, 2, ("level", "slope"))


def test_one_column_through_zero_has_the_closed_form() -> None:
    x, y = np.array([1.0, 2.0, 3.0, 5.0]), np.array([2.1, 3.9, 6.2, 9.7])
    fit = linear(x[:, None], y, names=["slope"])
    slope = (x @ y) / (x @ x)
    rest = y - slope * x
    assert fit.values[0] == pytest.approx(slope, rel=1e-14)
    assert fit.covariance[0, 0] == pytest.approx((rest @ rest) / 3 / (x @ x), rel=1e-12)
    assert fit.r_squared == pytest.approx(1 - (rest @ rest) / (y @ y), rel=1e-14)
    assert fit.condition == 1.0


def test_an_exact_fit_has_a_residual_of_rounding_alone_and_t_ratios_without_bound() -> None:
    x = np.arange(21.0)
    fit = linear(x[:, None] ** np.arange(6), 1.0 + x**4, names="abcdef")
    np.testing.assert_allclose(fit.values, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0], atol=1e-14)
    assert fit.residual_sd < 1e-9
    assert np.min(fit.t_ratios[[0, 4]]) > 1e9


def test_a_coefficient_of_zero_has_a_t_ratio_of_zero_and_one_without_error_an_infinite_one() -> None:
    design = np.column_stack([np.ones(6), [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0]])
    np.testing.assert_array_equal(linear(design, np.zeros(6), names="ab").t_ratios, [0.0, 0.0])
    one = linear(np.ones((4, 1)), np.ones(4), names="a")
    assert (one.residual_sd, one.t_ratios[0]) == (0.0, np.inf)


@pytest.mark.parametrize("level", [0.0, 0.1, 3e6])
def test_responses_that_are_all_the_same_have_no_share_that_is_explained(level: float) -> None:
    design, _, _ = made()
    assert np.isnan(linear(design, np.full(40, level), names="abc").r_squared)


def test_equal_uncertainties_give_the_values_of_the_ordinary_fit_and_their_own_covariance() -> None:
    design, response, _ = made()
    plain = linear(design, response, names="abc")
    for weighted in (
        linear(design, response, names="abc", standard_uncertainty=0.25),
        linear(design, response, names="abc", covariance=0.0625 * np.eye(40)),
    ):
        np.testing.assert_allclose(weighted.values, plain.values, rtol=1e-11)
        np.testing.assert_allclose(weighted.covariance, plain.covariance * (0.25 / plain.residual_sd) ** 2, rtol=1e-9)
        assert weighted.residual_sd == pytest.approx(plain.residual_sd / 0.25, rel=1e-11)
        assert weighted.r_squared == pytest.approx(plain.r_squared, rel=1e-11)


def test_the_operator_gives_the_coefficients_from_the_response() -> None:
    design, response, _ = made()
    np.testing.assert_allclose(operator(design) @ response, linear(design, response, names="abc").values, rtol=1e-11)


def test_dependent_columns_are_refused_by_name_and_independent_ones_are_not_blamed() -> None:
    design, response, _ = made()
    dependent = np.column_stack([design, 3.0 * design[:, 1]])
    with pytest.raises(RankDeficient, match="speed and pace") as refusal:
        linear(dependent, response, names=["level", "speed", "noise", "pace"])
    assert refusal.value.columns == ("speed", "pace")


def test_two_dependencies_are_both_named() -> None:
    design, response, _ = made()
    dependent = np.column_stack([design, 3.0 * design[:, 1], design[:, 0] * 7.0])
    with pytest.raises(RankDeficient) as refusal:
        linear(dependent, response, names=["level", "speed", "noise", "pace", "height"])
    assert refusal.value.columns == ("level", "speed", "pace", "height")


def test_a_column_of_zeros_is_refused_by_name() -> None:
    design, response, _ = made()
    with pytest.raises(RankDeficient, match="wind"):
        linear(np.column_stack([design, np.zeros(40)]), response, names=["a", "b", "c", "wind"])


def test_a_covariance_that_is_symmetric_but_for_rounding_is_taken() -> None:
    noisy = np.eye(4)
    noisy[0, 1], noisy[1, 0] = 1e-17, -1e-17
    design = [[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]]
    fit = linear(design, [1.0, 2.0, 3.0, 5.0], names="ab", covariance=noisy)
    np.testing.assert_allclose(fit.values, [0.8, 1.3], rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"names": "ab"}, "one name a column"),
        ({"names": "aba"}, "same name"),
        ({"design": np.ones(40)}, "one response a row"),
        ({"standard_uncertainty": np.full(40, np.nan)}, "above zero"),
        ({"standard_uncertainty": np.full(40, np.inf)}, "above zero"),
        ({"standard_uncertainty": np.ones(3)}, "one for each"),
        ({"covariance": np.eye(39)}, "give 40 x 40"),
        ({"covariance": np.eye(40) + np.diag(np.full(39, 0.1), 1)}, "not symmetric"),
        ({"covariance": np.diag([np.inf, *np.ones(39)])}, "what is not a number"),
        ({"covariance": np.diag([np.nan, *np.ones(39)])}, "what is not a number"),
        ({"design": np.zeros((40, 0)), "names": ""}, "one name a column"),
        ({"covariance": np.full((40, 40), np.nan)}, "not a number"),
        ({"response": np.zeros(7)}, "one response a row"),
        ({"design": np.ones((3, 3)), "response": np.ones(3)}, "3 points cannot give 3 coefficients"),
        ({"response": np.full(40, np.nan)}, "not a finite number"),
        ({"standard_uncertainty": np.zeros(40)}, "above zero"),
        ({"covariance": -np.eye(40)}, "not positive definite"),
        ({"standard_uncertainty": np.ones(40), "covariance": np.eye(40)}, "not both"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_a_sentence(change: dict[str, Any], sentence: str) -> None:
    design, response, _ = made()
    given_ = {"design": design, "response": response, "names": "abc", **change}
    with pytest.raises(ValueError, match=sentence):
        linear(given_.pop("design"), given_.pop("response"), **given_)


def test_weights_known_up_to_a_factor_give_the_same_whatever_the_factor() -> None:
    design, response, rng = made()
    sd = rng.uniform(0.05, 0.5, 40)
    ours = scaled_by_scatter(linear(design, response, names="abc", standard_uncertainty=30.0 * sd))
    theirs = sm.WLS(response, design, weights=sd**-2).fit()
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-9)
    np.testing.assert_allclose(ours.standard_errors, theirs.bse, rtol=1e-9)
    np.testing.assert_allclose(ours.t_ratios, theirs.tvalues, rtol=1e-9)
