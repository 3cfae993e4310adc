"""Exact distributions behind Grubbs' tests: of the largest value, and of the two largest, in their sample's own units.

For a normal sample of n, T = (x_max - mean)/s. Write (x_i - mean)/s = (n - 1)/sqrt(n) sin(phi): for any one value i the
density of phi is proportional to cos^(n - 3)(phi), whatever the shape of the other n - 1 values, and that shape is the
one of a normal sample of n - 1. The value is the largest when the angle of the largest of the others, in their own
sample, has a sine below tan(phi) sqrt(n / (n - 2)),
so the distribution for n follows from the one for n - 1 by one integral; it starts with n = 3 in closed form. Leaving
out the largest value leaves the share cos^2(phi) of the sum of squares, so the two largest leave the product of two
such shares, and their distribution takes one integral more. (The recursion is ours; it gives all digits that
ISO 5725-2:1994, table 5 prints after F. E. Grubbs and G. Beck, Technometrics 14 (1972) 847, as far as we know them.)
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_KNOTS = 4001  # of phi: the critical values keep five decimals up to n = 40
_HALVINGS = 40


def largest_distribution(count: int) -> tuple[Array, Array]:
    """Give T and P(T_max <= T) for the largest of n normal values, on a grid (T as (x - mean)/s, n >= 3)."""
    phi = _angles()
    return (count - 1) / math.sqrt(count) * np.sin(phi), _largest(count, phi)


def pair_probability(*, count: int, ratio: float) -> float:
    """Give P(SS without the two largest / SS <= ratio) for n >= 4 normal values."""
    phi = _angles()
    return _pair_probability(count, ratio, phi, _largest(count - 1, phi))


def pair_critical(*, count: int, probability: float) -> float:
    """Give the ratio SS without the two largest / SS that is undercut with the probability given, n >= 4."""
    phi = _angles()
    others = _largest(count - 1, phi)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if _pair_probability(count, middle, phi, others) < probability:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _angles() -> Array:
    return np.linspace(-0.5 * np.pi, 0.5 * np.pi, _KNOTS)


def _largest(count: int, phi: Array) -> Array:
    """P(phi of the largest <= phi)."""
    below = np.clip(3.0 / np.pi * (phi - np.pi / 6.0), 0.0, 1.0)  # n = 3
    for n in range(4, count + 1):
        density = _density(n, phi) * np.interp(_bound(n, phi), phi, below)
        below = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
        below = below / below[-1]  # the integral is 1/n; what the grid misses is shared out
    return below


def _pair_probability(n: int, ratio: float, phi: Array, others: Array) -> float:
    # Second largest, in the sample of the others: its angle lies below the bound, and above the one that leaves so
    # little of the sum of squares.
    share = np.clip(ratio / np.maximum(np.cos(phi) ** 2, np.finfo(np.float64).tiny), 0.0, 1.0)
    least = np.where(share < 1.0, np.arccos(np.sqrt(share)), -0.5 * np.pi)
    between = np.interp(_bound(n, phi), phi, others) - np.interp(least, phi, others)
    return n * float(np.trapezoid(_density(n, phi) * np.maximum(between, 0.0), phi))


def _density(n: int, phi: Array) -> Array:
    norm = math.exp(math.lgamma(0.5 * (n - 1)) - math.lgamma(0.5 * (n - 2))) / math.sqrt(math.pi)
    return np.asarray(norm * np.abs(np.cos(phi)) ** (n - 3))


def _bound(n: int, phi: Array) -> Array:
    """Angle, in the sample of the others, of a value as large as this one: sin = tan(phi) sqrt(n / (n - 2))."""
    return np.asarray(np.arcsin(np.clip(np.tan(phi) * math.sqrt(n / (n - 2)), -1.0, 1.0)))
