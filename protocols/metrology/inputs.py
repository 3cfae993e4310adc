"""Inputs of a measurement model from what is known about them: readings (Type A) or stated widths (Type B).

JCGM 100:2008, 4.2 and 4.3 [clause numbers unconfirmed].
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.metrology.gum import Input

Array = NDArray[np.float64]


def from_readings(name: str, readings: ArrayLike, *, unit: str = "", common: bool = False) -> Input:
    """Give the mean of independent readings, u = s/sqrt(n), n - 1 degrees of freedom (Type A)."""
    inputs, _ = from_joint_readings([name], np.asarray(readings, dtype=np.float64)[None], unit=unit, common=common)
    return inputs[0]


def from_joint_readings(
    names: Sequence[str], readings: ArrayLike, *, unit: str = "", common: bool = False
) -> tuple[tuple[Input, ...], Array]:
    """Give the means of quantities read together n times, and the correlation of these means (JCGM 100:2008 5.2.3).

    readings: (quantities, n).  Every input has n - 1 degrees of freedom; being correlated they count as one component
    in first_order, which so has n - 1 as well.
    """
    table = np.asarray(readings, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != len(names) or table.shape[1] < 2 or not np.isfinite(table).all():
        raise ValueError(
            f"{', '.join(names)}: give a row of at least two finite readings for each; "
            f"given was the shape {table.shape}."
        )
    n = table.shape[1]
    deviations = table - table.mean(axis=1, keepdims=True)
    covariance = deviations @ deviations.T / (n - 1) / n
    u = np.sqrt(np.diag(covariance))
    inputs = tuple(
        Input(
            name=name,
            value=float(value),
            standard_uncertainty=float(each),
            unit=unit,
            dof=n - 1,
            divisor=math.sqrt(n),
            common=common,
        )
        for name, value, each in zip(names, table.mean(axis=1), u, strict=True)
    )
    still = u == 0.0  # a quantity that never moved is correlated with nothing
    scale = np.where(still, 1.0, u)
    return inputs, np.where(np.eye(len(names), dtype=np.bool_), 1.0, covariance / np.outer(scale, scale))


def from_expanded(
    name: str,
    value: float,
    *,
    expanded_uncertainty: float,
    coverage_factor: float,
    dof: float = math.inf,
    unit: str = "",
    common: bool = False,
) -> Input:
    """Give an input of a certificate that states U and k: u = U/k (JCGM 100:2008 4.3.3)."""
    return _stated(name, value, expanded_uncertainty, coverage_factor, "normal", dof, unit, common)


def rectangular(
    name: str, value: float, *, half_width: float, dof: float = math.inf, unit: str = "", common: bool = False
) -> Input:
    """Give an input known to lie within +/- a, anywhere alike: u = a/sqrt(3) (JCGM 100:2008 4.3.7)."""
    return _stated(name, value, half_width, math.sqrt(3.0), "rectangular", dof, unit, common)


def triangular(
    name: str, value: float, *, half_width: float, dof: float = math.inf, unit: str = "", common: bool = False
) -> Input:
    """Give an input within +/- a, likelier towards the middle: u = a/sqrt(6) (JCGM 100:2008 4.3.9)."""
    return _stated(name, value, half_width, math.sqrt(6.0), "triangular", dof, unit, common)


def trapezoidal(
    name: str,
    value: float,
    *,
    half_width: float,
    top: float,
    dof: float = math.inf,
    unit: str = "",
    common: bool = False,
) -> Input:
    """Give an input within +/- a with a flat top of `top` times that width: u = a sqrt((1 + top^2)/6).

    top: 0 (triangular) to 1 (rectangular). JCGM 100:2008 4.3.9.
    """
    if not 0.0 <= top <= 1.0:
        raise ValueError(f"the top of the trapezoid of {name} is {top} of its base; give a number from 0 to 1.")
    return _stated(name, value, half_width, math.sqrt(6.0 / (1.0 + top**2)), "trapezoidal", dof, unit, common)


def arcsine(
    name: str, value: float, *, half_width: float, dof: float = math.inf, unit: str = "", common: bool = False
) -> Input:
    """Give an input that swings between +/- a, as a controlled temperature: u = a/sqrt(2) (JCGM 101:2008 6.4.6)."""
    return _stated(name, value, half_width, math.sqrt(2.0), "arcsine", dof, unit, common)


def _stated(
    name: str, value: float, width: float, divisor: float, distribution: str, dof: float, unit: str, common: bool
) -> Input:
    if not (divisor > 0.0 and math.isfinite(divisor) and width >= 0.0 and math.isfinite(width)):
        raise ValueError(f"{name} is stated as +/- {width} with the divisor {divisor}; give positive numbers.")
    return Input(
        name=name,
        value=value,
        standard_uncertainty=width / divisor,
        unit=unit,
        dof=dof,
        distribution=distribution,
        divisor=divisor,
        common=common,
    )
