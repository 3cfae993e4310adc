"""Global risks: how often an inspection accepts what does not conform, and rejects what does.

The quantity of an item is X, from a prior distribution of the items made; the measured value Y is normal about X with
the standard uncertainty u; an item is accepted when Y lies within the acceptance limits (JCGM 106:2012, 9 [clause
number unconfirmed]). Integrals are Gauss-Legendre sums of 24 nodes over panels no wider than a standard deviation of
what varies fastest; the error left is below 1e-12.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from protocols.metrology.distributions import (
    gamma_cdf,
    gamma_pdf,
    gamma_ppf,
    gamma_sf,
    normal_cdf,
    normal_pdf,
    normal_ppf,
    normal_sf,
)

Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_FAR = 9.0  # standard deviations beyond which 1e-19 is left
_TAIL = 1e-18
_HALVINGS = 60


class Prior(Protocol):
    """What is known about the items before they are measured."""

    def density(self, x: Array) -> Array:
        """Give the probability density at x."""

    def within(self, lower: float, upper: float) -> float:
        """Give the probability from lower to upper."""

    def edges(self) -> Array:
        """Give ascending points between which the density is smooth and changes moderately."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalPrior:
    """Items normal about a mean."""

    mean: float
    standard_deviation: float

    def __post_init__(self) -> None:
        """Refuse a spread that is none."""
        _positive(self.standard_deviation, "the standard deviation of the items")

    def density(self, x: Array) -> Array:
        """Give the probability density at x."""
        return normal_pdf((x - self.mean) / self.standard_deviation) / self.standard_deviation

    def within(self, lower: float, upper: float) -> float:
        """Give the probability from lower to upper."""
        a, b = ((limit - self.mean) / self.standard_deviation for limit in (lower, upper))
        return float(normal_cdf(b) - normal_cdf(a) if a < 0.0 else normal_sf(a) - normal_sf(b))

    def edges(self) -> Array:
        """Give points a standard deviation apart."""
        return self.mean + self.standard_deviation * np.arange(-_FAR, _FAR + 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaPrior:
    """Items that are never negative, e.g. an eccentricity: a gamma distribution of shape (at least 1) and scale."""

    shape: float
    scale: float

    def __post_init__(self) -> None:
        """Refuse a shape below one, whose density is infinite at zero, and a scale that is none."""
        _positive(self.scale, "the scale of the items")
        if not (self.shape >= 1.0 and math.isfinite(self.shape)):
            raise ValueError(f"the shape of the items' gamma distribution is {self.shape}; give at least 1.")

    def density(self, x: Array) -> Array:
        """Give the probability density at x."""
        return gamma_pdf(x, self.shape, self.scale)

    def within(self, lower: float, upper: float) -> float:
        """Give the probability from lower to upper."""
        a, b = np.maximum([lower, upper], 0.0)
        probability = gamma_sf if a > self.shape * self.scale else gamma_cdf
        return abs(float(probability(b, self.shape, self.scale) - probability(a, self.shape, self.scale)))

    def edges(self) -> Array:
        """Give points from zero, ever closer towards it, to where 1e-18 is left."""
        sd = math.sqrt(self.shape) * self.scale
        far = float(gamma_ppf(1.0 - 1e-16, self.shape, self.scale)) + 8.0 * self.scale
        near = float(gamma_ppf(_TAIL, self.shape, self.scale))
        first = np.geomspace(near, sd, 2 + math.ceil(math.log2(sd / near))) if near < sd else np.array([near])
        return np.concatenate([[0.0], first, np.arange(first[-1] + 0.5 * sd, far, 0.5 * sd), [far]])


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalRisk:
    """Probabilities over all items.

    consumer: not conforming and accepted (PFA).  producer: conforming and rejected (PFR).  accepted: accepted at all.
    conditional_consumer: not conforming, of those accepted.  nonconforming: before any measurement.
    """

    consumer: float
    producer: float
    accepted: float
    conditional_consumer: float
    nonconforming: float


def global_risk(
    prior: Prior,
    standard_uncertainty: float,
    *,
    lower: float = -math.inf,
    upper: float = math.inf,
    lower_acceptance: float | None = None,
    upper_acceptance: float | None = None,
) -> GlobalRisk:
    """Give the risks of accepting within the acceptance limits what should lie within the limits.

    consumer = int_{x outside} f(x) P(accept|x) dx, producer = int_{x within} f(x) P(reject|x) dx.
    standard_uncertainty: of one measurement, in the unit of the limits; zero for a perfect one.  Acceptance limits not
    given are the limits themselves. Raises ValueError without any limit, and for limits in the wrong order or NaN.
    """
    low, high = _interval(lower, upper, "limit")
    if not (math.isfinite(standard_uncertainty) and standard_uncertainty >= 0.0):
        raise ValueError(f"the standard uncertainty is {standard_uncertainty}; give zero or a positive number.")
    first, last = _interval(
        low if lower_acceptance is None else lower_acceptance,
        high if upper_acceptance is None else upper_acceptance,
        "acceptance limit",
    )
    x, weight = _grid(prior, standard_uncertainty, [low, high], [first, last])
    accept, reject = _accepting(x, standard_uncertainty, first, last)
    inside = (x >= low) & (x <= high)
    consumer, accepted = float(weight[~inside] @ accept[~inside]), float(weight @ accept)
    return GlobalRisk(
        consumer=consumer,
        producer=float(weight[inside] @ reject[inside]),
        accepted=accepted,
        conditional_consumer=consumer / accepted if accepted > 0.0 else math.nan,
        nonconforming=prior.within(-math.inf, low) + prior.within(high, math.inf),
    )


def guard_for_consumer_risk(
    prior: Prior, standard_uncertainty: float, *, target: float, lower: float = -math.inf, upper: float = math.inf
) -> float:
    """Give the guard band w, inwards of each limit, with which the consumer's risk (PFA) is `target`.

    In the unit of the limits; negative where the target allows to accept beyond them. Raises ValueError for a target
    that no guard band reaches.
    """
    low, high = _interval(lower, upper, "limit")
    reach = _FAR * standard_uncertainty + _span(prior)
    widest = min(reach, 0.5 * (high - low))

    def excess(w: float) -> float:
        found = global_risk(
            prior, standard_uncertainty, lower=low, upper=high, lower_acceptance=low + w, upper_acceptance=high - w
        )
        return found.consumer - target

    if not 0.0 < target < 1.0 or excess(-reach) < 0.0 or excess(widest) > 0.0:
        raise ValueError(f"no guard band gives the consumer's risk {target} with this uncertainty.")
    wide, narrow = -reach, widest
    for _ in range(_HALVINGS):
        middle = 0.5 * (wide + narrow)
        wide, narrow = (middle, narrow) if excess(middle) > 0.0 else (wide, middle)
    return 0.5 * (wide + narrow)


def _span(prior: Prior) -> float:
    """Give the width over which items occur at all."""
    edges = prior.edges()
    return float(edges[-1] - edges[0])


def normal_prior_of(*, in_tolerance: float, lower: float, upper: float) -> NormalPrior:
    """Give the normal items of which a share `in_tolerance` conforms, centred between two limits."""
    low, high = _interval(lower, upper, "limit")
    if not 0.0 < in_tolerance < 1.0 or not math.isfinite(high - low):
        raise ValueError(f"a share of {in_tolerance} between {lower} and {upper} gives no spread; give e.g. 0.95.")
    spread = 0.5 * (high - low) / float(normal_ppf(0.5 * (1.0 + in_tolerance)))
    return NormalPrior(mean=0.5 * (low + high), standard_deviation=spread)


def acceptance_factor(ratio: float, *, method: str) -> float:
    """Give the acceptance limit over the tolerance, A/T, for a test uncertainty ratio T/U (k = 2).

    method: "rss" sqrt(1 - 1/ratio^2); "test95" 1 - 1/ratio, which is w = U; "rp10" 1.25 - 1/ratio (NCSLI RP-10);
    "dobbert" 1 - M/ratio, M = 1.04 - exp(0.38 ln(ratio) - 0.54), which keeps the consumer's risk below 2 % whatever
    share of the items conforms (M. Dobbert, 2008). Never above one: a guard band does not widen the tolerance.
    Raises ValueError for an unknown method and for a ratio that leaves nothing to accept.
    """
    factors = {
        "rss": lambda: math.sqrt(max(1.0 - ratio**-2.0, 0.0)),
        "test95": lambda: 1.0 - 1.0 / ratio,
        "rp10": lambda: 1.25 - 1.0 / ratio,
        "dobbert": lambda: 1.0 - (1.04 - math.exp(0.38 * math.log(ratio) - 0.54)) / ratio,
    }
    if method not in factors:
        raise ValueError(f"the guard band {method!r} is not known; give one of {', '.join(factors)}.")
    _positive(ratio, "the test uncertainty ratio")
    factor = min(factors[method](), 1.0)
    if factor <= 0.0:
        raise ValueError(f"a test uncertainty ratio of {ratio} leaves nothing to accept; measure better.")
    return factor


def _interval(lower: float, upper: float, name: str) -> tuple[float, float]:
    if not lower <= upper:
        raise ValueError(f"the lower {name} {lower} is not below the upper one {upper}.")
    if math.isinf(lower) and math.isinf(upper):
        raise ValueError(f"there is no {name}; give a lower or an upper one or both.")
    return float(lower), float(upper)


def _positive(number: float, name: str) -> None:
    if not (math.isfinite(number) and number > 0.0):
        raise ValueError(f"{name} is {number}; give a positive number.")


def _grid(prior: Prior, u: float, limits: list[float], acceptance: list[float]) -> tuple[Array, Array]:
    """Give nodes x and their probabilities, of panels that break at every limit and about each acceptance limit."""
    edges = prior.edges()
    about = np.add.outer(acceptance, u * np.arange(-_FAR, _FAR + 1.0)).ravel()
    cuts = np.concatenate([edges, limits, about])
    cuts = np.unique(np.clip(cuts[np.isfinite(cuts)], edges[0], edges[-1]))
    half = 0.5 * np.diff(cuts)[:, None]
    x = cuts[:-1, None] + half * (1.0 + _NODES)
    return x.ravel(), (half * _WEIGHTS * prior.density(x)).ravel()


def _accepting(x: Array, u: float, first: float, last: float) -> tuple[Array, Array]:
    """Give P(accept|x) and P(reject|x), each with its own digits."""
    if u == 0.0:
        accept = ((x >= first) & (x <= last)).astype(np.float64)
        return accept, 1.0 - accept
    a, b = (first - x) / u, (last - x) / u
    accept = np.where(a > 0.0, normal_sf(a) - normal_sf(b), normal_cdf(b) - normal_cdf(a))
    return accept, normal_cdf(a) + normal_sf(b)
