"""Linear efficiency curves that refer to the inlet or to the mean temperature of the fluid.

    eta = eta0 - U (t - ta)/G,   t = t_in or t = tm = t_in + Q/(2 m c_p)

The older American and Chinese ratings use the inlet (FR(tau alpha), FR UL), ISO 9806 the mean.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from protocols.uncertainty import transformed

Array = NDArray[np.float64]

TEMPERATURES = ("inlet", "mean")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearCurve:
    """eta0 [1] and U [W/(m2 K)] per area [m2], both referring to the inlet or the mean temperature.

    covariance: of (eta0, U), 2 by 2, or None. Raises ValueError for another temperature, for a number that is missing
    and for an area that is not positive.
    """

    eta0: float
    U: float
    area: float
    temperature: str
    covariance: Array | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.temperature not in TEMPERATURES:
            raise ValueError(f"the curve refers to {self.temperature!r}; say {' or '.join(TEMPERATURES)}.")
        if not 0 < self.area < math.inf:
            raise ValueError(f"the area of the curve is {self.area} m2; give a positive number.")
        if not (math.isfinite(self.eta0) and math.isfinite(self.U)):
            raise ValueError(f"the curve has eta0 = {self.eta0} and U = {self.U} W/(m2 K); give both as numbers.")


def to_mean(curve: LinearCurve, *, capacity_flow: float) -> LinearCurve:
    """Refer a curve of the inlet temperature to the mean: eta0 and U divided by 1 - k, k = A U_in/(2 m c_p).

    capacity_flow: m c_p of the test [W/K], of the whole area. Follows from tm = t_in + Q/(2 m c_p); derived here.
    Raises ValueError for a curve of the mean, and for a flow so small that k is 1 or more.
    """
    _require(curve, "inlet", capacity_flow)
    half = curve.area / (2.0 * capacity_flow)
    rest = 1.0 - half * curve.U
    if rest <= 0:
        raise ValueError(
            f"with {capacity_flow:g} W/K of flow, U = {curve.U:g} W/(m2 K) would warm the fluid above what the curve "
            "can lose; check flow, area and U."
        )
    jacobian = np.array([[1.0 / rest, curve.eta0 * half / rest**2], [0.0, 1.0 / rest**2]])
    return _referred(curve, "mean", 1.0 / rest, jacobian)


def to_inlet(curve: LinearCurve, *, capacity_flow: float) -> LinearCurve:
    """Refer a curve of the mean temperature to the inlet: eta0 and U divided by 1 + A U_m/(2 m c_p).

    The inverse of `to_mean`; same arguments. Raises ValueError for a curve of the inlet.
    """
    _require(curve, "mean", capacity_flow)
    half = curve.area / (2.0 * capacity_flow)
    sum_ = 1.0 + half * curve.U
    jacobian = np.array([[1.0 / sum_, -curve.eta0 * half / sum_**2], [0.0, 1.0 / sum_**2]])
    return _referred(curve, "inlet", 1.0 / sum_, jacobian)


def _referred(curve: LinearCurve, temperature: str, factor: float, jacobian: Array) -> LinearCurve:
    covariance = None if curve.covariance is None else transformed(curve.covariance, jacobian)
    return replace(curve, eta0=factor * curve.eta0, U=factor * curve.U, temperature=temperature, covariance=covariance)


def _require(curve: LinearCurve, temperature: str, capacity_flow: float) -> None:
    if curve.temperature != temperature:
        raise ValueError(
            f"the curve refers to the {curve.temperature} temperature already; give one of the {temperature}."
        )
    if not capacity_flow > 0:
        raise ValueError(f"the capacity flow is {capacity_flow} W/K; give a positive number.")
