"""Average run lengths of control charts: how long until a signal, false or true, for independent normal values.

Values are standardised: in control they have mean 0 and standard deviation 1, after a shift the mean is `shift`. For
CUSUM and EWMA the run length L(u) from a chart standing at u solves an integral equation; it is solved at the nodes of
a Gauss-Legendre rule (Nystroem), which is exact to more digits than the Markov chain of D. Brook and D. A. Evans,
Biometrika 59 (1972) 539, gives with any practical number of states. Lengths above 1e8 are refused: with every factor
of ten the equation loses a digit.
"""

import math

import numpy as np
from numpy.typing import NDArray

from protocols.metrology.distributions import normal_cdf, normal_pdf, normal_sf
from protocols.statistics.samples import positive

Array = NDArray[np.float64]

_NODES = 120
_NODES_A_STEP = 3  # nodes for each standard deviation of a chart's step, at least
_MOST_NODES = 1500
_LONGEST = 1e8


def shewhart_run_length(*, shift: float, width: float = 3.0) -> float:
    """Give the average number of points to a signal of a chart with limits at +- width: 1 / P(beyond)."""
    edge = positive(width, name="the width")
    return float(1.0 / (normal_sf(edge - shift) + normal_cdf(-edge - shift)))


def cusum_run_length(*, shift: float, reference: float, decision: float, headstart: float = 0.0) -> float:
    """Give the average run length of a one-sided upper CUSUM (k, h), from C_0 = headstart.

    L(u) = 1 + L(0) P(x <= k - u) + integral over 0 < v <= h of L(v) phi(v - u + k - shift).
    Raises ValueError for parameters out of range, for h above 500 and for a length above 1e8.
    """
    return _plausible(_cusum_length(shift, reference, decision, headstart))


def _cusum_length(shift: float, reference: float, decision: float, headstart: float = 0.0) -> float:
    """Give the run length, or inf for one above 1e8."""
    h = positive(decision, name="the decision interval h")
    if not (np.isfinite(shift) and reference >= 0.0 and 0.0 <= headstart <= h):
        raise ValueError("the shift must be finite, k not below zero, and the headstart between 0 and h.")
    nodes, weights = _rule(0.0, h, step=1.0)
    starts = np.concatenate([[0.0], nodes])
    drop = reference - shift - starts  # step from each start to zero
    kernel = np.column_stack([normal_cdf(drop), normal_pdf(nodes + drop[:, None]) * weights])
    lengths = np.asarray(np.linalg.solve(np.eye(starts.size) - kernel, np.ones(starts.size)), dtype=np.float64)
    fall = reference - shift - headstart
    return _known(1.0 + lengths[0] * normal_cdf(fall) + (normal_pdf(nodes + fall) * weights) @ lengths[1:], lengths)


def cusum_two_sided_run_length(*, shift: float, reference: float, decision: float) -> float:
    """Give the average run length of a two-sided CUSUM without headstart: 1/L = 1/L(shift) + 1/L(-shift).

    A side that signals less than once in 1e8 points counts as one that never does. Raises as `cusum_run_length`.
    """
    often = sum(1.0 / _cusum_length(each, reference, decision) for each in (shift, -shift))
    return _plausible(1.0 / often if often else math.inf)


def ewma_run_length(*, shift: float, weight: float, width: float) -> float:
    """Give the average run length of an EWMA chart with steady limits +- L sqrt(lambda/(2 - lambda)), from z_0 = 0.

    L(u) = 1 + integral over -e < v < e of L(v) phi((v - (1 - lambda) u)/lambda - shift)/lambda.
    weight: lambda, above 0 up to 1.  width: L.
    Raises ValueError for parameters out of range, for lambda below some 1e-5 L^2 and for a length above 1e8.
    """
    edge = positive(width, name="the width") * float(np.sqrt(weight / (2.0 - weight))) if 0.0 < weight <= 1.0 else 0.0
    if edge == 0.0 or not np.isfinite(shift):
        raise ValueError("the weight lambda must lie above 0, up to 1, and the shift must be finite.")
    nodes, weights = _rule(-edge, edge, step=weight)
    starts = np.concatenate([[0.0], nodes])
    kernel = normal_pdf((nodes - (1.0 - weight) * starts[:, None]) / weight - shift) * weights / weight
    lengths = np.asarray(np.linalg.solve(np.eye(nodes.size) - kernel[1:], np.ones(nodes.size)), dtype=np.float64)
    return _plausible(_known(1.0 + kernel[0] @ lengths, lengths))


def _known(length: float, lengths: Array) -> float:
    """Give the length, or inf where the lengths of the equation's solution tell that it has lost its digits."""
    return float(length) if lengths.min() > 0.0 and lengths.max() <= _LONGEST else math.inf


def _plausible(length: float) -> float:
    if math.isinf(length):
        raise ValueError(f"the chart signals less than once in {_LONGEST:g} points; its run length is not computed.")
    return length


def _rule(low: float, high: float, *, step: float) -> tuple[Array, Array]:
    """Give nodes and weights of Gauss's rule; step: standard deviation of the chart from one point to the next."""
    count = max(_NODES, math.ceil(_NODES_A_STEP * (high - low) / step))
    if count > _MOST_NODES:
        raise ValueError("the limits are too many steps of the chart apart; give a smaller h or a larger lambda.")
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return low + 0.5 * (high - low) * (nodes + 1.0), 0.5 * (high - low) * weights
