"""Fit a form of the incidence angle modifier to values measured at some angles, with its uncertainty.

The values of one test share the errors of its sensors: give their full covariance then, not standard uncertainties.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols import fits
from protocols.collectors.modifier import Ambrosetti, TwoTerm, Uniaxial

Array = NDArray[np.float64]

_STEPS = 100
_CONVERGED = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedModifier:
    """A modifier fitted to measured values.

    modifier: the form.  names: of its parameters.  values, covariance: of them, [1]; propagated from the uncertainties
    given, else from the residuals.  residuals: measured minus fitted K [1].
    """

    modifier: Uniaxial
    names: tuple[str, ...]
    values: Array
    covariance: Array
    residuals: Array

    @property
    def standard_uncertainties(self) -> Mapping[str, float]:
        """Give the standard uncertainty of each parameter by its name."""
        return dict(zip(self.names, np.sqrt(np.diag(self.covariance)).tolist(), strict=True))


def fit_b0(
    *,
    theta: ArrayLike,
    K: ArrayLike,
    standard_uncertainty: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
) -> FittedModifier:
    """Fit K = 1 - b0 (1/cos(theta) - 1) by least squares.

    theta: angles of incidence [deg], 0 up to below 90.  K: measured modifiers [1] at them.  standard_uncertainty or
    covariance: of K [1], (points) or (points, points).
    Raises ValueError for an angle or value that is missing or impossible, for angles that cannot identify b0, and for
    as many coefficients as points (for one K at 50 deg see `incidence_modifier.b0_from_k50`).
    """
    x, measured = _excess(theta, K)
    fit = _linear(-x[:, None], measured - 1.0, ("b0",), standard_uncertainty, covariance)
    return _fitted(TwoTerm(b0=float(fit.values[0])), fit, theta, measured)


def fit_two_term(
    *,
    theta: ArrayLike,
    K: ArrayLike,
    standard_uncertainty: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
) -> FittedModifier:
    """Fit K = 1 - b0 x - b1 x^2, x = 1/cos(theta) - 1; arguments and errors as of `fit_b0`."""
    x, measured = _excess(theta, K)
    design = np.column_stack([-x, -(x**2)])
    fit = _linear(design, measured - 1.0, ("b0", "b1"), standard_uncertainty, covariance)
    return _fitted(TwoTerm(b0=float(fit.values[0]), b1=float(fit.values[1])), fit, theta, measured)


def fit_ambrosetti(
    *,
    theta: ArrayLike,
    K: ArrayLike,
    standard_uncertainty: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
) -> FittedModifier:
    """Fit K = 1 - tan(theta/2)^kappa by Gauss-Newton; arguments and errors as of `fit_b0`.

    Raises ValueError, too, where no value of kappa fits: no K between 0 and 1, or steps that do not end.
    """
    _, measured = _excess(theta, K)
    t = np.tan(np.radians(np.asarray(theta, dtype=np.float64)) / 2.0)
    useful = (t > 0) & (measured < 1.0) & (measured > 0.0)
    if not useful.any():
        raise ValueError("no modifier lies between 0 and 1 at an angle above 0 deg; kappa cannot be found from these.")
    kappa = float(np.median(np.log(1.0 - measured[useful]) / np.log(t[useful])))
    for _ in range(_STEPS):
        fall = np.where(t > 0, t**kappa, 0.0)
        slope = fall * np.log(np.where(t > 0, t, 1.0))
        step = _linear(-slope[:, None], measured - 1.0 + fall, ("kappa",), standard_uncertainty, covariance)
        kappa = max(kappa + float(step.values[0]), kappa / 2.0)
        if abs(step.values[0]) <= _CONVERGED * kappa:
            return _fitted(Ambrosetti(kappa=kappa), step, theta, measured, values=np.array([kappa]))
    raise ValueError(f"kappa does not settle within {_STEPS} steps; the values do not follow Ambrosetti's form.")


def _excess(theta: ArrayLike, K: ArrayLike) -> tuple[Array, Array]:
    angles, measured = (np.asarray(each, dtype=np.float64) for each in (theta, K))
    if angles.ndim != 1 or angles.shape != measured.shape or not np.isfinite(measured).all():
        raise ValueError("a fit of modifiers needs one number for each angle; give both lists, without gaps.")
    wrong = angles[~((angles >= 0.0) & (angles < 90.0))]
    if wrong.size:
        raise ValueError(f"the angle {wrong[0]:g} deg tells nothing of a modifier; give angles from 0 to below 90 deg.")
    return 1.0 / np.cos(np.radians(angles)) - 1.0, measured


def _linear(
    design: Array,
    response: Array,
    names: tuple[str, ...],
    standard_uncertainty: ArrayLike | None,
    covariance: ArrayLike | None,
) -> fits.Fit:
    return fits.linear(design, response, names=names, standard_uncertainty=standard_uncertainty, covariance=covariance)


def _fitted(
    modifier: Uniaxial, fit: fits.Fit, theta: ArrayLike, measured: Array, values: Array | None = None
) -> FittedModifier:
    return FittedModifier(
        modifier=modifier,
        names=fit.names,
        values=fit.values if values is None else values,
        covariance=fit.covariance,
        residuals=measured - modifier.curve(np.asarray(theta, dtype=np.float64)),
    )
