"""Whether the items of a proficiency test were alike and stayed so (ISO 13528:2022, Annex B).

The text of the standard has not been read for this file; formulas and clause numbers come from secondary sources and
reproduce the numbers of its example E.2 and table B.1 (see the tests).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.metrology.distributions import chi2_ppf, f_ppf
from protocols.statistics.samples import positive, sample, table

Array = NDArray[np.float64]

_SHARE = 0.3  # B.2.2, B.5.1: of sigma_pt that the items may add
_CONFIDENCE = 0.95  # B.2.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Homogeneity:
    """Variation between items, in the unit of the results.

    mean: of all results.  s_x: sd of item means.  s_w: within items.  s_s: between items, zero when s_x^2 is below
    s_w^2 / m.  criterion: 0.3 sigma_pt.  expanded_criterion: what s_s may be when chance is allowed for.
    sufficient: s_s is at most the criterion.  sufficient_expanded: at most the expanded one.
    """

    mean: float
    s_x: float
    s_w: float
    s_s: float
    criterion: float
    expanded_criterion: float
    sufficient: bool
    sufficient_expanded: bool
    word_en: str
    word_zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """Change of the items in the course of the round, in the unit of the results.

    difference: later minus earlier mean.  criterion: 0.3 sigma_pt.  expanded_criterion: plus 2 u(difference), from the
    scatter of both sets of results.  stable, stable_expanded: whether the size of the difference is at most either.
    """

    difference: float
    criterion: float
    expanded_criterion: float
    stable: bool
    stable_expanded: bool
    word_en: str
    word_zh: str


_HOMOGENEOUS = {
    (True, True): ("sufficiently homogeneous", "均匀性满足要求"),
    (False, True): ("sufficiently homogeneous by the expanded criterion only", "仅按扩展准则均匀性满足要求"),
    (False, False): ("not sufficiently homogeneous", "均匀性不满足要求"),
}
_STABLE = {
    (True, True): ("sufficiently stable", "稳定性满足要求"),
    (False, True): ("sufficiently stable by the expanded criterion only", "仅按扩展准则稳定性满足要求"),
    (False, False): ("not sufficiently stable", "稳定性不满足要求"),
}


def homogeneity(results: ArrayLike, *, sigma: float) -> Homogeneity:
    """Judge the homogeneity of items tested in replicate (ISO 13528:2022, B.2, B.3).

    results: (g items, m replicates), g >= 2, m >= 2.  sigma: sigma_pt, in the same unit.
    s_w^2 = mean within-item variance (for pairs sum w^2 / (2 g)), s_s^2 = max(0, s_x^2 - s_w^2 / m); criterion
    0.3 sigma_pt; expanded criterion sqrt(F1 (0.3 sigma_pt)^2 + F2 s_w^2).
    Raises ValueError for missing values: drop the item, and say so.
    """
    x = table(results, name="homogeneity results", rows=2, columns=2)
    allowed = _SHARE * positive(sigma, name="sigma_pt")
    items, replicates = x.shape
    s_x = float(np.std(x.mean(axis=1), ddof=1))
    s_w = float(np.sqrt(np.mean(np.var(x, axis=1, ddof=1))))
    s_s = float(np.sqrt(max(0.0, s_x**2 - s_w**2 / replicates)))
    F1, F2 = expanded_factors(items=items, replicates=replicates)
    expanded = float(np.sqrt(F1 * allowed**2 + F2 * s_w**2))
    english, chinese = _HOMOGENEOUS[s_s <= allowed, s_s <= expanded]
    return Homogeneity(
        mean=float(x.mean()),
        s_x=s_x,
        s_w=s_w,
        s_s=s_s,
        criterion=allowed,
        expanded_criterion=expanded,
        sufficient=s_s <= allowed,
        sufficient_expanded=s_s <= expanded,
        word_en=english,
        word_zh=chinese,
    )


def expanded_factors(*, items: int, replicates: int = 2) -> tuple[float, float]:
    """Give F1 and F2 of the expanded criterion [1] (ISO 13528:2022, B.2.3, table B.1 for pairs).

    F1 = chi2_0.95(g - 1) / (g - 1), F2 = (F_0.95(g - 1, g (m - 1)) - 1) / m, of g items in m replicates.
    """
    g, m = items, replicates
    if g < 2 or m < 2:
        raise ValueError(f"{g} items in {m} replicates cannot show homogeneity; test at least 2 items twice.")
    F1 = float(chi2_ppf(_CONFIDENCE, g - 1)) / (g - 1)
    F2 = (float(f_ppf(_CONFIDENCE, g - 1, g * (m - 1))) - 1.0) / m
    return F1, F2


def stability(earlier: ArrayLike, later: ArrayLike, *, sigma: float) -> Stability:
    """Judge whether the items stayed as they were: |mean later - mean earlier| <= 0.3 sigma_pt (ISO 13528:2022, B.5).

    earlier, later: results of the homogeneity test and of the stability test, in one unit; at least two of each.
    sigma: sigma_pt. The expanded criterion adds 2 sqrt(u1^2 + u2^2) with u^2 = s^2 / n of each set.
    """
    first = sample(np.ravel(earlier), name="earlier results", least=2)
    second = sample(np.ravel(later), name="later results", least=2)
    allowed = _SHARE * positive(sigma, name="sigma_pt")
    change = float(second.mean() - first.mean())
    u = float(np.sqrt(np.var(first, ddof=1) / first.size + np.var(second, ddof=1) / second.size))
    expanded = allowed + 2.0 * u
    stable, stable_expanded = abs(change) <= allowed, abs(change) <= expanded
    english, chinese = _STABLE[stable, stable_expanded]
    return Stability(
        difference=change,
        criterion=allowed,
        expanded_criterion=expanded,
        stable=stable,
        stable_expanded=stable_expanded,
        word_en=english,
        word_zh=chinese,
    )
