"""Proficiency testing: assigned values, the standard deviation to judge by, and scores (ISO 13528:2022).

The text of the standard has not been read for this file; formulas and clause numbers come from secondary sources and
reproduce the numbers printed in its Annex E (see the tests). The consensus of participants' results is in
`protocols.statistics.consensus`, homogeneity and stability of the items in `protocols.statistics.homogeneity`.

Scores take one result or all of a round at once; every quantity of one call is in one unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.statistics.samples import positive, sample

Array = NDArray[np.float64]

_NEGLIGIBLE = {"sigma_pt": 0.3, "delta_E": 0.1}  # ISO 13528:2022, 9.2.1: largest u(x_pt) over either
_QUESTIONABLE, _UNSATISFACTORY = 2.0, 3.0  # 9.4.2, |z|
_COMPARISON = 2.0  # 7.8: standard uncertainties between a consensus and a reference
# 8.4, Horwitz as modified by Thompson: ranges of the mass fraction c.
_TRACE, _MAJOR = 1.2e-7, 0.138


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement of a score. code: "satisfactory", "questionable" or "unsatisfactory"."""

    code: str
    word_en: str
    word_zh: str


SATISFACTORY = Verdict(code="satisfactory", word_en="satisfactory", word_zh="满意")
QUESTIONABLE = Verdict(code="questionable", word_en="questionable", word_zh="有问题（可疑）")
UNSATISFACTORY = Verdict(code="unsatisfactory", word_en="unsatisfactory", word_zh="不满意")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignedValue:
    """An assigned value. value: x_pt; standard_uncertainty: u(x_pt); contributions: its parts, one unit for all."""

    value: float
    standard_uncertainty: float
    contributions: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A consensus beside a reference value. difference: x* - x_ref, standard_uncertainty: of it; agrees: within 2 u."""

    difference: float
    standard_uncertainty: float
    agrees: bool


def difference_percent(result: ArrayLike, *, assigned: float) -> Array:
    """Give D% = 100 (x - x_pt) / x_pt [%] (ISO 13528:2022, 9.3).

    Raises ValueError for an assigned value of zero, of which nothing is a percentage.
    """
    if assigned == 0:
        raise ValueError("the assigned value is zero, of which no percentage can be taken; use the difference itself.")
    return 100.0 * (_results(result) - _finite(assigned, "the assigned value")) / assigned


def allowed_percent(result: ArrayLike, *, assigned: float, allowed: float) -> Array:
    """Give P_A = 100 (x - x_pt) / delta_E [%], delta_E the largest error allowed (ISO 13528:2022, 9.3.6)."""
    return 100.0 * (_results(result) - _finite(assigned, "the assigned value")) / positive(allowed, name="delta_E")


def z_score(result: ArrayLike, *, assigned: float, sigma: float) -> Array:
    """Give z = (x - x_pt) / sigma_pt [1] (ISO 13528:2022, 9.4). Use it only while u(x_pt) is negligible."""
    return (_results(result) - _finite(assigned, "the assigned value")) / positive(sigma, name="sigma_pt")


def z_prime_score(result: ArrayLike, *, assigned: float, sigma: float, assigned_uncertainty: float) -> Array:
    """Give z' = (x - x_pt) / sqrt(sigma_pt^2 + u(x_pt)^2) [1], for u(x_pt) not negligible (ISO 13528:2022, 9.5)."""
    spread = np.hypot(positive(sigma, name="sigma_pt"), _uncertainties(assigned_uncertainty, "u(x_pt)"))
    return np.asarray((_results(result) - _finite(assigned, "the assigned value")) / spread)


def zeta_score(result: ArrayLike, *, uncertainty: ArrayLike, assigned: float, assigned_uncertainty: float) -> Array:
    """Give zeta = (x - x_pt) / sqrt(u(x)^2 + u(x_pt)^2) [1], standard uncertainties (ISO 13528:2022, 9.6).

    Assumes that result and assigned value are independent.
    """
    return _difference_over_uncertainty(result, uncertainty, assigned, assigned_uncertainty)


def en_score(result: ArrayLike, *, expanded: ArrayLike, assigned: float, assigned_expanded: float) -> Array:
    """Give E_n = (x - x_pt) / sqrt(U(x)^2 + U(x_pt)^2) [1], expanded uncertainties (ISO 13528:2022, 9.7).

    Both expanded uncertainties must have the same coverage probability. The standard's example E.4 takes U as stated
    by the participant, also where its coverage factor is 1.732.
    """
    return _difference_over_uncertainty(result, expanded, assigned, assigned_expanded)


def verdict(score: float) -> Verdict:
    """Judge z, z' or zeta: satisfactory up to 2, questionable below 3, unsatisfactory from 3 (ISO 13528:2022, 9.4.2).

    ISO 13528:2022 itself speaks of acceptable results, warning signals and action signals.
    """
    size = abs(_finite(score, "the score"))
    if size <= _QUESTIONABLE:
        return SATISFACTORY
    return QUESTIONABLE if size < _UNSATISFACTORY else UNSATISFACTORY


def en_verdict(score: float) -> Verdict:
    """Judge E_n: satisfactory for |E_n| < 1 (ISO 13528:2022, 9.7.3); at 1 exactly other rules are said to be milder.

    ISO/IEC 17043:2010, B.4.1.1 calls |E_n| <= 1 satisfactory [clause number unconfirmed].
    """
    return SATISFACTORY if abs(_finite(score, "the score")) < 1.0 else UNSATISFACTORY


def allowed_verdict(percent: float) -> Verdict:
    """Judge P_A: satisfactory for |P_A| < 100 % (ISO 13528:2022, 9.3.6) [clause number unconfirmed]."""
    return SATISFACTORY if abs(_finite(percent, "the score")) < 100.0 else UNSATISFACTORY


def uncertainty_negligible(
    assigned_uncertainty: float, *, sigma: float | None = None, allowed: float | None = None
) -> bool:
    """Tell whether u(x_pt) < 0.3 sigma_pt, or < 0.1 delta_E, so that z will do in place of z' (ISO 13528:2022, 9.2.1).

    Raises ValueError unless exactly one of sigma (sigma_pt) and allowed (delta_E) is given.
    """
    given = {"sigma_pt": sigma, "delta_E": allowed}
    named = [(name, value) for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise ValueError("give either sigma_pt or delta_E to compare the uncertainty of the assigned value with.")
    name, value = named[0]
    return bool(_uncertainties(assigned_uncertainty, "u(x_pt)") < _NEGLIGIBLE[name] * positive(value, name=name))


def from_reference_material(differences: ArrayLike, *, reference: float, reference_uncertainty: float) -> AssignedValue:
    """Assign x_pt = x_CRM + mean(d) by direct comparison with a certified material (ISO 13528:2022, 7.5, example E.5).

    differences: d = item minus material, (n,), one of each comparison.  reference, reference_uncertainty: x_CRM and
    its standard uncertainty. u(x_pt)^2 = u_CRM^2 + s_d^2 / n.
    """
    d = sample(differences, name="differences", least=2)
    u_d = float(np.std(d, ddof=1) / np.sqrt(d.size))
    u_crm = float(_uncertainties(reference_uncertainty, "the uncertainty of the reference"))
    return AssignedValue(
        value=_finite(reference, "the reference value") + float(d.mean()),
        standard_uncertainty=float(np.hypot(u_crm, u_d)),
        contributions={"reference material": u_crm, "comparison": u_d},
    )


def compared_with_reference(
    *, consensus: float, consensus_uncertainty: float, reference: float, reference_uncertainty: float
) -> Comparison:
    """Compare a consensus with a reference value: more than 2 u(difference) asks for an explanation (7.8, E.7)."""
    x_diff = _finite(consensus, "the consensus value") - _finite(reference, "the reference value")
    u_diff = float(
        np.hypot(
            _uncertainties(consensus_uncertainty, "the uncertainty of the consensus"),
            _uncertainties(reference_uncertainty, "the uncertainty of the reference"),
        )
    )
    return Comparison(difference=x_diff, standard_uncertainty=u_diff, agrees=bool(abs(x_diff) <= _COMPARISON * u_diff))


def horwitz_sigma(mass_fraction: ArrayLike) -> Array:
    """Give sigma_pt as a mass fraction by the Horwitz curve as modified by Thompson (ISO 13528:2022, 8.4).

    mass_fraction: c [kg/kg], above 0 up to 1. sigma = 0.22 c below 1.2e-7, 0.02 c^0.8495 up to 0.138, 0.01 c^0.5 above.
    """
    c = _results(mass_fraction)
    if np.any((c <= 0) | (c > 1)):
        raise ValueError("a mass fraction lies above 0 and not above 1; give it in kg/kg.")
    return np.asarray(np.select([c < _TRACE, c <= _MAJOR], [0.22 * c, 0.02 * c**0.8495], 0.01 * np.sqrt(c)))


def precision_sigma(*, reproducibility: float, repeatability: float, replicates: int) -> float:
    """Give sigma_pt = sqrt(s_R^2 - s_r^2 (1 - 1/m)) for means of m replicates (ISO 13528:2022, 8.5, example E.10).

    reproducibility, repeatability: s_R >= s_r, standard deviations of one method from a precision experiment.
    """
    s_R = positive(reproducibility, name="the reproducibility standard deviation")
    s_r = positive(repeatability, name="the repeatability standard deviation")
    if s_r > s_R or replicates < 1:
        raise ValueError("the repeatability cannot exceed the reproducibility, and there is at least one replicate.")
    return float(np.sqrt(s_R**2 - s_r**2 * (1.0 - 1.0 / replicates)))


def _difference_over_uncertainty(x: ArrayLike, u: ArrayLike, x_pt: float, u_pt: float) -> Array:
    results, spread = _results(x), np.hypot(_uncertainties(u, "the uncertainty"), _uncertainties(u_pt, "u(x_pt)"))
    if spread.shape not in (results.shape, ()):
        raise ValueError(f"{results.size} results do not go with {spread.size} uncertainties; give one for each.")
    if np.any(spread == 0):
        raise ValueError("a result and the assigned value both have no uncertainty; the score divides by it.")
    return np.asarray((results - _finite(x_pt, "the assigned value")) / spread)


def _results(values: ArrayLike) -> Array:
    results = np.asarray(values, dtype=np.float64)
    if not np.isfinite(results).all():
        raise ValueError("a result is not a finite number; correct it or leave the participant out.")
    return results


def _uncertainties(values: ArrayLike, name: str) -> Array:
    u = np.asarray(values, dtype=np.float64)
    if not (np.isfinite(u).all() and np.all(u >= 0)):
        raise ValueError(f"{name} must be a finite number, not below zero.")
    return u


def _finite(value: float, name: str) -> float:
    if not np.isfinite(value):
        raise ValueError(f"{name} is {value}; give a finite number.")
    return float(value)
