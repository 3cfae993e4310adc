"""The average heat loss factor of a store from the record of a night."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.evaluation import Edition, bound, coefficients, columns_of, general_notes, note, require, shifts
from protocols.fields import number
from protocols.limits import Limit
from protocols.method import ItemField, ItemValue, Method, Note, Outcome, complete_item
from protocols.metrology.gum import Input, Measurement, first_order
from protocols.record import Common, Record
from protocols.refusals import NotEvaluable
from protocols.symbols import quantity
from protocols.uncertainty import Budget, budget
from protocols.water_heaters.conditions import cancelled, contributions, outside, unmixed, water_note
from protocols.water_heaters.spans import Span, require_no_gap
from protocols.water_heaters.store_water import (
    MIXED_UNCERTAINTY,
    WATER_CHOICE,
    Reading,
    Water,
    first_reading,
    last_reading,
    water_of,
)
from protocols.water_heaters.water_heater import heat_loss_factor, store_loss_coefficient

Array = NDArray[np.float64]

_INPUTS = ("t_store", "t_amb")
_OPTIONAL = ("u", "G")
_LIMITS = (
    "night_duration",
    "night_duration_tolerance",
    "night_t_first",
    "night_u_max",
    "night_G_max",
    "night_gap",
    "reading_time",
    "mixed_spread",
)
ITEM = (
    WATER_CHOICE,
    MIXED_UNCERTAINTY,
    ItemField(
        symbol="V_s",
        unit="m3",
        required=False,
        name_en="store volume, for the heat loss coefficient in W/K",
        name_zh="贮水容积，用于计算以 W/K 计的热损系数",
        least=1e-3,
        most=1e4,
    ),
    ItemField(
        symbol="t_amb_mean",
        unit="degC",
        required=False,
        name_en="mean ambient temperature beside the store, where the record does not hold it throughout",
        name_zh="水箱附近平均环境温度（记录未全程给出时填写）",
        least=-60.0,
        most=60.0,
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Night:
    """What a record says: both readings of the mixed store, the time between, the mean ambient temperature."""

    first: Reading
    last: Reading
    span: Span
    t_amb: float
    water: Water

    def factor(self, *, first: float, last: float, t_amb: float, water: Water) -> float:
        return heat_loss_factor(t_first=first, t_last=last, t_amb=t_amb, duration=self.span.duration, water=water)


def _evaluate(
    *, method_id: str, clause: str, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> Outcome:
    """Find U_sl between the first and the last reading of the mixed store in a record of one night."""
    require(record=record, inputs=_INPUTS, limits=limits, asked=_LIMITS)
    complete = complete_item(ITEM, item)
    columns = columns_of(record, inputs=_INPUTS, optional=_OPTIONAL)
    night = _night(record.time, columns, complete, limits, clause)
    found = _random(night, number(complete, "u_mixed"), clause)
    result = budget(random=np.array([[found.standard_uncertainty**2]]), shifts=_shifts(night, record.uncertainties))
    applied = tuple(limits[symbol] for symbol in _LIMITS)
    return Outcome(
        method_id=method_id,
        coefficients=coefficients(symbols=("U_sl",), values=np.array([found.value]), budget=result, dof=found.dof),
        covariance=result.total,
        points=_points(night),
        refusals=(),
        notes=(*_notes(night, columns, complete, limits), *general_notes(record=record, limits=applied)),
        diagnostics=_figures(night, found.value, complete, result),
        limits=applied,
    )


def _night(
    time: Array,
    columns: Mapping[str, Array],
    item: dict[str, ItemValue],
    limits: Mapping[str, Limit],
    clause: str,
) -> _Night:
    length, store = limits["reading_time"].value, columns["t_store"]
    first = first_reading(time=time, values=store, since=-np.inf, length=length)
    last = last_reading(time=time, values=store, until=np.inf, length=length)
    if first is None or last is None or not last.time > first.time:
        raise NotEvaluable(
            clause=clause,
            sentence_en="The record does not hold two readings of t_store, one at the begin and one at the end of the "
            "night; give both.",
            sentence_zh="记录中没有夜间开始与结束时的两次贮水温度（t_store）读数；请补充。",
        )
    span = Span(time=time, begin=first.time, end=last.time)
    stated = item.get("t_amb_mean")
    if not isinstance(stated, float):
        require_no_gap(span=span, symbol="t_amb", values=columns["t_amb"], longest=limits["night_gap"].value)
        stated = span.mean(columns["t_amb"])
    water = water_of(item=item, t_first=first.value, t_last=last.value, clause=clause)
    return _Night(first=first, last=last, span=span, t_amb=stated, water=water)


def _random(night: _Night, u_mixed: float, clause: str) -> Measurement:
    """Give U_sl with the uncertainty that the scatter of the readings and u_mixed leave (JCGM 100:2008 5.1.2)."""
    inputs = [_reading("t_first", night.first, u_mixed), _reading("t_last", night.last, u_mixed)]
    per_kelvin = night.water.rho * night.water.c_p / night.span.duration
    try:
        night.factor(first=night.first.value, last=night.last.value, t_amb=night.t_amb, water=night.water)
    except ValueError as error:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"No heat loss factor: {error}",
            sentence_zh=f"无法计算平均热损因数：要求开始水温高于结束水温、结束水温高于环境温度，"
            f"实为 {night.first.value:.2f}、{night.last.value:.2f}、{night.t_amb:.2f} degC；请核对读数。",
        ) from error
    return first_order(
        lambda t: per_kelvin * np.log((t[0] - night.t_amb) / (t[1] - night.t_amb)),
        inputs,
        sensitivities=[
            per_kelvin / (night.first.value - night.t_amb),
            -per_kelvin / (night.last.value - night.t_amb),
        ],
    )


def _reading(name: str, reading: Reading, u_mixed: float) -> Input:
    """Give a reading as an input; the freedom of its scatter counts only while the scatter is all there is."""
    dof = reading.count - 1.0 if reading.count > 1 and not u_mixed else np.inf
    return Input(
        name=name,
        value=reading.value,
        standard_uncertainty=float(np.hypot(reading.scatter, u_mixed)),
        unit="degC",
        dof=dof,
    )


def _shifts(night: _Night, causes: tuple[Common, ...]) -> dict[str, Array]:
    """Give the change of U_sl for each common cause; both readings of the store move together."""
    read = {"t_store": np.array([night.first.value, night.last.value]), "t_amb": np.array([night.t_amb])}

    def compute(of: Mapping[str, Array], parameters: Mapping[str, float]) -> Array:
        water = Water(rho=parameters["rho"], c_p=parameters["c_p"])
        first, last = of["t_store"].tolist()
        return np.array([night.factor(first=first, last=last, t_amb=float(of["t_amb"][0]), water=water)])

    parameters = {"rho": night.water.rho, "c_p": night.water.c_p}
    return shifts(compute=compute, columns=read, parameters=parameters, causes=causes)


def _points(night: _Night) -> dict[str, Array]:
    readings = (night.first, night.last)
    return {
        "time": np.array([each.time for each in readings]),
        "t_store": np.array([each.value for each in readings]),
        "t_amb": np.full(2, night.t_amb),
        "used": np.ones(2),
        "refusal": np.full(2, -1.0),
    }


def _figures(night: _Night, value: float, item: Mapping[str, ItemValue], result: Budget) -> dict[str, float]:
    figures = {
        "duration": night.span.duration,
        "t_first": night.first.value,
        "t_last": night.last.value,
        "t_amb_mean": night.t_amb,
        **contributions(budget=result, place=0, symbol="U_sl"),
    }
    if "V_s" in item:
        figures["U_S"] = store_loss_coefficient(U_sl=value, V_s=number(item, "V_s"))
    return figures


def _notes(
    night: _Night, columns: Mapping[str, Array], item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> list[Note]:
    found = [
        water_note(convention=str(item["water"]), t_first=night.first.value, t_last=night.last.value),
        *cancelled(u_mixed=number(item, "u_mixed")),
        *unmixed(reading=night.first, limits=limits, when_en="begin of the night", when_zh="夜间开始时"),
        *unmixed(reading=night.last, limits=limits, when_en="end of the night", when_zh="夜间结束时"),
        *outside(
            value=night.first.value,
            limits=limits,
            least="night_t_first",
            what_en="temperature of the store at the begin",
            what_zh="开始时贮水温度",
        ),
    ]
    off, asked = night.span.duration, limits["night_duration"].value
    if abs(off - asked) > limits["night_duration_tolerance"].value:
        found.append(
            note(
                "duration",
                f"{off:.0f} s lie between the readings; {asked:g} s are expected. The formula takes the time measured.",
                f"两次读数间隔 {off:.0f} s；一般应为 {asked:g} s。公式采用实际间隔。",
            )
        )
    for symbol, limit, english, chinese in (
        ("u", "night_u_max", "mean air speed", "平均风速"),
        ("G", "night_G_max", "mean irradiance", "平均辐照度"),
    ):
        if symbol in columns and np.isfinite(columns[symbol]).any():
            mean = night.span.mean(columns[symbol])
            found.extend(outside(value=mean, limits=limits, most=limit, what_en=english, what_zh=chinese))
        else:
            found.append(
                note(f"no {symbol}", f"The {english} was not checked: the record has none.", f"{chinese}未予核查。")
            )
    return found


def heat_loss_method(*, edition: Edition) -> Method:
    """Make the test of the average heat loss factor of an edition."""
    method_id = f"{edition.prefix}-heat-loss"
    return Method(
        id=method_id,
        standard=edition.standard,
        edition=edition.year,
        clause="average heat loss factor [clause number unconfirmed]",
        title_en="Average heat loss factor of domestic solar water heating systems",
        title_zh="家用太阳热水系统平均热损因数",
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={symbol: quantity(symbol).unit for symbol in _OPTIONAL},
        item=ITEM,
        outputs={"U_sl": quantity("U_sl").unit},
        limit_table=edition.limit_table,
        evaluate=bound(_evaluate, method_id=method_id, clause=edition.clause("average heat loss factor")),
    )
