"""Quantities that figures show and no standard's file returns: points reduced to one condition, bands of a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

COVERAGE = 2.0
"""Coverage factor of every band drawn (about 95 %), as on the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Coefficients by symbol with their covariance; a coefficient that was not fitted counts as zero."""

    values: Mapping[str, float]
    covariance: Array
    order: tuple[str, ...]

    def __getitem__(self, symbol: str) -> float:
        return self.values.get(symbol, 0.0)

    def band(self, gradients: Mapping[str, Array]) -> Array:
        """Half width k·u of a curve whose derivatives by the named coefficients are given."""
        size = next(iter(gradients.values())).size
        jacobian = np.zeros((size, len(self.order)))
        for symbol, gradient in gradients.items():
            if symbol in self.order:
                jacobian[:, self.order.index(symbol)] = gradient
        variance = np.einsum("ij,jk,ik->i", jacobian, self.covariance, jacobian)
        return np.asarray(COVERAGE * np.sqrt(np.maximum(variance, 0.0)), dtype=np.float64)


def fit_of(outcome: Mapping[str, Any]) -> Fit:
    """The fit in an outcome (schema heliobench.outcome/1); null in the covariance counts as no contribution."""
    order = tuple(c["symbol"] for c in outcome["coefficients"])
    values = {c["symbol"]: float(c["value"]) for c in outcome["coefficients"]}
    covariance = np.nan_to_num(np.array(outcome["covariance"], dtype=np.float64))
    return Fit(values=values, covariance=covariance, order=order)


def column(values: Sequence[float | None]) -> Array:
    """A column of the outcome as an array; null becomes NaN."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def beam_modifier(theta: Array, b0: float) -> Array:
    """Incidence-angle modifier of the beam, K_b = 1 - b0 (1/cos θ - 1); theta [deg] (ISO 9806:2017, clause 26)."""
    return 1.0 - b0 * angle_term(theta)


def angle_term(theta: Array) -> Array:
    """1/cos θ - 1 of an angle of incidence theta [deg] below 90°."""
    return np.asarray(1.0 / np.cos(np.radians(theta)) - 1.0, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Efficiency:
    """Points of an efficiency curve at steady state and normal incidence, for one irradiance [W/m2]."""

    reduced_difference: Array
    efficiency: Array
    irradiance: float


def reduced_efficiency(points: Mapping[str, Array], fit: Fit) -> Efficiency:
    """Bring each point to normal incidence, steady state and one irradiance, by the fitted model itself.

    G* = (q_fitted + a1 ΔT + a2 ΔT² + a5 dϑm/dt)/η0,b is the window's mean of K_b G_b + K_d G_d (the modifier of the
    mean angle would miss it by the curvature within a long window); x = ΔT/G*;
    η = (q + a5 dϑm/dt)/G* + a2 x² (G* - G_ref), with G_ref the median of G*.
    A point then lies off the curve η0,b - a1 x - a2 G_ref x² by exactly its residual over G*.
    """
    difference, rate = points["tm_minus_ta"], points["dtm_dt"]
    losses = fit["a1"] * difference + fit["a2"] * difference**2 + fit["a5"] * rate
    effective = (points["q_fitted"] + losses) / fit["eta0b"]
    reference = float(np.median(effective))
    x = difference / effective
    eta = (points["q_measured"] + fit["a5"] * rate) / effective + fit["a2"] * x**2 * (effective - reference)
    return Efficiency(reduced_difference=x, efficiency=eta, irradiance=reference)


def measured_modifier(points: Mapping[str, Array], fit: Fit) -> Array:
    """K_b as each point has it: the fitted K_b(θ) plus the point's residual over η0,b G_b (a partial residual)."""
    modifier = beam_modifier(points["theta"], fit["b0"])
    return np.asarray(modifier + points["residual"] / (fit["eta0b"] * points["Gb"]), dtype=np.float64)
