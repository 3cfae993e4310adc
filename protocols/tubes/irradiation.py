"""The stagnation irradiation of an evacuated tube: what falls on it while it warms its water by 35 K."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.collector_tests.time_constant import crossing
from protocols.evaluation import Edition, bound, coefficients, columns_of, general_notes, note, require, shifts
from protocols.limits import Limit
from protocols.method import ItemField, ItemValue, Method, Note, Outcome, complete_item
from protocols.record import Record
from protocols.refusals import NotEvaluable
from protocols.symbols import quantity
from protocols.uncertainty import budget
from protocols.water_heaters.conditions import outside
from protocols.water_heaters.spans import Span, require_no_gap

Array = NDArray[np.float64]

_INPUTS = ("t_tube", "t_amb", "G")
_OPTIONAL = ("u", "covered")
_LIMITS = (
    "irradiation_rise",
    "irradiation_G_min",
    "irradiation_t_amb_min",
    "irradiation_t_amb_max",
    "irradiation_u_max",
    "irradiation_gap",
)
_MEGA = 1e6
_NEAR = 1.0  # K about a crossing, within which the noise of t_tube is taken
ITEM = (
    ItemField(
        symbol="t_start",
        unit="degC",
        required=False,
        name_en="temperature of the water at which the count begins; the first reading uncovered unless given",
        name_zh="开始累计时的水温；未给出时取揭盖后的首个读数",
        least=0.0,
        most=60.0,
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Warming:
    """From when to when the water warms; t_start: degC, where it begins."""

    span: Span
    t_start: float
    random: float  # MJ/m2, from the noise of t_tube at both ends


def _evaluate(
    *, method_id: str, clause: str, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> Outcome:
    """Find H_35 in a record in which a filled tube warms up, uncovered once."""
    require(record=record, inputs=_INPUTS, limits=limits, asked=_LIMITS)
    complete = complete_item(ITEM, item)
    columns = columns_of(record, inputs=_INPUTS, optional=_OPTIONAL)
    warming = _warming(record.time, columns, complete, limits, clause)

    def compute(of: Mapping[str, Array], _: Mapping[str, float]) -> Array:
        moved = _warming(record.time, of, complete, limits, clause)
        return np.array([moved.span.integral(of["G"]) / _MEGA])

    result = budget(
        random=np.array([[warming.random**2]]),
        shifts=shifts(compute=compute, columns=columns, parameters={}, causes=record.uncertainties),
    )
    applied = tuple(limits[symbol] for symbol in _LIMITS)
    within = (record.time >= warming.span.begin) & (record.time <= warming.span.end)
    return Outcome(
        method_id=method_id,
        coefficients=coefficients(symbols=("H_35",), values=compute(columns, {}), budget=result, dof=np.inf),
        covariance=result.total,
        points={
            "time": record.time,
            **columns,
            "used": within.astype(np.float64),
            "refusal": np.full(record.time.size, -1.0),
        },
        refusals=(),
        notes=(*_notes(warming.span, columns, limits), *general_notes(record=record, limits=applied)),
        diagnostics={
            "duration": warming.span.duration,
            "t_start": warming.t_start,
            "t_end": warming.t_start + limits["irradiation_rise"].value,
            "G_mean": warming.span.mean(columns["G"]),
            "t_amb_mean": warming.span.mean(columns["t_amb"]),
        },
        limits=applied,
    )


def _warming(
    time: Array, columns: Mapping[str, Array], item: Mapping[str, ItemValue], limits: Mapping[str, Limit], clause: str
) -> _Warming:
    bare = np.isfinite(columns["t_tube"]) & ~(columns.get("covered", np.zeros(time.size)) > 0.0)
    moments, water = time[bare], columns["t_tube"][bare]
    if moments.size < 2:
        raise _never(clause, "it holds fewer than two temperatures of an uncovered tube", "揭盖后的水温读数不足两个")
    given = item.get("t_start")
    t_start = given if isinstance(given, float) else float(water[0])
    if water[0] > t_start:
        raise _never(clause, f"the water begins at {water[0]:.2f} degC, above t_start", "首个水温已高于 t_start")
    rise = limits["irradiation_rise"].value
    try:
        begin, end = (crossing(time=moments, response=water, share=level) for level in (t_start, t_start + rise))
    except ValueError as error:
        raise _never(
            clause,
            f"the water does not warm by {rise:g} K above {t_start:.2f} degC; the highest is {water.max():.2f} degC",
            f"水温未从 {t_start:.2f} degC 升高 {rise:g} K，最高为 {water.max():.2f} degC",
        ) from error
    span = Span(time=time, begin=begin, end=end)
    for symbol in _INPUTS:
        require_no_gap(span=span, symbol=symbol, values=columns[symbol], longest=limits["irradiation_gap"].value)
    edges = [_time_uncertainty(moments, water, each) for each in (begin, end)]
    power = [float(np.interp(each, time, columns["G"])) for each in (begin, end)]
    return _Warming(span=span, t_start=t_start, random=float(np.linalg.norm(np.multiply(edges, power))) / _MEGA)


def _time_uncertainty(time: Array, water: Array, moment: float) -> float:
    """Give u(t) in s of a crossing: the scatter of t_tube about its straight line nearby over the line's slope."""
    near = np.abs(water - np.interp(moment, time, water)) <= _NEAR
    if near.sum() < 4:
        return 0.0
    line = np.polynomial.Polynomial.fit(time[near], water[near], 1)
    slope = abs(float(line.deriv()(moment)))
    scatter = float(np.sqrt(np.sum((water[near] - line(time[near])) ** 2) / (near.sum() - 2)))
    return scatter / slope if slope > 0.0 else 0.0


def _never(clause: str, english: str, chinese: str) -> NotEvaluable:
    return NotEvaluable(
        clause=clause,
        sentence_en=f"The record gives no stagnation irradiation: {english}; record a whole warming.",
        sentence_zh=f"记录无法给出闷晒太阳辐照量：{chinese}；请记录完整升温过程。",
    )


def _notes(span: Span, columns: Mapping[str, Array], limits: Mapping[str, Limit]) -> list[Note]:
    inside = (span.time >= span.begin) & (span.time <= span.end)
    least = float(np.nanmin(columns["G"][inside])) if inside.any() else span.mean(columns["G"])
    found = [
        *outside(
            value=least,
            limits=limits,
            least="irradiation_G_min",
            what_en="lowest irradiance",
            what_zh="最低辐照度",
        ),
        *outside(
            value=span.mean(columns["t_amb"]),
            limits=limits,
            least="irradiation_t_amb_min",
            most="irradiation_t_amb_max",
            what_en="mean ambient temperature",
            what_zh="平均环境温度",
        ),
    ]
    if "u" in columns and np.isfinite(columns["u"]).any():
        found += outside(
            value=span.mean(columns["u"]),
            limits=limits,
            most="irradiation_u_max",
            what_en="mean air speed",
            what_zh="平均风速",
        )
    else:
        found.append(
            note("no wind", "The air speed was not checked: the record has none.", "记录无空气流速，未予核查。")
        )
    return found


def tube_irradiation_method(*, edition: Edition, clause: str) -> Method:
    """Make the test of the stagnation irradiation of an edition; clause: where it stands there."""
    method_id = f"{edition.prefix}-irradiation"
    return Method(
        id=method_id,
        standard=edition.standard,
        edition=edition.year,
        clause=clause,
        title_en="Stagnation irradiation of all-glass evacuated tubes",
        title_zh="全玻璃真空太阳集热管闷晒太阳辐照量",
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={symbol: quantity(symbol).unit for symbol in _OPTIONAL},
        item=ITEM,
        outputs={"H_35": quantity("H_35").unit},
        limit_table=edition.limit_table,
        evaluate=bound(_evaluate, method_id=method_id, clause=f"{edition.standard}-{edition.year}, {clause}"),
    )
