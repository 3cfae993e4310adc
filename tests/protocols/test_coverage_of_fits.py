"""Thousands of simulated tests: the 95 % intervals hold the truth in 93 to 97 % of them."""

from collections.abc import Callable

import numpy as np
import pytest

from protocols.fits import linear, scaled_by_scatter
from protocols.metrology.distributions import normal_ppf, t_ppf
from protocols.metrology.errors_in_variables import points, polynomial

TRUE = np.array([0.78, 3.6])
ABOVE = np.linspace(0.0, 60.0, 8) / 900.0
DESIGN = np.column_stack([np.ones(8), -ABOVE])
SD = np.linspace(0.002, 0.008, 8)
COMMON = 0.004**2 * np.ones((8, 8)) + np.diag(SD**2)
T, NORMAL = float(t_ppf(0.975, 6)), float(normal_ppf(0.975))

Estimate = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def ordinary(response: np.ndarray, _: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    fit = linear(DESIGN, response, names="ab")
    return fit.values, T * fit.standard_errors


def weighted(response: np.ndarray, _: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    fit = linear(DESIGN, response, names="ab", standard_uncertainty=SD)
    return fit.values, NORMAL * fit.standard_errors


def relative(response: np.ndarray, _: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    fit = scaled_by_scatter(linear(DESIGN, response, names="ab", standard_uncertainty=7.0 * SD))
    return fit.values, T * fit.standard_errors


def general(response: np.ndarray, _: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    fit = linear(DESIGN, response, names="ab", covariance=COMMON)
    return fit.values, NORMAL * fit.standard_errors


def both(response: np.ndarray, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    curve = polynomial(points(-ABOVE + 0.0005 * errors, response, u_x=0.0005, u_y=SD))
    return curve.values, NORMAL * curve.standard_errors


@pytest.mark.parametrize(
    ("estimate", "covariance", "tests"),
    [
        (ordinary, 0.005**2 * np.eye(8), 2000),
        (weighted, np.diag(SD**2), 2000),
        (relative, np.diag(SD**2), 2000),
        (general, COMMON, 2000),
        (both, np.diag(SD**2), 500),  # every one takes eight fits
    ],
)
def test_intervals_hold_the_truth_as_often_as_they_say(estimate: Estimate, covariance: np.ndarray, tests: int) -> None:
    rng = np.random.default_rng(20_26)
    responses = rng.multivariate_normal(DESIGN @ TRUE, covariance, size=tests)
    errors = rng.normal(size=(tests, 8))
    found = [estimate(response, error) for response, error in zip(responses, errors, strict=True)]
    held = np.mean([np.abs(values - TRUE) <= half for values, half in found], axis=0)
    assert np.all((held >= 0.93) & (held <= 0.97)), held
