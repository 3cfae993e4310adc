"""Straight lines and polynomials fitted to points that are uncertain in x as well as in y.

Any covariance between all x and y is allowed: generalised distance and Gauss-Markov regression, ISO/TS 28037:2010
clauses 7, 8 and 10; York et al., Am. J. Phys. 72 (2004) 367; analysis functions of ISO 6143:2001.

Two covariances of a curve are in use. `Curve.covariance` is that of the last linear step (Gauss-Newton), which ISO/TS
28037, ISO 6143 and York print. `propagated_covariance` takes the points' covariance through the estimate to first
order, residuals included, as Kalantar (Meas. Sci. Technol. 3 (1992) 1113) and the program GTC do. They differ by what
the residuals bend; where the difference matters, the first order itself is doubtful.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.fits import Fit, linear
from protocols.metrology.distributions import chi2_sf

Array = NDArray[np.float64]

_STEPS = 100
_SETTLED = 1e-10  # change of a coefficient over its standard error
_ROUNDING = 1e-13  # change of a coefficient over itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Points (x, y) and their covariance: variances of shape (points,) or, when any is one, matrices (points, points).

    xx, yy: of x and of y.  xy: covariance of x_i with y_i, or of x_i (row) with y_j (column).  Made by `points`.
    """

    x: Array
    y: Array
    xx: Array
    xy: Array
    yy: Array

    @property
    def covariance(self) -> Array:
        """Give the covariance of (x_1 .. x_m, y_1 .. y_m)."""
        full = [np.diag(part) if part.ndim == 1 else part for part in (self.xx, self.xy, self.yy)]
        return np.block([[full[0], full[1]], [full[1].T, full[2]]])


def points(x: ArrayLike, y: ArrayLike, *, u_x: ArrayLike, u_y: ArrayLike, cov_xy: ArrayLike = 0.0) -> Points:
    """Put points and their uncertainties together.

    x, y: (points,).  u_x, u_y: standard uncertainties, one for all or (points,), or a covariance matrix
    (points, points).  cov_xy: covariance of x_i with y_i, or a matrix of x_i (row) with y_j (column).
    Raises ValueError for shapes that do not agree, for what is not a finite number, for a covariance that none can be,
    and for a point without uncertainty in x and in y.
    """
    at, values = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if at.ndim != 1 or at.shape != values.shape:
        raise ValueError(f"{at.shape} values of x do not go with {values.shape} of y; give one of each for a point.")
    parts = [_variances(u_x, at.size, "u_x"), np.asarray(cov_xy, dtype=np.float64), _variances(u_y, at.size, "u_y")]
    full = any(part.ndim == 2 for part in parts)
    xx, xy, yy = (_shaped(part, at.size, full) for part in parts)
    if not all(np.isfinite(each).all() for each in (at, values, xx, xy, yy)):
        raise ValueError("a point or its uncertainty is not a finite number; remove that point.")
    made = Points(x=at, y=values, xx=xx, xy=xy, yy=yy)
    _check(made)
    return made


def _variances(u: ArrayLike, count: int, name: str) -> Array:
    given = np.asarray(u, dtype=np.float64)
    if given.ndim < 2 and np.any(given < 0):
        raise ValueError(f"{name} holds a negative standard uncertainty; give numbers from 0.")
    if given.shape not in ((), (count,), (count, count)):
        raise ValueError(f"{name} has the shape {given.shape}; give one, {count}, or {count} x {count} numbers.")
    return given**2 if given.ndim < 2 else given


def _shaped(part: Array, count: int, full: bool) -> Array:
    if part.ndim == 2 or not full:
        return np.broadcast_to(part, (count,) if part.ndim < 2 else (count, count))
    return np.diag(np.broadcast_to(part, (count,)))


def _check(given: Points) -> None:
    own = [np.diag(part) if part.ndim == 2 else part for part in (given.xx, given.yy)]
    bare = np.flatnonzero((own[0] == 0) & (own[1] == 0))
    if bare.size:
        raise ValueError(f"point {bare[0] + 1} has no uncertainty in x and none in y; give at least one of them.")
    if given.xx.ndim == 1:
        possible = bool(np.all(given.xy**2 <= own[0] * own[1] * (1.0 + 1e-9)))
    else:
        sd = np.sqrt(np.maximum(np.concatenate(own), 0.0))
        unit = given.covariance / np.where(np.outer(sd, sd) > 0, np.outer(sd, sd), 1.0)
        possible = np.allclose(unit, unit.T, atol=1e-9) and bool(np.linalg.eigvalsh(unit)[0] >= -1e-9 * unit.shape[0])
    if not possible:
        raise ValueError("the covariance of the points is not symmetric or not positive; no errors can have it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """y = b_0 + b_1 x + b_2 x^2 + ..., fitted to points uncertain in x and y.

    values: b_0, b_1, ...  covariance, standard_errors: of the last linear step (Gauss-Newton), from the uncertainties
    given and not from the scatter.  chi2: weighted squares of the corrections; dof: points - coefficients; goodness:
    probability of a larger chi2.  x, y: the points moved onto the curve.  worst: the largest correction of an x or y
    over its standard uncertainty (ISO 6143 wants at most 2).  steps: linear fits until nothing changed.
    """

    values: Array
    covariance: Array
    standard_errors: Array
    chi2: float
    dof: int
    goodness: float
    x: Array
    y: Array
    worst: float
    steps: int

    @property
    def scaled_covariance(self) -> Array:
        """Give the covariance for uncertainties known up to a common factor, which the scatter then tells."""
        return self.covariance * (self.chi2 / self.dof)


def polynomial(given: Points, *, degree: int = 1) -> Curve:
    """Fit y = sum b_k x^k by generalised least squares of the corrections of x and y.

    Minimises (z - zeta)' U^-1 (z - zeta) over b and the points zeta = (xi, eta) with eta = f(xi); z = (x, y), U their
    covariance, which may be singular. Each step is a linear fit of y - f'(xi) (x - xi) to the powers of xi with the
    covariance W = D Uxx D - D Uxy - Uyx D + Uyy, D = diag(f'(xi)), after which xi = x + (Uxx D - Uxy) W^-1 (residual).
    ISO/TS 28037:2010 clauses 7 (u_x, u_y), 8 (and cov(x_i, y_i)) and 10 (full matrices); ISO 6143:2001 with x and y
    there exchanged. We iterate until no coefficient and no point moves by 1e-10 of its standard error. (Coefficients
    alone can stand still in the first step: with the same uncertainties everywhere it is an ordinary fit again.)
    Raises what `fits.linear` raises, so for fewer points than coefficients + 1; ValueError after 100 steps.
    """
    names = [f"b{power}" for power in range(degree + 1)]
    xi = given.x
    values = linear(_powers(xi, degree), given.y, names=names).values
    for step in range(1, _STEPS + 1):
        before, at, slope, design = values, xi, _slope(values, xi), _powers(xi, degree)
        response = given.y - slope * (given.x - xi)
        fit = _weighted(design, response, _error(given, slope), names)
        values = fit.values
        force = _pulled(_error(given, slope), response - design @ values)
        xi = given.x + _times(given.xx, slope * force) - _times(given.xy, force)
        if _settled(before, fit) and _at_rest(given, at, xi):
            return _curve(given, fit, force, slope, step)
    raise ValueError(
        f"the curve did not settle in {_STEPS} steps; the points are too uncertain for a polynomial of degree {degree}."
    )


def _powers(x: Array, degree: int) -> Array:
    return x[:, None] ** np.arange(degree + 1)


def _slope(values: Array, x: Array) -> Array:
    powers = np.arange(1, values.size)
    return np.asarray(x[:, None] ** (powers - 1) @ (powers * values[1:]))


def _error(given: Points, slope: Array) -> Array:
    """W, the covariance of y - f(x) for given slopes."""
    if given.xx.ndim == 1:
        return slope**2 * given.xx - 2.0 * slope * given.xy + given.yy
    mixed = slope[:, None] * given.xy
    return np.outer(slope, slope) * given.xx - mixed - mixed.T + given.yy


def _weighted(design: Array, response: Array, error: Array, names: Sequence[str]) -> Fit:
    if error.ndim == 1:
        return linear(design, response, names=names, standard_uncertainty=np.sqrt(np.maximum(error, 0.0)))
    return linear(design, response, names=names, covariance=(error + error.T) / 2.0)


def _pulled(error: Array, residual: Array) -> Array:
    return residual / error if error.ndim == 1 else np.asarray(np.linalg.solve(error, residual), dtype=np.float64)


def _times(covariance: Array, vector: Array) -> Array:
    return covariance * vector if covariance.ndim == 1 else covariance @ vector


def _settled(before: Array, fit: Fit) -> bool:
    return bool(np.all(np.abs(fit.values - before) <= _SETTLED * fit.standard_errors + _ROUNDING * np.abs(before)))


def _at_rest(given: Points, before: Array, after: Array) -> bool:
    sd = np.sqrt(np.diag(given.xx) if given.xx.ndim == 2 else given.xx)
    return bool(np.all(np.abs(after - before) <= _SETTLED * sd + _ROUNDING * np.max(np.abs(given.x))))


def _curve(given: Points, fit: Fit, force: Array, slope: Array, steps: int) -> Curve:
    down = _times(given.xx, slope * force) - _times(given.xy, force)
    across = given.xy if given.xy.ndim == 1 else given.xy.T
    up = _times(across, slope * force) - _times(given.yy, force)
    variance = [np.diag(part) if part.ndim == 2 else part for part in (given.xx, given.yy)]
    moved, sd = np.concatenate([down, up]), np.sqrt(np.concatenate(variance))
    chi2 = fit.residual_sd**2 * fit.dof
    return Curve(
        values=fit.values,
        covariance=fit.covariance,
        standard_errors=fit.standard_errors,
        chi2=chi2,
        dof=fit.dof,
        goodness=float(chi2_sf(chi2, fit.dof)),
        x=given.x + down,
        y=given.y + up,
        worst=float(np.max(np.abs(moved[sd > 0]) / sd[sd > 0])),
        steps=steps,
    )


def propagated_covariance(given: Points, curve: Curve) -> Array:
    """Give J U J', J = db/d(x, y) of the fitted coefficients: the law of propagation, JCGM 102:2011 6.2.1.

    J follows from differentiating what the fit fulfils,  zeta + U B'k = z,  A'k = 0,  eta - f(xi) = 0,  with B and A
    the derivatives of the last by zeta and by b, and k the forces that move the points onto the curve. It is the
    convention of Kalantar and of GTC.
    """
    size, terms = given.x.size, curve.values.size
    unit_x, unit_y = np.max(np.abs(given.x)), np.max(np.abs(given.y))
    units = np.concatenate([np.full(size, unit_x), np.full(size, unit_y)])
    to_unit = unit_x ** np.arange(terms) / unit_y
    values, xi = curve.values * to_unit, curve.x / unit_x
    u = given.covariance / np.outer(units, units)
    powers, slope = _powers(xi, terms - 1), _slope(values, xi)
    b = np.hstack([np.diag(-slope), np.eye(size)])
    force = np.linalg.solve(b @ u @ b.T, given.y / unit_y - powers @ values - slope * (given.x / unit_x - xi))
    turn = np.zeros((2 * size, terms))
    turn[:size] = -_derivatives(xi, terms) * force[:, None]
    bend = np.concatenate([-_slope(_derived(values), xi) * force, np.zeros(size)])
    none = np.zeros((size, size))
    system = np.block(
        [
            [np.eye(2 * size) + u * bend, u @ turn, u @ b.T],
            [turn.T, np.zeros((terms, terms)), -powers.T],
            [b, -powers, none],
        ]
    )
    wanted = np.zeros((3 * size + terms, terms))
    wanted[2 * size : 2 * size + terms] = np.eye(terms)
    jacobian = np.linalg.solve(system.T, wanted)[: 2 * size].T / to_unit[:, None]
    return np.asarray(jacobian @ u @ jacobian.T)


def _derivatives(x: Array, terms: int) -> Array:
    """d(x^k)/dx, (points, terms)."""
    powers = np.arange(terms)
    return np.asarray(powers * x[:, None] ** np.maximum(powers - 1, 0))


def _derived(values: Array) -> Array:
    return np.asarray(np.arange(1, values.size) * values[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Values taken from a curve, and the covariance between them."""

    values: Array
    covariance: Array

    @property
    def standard_uncertainties(self) -> Array:
        """Give the standard uncertainty of each value."""
        return np.sqrt(np.diag(self.covariance))


def predicted(values: Array, covariance: Array, x: ArrayLike, *, u_x: ArrayLike = 0.0) -> Prediction:
    """Give y = sum b_k x^k at new x, with the covariance X C X' + D U D, D = diag(f'(x)).

    values, covariance: of b_0, b_1, ... of a `Curve` or a `Fit`.  x: (values,).  u_x: standard uncertainties or a
    covariance matrix of the new x, independent of the curve. ISO/TS 28037:2010 11.2; ISO 6143:2001.
    """
    at = np.atleast_1d(np.asarray(x, dtype=np.float64))
    spread, slope = _shaped(_variances(u_x, at.size, "u_x"), at.size, True), _slope(values, at)
    design = _powers(at, values.size - 1)
    return Prediction(
        values=design @ values, covariance=design @ covariance @ design.T + np.outer(slope, slope) * spread
    )


def inverted(values: Array, covariance: Array, y: ArrayLike, *, u_y: ArrayLike = 0.0) -> Prediction:
    """Give x = (y - a)/b of a straight line at new y, with its covariance; ISO/TS 28037:2010 11.1.

    values, covariance: of a and b of a `Curve` or a `Fit`.  y: (values,).  u_y: standard uncertainties or a covariance
    matrix of the new y, independent of the line.
    Raises ValueError for a curve that is no line and for a slope of zero.
    """
    if values.size != 2 or values[1] == 0:
        raise ValueError("only a straight line that is not level gives one x for a y; fit a line.")
    at = np.atleast_1d(np.asarray(y, dtype=np.float64))
    x = (at - values[0]) / values[1]
    spread = _shaped(_variances(u_y, at.size, "u_y"), at.size, True)
    design = _powers(x, 1)
    return Prediction(values=x, covariance=(design @ covariance @ design.T + spread) / values[1] ** 2)
