"""The power of a collector as reports print it: per gross area and per module, over tm - ta, under standard skies.

Everything is computed with the unrounded gross area and rounded once, for print: data sheets that multiply rounded
numbers contradict themselves by some 0.4 %. The skies, the peak irradiance and the range in which a power may be
stated are limits of config/limits/standard_reporting.toml, none of which is confirmed yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.collectors.collector import BEAM_SHARE, SYMBOLS, CollectorParameters
from protocols.limits import Limit
from protocols.refusals import NotEvaluable
from protocols.rounding import round_to

Array = NDArray[np.float64]

SKIES = ("blue", "hazy", "grey")
_CLAUSE = "ISO 9806:2017, power table [clause number unconfirmed]"


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerTable:
    """The power under one sky.

    rise: tm - ta [K].  per_area: [W/m2] of the collector's area basis.  per_module: [W].  standard uncertainties of
    both, in the same units, or None where the collector's covariance is not known.  extrapolated: whether the rise is
    above the largest of the test.  limits: those that were used, for a report to say which are not confirmed.
    """

    sky: str
    rise: Array
    per_area: Array
    per_module: Array
    per_area_uncertainty: Array | None
    per_module_uncertainty: Array | None
    extrapolated: NDArray[np.bool_]
    limits: tuple[Limit, ...]


def power_table(
    collector: CollectorParameters,
    *,
    rises: Sequence[float],
    limits: Mapping[str, Limit],
    sky: str = "blue",
    area: float | None = None,
    area_uncertainty: float = 0.0,
) -> PowerTable:
    """Compute the power of a collector over tm - ta at normal incidence in steady state.

        u(q)^2 = g' C g,  g = dq/d(eta0b, Kd, a1, ... a8);   P = A q,  u(P)^2 = A^2 u(q)^2 + q^2 u(A)^2

    rises: tm - ta [K].  limits: config/limits/standard_reporting.toml.  sky: one of SKIES.  area: of the module [m2],
    unrounded (length times width), another size of the family; None for the collector's own.  area_uncertainty:
    standard, [m2].  A negative power is stated as it is.
    Raises NotEvaluable for a rise beyond the tested range and its extrapolation, a tested range that is not known, a
    limit that is missing or has no number, and a rise that is missing; ValueError for another sky.
    """
    if sky not in SKIES:
        raise ValueError(f"the sky is {sky!r}; say {', '.join(SKIES)}.")
    rise, size = np.asarray(rises, dtype=np.float64), collector.area if area is None else area
    most = _tested(collector) + _number(limits, "extrapolation")
    _require_inside(rise, most, collector.name)
    used = (f"{sky}_Gb", f"{sky}_Gd", f"{sky}_long_wave", "reporting_u", "extrapolation")
    Gb, Gd, long_wave, u = (_number(limits, symbol) for symbol in used[:4])
    q = collector.power(Gb=Gb, Gd=Gd, rise=rise, u=u, long_wave=long_wave)
    u_q = None
    if collector.covariance is not None:
        terms = collector.terms(Gb=Gb, Gd=Gd, rise=rise, u=u, long_wave=long_wave)
        u_q = _uncertainty(terms, collector.covariance, rise.shape)
    return PowerTable(
        sky=sky,
        rise=rise,
        per_area=q,
        per_module=size * q,
        per_area_uncertainty=u_q,
        per_module_uncertainty=None if u_q is None else np.hypot(size * u_q, area_uncertainty * q),
        extrapolated=rise > _tested(collector),
        limits=tuple(limits[symbol] for symbol in used),
    )


def peak_power(collector: CollectorParameters, *, limits: Mapping[str, Limit], area: float | None = None) -> float:
    """Give the peak power A eta0hem G [W] for tm = ta, G = 1000 W/m2 by the limit `peak_G`.

    ISO 9806:2017 [clause number unconfirmed]. area: of the module [m2], None for the collector's own.
    Raises NotEvaluable for a limit without a number.
    """
    size = collector.area if area is None else area
    return size * collector.eta0hem * _number(limits, "peak_G")


def efficiency(collector: CollectorParameters, *, reduced: ArrayLike, G: float = 1000.0) -> Array:
    """Give the efficiency [1] over T* = (tm - ta)/G [m2 K/W], at normal incidence, 15 % of G being diffuse.

        eta = eta0hem - a1 T* - a2 G T*^2 - a8 G^3 T*^4

    G: hemispherical irradiance [W/m2]. At the reference wind of the collector's form and without long-wave balance.
    Raises ValueError for an irradiance that is not positive.
    """
    if not G > 0:
        raise ValueError(f"the irradiance is {G} W/m2; give a positive number.")
    rise = np.asarray(reduced, dtype=np.float64) * G
    return collector.power(Gb=BEAM_SHARE * G, Gd=(1.0 - BEAM_SHARE) * G, rise=rise) / G


def printed(values: ArrayLike, interval: str = "1") -> tuple[Decimal, ...]:
    """Round for print, each value once and from its full digits, to an interval (text); ties to even, GB/T 8170.

    Raises ValueError for a value that is missing.
    """
    numbers = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if not np.isfinite(numbers).all():
        raise ValueError("a value is missing; what is not known cannot be printed.")
    return tuple(round_to(repr(float(each)), interval) for each in numbers)


def _uncertainty(terms: Mapping[str, Array], covariance: Array, shape: tuple[int, ...]) -> Array:
    g = np.stack([np.broadcast_to(terms[symbol], shape) for symbol in SYMBOLS])
    return np.asarray(np.sqrt(np.sum(g * (covariance @ g), axis=0)))


def _tested(collector: CollectorParameters) -> float:
    if collector.tested_rise is None:
        raise NotEvaluable(
            clause=_CLAUSE,
            sentence_en=f"How warm {collector.name} was tested is not known, and power may be stated only near the "
            "tested temperatures; give tested_rise, the largest tm - ta of the test.",
            sentence_zh=f"未知 {collector.name} 的试验温差范围，只能在其附近给出功率；"
            "请给出 tested_rise（试验最大 tm - ta）。",
        )
    return collector.tested_rise


def _require_inside(rise: Array, most: float, name: str) -> None:
    outside = rise[~(rise <= most)]
    if outside.size:
        raise NotEvaluable(
            clause=_CLAUSE,
            sentence_en=f"Power at tm - ta = {outside.flat[0]:g} K is asked of {name}, which may be stated up to "
            f"{most:g} K; ask for less, or test at higher temperatures.",
            sentence_zh=f"{name} 的功率最多给到 tm - ta = {most:g} K，要求的 {outside.flat[0]:g} K 超出；"
            "请减小温差，或在更高温度下试验。",
        )


def _number(limits: Mapping[str, Limit], symbol: str) -> float:
    if symbol not in limits or not limits[symbol].established:
        raise NotEvaluable(
            clause="Heliobench",
            sentence_en=f"The limit table has no number for {symbol}; use standard_reporting.toml, or complete it.",
            sentence_zh=f"限值表中 {symbol} 无数值；请使用 standard_reporting.toml 或补全该表。",
        )
    return limits[symbol].value
