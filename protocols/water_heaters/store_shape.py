"""What the shape of a store says before any test: volume, surface, and the loss its insulation alone lets through."""

import math
from dataclasses import dataclass

_MEGAPASCAL = 1e6
STANDARD_GRAVITY = 9.80665  # m/s2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cylinder:
    """A store as a cylinder with flat ends; diameter, height: m, of the water."""

    diameter: float
    height: float

    def __post_init__(self) -> None:
        """Refuse a size that is not above zero."""
        if not (self.diameter > 0.0 and self.height > 0.0):
            raise ValueError(f"a store of {self.diameter} m by {self.height} m holds nothing; give sizes above zero.")

    @property
    def volume(self) -> float:
        """Give pi d^2 h/4 in m3."""
        return math.pi * self.diameter**2 * self.height / 4.0

    @property
    def surface(self) -> float:
        """Give pi d h + pi d^2/2 in m2, with both ends."""
        return math.pi * self.diameter * self.height + math.pi * self.diameter**2 / 2.0


def insulation_loss(*, store: Cylinder, thickness: float, conductivity: float) -> float:
    """Give k A/(delta V) in W/(m3 K), the loss factor that plain insulation would give the store.

    thickness: delta, m.  conductivity: k, W/(m K). A plane layer on the water's surface, without pipes and supports: a
    measured U_sl lies above it, and one below it asks for an explanation. Raises ValueError for a thickness or
    conductivity that is not above zero.
    """
    if not (thickness > 0.0 and conductivity > 0.0):
        raise ValueError("insulation needs a thickness and a conductivity above zero.")
    return conductivity * store.surface / (thickness * store.volume)


def water_column_pressure(
    *, height: float, factor: float = 2.0, density: float = 1000.0, g: float = STANDARD_GRAVITY
) -> float:
    """Give the pressure in MPa of a column of water `factor` times the height of the heater, rho g factor h.

    height: m.  density: kg/m3.  g: m/s2. NY/T 343-1998, pressure test [clause number unconfirmed]; an example printed
    with it takes g = 10 m/s2.
    """
    return density * g * factor * height / _MEGAPASCAL
