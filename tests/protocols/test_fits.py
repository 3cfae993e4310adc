"""Linear fits against NIST's certified digits, and what cannot be fitted."""

import json
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from protocols.fits import RankDeficient, linear, operator
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


def test_the_operator_gives_the_coefficients_from_the_response() -> None:
    design, response, _ = made()
    np.testing.assert_allclose(operator(design) @ response, linear(design, response, names="abc").values, rtol=1e-11)


def test_dependent_columns_are_refused_by_name_and_independent_ones_are_not_blamed() -> None:
    design, response, _ = made()
    dependent = np.column_stack([design, 3.0 * design[:, 1]])
    with pytest.raises(RankDeficient, match="speed and pace") as refusal:
        linear(dependent, response, names=["level", "speed", "noise", "pace"])
    assert refusal.value.columns == ("speed", "pace")


def test_a_column_of_zeros_is_refused_by_name() -> None:
    design, response, _ = made()
    with pytest.raises(RankDeficient, match="wind"):
        linear(np.column_stack([design, np.zeros(40)]), response, names=["a", "b", "c", "wind"])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"names": "ab"}, "one name a column"),
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
