"""The comparison of measured with estimated power of a collector field, on hourly means.

    formula 1   q = eta0b (0.85 Kb + 0.15 Kd) G - a1 D - a2 D^2 - a5 dtm/dt
    formula 2   q = eta0b (Kb Gb + Kd Gd)       - a1 D - a2 D^2 - a5 dtm/dt
    formula 3   q = eta0b Kb Gb                 - a1 D - a8 D^4 - a5 dtm/dt         D = tm - ta

ISO 24194:2022, 5.2 [clause number unconfirmed], per gross area and before the safety factor. Hourly means enter the
formulas, so a product is one of means; Kb is the mean of its values within the hour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from protocols.collectors.collector import BEAM_SHARE, CollectorParameters
from protocols.rounding import round_to
from protocols.uncertainty import Budget, budget

Array = NDArray[np.float64]

HEMISPHERICAL, BEAM_AND_DIFFUSE, BEAM = 1, 2, 3
FORMULAS = (HEMISPHERICAL, BEAM_AND_DIFFUSE, BEAM)
_ABSENT = {HEMISPHERICAL: ("a8",), BEAM_AND_DIFFUSE: ("a8",), BEAM: ("a2",)}
_NEVER = ("a3", "a4", "a6", "a7")


def estimated_power(
    *,
    formula: int,
    collector: CollectorParameters,
    irradiance: Mapping[str, Array],
    Kb: Array,
    rise: Array,
    rate: Array,
) -> Array:
    """Give the estimated power per gross area [W/m2] of each hour, without the safety factor; (hours,).

    formula: 1, 2 or 3.  irradiance: hourly means [W/m2] of "G" (formula 1), of "Gb" and "Gd" (2) or of "Gb" (3), on
    the plane.  Kb: modifier of the beam [1].  rise: tm - ta [K].  rate: dtm/dt [K/s].
    Raises ValueError for another formula, and for a coefficient that the formula has no place for.
    """
    require_formula(formula=formula, collector=collector)
    if formula == HEMISPHERICAL:
        beam, diffuse = BEAM_SHARE * irradiance["G"], (1.0 - BEAM_SHARE) * irradiance["G"]
    else:
        beam = irradiance["Gb"]
        diffuse = irradiance["Gd"] if formula == BEAM_AND_DIFFUSE else np.zeros_like(beam)
    return collector.power(Gb=beam, Gd=diffuse, rise=rise, Kb=Kb, rate=rate)


def require_formula(*, formula: int, collector: CollectorParameters) -> None:
    """Raise ValueError for a formula other than 1, 2, 3, and for a coefficient that it would silently leave out."""
    if formula not in FORMULAS:
        raise ValueError(f"the formula is {formula!r}; give 1, 2 or 3.")
    left_out = [symbol for symbol in (*_ABSENT[formula], *_NEVER) if getattr(collector, symbol)]
    if left_out:
        raise ValueError(
            f"formula {formula} has no term for {left_out[0]}, which is {getattr(collector, left_out[0]):g}; "
            "choose another formula, or set the coefficient to 0 and say so in the report."
        )
    if collector.area_basis != "gross":
        raise ValueError("the parameters refer to the aperture area; convert them to the gross area.")


def safety_factor(*, f_p: float, f_U: float, f_O: float) -> float:
    """Give f_safe = f_p f_U f_O [1], rounded to two decimals; ISO 24194:2022, 5.2 [clause number unconfirmed].

    f_p: losses of the pipes.  f_U: uncertainty of the measurement.  f_O: everything else.
    The product is formed of the digits as they are written and rounded half to even.

    >>> safety_factor(f_p=0.99, f_U=0.93, f_O=0.98)
    0.9
    """
    product = Decimal(repr(f_p)) * Decimal(repr(f_U)) * Decimal(repr(f_O))
    return float(round_to(product, "0.01"))


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Measured against estimated power, both without safety factor.

    ratio: mean measured over mean estimated [1].  slope: of measured over estimated through the origin, least squares
    [1].  random: covariance of both, from the scatter of whole blocks.
    """

    ratio: float
    slope: float
    random: Array
    blocks: int

    @property
    def values(self) -> Array:
        """Give ratio and slope."""
        return np.array([self.ratio, self.slope])


def comparison(*, measured: Array, estimated: Array, block: Array) -> Comparison:
    """Compare measured with estimated power [W/m2], (hours,).

        ratio = sum m / sum e,   slope = sum m e / sum e^2

    block: an integer for each hour; hours of one block (a day) may be correlated. Both results are sums over hours to
    first order, so their covariance is that of the blocks' sums of m - ratio e over sum e, and of e (m - slope e) over
    sum e^2, times B/(B - 1) for B blocks (the linearised, delete-a-block form of the block bootstrap).
    Raises ValueError for fewer than two blocks, and where the estimated power is not positive in sum.
    """
    labels, index = np.unique(block, return_inverse=True)
    if labels.size < 2:
        raise ValueError("the scatter needs hours of at least two blocks; give more days.")
    total, square = float(np.sum(estimated)), float(np.sum(estimated**2))
    if not total > 0:
        raise ValueError("the estimated power is not positive in sum; check the parameters of the collector.")
    ratio = float(np.sum(measured)) / total
    slope = float(np.sum(measured * estimated)) / square
    parts = ((measured - ratio * estimated) / total, estimated * (measured - slope * estimated) / square)
    sums = np.stack([np.bincount(index, weights=part) for part in parts])
    scale = labels.size / (labels.size - 1.0)
    return Comparison(ratio=ratio, slope=slope, random=scale * sums @ sums.T, blocks=int(labels.size))


def with_common(*, found: Comparison, moved: Mapping[str, tuple[Array, Array]]) -> Budget:
    """Give the uncertainty of ratio and slope: random, and common to all hours.

    moved: for every cause measured and estimated power [W/m2] with it off by one standard uncertainty.
    """
    shifts = {}
    for cause, (measured, estimated) in moved.items():
        ratio = np.sum(measured) / np.sum(estimated)
        slope = np.sum(measured * estimated) / np.sum(estimated**2)
        shifts[cause] = np.array([ratio, slope]) - found.values
    return budget(random=found.random, shifts=shifts)
