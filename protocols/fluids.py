"""Heat carriers: density and heat capacity over temperature, each with the range in which it is known.

Water is the IAPWS formulation SR6-08(2011) for liquid water at 0.1 MPa (J. Patek et al., J. Phys. Chem. Ref.
Data 38 (2009) 21), which reproduces IAPWS-95 at that pressure. Beside it stand the polynomials of EN 12975-2, mixtures
of propylene glycol (`protocols.glycol`) and tables. `named` finds a heat carrier by the name in an item description.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols import glycol
from protocols.refusals import NotEvaluable

Array = NDArray[np.float64]

# The formulation reaches from 253.15 to 383.15 K. Above 99.6 degC the liquid at 0.1 MPa is metastable; that is
# allowed because circuits are pressurised, at the cost of 0.005 % in density for 0.1 MPa. Below 0 degC there is ice.
WATER_RANGE = (0.0, 110.0)

_R = 461.51805  # J/(kg K)
_P0 = 0.1e6  # Pa
_TR = 10.0  # K
_C3 = -8.983025854
_CP_ALPHA = ((4, -1.661470539e5), (5, 2.708781640e6), (7, -1.557191544e8))
_CP_BETA = ((2, -8.237426256e-1), (3, 1.908956353), (4, -2.017597384), (5, 8.546361348e-1))
_V_CONSTANT = 1.93763157e-2
_V_ALPHA = ((4, 6.74458446e3), (5, -2.22521604e5), (7, 1.00231247e8), (8, -1.63552118e9), (9, 8.32299658e9))
_V_BETA = (
    (1, 5.78545292e-3),
    (2, -1.53195665e-2),
    (3, 3.11337859e-2),
    (4, -4.23546241e-2),
    (5, 3.38713507e-2),
    (6, -1.19946761e-2),
)


def water_density(temperature: ArrayLike) -> Array:
    """Give the density of liquid water in kg/m3 at 0.1 MPa; temperature in degC, of any shape.

    IAPWS SR6-08(2011) table 1 and equation 4. Raises ValueError outside 0 to 110 degC.

    >>> round(float(water_density(20.0)), 2)
    998.21
    """
    alpha, beta = _reduced(_within(np.asarray(temperature, dtype=np.float64), WATER_RANGE, "water"))
    volume = _V_CONSTANT + _series(_V_ALPHA, alpha) + _series(_V_BETA, beta)
    return _P0 / (_R * _TR) / volume


def water_heat_capacity(temperature: ArrayLike) -> Array:
    """Give the isobaric heat capacity of liquid water in J/(kg K) at 0.1 MPa; temperature in degC, of any shape.

    IAPWS SR6-08(2011) table 3. Raises ValueError outside 0 to 110 degC.

    >>> round(float(water_heat_capacity(20.0)))
    4184
    """
    celsius = _within(np.asarray(temperature, dtype=np.float64), WATER_RANGE, "water")
    alpha, beta = _reduced(celsius)
    curved = sum(n * (n + 1) * c * alpha ** (n + 2) for n, c in _CP_ALPHA) + sum(
        n * (n + 1) * c * beta ** (n + 2) for n, c in _CP_BETA
    )
    return np.asarray(-_R * (_C3 + (celsius + 273.15) / _TR * curved))


def _reduced(celsius: Array) -> tuple[Array, Array]:
    kelvin = celsius + 273.15
    return _TR / (593.0 - kelvin), _TR / (kelvin - 232.0)


def _series(terms: Sequence[tuple[int, float]], x: Array) -> Array:
    return np.asarray(sum(c * x**n for n, c in terms))


def _within(temperature: Array, limits: tuple[float, float], name: str) -> Array:
    low, high = limits
    outside = temperature[(temperature < low) | (temperature > high)]  # a missing value, NaN, stays one
    if outside.size:
        raise ValueError(
            f"{name} is known from {low:g} to {high:g} degC; {outside.flat[0]:g} degC is outside, use another table."
        )
    return temperature


@dataclass(frozen=True, kw_only=True)
class Fluid:
    """A heat carrier: density [kg/m3] and heat capacity [J/(kg K)] of temperature [degC] within `limits` [degC]."""

    name: str
    limits: tuple[float, float]
    source: str
    density: Callable[[Array], Array] = field(repr=False)
    heat_capacity: Callable[[Array], Array] = field(repr=False)

    def enthalpy_rise(self, *, t_in: Array, t_out: Array) -> Array:
        """Give the integral of the heat capacity from t_in to t_out in J/kg; temperatures in degC.

        Three-point Gauss quadrature: exact for polynomials up to the fifth degree, and for water within 1e-8.
        """
        middle, half = (t_in + t_out) / 2.0, (t_out - t_in) / 2.0
        reach = np.sqrt(0.6) * half
        outer = self.heat_capacity(middle - reach) + self.heat_capacity(middle + reach)
        return half * (5.0 * outer + 8.0 * self.heat_capacity(middle)) / 9.0


WATER = Fluid(
    name="water",
    limits=WATER_RANGE,
    source="IAPWS SR6-08(2011)",
    density=water_density,
    heat_capacity=water_heat_capacity,
)

_EN_RANGE = (0.0, 99.5)
_EN_DENSITY = np.polynomial.Polynomial([999.85, 6.187e-2, -7.654e-3, 3.974e-5, -1.110e-7])
_EN_HEAT_CAPACITY = np.polynomial.Polynomial([4217.0, -3.358, 0.1089, -1.675e-3, 1.309e-5, -3.884e-8])

# For results that were evaluated with them. The density agrees with a second source; the heat capacity comes from
# memory and lies within 0.06 % of IAPWS-95 from 10 to 90 degC. Use WATER where no report asks for these.
WATER_EN_12975 = Fluid(
    name="water EN 12975-2",
    limits=_EN_RANGE,
    source="polynomials of EN 12975-2; those of the heat capacity are not confirmed",
    density=lambda temperature: _EN_DENSITY(_within(np.asarray(temperature), _EN_RANGE, "water EN 12975-2")),
    heat_capacity=lambda temperature: _EN_HEAT_CAPACITY(
        _within(np.asarray(temperature), _EN_RANGE, "water EN 12975-2")
    ),
)


def propylene_glycol(mass_fraction: float) -> Fluid:
    """Give the mixture of propylene glycol and water after Melinder, from its freezing point to 100 degC.

    mass_fraction: of glycol [1]. Raises ValueError above 0.6. See `protocols.glycol`.
    """
    return Fluid(
        name=f"propylene glycol {100.0 * mass_fraction:g} %",
        limits=(glycol.freezing_point(mass_fraction=mass_fraction), glycol.MOST_TEMPERATURE),
        source="Melinder 2010, as in the Modelica libraries of IBPSA",
        density=lambda temperature: glycol.density(mass_fraction=mass_fraction, temperature=temperature),
        heat_capacity=lambda temperature: glycol.heat_capacity(mass_fraction=mass_fraction, temperature=temperature),
    )


@dataclass(frozen=True, kw_only=True)
class TabulatedFluid(Fluid):
    """A heat carrier known by tables; polynomials were fitted to them.

    tabled: degC, where both tables reach; `limits` is wider by the extrapolation that was allowed.
    """

    tabled: tuple[float, float]
    density_residual: float  # largest deviation of the polynomial from the table, relative
    heat_capacity_residual: float


def tabulated(
    *,
    name: str,
    density: Sequence[tuple[float, float]],
    heat_capacity: Sequence[tuple[float, float]],
    source: str,
    extrapolation: float = 0.0,
) -> TabulatedFluid:
    """Fit a quadratic to a density table and a cubic to a heat-capacity table.

    density: pairs (degC, kg/m3).  heat_capacity: pairs (degC, J/(kg K)).  extrapolation: K, how far beyond its ends
    each table may be used. The fluid is valid where both may be used.
    Raises ValueError for a table with too few or non-positive values, or tables that do not overlap.
    """
    rho, rho_range, rho_residual = _fitted(density, 2, f"the density table of {name}")
    c_p, c_p_range, c_p_residual = _fitted(heat_capacity, 3, f"the heat-capacity table of {name}")
    tabled = (max(rho_range[0], c_p_range[0]), min(rho_range[1], c_p_range[1]))
    limits = (tabled[0] - extrapolation, tabled[1] + extrapolation)
    if not tabled[0] < tabled[1]:
        raise ValueError(f"the tables of {name} have no temperature in common; give both over the same range.")
    return TabulatedFluid(
        name=name,
        limits=limits,
        tabled=tabled,
        source=source,
        density=lambda temperature: rho(_within(np.asarray(temperature), limits, name)),
        heat_capacity=lambda temperature: c_p(_within(np.asarray(temperature), limits, name)),
        density_residual=rho_residual,
        heat_capacity_residual=c_p_residual,
    )


def _fitted(
    table: Sequence[tuple[float, float]], degree: int, what: str
) -> tuple[np.polynomial.Polynomial, tuple[float, float], float]:
    pairs = np.asarray(table, dtype=np.float64).reshape(-1, 2)
    temperature, value = pairs.T
    if np.unique(temperature).size < degree + 2 or not np.isfinite(pairs).all() or np.any(value <= 0):
        raise ValueError(f"{what} needs at least {degree + 2} different temperatures, all with positive values.")
    curve = np.polynomial.Polynomial.fit(temperature, value, degree)
    residual = float(np.max(np.abs(curve(temperature) / value - 1.0)))
    return curve, (float(temperature.min()), float(temperature.max())), residual


Pairs = Sequence[tuple[float, float]]

_GLYCOL = re.compile(r"propylene glycol (\d+(?:\.\d+)?) ?%")
_BY_NAME = {fluid.name: fluid for fluid in (WATER, WATER_EN_12975)}


def named(
    name: str, *, density: Pairs | None = None, heat_capacity: Pairs | None = None, extrapolation: float = 0.0
) -> Fluid:
    """Find the heat carrier of an item description.

    name: "water", "water EN 12975-2", "propylene glycol 30 %" (by mass, up to 60), or any name with both tables,
    which then count: density, pairs (degC, kg/m3), and heat_capacity, pairs (degC, J/(kg K)). extrapolation: K, beyond
    the ends of the tables.
    Raises NotEvaluable for a name that is not known and has no tables, for one table without the other, and for tables
    or a share of glycol that cannot be used.
    """
    share = _GLYCOL.fullmatch(name)
    try:
        if density is not None and heat_capacity is not None:
            return tabulated(
                name=name,
                density=density,
                heat_capacity=heat_capacity,
                source="the item description",
                extrapolation=extrapolation,
            )
        if density is None and heat_capacity is None and (share or name in _BY_NAME):
            return propylene_glycol(float(share[1]) / 100.0) if share else _BY_NAME[name]
    except ValueError as error:
        raise NotEvaluable(
            clause="Heliobench",
            sentence_en=f"The fluid {name!r} cannot be used: {error}",
            sentence_zh=f"工质“{name}”无法使用；请检查物性表的温度范围与数值，或丙二醇质量分数（不大于 60 %）。",
        ) from error
    raise NotEvaluable(
        clause="Heliobench",
        sentence_en=f"The fluid {name!r} is known only by its tables; give both fluid_density and fluid_heat_capacity, "
        f'or say {", ".join(_BY_NAME)} or "propylene glycol 30 %".',
        sentence_zh=f"工质“{name}”须给出 fluid_density 与 fluid_heat_capacity 两张表，"
        f"或写 {'、'.join(_BY_NAME)} 或 propylene glycol 30 %。",
    )
