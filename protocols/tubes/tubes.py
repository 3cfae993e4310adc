"""Evacuated tubes: the thermal quantities of GB/T 17049 and properties weighted by the solar spectrum.

No text of the standard was read; the formulas come from secondary sources and memory [unverified].
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_KILO = 1e3


def stagnation_parameter(*, t_tube: ArrayLike, t_amb: ArrayLike, G: ArrayLike) -> Array:
    """Give the stagnation parameter in m2 K/kW, Y = (t_tube - t_amb)/G with G in kW/m2.

    t_tube: degC, of the air in the empty tube at rest.  t_amb: degC.  G: W/m2. GB/T 17049-2005, stagnation parameter
    [clause number unconfirmed]. Raises ValueError for an irradiance that is not above zero.

    >>> round(float(stagnation_parameter(t_tube=215.0, t_amb=25.0, G=950.0)), 6)
    200.0
    """
    hot, air, sun = (np.asarray(each, dtype=np.float64) for each in (t_tube, t_amb, G))
    if not np.all(sun > 0.0):
        raise ValueError("a stagnation parameter needs an irradiance above zero; leave that measurement out.")
    return np.asarray((hot - air) / (sun / _KILO))


def tube_heat_loss(
    *, t_1: float, t_2: float, t_3: float, t_amb: float, mass: float, area: float, duration: float, c_p: float
) -> float:
    """Give the average heat loss coefficient in W/(m2 K), U_LT = c_p M (t_1 - t_3)/[A (t_m - t_amb) duration].

    t_1, t_2, t_3: degC, of the water in the tube at the begin, in the middle and at the end; t_m is their mean.  t_amb:
    degC, mean.  mass: M, kg of water.  area: A, m2, outer surface of the absorber tube.  duration: s from t_1 to t_3.
    c_p: J/(kg K). GB/T 17049-2005, average heat loss coefficient [clause number unconfirmed].
    Raises ValueError unless the water cools from reading to reading and stays above t_amb, for a mass, area, duration
    or c_p not above zero and for what is not a number.

    >>> round(tube_heat_loss(t_1=80, t_2=78, t_3=76, t_amb=20, mass=2, area=0.2, duration=3600, c_p=4180), 4)
    0.8008
    """
    if not (min(mass, area, duration, c_p) > 0.0 and math.isfinite(mass + area + duration + c_p + t_amb)):
        raise ValueError("mass, area, duration and heat capacity must be numbers above zero.")
    if not t_1 > t_2 > t_3:
        raise ValueError(
            f"the water reads {t_1}, {t_2} and {t_3} degC and must cool from reading to reading; check the readings "
            "and that the tube is shielded from the sun."
        )
    if not t_3 > t_amb:
        raise ValueError(f"the water ends at {t_3} degC, not above the surroundings at {t_amb} degC; begin hotter.")
    t_m = (t_1 + t_2 + t_3) / 3.0
    return c_p * mass * (t_1 - t_3) / (area * (t_m - t_amb) * duration)


def solar_weighted(*, values: ArrayLike, weights: ArrayLike) -> float:
    """Give a solar transmittance, reflectance or absorptance, sum W_i rho_i/sum W_i.

    values: rho at the wavelengths of a table, 1.  weights: W at the same wavelengths: spectral irradiance times the
    width of each wavelength's interval, in any unit (a Zhejiang data registry states 280 nm to 2500 nm in steps of
    1 nm, from 1700 nm on of 5 nm).
    Raises ValueError for tables of other lengths, what is not a number, a negative weight, no weight at all, and values
    outside 0 to 1 (per cent, for example).
    """
    rho, W = _table(values, weights)
    return float(W @ rho / W.sum())


def solar_weighted_uncertainty(
    *, values: ArrayLike, weights: ArrayLike, random: ArrayLike = 0.0, common: ArrayLike = 0.0
) -> tuple[float, float]:
    """Give the random and the common standard uncertainty of solar_weighted.

    random: of each value, independent between wavelengths, sqrt(sum (W_i u_i)^2)/sum W_i.  common: of each value by an
    error that all share, such as the reference standard's, sum W_i u_i/sum W_i; one number for all, or one for each.
    """
    rho, W = _table(values, weights)
    single, shared = (np.broadcast_to(np.asarray(each, np.float64), rho.shape) for each in (random, common))
    if not (np.isfinite(single).all() and np.isfinite(shared).all() and single.min() >= 0.0):
        raise ValueError("the uncertainties of the table must be numbers, the random ones not negative.")
    return float(np.linalg.norm(W * single) / W.sum()), float(abs(W @ shared) / W.sum())


def _table(values: ArrayLike, weights: ArrayLike) -> tuple[Array, Array]:
    rho, W = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if rho.ndim != 1 or rho.shape != W.shape or not rho.size:
        raise ValueError(f"{rho.size} values do not go with {W.size} weights; give one weight for each wavelength.")
    if not (np.isfinite(rho).all() and np.isfinite(W).all()):
        raise ValueError("the table holds a value that is not a number; fill or leave out that wavelength.")
    if W.min() < 0.0 or not W.sum() > 0.0:
        raise ValueError("weights must not be negative and not all be zero; check the spectrum.")
    if rho.min() < 0.0 or rho.max() > 1.0:
        raise ValueError("values lie outside 0 to 1; give fractions, not per cent.")
    return rho, W
