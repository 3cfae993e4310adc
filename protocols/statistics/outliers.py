"""Outlier tests of a precision experiment: Grubbs and Cochran. They flag; nothing here removes a value.

A statistic beyond its 5 % critical value marks a straggler, beyond its 1 % value an outlier (ISO 5725-2:1994, 7.3.3);
what to do about either is a decision of a person with a reason. The text of the standard has not been read for this
file; formulas come from secondary sources.

Sidedness: Grubbs' critical values are two-sided, alpha/2 at either end, as ISO 5725-2 tabulates them; R's
outliers::qgrubbs gives one-sided ones. For one suspected value the standard's Bonferroni value is used, with the t
quantile at 1 - alpha/(2 n); against the exact distribution it is on the safe side, by less than 3e-4 up to n = 40.
Cochran's C is one-sided, with the F quantile at 1 - alpha/p, likewise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.metrology.distributions import f_ppf, t_ppf
from protocols.statistics.order_statistics import pair_critical
from protocols.statistics.samples import sample

Array = NDArray[np.float64]

STRAGGLER_LEVEL, OUTLIER_LEVEL = 0.05, 0.01  # ISO 5725-2:1994, 7.3.3.1
ENDS = ("largest", "smallest")
_FLAT = 1e-12  # spread over size, below which values are the same but for rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierTest:
    """One outlier test.

    test: its name.  statistic: of the data.  critical_5, critical_1: values at the levels of 5 % and 1 %.
    suspects: the positions (from 0) tested.  flag: "none", "straggler" or "outlier", in words in both languages.
    """

    test: str
    statistic: float
    critical_5: float
    critical_1: float
    suspects: tuple[int, ...]
    flag: str
    word_en: str
    word_zh: str


_WORDS = {
    "none": ("no suspicion", "无异常"),
    "straggler": ("straggler (beyond the 5 % value)", "歧离值（超出5 %临界值）"),
    "outlier": ("outlier (beyond the 1 % value)", "统计离群值（超出1 %临界值）"),
}


def grubbs(values: ArrayLike, *, end: str) -> OutlierTest:
    """Test the largest or the smallest value: G = |x - mean| / s (ISO 5725-2:1994, 7.3.4.1).

    values: (n,), n >= 3, e.g. cell averages of the laboratories, in one unit.  end: "largest" or "smallest".
    Raises ValueError for fewer values, NaN, or when all are the same.
    """
    x = _varied(values, least=3)
    suspect = _ranked(x, end)[-1]
    G = float(abs(x[suspect] - x.mean()) / np.std(x, ddof=1))
    critical = [grubbs_critical(x.size, level=level) for level in (STRAGGLER_LEVEL, OUTLIER_LEVEL)]
    return _judged(f"Grubbs, {end}", G, critical, (suspect,), beyond=np.array(critical) < G)


def grubbs_pair(values: ArrayLike, *, end: str) -> OutlierTest:
    """Test the two largest or two smallest values: G = SS without them / SS of all (ISO 5725-2:1994, 7.3.4.2).

    values: (n,), n >= 4.  end: "largest" or "smallest". Significant when G is below its critical value.
    Raises ValueError for fewer values, NaN, or when all are the same.
    """
    x = _varied(values, least=4)
    order = _ranked(x, end)
    kept = x[order[:-2]]
    G = float(np.sum((kept - kept.mean()) ** 2) / np.sum((x - x.mean()) ** 2))
    critical = [grubbs_pair_critical(x.size, level=level) for level in (STRAGGLER_LEVEL, OUTLIER_LEVEL)]
    suspects = (int(min(order[-2:])), int(max(order[-2:])))
    return _judged(f"Grubbs, two {end}", G, critical, suspects, beyond=np.array(critical) > G)


def cochran(deviations: ArrayLike, *, replicates: int) -> OutlierTest:
    """Test the largest of several standard deviations: C = s_max^2 / sum s^2 (ISO 5725-2:1994, 7.3.3).

    deviations: (p,), p >= 2, each of n results.  replicates: n; where a few cells differ, the number in most of them.
    Raises ValueError for fewer, NaN, negative ones, or when all are zero.
    """
    s = sample(deviations, name="standard deviations", least=2)
    if s.min() < 0 or s.max() == 0:
        raise ValueError("standard deviations must not be below zero, and one at least must be above.")
    relative = (s / s.max()) ** 2
    C = float(1.0 / relative.sum())
    critical = [
        cochran_critical(s.size, replicates=replicates, level=each) for each in (STRAGGLER_LEVEL, OUTLIER_LEVEL)
    ]
    return _judged("Cochran", C, critical, (int(s.argmax()),), beyond=np.array(critical) < C)


def grubbs_critical(count: int, *, level: float, sides: int = 2) -> float:
    """Give the critical value of G for one suspected value (ISO 5725-2:1994, table 5).

    G = (n - 1)/sqrt(n) sqrt(t^2 / (n - 2 + t^2)), t the quantile at 1 - level/(sides n) with n - 2 degrees of freedom.
    count: n >= 3.  sides: 2 as in ISO 5725-2, or 1.
    """
    _asked(count, least=3, level=level)
    if sides not in (1, 2):
        raise ValueError(f"a test has 1 or 2 sides, not {sides}.")
    n = count
    t = float(t_ppf(1.0 - level / (sides * n), n - 2))
    return (n - 1) / float(np.sqrt(n)) * float(np.sqrt(t**2 / (n - 2 + t**2)))


def grubbs_pair_critical(count: int, *, level: float) -> float:
    """Give the lower critical value of G for two suspected values, level/2 at either end (ISO 5725-2:1994, table 5).

    count: n >= 4. Computed from the exact distribution (see `protocols.statistics.order_statistics`).
    """
    _asked(count, least=4, level=level)
    return pair_critical(count=count, probability=level / 2.0)


def cochran_critical(count: int, *, replicates: int, level: float) -> float:
    """Give the critical value of C for p standard deviations of n results each (ISO 5725-2:1994, table 4).

    C = 1 / (1 + (p - 1)/F), F the quantile at 1 - level/p with n - 1 and (p - 1)(n - 1) degrees of freedom.
    count: p >= 2.  replicates: n >= 2.
    """
    _asked(count, least=2, level=level)
    if replicates < 2:
        raise ValueError("a standard deviation needs at least 2 replicates.")
    p, n = count, replicates
    F = float(f_ppf(1.0 - level / p, n - 1, (p - 1) * (n - 1)))
    return 1.0 / (1.0 + (p - 1) / F)


def _varied(values: ArrayLike, *, least: int) -> Array:
    x = sample(values, name="values", least=least)
    if np.ptp(x) <= _FLAT * np.abs(x).max():
        raise ValueError("all values are the same: none can be an outlier of a spread of zero.")
    return x


def _ranked(x: Array, end: str) -> list[int]:
    """Positions from the least to the most suspect."""
    if end not in ENDS:
        raise ValueError(f"the end {end!r} is not known; give {' or '.join(ENDS)}.")
    return [int(place) for place in np.argsort(x if end == "largest" else -x, kind="stable")]


def _asked(count: int, *, least: int, level: float) -> None:
    if count < least or not 0.0 < level < 1.0:
        raise ValueError(f"{count} values at the level {level} have no critical value; give at least {least}.")


def _judged(
    test: str, statistic: float, critical: list[float], suspects: tuple[int, ...], *, beyond: NDArray[np.bool_]
) -> OutlierTest:
    flag = ("none", "straggler", "outlier")[int(beyond.sum())]
    english, chinese = _WORDS[flag]
    return OutlierTest(
        test=test,
        statistic=statistic,
        critical_5=critical[0],
        critical_1=critical[1],
        suspects=suspects,
        flag=flag,
        word_en=english,
        word_zh=chinese,
    )
