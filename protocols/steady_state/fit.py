"""The fit of steady points: coefficients with random, common and total uncertainty, and points unlike the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.metrology.selection import Dropped, eliminate
from protocols.record import Common
from protocols.steady_state.model import (
    Circuit,
    Effect,
    Model,
    Regression,
    common_effects,
    propagated,
    regression,
    type_a,
)
from protocols.uncertainty import Budget, budget, transformed, widest

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_ITERATIONS = 50


@dataclass(frozen=True, kw_only=True)
class SteadyFit:
    """A fit of steady points.

    data: regressors and response of the points.  fit: of the terms kept.  terms: all of the model, 0 where dropped.
    values, budget: of the coefficients.  propagated: for each coefficient whether the uncertainty stated for the
    points gave a larger random part than the scatter about the fit.  type_a: of a point, W/m2.  independent: standard
    uncertainties as the usual weighting states them, as if every error were new at each point.
    """

    data: Regression
    fit: fits.Fit
    dropped: tuple[Dropped, ...]
    terms: Array
    values: Array
    budget: Budget
    propagated: Flags
    type_a: float
    independent: Array

    @property
    def fitted(self) -> Array:
        """Give the power of each point by the model, W/m2."""
        return self.data.design @ self.terms


def fit_points(
    *,
    model: Model,
    blocks: Mapping[str, Array],
    circuit: Circuit,
    causes: Sequence[Common],
    t_ratio_min: float,
    by_efficiency: bool = False,
) -> SteadyFit:
    """Fit a steady-state model to points by ordinary least squares of power per area.

    blocks: symbol -> (points, samples).  causes: standard uncertainties common to all points.  by_efficiency: minimise
    the error of power/G instead of that of power (EN 12975-2, GB/T 4271-2007 practice).
    The random uncertainty is the larger of the scatter about the fit and what the scatter within the points makes.
    Raises what `fits.linear` raises.
    """
    data = regression(model=model, blocks=blocks, circuit=circuit)
    scale = 1.0 / blocks["G"].mean(axis=1) if by_efficiency else np.ones(data.response.size)
    design, response = data.design * scale[:, None], data.response * scale
    fit, dropped = eliminate(
        design,
        response,
        names=model.terms,
        keep=model.keep,
        t_ratio_min=t_ratio_min,
        non_negative=model.non_negative,
    )
    kept = [model.terms.index(name) for name in fit.names]
    terms = np.zeros(len(model.terms))
    terms[kept] = fit.values
    within = type_a(model=model, blocks=blocks, circuit=circuit, terms=terms)
    random = [Effect(cause="scatter within the points", response=within * scale)]
    common = [
        _scaled(each, scale)
        for each in common_effects(model=model, blocks=blocks, circuit=circuit, causes=causes, terms=fit.names)
    ]
    stated = propagated(design=design[:, kept], response=response, values=fit.values, random=random, common=common)
    weighted = independent(design=design[:, kept], response=response, names=fit.names, effects=[*random, *common])
    jacobian = model.jacobian(terms)[:, kept]
    spread, larger = _widest(transformed(fit.covariance, jacobian), transformed(stated.random, jacobian))
    return SteadyFit(
        data=data,
        fit=fit,
        dropped=dropped,
        terms=terms,
        values=model.values(terms),
        budget=budget(random=spread, shifts={cause: jacobian @ shift for cause, shift in stated.shifts.items()}),
        propagated=larger,
        type_a=within,
        independent=np.sqrt(np.diag(transformed(weighted.covariance, jacobian))),
    )


def _scaled(effect: Effect, scale: Array) -> Effect:
    design = None if effect.design is None else effect.design * scale[:, None]
    return Effect(cause=effect.cause, response=effect.response * scale, design=design)


def _widest(first: Array, second: Array) -> tuple[Array, Flags]:
    """`widest` for the coefficients that have a variance; a dropped one has none to compare."""
    kept = np.flatnonzero(np.diag(first) > 0)
    inner = np.ix_(kept, kept)
    covariance, larger = first.copy(), np.zeros(first.shape[0], dtype=bool)
    if kept.size:
        covariance[inner], larger[kept] = widest(first[inner], second[inner])
    return covariance, larger


def independent(*, design: Array, response: Array, names: Sequence[str], effects: Sequence[Effect]) -> fits.Fit:
    """Fit as if every error were independent, from point to point and between response and regressors.

    The usual weighted least squares of EN 12975-2 Annex K (Mathioulakis et al., Solar Energy 66 (1999) 337): minimise
    sum (q - X c)^2/u^2 with u^2 = u^2(q) + sum c_m^2 u^2(X_m), u of the coefficients of the step before. It is here
    to be compared with: an error common to all points does not average out, so that its u is too small for eta0.
    effects: of which u^2 of response and regressors is made.  Without any effect the fit is ordinary.
    Raises ValueError when the coefficients do not settle within 50 steps.
    """
    fit = fits.linear(design, response, names=names)
    squared = sum((each.response**2 for each in effects), np.zeros(response.size))
    pulled = sum((each.design**2 for each in effects if each.design is not None), np.zeros(design.shape))
    if not np.all(squared + pulled @ fit.values**2 > 0):
        return fit
    for _ in range(_ITERATIONS):
        before = fit.values
        error = np.sqrt(squared + pulled @ before**2)
        fit = fits.linear(design, response, names=names, standard_uncertainty=error)
        if np.all(np.abs(fit.values - before) <= 1e-12 * np.abs(before)):
            return fit
    raise ValueError(f"the weighted fit did not settle within {_ITERATIONS} steps; check the uncertainties stated.")
