"""The quasi-dynamic collector model: its regressors, its fit, and the uncertainty of its coefficients.

    Q/A_G = eta0b Kb Gb + eta0b Kd Gd - a1 (tm - ta) - a2 (tm - ta)^2 - a5 dtm/dt,   Kb = 1 - b0 (1/cos(theta) - 1)

It is linear in eta0b, eta0b b0, eta0b Kd, a1, a2 and a5. Regressors and power are formed sample by sample and then
averaged, so that means of products are used and not products of means; dtm/dt is taken from the first and the
last sample of a window.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.fluids import Fluid
from protocols.record import Common
from protocols.selection import Dropped as Dropped
from protocols.selection import eliminate
from protocols.uncertainty import Budget, block_bootstrap, budget, transformed, widest

Array = NDArray[np.float64]

LINEAR = ("eta0b", "eta0b*b0", "eta0b*Kd", "a1", "a2", "a5")
COEFFICIENTS = ("eta0b", "b0", "Kd", "a1", "a2", "a5")

_RESAMPLES = 1000
_SEED = 9806  # fixed: the same record gives the same digits


@dataclass(frozen=True, kw_only=True)
class Plant:
    """What the model needs to know of the test item: gross area [m2], fluid, where the flow is metered, samples."""

    area: float
    fluid: Fluid
    meter: str  # "inlet" or "outlet"
    interval: float  # s between samples


@dataclass(frozen=True, kw_only=True)
class Regression:
    """Window means: design in the order of LINEAR, response in W/m2, and what a plot wants beside them."""

    design: Array
    response: Array
    mass_flow: Array


def regression(*, blocks: Mapping[str, Array], excess: Array, plant: Plant) -> Regression:
    """Form the regressors of every window.

    blocks: symbol -> (windows, samples).  excess: 1/cos(theta) - 1 of each sample.
    Temperatures outside the range of the fluid are taken at its end: the caller refuses such windows.
    """
    t_in, t_out = blocks["t_in"], blocks["t_out"]
    low, high = plant.fluid.limits
    inside_in, inside_out = np.clip(t_in, low, high), np.clip(t_out, low, high)
    mass_flow = blocks["V_dot"] * plant.fluid.density(inside_in if plant.meter == "inlet" else inside_out)
    power = mass_flow * plant.fluid.enthalpy_rise(t_in=inside_in, t_out=inside_out)
    beam = blocks["G"] - blocks["Gd"]
    mean_fluid = (t_in + t_out) / 2.0
    above = mean_fluid - blocks["t_amb"]
    columns = (beam, -excess * beam, blocks["Gd"], -above, -(above**2))
    rate = rate_of_change(mean_fluid, plant.interval)
    return Regression(
        design=np.column_stack([*(each.mean(axis=1) for each in columns), -rate]),
        response=power.mean(axis=1) / plant.area,
        mass_flow=mass_flow.mean(axis=1),
    )


def rate_of_change(values: Array, interval: float) -> Array:
    """Give (last - first)/(time between them) of each window, in the unit of the values per s."""
    span = (values.shape[1] - 1) * interval
    return (values[:, -1] - values[:, 0]) / span if span > 0 else np.full(values.shape[0], np.nan)


def eliminated(*, data: Regression, t_ratio_min: float) -> tuple[fits.Fit, tuple[Dropped, ...]]:
    """Fit, and set to zero one after another a negative a2 and every term whose |t-ratio| is below the limit.

    eta0b always stays. Raises what `fits.linear` raises.
    """
    return eliminate(
        data.design, data.response, names=LINEAR, keep=("eta0b",), t_ratio_min=t_ratio_min, non_negative=("a2",)
    )


def _places(names: Sequence[str]) -> list[int]:
    return [LINEAR.index(name) for name in names]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Coefficients in the order of COEFFICIENTS (0 where a term was dropped) with their uncertainties.

    budget: covariances of the coefficients.  ordinary: standard errors of ordinary least squares.  bootstrapped:
    whether the day-block bootstrap gave the larger random uncertainty.  t_ratios: of the linear terms.
    """

    values: Array
    budget: Budget
    ordinary: Array
    bootstrapped: NDArray[np.bool_]
    t_ratios: Array


def estimate(
    *,
    fit: fits.Fit,
    data: Regression,
    days: Array | None,
    shifts: Mapping[str, Array],
) -> Estimate:
    """Turn the linear fit into eta0b, b0, Kd, a1, a2, a5 with random and common uncertainty.

    days: the day of each window for the bootstrap, None to leave it out.  shifts: cause -> change of the linear
    terms of `fit` by one standard uncertainty.
    """
    kept = _places(fit.names)
    linear_values = np.zeros(len(LINEAR))
    linear_values[kept] = fit.values
    jacobian = _jacobian(linear_values)[:, kept]
    random = transformed(fit.covariance, jacobian)
    ordinary = np.sqrt(np.diag(random))
    bootstrapped = np.zeros(len(LINEAR), dtype=bool)
    if days is not None:
        resampled = block_bootstrap(
            design=data.design[:, kept], response=data.response, blocks=days, resamples=_RESAMPLES, seed=_SEED
        )
        random, bootstrapped = _widest(random, transformed(resampled, jacobian), kept)
    t_ratios = np.full(len(LINEAR), np.nan)
    t_ratios[kept] = fit.t_ratios
    return Estimate(
        values=_coefficients(linear_values),
        budget=budget(random=random, shifts={cause: jacobian @ shift for cause, shift in shifts.items()}),
        ordinary=ordinary,
        bootstrapped=bootstrapped,
        t_ratios=t_ratios,
    )


def _coefficients(linear_values: Array) -> Array:
    values = linear_values.copy()
    values[1:3] = linear_values[1:3] / linear_values[0]
    return values


def _jacobian(linear_values: Array) -> Array:
    eta0b = linear_values[0]
    jacobian = np.eye(len(LINEAR))
    for row in (1, 2):
        jacobian[row, 0] = -linear_values[row] / eta0b**2
        jacobian[row, row] = 1.0 / eta0b
    return jacobian


def _widest(first: Array, second: Array, kept: list[int]) -> tuple[Array, NDArray[np.bool_]]:
    """`widest` for the coefficients kept; a dropped one has no variance to compare."""
    inner = np.ix_(kept, kept)
    covariance, larger = np.zeros_like(first), np.zeros(first.shape[0], dtype=bool)
    covariance[inner], larger[kept] = widest(first[inner], second[inner])
    return covariance, larger


def common_shifts(
    *,
    fit: fits.Fit,
    data: Regression,
    blocks: Mapping[str, Array],
    excess: Array,
    plant: Plant,
    causes: Sequence[Common],
) -> dict[str, Array]:
    """Give for every common cause the change H g of the linear terms, g = dq - dX c for one standard uncertainty.

    blocks, excess, data: of the windows used. Causes that the model does not contain are left out;
    two of one symbol, and the absolute and relative part of one, are independent.
    """
    kept = _places(fit.names)
    h = fits.operator(data.design[:, kept])
    shifts: dict[str, Array] = {}
    for number, cause in enumerate(causes, start=1):
        for kind in ("absolute", "relative"):
            moved = _moved(data, blocks, excess, plant, cause.symbol, **{kind: getattr(cause, kind)})
            if moved is not None:
                error = moved.response - data.response - (moved.design - data.design)[:, kept] @ fit.values
                shifts[f"{number} {cause.symbol} {kind}"] = h @ error
    return shifts


def _moved(
    data: Regression,
    blocks: Mapping[str, Array],
    excess: Array,
    plant: Plant,
    symbol: str,
    *,
    absolute: float = 0.0,
    relative: float = 0.0,
) -> Regression | None:
    """Form the regression again with one quantity off by its standard uncertainty; None if that moves nothing."""
    if not absolute and not relative:
        return None
    if symbol in ("A_G", "rho", "c_p"):
        factor = 1.0 + relative + absolute / _typical(symbol, blocks, plant)
        response = data.response / factor if symbol == "A_G" else data.response * factor
        return Regression(design=data.design, response=response, mass_flow=data.mass_flow)
    if symbol not in ("G", "Gd", "t_in", "t_out", "t_amb", "V_dot"):
        return None
    values = blocks[symbol] * (1.0 + relative) + absolute
    return regression(blocks={**blocks, symbol: values}, excess=excess, plant=plant)


def _typical(symbol: str, blocks: Mapping[str, Array], plant: Plant) -> float:
    if symbol == "A_G":
        return plant.area
    middle = np.clip(np.mean(blocks["t_in"] + blocks["t_out"]) / 2.0, *plant.fluid.limits)
    known = plant.fluid.density if symbol == "rho" else plant.fluid.heat_capacity
    return float(known(middle))
