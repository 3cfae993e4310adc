"""The law of propagation of uncertainty (JCGM 100:2008, the GUM), to first and second order, as a budget to print.

A model takes its inputs along the first axis and any further axis along: `def model(x): V, R = x; return V / R` serves
here, where all inputs are shifted in one call, and in protocols.metrology.montecarlo, where the last axis holds the
draws. Clauses are those of JCGM 100:2008 as commonly retold; nobody has compared them with its text [clause numbers
unconfirmed].
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.metrology.coverage import coverage_factor, truncated, welch_satterthwaite

Array = NDArray[np.float64]
Model = Callable[[Array], ArrayLike]

_FIRST_STEP = 0.01  # of central differences, in standard uncertainties of the input
_SECOND_STEP = 0.1  # second and third differences need a wider step
_LEAST_STEP = 1e-11  # of any difference, relative to the value; what is smaller drowns in rounding
_COMPLEX_STEP = 1e-30  # nothing is subtracted, so that no step is too small
_CONSTANT_STEP = 1e-4  # of an input without uncertainty, relative to its value


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of a measurement model.

    standard_uncertainty: in `unit`, as the value.  dof: its degrees of freedom, inf when it is known well.
    distribution, divisor: how it was found, standard uncertainty = stated width / divisor.
    common: an error shared by all points of a test, such as the calibration of a sensor.
    """

    name: str
    value: float
    standard_uncertainty: float
    unit: str = ""
    dof: float = math.inf
    distribution: str = "normal"
    divisor: float = 1.0
    common: bool = False

    def __post_init__(self) -> None:
        """Refuse what is not a number, a negative uncertainty and degrees of freedom that are none."""
        if not math.isfinite(self.value):
            raise ValueError(f"the value of {self.name} is {self.value}; give a finite number.")
        if not (math.isfinite(self.standard_uncertainty) and self.standard_uncertainty >= 0.0):
            raise ValueError(
                f"the standard uncertainty of {self.name} is {self.standard_uncertainty}; "
                "give zero or a positive number."
            )
        if not self.dof > 0.0:
            raise ValueError(f"{self.name} has {self.dof} degrees of freedom; give a positive number or inf.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One line of a budget: an input, its sensitivity dy/dx, and its contribution (dy/dx) u(x) in the unit of y.

    share: of the variance of y, with the covariances in which the input takes part; the shares of a first-order
    budget add up to one. A negative one belongs to an input whose correlations lower the uncertainty.
    """

    name: str
    value: float
    unit: str
    standard_uncertainty: float
    distribution: str
    divisor: float
    dof: float
    common: bool
    sensitivity: float
    contribution: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """U = k u for a coverage probability; dof as it was used, truncated."""

    expanded_uncertainty: float
    coverage_factor: float
    probability: float
    dof: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A result with its budget.

    dof: effective, not truncated; NaN where correlated inputs with different finite degrees of freedom leave it
    undefined.  random_uncertainty, common_uncertainty: from the inputs that differ from point to point and from those
    that all points share; their squares add up to that of standard_uncertainty as long as no input of the one is
    correlated with one of the other and there are no second-order terms.
    second_order: what terms of second order add to the variance; 0 to first order.
    """

    value: float
    standard_uncertainty: float
    dof: float
    random_uncertainty: float
    common_uncertainty: float
    contributions: tuple[Contribution, ...]
    second_order: float = 0.0

    def expanded(self, probability: float = 0.95) -> Expanded:
        """Give U = t_p(dof) u with dof truncated to the next lower integer (JCGM 100:2008 G.4.1)."""
        k = coverage_factor(probability=probability, dof=self.dof)
        return Expanded(
            expanded_uncertainty=k * self.standard_uncertainty,
            coverage_factor=k,
            probability=probability,
            dof=truncated(self.dof),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Several results of the same inputs: values (outputs,), covariance (outputs, outputs), sensitivities J, dof."""

    values: Array
    covariance: Array
    sensitivities: Array
    dof: Array

    @property
    def standard_uncertainties(self) -> Array:
        """Give the standard uncertainty of each output."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def correlation(self) -> Array:
        """Give the correlation coefficients of the outputs."""
        return np.asarray(self.covariance / np.outer(self.standard_uncertainties, self.standard_uncertainties))


def first_order(
    model: Model,
    inputs: Sequence[Input],
    *,
    correlation: ArrayLike | None = None,
    sensitivities: ArrayLike | None = None,
    derivative: str = "central",
) -> Measurement:
    """Propagate to first order: u^2(y) = sum sum c_i c_j u_i u_j r_ij, c_i = dy/dx_i (JCGM 100:2008 5.1.2, 5.2.2).

    correlation: r, (inputs, inputs); none = independent.  sensitivities: c, analytic, (inputs,); otherwise by
    `derivative`: "central" differences of fourth order with a step of 0.01 u(x_i), at least 1e-11 |x_i|, or
    "complex" for a complex step of 1e-30, exact to rounding, for a model of analytic functions only (no abs, no
    arctan2).
    The effective degrees of freedom are Welch and Satterthwaite's; inputs that are correlated count as one component.
    Raises ValueError for a correlation matrix that is none, and for a model that gives no finite number.
    """
    slope = _jacobian(model, inputs, derivative) if sensitivities is None else np.atleast_2d(_finite(sensitivities))
    if slope.shape != (1, len(inputs)):
        raise ValueError(
            f"the sensitivities have the shape {slope.shape} for {len(inputs)} inputs and one output; "
            "give one for each input, and call first_order_joint for several outputs."
        )
    matrix = _correlation(correlation, len(inputs))
    u = _uncertainties(inputs)
    parts = slope[0] * u
    rows = parts * (matrix @ parts)
    variance = max(float(rows.sum()), 0.0)
    common = np.array([each.common for each in inputs])
    return Measurement(
        value=float(_evaluated(model, _values(inputs)).item()),
        standard_uncertainty=math.sqrt(variance),
        dof=_effective_dof(parts, inputs, matrix),
        random_uncertainty=_part(parts * ~common, matrix),
        common_uncertainty=_part(parts * common, matrix),
        contributions=tuple(_contributions(inputs, slope[0], parts, rows, variance)),
    )


def first_order_joint(
    model: Model,
    inputs: Sequence[Input],
    *,
    correlation: ArrayLike | None = None,
    sensitivities: ArrayLike | None = None,
    derivative: str = "central",
) -> Joint:
    """Propagate to several outputs: U_y = J U_x J' (JCGM 102:2011 6.2.1); arguments as of first_order.

    The model gives its outputs along the first axis; sensitivities: J, (outputs, inputs).
    """
    slope = _jacobian(model, inputs, derivative) if sensitivities is None else np.atleast_2d(_finite(sensitivities))
    matrix = _correlation(correlation, len(inputs))
    parts = slope * _uncertainties(inputs)
    return Joint(
        values=np.atleast_1d(_evaluated(model, _values(inputs))),
        covariance=parts @ matrix @ parts.T,
        sensitivities=slope,
        dof=np.array([_effective_dof(row, inputs, matrix) for row in parts]),
    )


def second_order(model: Model, inputs: Sequence[Input], *, sensitivities: ArrayLike | None = None) -> Measurement:
    """Propagate to second order: adds sum sum [f_ij^2/2 + f_i f_ijj] u_i^2 u_j^2 to u^2(y) (JCGM 100:2008 5.1.2, note).

    For independent inputs with symmetric distributions. The value stays f(x), as in the GUM, although the mean of y
    differs from it by sum f_ii u_i^2/2. Raises ValueError when the terms make the variance negative.
    """
    first = first_order(model, inputs, sensitivities=sensitivities)
    added = float(second_order_terms(model, inputs).sum())
    variance = first.standard_uncertainty**2 + added
    if variance < 0.0:
        raise ValueError("terms of second order make the variance negative; use a Monte Carlo evaluation instead.")
    kept = first.standard_uncertainty**2 / variance if variance else 0.0
    return replace(
        first,
        standard_uncertainty=math.sqrt(variance),
        contributions=tuple(replace(each, share=each.share * kept) for each in first.contributions),
        second_order=added,
    )


def second_order_terms(model: Model, inputs: Sequence[Input]) -> Array:
    """Give [f_ij^2/2 + f_i f_ijj] u_i^2 u_j^2 for each pair of inputs, (inputs, inputs), in the unit of y squared.

    Second and third derivatives are central differences with a step of 0.1 u(x_i), at least 1e-11 |x_i|.
    """
    u, x = _uncertainties(inputs), _values(inputs)
    slopes = _jacobian(model, inputs, "central")[0] * u
    h = np.maximum(_SECOND_STEP * u, np.where(u > 0.0, _LEAST_STEP * np.abs(x), 0.0))
    t = np.divide(h, u, out=np.ones_like(u), where=u > 0.0)
    own = [_own_derivatives(model, x, i, float(h[i]), float(t[i])) for i in range(x.size)]
    terms = np.diag([0.5 * curved**2 + slope * bent for slope, (curved, bent) in zip(slopes, own, strict=True)])
    pairs = [(i, j) for i in range(x.size) for j in range(x.size) if i != j and u[i] and u[j]]
    for (i, j), f in zip(pairs, _grids(model, x, h, pairs), strict=True):
        mixed = 0.25 * (f[2, 2] - f[2, 0] - f[0, 2] + f[0, 0])  # f_ij h_i h_j
        bent = 0.5 * (f[2, 2] - 2.0 * f[2, 1] + f[2, 0] - f[0, 2] + 2.0 * f[0, 1] - f[0, 0])  # f_ijj h_i h_j^2
        terms[i, j] = 0.5 * (mixed / (t[i] * t[j])) ** 2 + slopes[i] * bent / (t[i] * t[j] ** 2)
    return terms


def _grids(model: Model, x: Array, h: Array, pairs: list[tuple[int, int]]) -> Array:
    """Give the model at -1, 0 and 1 steps h of the two inputs of every pair, (pairs, 3, 3)."""
    shifts = np.zeros((x.size, len(pairs), 3, 3))
    steps = np.array([-1.0, 0.0, 1.0])
    for at, (i, j) in enumerate(pairs):
        shifts[i, at] = h[i] * steps[:, None]
        shifts[j, at] = h[j] * steps
    moved = x[:, None] + shifts.reshape(x.size, -1)
    return _evaluated(model, moved).reshape(len(pairs), 3, 3) if pairs else np.empty((0, 3, 3))


def _own_derivatives(model: Model, x: Array, i: int, h: float, t: float) -> tuple[float, float]:
    """Give f_ii u_i^2 and f_iii u_i^3 by steps h = t u_i."""
    shifts = np.zeros((x.size, 5))
    shifts[i] = np.arange(-2, 3) * h
    f = _evaluated(model, x[:, None] + shifts)
    curved = (-f[0] + 16.0 * f[1] - 30.0 * f[2] + 16.0 * f[3] - f[4]) / (12.0 * t**2)
    bent = (f[4] - 2.0 * f[3] + 2.0 * f[1] - f[0]) / (2.0 * t**3)
    return float(curved), float(bent)


def _uncertainties(inputs: Sequence[Input]) -> Array:
    return np.array([each.standard_uncertainty for each in inputs])


def _values(inputs: Sequence[Input]) -> Array:
    return np.array([each.value for each in inputs])


def _finite(numbers: ArrayLike) -> Array:
    array = np.asarray(numbers, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError("a sensitivity or contribution is not a finite number.")
    return array


def _evaluated(model: Model, x: Array) -> Array:
    """Give the model at x, real, with the shape of one output or of outputs by columns."""
    y = np.asarray(model(x))
    if not np.isfinite(y).all():
        raise ValueError(
            "the model gives no finite number at the estimates of its inputs; check their values and units."
        )
    if np.iscomplexobj(y):
        raise ValueError("the model gives complex numbers for real inputs; check their values and units.")
    return y.astype(np.float64)


def _jacobian(model: Model, inputs: Sequence[Input], derivative: str) -> Array:
    """Give dy_k/dx_i, (outputs, inputs)."""
    x, u = _values(inputs), _uncertainties(inputs)
    if derivative == "complex":
        moved = np.asarray(model(x[:, None] + 1j * _COMPLEX_STEP * np.eye(x.size)))
        if not np.iscomplexobj(moved):
            raise ValueError('the model drops complex parts (abs, arctan2, ...); use derivative="central".')
        return np.atleast_2d(_finite(moved.imag / _COMPLEX_STEP))
    if derivative != "central":
        raise ValueError(f'the derivative {derivative!r} is not known; give "central" or "complex".')
    constant = np.where(x == 0.0, 1.0, np.abs(x)) * _CONSTANT_STEP
    h = np.where(u > 0.0, np.maximum(_FIRST_STEP * u, _LEAST_STEP * np.abs(x)), constant)
    shifts = np.multiply.outer(np.diag(h), [-2.0, -1.0, 1.0, 2.0])
    y = _evaluated(model, x[:, None] + shifts.reshape(x.size, -1))
    slope = y.reshape(*y.shape[:-1], x.size, 4) @ np.array([1.0, -8.0, 8.0, -1.0]) / 12.0
    return np.atleast_2d(slope / h)


def _correlation(correlation: ArrayLike | None, count: int) -> Array:
    if correlation is None:
        return np.eye(count)
    r = np.asarray(correlation, dtype=np.float64)
    if r.shape != (count, count) or not np.allclose(r, r.T, atol=1e-12) or not np.allclose(np.diag(r), 1.0):
        raise ValueError(
            f"a correlation matrix of {count} inputs is {count} x {count}, symmetric, with ones on its diagonal."
        )
    if np.linalg.eigvalsh(r)[0] < -1e-9 * count:
        raise ValueError("no inputs can be correlated in this way: the correlation matrix has a negative eigenvalue.")
    return r


def _part(parts: Array, correlation: Array) -> float:
    return math.sqrt(max(float(parts @ correlation @ parts), 0.0))


def _contributions(
    inputs: Sequence[Input], slope: Array, parts: Array, rows: Array, variance: float
) -> Iterator[Contribution]:
    for each, c, part, row in zip(inputs, slope, parts, rows, strict=True):
        yield Contribution(
            name=each.name,
            value=each.value,
            unit=each.unit,
            standard_uncertainty=each.standard_uncertainty,
            distribution=each.distribution,
            divisor=each.divisor,
            dof=each.dof,
            common=each.common,
            sensitivity=float(c),
            contribution=float(part),
            share=float(row) / variance if variance else 0.0,
        )


def _effective_dof(parts: Array, inputs: Sequence[Input], correlation: Array) -> float:
    """Give Welch and Satterthwaite's, every group of correlated inputs taken as one component.

    A group read together n times has n - 1 degrees of freedom, as each of its members; for members that differ no
    formula holds, and the result is NaN.
    """
    components, freedoms = [], []
    for group in _groups(correlation):
        freedom = {inputs[i].dof for i in group if parts[i]}
        if len(freedom) > 1:
            return math.nan
        components.append(_part(parts[group], correlation[np.ix_(group, group)]))
        freedoms.append(freedom.pop() if freedom else math.inf)
    return welch_satterthwaite(components, freedoms)


def _groups(correlation: Array) -> list[list[int]]:
    """Give the inputs by groups that no correlation joins."""
    left, groups = set(range(len(correlation))), []
    while left:
        group, reached = set[int](), {min(left)}
        while reached != group:
            group = reached
            reached = set(np.flatnonzero(np.any(correlation[list(group)] != 0.0, axis=0)).tolist())
        groups.append(sorted(group))
        left -= group
    return groups
