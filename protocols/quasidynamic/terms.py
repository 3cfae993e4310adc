"""The terms of the quasi-dynamic model: what each regressor is, and which terms a family of collectors has.

    Q/A_G = eta0b Kb Gb + eta0b Kd Gd - a1 D - a2 D^2 - a3 u' D + a4 L - a5 dtm/dt - a6 u' G - a7 u' L - a8 D^4

D = tm - ta [K], u' = u - 3 m/s, L = EL - sigma (ta + 273.15 K)^4 [W/m2]. Kb is either 1 - b0 (1/cos(theta) - 1), or a
table over theta, linear between its nodes 0, 10, ... 70 deg with K(0) = 1, or such a table over theta_T times a known
modifier of theta_L. ISO 9806:2017, quasi-dynamic model as
quoted by secondary sources [clause number unconfirmed].

A 0/1 dummy for each bin of 10 deg, as often described, gives the mean of K over the windows that happen to be in
the bin. The regressor of a node here is the weight that linear interpolation gives it, so that the table found is
the table as data sheets use it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from protocols.incidence import modifier_excess

Array = NDArray[np.float64]

_REFERENCE_WIND = 3.0  # m/s; u' = u - 3 since 2017
_STEFAN_BOLTZMANN = 5.67e-8  # W/(m2 K4), with the digits of the standard's model [unverified]
_ZERO_CELSIUS = 273.15  # K

NODES = (10, 20, 30, 40, 50, 60, 70)  # deg; of the modifier's table, besides K(0) = 1
NODE_STEP = 10.0  # deg


@dataclass(frozen=True, kw_only=True)
class Samples:
    """What the regressors are formed from.

    blocks: symbol -> (windows, samples) in the unit of the glossary; where the modifier has two axes also theta_T, deg,
    and K_L, the known modifier of theta_L.  cosine: of the angle of incidence, of the same
    shape.  interval: s between samples.
    """

    blocks: Mapping[str, Array]
    cosine: Array
    interval: float

    @cached_property
    def beam(self) -> Array:
        """Give Gb = G - Gd, W/m2."""
        return np.asarray(self.blocks["G"] - self.blocks["Gd"])

    @cached_property
    def mean_fluid(self) -> Array:
        """Give tm, degC."""
        return np.asarray((self.blocks["t_in"] + self.blocks["t_out"]) / 2.0)

    @cached_property
    def above(self) -> Array:
        """Give tm - ta, K."""
        return np.asarray(self.mean_fluid - self.blocks["t_amb"])

    @cached_property
    def wind(self) -> Array:
        """Give u' = u - 3 m/s."""
        return np.asarray(self.blocks["u"] - _REFERENCE_WIND)

    @cached_property
    def longwave(self) -> Array:
        """Give EL - sigma Ta^4, W/m2."""
        return np.asarray(self.blocks["EL"] - _STEFAN_BOLTZMANN * (self.blocks["t_amb"] + _ZERO_CELSIUS) ** 4)

    @cached_property
    def theta(self) -> Array:
        """Give the angle of incidence, deg."""
        return np.degrees(np.arccos(np.clip(self.cosine, -1.0, 1.0)))

    @cached_property
    def node_angle(self) -> Array:
        """Give the angle over which the modifier's table stands, deg."""
        return self.blocks.get("theta_T", self.theta)

    @cached_property
    def node_beam(self) -> Array:
        """Give the beam that the modifier's table acts on, W/m2."""
        return self.beam * self.blocks["K_L"] if "K_L" in self.blocks else self.beam


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term of the model.

    symbol: of the coefficient it yields.  regressor: its mean over each window, with the sign it has in the model.
    of_peak: whether eta0b times the coefficient, not the coefficient itself, is the linear parameter.
    needs: columns it is formed from.  stays: never dropped for a small t-ratio.  non_negative: set to zero when it
    comes out below.
    """

    symbol: str
    regressor: Callable[[Samples], Array]
    needs: tuple[str, ...]
    of_peak: bool = False
    stays: bool = False
    non_negative: bool = False

    @property
    def name(self) -> str:
        """Give the name of the linear parameter."""
        return f"eta0b*{self.symbol}" if self.of_peak else self.symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The terms of a family of collectors; the first is eta0b."""

    terms: tuple[Term, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Give the names of the linear parameters."""
        return tuple(term.name for term in self.terms)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Give the symbols of the coefficients."""
        return tuple(term.symbol for term in self.terms)

    @property
    def needs(self) -> frozenset[str]:
        """Give the columns that the model is formed from, those of the power included."""
        return frozenset({"t_in", "t_out", "V_dot"}.union(*(term.needs for term in self.terms)))

    @property
    def nodes(self) -> tuple[int, ...]:
        """Give the angles of the modifier's table, deg; none for a model with b0."""
        return tuple(angle for angle in NODES if f"K{angle}" in self.symbols)


def rate_of_change(values: Array, interval: float) -> Array:
    """Give (last - first)/(time between them) of each window, in the unit of the values per s."""
    span = (values.shape[1] - 1) * interval
    return (values[:, -1] - values[:, 0]) / span if span > 0 else np.full(values.shape[0], np.nan)


def node_weight(theta: Array, angle: float) -> Array:
    """Give the weight of a node [deg] in a linear interpolation at theta [deg]: 1 at the node, 0 from 10 deg away."""
    return np.clip(1.0 - np.abs(theta - angle) / NODE_STEP, 0.0, None)


def _mean(values: Array) -> Array:
    return np.asarray(values.mean(axis=1))


def _node(angle: int) -> Term:
    return Term(
        symbol=f"K{angle}",
        regressor=lambda s: _mean(node_weight(s.node_angle, angle) * s.node_beam),
        needs=("G", "Gd"),
        of_peak=True,
        stays=True,
    )


_SUN, _LOSS = ("G", "Gd"), ("t_in", "t_out", "t_amb")

_ETA0B = Term(symbol="eta0b", regressor=lambda s: _mean(s.beam), needs=_SUN, stays=True)
_ETA0B_AT_ZERO = Term(
    symbol="eta0b", regressor=lambda s: _mean(node_weight(s.node_angle, 0.0) * s.node_beam), needs=_SUN, stays=True
)
_B0 = Term(symbol="b0", regressor=lambda s: _mean(-modifier_excess(s.cosine) * s.beam), needs=_SUN, of_peak=True)
_KD = Term(symbol="Kd", regressor=lambda s: _mean(s.blocks["Gd"]), needs=("Gd",), of_peak=True)
_A1 = Term(symbol="a1", regressor=lambda s: _mean(-s.above), needs=_LOSS)
_A2 = Term(symbol="a2", regressor=lambda s: _mean(-(s.above**2)), needs=_LOSS, non_negative=True)
_A3 = Term(symbol="a3", regressor=lambda s: _mean(-s.wind * s.above), needs=("u", *_LOSS))
_A4 = Term(symbol="a4", regressor=lambda s: _mean(s.longwave), needs=("EL", "t_amb"))
_A5 = Term(symbol="a5", regressor=lambda s: -rate_of_change(s.mean_fluid, s.interval), needs=("t_in", "t_out"))
_A6 = Term(symbol="a6", regressor=lambda s: _mean(-s.wind * s.blocks["G"]), needs=("u", "G"))
_A7 = Term(symbol="a7", regressor=lambda s: _mean(-s.wind * s.longwave), needs=("u", "EL", "t_amb"))
_A8 = Term(symbol="a8", regressor=lambda s: _mean(-(s.above**4)), needs=_LOSS, non_negative=True)

# Which terms a family has is [unverified]: no page of the standard was read.
GLAZED = Model(terms=(_ETA0B, _B0, _KD, _A1, _A2, _A5))
GLAZED_TABLE = Model(terms=(_ETA0B_AT_ZERO, *(_node(angle) for angle in NODES), _KD, _A1, _A2, _A5))
WIND_INFRARED = Model(terms=(_ETA0B, _B0, _KD, _A1, _A3, _A4, _A5, _A6, _A7))
CONCENTRATING = Model(terms=(_ETA0B, _B0, _KD, _A1, _A2, _A5, _A8))
WIND_SYMBOLS = ("a3", "a6", "a7")
