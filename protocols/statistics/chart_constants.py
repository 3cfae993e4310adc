"""Constants of Shewhart charts, computed from the normal distribution instead of copied from a table.

With W = (x_max - x_min)/sigma of n normal values: d2 = E W, d3 = sd W; c4 = E s / sigma. From them the factors of
ISO 7870-2 and ASTM E2587: A2 = 3/(d2 sqrt n), A3 = 3/(c4 sqrt n), B3, B4 = 1 -+ 3 sqrt(1 - c4^2)/c4,
D3, D4 = 1 -+ 3 d3/d2 (not below zero), E2 = 3/d2. Good to ten digits (see the tests); tables print three or four.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from protocols.metrology.distributions import normal_cdf, normal_pdf

Array = NDArray[np.float64]

# P(W <= w) = n times the integral of phi(x) (Phi(x + w) - Phi(x))^(n - 1): the trapezoidal rule converges faster than
# any power on such a function; over w the rule is Gauss's.
_REACH, _STEP = 9.0, 0.05
_LARGEST_RANGE, _NODES = 18.0, 96


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartConstants:
    """Constants for samples of `size` values [1]."""

    size: int
    d2: float
    d3: float
    c4: float
    A2: float
    A3: float
    B3: float
    B4: float
    D3: float
    D4: float
    E2: float


@cache
def chart_constants(size: int) -> ChartConstants:
    """Give the constants for samples of n values, n >= 2. Raises ValueError for fewer."""
    if size < 2:
        raise ValueError(f"a sample of {size} has no range; give samples of at least 2 values.")
    d2, d3 = _range_moments(size)
    c4 = math.sqrt(2.0 / (size - 1)) * math.exp(math.lgamma(0.5 * size) - math.lgamma(0.5 * (size - 1)))
    B, D = 3.0 * math.sqrt(1.0 - c4**2) / c4, 3.0 * d3 / d2
    return ChartConstants(
        size=size,
        d2=d2,
        d3=d3,
        c4=c4,
        A2=3.0 / (d2 * math.sqrt(size)),
        A3=3.0 / (c4 * math.sqrt(size)),
        B3=max(0.0, 1.0 - B),
        B4=1.0 + B,
        D3=max(0.0, 1.0 - D),
        D4=1.0 + D,
        E2=3.0 / d2,
    )


def _range_moments(n: int) -> tuple[float, float]:
    """E W = integral of P(W > w), E W^2 = 2 times the integral of w P(W > w)."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    w, dw = 0.5 * _LARGEST_RANGE * (nodes + 1.0), 0.5 * _LARGEST_RANGE * weights
    x = np.arange(-_REACH, _REACH + _STEP, _STEP)
    inside = normal_cdf(x[:, None] + w) - normal_cdf(x)[:, None]
    beyond = 1.0 - n * _STEP * (normal_pdf(x) @ inside ** (n - 1))
    mean = float(dw @ beyond)
    return mean, math.sqrt(2.0 * float((dw * w) @ beyond) - mean**2)
