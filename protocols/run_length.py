"""Average run lengths of control charts: how long until a signal, false or true, for independent normal values.

Values are standardised: in control they have mean 0 and standard deviation 1, after a shift the mean is `shift`. For
CUSUM and EWMA the run length L(u) from a chart standing at u solves an integral equation; it is solved at the nodes of
a Gauss-Legendre rule (Nystroem), which is exact to more digits than the Markov chain of D. Brook and D. A. Evans,
Biometrika 59 (1972) 539, gives with any practical number of states.
"""

import numpy as np
from numpy.typing import NDArray

from protocols.distributions import normal_cdf, normal_pdf, normal_sf
from protocols.samples import positive

Array = NDArray[np.float64]

_NODES = 120


def shewhart_run_length(*, shift: float, width: float = 3.0) -> float:
    """Give the average number of points to a signal of a chart with limits at +- width: 1 / P(beyond)."""
    edge = positive(width, name="the width")
    return float(1.0 / (normal_sf(edge - shift) + normal_cdf(-edge - shift)))


def cusum_run_length(*, shift: float, reference: float, decision: float, headstart: float = 0.0) -> float:
    """Give the average run length of a one-sided upper CUSUM (k, h), from C_0 = headstart.

    L(u) = 1 + L(0) P(x <= k - u) + integral over 0 < v <= h of L(v) phi(v - u + k - shift). Below -k - h the chart
    hardly ever signals and the length grows beyond what doubles hold.
    """
    h = positive(decision, name="the decision interval h")
    if not (np.isfinite(shift) and reference >= 0.0 and 0.0 <= headstart <= h):
        raise ValueError("the shift must be finite, k not below zero, and the headstart between 0 and h.")
    nodes, weights = _rule(0.0, h)
    starts = np.concatenate([[0.0], nodes])
    drop = reference - shift - starts  # step from each start to zero
    kernel = np.column_stack([normal_cdf(drop), normal_pdf(nodes + drop[:, None]) * weights])
    lengths = np.linalg.solve(np.eye(starts.size) - kernel, np.ones(starts.size))
    fall = reference - shift - headstart
    return float(1.0 + lengths[0] * normal_cdf(fall) + (normal_pdf(nodes + fall) * weights) @ lengths[1:])


def cusum_two_sided_run_length(*, shift: float, reference: float, decision: float) -> float:
    """Give the average run length of a two-sided CUSUM without headstart: 1/L = 1/L(shift) + 1/L(-shift)."""
    sides = [cusum_run_length(shift=s, reference=reference, decision=decision) for s in (shift, -shift)]
    return float(1.0 / sum(1.0 / length for length in sides))


def ewma_run_length(*, shift: float, weight: float, width: float) -> float:
    """Give the average run length of an EWMA chart with steady limits +- L sqrt(lambda/(2 - lambda)), from z_0 = 0.

    L(u) = 1 + integral over -e < v < e of L(v) phi((v - (1 - lambda) u)/lambda - shift)/lambda.
    weight: lambda, above 0 up to 1.  width: L.
    """
    edge = positive(width, name="the width") * float(np.sqrt(weight / (2.0 - weight))) if 0.0 < weight <= 1.0 else 0.0
    if edge == 0.0 or not np.isfinite(shift):
        raise ValueError("the weight lambda must lie above 0, up to 1, and the shift must be finite.")
    nodes, weights = _rule(-edge, edge)
    starts = np.concatenate([[0.0], nodes])
    kernel = normal_pdf((nodes - (1.0 - weight) * starts[:, None]) / weight - shift) * weights / weight
    lengths = np.linalg.solve(np.eye(nodes.size) - kernel[1:], np.ones(nodes.size))
    return float(1.0 + kernel[0] @ lengths)


def _rule(low: float, high: float) -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return low + 0.5 * (high - low) * (nodes + 1.0), 0.5 * (high - low) * weights
