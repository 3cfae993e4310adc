"""Lines and polynomials through points uncertain in x and y, beside scipy, closed forms and published examples."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from protocols.fits import linear
from protocols.metrology.errors_in_variables import inverted, points, polynomial, predicted, propagated_covariance

TRUE = np.array([1.5, -0.8, 0.05])


def made(seed: int = 2, size: int = 12) -> dict[str, Any]:
    """Points about a parabola with a random full covariance between all x and y."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0.0, 10.0, size)
    shape = rng.normal(0, 0.03, (2 * size, 2 * size))
    covariance = shape @ shape.T / 4 + np.diag(rng.uniform(0.02, 0.1, 2 * size) ** 2)
    errors = np.linalg.cholesky(covariance) @ rng.normal(size=2 * size)
    return {
        "x": x + errors[:size],
        "y": x[:, None] ** np.arange(3) @ TRUE + errors[size:],
        "u_x": covariance[:size, :size],
        "u_y": covariance[size:, size:],
        "cov_xy": covariance[:size, size:],
    }


def by_scipy(given_: dict[str, Any], degree: int) -> tuple[np.ndarray, np.ndarray, float]:
    """The same minimum over coefficients and all true x, and the covariance of its last linear step."""
    x, y = np.asarray(given_["x"]), np.asarray(given_["y"])
    covariance = np.block([[given_["u_x"], given_["cov_xy"]], [given_["cov_xy"].T, given_["u_y"]]])
    whiten = np.linalg.inv(np.linalg.cholesky(covariance))

    def residual(unknown: np.ndarray) -> np.ndarray:
        true_x, b = unknown[degree + 1 :], unknown[: degree + 1]
        return np.asarray(whiten @ np.concatenate([x - true_x, y - np.polyval(b[::-1], true_x)]))

    start = np.concatenate([np.polyfit(x, y, degree)[::-1], x])
    found = least_squares(residual, start, xtol=1e-15, ftol=1e-15, gtol=1e-15, x_scale="jac")
    spread = np.linalg.inv(found.jac.T @ found.jac)[: degree + 1, : degree + 1]
    return found.x[: degree + 1], spread, 2.0 * float(found.cost)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_full_covariance_gives_the_minimum_that_a_general_minimiser_finds(degree: int) -> None:
    given_ = made()
    values, spread, chi2 = by_scipy(given_, degree)
    curve = polynomial(points(**given_), degree=degree)
    np.testing.assert_allclose(curve.values, values, rtol=2e-6, atol=1e-8)
    np.testing.assert_allclose(curve.covariance, spread, rtol=1e-3)
    assert curve.chi2 == pytest.approx(chi2, rel=1e-9)
    np.testing.assert_allclose(curve.y, np.polyval(curve.values[::-1], curve.x), rtol=1e-9)


@pytest.mark.parametrize(("u_x", "u_y"), [(0.1, 0.1), (0.3, 0.1), (0.02, 0.5)])
@pytest.mark.parametrize("full", [False, True])
def test_with_the_same_uncertainties_everywhere_a_line_is_demings(u_x: float, u_y: float, full: bool) -> None:
    rng = np.random.default_rng(4)
    x, y = np.arange(10.0) + rng.normal(0, u_x, 10), 2.0 + 1.5 * np.arange(10.0) + rng.normal(0, u_y, 10)
    (sxx, sxy), (_, syy) = np.cov(x, y)
    excess = syy - sxx * (u_y / u_x) ** 2
    slope = (excess + np.hypot(excess, 2.0 * sxy * u_y / u_x)) / (2.0 * sxy)
    spread = (u_x**2 * np.eye(10), u_y**2 * np.eye(10)) if full else (u_x, u_y)
    curve = polynomial(points(x, y, u_x=spread[0], u_y=spread[1]))
    np.testing.assert_allclose(curve.values, [y.mean() - slope * x.mean(), slope], rtol=1e-9)
    least = np.sum((y - y.mean() - slope * (x - x.mean())) ** 2) / (u_y**2 + slope**2 * u_x**2)
    assert curve.chi2 == pytest.approx(least, rel=1e-9)


@pytest.mark.parametrize("degree", [1, 2])
@pytest.mark.parametrize("full", [False, True])
def test_the_propagated_covariance_is_that_of_differences_of_the_fit(degree: int, full: bool) -> None:
    given_ = made(seed=5, size=7)
    if not full:
        given_ |= {"u_x": np.sqrt(np.diag(given_["u_x"])), "u_y": np.sqrt(np.diag(given_["u_y"])), "cov_xy": 0.0}
    where = points(**given_)
    columns = []
    for name in ("x", "y"):
        for place in range(7):
            step = np.zeros(7)
            step[place] = 1e-4
            up, down = ({**given_, name: given_[name] + sign * step} for sign in (1, -1))
            ends = [polynomial(points(**each), degree=degree).values for each in (up, down)]
            columns.append((ends[0] - ends[1]) / 2e-4)
    jacobian = np.array(columns).T
    found = propagated_covariance(where, polynomial(where, degree=degree))
    np.testing.assert_allclose(found, jacobian @ where.covariance @ jacobian.T, rtol=1e-5)


def test_matrices_with_nothing_beside_their_diagonal_are_as_good_as_standard_uncertainties() -> None:
    rng = np.random.default_rng(1)
    x, y, u, v = np.arange(9.0), 2.0 - 0.3 * np.arange(9.0), rng.uniform(0.1, 0.2, 9), rng.uniform(0.1, 0.3, 9)
    xy = 0.3 * u * v
    plain = polynomial(points(x, y + rng.normal(0, 0.2, 9), u_x=u, u_y=v, cov_xy=xy))
    rng = np.random.default_rng(1)
    rng.uniform(size=18)
    full = polynomial(points(x, y + rng.normal(0, 0.2, 9), u_x=np.diag(u**2), u_y=np.diag(v**2), cov_xy=np.diag(xy)))
    for name in ("values", "covariance", "chi2", "x", "y", "worst", "goodness"):
        np.testing.assert_allclose(getattr(full, name), getattr(plain, name), rtol=1e-9)


def test_without_uncertainty_in_x_it_is_the_generalised_linear_fit() -> None:
    given_ = made()
    curve = polynomial(points(given_["x"], given_["y"], u_x=0.0, u_y=given_["u_y"]), degree=2)
    fit = linear(given_["x"][:, None] ** np.arange(3), given_["y"], names="abc", covariance=given_["u_y"])
    np.testing.assert_allclose(curve.values, fit.values, rtol=1e-9)
    np.testing.assert_allclose(curve.covariance, fit.covariance, rtol=1e-9)
    np.testing.assert_array_equal(curve.x, given_["x"])
    propagated = propagated_covariance(points(given_["x"], given_["y"], u_x=0.0, u_y=given_["u_y"]), curve)
    np.testing.assert_allclose(propagated, fit.covariance, rtol=1e-6)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_a_line_is_the_same_when_x_and_y_are_exchanged(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 8, 10)
    u, v = rng.uniform(0.05, 0.2, 10), rng.uniform(0.05, 0.2, 10)
    xy = rng.uniform(-0.8, 0.8, 10) * u * v
    at, values = x + rng.normal(0, u), 1.0 + 0.7 * x + rng.normal(0, v)
    straight = polynomial(points(at, values, u_x=u, u_y=v, cov_xy=xy))
    turned = polynomial(points(values, at, u_x=v, u_y=u, cov_xy=xy))
    a, b = turned.values
    np.testing.assert_allclose(straight.values, [-a / b, 1.0 / b], rtol=1e-7)
    assert straight.chi2 == pytest.approx(turned.chi2, rel=1e-8)


@settings(max_examples=30)
@given(st.floats(1e-5, 1e5), st.floats(1e-5, 1e5), st.permutations(range(12)))
def test_units_and_order_do_not_matter(unit_x: float, unit_y: float, order: list[int]) -> None:
    given_ = made()
    plain = polynomial(points(**given_), degree=2)
    both = np.ix_(order, order)
    scaled = points(
        given_["x"][order] * unit_x,
        given_["y"][order] * unit_y,
        u_x=given_["u_x"][both] * unit_x**2,
        u_y=given_["u_y"][both] * unit_y**2,
        cov_xy=given_["cov_xy"][both] * unit_x * unit_y,
    )
    curve = polynomial(scaled, degree=2)
    factors = unit_y / unit_x ** np.arange(3)
    np.testing.assert_allclose(curve.values, plain.values * factors, rtol=1e-7)
    np.testing.assert_allclose(curve.standard_errors, plain.standard_errors * factors, rtol=1e-7)
    np.testing.assert_allclose(
        propagated_covariance(scaled, curve),
        propagated_covariance(points(**given_), plain) * np.outer(factors, factors),
        rtol=1e-6,
    )
    assert curve.worst == pytest.approx(plain.worst, rel=1e-7)


def test_a_reading_there_and_back_is_the_same_with_the_covariance_of_both() -> None:
    curve = polynomial(points([0, 1, 2, 3, 4], [1.0, 3.1, 4.9, 7.2, 8.8], u_x=0.05, u_y=0.1))
    there = predicted(curve.values, curve.covariance, [1.5, 2.5])
    back = inverted(curve.values, curve.covariance, there.values)
    np.testing.assert_allclose(back.values, [1.5, 2.5], rtol=1e-12)
    np.testing.assert_allclose(back.covariance * curve.values[1] ** 2, there.covariance, rtol=1e-12)
    known = predicted([0.0, 2.0, 0.5] * np.ones(3), np.zeros((3, 3)), [3.0, 4.0], u_x=0.1)
    np.testing.assert_allclose(known.values, [10.5, 16.0])
    np.testing.assert_allclose(known.standard_uncertainties, [0.5, 0.6], rtol=1e-12)


def test_scatter_larger_than_stated_widens_the_scaled_covariance_and_lowers_the_goodness() -> None:
    y = np.array([1.0, 3.4, 4.6, 7.5, 8.5])
    curve = polynomial(points(np.arange(5.0), y, u_x=0.05, u_y=0.05))
    assert curve.goodness < 0.01
    np.testing.assert_allclose(curve.scaled_covariance, curve.covariance * curve.chi2 / 3, rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"y": [1.0, 2.0]}, "give one of each"),
        ({"u_x": 0.0, "u_y": [0.1, 0.1, 0.0, 0.1]}, "point 3 has no uncertainty in x and none in y"),
        ({"u_x": -0.1}, "negative standard uncertainty"),
        ({"u_y": [0.1, 0.1]}, "u_y has the shape"),
        ({"x": [0.0, 1.0, np.nan, 3.0]}, "not a finite number"),
        ({"cov_xy": 0.02}, "no errors can have it"),
        ({"u_x": np.eye(4) + np.diag([3.0, 0, 0], 1)}, "no errors can have it"),
        ({"u_x": np.eye(4) + 2 * np.diag([1.0, 0, 0], 1) + 2 * np.diag([1.0, 0, 0], -1)}, "no errors can have it"),
    ],
)
def test_points_that_cannot_be_are_refused_in_a_sentence(change: dict[str, Any], sentence: str) -> None:
    good: dict[str, Any] = {"x": [0.0, 1.0, 2.0, 3.0], "y": [0.0, 1.1, 1.9, 3.0], "u_x": 0.1, "u_y": 0.1}
    with pytest.raises(ValueError, match=sentence):
        points(**{**good, **change})


def test_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="3 points cannot give 3 coefficients"):
        polynomial(points([0, 1, 2], [0, 1, 4], u_x=0.1, u_y=0.1), degree=2)


def test_points_too_uncertain_for_a_curve_are_refused_with_the_number_of_steps() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="did not settle in 100 steps"):
        polynomial(points(rng.normal(size=8), rng.normal(size=8), u_x=5.0, u_y=0.01), degree=3)


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0], [1.0, 0.0]])
def test_only_a_sloping_line_is_inverted(values: list[float]) -> None:
    with pytest.raises(ValueError, match="fit a line"):
        inverted(np.array(values), np.eye(len(values)), 1.0)
