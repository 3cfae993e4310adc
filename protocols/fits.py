"""Linear least squares that either gives the digits or refuses.

Columns are scaled and the design is factorised by QR; normal equations lose half of the digits, and a default
`lstsq` drops rank in silence (it gets no digit of NIST's Filip).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


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

    covariance: residual-based when no uncertainty was given, else propagated from the uncertainties given.
    residual_sd: sqrt(chi2/dof), of the whitened residuals when weighted.
    r_squared: about the mean when the design holds a constant column, else about zero.
    condition: of the column-scaled (whitened) design.
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
    design: Array,
    response: Array,
    *,
    names: Sequence[str],
    standard_uncertainty: Array | None = None,
    covariance: Array | None = None,
) -> Fit:
    """Fit response = design @ values by ordinary, weighted or generalised least squares.

    design: (points, coefficients).  standard_uncertainty: of each response; covariance: of all responses (give at
    most one).  names: one for each column.
    Raises ValueError for shapes that do not agree, for NaN and for fewer points than coefficients + 1;
    RankDeficient, naming the columns, when the data cannot identify a coefficient.
    """
    _check(design, response, names)
    weighted = standard_uncertainty is not None or covariance is not None
    white_design, white_response = _whitened(design, response, standard_uncertainty, covariance)
    values, factor, condition = _solved(white_design, white_response, tuple(names))
    points, terms = design.shape
    residual = white_response - white_design @ values
    dof = points - terms
    variance = float(residual @ residual) / dof
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
        r_squared=_r_squared(design, white_design, white_response, residual),
        condition=condition,
        correlations=_correlations(factor),
        rank=terms,
    )


def operator(design: Array) -> Array:
    """Give H with values = H @ response for an ordinary fit of full rank; (coefficients, points)."""
    scale = np.linalg.norm(design, axis=0)
    q, r = np.linalg.qr(design / scale)
    return np.asarray(np.linalg.solve(r, q.T) / scale[:, None])


def _check(design: Array, response: Array, names: Sequence[str]) -> None:
    if design.ndim != 2 or response.shape != design.shape[:1] or len(names) != design.shape[1]:
        raise ValueError(
            f"a design of shape {design.shape} does not go with {response.shape[0] if response.ndim else 0} responses "
            f"and {len(names)} names; give one response a row and one name a column."
        )
    if design.shape[0] <= design.shape[1]:
        raise ValueError(
            f"{design.shape[0]} points cannot give {design.shape[1]} coefficients with an uncertainty; measure more."
        )
    if not (np.isfinite(design).all() and np.isfinite(response).all()):
        raise ValueError("the design or the response holds a value that is not a finite number; remove that point.")


def _whitened(
    design: Array, response: Array, uncertainty: Array | None, covariance: Array | None
) -> tuple[Array, Array]:
    if uncertainty is not None and covariance is not None:
        raise ValueError("give either standard uncertainties or a covariance matrix, not both.")
    if uncertainty is not None:
        if uncertainty.shape != response.shape or not np.all(uncertainty > 0):
            raise ValueError("every response needs a standard uncertainty above zero.")
        return design / uncertainty[:, None], response / uncertainty
    if covariance is not None:
        try:
            lower = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError as error:
            raise ValueError("the covariance matrix of the responses is not positive definite.") from error
        return np.linalg.solve(lower, design), np.linalg.solve(lower, response)
    return design, response


def _solved(design: Array, response: Array, names: tuple[str, ...]) -> tuple[Array, Array, float]:
    """Values, a factor F with (X'X)^-1 = F F', and the condition of the scaled design."""
    scale = np.linalg.norm(design, axis=0)
    if np.any(scale == 0):
        raise RankDeficient(tuple(name for name, size in zip(names, scale, strict=True) if size == 0))
    scaled = design / scale
    triangle: Array = np.asarray(np.linalg.qr(np.column_stack([scaled, response]), mode="r"))
    r = triangle[: len(names), :-1]
    condition = _condition(r, design.shape[0], names)
    inverse = np.linalg.solve(r, np.eye(len(names)))
    values = inverse @ triangle[: len(names), -1]
    # One step of refinement costs two products and gives back two or three digits (Norris, Wampler).
    values = values + inverse @ (inverse.T @ (scaled.T @ (response - scaled @ values)))
    return values / scale, inverse / scale[:, None], condition


def _condition(r: Array, points: int, names: tuple[str, ...]) -> float:
    _, singular, right = np.linalg.svd(r)
    if singular[-1] <= singular[0] * points * np.finfo(np.float64).eps:
        share = np.abs(right[-1])
        raise RankDeficient(tuple(n for n, s in zip(names, share, strict=True) if s > 0.1 * share.max()))
    return float(singular[0] / singular[-1])


def _r_squared(design: Array, white_design: Array, response: Array, residual: Array) -> float:
    about = response
    constant = np.flatnonzero(np.ptp(design, axis=0) == 0)
    if constant.size:
        level = white_design[:, constant[0]]  # of a weighted fit the mean to leave out is the weighted one
        about = response - level * (level @ response) / (level @ level)
    total = float(about @ about)
    return 1.0 - float(residual @ residual) / total if total > 0 else float("nan")


def _ratio(values: Array, errors: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(values / errors)


def _correlations(factor: Array) -> Array:
    spread = factor @ factor.T
    sd = np.sqrt(np.diag(spread))
    return np.asarray(spread / np.outer(sd, sd))
