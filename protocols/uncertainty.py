"""Uncertainties of a linear fit: random, common to all points, and total.

Those of any other model, with a budget of contributions, are in protocols.metrology.gum (named here too).

An error that all points share (the calibration of a pyranometer or a flow meter, the gross area) does not average
out. With V = D + sum_k g_k g_k' the coefficients have the covariance H V H', and each g_k maps to the one vector
H g_k. Weighting every point as independent instead understates u(eta0) by some 40 %.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.metrology.coverage import coverage_factor as coverage_factor
from protocols.metrology.coverage import welch_satterthwaite as welch_satterthwaite
from protocols.metrology.gum import first_order as first_order
from protocols.metrology.gum import second_order as second_order

Array = NDArray[np.float64]

COVERAGE_FACTOR = 2.0  # about 95 % for a normal distribution; JCGM 100:2008 6.3.3
_SINGULAR = 1e-12  # smallest eigenvalue over the largest, below which a resample identifies nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Covariances of coefficients, kept apart by origin.

    random: what differs from point to point.  common: what all points share.  shifts: for every common cause the
    change of the coefficients by one standard uncertainty of it.
    """

    random: Array
    common: Array
    shifts: Mapping[str, Array]

    @property
    def total(self) -> Array:
        """Give random plus common."""
        return self.random + self.common


def propagate(*, operator: Array, point_variance: Array, common: Mapping[str, Array]) -> Budget:
    """Propagate V = diag(point_variance) + sum g g' through values = operator @ response.

    operator: H, (coefficients, points).  point_variance: u^2 of each point, in the unit of the response squared.
    common: for every cause its g, the error of each point for one standard uncertainty of the cause.
    """
    return budget(
        random=(operator * point_variance) @ operator.T,
        shifts={cause: operator @ error for cause, error in common.items()},
    )


def budget(*, random: Array, shifts: Mapping[str, Array]) -> Budget:
    """Combine the random covariance of coefficients with the shift H g of every common cause."""
    common = np.zeros_like(random)
    for shift in shifts.values():
        common += np.outer(shift, shift)
    return Budget(random=random, common=common, shifts=dict(shifts))


def transformed(covariance: Array, jacobian: Array) -> Array:
    """Give J C J', the covariance of functions of the coefficients to first order (JCGM 102:2011 6.2.1)."""
    return jacobian @ covariance @ jacobian.T


def block_bootstrap(*, design: Array, response: Array, blocks: Array, resamples: int, seed: int) -> Array:
    """Give the covariance of ordinary least squares by drawing whole blocks (days) with replacement.

    design: (points, coefficients).  blocks: an integer for each point; points of one block stay together, so the
    correlation within a block is kept (H. R. Kuensch, Ann. Statist. 17 (1989) 1217). Of D blocks drawn the variance is
    (D - 1)/D too small, as one divided by n and not by n - 1; the result is corrected for it. Of a few blocks it still
    is a rough estimate.
    Raises ValueError for fewer than two blocks, or when the blocks drawn hardly ever identify the coefficients.
    """
    labels, index = np.unique(blocks, return_inverse=True)
    if labels.size < 2:
        raise ValueError("a block bootstrap needs at least two blocks; give points of more days.")
    scale = np.linalg.norm(design, axis=0)
    scaled = design / scale
    grams = np.stack([scaled[index == k].T @ scaled[index == k] for k in range(labels.size)])
    sides = np.stack([scaled[index == k].T @ response[index == k] for k in range(labels.size)])
    drawn = np.random.default_rng(seed).integers(labels.size, size=(resamples, labels.size))
    counts = np.stack([np.bincount(row, minlength=labels.size) for row in drawn]).astype(np.float64)
    gram, side = np.tensordot(counts, grams, axes=1), counts @ sides
    eigenvalues = np.linalg.eigvalsh(gram)
    good = eigenvalues[:, 0] > _SINGULAR * eigenvalues[:, -1]
    if good.sum() < resamples / 2:
        raise ValueError("fewer than half of the resampled days identify the coefficients; measure on more days.")
    values = np.linalg.solve(gram[good], side[good][..., None])[..., 0] / scale
    return np.atleast_2d(np.cov(values, rowvar=False)) * labels.size / (labels.size - 1)


def block_jackknife(*, design: Array, response: Array, blocks: Array) -> Array:
    """Give the covariance of ordinary least squares by leaving out one block (day) after another, for few blocks.

        C = (B - 1)/B sum_k (b_(k) - b)(b_(k) - b)'        b: mean of the fits b_(k) without block k

    design: (points, coefficients).  blocks: an integer for each point.  With B blocks it has B - 1 degrees of freedom
    (J. W. Tukey, Ann. Math. Statist. 29 (1958) 614).
    Raises ValueError for fewer than two blocks, or when the coefficients hang on a single one.
    """
    labels = np.unique(blocks)
    if labels.size < 2:
        raise ValueError("a block jackknife needs at least two blocks; give points of more days.")
    scaled = design / np.linalg.norm(design, axis=0)
    left = [np.linalg.lstsq(scaled[blocks != k], response[blocks != k], rcond=np.sqrt(_SINGULAR)) for k in labels]
    if any(rank < design.shape[1] for _, _, rank, _ in left):
        raise ValueError("without one of the days the others do not identify the coefficients; measure on more days.")
    values = np.stack([solved for solved, *_ in left]) / np.linalg.norm(design, axis=0)
    about = values - values.mean(axis=0)
    return np.asarray((labels.size - 1.0) / labels.size * about.T @ about)


def widest(first: Array, second: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Take for each coefficient the larger variance, with the correlations of the first covariance.

    Returns the covariance and, for each coefficient, whether the second was the larger.
    """
    sd_first, sd_second = np.sqrt(np.diag(first)), np.sqrt(np.diag(second))
    larger = sd_second > sd_first
    scale = np.where(larger, sd_second, sd_first) / sd_first
    return first * np.outer(scale, scale), larger
