"""Random draws of the inputs of a measurement model, by what is known about them (JCGM 101:2008, 6.4).

A sampler gives `n` draws of one or several quantities, (quantities, n), from the generator it is handed. Parameters may
be arrays: one row of draws each. `joint` puts samplers on top of each other, in the order in which the model unpacks
them. Clauses as commonly retold [clause numbers unconfirmed].
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.metrology.gum import Input

Array = NDArray[np.float64]
Sampler = Callable[[np.random.Generator, int], Array]


def normal(mean: ArrayLike, standard_uncertainty: ArrayLike) -> Sampler:
    """Draw from N(mean, u^2)."""
    middle, u = _rows(mean, standard_uncertainty)
    _require(u >= 0.0, "a standard uncertainty must be zero or positive")

    def sample(rng: np.random.Generator, n: int) -> Array:
        drawn = rng.standard_normal((middle.size, n))
        drawn *= u
        drawn += middle
        return drawn

    return sample


def scaled_t(mean: ArrayLike, scale: ArrayLike, dof: ArrayLike) -> Sampler:
    """Draw mean + scale t_dof; of n readings with the mean x and s: t_{n-1}(x, s/sqrt(n)). u is larger than scale."""
    middle, width, nu = _rows(mean, scale, dof)
    _require((width >= 0.0) & (nu > 0.0), "a t distribution needs a scale and degrees of freedom above zero")
    return lambda rng, n: middle + width * rng.standard_t(nu, (middle.size, n))


def rectangular(least: ArrayLike, most: ArrayLike) -> Sampler:
    """Draw from anywhere between two bounds alike."""
    low, high = _bounds(least, most)
    return lambda rng, n: low + (high - low) * rng.random((low.size, n))


def curvilinear_trapezoid(least: ArrayLike, most: ArrayLike, inexactness: ArrayLike) -> Sampler:
    """Draw from between two bounds that are themselves only known within +/- inexactness."""
    low, high, d = _rows(least, most, inexactness)
    _require(
        (low < high) & (d >= 0.0) & (2.0 * d < high - low), "the bounds must be farther apart than they are inexact"
    )

    def sample(rng: np.random.Generator, n: int) -> Array:
        first, second = rng.random((2, low.size, n))
        start = (low - d) + 2.0 * d * first
        return np.asarray(start + (low + high - 2.0 * start) * second)

    return sample


def trapezoidal(least: ArrayLike, most: ArrayLike, top: ArrayLike) -> Sampler:
    """Draw from a symmetric trapezoid, its flat top `top` times as wide as its base; 0 is triangular."""
    low, high, beta = _rows(least, most, top)
    _require((low < high) & (beta >= 0.0) & (beta <= 1.0), "a trapezoid needs bounds in order and a top from 0 to 1")

    def sample(rng: np.random.Generator, n: int) -> Array:
        first, second = rng.random((2, low.size, n))
        return np.asarray(low + 0.5 * (high - low) * ((1.0 + beta) * first + (1.0 - beta) * second))

    return sample


def triangular(least: ArrayLike, most: ArrayLike) -> Sampler:
    """Draw from a symmetric triangle between two bounds."""
    return trapezoidal(least, most, 0.0)


def arcsine(least: ArrayLike, most: ArrayLike) -> Sampler:
    """Draw from what swings like a sine between two bounds, at a time nobody knows (U-shaped)."""
    low, high = _bounds(least, most)
    return lambda rng, n: 0.5 * (low + high) + 0.5 * (high - low) * np.sin(2.0 * math.pi * rng.random((low.size, n)))


def exponential(mean: ArrayLike) -> Sampler:
    """Draw from what is positive and of which only the mean is known."""
    (middle,) = _rows(mean)
    _require(middle > 0.0, "the mean of an exponential distribution must be positive")
    return lambda rng, n: middle * rng.standard_exponential((middle.size, n))


def gamma(shape: ArrayLike, scale: ArrayLike) -> Sampler:
    """Draw from a gamma distribution; after counting q events their rate has the shape q + 1 and the scale 1."""
    a, width = _rows(shape, scale)
    _require((a > 0.0) & (width > 0.0), "a gamma distribution needs a shape and a scale above zero")
    return lambda rng, n: width * rng.standard_gamma(a, (a.size, n))


def multivariate_normal(mean: ArrayLike, covariance: ArrayLike) -> Sampler:
    """Draw correlated quantities; covariance: (quantities, quantities), which may be singular."""
    (middle,) = _rows(mean)
    matrix = np.asarray(covariance, dtype=np.float64)
    if matrix.shape != (middle.size, middle.size) or not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T):
        raise ValueError(f"a covariance matrix of {middle.size} quantities is square, symmetric and finite.")
    variances, axes = np.linalg.eigh(matrix)
    if variances[0] < -1e-10 * max(float(variances[-1]), 0.0):
        raise ValueError("no quantities can vary in this way: the covariance matrix has a negative eigenvalue.")
    factor = axes * np.sqrt(np.maximum(variances, 0.0))
    return lambda rng, n: middle + factor @ rng.standard_normal((middle.size, n))


def joint(*samplers: Sampler) -> Sampler:
    """Put samplers on top of each other, independent of one another."""
    return lambda rng, n: np.concatenate([sampler(rng, n) for sampler in samplers])


def of_inputs(inputs: Sequence[Input], *, correlation: ArrayLike | None = None) -> Sampler:
    """Draw the inputs of a budget: by their distribution, a normal one with finite degrees of freedom as a scaled t.

    correlation: (inputs, inputs), of normal inputs with infinite degrees of freedom only. Raises ValueError for others,
    and for a distribution nobody can draw from.
    """
    if correlation is None:
        return joint(*(_of_input(each) for each in inputs))
    unfit = [each.name for each in inputs if each.distribution != "normal" or math.isfinite(each.dof)]
    if unfit:
        raise ValueError(
            f"{', '.join(unfit)}: correlated inputs are drawn only when all are normal with known uncertainty; "
            "draw them by a sampler of their own."
        )
    u = np.array([each.standard_uncertainty for each in inputs])
    return multivariate_normal([each.value for each in inputs], np.asarray(correlation) * np.outer(u, u))


def _of_input(given: Input) -> Sampler:
    if given.standard_uncertainty == 0.0 or (given.distribution == "normal" and math.isinf(given.dof)):
        return normal(given.value, given.standard_uncertainty)
    if given.distribution == "normal":
        return scaled_t(given.value, given.standard_uncertainty, given.dof)
    if given.distribution == "trapezoidal":
        return _trapezoid(given)
    if given.distribution not in _WIDTHS:
        raise ValueError(f"{given.name} has the distribution {given.distribution!r}, from which nobody can draw.")
    between, divisor = _WIDTHS[given.distribution]
    a = given.standard_uncertainty * divisor
    return between(given.value - a, given.value + a)


# What is between two bounds, and half of their distance over the standard deviation.
_WIDTHS = {
    "rectangular": (rectangular, math.sqrt(3.0)),
    "triangular": (triangular, math.sqrt(6.0)),
    "arcsine": (arcsine, math.sqrt(2.0)),
}


def _trapezoid(given: Input) -> Sampler:
    square = round(6.0 / given.divisor**2 - 1.0, 12)  # of the top, u = a sqrt((1 + top^2)/6)
    if not 0.0 <= square <= 1.0:
        raise ValueError(
            f"{given.name} is a trapezoid with the divisor {given.divisor:g}; give one from sqrt(3) to sqrt(6)."
        )
    a = given.standard_uncertainty * given.divisor
    return trapezoidal(given.value - a, given.value + a, math.sqrt(square))


def _rows(*parameters: ArrayLike) -> tuple[Array, ...]:
    """Give the parameters as columns of one length, (quantities, 1)."""
    columns = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64).reshape(-1, 1) for each in parameters))
    _require(np.isfinite(columns), "a parameter of a distribution is not a finite number")
    return tuple(columns)


def _bounds(least: ArrayLike, most: ArrayLike) -> tuple[Array, Array]:
    low, high = _rows(least, most)
    _require(low < high, "the lower bound must be below the upper one")
    return low, high


def _require(holds: NDArray[np.bool_], sentence: str) -> None:
    if not np.all(holds):
        raise ValueError(f"{sentence}.")
