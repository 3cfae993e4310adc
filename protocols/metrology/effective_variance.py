"""Linear models in several regressors that are uncertain too: weights that depend on the coefficients themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.fits import Fit, linear
from protocols.metrology.distributions import chi2_sf

Array = NDArray[np.float64]

_STEPS = 100
_SETTLED = 1e-10  # change of a coefficient over its standard error
_ROUNDING = 1e-13  # change of a coefficient over itself


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedFit:
    """A fit whose weights follow from its own coefficients.

    fit: the last weighted fit; its covariance comes from the uncertainties given and not from the scatter.
    chi2: sum of weighted squares.  goodness: probability of a larger chi2 with fit.dof degrees of freedom; close to 1
    it tells that errors common to all points were entered as independent.  steps: weighted fits until nothing changed.
    """

    fit: Fit
    chi2: float
    goodness: float
    steps: int


def effective_variance(
    design: ArrayLike, response: ArrayLike, *, names: Sequence[str], u_response: ArrayLike, u_design: ArrayLike
) -> WeightedFit:
    """Fit y = X c with uncertain y and X, every error independent of every other.

    Minimises sum (y_j - X_j c)^2/u_j^2, u_j^2 = u^2(y_j) + sum c_m^2 u^2(x_mj), with u_j of the coefficients before,
    starting from ordinary least squares.  design: (points, terms); response: (points,); u_response, u_design: standard
    uncertainties of the shapes of these, or one for all.
    EN 12975-2 Annex K [formulas unconfirmed]; E. Mathioulakis et al., Solar Energy 66 (1999) 337. The weights are held
    while the coefficients are fitted, as there; the least of chi2 with weights that move is elsewhere by second order.
    Errors common to all points are not independent: see `generalised`.
    Raises what `fits.linear` raises, so for a point without any uncertainty; ValueError after 100 steps.
    """
    x, y = np.asarray(design, dtype=np.float64), np.asarray(response, dtype=np.float64)
    squares_y, squares_x = _squares(u_response, y.shape), _squares(u_design, x.shape)

    def refitted(values: Array) -> Fit:
        return linear(x, y, names=names, standard_uncertainty=np.sqrt(squares_y + squares_x @ values**2))

    return _iterated(refitted, linear(x, y, names=names).values)


def generalised(
    design: ArrayLike, response: ArrayLike, *, names: Sequence[str], covariance: Callable[[Array], Array]
) -> WeightedFit:
    """Fit y = X c when the covariance of the residuals y - X c depends on the coefficients.

    covariance: gives V(c), (points, points), for coefficients in the order of names; with errors common to all points
    and independent ones of variance d,  V = diag(d) + sum g_k g_k',  g_k = dy_k - dX_k c.  V is that of the
    coefficients before, starting from ordinary least squares.  c = (X' V^-1 X)^-1 X' V^-1 y.
    A common error in proportion to the response pulls such a fit towards small values (R. W. Peelle's puzzle) when V is
    made from the measured response; make it from the fitted one, X c, which the argument is for.
    Raises what `fits.linear` raises; ValueError after 100 steps.
    """
    x, y = np.asarray(design, dtype=np.float64), np.asarray(response, dtype=np.float64)
    return _iterated(
        lambda values: linear(x, y, names=names, covariance=covariance(values)), linear(x, y, names=names).values
    )


def prediction_uncertainty(fit: Fit, regressors: ArrayLike, *, u_regressors: ArrayLike = 0.0) -> float:
    """Give u of the value p c at new regressors p: u^2 = p Z p' + sum c_m^2 u^2(p_m), Z the covariance of c.

    regressors: (terms,).  u_regressors: their standard uncertainties, independent of each other and of the fit.
    EN 12975-2 Annex K [formulas unconfirmed].
    """
    p, u = np.asarray(regressors, dtype=np.float64), np.asarray(u_regressors, dtype=np.float64)
    return float(np.sqrt(p @ fit.covariance @ p + np.sum(fit.values**2 * u**2)))


def _squares(u: ArrayLike, shape: tuple[int, ...]) -> Array:
    given = np.asarray(u, dtype=np.float64)
    if given.shape not in ((), shape) or not np.all((given >= 0) & np.isfinite(given)):
        raise ValueError(f"standard uncertainties must be numbers from 0 of the shape {shape}, or one for all.")
    return np.broadcast_to(given**2, shape)


def _iterated(refitted: Callable[[Array], Fit], start: Array) -> WeightedFit:
    before = start
    for step in range(1, _STEPS + 1):
        fit = refitted(before)
        if np.all(np.abs(fit.values - before) <= _SETTLED * fit.standard_errors + _ROUNDING * np.abs(before)):
            chi2 = fit.residual_sd**2 * fit.dof
            return WeightedFit(fit=fit, chi2=chi2, goodness=float(chi2_sf(chi2, fit.dof)), steps=step)
        before = fit.values
    raise ValueError(f"the weights did not settle in {_STEPS} steps; the regressors are too uncertain for this model.")
