"""Resistance of a platinum thermometer to temperature: Callendar-Van Dusen and ITS-90; pure.

Callendar-Van Dusen (IEC 60751):  R = R0 (1 + A t + B t² + C (t − 100) t³),  C = 0 for t ≥ 0
ITS-90:  W = R / Rtpw,  Wr(t) = W − ΔW(W),  t from the reference function Wr (equations 9a, 10a; table 4)
   above 0.01 degC  ΔW = a (W − 1) + b (W − 1)² + c (W − 1)³
   below 0.01 degC  ΔW = a' (W − 1) + b' (W − 1) ln W                       (sub-range 83.8 K to 273.16 K)

The published inverse polynomial is good to 0.13 mK; here the reference function itself is solved, to less than a µK.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

_BELOW = (
    -2.13534729,
    3.18324720,
    -1.80143597,
    0.71727204,
    0.50344027,
    -0.61899395,
    -0.05332322,
    0.28021362,
    0.10715224,
    -0.29302865,
    0.04459872,
    0.11868632,
    -0.05248134,
)
_ABOVE = (
    2.78157254,
    1.64650916,
    -0.13714390,
    -0.00649767,
    -0.00234444,
    0.00511868,
    0.00187982,
    -0.00204472,
    -0.00046122,
    0.00045724,
)
_TRIPLE_POINT = 273.16  # K
_ICE = 273.15  # K


class Thermometer(Protocol):
    """What a certificate says of one thermometer."""

    def temperature(self, resistance: float) -> float | None:
        """Temperature [degC] for a resistance [ohm]; None outside what the certificate's coefficients cover."""

    def resistance(self, temperature: float) -> float:
        """Resistance [ohm] at a temperature [degC]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallendarVanDusen:
    """R0 [ohm] and A [1/K], B [1/K²], C [1/K⁴]; valid from −200 to 850 degC (IEC 60751, clause 4.2)."""

    r0: float
    a: float
    b: float
    c: float

    def resistance(self, temperature: float) -> float:
        """R = R0 (1 + A t + B t² + C (t − 100) t³), C = 0 from 0 degC."""
        t, c = temperature, self.c if temperature < 0.0 else 0.0
        return self.r0 * (1.0 + self.a * t + self.b * t**2 + c * (t - 100.0) * t**3)

    def temperature(self, resistance: float) -> float | None:
        """The temperature [degC] at which R is `resistance` [ohm]; None outside −200 to 850 degC."""
        return solved(self.resistance, resistance, low=-200.0, high=850.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Its90:
    """Resistance at the triple point of water `rtpw` [ohm] and the certificate's deviations.

    `a`, `b`, `c` hold above the triple point, `a_below`, `b_below` below; without the latter nothing below is answered.
    """

    rtpw: float
    a: float
    b: float = 0.0
    c: float = 0.0
    a_below: float = math.nan
    b_below: float = math.nan

    def temperature(self, resistance: float) -> float | None:
        """t with Wr(t) = W − ΔW(W); None outside the coefficients and outside −189.3442 to 961.78 degC."""
        w = resistance / self.rtpw
        if w <= 0.0:
            return None
        reference = w - self._deviation(w)
        return solved(reference_ratio, reference, low=-189.3442, high=961.78) if math.isfinite(reference) else None

    def resistance(self, temperature: float) -> float:
        """R = W Rtpw with W − ΔW(W) = Wr(t). ΔW is far smaller than W: W is found by repeating W = Wr + ΔW(W)."""
        reference = reference_ratio(temperature)
        w = reference
        for _ in range(20):
            w = reference + self._deviation(w)
        return w * self.rtpw

    def _deviation(self, w: float) -> float:
        if w < 1.0:
            return self.a_below * (w - 1.0) + self.b_below * (w - 1.0) * math.log(w)
        return self.a * (w - 1.0) + self.b * (w - 1.0) ** 2 + self.c * (w - 1.0) ** 3


def reference_ratio(temperature: float) -> float:
    """Wr of ITS-90 at a temperature [degC] (equations 9a, 10a).

    T < 273.16 K: ln Wr = A0 + Σ Ai ((ln(T/273.16) + 1.5) / 1.5)ⁱ;  above: Wr = C0 + Σ Ci ((T − 754.15) / 481)ⁱ
    """
    kelvin = temperature + _ICE
    if kelvin < _TRIPLE_POINT:
        return math.exp(_polynomial(_BELOW, (math.log(kelvin / _TRIPLE_POINT) + 1.5) / 1.5))
    return _polynomial(_ABOVE, (kelvin - 754.15) / 481.0)


def solved(rising: Callable[[float], float], wanted: float, *, low: float, high: float) -> float | None:
    """The x between `low` and `high` at which a rising function has the value `wanted`; None when there is none."""
    if not rising(low) <= wanted <= rising(high):
        return None
    while (middle := 0.5 * (low + high)) not in (low, high):
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return high


def _polynomial(coefficients: tuple[float, ...], x: float) -> float:
    total = 0.0
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total
