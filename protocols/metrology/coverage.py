"""Degrees of freedom and coverage factors: how many standard uncertainties for a stated probability.

JCGM 100:2008, annex G [clause numbers unconfirmed].
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from protocols.metrology.distributions import t_ppf


def welch_satterthwaite(contributions: ArrayLike, dof: ArrayLike) -> float:
    """Give the effective degrees of freedom u^4/sum(u_i^4/nu_i), u^2 = sum u_i^2 (JCGM 100:2008 G.4.1).

    contributions: c_i u_i of components that are independent of each other; the formula does not hold otherwise.
    The result is not truncated; coverage_factor does that.
    """
    u, nu = np.broadcast_arrays(np.asarray(contributions, np.float64), np.asarray(dof, np.float64))
    if not np.isfinite(u).all():
        raise ValueError("a contribution to the uncertainty is not a finite number.")
    if not np.all(nu > 0.0):
        raise ValueError(f"degrees of freedom must be positive, inf included; given were {dof!r}.")
    weight = float(np.sum(u**4 / nu))
    return float(np.sum(u**2)) ** 2 / weight if weight > 0.0 else math.inf


def coverage_factor(*, probability: float, dof: float = math.inf) -> float:
    """Give t_p(dof), so that a share `probability` of t lies within +/- k; dof is truncated to the next lower integer.

    Truncation is the cautious way of JCGM 100:2008 G.4.1; it gives k = 2.92 for 99 % in example H.1, where rounding
    16.75 up would give 2.90. Raises ValueError for fewer than one degree of freedom.
    """
    if not 0.0 < probability < 1.0:
        raise ValueError(f"the coverage probability is {probability}; give a number between 0 and 1, e.g. 0.95.")
    if not dof >= 1.0:
        raise ValueError(
            f"{dof} effective degrees of freedom give no coverage factor; repeat the measurement more often."
        )
    return float(t_ppf(0.5 * (1.0 + probability), truncated(dof)))


def dof_of_reliability(relative: float) -> float:
    """Give the degrees of freedom (du/u)^-2/2 of an uncertainty that is itself uncertain by du/u.

    JCGM 100:2008 G.4.2, for uncertainties that are judged and not counted.
    """
    if not relative > 0.0:
        raise ValueError(
            f"the relative uncertainty of an uncertainty is {relative}; give a positive number, e.g. 0.25."
        )
    return 0.5 / relative**2


def truncated(dof: float) -> float:
    """Give the next lower integer; what lies below an integer by rounding errors only is that integer."""
    return dof if math.isinf(dof) else math.floor(dof * (1.0 + 1e-12))
