"""The steady-state collector models: their regressors, and the uncertainty of their coefficients.

Glazed (ISO 9806:2017, normal incidence):

    Q/A_G = eta0hem G - a1 (tm - ta) - a2 (tm - ta)^2

Wind or infrared sensitive (the unglazed steady-state form of ISO 9806:2013):

    Q/A_G = eta0hem (1 - bu u) G'' - (b1 + b2 u)(tm - ta),   G'' = G + (eps/alpha)(EL - sigma Ta^4)

Both are linear in their terms. A value that is off by dq in the response and by dX in the design changes the terms by
H (dq - dX c) + (X'X)^-1 dX' e to first order, with H = (X'X)^-1 X' and the residuals e: nothing is left out, so that
the result agrees with a program that differentiates the whole computation. Effects that are independent from point to
point and effects common to all points go through the same formula and are kept apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.fluids import Fluid
from protocols.record import Common
from protocols.uncertainty import Budget, budget

Array = NDArray[np.float64]

SIGMA = 5.67e-8  # W/(m2 K4), Stefan-Boltzmann constant with the digits of the standard's power equation
_KELVIN = 273.15
_RANK = 1e-10  # smallest over largest diagonal of the scaled triangle that needs no closer look


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """What turns measured columns into power per area.

    area: gross, m2.  meter: where the flow is metered, "inlet" or "outlet".  metered: whether the power is taken from
    the column Q_meter instead.  stated_mean: whether tm is taken from the column tm instead of (t_in + t_out)/2.
    emittance_ratio: eps/alpha of the absorber, for G''.
    """

    area: float
    fluid: Fluid
    meter: str = "inlet"
    metered: bool = False
    stated_mean: bool = False
    emittance_ratio: float = 0.0

    def mass_flow(self, columns: Mapping[str, Array]) -> Array:
        """Give rho V_dot in kg/s, the density at the meter's temperature."""
        return columns["V_dot"] * self.fluid.density(columns["t_in" if self.meter == "inlet" else "t_out"])

    def flow_power(self, columns: Mapping[str, Array]) -> Array:
        """Give the useful power from flow and temperatures, W."""
        rise = self.fluid.enthalpy_rise(t_in=columns["t_in"], t_out=columns["t_out"])
        return self.mass_flow(columns) * rise

    def power(self, columns: Mapping[str, Array]) -> Array:
        """Give the useful power in W."""
        return columns["Q_meter"] if self.metered else self.flow_power(columns)

    def mean_fluid(self, columns: Mapping[str, Array]) -> Array:
        """Give tm in degC."""
        return columns["tm"] if self.stated_mean else (columns["t_in"] + columns["t_out"]) / 2.0

    def above(self, columns: Mapping[str, Array]) -> Array:
        """Give tm - ta in K."""
        return self.mean_fluid(columns) - columns["t_amb"]

    def net_irradiance(self, columns: Mapping[str, Array]) -> Array:
        """Give G'' = G + (eps/alpha)(EL - sigma Ta^4) in W/m2."""
        sky = columns["EL"] - SIGMA * (columns["t_amb"] + _KELVIN) ** 4
        return columns["G"] + self.emittance_ratio * sky


@dataclass(frozen=True, kw_only=True)
class Model:
    """A steady-state model, linear in `terms`.

    regressors: columns and circuit -> one array a term, each of the shape of the columns.  keep: terms that are never
    set to zero.  non_negative: terms set to zero when negative.  coefficients: symbols of the result, one a term;
    ratios: those of them that are their term over the first.
    """

    terms: tuple[str, ...]
    coefficients: tuple[str, ...]
    regressors: Callable[[Mapping[str, Array], Circuit], tuple[Array, ...]]
    keep: tuple[str, ...]
    non_negative: tuple[str, ...] = ()
    ratios: tuple[str, ...] = ()

    def values(self, terms: Array) -> Array:
        """Turn terms into coefficients."""
        ratio = np.array([symbol in self.ratios for symbol in self.coefficients])
        return np.where(ratio, terms / terms[0], terms)

    def jacobian(self, terms: Array) -> Array:
        """Give d coefficients / d terms."""
        jacobian = np.eye(terms.size)
        for row, symbol in enumerate(self.coefficients):
            if symbol in self.ratios:
                jacobian[row, 0] = -terms[row] / terms[0] ** 2
                jacobian[row, row] = 1.0 / terms[0]
        return jacobian


def _glazed(columns: Mapping[str, Array], circuit: Circuit) -> tuple[Array, ...]:
    above = circuit.above(columns)
    return columns["G"], -above, -(above**2)


def _wind_sensitive(columns: Mapping[str, Array], circuit: Circuit) -> tuple[Array, ...]:
    net, above, wind = circuit.net_irradiance(columns), circuit.above(columns), columns["u"]
    return net, -wind * net, -above, -wind * above


GLAZED = Model(
    terms=("eta0hem", "a1", "a2"),
    coefficients=("eta0hem", "a1", "a2"),
    regressors=_glazed,
    keep=("eta0hem", "a1"),
    non_negative=("a2",),
)
WIND_SENSITIVE = Model(
    terms=("eta0hem", "eta0hem*bu", "b1", "b2"),
    coefficients=("eta0hem", "bu", "b1", "b2"),
    regressors=_wind_sensitive,
    keep=("eta0hem", "b1"),
    ratios=("bu",),
)


@dataclass(frozen=True, kw_only=True)
class Regression:
    """Means of each point: design (points, terms), response [W/m2], mass flow [kg/s]."""

    design: Array
    response: Array
    mass_flow: Array


def regression(*, model: Model, blocks: Mapping[str, Array], circuit: Circuit) -> Regression:
    """Form regressors and response of every point: means over its samples of products, not products of means.

    blocks: symbol -> (points, samples) in the units of the glossary.
    """
    return Regression(
        design=np.column_stack([each.mean(axis=1) for each in model.regressors(blocks, circuit)]),
        response=circuit.power(blocks).mean(axis=1) / circuit.area,
        mass_flow=circuit.mass_flow(blocks).mean(axis=1),
    )


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What one standard uncertainty of a cause changes.

    response: of each point, in the unit of the response.  design: (points, terms), None for no change.
    """

    cause: str
    response: Array
    design: Array | None = None


def propagated(
    *, design: Array, response: Array, values: Array, random: Sequence[Effect], common: Sequence[Effect]
) -> Budget:
    """Propagate effects through ordinary least squares to the covariance of its terms, first order and complete.

    values: the terms fitted to design and response.  random: effects independent from point to point.  common: effects
    that shift all points together.
    """
    return _budget(fits.operator(design), design, response, values, random, common)


def uncertain_fit(
    *, design: Array, response: Array, names: Sequence[str], random: Sequence[Effect], common: Sequence[Effect]
) -> tuple[Array, Budget]:
    """Fit by ordinary least squares and propagate effects in one factorisation: the terms and their covariance.

    As `fits.linear` followed by `propagated`, without the statistics of the residuals.
    Raises what `fits.linear` raises.
    """
    size = np.sqrt(np.einsum("ij,ij->j", design, design))
    q, r = np.linalg.qr(design / size)
    least, most = np.sort(np.abs(r.diagonal()))[[0, -1]]
    if not least > _RANK * most or response.size <= size.size:
        fits.linear(design, response, names=names)
    operator = np.linalg.solve(r, q.T) / size[:, None]
    values = operator @ response
    return values, _budget(operator, design, response, values, random, common)


def _budget(
    operator: Array,
    design: Array,
    response: Array,
    values: Array,
    random: Sequence[Effect],
    common: Sequence[Effect],
) -> Budget:
    """Give the change of the terms by each effect at each point alone, squared or summed over the points."""
    effects = (*random, *common)
    moved, pulled = np.zeros((len(effects), response.size)), np.zeros((len(effects), *design.shape))
    for number, effect in enumerate(effects):
        moved[number] = effect.response
        if effect.design is not None:
            pulled[number] = effect.design
    moved -= pulled @ values
    residual = response - design @ values
    changes = moved[:, :, None] * operator.T + (pulled * residual[:, None]) @ (operator @ operator.T)
    alone, together = changes[: len(random)].reshape(-1, values.size), changes[len(random) :].sum(axis=1)
    return budget(
        random=alone.T @ alone,
        shifts={effect.cause: shift for effect, shift in zip(common, together, strict=True)},
    )


def common_effects(
    *,
    model: Model,
    blocks: Mapping[str, Array],
    circuit: Circuit,
    causes: Sequence[Common],
    terms: Sequence[str],
) -> tuple[Effect, ...]:
    """Give the effect of every common cause by forming the regression again with the cause off by one uncertainty.

    terms: the terms of the model that were fitted. Causes that change nothing are left out; two of one symbol, and the
    absolute and the relative part of one, are independent.
    """
    base = regression(model=model, blocks=blocks, circuit=circuit)
    kept = [model.terms.index(name) for name in terms]
    effects = []
    for number, cause in enumerate(causes, start=1):
        for kind in ("absolute", "relative"):
            off = _off(model, blocks, circuit, cause.symbol, **{kind: getattr(cause, kind)})
            if off is not None:
                effects.append(
                    Effect(
                        cause=f"{number} {cause.symbol} {kind}",
                        response=off.response - base.response,
                        design=(off.design - base.design)[:, kept],
                    )
                )
    return tuple(effects)


def _off(
    model: Model,
    blocks: Mapping[str, Array],
    circuit: Circuit,
    symbol: str,
    *,
    absolute: float = 0.0,
    relative: float = 0.0,
) -> Regression | None:
    if not absolute and not relative:
        return None
    if symbol == "A_G":
        other = replace(circuit, area=circuit.area * (1.0 + relative) + absolute)
        return regression(model=model, blocks=blocks, circuit=other)
    if symbol in ("rho", "c_p"):
        base = regression(model=model, blocks=blocks, circuit=circuit)
        factor = 1.0 + (0.0 if circuit.metered else relative + absolute / _typical(symbol, blocks, circuit))
        return replace(base, response=base.response * factor)
    if symbol not in blocks:
        return None
    return regression(
        model=model, blocks={**blocks, symbol: blocks[symbol] * (1.0 + relative) + absolute}, circuit=circuit
    )


def _typical(symbol: str, blocks: Mapping[str, Array], circuit: Circuit) -> float:
    known = circuit.fluid.density if symbol == "rho" else circuit.fluid.heat_capacity
    return float(known(np.asarray(np.mean(blocks["t_in"] + blocks["t_out"]) / 2.0)))


def type_a(*, model: Model, blocks: Mapping[str, Array], circuit: Circuit, terms: Array, parts: int = 4) -> float:
    """Give the standard uncertainty of a point from the scatter within the points, W/m2.

    Each point is cut into `parts` equal parts; u^2 = s^2(means of the parts)/parts, pooled over the points. Means of
    parts keep the correlation of neighbouring samples, which the scatter of single samples ignores. terms: fitted,
    in the order of the model.  Zero for points of fewer than two samples a part.
    """
    samples = next(iter(blocks.values())).shape[1]
    length = samples // parts
    if length < 2:
        return 0.0
    fitted = sum(c * x for c, x in zip(terms, model.regressors(blocks, circuit), strict=True))
    error = (circuit.power(blocks) / circuit.area - fitted)[:, : parts * length]
    means = error.reshape(error.shape[0], parts, length).mean(axis=2)
    return float(np.sqrt(means.var(axis=1, ddof=1).mean() / parts))


def predicted(*, values: Array, covariance: Array, G: Array, above: Array) -> tuple[Array, Array]:
    """Give the power per area of a glazed collector and its standard uncertainty, both W/m2.

    values, covariance: of eta0hem, a1, a2.  G: W/m2.  above: tm - ta, K.  u^2 = g Cov g with g = (G, -above, -above^2)
    (JCGM 102:2011 6.2.1).
    """
    gradient = np.stack(np.broadcast_arrays(G, -above, -(above**2)), axis=-1)
    return gradient @ values, np.sqrt(np.einsum("...i,ij,...j->...", gradient, covariance, gradient))
