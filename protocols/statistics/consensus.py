"""The middle and the spread of participants' results that a few wild ones do not move (ISO 13528:2022, Annex C).

The text of the standard has not been read for this file; the algorithms come from secondary sources and reproduce
the numbers that the standard prints in its Annex E (see the tests). Clause numbers are those of secondary sources.

Every result says how it was made: Algorithm A stopped by the standard's rule (no change in the third significant
figure) and carried on to convergence can differ in the digit that is printed (E.1: s* = 7.23 and 7.24), so the rule
is part of the result. Differences of results are never rounded; two that agree within the rounding error of the
subtraction count as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.metrology.distributions import chi2_cdf, chi2_ppf, normal_ppf
from protocols.rounding import decimal
from protocols.statistics.samples import positive, sample

Array = NDArray[np.float64]

STOPPING_RULES = ("third figure", "converged")
CENSORED_TREATMENTS = ("ignored", "deleted", "half")

_MAD = 1.483  # ISO 13528:2022, C.2.2: MADe over the median absolute deviation
_NIQR = 0.7413  # C.2.3: nIQR over the interquartile range
_WINSOR = 1.5  # C.3.1: delta over s*
_WINSOR_SD = 1.134  # C.3.1: makes the deviation of winsorised normal data unbiased
_MEDIAN_LOSS = 1.25  # 7.7.3: u(x_pt) = 1.25 s* / sqrt(p)
_HAMPEL = (1.5, 3.0, 4.5)  # C.5.3: where psi turns, in s*
_LEAST = 3  # results: with two there is no outlier to withstand
_ROUNDS = 2000
_CONVERGED = 1e-12  # change of x* and s*, in s*
_COLLAPSED = 1e-9  # s* over its start
_CHUNK = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """A consensus of participants' results, everything in their unit.

    value: x*.  standard_deviation: s*.  standard_uncertainty: u(x_pt).  count: p.
    method: how it was made.  stopping: the rule that ended the iteration, empty when there is none.
    path: (iterations + 1, 2), x* and s* from the start to the end.
    """

    value: float
    standard_deviation: float
    standard_uncertainty: float
    count: int
    method: str
    stopping: str = ""
    path: Array


def median_absolute_deviation(results: ArrayLike) -> float:
    """Give MADe = 1.483 median |x - median x|, in the unit of the results (ISO 13528:2022, C.2.2)."""
    x = sample(results, name="results", least=_LEAST)
    return float(_MAD * np.median(np.abs(x - np.median(x))))


def normalised_quartile_range(results: ArrayLike) -> float:
    """Give nIQR = 0.7413 (Q3 - Q1), in the unit of the results (ISO 13528:2022, C.2.3).

    The quartiles are interpolated linearly between order statistics 1 + (p - 1)/4 and 1 + 3 (p - 1)/4, which is what
    reproduces the standard's example E.3.
    """
    lower, upper = np.quantile(sample(results, name="results", least=_LEAST), [0.25, 0.75])
    return float(_NIQR * (upper - lower))


def consensus_uncertainty(*, standard_deviation: float, count: int) -> float:
    """Give u(x_pt) = 1.25 s* / sqrt(p) of a robust mean of p results (ISO 13528:2022, 7.7.3)."""
    return _MEDIAN_LOSS * standard_deviation / float(np.sqrt(count))


def mean(results: ArrayLike) -> Consensus:
    """Give the arithmetic mean, the standard deviation s and u = s / sqrt(p): nothing here withstands an outlier."""
    x = sample(results, name="results", least=_LEAST)
    s = float(np.std(x, ddof=1))
    return _stated(float(x.mean()), s, x.size, "mean", uncertainty=s / float(np.sqrt(x.size)))


def median(results: ArrayLike, *, spread: str = "nIQR") -> Consensus:
    """Give the median with s* = nIQR or MADe and u = 1.25 s* / sqrt(p) (ISO 13528:2022, C.2).

    spread: "nIQR" or "MADe". Raises ValueError for another.
    """
    x = sample(results, name="results", least=_LEAST)
    spreads = {"nIQR": normalised_quartile_range, "MADe": median_absolute_deviation}
    if spread not in spreads:
        raise ValueError(f"the spread {spread!r} is not known; give {' or '.join(spreads)}.")
    return _stated(float(np.median(x)), spreads[spread](x), x.size, f"median, {spread}")


def algorithm_a(results: ArrayLike, *, stopping: str = "third figure") -> Consensus:
    """Give the robust mean and standard deviation by Algorithm A with iterated scale (ISO 13528:2022, C.3.1).

    results: (p,), one of each participant, in any unit. Start: x* = median, s* = MADe (the standard deviation when
    MADe is zero, C.3.1 note 2). Each round draws results beyond x* +- 1.5 s* to that limit, then
    x* = mean(w), s* = 1.134 sqrt(sum (w - x*)^2 / (p - 1)).
    stopping: "third figure", when neither x* nor s* changes in its third significant figure (the standard's rule), or
    "converged", when neither changes by more than 1e-12 s* (ours).
    Raises ValueError for fewer than three results, NaN, or results so alike that s* shrinks to zero.
    """
    x = sample(results, name="results", least=_LEAST)
    if stopping not in STOPPING_RULES:
        raise ValueError(f"the stopping rule {stopping!r} is not known; give {' or '.join(STOPPING_RULES)}.")
    middle = float(np.median(x))
    s = median_absolute_deviation(x) or float(np.std(x, ddof=1))
    path = [(0.0, s)]  # about the median, so that a large common part costs no digits
    while not _stopped(path, stopping, middle):
        if not path[-1][1] > _COLLAPSED * s or len(path) > _ROUNDS:
            raise ValueError(
                "too many of the results are identical: the robust standard deviation shrinks to zero; "
                "report them with more digits or judge them without a standard deviation of their own."
            )
        path.append(_winsorised(x - middle, *path[-1]))
    steps = np.array(path) + np.array([middle, 0.0])
    return _stated(steps[-1, 0], steps[-1, 1], x.size, "Algorithm A", stopping=stopping, path=steps)


def _winsorised(x: Array, centre: float, s: float) -> tuple[float, float]:
    w = np.clip(x, centre - _WINSOR * s, centre + _WINSOR * s)
    return float(w.mean()), float(_WINSOR_SD * np.std(w, ddof=1))


def _stopped(path: list[tuple[float, float]], stopping: str, middle: float) -> bool:
    if len(path) < 2:
        return False
    (x0, s0), (x1, s1) = path[-2:]
    if stopping == "converged":
        return max(abs(x1 - x0), abs(s1 - s0)) <= _CONVERGED * s1
    return f"{middle + x0:.2e} {s0:.2e}" == f"{middle + x1:.2e} {s1:.2e}"


def algorithm_s(deviations: ArrayLike, *, dof: int) -> float:
    """Give the robust pooled value w* of standard deviations or ranges by Algorithm S (ISO 13528:2022, C.4).

    deviations: (p,), each with `dof` degrees of freedom, in any unit; ranges of pairs count as dof = 1.
    Each round draws values above eta w* down to it, then w* = xi sqrt(mean(w^2)), from the median to convergence,
    with eta^2 dof the 90 % quantile of chi-squared and xi^-2 = P(chi2(dof + 2) <= eta^2 dof) + 0.1 eta^2.
    The standard tabulates eta and xi to three decimals; we compute them.
    Raises ValueError for negative values, fewer than three, or a median of zero.
    """
    w = sample(deviations, name="standard deviations", least=_LEAST)
    current = float(np.median(w))
    if dof < 1 or w.min() < 0 or current == 0:
        raise ValueError("Algorithm S needs dof of 1 or more and values not below zero, more than half of them above.")
    eta = float(np.sqrt(chi2_ppf(0.9, dof) / dof))
    xi = 1.0 / float(np.sqrt(chi2_cdf(dof * eta**2, dof + 2) + 0.1 * eta**2))
    for _ in range(_ROUNDS):
        previous, current = current, xi * float(np.sqrt(np.mean(np.minimum(w, eta * current) ** 2)))
        if abs(current - previous) <= _CONVERGED * current:
            return current
    raise ValueError("Algorithm S does not settle: most of the standard deviations are zero; look at the data.")


def q_method(results: ArrayLike) -> float:
    """Give the robust standard deviation s* by the Q method, from all pairwise differences (ISO 13528:2022, C.5.2).

    results: (p,), one of each participant, in any unit. With H1 the distribution of |x_i - x_j| and G1 the linear
    interpolation through the middles of its steps,
    s* = G1^-1(0.25 + 0.75 H1(0)) / (sqrt(2) Phi^-1(0.625 + 0.375 H1(0))).
    Raises ValueError for fewer than three results, NaN, or when all are the same.
    """
    x = np.sort(sample(results, name="results", least=_LEAST))
    steps, share = _difference_distribution(x)
    at_zero = share[0] if steps[0] == 0 else 0.0
    if at_zero == 1.0:
        raise ValueError("all results are the same: they have no standard deviation.")
    middles = 0.5 * (share + np.concatenate([[0.0], share[:-1]]))
    # G1(0) = 0, whether or not zero is itself one of the differences.
    knots, heights = np.concatenate([[0.0], steps[steps > 0]]), np.concatenate([[0.0], middles[steps > 0]])
    quantile = np.interp(0.25 + 0.75 * at_zero, heights, knots)
    return float(quantile / (np.sqrt(2.0) * normal_ppf(0.625 + 0.375 * at_zero)))


def _difference_distribution(x: Array) -> tuple[Array, Array]:
    """Distinct absolute differences of sorted values, ascending, and the share of all pairs up to each."""
    first, second = np.triu_indices(x.size, k=1)
    difference = np.sort(x[second] - x[first])
    noise = 4.0 * np.finfo(np.float64).eps * float(np.abs(x).max())
    difference[difference <= noise] = 0.0
    last = np.flatnonzero(np.append(np.diff(difference) > noise, True))
    return difference[last], (last + 1.0) / difference.size


def hampel(results: ArrayLike, *, standard_deviation: float) -> float:
    """Give the robust mean x* of Hampel for a given s*, exactly, in a finite number of steps (ISO 13528:2022, C.5.3).

    results: (p,), one of each participant; standard_deviation: s*, in the same unit. x* solves
    sum psi((x_i - x*)/s*) = 0 with psi odd, q up to 1.5, 1.5 up to 3, 4.5 - q up to 4.5, 0 beyond; of several
    solutions the one nearest to the median, of two equally near the median itself.
    Raises ValueError for fewer than three results, NaN, or s* that is not above zero.
    """
    x = sample(results, name="results", least=_LEAST)
    s = positive(standard_deviation, name="the standard deviation")
    middle = float(np.median(x))
    turns = np.array([*(-turn for turn in _HAMPEL), *_HAMPEL]) * s
    knots = np.unique((x - middle)[:, None] + turns)
    sums = _influence(x - middle, knots, s)
    sums[np.abs(sums) <= _CONVERGED * x.size] = 0.0
    level = np.flatnonzero((sums[:-1] == 0) & (sums[1:] == 0))
    crossing = np.flatnonzero(sums[:-1] * sums[1:] < 0)
    slope = np.diff(knots)[crossing] / np.diff(sums)[crossing]
    flat = np.clip(0.0, knots[level], knots[level + 1])  # of a whole interval of solutions the nearest
    zeros = np.concatenate([knots[sums == 0], flat, knots[crossing] - sums[crossing] * slope])
    reach = np.abs((x - middle)[:, None] - zeros).min(axis=0)  # where no result is left, the sum is zero for nothing
    zeros = zeros[reach < (1.0 - _CONVERGED) * _HAMPEL[-1] * s]
    nearest = zeros[np.abs(zeros) <= np.abs(zeros).min() + _CONVERGED * s]
    return middle + (0.0 if np.ptp(nearest) > 2 * _CONVERGED * s else float(nearest[0]))


def _influence(x: Array, places: Array, s: float) -> Array:
    """Sum of psi((x - place)/s) over the results, at each place; in pieces, to bound the memory."""
    pieces = np.array_split(places, 1 + places.size * x.size // _CHUNK)
    return np.concatenate([_psi((x - piece[:, None]) / s).sum(axis=1) for piece in pieces])


def _psi(q: Array) -> Array:
    first, _, last = _HAMPEL
    return np.asarray(np.sign(q) * np.clip(np.minimum(np.abs(q), last - np.abs(q)), 0.0, first))


def q_hampel(results: ArrayLike) -> Consensus:
    """Give Hampel's robust mean with s* by the Q method and u = 1.25 s* / sqrt(p) (ISO 13528:2022, C.5.4)."""
    x = sample(results, name="results", least=_LEAST)
    s = q_method(x)
    return _stated(hampel(x, standard_deviation=s), s, x.size, "Q method, Hampel")


def censored(texts: Sequence[str], *, treatment: str) -> Array:
    """Turn results as reported, some of them "<" a limit, into numbers (ISO 13528:2022, example E.1).

    texts: e.g. "12.5" or "<10".  treatment: of "<": "ignored" takes the limit itself, "deleted" leaves the result out,
    "half" takes half of the limit. None of the three is right; say with the result which it was.
    Raises ValueError for another treatment and for a text that is not a number, naming it.
    """
    if treatment not in CENSORED_TREATMENTS:
        raise ValueError(f"the treatment {treatment!r} is not known; give {' or '.join(CENSORED_TREATMENTS)}.")
    numbers = [_number(text) for text in texts]
    below = np.array([text.strip().startswith("<") for text in texts], dtype=bool)
    values = sample(numbers, name="results")
    if treatment == "deleted":
        return np.delete(values, np.flatnonzero(below))
    return np.asarray(np.where(below & (treatment == "half"), 0.5 * values, values))


def _number(text: str) -> float:
    try:
        return float(decimal(text.strip().removeprefix("<")))
    except ValueError as error:
        raise ValueError(f"the result {text!r} is not a number; write it as 12.5 or <10.") from error


def _stated(
    value: float,
    s: float,
    count: int,
    method: str,
    *,
    stopping: str = "",
    path: Array | None = None,
    uncertainty: float | None = None,
) -> Consensus:
    return Consensus(
        value=float(value),
        standard_deviation=float(s),
        standard_uncertainty=consensus_uncertainty(standard_deviation=float(s), count=count)
        if uncertainty is None
        else uncertainty,
        count=count,
        method=method,
        stopping=stopping,
        path=np.array([[value, s]]) if path is None else path,
    )
