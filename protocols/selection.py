"""Which terms of a linear model the data support: backward elimination by t-ratio."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.fits import Fit, linear

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A term set to zero: its name, the value and t-ratio it had, and why ("negative" or "t-ratio")."""

    name: str
    value: float
    t_ratio: float
    why: str


def eliminate(
    design: Array,
    response: Array,
    *,
    names: Sequence[str],
    keep: Collection[str],
    t_ratio_min: float,
    non_negative: Collection[str] = (),
) -> tuple[Fit, tuple[Dropped, ...]]:
    """Fit, and set terms to zero one after another until every term left is supported by the data.

    First goes a term of `non_negative` that came out below zero (of several the one with the lowest t-ratio), then the
    term with the smallest |t-ratio| when that is below `t_ratio_min`; then the fit is made again without it.
    design: (points, terms), a name for each column; response: (points,).  keep: terms that always stay, at least one.
    Returns the last fit and the terms dropped, in the order in which they went.
    Raises ValueError for names that are not there, for nothing to keep and for a limit that is not a number from 0;
    else what `fits.linear` raises.
    """
    _check(names, keep, non_negative, t_ratio_min)
    left, dropped = list(names), list[Dropped]()
    while True:
        fit = linear(design[:, [names.index(name) for name in left]], response, names=left)
        victim = _victim(fit, keep, non_negative, t_ratio_min)
        if victim is None:
            return fit, tuple(dropped)
        dropped.append(victim)
        left.remove(victim.name)


def _check(names: Sequence[str], keep: Collection[str], non_negative: Collection[str], t_ratio_min: float) -> None:
    unknown = sorted({*keep, *non_negative} - set(names))
    if unknown:
        raise ValueError(f"the model has no term called {' or '.join(unknown)}; its terms are {', '.join(names)}.")
    if not keep:
        raise ValueError("elimination needs at least one term that stays; name it in `keep`.")
    if not t_ratio_min >= 0:
        raise ValueError(f"the smallest t-ratio is {t_ratio_min}; give a number from 0.")


def _victim(fit: Fit, keep: Collection[str], non_negative: Collection[str], t_ratio_min: float) -> Dropped | None:
    terms = list(zip(fit.names, fit.values.tolist(), fit.t_ratios.tolist(), strict=True))
    free = [term for term in terms if term[0] not in keep]
    negative = [term for term in free if term[0] in non_negative and term[1] < 0]
    if negative:
        return _dropped(min(negative, key=lambda term: term[2]), "negative")
    weak = [term for term in free if abs(term[2]) < t_ratio_min]
    return _dropped(min(weak, key=lambda term: abs(term[2])), "t-ratio") if weak else None


def _dropped(term: tuple[str, float, float], why: str) -> Dropped:
    name, value, t_ratio = term
    return Dropped(name=name, value=value, t_ratio=t_ratio, why=why)
