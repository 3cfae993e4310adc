"""Weights that depend on the coefficients; the published cases are evidence in tests/validation/fits.py."""

import numpy as np
import pytest

from protocols.fits import linear
from protocols.metrology.effective_variance import effective_variance, generalised, prediction_uncertainty
from tests.validation.fits import annex_k, collector, with_common_errors


def made() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    design = np.column_stack([np.ones(20), rng.uniform(0, 0.1, 20), rng.uniform(0, 5, 20)])
    return design, design @ np.array([0.78, -3.5, -0.01]) + rng.normal(0, 0.01, 20)


def test_exact_regressors_leave_the_weighted_fit() -> None:
    design, response = made()
    u = np.linspace(0.005, 0.02, 20)
    found = effective_variance(design, response, names="abc", u_response=u, u_design=0.0)
    plain = linear(design, response, names="abc", standard_uncertainty=u)
    np.testing.assert_array_equal(found.fit.values, plain.values)
    np.testing.assert_array_equal(found.fit.covariance, plain.covariance)
    assert found.steps == 2
    assert found.chi2 == pytest.approx(float(np.sum(((response - design @ plain.values) / u) ** 2)), rel=1e-10)


def test_the_weights_are_those_of_the_coefficients_found() -> None:
    design, response = made()
    u_design = np.column_stack([np.zeros(20), np.full(20, 0.002), np.full(20, 0.1)])
    found = effective_variance(design, response, names="abc", u_response=0.01, u_design=u_design)
    u = np.sqrt(0.01**2 + u_design**2 @ found.fit.values**2)
    again = linear(design, response, names="abc", standard_uncertainty=u)
    np.testing.assert_allclose(again.values, found.fit.values, rtol=1e-9)


def test_independent_errors_given_as_a_covariance_are_the_same_fit() -> None:
    design, response = made()
    u_design = np.column_stack([np.zeros(20), np.full(20, 0.002), np.full(20, 0.1)])
    found = generalised(design, response, names="abc", covariance=lambda c: np.diag(0.01**2 + u_design**2 @ c**2))
    same = effective_variance(design, response, names="abc", u_response=0.01, u_design=u_design)
    np.testing.assert_allclose(found.fit.values, same.fit.values, rtol=1e-10)
    np.testing.assert_allclose(found.fit.covariance, same.fit.covariance, rtol=1e-10)
    assert found.goodness == pytest.approx(same.goodness, rel=1e-9)


def test_taking_common_errors_as_independent_understates_eta0_by_forty_percent_and_shows_in_the_goodness() -> None:
    independent, common = annex_k(), with_common_errors()
    assert independent.fit.standard_errors[0] < 0.65 * common.fit.standard_errors[0]
    assert independent.goodness > 0.999
    assert 0.01 < common.goodness < 0.99


def test_a_prediction_adds_the_fit_and_its_own_regressors() -> None:
    fit = annex_k().fit
    p, u = np.array([1.0, -0.05, -2.0]), np.array([0.0, 3e-4, 0.02])
    expected = p @ fit.covariance @ p + (fit.values[1] * 3e-4) ** 2 + (fit.values[2] * 0.02) ** 2
    assert prediction_uncertainty(fit, p, u_regressors=u) == pytest.approx(np.sqrt(expected), rel=1e-12)


@pytest.mark.parametrize("u_design", [-1.0, np.nan, np.zeros((3, 3))])
def test_uncertainties_that_cannot_be_are_refused(u_design: object) -> None:
    design, response = made()
    with pytest.raises(ValueError, match="numbers from 0 of the shape"):
        effective_variance(design, response, names="abc", u_response=0.01, u_design=np.asarray(u_design))


def test_a_point_without_any_uncertainty_is_refused() -> None:
    design, response = made()
    with pytest.raises(ValueError, match="standard uncertainty above zero"):
        effective_variance(design, response, names="abc", u_response=0.0, u_design=0.0)


def test_weights_that_do_not_settle_are_refused_with_the_number_of_steps() -> None:
    made_ = collector()
    swing = iter(range(1000))
    with pytest.raises(ValueError, match="did not settle in 100 steps"):
        generalised(
            made_["X"], made_["q"], names="abc",
            covariance=lambda c: np.diag(np.where(np.arange(16) % 2 == next(swing) % 2, 1.0, 100.0)),
        )  # fmt: skip
