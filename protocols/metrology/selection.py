"""Which terms of a linear model the data support, and which points do not go with the others.

Terms are eliminated backwards by their t-ratio. Points are flagged and never removed: that is for a person to decide.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.fits import Fit, linear, whitened
from protocols.metrology.distributions import normal_ppf, t_ppf

Array = NDArray[np.float64]

_HUBER = 1.345  # 95 % efficiency for normal errors; P. J. Huber, Ann. Math. Statist. 35 (1964) 73
_MEDIAN_SHARE = 0.37  # efficiency of the median absolute deviation; P. J. Rousseeuw and C. Croux, JASA 88 (1993) 1273
_STEPS = 50
_STABLE = 1e-8  # change of a weight at which the robust fit has settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A term set to zero: its name, the value and t-ratio it had, and why ("negative" or "t-ratio")."""

    name: str
    value: float
    t_ratio: float
    why: str


def eliminate(
    design: ArrayLike,
    response: ArrayLike,
    *,
    names: Sequence[str],
    keep: Collection[str],
    t_ratio_min: float,
    non_negative: Collection[str] = (),
) -> tuple[Fit, tuple[Dropped, ...]]:
    """Fit, and set terms to zero one after another until every term left is supported by the data.

    First goes a term of `non_negative` that came out below zero (of several the one with the lowest t-ratio), then the
    term with the smallest |t-ratio| when that is below `t_ratio_min`; then the fit is made again without it.
    design: (points, terms), a name for each column; response: (points,).  keep: terms that always stay, at least one.
    Returns the last fit and the terms dropped, in the order in which they went.
    Raises ValueError for names that are not there, for nothing to keep and for a limit that is not a number from 0;
    else what `fits.linear` raises.
    """
    _check(names, keep, non_negative, t_ratio_min)
    x, left, dropped = _table(design), list(names), list[Dropped]()
    if x.shape[1] != len(names):
        raise ValueError(f"a design of {x.shape[1]} columns does not go with {len(names)} names; give one a column.")
    while True:
        fit = linear(x[:, [names.index(name) for name in left]], response, names=left)
        victim = _victim(fit, keep, non_negative, t_ratio_min)
        if victim is None:
            return fit, tuple(dropped)
        dropped.append(victim)
        left.remove(victim.name)


def _check(names: Sequence[str], keep: Collection[str], non_negative: Collection[str], t_ratio_min: float) -> None:
    unknown = sorted({*keep, *non_negative} - set(names))
    if unknown:
        raise ValueError(f"the model has no term called {' or '.join(unknown)}; its terms are {', '.join(names)}.")
    if not keep:
        raise ValueError("elimination needs at least one term that stays; name it in `keep`.")
    if not t_ratio_min >= 0:
        raise ValueError(f"the smallest t-ratio is {t_ratio_min}; give a number from 0.")


def _victim(fit: Fit, keep: Collection[str], non_negative: Collection[str], t_ratio_min: float) -> Dropped | None:
    terms = list(zip(fit.names, fit.values.tolist(), fit.t_ratios.tolist(), strict=True))
    free = [term for term in terms if term[0] not in keep]
    negative = [term for term in free if term[0] in non_negative and term[1] < 0]
    if negative:
        return _dropped(min(negative, key=lambda term: term[2]), "negative")
    weak = [term for term in free if abs(term[2]) < t_ratio_min]
    return _dropped(min(weak, key=lambda term: abs(term[2])), "t-ratio") if weak else None


def _dropped(term: tuple[str, float, float], why: str) -> Dropped:
    name, value, t_ratio = term
    return Dropped(name=name, value=value, t_ratio=t_ratio, why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierFlags:
    """What each point has to do with a fit; all of shape (points,) but the limits.

    leverage: h = x (X'X)^-1 x', the share of a point in its own fitted value; the mean is coefficients/points.
    studentised: residual over its standard error in the fit without the point, e/(s_(i) sqrt(1 - h)); NaN where h = 1.
    cook: Cook's distance, how far the point moves the coefficients.
    robust: residual from Huber's fit over a scale from the median absolute residual, which several outliers together
    do not hide.  weight: of the point in Huber's fit.
    limit: two-sided t-quantile at level/points (Bonferroni) with dof - 1; robust_limit: with 0.37 dof, for a median of
    absolute residuals knows the scale as badly as a standard deviation of 0.37 as many points.
    flagged: |studentised| > limit.  robust_flagged: |robust| > robust_limit.
    influential: leverage above twice the mean (D. C. Hoaglin and R. E. Welsch, Am. Stat. 32 (1978) 17).
    """

    leverage: Array
    studentised: Array
    cook: Array
    robust: Array
    weight: Array
    limit: float
    robust_limit: float
    flagged: NDArray[np.bool_]
    robust_flagged: NDArray[np.bool_]
    influential: NDArray[np.bool_]


def outlier_flags(
    design: ArrayLike, response: ArrayLike, *, standard_uncertainty: ArrayLike | None = None, level: float = 0.05
) -> OutlierFlags:
    """Flag the points that a linear fit of all of them does not go with; nothing is removed.

    design: (points, coefficients); response and standard_uncertainty (of each response, as weights): (points,).
    level: the chance of a flag among all points when every error is normal.
    Raises ValueError for fewer points than coefficients + 2, else what `fits.linear` raises.
    """
    x, y = _table(design), np.asarray(response, dtype=np.float64)
    points, terms = x.shape
    if points < terms + 2:
        raise ValueError(f"{points} points are too few to leave one out of a fit of {terms} terms; measure more.")
    if standard_uncertainty is not None:
        x, y = whitened(x, y, standard_uncertainty, None)
    fit = linear(x, y, names=[str(place) for place in range(terms)])
    leverage = _leverage(x)
    studentised, cook = _left_out(y - x @ fit.values, leverage, fit.dof)
    robust, huber = _robust(x, y)
    limit = float(t_ppf(1.0 - level / (2.0 * points), fit.dof - 1))
    robust_limit = float(t_ppf(1.0 - level / (2.0 * points), _MEDIAN_SHARE * fit.dof))
    return OutlierFlags(
        leverage=leverage,
        studentised=studentised,
        cook=cook,
        robust=robust,
        weight=huber,
        limit=limit,
        robust_limit=robust_limit,
        flagged=np.abs(studentised) > limit,
        robust_flagged=np.abs(robust) > robust_limit,
        influential=leverage > 2.0 * terms / points,
    )


def _table(design: ArrayLike) -> Array:
    x = np.asarray(design, dtype=np.float64)
    if x.ndim != 2:
        raise ValueError(f"a design has rows of points and columns of terms; this one has the shape {x.shape}.")
    return x


def _leverage(design: Array) -> Array:
    q, _ = np.linalg.qr(design / np.linalg.norm(design, axis=0))
    return np.asarray(np.minimum(np.sum(q**2, axis=1), 1.0))


def _left_out(residual: Array, leverage: Array, dof: int) -> tuple[Array, Array]:
    """Studentised residuals and Cook's distances; NaN for a point that alone fixes a coefficient."""
    free = np.where(leverage < 1.0 - 1e-10, 1.0 - leverage, np.nan)
    squares = residual @ residual
    left = np.maximum(squares - residual**2 / free, 0.0) / (dof - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        cook = residual**2 / squares * leverage / free**2 * dof / (residual.size - dof)
        return np.asarray(residual / np.sqrt(left * free)), np.asarray(cook)


def _robust(design: Array, response: Array) -> tuple[Array, Array]:
    """Scaled residuals and weights of Huber's M-estimate by reweighting, the scale anew in every step."""
    names = [str(place) for place in range(design.shape[1])]
    rounding = 64.0 * float(np.finfo(np.float64).eps * np.max(np.abs(response)))
    residual, weight = response, np.ones(response.size)
    scale = 1.0
    for _ in range(_STEPS):
        root = np.sqrt(weight)
        residual = response - design @ linear(design * root[:, None], response * root, names=names).values
        scale = max(float(np.median(np.abs(residual)) / normal_ppf(0.75)), rounding) or 1.0
        before, weight = weight, _HUBER * scale / np.maximum(np.abs(residual), _HUBER * scale)
        if np.max(np.abs(weight - before)) < _STABLE:
            break
    return residual / scale, weight
