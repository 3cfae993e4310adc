"""The average heat loss coefficient of an evacuated tube filled with hot water: three readings, or a record."""

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
from protocols.tubes.tubes import tube_heat_loss
from protocols.uncertainty import budget
from protocols.water_heaters.spans import Span, require_no_gap
from protocols.water_heaters.store_water import WATER_CHOICE, Water, water_of

Array = NDArray[np.float64]

_INPUTS = ("t_tube", "t_amb")
_LIMITS = ("loss_t_start", "loss_t_tolerance", "loss_duration", "loss_reading_gap", "loss_ambient_gap")
_NAMES = ("t_1", "t_2", "t_3")
ITEM = (
    ItemField(symbol="mass", unit="kg", name_en="mass of the water", name_zh="水的质量", least=1e-3, most=100.0),
    ItemField(
        symbol="A_A",
        unit="m2",
        name_en="outer surface of the absorber tube",
        name_zh="吸热管外表面积",
        least=1e-3,
        most=10.0,
    ),
    ItemField(
        symbol="u_mass",
        unit="kg",
        default=0.0,
        name_en="standard uncertainty of the mass",
        name_zh="水质量的标准不确定度",
        least=0.0,
        most=1.0,
    ),
    ItemField(
        symbol="u_A_A",
        unit="m2",
        default=0.0,
        name_en="standard uncertainty of that surface",
        name_zh="吸热管外表面积的标准不确定度",
        least=0.0,
        most=1.0,
    ),
    WATER_CHOICE,
    ItemField(
        symbol="u_reading",
        unit="K",
        default=0.0,
        name_en="standard uncertainty of one reading that does not cancel in a difference",
        name_zh="单次读数中不能在差值里抵消的标准不确定度",
        least=0.0,
        most=5.0,
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Cooling:
    """The time of the test and three readings in it."""

    span: Span
    readings: Array
    t_amb: float
    water: Water


def _evaluate(
    *, method_id: str, clause: str, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> Outcome:
    """Find U_lt in a record of a filled tube that cools without sun."""
    require(record=record, inputs=_INPUTS, limits=limits, asked=_LIMITS)
    complete = complete_item(ITEM, item)
    columns = columns_of(record, inputs=_INPUTS, optional=())
    cooling = _cooling(record.time, columns, complete, limits, clause)
    found = _random(cooling, complete, clause)
    result = budget(
        random=np.array([[found.random_uncertainty**2]]),
        shifts={
            "mass and area": np.array([found.common_uncertainty]),
            **_shifts(cooling, complete, record.uncertainties),
        },
    )
    applied = tuple(limits[symbol] for symbol in _LIMITS)
    return Outcome(
        method_id=method_id,
        coefficients=coefficients(symbols=("U_lt",), values=np.array([found.value]), budget=result, dof=np.inf),
        covariance=result.total,
        points={
            "time": np.array([each.begin for each in cooling.span.parts(2)] + [cooling.span.end]),
            "t_tube": cooling.readings,
            "t_amb": np.full(3, cooling.t_amb),
            "used": np.ones(3),
            "refusal": np.full(3, -1.0),
        },
        refusals=(),
        notes=(*_notes(cooling, complete, limits), *general_notes(record=record, limits=applied)),
        diagnostics={
            "duration": cooling.span.duration,
            **dict(zip(_NAMES, cooling.readings.tolist(), strict=True)),
            "t_m": float(cooling.readings.mean()),
            "t_amb_mean": cooling.t_amb,
            "c_p": cooling.water.c_p,
        },
        limits=applied,
    )


def _cooling(
    time: Array, columns: Mapping[str, Array], item: dict[str, ItemValue], limits: Mapping[str, Limit], clause: str
) -> _Cooling:
    """Begin where the water is nearest to the temperature of the start, and read again twice."""
    water, duration = columns["t_tube"], limits["loss_duration"].value
    begin = float(time[_start(water, limits, clause)])
    span = Span(time=time, begin=begin, end=begin + duration)
    moments = begin + np.array([0.0, duration / 2.0, duration])
    readings = np.array([_read(time, water, each, limits["loss_reading_gap"].value, clause) for each in moments])
    require_no_gap(span=span, symbol="t_amb", values=columns["t_amb"], longest=limits["loss_ambient_gap"].value)
    return _Cooling(
        span=span,
        readings=readings,
        t_amb=span.mean(columns["t_amb"]),
        water=water_of(item=item, t_first=float(readings[0]), t_last=float(readings[2]), clause=clause),
    )


def _start(water: Array, limits: Mapping[str, Limit], clause: str) -> int:
    """Give the row nearest to the temperature of the start, without one near it the first that is cooler."""
    asked = limits["loss_t_start"].value
    off = np.where(np.isfinite(water), np.abs(water - asked), np.inf)
    if off.min() <= limits["loss_t_tolerance"].value:
        return int(np.argmin(off))
    cooler = np.flatnonzero(water < asked)
    if not cooler.size:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"The water never cools to {asked:g} degC in the record; record longer.",
            sentence_zh=f"记录中水温未降至 {asked:g} degC；请延长记录。",
        )
    return int(cooler[0])


def _read(time: Array, values: Array, moment: float, gap: float, clause: str) -> float:
    """Give the temperature at a moment, on the straight line between the readings beside it."""
    valid = np.isfinite(values)
    known = time[valid]
    if not known.size or np.abs(known - moment).min() > gap:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"There is no reading of t_tube within {gap:g} s of {moment - known[0]:.0f} s after the first; "
            "three readings are needed, at the begin, in the middle and at the end of the hour."
            if known.size
            else "The record holds no reading of t_tube; give three.",
            sentence_zh=f"所需时刻前后 {gap:g} s 内没有管内温度读数；须在开始、中间与结束时各读一次。",
        )
    return float(np.interp(moment, known, values[valid]))


def _of(readings: Array, *, cooling: _Cooling, t_amb: float, mass: float, area: float, c_p: float) -> float:
    t_1, t_2, t_3 = readings.tolist()
    duration = cooling.span.duration
    return tube_heat_loss(t_1=t_1, t_2=t_2, t_3=t_3, t_amb=t_amb, mass=mass, area=area, duration=duration, c_p=c_p)


def _random(cooling: _Cooling, item: Mapping[str, ItemValue], clause: str) -> Measurement:
    """Give U_lt with what u_reading of each of the three readings and those of mass and area leave."""
    mass, area, c_p = number(item, "mass"), number(item, "A_A"), cooling.water.c_p
    try:
        _of(cooling.readings, cooling=cooling, t_amb=cooling.t_amb, mass=mass, area=area, c_p=c_p)
    except ValueError as error:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"No heat loss coefficient: {error}",
            sentence_zh="无法计算平均热损系数：三次水温须依次降低且高于环境温度；请核对读数。",
        ) from error
    u, duration = number(item, "u_reading"), cooling.span.duration
    inputs = [
        *(
            Input(name=name, value=value, standard_uncertainty=u, unit="degC")
            for name, value in zip(_NAMES, cooling.readings.tolist(), strict=True)
        ),
        Input(name="mass", value=mass, standard_uncertainty=number(item, "u_mass"), unit="kg", common=True),
        Input(name="A_A", value=area, standard_uncertainty=number(item, "u_A_A"), unit="m2", common=True),
    ]

    def model(x: Array) -> Array:
        t_1, t_2, t_3, M, A = x
        return np.asarray(c_p * M * (t_1 - t_3) / (A * ((t_1 + t_2 + t_3) / 3.0 - cooling.t_amb) * duration))

    return first_order(model, inputs)


def _shifts(cooling: _Cooling, item: Mapping[str, ItemValue], causes: tuple[Common, ...]) -> dict[str, Array]:
    """Give the change of U_lt for each common cause; the three readings move together."""
    read = {"t_tube": cooling.readings, "t_amb": np.array([cooling.t_amb])}
    mass, area = number(item, "mass"), number(item, "A_A")

    def compute(of: Mapping[str, Array], parameters: Mapping[str, float]) -> Array:
        t_amb, c_p = float(of["t_amb"][0]), parameters["c_p"]
        return np.array([_of(of["t_tube"], cooling=cooling, t_amb=t_amb, mass=mass, area=area, c_p=c_p)])

    return shifts(compute=compute, columns=read, parameters={"c_p": cooling.water.c_p}, causes=causes)


def _notes(cooling: _Cooling, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> list[Note]:
    start, reach = limits["loss_t_start"].value, limits["loss_t_tolerance"].value
    found = [
        note(
            "water",
            f"Heat capacity of water: {item['water']}, {cooling.water.c_p:.1f} J/(kg K).",
            f"水的比热容：{item['water']}，{cooling.water.c_p:.1f} J/(kg K)。",
        )
    ]
    if cooling.readings[0] < start - reach:
        found.append(
            note(
                "cool start",
                f"The water began at {cooling.readings[0]:.2f} degC; about {start:g} degC is expected.",
                f"初始水温为 {cooling.readings[0]:.2f} degC；一般应约为 {start:g} degC。",
            )
        )
    if number(item, "u_reading") == 0.0:
        found.append(
            note(
                "difference of one sensor",
                "The calibration error of t_tube was taken to be the same at all readings, so that it cancels nearly; "
                "state u_reading in the item for what does not.",
                "t_tube 的校准误差视为各次读数相同，差值中基本抵消；不能抵消的部分请以 u_reading 给出。",
            )
        )
    return found


def tube_heat_loss_method(*, edition: Edition, clause: str) -> Method:
    """Make the test of the average heat loss coefficient of an edition; clause: where it stands there."""
    method_id = f"{edition.prefix}-heat-loss"
    return Method(
        id=method_id,
        standard=edition.standard,
        edition=edition.year,
        clause=clause,
        title_en="Average heat loss coefficient of all-glass evacuated tubes",
        title_zh="全玻璃真空太阳集热管平均热损系数",
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={},
        item=ITEM,
        outputs={"U_lt": quantity("U_lt").unit},
        limit_table=edition.limit_table,
        evaluate=bound(_evaluate, method_id=method_id, clause=f"{edition.standard}-{edition.year}, {clause}"),
    )
