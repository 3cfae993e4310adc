"""How a collector answers to the angle of the beam: the forms of the incidence angle modifier K, and its diffuse mean.

K(0) = 1 by definition of the peak efficiency; K is never negative, and 0 where the beam does not meet the front.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_TEN_DEGREES = tuple(float(angle) for angle in range(10, 100, 10))


class Modifier(Protocol):
    """What every form of the incidence angle modifier can do."""

    def at(
        self, theta: ArrayLike, *, transversal: ArrayLike | None = None, longitudinal: ArrayLike | None = None
    ) -> Array:
        """Give K [1] at an angle of incidence [deg], or at its two projections [deg] where K has two axes.

        0 from 90 deg on, NaN where an angle is missing. Raises ValueError for an angle outside 0 to 180 deg, and
        where an angle is needed and not given.
        """

    def diffuse(self) -> float:
        """Give Kd [1], the mean of K over an isotropic hemisphere."""


class Uniaxial(ABC):
    """A modifier of the angle of incidence alone; `curve` and `breaks` say which."""

    __slots__ = ()

    @abstractmethod
    def curve(self, theta: Array) -> Array:
        """Give the formula's K at 0 <= theta < 90 deg, before the floor of 0."""

    def breaks(self) -> tuple[float, ...]:
        """Angles between 0 and 90 deg [deg] at which K has a kink."""
        return ()

    def at(
        self, theta: ArrayLike, *, transversal: ArrayLike | None = None, longitudinal: ArrayLike | None = None
    ) -> Array:
        """Give K [1] at the angle of incidence [deg]; the projections are not needed. See `Modifier`."""
        angle = _angles(theta, "theta")
        front = angle < 90.0
        inside = np.maximum(self.curve(np.where(front, angle, 0.0)), 0.0)
        return np.where(np.isnan(angle), np.nan, np.where(front, inside, 0.0))

    def diffuse(self) -> float:
        """Give Kd [1] of isotropic diffuse light.

            Kd = int K sin(theta) cos(theta) dtheta / int sin(theta) cos(theta) dtheta,   0 <= theta <= 90 deg

        by Gauss quadrature between the kinks of K, within 1e-10. SunPeek and spreadsheets sum at midpoints of half a
        degree or at ten-degree steps and differ from it by some 1e-6 and 1e-3. ISO/DIS 9806, annex C [clause number
        unconfirmed].
        """
        theta, weight = _panels(self.breaks())
        return float(np.sum(weight * self.at(np.degrees(theta)) * np.sin(2.0 * theta)))


@dataclass(frozen=True, slots=True)
class Unity(Uniaxial):
    """K = 1 at every angle, e.g. of a collector that follows the sun."""

    def curve(self, theta: Array) -> Array:
        """Give 1."""
        return np.ones_like(theta)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoTerm(Uniaxial):
    """K = 1 - b0 x - b1 x^2 with x = 1/cos(theta) - 1; b1 = 0 gives the one-term form (Souka and Safwat 1966).

    b0, b1: [1]. Made from measurements up to some 60 deg: beyond, the formula decides and not the collector.
    """

    b0: float
    b1: float = 0.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.b0) or not math.isfinite(self.b1):
            raise ValueError(f"b0 = {self.b0} and b1 = {self.b1} must both be numbers; correct the one that is not.")

    @classmethod
    def srcc(cls, *, B0: float, B1: float = 0.0) -> Self:
        """Read the coefficients of SRCC OG-100, whose sign is the opposite one: K = 1 + B0 x + B1 x^2."""
        return cls(b0=-B0, b1=-B1)

    @classmethod
    def from_k50(cls, k50: float) -> Self:
        """Give the one-term form through K at 50 deg."""
        return cls(b0=b0_from_k50(k50))

    def curve(self, theta: Array) -> Array:
        """Give 1 - b0 x - b1 x^2."""
        x = 1.0 / np.cos(np.radians(theta)) - 1.0
        return np.asarray(1.0 - self.b0 * x - self.b1 * x**2)

    def breaks(self) -> tuple[float, ...]:
        """Where K reaches 0: the roots of mu^2 - b0 mu (1 - mu) - b1 (1 - mu)^2 with mu = cos(theta)."""
        roots = np.roots([1.0 + self.b0 - self.b1, 2.0 * self.b1 - self.b0, -self.b1])
        inside = (mu.real for mu in roots if not mu.imag and 0.0 < mu.real < 1.0)
        return tuple(math.degrees(math.acos(mu)) for mu in inside)

    def diffuse(self) -> float:
        """Give Kd [1] as every form does; for b1 = 0 <= b0 it is 1/(1 + b0).

        Raises ValueError for b1 < 0, whose K grows without limit towards 90 deg and has no mean.
        """
        if self.b1 < 0:
            raise ValueError(
                f"K with b1 = {self.b1:g} (SRCC: B1 = {-self.b1:g}) grows without limit towards 90 deg and has no "
                "mean over the hemisphere; use a table of K instead."
            )
        return Uniaxial.diffuse(self)


def b0_from_k50(k50: float) -> float:
    """Give b0 = (1 - K50)/(1/cos(50 deg) - 1) from K at 50 deg [1]; ValueError unless that is a positive number."""
    if not 0 < k50 < math.inf:
        raise ValueError(f"K at 50 deg is {k50}; give a positive number.")
    return (1.0 - k50) / (1.0 / math.cos(math.radians(50.0)) - 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambrosetti(Uniaxial):
    """K = 1 - tan(theta/2)^kappa (P. Ambrosetti 1983; ISO 9806), 0 at 90 deg; kappa > 0 [1]."""

    kappa: float

    def __post_init__(self) -> None:
        if not (self.kappa > 0 and math.isfinite(self.kappa)):
            raise ValueError(f"kappa of Ambrosetti's modifier is {self.kappa}; give a positive number.")

    def curve(self, theta: Array) -> Array:
        """Give 1 - tan(theta/2)^kappa."""
        return np.asarray(1.0 - np.tan(np.radians(theta) / 2.0) ** self.kappa)

    def breaks(self) -> tuple[float, ...]:
        """Give panels that grow from 0, where a broken exponent is not smooth."""
        return (0.01, 0.1, 1.0, 10.0, 45.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabulated(Uniaxial):
    """K by linear interpolation between tabulated angles; K(0) = 1 and K(90) = 0.

    angles: deg, from 0 to 90, increasing.  values: [1], of the same length. ISO 9806, modifiers at steps of 10 deg
    [clause number unconfirmed]. Make one with `tabulated` or `ten_degree_table`, which add both ends.
    """

    angles: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        angles, values = np.asarray(self.angles), np.asarray(self.values)
        if angles.shape != values.shape or not np.isfinite(values).all() or np.any(values < 0):
            raise ValueError("a table of modifiers needs one number, not negative, for each angle.")
        if not np.all(np.diff(angles) > 0) or angles[0] != 0.0 or angles[-1] != 90.0:
            raise ValueError(f"the angles {self.angles} of a table of modifiers must rise from 0 to 90 deg.")
        if values[0] != 1.0 or values[-1] != 0.0:
            raise ValueError(
                f"a table of modifiers is 1 at 0 deg and 0 at 90 deg, not {self.values[0]:g} and {self.values[-1]:g}; "
                "divide by the value at 0 deg, or leave the ends out."
            )

    def curve(self, theta: Array) -> Array:
        """Interpolate linearly."""
        return np.interp(theta, self.angles, self.values)

    def breaks(self) -> tuple[float, ...]:
        """Give the tabulated angles."""
        return self.angles[1:-1]


def tabulated(pairs: Sequence[tuple[float, float]]) -> Tabulated:
    """Make a table from pairs (angle [deg], K [1]) in any order; the ends (0, 1) and (90, 0) are added if missing.

    Raises ValueError for an angle given twice or outside 0 to 90 deg, and for what `Tabulated` refuses.
    """
    ordered = sorted((float(angle), float(value)) for angle, value in pairs)
    given = {angle for angle, _ in ordered}
    before = [] if 0.0 in given else [(0.0, 1.0)]
    after = [] if 90.0 in given else [(90.0, 0.0)]
    angles, values = zip(*before, *ordered, *after, strict=True)
    return Tabulated(angles=angles, values=values)


def ten_degree_table(values: Sequence[float]) -> Tabulated:
    """Make a table from K at 10, 20, ... 90 deg, as Solar Keymark data sheets print it; the last may be left out.

    Raises ValueError for another number of values.
    """
    if len(values) not in (8, 9):
        raise ValueError(f"{len(values)} modifiers were given; give those at 10, 20, ... 80 (and 90) deg.")
    return tabulated(list(zip(_TEN_DEGREES, values, strict=False)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Biaxial:
    """K = KT(theta_T) KL(theta_L): a collector whose transversal and longitudinal planes differ, as of tubes.

    See `incidence.projected_angles` for the two angles.
    """

    transversal: Uniaxial
    longitudinal: Uniaxial

    def at(
        self, theta: ArrayLike, *, transversal: ArrayLike | None = None, longitudinal: ArrayLike | None = None
    ) -> Array:
        """Give KT KL [1] at the projected angles [deg]; 0 where theta says that the beam is behind. See `Modifier`."""
        if transversal is None or longitudinal is None:
            raise ValueError("a modifier of two axes needs theta_T and theta_L; give both projected angles.")
        angle = _angles(theta, "theta")
        product = self.transversal.at(transversal) * self.longitudinal.at(longitudinal)
        return np.where(np.isnan(angle), np.nan, np.where(angle < 90.0, product, 0.0))

    def diffuse(self) -> float:
        """Give Kd [1] of isotropic diffuse light.

            Kd = (1/pi) int KT(theta_T) KL(theta_L) cos(theta) dOmega

        With x = tan(theta_T), y = tan(theta_L) the measure is dx dy/(1 + x^2 + y^2)^2. Gauss quadrature between the
        kinks of both curves, within 1e-9.
        """
        edges = _edges((*self.transversal.breaks(), *self.longitudinal.breaks()))
        mean = sum(
            _rectangle(self._weighted, low_t, high_t, low_l, high_l)
            for low_t, high_t in pairwise(edges)
            for low_l, high_l in pairwise(edges)
        )
        return 4.0 / math.pi * mean

    def _weighted(self, a: Array, b: Array) -> Array:
        """KT KL times the measure; a, b are 90 deg - theta_T and 90 deg - theta_L in rad."""
        k = self.transversal.at(90.0 - np.degrees(a)) * self.longitudinal.at(90.0 - np.degrees(b))
        square_a, square_b = np.sin(a) ** 2, np.sin(b) ** 2
        return np.asarray(k * square_a * square_b / (square_a + square_b - square_a * square_b) ** 2)


def _angles(values: ArrayLike, name: str) -> Array:
    angles = np.asarray(values, dtype=np.float64)
    outside = angles[(angles < 0.0) | (angles > 180.0)]
    if outside.size:
        raise ValueError(f"{name} is {outside.flat[0]:g} deg; give an angle of incidence from 0 to 180 deg.")
    return angles


def _edges(breaks: Sequence[float]) -> list[float]:
    """Panels between 0 and 90 deg - break, in rad, counted from grazing incidence."""
    return [math.radians(90.0 - angle) for angle in sorted({0.0, 90.0, *breaks}, reverse=True)]


def _panels(breaks: Sequence[float]) -> tuple[Array, Array]:
    """Angles [rad] and weights of Gauss quadrature over 0 to 90 deg, panel by panel."""
    edges = np.radians(sorted({0.0, 90.0, *breaks}))
    half = np.diff(edges)[:, None] / 2.0
    return (edges[:-1, None] + half * (1.0 + _NODES)).ravel(), (half * _WEIGHTS).ravel()


def _rectangle(
    function: Callable[[Array, Array], Array], low_a: float, high_a: float, low_b: float, high_b: float
) -> float:
    """Integrate over a rectangle; at the corner (0, 0), where the integrand depends on the direction, in triangles."""
    s, weight = (1.0 + _NODES) / 2.0, _WEIGHTS / 2.0
    wide, high = high_a - low_a, high_b - low_b
    r, t = np.meshgrid(s, s, indexing="ij")
    area = np.outer(weight, weight) * wide * high
    if low_a or low_b:
        return float(np.sum(area * function(low_a + wide * r, low_b + high * t)))
    # Duffy: (r, r t) and (r t, r) cover the rectangle, each with the factor r.
    return float(np.sum(area * r * (function(wide * r, high * r * t) + function(wide * r * t, high * r))))
