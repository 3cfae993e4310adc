"""Mixtures of propylene glycol and water after Melinder.

    f = sum_i sum_j a_ij (100 w - 30.7031)^i (t - 32.7083)^j,   i = 0 ... 5, with 4, 4, 4, 3, 2, 1 terms in j

A. Melinder, Properties of Secondary Working Fluids for Indirect Systems, IIR, Paris 2010, as used by the Modelica
libraries of IBPSA and by CoolProp (MPG); w: mass fraction of glycol [1], t: temperature [degC]. Up to 60 % and
100 degC, as those programs have it; the book's own range has not been read. Commercial heat carriers contain
inhibitors and differ by 1 to 2 % in heat capacity: use their makers' tables.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

MOST_GLYCOL = 0.6  # mass fraction
MOST_TEMPERATURE = 100.0  # degC

_CENTRE_GLYCOL, _CENTRE_TEMPERATURE = 30.7031, 32.7083  # %, degC

# fmt: off
_DENSITY = (  # kg/m3
    (1.018e3, -5.406e-1, -2.666e-3, 1.347e-5),
    (7.604e-1, -9.450e-3, 5.541e-5, -1.343e-7),
    (-2.498e-3, 2.700e-5, -4.018e-7, 3.376e-9),
    (-1.550e-4, 2.829e-6, -7.175e-9),
    (-1.131e-6, -2.221e-8),
    (2.342e-8,),
)
_HEAT_CAPACITY = (  # J/(kg K)
    (3.882e3, 2.699, -1.659e-3, -1.032e-5),
    (-1.304e1, 5.070e-2, -4.752e-5, 1.522e-6),
    (-1.598e-1, 9.534e-5, 1.167e-5, -4.870e-8),
    (3.539e-4, 3.102e-5, -2.950e-7),
    (5.000e-5, -7.135e-7),
    (-4.959e-7,),
)
_CONDUCTIVITY = (  # W/(m K)
    (4.513e-1, 7.955e-4, 3.482e-8, -5.966e-9),
    (-4.795e-3, -1.678e-5, 8.941e-8, 1.493e-10),
    (2.076e-5, 1.563e-7, -4.615e-9, 9.897e-12),
    (-9.083e-8, -2.518e-9, 6.543e-11),
    (-5.952e-10, -3.605e-11),
    (2.104e-11,),
)
_LOG_VISCOSITY = (  # of the viscosity in mPa s
    (6.837e-1, -3.045e-2, 2.525e-4, -1.399e-6),
    (3.328e-2, -3.984e-4, 4.332e-6, -1.860e-8),
    (5.453e-5, -8.600e-8, -1.593e-8, -4.465e-11),
    (-3.900e-6, 1.054e-7, -1.589e-9),
    (-1.587e-8, 4.475e-10),
    (3.564e-9,),
)
_FREEZING = (  # degC
    (-1.325e1, -3.820e-5, 7.865e-7, -1.733e-9),
    (-6.631e-1, 6.774e-6, -6.242e-8, -7.819e-10),
    (-1.094e-2, 5.332e-8, -4.169e-9, 3.288e-11),
    (-2.283e-4, -1.131e-8, 1.918e-10),
    (-3.409e-6, 8.035e-11),
    (1.465e-8,),
)
# fmt: on


def density(*, mass_fraction: float, temperature: ArrayLike) -> Array:
    """Give the density [kg/m3] of a mixture; mass_fraction: of glycol [1], temperature: [degC], any shape.

    A missing temperature (NaN) stays missing. Raises ValueError for a mass fraction above 0.6 and for temperatures
    below the freezing point or above 100 degC.
    """
    return _polynomial(_DENSITY, mass_fraction, _liquid(mass_fraction, temperature))


def heat_capacity(*, mass_fraction: float, temperature: ArrayLike) -> Array:
    """Give the isobaric heat capacity [J/(kg K)]; arguments and errors as of `density`."""
    return _polynomial(_HEAT_CAPACITY, mass_fraction, _liquid(mass_fraction, temperature))


def conductivity(*, mass_fraction: float, temperature: ArrayLike) -> Array:
    """Give the thermal conductivity [W/(m K)]; arguments and errors as of `density`."""
    return _polynomial(_CONDUCTIVITY, mass_fraction, _liquid(mass_fraction, temperature))


def viscosity(*, mass_fraction: float, temperature: ArrayLike) -> Array:
    """Give the dynamic viscosity [Pa s]; arguments and errors as of `density`."""
    logarithm = _polynomial(_LOG_VISCOSITY, mass_fraction, _liquid(mass_fraction, temperature))
    return np.asarray(1e-3 * np.exp(logarithm))


def freezing_point(*, mass_fraction: float) -> float:
    """Give the freezing point [degC], the correlation taken at its central temperature.

    Raises ValueError for a mass fraction that is not between 0 and 0.6.
    """
    if not 0.0 <= mass_fraction <= MOST_GLYCOL:
        raise ValueError(
            f"propylene glycol mixtures are known from 0 to {100 * MOST_GLYCOL:g} % by mass; "
            f"{100 * mass_fraction:g} % is outside, use a table of its properties."
        )
    return float(_polynomial(_FREEZING, mass_fraction, np.asarray(_CENTRE_TEMPERATURE)))


def _liquid(mass_fraction: float, temperature: ArrayLike) -> Array:
    celsius, low = np.asarray(temperature, dtype=np.float64), freezing_point(mass_fraction=mass_fraction)
    outside = celsius[(celsius < low) | (celsius > MOST_TEMPERATURE)]
    if outside.size:
        raise ValueError(
            f"propylene glycol {100 * mass_fraction:g} % is known from {low:.4g} to {MOST_TEMPERATURE:g} degC; "
            f"{outside.flat[0]:g} degC is outside, use another table."
        )
    return celsius


def _polynomial(rows: tuple[tuple[float, ...], ...], mass_fraction: float, celsius: Array) -> Array:
    x, y = 100.0 * mass_fraction - _CENTRE_GLYCOL, celsius - _CENTRE_TEMPERATURE
    return np.asarray(sum(x**i * sum(a * y**j for j, a in enumerate(row)) for i, row in enumerate(rows)))
