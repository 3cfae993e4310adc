"""The quasi-dynamic collector model as a linear regression: its design, its fit, and the uncertainty of the result.

The model is linear in eta0b, eta0b times the modifiers, and a1 to a8 (protocols/quasidynamic/terms.py). Regressors and
power are formed sample by sample and then averaged, so that means of products are used and not products of means;
dtm/dt is taken from the first and the last sample of a window.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.fluids import Fluid
from protocols.metrology.selection import Dropped, eliminate
from protocols.quasidynamic.terms import Model, Samples
from protocols.record import Common
from protocols.uncertainty import Budget, block_bootstrap, block_jackknife, budget, transformed, widest

Array = NDArray[np.float64]

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
    """Window means: design in the order of the model's terms, response in W/m2, and mass flow in kg/s."""

    design: Array
    response: Array
    mass_flow: Array


def regression(*, model: Model, blocks: Mapping[str, Array], cosine: Array, plant: Plant) -> Regression:
    """Form the regressors of every window.

    blocks: symbol -> (windows, samples).  cosine: of the angle of incidence of each sample.
    Temperatures outside the range of the fluid are taken at its end: the caller refuses such windows.
    """
    t_in, t_out = blocks["t_in"], blocks["t_out"]
    low, high = plant.fluid.limits
    inside_in, inside_out = np.clip(t_in, low, high), np.clip(t_out, low, high)
    mass_flow = blocks["V_dot"] * plant.fluid.density(inside_in if plant.meter == "inlet" else inside_out)
    power = mass_flow * plant.fluid.enthalpy_rise(t_in=inside_in, t_out=inside_out)
    samples = Samples(blocks=blocks, cosine=cosine, interval=plant.interval)
    return Regression(
        design=np.column_stack([term.regressor(samples) for term in model.terms]),
        response=power.mean(axis=1) / plant.area,
        mass_flow=mass_flow.mean(axis=1),
    )


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is left to fit when some coefficients are known: `names` are the linear parameters that are free."""

    names: tuple[str, ...]
    design: Array
    response: Array

    def places(self, names: Sequence[str]) -> list[int]:
        """Give the columns of some of the names."""
        return [self.names.index(name) for name in names]


def problem(*, model: Model, data: Regression, fixed: Mapping[str, float]) -> Problem:
    """Take known coefficients out of the regression.

    fixed: symbol -> value. A known modifier adds its column to the one of eta0b, because both share the parameter;
    a known a1 to a8 moves its part of the power to the left-hand side.
    """
    design, response = data.design, data.response
    for place, term in enumerate(model.terms):
        if term.symbol in fixed:
            known = fixed[term.symbol] * data.design[:, place]
            if term.of_peak:
                design = np.column_stack([design[:, 0] + known, design[:, 1:]])
            else:
                response = response - known
    free = [place for place, term in enumerate(model.terms) if term.symbol not in fixed]
    return Problem(
        names=tuple(model.terms[place].name for place in free),
        design=design[:, free] if fixed else design,
        response=response,
    )


def eliminated(*, model: Model, left: Problem, t_ratio_min: float) -> tuple[fits.Fit, tuple[Dropped, ...]]:
    """Fit, and set to zero one after another a negative a2 or a8 and every term whose |t-ratio| is below the limit.

    eta0b and the nodes of a modifier's table always stay. Raises what `fits.linear` raises.
    """
    free = [term for term in model.terms if term.name in left.names]
    return eliminate(
        left.design,
        left.response,
        names=left.names,
        keep=[term.name for term in free if term.stays],
        non_negative=[term.name for term in free if term.non_negative],
        t_ratio_min=t_ratio_min,
    )


def linear_values(*, model: Model, fit: fits.Fit, fixed: Mapping[str, float]) -> Array:
    """Give every linear parameter of the model: fitted, known, or 0 where it was dropped."""
    fitted = dict(zip(fit.names, fit.values.tolist(), strict=True))
    known = {
        term.name: fixed[term.symbol] * (fitted["eta0b"] if term.of_peak else 1.0)
        for term in model.terms
        if term.symbol in fixed
    }
    return np.array([fitted.get(name, known.get(name, 0.0)) for name in model.names])


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Coefficients in the order of the model's terms (0 where a term was dropped) with their uncertainties.

    budget: covariances of the coefficients.  ordinary: standard errors of ordinary least squares.  by_days: whether
    the scatter of whole days gave the larger random uncertainty.  dof: of that uncertainty where it is by days.
    t_ratios: of the linear parameters.
    A coefficient that was given or dropped has no uncertainty and no t-ratio.
    """

    values: Array
    budget: Budget
    ordinary: Array
    by_days: NDArray[np.bool_]
    dof: float
    t_ratios: Array


def estimate(
    *,
    model: Model,
    fit: fits.Fit,
    left: Problem,
    fixed: Mapping[str, float],
    days: Array | None,
    shifts: Mapping[str, Array],
    few: bool = False,
) -> Estimate:
    """Turn the linear fit into the coefficients of the model with random and common uncertainty.

    days: the day of each window, None for ordinary least squares alone.  shifts: cause -> change of the linear
    parameters of `fit` by one standard uncertainty.  few: whether the days are too few to draw among them, so that
    one after another is left out instead.
    Raises ValueError when the days drawn, or left, do not identify the parameters.
    """
    kept = [model.names.index(name) for name in fit.names]
    linear = linear_values(model=model, fit=fit, fixed=fixed)
    jacobian = _jacobian(model, linear, fixed)[:, kept]
    random = transformed(fit.covariance, jacobian)
    ordinary = np.sqrt(np.diag(random))
    by_days, dof = np.zeros(linear.size, dtype=bool), np.inf
    if days is not None:
        scatter, dof = _scatter(left.design[:, left.places(fit.names)], left.response, days, few)
        random, by_days = _widest(random, transformed(scatter, jacobian), kept)
    t_ratios = np.full(linear.size, np.nan)
    t_ratios[kept] = fit.t_ratios
    return Estimate(
        values=_coefficients(model, linear, fixed),
        budget=budget(random=random, shifts={cause: jacobian @ shift for cause, shift in shifts.items()}),
        ordinary=ordinary,
        by_days=by_days,
        dof=dof,
        t_ratios=t_ratios,
    )


def _scatter(design: Array, response: Array, days: Array, few: bool) -> tuple[Array, float]:
    """Give the covariance of the linear parameters by the scatter of days, and the degrees of freedom it is given."""
    if few:
        return block_jackknife(design=design, response=response, blocks=days), np.unique(days).size - 1.0
    drawn = block_bootstrap(design=design, response=response, blocks=days, resamples=_RESAMPLES, seed=_SEED)
    return drawn, np.inf


def _coefficients(model: Model, linear: Array, fixed: Mapping[str, float]) -> Array:
    found = [value / linear[0] if term.of_peak else value for term, value in zip(model.terms, linear, strict=True)]
    return np.array([fixed.get(symbol, value) for symbol, value in zip(model.symbols, found, strict=True)])


def _jacobian(model: Model, linear: Array, fixed: Mapping[str, float]) -> Array:
    """Give d(coefficient)/d(linear parameter); a known modifier does not depend on eta0b."""
    eta0b = linear[0]
    jacobian = np.eye(linear.size)
    for row, term in enumerate(model.terms):
        if term.of_peak and term.symbol not in fixed:
            jacobian[row, 0] = -linear[row] / eta0b**2
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
    model: Model,
    fit: fits.Fit,
    data: Regression,
    fixed: Mapping[str, float],
    blocks: Mapping[str, Array],
    cosine: Array,
    plant: Plant,
    causes: Sequence[Common],
) -> dict[str, Array]:
    """Give for every common cause the change H g of the linear parameters, g = dq - dX c for one standard uncertainty.

    blocks, cosine, data: of the windows used. Causes that the model does not contain are left out;
    two of one symbol, and the absolute and relative part of one, are independent.
    """
    left = problem(model=model, data=data, fixed=fixed)
    kept = left.places(fit.names)
    h = fits.operator(left.design[:, kept])
    shifts: dict[str, Array] = {}
    for number, cause in enumerate(causes, start=1):
        for kind in ("absolute", "relative"):
            moved = _moved(model, data, blocks, cosine, plant, cause.symbol, **{kind: getattr(cause, kind)})
            if moved is not None:
                off = problem(model=model, data=moved, fixed=fixed)
                error = off.response - left.response - (off.design - left.design)[:, kept] @ fit.values
                shifts[f"{number} {cause.symbol} {kind}"] = h @ error
    return shifts


def _moved(
    model: Model,
    data: Regression,
    blocks: Mapping[str, Array],
    cosine: Array,
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
    if symbol not in model.needs:
        return None
    values = blocks[symbol] * (1.0 + relative) + absolute
    return regression(model=model, blocks={**blocks, symbol: values}, cosine=cosine, plant=plant)


def _typical(symbol: str, blocks: Mapping[str, Array], plant: Plant) -> float:
    if symbol == "A_G":
        return plant.area
    middle = np.clip(np.mean(blocks["t_in"] + blocks["t_out"]) / 2.0, *plant.fluid.limits)
    known = plant.fluid.density if symbol == "rho" else plant.fluid.heat_capacity
    return float(known(middle))
