"""Repeatability and reproducibility of a method from an experiment between laboratories (ISO 5725-2:1994).

The text of the standard has not been read for this file; formulas come from secondary sources and reproduce the
published results of its coal example and of the glucose example of ASTM E691 (see the tests). ISO 5725-2 and ASTM E691
agree for balanced designs; where cells differ in size the formulas are those of ISO 5725-2.

A result that is missing is left out of its laboratory's cell: cells may differ in size, and none may hold a NaN. No
outlier is left out here; `protocols.statistics.outliers` flags them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.metrology.distributions import f_ppf, t_ppf
from protocols.statistics.samples import sample

Array = NDArray[np.float64]

_LIMIT = 2.8  # ISO 5725-6:1994, 4.1.4: 1.96 sqrt(2), rounded
_LEAST = 2  # laboratories


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Precision of a method at one level, everything but counts, h and k in the unit of the results.

    counts, means, deviations: n_i, mean and s_i of each laboratory, (p,); s_i is NaN for a single result.
    sums: T1 = sum n_i mean_i, T2 = sum n_i mean_i^2, T3 = sum n_i, T4 = sum n_i^2, T5 = sum (n_i - 1) s_i^2; T1 and T2
    of the results as they are.
    mean: m = T1/T3.  repeatability: s_r, between: s_L, reproducibility: s_R; standard deviations.
    repeatability_uncertainty, reproducibility_uncertainty: standard uncertainties of s_r and s_R, for so many
    laboratories and results.
    repeatability_limit, reproducibility_limit: r = 2.8 s_r and R = 2.8 s_R, by less than which two results differ in
    about 95 of 100 cases.
    h, k: Mandel's statistics of each laboratory, (p,) [1]; k is NaN for a single result.
    """

    counts: NDArray[np.int_]
    means: Array
    deviations: Array
    sums: tuple[float, float, float, float, float]
    mean: float
    repeatability: float
    between: float
    reproducibility: float
    repeatability_uncertainty: float
    reproducibility_uncertainty: float
    repeatability_limit: float
    reproducibility_limit: float
    h: Array
    k: Array


def precision(cells: Sequence[ArrayLike]) -> Precision:
    """Give repeatability and reproducibility from the results of p laboratories (ISO 5725-2:1994, 7.4).

    cells: one row of results for each laboratory, in one unit, of equal or unequal length, none empty.
    s_r^2 = T5/(T3 - p); s_L^2 = ((T2 T3 - T1^2)/(T3 (p - 1)) - s_r^2) T3 (p - 1)/(T3^2 - T4), zero when negative;
    s_R^2 = s_r^2 + s_L^2.
    Raises ValueError for fewer than two laboratories, an empty cell, NaN, or when no cell holds a second result.
    """
    counts, means, squares = _cells(cells)
    p, T3, T4 = counts.size, float(counts.sum()), float(np.sum(counts**2))
    T5 = float(squares.sum())
    mean = float(np.sum(counts * means)) / T3
    T1, T2 = mean * T3, float(np.sum(counts * means**2))
    square = float(np.sum(counts * (means - mean) ** 2)) / (p - 1)  # = (T2 T3 - T1^2)/(T3 (p - 1)), no cancellation
    s_r2 = T5 / (T3 - p)
    size = (T3**2 - T4) / (T3 * (p - 1))  # of an average cell
    s_L2 = max(0.0, (square - s_r2) / size)
    s_r, s_R = float(np.sqrt(s_r2)), float(np.sqrt(s_r2 + s_L2))
    u_r, u_R = _uncertainties(s_r2=s_r2, s_L2=s_L2, size=size, laboratories=p, results=T3)
    deviations = np.sqrt(np.divide(squares, counts - 1, out=np.full(p, np.nan), where=counts > 1))
    return Precision(
        counts=counts,
        means=means,
        deviations=deviations,
        sums=(T1, T2, T3, T4, T5),
        mean=mean,
        repeatability=s_r,
        between=float(np.sqrt(s_L2)),
        reproducibility=s_R,
        repeatability_uncertainty=u_r,
        reproducibility_uncertainty=u_R,
        repeatability_limit=_LIMIT * s_r,
        reproducibility_limit=_LIMIT * s_R,
        h=mandel_h(means, mean=mean),
        k=mandel_k(deviations),
    )


def mandel_h(means: ArrayLike, *, mean: float) -> Array:
    """Give h_i = (mean_i - m) / sqrt(sum (mean_i - m)^2 / (p - 1)) [1] (ISO 5725-2:1994, 7.3.1.1).

    means: of each laboratory, (p,).  mean: m, over all results. NaN for all when the means are all m.
    """
    difference = sample(means, name="laboratory means", least=_LEAST) - mean
    scale = float(np.sqrt(np.sum(difference**2) / (difference.size - 1)))
    return difference / scale if scale > 0 else np.full(difference.size, np.nan)


def mandel_k(deviations: Array) -> Array:
    """Give k_i = s_i / sqrt(mean s_i^2) [1], NaN where a laboratory has no s_i (ISO 5725-2:1994, 7.3.1.2).

    deviations: s_i, (p,), NaN for a laboratory with a single result.
    """
    known = ~np.isnan(deviations)
    pooled = float(np.sqrt(np.mean(deviations[known] ** 2))) if known.any() else 0.0
    return deviations / pooled if pooled > 0 else np.full(deviations.size, np.nan)


def mandel_h_critical(laboratories: int, *, level: float) -> float:
    """Give the two-sided critical value of |h|: (p - 1) t / sqrt(p (t^2 + p - 2)) (ISO 5725-2:1994, table 6).

    t: quantile at 1 - level/2 with p - 2 degrees of freedom.  laboratories: p >= 3.  level: 0.01 and 0.05 in
    ISO 5725-2, 0.005 in ASTM E691.
    """
    _asked(laboratories, least=3, level=level)
    p, t = laboratories, float(t_ppf(1.0 - level / 2.0, laboratories - 2))
    return (p - 1) * t / float(np.sqrt(p * (t**2 + p - 2)))


def mandel_k_critical(laboratories: int, *, replicates: int, level: float) -> float:
    """Give the critical value of k: sqrt(p / (1 + (p - 1)/F)) (ISO 5725-2:1994, table 7).

    F: quantile at 1 - level with n - 1 and (p - 1)(n - 1) degrees of freedom.  laboratories: p >= 2.
    replicates: n >= 2.  level: as for h.
    """
    _asked(laboratories, least=_LEAST, level=level)
    if replicates < 2:
        raise ValueError("k compares standard deviations, which need at least 2 replicates.")
    p, n = laboratories, replicates
    F = float(f_ppf(1.0 - level, n - 1, (p - 1) * (n - 1)))
    return float(np.sqrt(p / (1.0 + (p - 1) / F)))


def _cells(cells: Sequence[ArrayLike]) -> tuple[NDArray[np.int_], Array, Array]:
    """Number, mean, and sum of squared differences from the mean, of each laboratory."""
    if len(cells) < _LEAST:
        raise ValueError(f"{len(cells)} laboratories are too few; give the results of at least {_LEAST}.")
    rows = [sample(cell, name=f"laboratory {index}", least=1) for index, cell in enumerate(cells)]
    counts = np.array([row.size for row in rows])
    if counts.max() < 2:
        raise ValueError("no laboratory has a second result: repeatability cannot be told; measure in replicate.")
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    values = np.concatenate(rows)
    middle = float(values[0])  # results near a large common value keep their digits
    means = np.add.reduceat(values - middle, first) / counts + middle
    return counts, means, np.add.reduceat((values - np.repeat(means, counts)) ** 2, first)


def _uncertainties(*, s_r2: float, s_L2: float, size: float, laboratories: int, results: float) -> tuple[float, float]:
    """Standard uncertainties of s_r and s_R to first order, from independent mean squares.

    For n results in every cell these are the expressions of ISO 5725-1:1994, 6.3; for unequal cells an approximation.
    """
    within, between = results - laboratories, laboratories - 1
    u_r = float(np.sqrt(s_r2 / (2.0 * within)))
    s_R2 = s_r2 + s_L2
    if s_R2 == 0:
        return 0.0, 0.0
    parts = (s_r2 + size * s_L2) ** 2 / (size**2 * between) + ((1.0 - 1.0 / size) * s_r2) ** 2 / within
    return u_r, float(np.sqrt(parts / (2.0 * s_R2)))


def _asked(laboratories: int, *, least: int, level: float) -> None:
    if laboratories < least or not 0.0 < level < 1.0:
        raise ValueError(f"{laboratories} laboratories at the level {level} have no critical value.")
