"""Propagation of distributions by Monte Carlo (JCGM 101:2008; several outputs: JCGM 102:2011).

A model takes the inputs along the first axis and the draws along the last, (inputs, draws), and gives (draws,), or
(outputs, draws). Every block of draws has a generator of its own, spawned from the one passed in: the digits depend on
the seed and the size of the blocks, and not on how many threads drew them. Clauses as commonly retold [clause numbers
unconfirmed].
"""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from protocols.metrology.draws import Sampler
from protocols.metrology.gum import Measurement, Model

Array = NDArray[np.float64]

SHORTEST, SYMMETRIC = "shortest", "symmetric"
_LEAST_BLOCK = 10_000  # JCGM 101:2008 7.9.4
_BLOCK = 5_000  # of a run with a fixed number: the draws of some eighty inputs stay in the cache
_SMALLEST_PIVOT = 1e-11  # of the scaled normal equations, below which five digits are left


@dataclass(frozen=True, slots=True, kw_only=True)
class Propagated:
    """What the draws say of one output.

    value: mean.  standard_uncertainty: standard deviation.  low, high: coverage interval of `probability`, the shortest
    or the one symmetric in probability.  draws: how many.  tolerance: delta, half a unit of the last digit asked for,
    within which value, standard_uncertainty, low and high are known with about 95 %; NaN for a fixed number of draws.
    """

    value: float
    standard_uncertainty: float
    low: float
    high: float
    probability: float
    interval: str
    draws: int
    tolerance: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Whether y +/- U of first order agrees with the draws: both ends within delta (JCGM 101:2008, 8)."""

    low_difference: float
    high_difference: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the first-order result may be used in this case."""
        return max(self.low_difference, self.high_difference) <= self.tolerance


def draw(
    model: Model, sampler: Sampler, *, draws: int, rng: np.random.Generator, workers: int = 1, block: int = _BLOCK
) -> Array:
    """Give the model at `draws` draws of its inputs, (draws,) or (outputs, draws), by blocks, in `workers` threads."""
    if draws < 1 or block < 1 or workers < 1:
        raise ValueError(
            f"{draws} draws in blocks of {block} by {workers} threads cannot be made; give at least 1 each."
        )
    sizes = [min(block, draws - start) for start in range(0, draws, block)]
    with ThreadPoolExecutor(workers) as pool:
        results = pool.map(lambda one, n: _block(model, sampler, one, n), rng.spawn(len(sizes)), sizes)
        return np.concatenate(list(results), axis=-1)


def summary(draws: Array, *, probability: float = 0.95, interval: str = SHORTEST) -> Propagated:
    """Give mean, standard deviation and coverage interval of one output's draws, (draws,) (JCGM 101:2008 7.6, 7.7).

    Raises ValueError for a draw that is not a finite number, else as `coverage_interval`.
    """
    if not np.isfinite(draws).all():
        raise ValueError("a draw is not a finite number; restrict the inputs to where the model holds.")
    ordered = np.sort(draws)
    low, high = coverage_interval(ordered, probability=probability, interval=interval)
    return Propagated(
        value=float(draws.mean()),
        standard_uncertainty=float(draws.std(ddof=1)),
        low=low,
        high=high,
        probability=probability,
        interval=interval,
        draws=draws.size,
    )


def joint_summary(draws: Array) -> tuple[Array, Array]:
    """Give the means, (outputs,), and the covariance matrix of several outputs' draws, (outputs, draws).

    JCGM 102:2011, 7.6.
    """
    return draws.mean(axis=-1), np.atleast_2d(np.cov(draws))


def coverage_interval(ordered: Array, *, probability: float, interval: str = SHORTEST) -> tuple[float, float]:
    """Give the ends of the interval that holds q = pM of M draws in ascending order (JCGM 101:2008 7.7).

    "shortest": of all such intervals the shortest; "symmetric": as many draws below it as above.
    Raises ValueError for fewer than two draws outside, which leave the ends to chance.
    """
    _require_probability(probability)
    q = int(probability * ordered.size + 0.5)
    outside = ordered.size - q
    if outside < 2 or q < 1:
        raise ValueError(f"{ordered.size} draws have no interval of {probability}; make more.")
    if interval == SHORTEST:
        at = int(np.argmin(ordered[q:] - ordered[:outside]))
    elif interval == SYMMETRIC:
        at = (outside + 1) // 2 - 1
    else:
        raise ValueError(f"the interval {interval!r} is not known; give {SHORTEST!r} or {SYMMETRIC!r}.")
    return float(ordered[at]), float(ordered[at + q])


def adaptive(
    model: Model,
    sampler: Sampler,
    *,
    rng: np.random.Generator,
    digits: int = 1,
    probability: float = 0.95,
    interval: str = SHORTEST,
    workers: int = 1,
    most_draws: int = 20_000_000,
) -> Propagated:
    """Draw blocks until y, u and both ends of the interval are known to `digits` significant digits of u.

    Blocks of M = max(J, 10^4), J the least integer >= 100/(1 - p), are added until twice the standard deviation of the
    mean over the blocks is below delta for all four (JCGM 101:2008 7.9.4; at least two blocks). delta: tolerance().
    Raises ValueError when most_draws are not enough, and for a model of several outputs.
    """
    _require_probability(probability)
    size = max(math.ceil(100.0 / (1.0 - probability) - 1e-6), _LEAST_BLOCK)
    blocks: list[Array] = []
    quantities: list[tuple[float, float, float, float]] = []
    for block in _blocks(model, sampler, rng, size, workers):
        blocks.append(np.sort(block))
        low, high = coverage_interval(blocks[-1], probability=probability, interval=interval)
        quantities.append((float(block.mean()), float(block.std(ddof=1)), low, high))
        if _settled(np.array(quantities), size, digits):
            found = summary(np.concatenate(blocks), probability=probability, interval=interval)
            return replace(found, tolerance=tolerance(found.standard_uncertainty, digits=digits))
        if len(blocks) * size >= most_draws:
            break
    raise ValueError(f"{most_draws} draws do not give {digits} digits of the uncertainty; ask for fewer digits.")


def tolerance(standard_uncertainty: float, *, digits: int) -> float:
    """Give delta = 10^l/2 for u = c 10^l, c an integer of `digits` digits (JCGM 101:2008 7.9.2)."""
    if digits not in (1, 2, 3) or not (math.isfinite(standard_uncertainty) and standard_uncertainty > 0.0):
        raise ValueError(
            f"an uncertainty of {standard_uncertainty} has no {digits} digits; give one to three of a positive one."
        )
    exponent = int(f"{standard_uncertainty:.{digits - 1}e}".partition("e")[2])  # after rounding: 0.0996 is 10 x 10^-2
    return 0.5 * 10.0 ** (exponent - digits + 1)


def validate(first: Measurement, drawn: Propagated, *, digits: int = 1) -> Validation:
    """Compare y +/- U of first order with the ends of the drawn interval of the same probability (JCGM 101:2008, 8).

    The draws should themselves be known to a fifth of delta: one digit more in `adaptive`.
    """
    U = first.expanded(drawn.probability).expanded_uncertainty
    return Validation(
        low_difference=abs(first.value - U - drawn.low),
        high_difference=abs(first.value + U - drawn.high),
        tolerance=tolerance(first.standard_uncertainty, digits=digits),
    )


def least_squares(columns: Array, response: Array) -> Array:
    """Fit response = sum values_i columns_i in every draw, by ordinary least squares; gives (coefficients, draws).

    columns: (coefficients, points, draws).  response: (points, draws).  Normal equations of columns scaled to one,
    by Cholesky, all draws at once: half of the digits that protocols.fits.linear gives, far more than draws need.
    Raises ValueError when a draw cannot identify a coefficient.
    """
    count = len(columns)
    gram = np.zeros((count, count, response.shape[-1]))
    side = np.stack([np.einsum("kn,kn->n", column, response) for column in columns])
    for i in range(count):
        for j in range(i + 1):
            gram[i, j] = np.einsum("kn,kn->n", columns[i], columns[j])
    scale = np.sqrt(np.stack([gram[i, i] for i in range(count)]))
    if not np.all(scale > 0.0):
        raise ValueError("a column of the design is zero in some draw; leave it out.")
    return np.asarray(_cholesky_solved(gram / scale / scale[:, None], side / scale) / scale)


def _cholesky_solved(gram: Array, side: Array) -> Array:
    """Solve gram @ values = side for every draw; the lower triangle of gram is overwritten by its factor."""
    count = len(side)
    for j in range(count):
        for k in range(j):
            gram[j:, j] -= gram[j:, k] * gram[j, k]
        if not np.all(gram[j, j] > _SMALLEST_PIVOT):
            raise ValueError("the columns of the design depend on each other in some draw; leave one out.")
        gram[j:, j] /= np.sqrt(gram[j, j])
    values = side.copy()
    for j in range(count):
        values[j] = (values[j] - sum(gram[j, k] * values[k] for k in range(j))) / gram[j, j]
    for j in reversed(range(count)):
        values[j] = (values[j] - sum(gram[k, j] * values[k] for k in range(j + 1, count))) / gram[j, j]
    return values


def _require_probability(probability: float) -> None:
    if not 0.0 < probability < 1.0:
        raise ValueError(f"the coverage probability is {probability}; give a number between 0 and 1, e.g. 0.95.")


def _block(model: Model, sampler: Sampler, rng: np.random.Generator, n: int) -> Array:
    y = np.asarray(model(sampler(rng, n)), dtype=np.float64)
    if y.shape[-1:] != (n,):
        raise ValueError(f"the model gives the shape {y.shape} for {n} draws; the last axis must be the draws.")
    if not np.isfinite(y).all():
        lost = int((~np.isfinite(y)).any(axis=tuple(range(y.ndim - 1))).sum())
        raise ValueError(
            f"the model gives no finite number in {lost} of {n} draws; restrict its inputs to where it holds."
        )
    return y


def _blocks(model: Model, sampler: Sampler, rng: np.random.Generator, size: int, workers: int) -> Iterator[Array]:
    """Give blocks of one output without end, `workers` of them drawn at a time, in the order of their generators."""
    with ThreadPoolExecutor(workers) as pool:
        while True:
            for block in pool.map(lambda one: _block(model, sampler, one, size), rng.spawn(workers)):
                if block.ndim != 1:
                    raise ValueError("the adaptive procedure is for one output; call draw for several.")
                yield block


def _settled(quantities: Array, size: int, digits: int) -> bool:
    """Whether (y, u, low, high) of each block, (blocks, 4), are known well enough in their mean."""
    blocks = len(quantities)
    if blocks < 2:
        return False
    spread = quantities.std(axis=0, ddof=1) / math.sqrt(blocks)
    means, deviations = quantities[:, 0], quantities[:, 1]
    squares = (size - 1) * (deviations**2).sum() + size * ((means - means.mean()) ** 2).sum()
    u = math.sqrt(squares / (blocks * size - 1))  # of all draws together
    return bool(np.all(2.0 * spread < tolerance(u, digits=digits)))
