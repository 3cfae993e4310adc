"""Linear least squares that either gives the digits or refuses.

The design is factorised by QR and its columns are scaled; normal equations lose half of the digits, and a default
`lstsq` drops rank in silence (it gets no digit of NIST's Filip). What QR alone leaves wrong is corrected from the
residual, for an ill-conditioned design with exact sums of products, so that every NIST set has all digits it holds.
"""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_TALL = 8192  # points from which the triangle is made of pieces of as many, which stay in the processor's cache
_WELL = 1e3  # condition up to which plain arithmetic loses no digit that matters
_FAIR = 1e6  # condition up to which the triangle alone suffices to correct the values
_SMALL = 100_000  # numbers in a design up to which exact products take no time that matters


class RankDeficient(ValueError):
    """The design cannot identify every coefficient; `columns` names those that depend on each other."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        super().__init__(
            f"the data cannot tell {' and '.join(columns)} apart: their columns are linearly dependent; "
            "measure over a wider range or leave one out."
        )
        self.columns = columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A linear fit, everything in the order of `names`.

    With uncertainties given, every sum of squares is that of the whitened residuals, chi2 = (y - X b)' V^-1 (y - X b).
    covariance: residual-based, s^2 (X'X)^-1, when no uncertainty was given, else propagated, (X' V^-1 X)^-1.
    t_ratios: values/standard_errors; infinite for an exact fit, zero for a value of exactly zero.
    residual_sd: s = sqrt(chi2/dof); with the right uncertainties it is near 1.
    dof: points - coefficients, of a weighted fit too.
    r_squared: 1 - chi2/chi2 of the best constant when the design holds a constant column, else 1 - chi2/(y' V^-1 y), as
    NIST has it for a line through zero; NaN when that total is zero.
    condition: largest over smallest singular value of the whitened design with columns of length one.
    rank: the number of coefficients; a design of lower rank is refused.
    """

    names: tuple[str, ...]
    values: Array
    covariance: Array
    standard_errors: Array
    t_ratios: Array
    residual_sd: float
    dof: int
    r_squared: float
    condition: float
    correlations: Array
    rank: int


def linear(
    design: ArrayLike,
    response: ArrayLike,
    *,
    names: Sequence[str],
    standard_uncertainty: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
) -> Fit:
    """Fit response = design @ values by ordinary, weighted or generalised least squares.

    design: (points, coefficients); a column of ones is yours to add.  response: (points,).  names: one for each column.
    standard_uncertainty: of each response (or one for all), in its unit; covariance: of all responses; at most one.
    values minimise (y - X b)' V^-1 (y - X b), V = 1, diag(u^2) or the covariance.
    Raises ValueError for shapes that do not agree, for names given twice, for what is not a finite number, for fewer
    points than coefficients + 1 and for uncertainties that are none; RankDeficient, naming the columns, when the data
    cannot identify a coefficient.
    """
    x, y = np.asarray(design, dtype=np.float64), np.asarray(response, dtype=np.float64)
    _check(x, y, names)
    white_x, white_y = whitened(x, y, standard_uncertainty, covariance)
    values, residual, factor, condition = _solved(white_x, white_y, tuple(names))
    dof = x.shape[0] - x.shape[1]
    variance = float(residual @ residual) / dof
    weighted = standard_uncertainty is not None or covariance is not None
    spread = factor @ factor.T * (1.0 if weighted else variance)
    errors = np.sqrt(np.diag(spread))
    return Fit(
        names=tuple(names),
        values=values,
        covariance=spread,
        standard_errors=errors,
        t_ratios=_ratio(values, errors),
        residual_sd=float(np.sqrt(variance)),
        dof=dof,
        r_squared=_r_squared(x, white_x, white_y, residual),
        condition=condition,
        correlations=_correlations(factor),
        rank=x.shape[1],
    )


def scaled_by_scatter(fit: Fit) -> Fit:
    """Give a weighted fit whose uncertainties are known only up to a common factor: covariance times chi2/dof.

    The scatter tells the factor, so that intervals are those of Student's t with fit.dof; ISO/TS 28037:2010 Annex E.
    """
    errors = fit.standard_errors * fit.residual_sd
    return replace(
        fit,
        covariance=fit.covariance * fit.residual_sd**2,
        standard_errors=errors,
        t_ratios=_ratio(fit.values, errors),
    )


def operator(design: Array) -> Array:
    """Give H with values = H @ response for an ordinary fit of full rank; (coefficients, points)."""
    scale = np.linalg.norm(design, axis=0)
    q, r = np.linalg.qr(design / scale)
    return np.asarray(np.linalg.solve(r, q.T) / scale[:, None])


def _check(design: Array, response: Array, names: Sequence[str]) -> None:
    if design.ndim != 2 or design.shape[1] == 0 or response.shape != design.shape[:1] or len(names) != design.shape[1]:
        raise ValueError(
            f"a design of shape {design.shape} does not go with responses of shape {response.shape} "
            f"and {len(names)} names; give one response a row and one name a column."
        )
    if len(set(names)) != len(names):
        raise ValueError(f"two columns have the same name among {', '.join(names)}; give each its own.")
    if design.shape[0] <= design.shape[1]:
        raise ValueError(
            f"{design.shape[0]} points cannot give {design.shape[1]} coefficients with an uncertainty; measure more."
        )
    if not (np.isfinite(design).all() and np.isfinite(response).all()):
        raise ValueError("the design or the response holds a value that is not a finite number; remove that point.")


def whitened(
    design: Array, response: Array, uncertainty: ArrayLike | None, covariance: ArrayLike | None
) -> tuple[Array, Array]:
    """Give design and response divided by the root of the covariance, so that every error is 1 and independent.

    uncertainty: standard uncertainty of each response, or one for all; covariance: of all; without either, as given.
    Raises ValueError for both together, for uncertainties not above zero and for what is no covariance.
    """
    if uncertainty is not None and covariance is not None:
        raise ValueError("give either standard uncertainties or a covariance matrix, not both.")
    if uncertainty is not None:
        u = _uncertainties(np.asarray(uncertainty, dtype=np.float64), response.size)
        return design / u[:, None], response / u
    if covariance is not None:
        lower = root(np.asarray(covariance, dtype=np.float64), response.size)
        white: Array = np.asarray(np.linalg.solve(lower, np.column_stack([design, response])), dtype=np.float64)
        return white[:, :-1], white[:, -1]
    return design, response


def _uncertainties(uncertainty: Array, points: int) -> Array:
    if uncertainty.shape not in ((), (points,)) or not np.all((uncertainty > 0) & np.isfinite(uncertainty)):
        raise ValueError("every response needs a standard uncertainty above zero, one for each or one for all.")
    return np.broadcast_to(uncertainty, (points,))


def root(covariance: Array, points: int) -> Array:
    """Give the lower triangle L with covariance = L L'; (points, points).

    Raises ValueError for a matrix of another shape, one that is not symmetric, and one that is not positive definite.
    """
    if covariance.shape != (points, points):
        raise ValueError(
            f"the covariance of {points} responses has shape {covariance.shape}; give {points} x {points}."
        )
    size = float(np.abs(covariance).max(initial=0.0))
    if not (math.isfinite(size) and np.allclose(covariance, covariance.T, rtol=1e-9, atol=1e-15 * size)):
        raise ValueError("the covariance matrix of the responses is not symmetric, or holds what is not a number.")
    try:
        return np.asarray(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError as error:
        raise ValueError("the covariance matrix of the responses is not positive definite.") from error


def _solved(design: Array, response: Array, names: tuple[str, ...]) -> tuple[Array, Array, Array, float]:
    """Values, residual, a factor F with (X'X)^-1 = F F', and the condition of the scaled design."""
    r = _triangle(design)
    scale = np.linalg.norm(r, axis=0)
    if np.any(scale == 0):
        raise RankDeficient(tuple(name for name, size in zip(names, scale, strict=True) if size == 0))
    condition = _condition(r / scale, design.shape[0], names)
    factor = np.linalg.solve(r / scale, np.eye(len(names))) / scale[:, None]
    if condition > (_WELL if design.size <= _SMALL else _FAIR):
        return *_refined(design, response), factor, condition
    values, residual = np.zeros(len(names)), response
    for _ in range(2 if condition <= _WELL else 4):  # the first step solves, the others correct (A. Bjoerck, 1987)
        values = values + factor @ (factor.T @ (design.T @ residual))
        residual = response - design @ values
    return values, residual, factor, condition


def _triangle(design: Array) -> Array:
    """R of the design, of a tall one by Cholesky twice.

    The triangle of X'X makes the columns nearly orthogonal and the triangle of these mends it, as accurate as
    Householder's for a condition under 1e7 (Y. Yamamoto et al., ETNA 44 (2015) 306); else it is Householder's.
    """
    if design.shape[0] >= _TALL:
        with np.errstate(all="ignore"), suppress(np.linalg.LinAlgError):
            gram = design.T @ design
            scale = np.sqrt(np.diag(gram))
            first = np.linalg.cholesky(gram / np.outer(scale, scale)).T
            if np.linalg.cond(first) <= _FAIR:
                return np.asarray(_mended(design, first * scale), dtype=np.float64)
    return np.asarray(np.linalg.qr(design, mode="r"))


def _mended(design: Array, triangle: Array) -> Array:
    inverse = np.linalg.inv(triangle)
    pieces = (design[start : start + _TALL] @ inverse for start in range(0, design.shape[0], _TALL))
    return np.asarray(np.linalg.cholesky(sum(piece.T @ piece for piece in pieces)).T @ triangle)


def _refined(design: Array, response: Array) -> tuple[Array, Array]:
    """Values and residual from  residual + X values = y,  X' residual = 0,  solved and corrected.

    With exact sums of products an ill-conditioned fit so gets all digits its data hold (A. Bjoerck, BIT 7 (1967) 257).
    """
    scale = np.exp2(np.round(np.log2(np.linalg.norm(design, axis=0))))  # powers of two: nothing is rounded
    x, b, residual = design / scale, np.zeros(design.shape[1]), np.zeros(response.size)
    q, r = np.linalg.qr(x)
    times, steps = (_exact, 12) if design.size <= _SMALL else (np.matmul, 3)
    for _ in range(steps):  # each gains the digits that the condition leaves of sixteen
        first = times(np.column_stack([x, residual, response]), np.append(-b, [-1.0, 1.0]))
        second = np.linalg.solve(r.T, times(x.T, -residual))
        along = q.T @ first - second
        step = np.linalg.solve(r, along)
        b, residual = b + step, residual + first - q @ along
        if np.linalg.norm(step) <= np.finfo(np.float64).eps * np.linalg.norm(b):
            break
    return b / scale, residual


def _exact(matrix: Array, vector: Array) -> Array:
    """Matrix @ vector, every element rounded once (exact products: T. J. Dekker, Numer. Math. 18 (1971) 224)."""
    product = matrix * vector
    (high, low), (upper, lower) = _halves(matrix), _halves(vector)
    error = ((high * upper - product) + high * lower + low * upper) + low * lower
    return np.array([math.fsum(row) for row in np.concatenate([product, error], axis=1).tolist()])


def _halves(values: Array) -> tuple[Array, Array]:
    """Two numbers of half the digits whose sum is each value."""
    big = values * 134217729.0  # 2^27 + 1
    high = big - (big - values)
    return high, values - high


def _condition(r: Array, points: int, names: tuple[str, ...]) -> float:
    _, singular, right = np.linalg.svd(r)
    lost = singular <= singular[0] * points * np.finfo(np.float64).eps
    if lost.any():
        share = np.abs(right[lost]).max(axis=0)
        raise RankDeficient(tuple(n for n, s in zip(names, share, strict=True) if s > 0.1 * share.max()))
    return float(singular[0] / singular[-1])


def _r_squared(design: Array, white_design: Array, response: Array, residual: Array) -> float:
    about = response
    constant = [place for place in np.flatnonzero(design[0] == design[-1]) if np.ptp(design[:, place]) == 0]
    if constant:
        level = white_design[:, constant[0]]  # of a weighted fit the mean to leave out is the weighted one
        about = response - level * (level @ response) / (level @ level)
    total = float(about @ about)
    rounding = response.size * np.finfo(np.float64).eps ** 2 * float(response @ response)
    return 1.0 - float(residual @ residual) / total if total > rounding else float("nan")


def _ratio(values: Array, errors: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.divide(values, errors, out=np.zeros_like(values), where=values != 0)


def _correlations(factor: Array) -> Array:
    unit = factor / np.linalg.norm(factor, axis=1)[:, None]
    return np.asarray(unit @ unit.T)
