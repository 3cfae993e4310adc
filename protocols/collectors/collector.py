"""The parameters of one collector, with the edition and the area that they refer to, and its power.

    Q/A = eta0b Kb Gb + eta0b Kd Gd - a1 D - a2 D^2 - a3 u' D + a4 L - a5 dtm/dt - a6 u' G - a7 u' L - a8 D^4
    D = tm - ta,  u' = u - 3 m/s,  L = EL - sigma Ta^4

ISO 9806:2017 [clause number unconfirmed]; the sign of a7 and the value of sigma as secondary sources give them.
Other editions differ in the wind: the 2013 form takes u itself, and in the 2025 form a6 multiplies the irradiance
after the modifiers. `protocols.collectors.forms` converts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.collectors.modifier import Modifier

Array = NDArray[np.float64]

FORM_2013 = "ISO 9806:2013"
FORM_2017 = "ISO 9806:2017"
FORM_2025 = "ISO 9806:2025"
REFERENCE_WIND = {FORM_2013: 0.0, FORM_2017: 3.0, FORM_2025: 3.0}  # m/s, where the wind terms vanish
AREA_BASES = ("gross", "aperture")

SYMBOLS = ("eta0b", "Kd", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8")
PER_AREA = ("eta0b", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8")  # what scales with the reference area

STEFAN_BOLTZMANN = 5.67e-8  # W/(m2 K4), as the Keymark documents round it
BEAM_SHARE = 0.85  # of the hemispherical irradiance, by convention; the rest is diffuse


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorParameters:
    """What a test or a certificate says of one collector.

    form: one of FORM_2013, FORM_2017, FORM_2025; says what the coefficients mean (a1 is c1 in the 2013 form, and so
    on).  area_basis: "gross" or "aperture"; area: of one module [m2], unrounded, on that basis.  eta0b, Kd, a4: [1];
    a1: [W/(m2 K)]; a2: [W/(m2 K2)]; a3: [J/(m3 K)]; a5: [J/(m2 K)]; a6, a7: [s/m]; a8: [W/(m2 K4)].
    modifier: of the beam.  covariance: total, in the order of SYMBOLS, or None if unknown.
    tested_rise: largest tm - ta of the test [K], None if unknown.
    Raises ValueError for an unknown form or basis, and for a number that is missing or impossible.
    """

    name: str
    area: float
    eta0b: float
    Kd: float
    a1: float
    modifier: Modifier
    a2: float = 0.0
    a3: float = 0.0
    a4: float = 0.0
    a5: float = 0.0
    a6: float = 0.0
    a7: float = 0.0
    a8: float = 0.0
    form: str = FORM_2017
    area_basis: str = "gross"
    covariance: Array | None = field(default=None, compare=False)
    tested_rise: float | None = None
    source: str = ""

    def __post_init__(self) -> None:
        _require_one_of("form", self.form, tuple(REFERENCE_WIND), self.name)
        _require_one_of("area_basis", self.area_basis, AREA_BASES, self.name)
        missing = [symbol for symbol in SYMBOLS if not np.isfinite(getattr(self, symbol))]
        if missing:
            raise ValueError(f"{missing[0]} of collector {self.name!r} is no number; give it, or leave it out for 0.")
        for symbol in ("area", "eta0b"):
            if not 0.0 < getattr(self, symbol) < np.inf:
                raise ValueError(f"{symbol} of collector {self.name!r} must be positive; correct it.")
        if self.tested_rise is not None and not 0.0 <= self.tested_rise < np.inf:
            raise ValueError(
                f"tested_rise of collector {self.name!r} is {self.tested_rise} K; give it or leave it out."
            )
        _require_covariance(self.covariance, self.name)

    @property
    def coefficients(self) -> dict[str, float]:
        """Give the coefficients by symbol, in the order of SYMBOLS."""
        return {symbol: getattr(self, symbol) for symbol in SYMBOLS}

    @property
    def eta0hem(self) -> float:
        """Give eta0hem = eta0b (0.85 + 0.15 Kd) [1]; ISO 9806:2017, annex B [clause number unconfirmed]."""
        return self.eta0b * (BEAM_SHARE + (1.0 - BEAM_SHARE) * self.Kd)

    def hemispherical_modifier(self, Kb: ArrayLike) -> Array:
        """Give Khem = (0.85 Kb + 0.15 Kd)/(0.85 + 0.15 Kd) [1]; ISO 24194:2022, formula 1."""
        share = BEAM_SHARE * np.asarray(Kb, dtype=np.float64) + (1.0 - BEAM_SHARE) * self.Kd
        return share * self.eta0b / self.eta0hem

    def terms(
        self,
        *,
        Gb: ArrayLike,
        Gd: ArrayLike,
        rise: ArrayLike,
        Kb: ArrayLike = 1.0,
        rate: ArrayLike = 0.0,
        u: ArrayLike | None = None,
        long_wave: ArrayLike = 0.0,
    ) -> Mapping[str, Array]:
        """Give the derivative of Q/A with respect to each coefficient, by symbol; broadcast shapes.

        Gb, Gd: beam and diffuse irradiance on the plane [W/m2].  rise: tm - ta [K].  Kb: modifier of the beam [1].
        rate: dtm/dt [K/s].  u: air speed [m/s], None for the form's reference wind, at which a3, a6 and a7 vanish.
        long_wave: EL - sigma Ta^4 [W/m2], see `long_wave_balance`.
        """
        beam, diffuse, D, K, dtm_dt, L = (
            np.asarray(each, dtype=np.float64) for each in (Gb, Gd, rise, Kb, rate, long_wave)
        )
        reference = REFERENCE_WIND[self.form]
        wind = np.asarray(reference if u is None else u, dtype=np.float64) - reference
        seen, D2 = K * beam + self.Kd * diffuse, D * D
        corrected = self.form == FORM_2025
        return {
            "eta0b": seen,
            "Kd": self.eta0b * diffuse - (self.a6 * wind * diffuse if corrected else 0.0),
            "a1": -D,
            "a2": -D2,
            "a3": -wind * D,
            "a4": L,
            "a5": -dtm_dt,
            "a6": -wind * (seen if corrected else beam + diffuse),
            "a7": -wind * L,
            "a8": -D2 * D2,
        }

    def power(
        self,
        *,
        Gb: ArrayLike,
        Gd: ArrayLike,
        rise: ArrayLike,
        Kb: ArrayLike = 1.0,
        rate: ArrayLike = 0.0,
        u: ArrayLike | None = None,
        long_wave: ArrayLike = 0.0,
    ) -> Array:
        """Give Q/A [W/m2] per area of the basis, by the model above; see `terms` for what goes in.

        Negative where the collector loses more than it gains; NaN where an input that counts is missing.
        """
        terms = self.terms(Gb=Gb, Gd=Gd, rise=rise, Kb=Kb, rate=rate, u=u, long_wave=long_wave)
        total = np.zeros(())
        for symbol in PER_AREA:
            if coefficient := getattr(self, symbol):
                total = total + coefficient * terms[symbol]
        return np.asarray(total)


def long_wave_balance(*, EL: ArrayLike, t_amb: ArrayLike) -> Array:
    """Give EL - sigma Ta^4 [W/m2] from the long-wave irradiance on the plane [W/m2] and the air [degC]."""
    kelvin = np.asarray(t_amb, dtype=np.float64) + 273.15
    return np.asarray(EL, dtype=np.float64) - STEFAN_BOLTZMANN * kelvin**4


def _require_one_of(key: str, value: str, allowed: tuple[str, ...], name: str) -> None:
    if value not in allowed:
        raise ValueError(f"{key} of collector {name!r} is {value!r}; give {' or '.join(allowed)}.")


def _require_covariance(covariance: Array | None, name: str) -> None:
    if covariance is None:
        return
    shape = (len(SYMBOLS), len(SYMBOLS))
    if covariance.shape != shape or not np.allclose(covariance, covariance.T) or np.any(np.diag(covariance) < 0):
        raise ValueError(
            f"the covariance of collector {name!r} must be symmetric, {shape[0]} by {shape[1]} in the order "
            f"{', '.join(SYMBOLS)}, with variances that are not negative."
        )
