"""The effective thermal capacity of a collector: measured in a step, or calculated from its parts.

Measured, from rest at tm1 to rest at tm2:

    C = [A_G int(eta0hem G - a1 (tm - ta) - a2 (tm - ta)^2) dt - int(Q) dt] / (tm2 - tm1)

Calculated: C = sum p_i m_i c_i. The two can differ; a result says which it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from protocols.collector_tests.step_response import Ends, ends, even, require_change
from protocols.evaluation import Edition, bound, coefficients, columns_of, general_notes, note, require, shifts
from protocols.fields import FLUID, GROSS_AREA, fluid, number
from protocols.limits import Limit
from protocols.method import ItemField, ItemValue, Method, Note, Outcome, complete_item
from protocols.record import Common, Record
from protocols.refusals import NotEvaluable
from protocols.steady_state.model import Circuit
from protocols.symbols import quantity
from protocols.uncertainty import budget

Array = NDArray[np.float64]

_INPUTS = ("G", "t_in", "t_out", "t_amb", "V_dot")
_OUTPUTS = ("C", "a5")
_LIMITS = ("step_settled", "step_least")
_EFFICIENCY = (
    ("eta0hem", "1", "peak collector efficiency (hemispherical)", "半球向峰值效率", 1.5),
    ("a1", "W/(m2 K)", "heat loss coefficient", "热损失系数", 100.0),
    ("a2", "W/(m2 K2)", "temperature dependence of heat loss", "热损失系数的温度系数", 10.0),
)
_RESIDUAL = 0.02  # of the capacity, that an unbalanced rest may make before the result says so
PARTS = ("absorber", "insulation", "liquid", "cover_1", "cover_2", "cover_3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a collector: which of PARTS it is, its mass [kg] and specific heat capacity [J/(kg K)]."""

    kind: str
    mass: float
    heat_capacity: float


def calculated_capacity(*, parts: Sequence[Part], a1: float, limits: Mapping[str, Limit]) -> float:
    """Give C = sum p_i m_i c_i in J/K.

    a1: W/(m2 K); the weights of covers are multiples of it.  limits: the weights, capacity_absorber and so on.
    ISO 9806:2017, effective thermal capacity [clause number unconfirmed]; the weights are not confirmed.
    Raises ValueError for an unknown part, a mass or heat capacity not above zero, and no part at all.
    """
    if not parts:
        raise ValueError("a collector needs at least one part for its capacity.")
    if not (np.isfinite(a1) and a1 >= 0):
        raise ValueError(f"a1 is {a1}; give a number that is not negative.")
    return sum(_weight(part, a1, limits) * part.mass * part.heat_capacity for part in parts)


def _weight(part: Part, a1: float, limits: Mapping[str, Limit]) -> float:
    if part.kind not in PARTS:
        raise ValueError(f"{part.kind!r} is no part of a collector; choose one of {', '.join(PARTS)}.")
    if not (0 < part.mass < np.inf and 0 < part.heat_capacity < np.inf):
        raise ValueError(f"mass and heat capacity of the {part.kind} must be above zero.")
    weight = limits[f"capacity_{part.kind}"].value
    return weight * a1 if part.kind.startswith("cover") else weight


def _efficiency_fields() -> tuple[ItemField, ...]:
    fields = []
    for symbol, unit, english, chinese, most in _EFFICIENCY:
        optional = symbol == "a2"
        value = ItemField(
            symbol=symbol,
            unit=unit,
            default=0.0 if optional else None,
            name_en=english,
            name_zh=chinese,
            least=0.0,
            most=most,
        )
        error = replace(
            value,
            symbol=f"u_{symbol}",
            default=0.0,
            name_en=f"standard uncertainty of the {english}",
            name_zh=f"{chinese}的标准不确定度",
        )
        fields += [value, error]
    return tuple(fields)


EFFICIENCY = _efficiency_fields()
ITEM = (GROSS_AREA, *FLUID, *EFFICIENCY)


def stated_efficiency(item: Mapping[str, ItemValue]) -> tuple[dict[str, float], tuple[Common, ...]]:
    """Give eta0hem, a1 and a2 of an item description and their uncertainties as common causes."""
    values = {symbol: number(item, symbol) for symbol, *_ in _EFFICIENCY}
    return values, tuple(
        Common(symbol=symbol, absolute=number(item, f"u_{symbol}"), source="the item description") for symbol in values
    )


def _balance(columns: Mapping[str, Array], parameters: Mapping[str, float], circuit: Circuit) -> Array:
    """Give the power that goes into the capacity, W, of each sample."""
    above = circuit.above(columns)
    gain = parameters["eta0hem"] * columns["G"] - parameters["a1"] * above - parameters["a2"] * above**2
    useful = circuit.power(columns) * parameters["rho"] * parameters["c_p"]
    return np.asarray(parameters["A_G"] * gain - useful)


def _evaluate(
    *, method_id: str, clause: str, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> Outcome:
    """Integrate the heat that a collector keeps while its mean temperature goes from one rest to another."""
    require(record=record, inputs=_INPUTS, limits=limits, asked=_LIMITS)
    complete = complete_item(ITEM, item)
    circuit = Circuit(area=number(complete, "A_G"), fluid=fluid(complete), meter=str(complete["flow_meter_position"]))
    columns = columns_of(record, inputs=_INPUTS, optional=())
    interval = even(time=record.time, columns=columns)
    _require_fluid(columns, circuit, clause)
    mean = circuit.mean_fluid(columns)
    rest = ends(
        values=mean, settled=limits["step_settled"].value, what_en="mean fluid temperature", what_zh="工质平均温度"
    )
    require_change(
        change=rest.last - rest.first,
        least=limits["step_least"].value,
        what_en="mean fluid temperature",
        what_zh="工质平均温度",
    )
    efficiency, stated = stated_efficiency(complete)
    parameters = {"A_G": circuit.area, "rho": 1.0, "c_p": 1.0, **efficiency}

    def compute(of: Mapping[str, Array], given: Mapping[str, float]) -> Array:
        temperature = circuit.mean_fluid(of)
        change = temperature[-rest.samples :].mean() - temperature[: rest.samples].mean()
        C = _balance(of, given, circuit).sum() * interval / change  # each sample is the mean of its interval
        return np.array([C, C / given["A_G"]])

    values = compute(columns, parameters)
    random = _random(values, _balance(columns, parameters, circuit), rest, interval)
    result = budget(
        random=random,
        shifts=shifts(
            compute=compute,
            columns=columns,
            parameters=parameters,
            causes=(*relative_fluid(record, columns, circuit), *stated),
        ),
    )
    applied = tuple(limits[symbol] for symbol in _LIMITS)
    return Outcome(
        method_id=method_id,
        coefficients=coefficients(symbols=_OUTPUTS, values=values, budget=result, dof=np.inf),
        covariance=result.total,
        points={
            "time": record.time,
            **columns,
            "tm": mean,
            "used": np.ones(record.time.size),
            "refusal": np.full(record.time.size, -1.0),
        },
        refusals=(),
        notes=(
            note(
                "measured capacity",
                "The capacity was measured in a step; a calculated one can differ.",
                "有效热容由阶跃试验测得；计算值可能与之不同。",
            ),
            *_residual(values[0], _balance(columns, parameters, circuit), rest, interval),
            *general_notes(record=record, limits=applied),
        ),
        diagnostics={
            "sample_interval": interval,
            "tm_first": rest.first,
            "tm_last": rest.last,
            "samples_of_an_end": float(rest.samples),
            "residual_power_first": float(_balance(columns, parameters, circuit)[: rest.samples].mean()),
            "residual_power_last": float(_balance(columns, parameters, circuit)[-rest.samples :].mean()),
        },
        limits=applied,
    )


def _residual(C: float, balance: Array, rest: Ends, interval: float) -> list[Note]:
    """Say when the stated efficiency does not balance the rests, and what that makes over the record."""
    left = float(balance[: rest.samples].mean() + balance[-rest.samples :].mean()) / 2.0
    made = abs(left * interval * balance.size / (rest.last - rest.first))
    if made <= _RESIDUAL * abs(C):
        return []
    return [
        note(
            "efficiency does not balance the rest",
            f"At rest the stated efficiency leaves {left:+.1f} W unexplained, which over the record makes "
            f"{made:.0f} J/K of C; record no longer than from rest to rest, or check eta0hem and a1.",
            f"稳态时所给效率尚有 {left:+.1f} W 不平衡，在整个记录中相当于 C 的 {made:.0f} J/K；"
            "请缩短记录，仅含稳态至稳态，或核对 eta0hem 与 a1。",
        )
    ]


def _require_fluid(columns: Mapping[str, Array], circuit: Circuit, clause: str) -> None:
    low, high = circuit.fluid.limits
    if (
        min(columns["t_in"].min(), columns["t_out"].min()) < low
        or max(columns["t_in"].max(), columns["t_out"].max()) > high
    ):
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"A fluid temperature is outside {low:.1f} to {high:.1f} degC, where the fluid is known; give "
            "another fluid or correct the record.",
            sentence_zh=f"工质温度超出其物性范围 {low:.1f} 至 {high:.1f} degC；请更换工质或更正记录。",
        )


def relative_fluid(record: Record, columns: Mapping[str, Array], circuit: Circuit) -> list[Common]:
    """Give the causes of the record, those of density and heat capacity as shares of their value."""
    middle = np.asarray((columns["t_in"].mean() + columns["t_out"].mean()) / 2.0)
    typical = {"rho": float(circuit.fluid.density(middle)), "c_p": float(circuit.fluid.heat_capacity(middle))}
    return [
        replace(cause, absolute=0.0, relative=float(np.hypot(cause.relative, cause.absolute / typical[cause.symbol])))
        if cause.symbol in typical
        else cause
        for cause in record.uncertainties
    ]


def _random(values: Array, balance: Array, rest: Ends, interval: float) -> Array:
    """Give the covariance of C and a5 from noise that is new in each sample: of the balance and of the two rests."""
    power_noise = np.sqrt(np.mean([part.var(ddof=1) for part in (balance[: rest.samples], balance[-rest.samples :])]))
    integral = power_noise * interval * np.sqrt(balance.size)
    change = rest.last - rest.first
    u = np.hypot(integral / change, values[0] / change * rest.noise * np.sqrt(2.0 / rest.samples))
    share = values / values[0]
    return np.asarray(u**2 * np.outer(share, share))


def thermal_capacity_method(*, edition: Edition) -> Method:
    """Make the measurement of the effective thermal capacity of an edition."""
    method_id = f"{edition.prefix}-thermal-capacity"
    return Method(
        id=method_id,
        standard=edition.standard,
        edition=edition.year,
        clause="effective thermal capacity [clause number unconfirmed]",
        title_en="Effective thermal capacity of liquid-heating collectors, measured in a step",
        title_zh="液体集热器有效热容（阶跃试验测定）",
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={},
        item=ITEM,
        outputs={symbol: quantity(symbol).unit for symbol in _OUTPUTS},
        limit_table=edition.limit_table,
        evaluate=bound(_evaluate, method_id=method_id, clause=edition.clause("effective thermal capacity")),
    )
