"""The daily useful heat of a solar water heater from the record of one day."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.evaluation import Edition, bound, coefficients, columns_of, general_notes, require, shifts
from protocols.fields import number
from protocols.limits import Limit
from protocols.method import ItemValue, Method, Outcome, complete_item
from protocols.record import Common, Record
from protocols.refusals import NotEvaluable
from protocols.symbols import quantity
from protocols.uncertainty import Budget, budget
from protocols.water_heaters.conditions import contributions
from protocols.water_heaters.gain import ITEM, Gain, gain_of
from protocols.water_heaters.gain_notes import gain_notes
from protocols.water_heaters.solar_noon import date_of, local_day, solar_noon
from protocols.water_heaters.spans import Span, require_no_gap
from protocols.water_heaters.store_water import Water
from protocols.water_heaters.water_heater import scaled_to_reference

Array = NDArray[np.float64]

_INPUTS = ("G", "t_amb")
_OPTIONAL = ("t_store", "u", "V_dot", "t_out", "t_main")
_OUTPUTS = ("H", "Q_day", "q_day", "q_17")
_LIMITS = (
    "day_window",
    "day_gap",
    "reference_irradiation",
    "H_min",
    "H_max",
    "day_t_amb_min",
    "day_t_amb_max",
    "day_u_max",
    "day_t_first",
    "day_t_first_tolerance",
    "day_t_last_min",
    "reading_time",
    "mixed_spread",
    "reading_delay",
    "draw_off_volumes",
)
_ROWS = 8  # of the points, the hours of the test
_MEGA = 1e6


@dataclass(frozen=True, kw_only=True)
class _Day:
    """The window of the test, the number of the day, what the store gained."""

    span: Span
    number: int
    noon: float
    gain: Gain


def _evaluate(
    *, method_id: str, clause: str, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]
) -> Outcome:
    """Find H, Q_day, q_day and q_17 in a record that holds the hours around solar noon of one day."""
    require(record=record, inputs=_INPUTS, limits=limits, asked=_LIMITS)
    complete = complete_item(ITEM, item)
    columns = columns_of(record, inputs=_INPUTS, optional=_OPTIONAL)
    day = _day(record.time, columns, complete, limits, clause)
    reference = limits["reference_irradiation"].value
    values = _values(day, columns["G"], day.gain, area=number(complete, "A_c"), reference=reference)
    _require_window(values[0], limits, clause)
    result = budget(
        random=_random(day, values, complete, reference),
        shifts=_shifts(day, columns, complete, reference, record.uncertainties),
    )
    applied = tuple(limits[symbol] for symbol in _LIMITS)
    return Outcome(
        method_id=method_id,
        coefficients=coefficients(symbols=_OUTPUTS, values=values, budget=result, dof=day.gain.dof),
        covariance=result.total,
        points=_points(day.span, columns),
        refusals=(),
        notes=(
            *gain_notes(gain=day.gain, span=day.span, columns=columns, item=complete, limits=limits, H=values[0]),
            *general_notes(record=record, limits=applied),
        ),
        diagnostics=_figures(day, values, columns, result),
        limits=applied,
    )


def _day(
    time: Array, columns: Mapping[str, Array], item: dict[str, ItemValue], limits: Mapping[str, Limit], clause: str
) -> _Day:
    longitude = number(item, "longitude")
    day = local_day(time=_middle(time, columns["G"], item, longitude, clause), longitude=longitude)
    noon = solar_noon(day=day, latitude=number(item, "latitude"), longitude=longitude)
    half = limits["day_window"].value / 2.0
    span = Span(time=time, begin=noon - half, end=noon + half)
    for symbol in _INPUTS:
        require_no_gap(span=span, symbol=symbol, values=columns[symbol], longest=limits["day_gap"].value)
    gain = gain_of(span=span, columns=columns, item=item, limits=limits, clause=clause)
    return _Day(span=span, number=day, noon=noon, gain=gain)


def _middle(time: Array, G: Array, item: Mapping[str, ItemValue], longitude: float, clause: str) -> float:
    """Give a moment of the day that is evaluated: the one the item names, or the only one with sun."""
    bright = time[np.isfinite(G) & (G > 0.0)]
    days = sorted({local_day(time=each, longitude=longitude) for each in bright.tolist()})
    asked = [day for day in days if item.get("date") in (None, date_of(day))]
    if len(asked) != 1:
        names = ", ".join(date_of(day) for day in days) or "none"
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"The record must hold one day with sun, or the item name one by `date`; it holds: {names}.",
            sentence_zh=f"记录须只含一个有日照的试验日，或在试件描述中以 date 指定；记录中有：{names}。",
        )
    chosen = [each for each in bright.tolist() if local_day(time=each, longitude=longitude) == asked[0]]
    return float(chosen[len(chosen) // 2])


def _values(day: _Day, G: Array, gain: Gain, *, area: float, reference: float) -> Array:
    """Give H [MJ/m2], Q_day [MJ], q_day and q_17 [MJ/m2]."""
    H = day.span.integral(G) / _MEGA
    q = gain.heat / area
    return np.array([H, gain.heat, q, scaled_to_reference(q=q, H=H, reference=reference)])


def _require_window(daily: float, limits: Mapping[str, Limit], clause: str) -> None:
    """Refuse a day whose irradiation may not be scaled; limits without a number refuse nothing."""
    low, high = limits["H_min"].value, limits["H_max"].value
    if daily < low or daily > high:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"The irradiation of the day is {daily:.2f} MJ/m2, outside {low:g} to {high:g} MJ/m2, within "
            "which it may be scaled; test on another day.",
            sentence_zh=f"当日太阳辐照量为 {daily:.2f} MJ/m2，超出允许换算的范围 {low:g} 至 {high:g} MJ/m2；"
            "请另择日试验。",
        )


def _random(day: _Day, values: Array, item: Mapping[str, ItemValue], reference: float) -> Array:
    """Give the covariance that the readings of the store leave; the irradiation has no random part of its own."""
    area = number(item, "A_c")
    per_heat = np.array([0.0, 1.0, 1.0 / area, scaled_to_reference(q=1.0 / area, H=values[0], reference=reference)])
    return np.outer(per_heat, per_heat) * day.gain.random**2


def _shifts(
    day: _Day,
    columns: Mapping[str, Array],
    item: Mapping[str, ItemValue],
    reference: float,
    causes: tuple[Common, ...],
) -> dict[str, Array]:
    """Give the change of the results for each common cause; both readings of the store move together."""

    def compute(of: Mapping[str, Array], parameters: Mapping[str, float]) -> Array:
        water = Water(rho=parameters["rho"], c_p=parameters["c_p"])
        gain = day.gain.again(columns=of, water=water, V_s=parameters["V_s"])
        return _values(day, of["G"], gain, area=parameters["A_c"], reference=reference)

    parameters = {
        "rho": day.gain.water.rho,
        "c_p": day.gain.water.c_p,
        "V_s": number(item, "V_s"),
        "A_c": number(item, "A_c"),
    }
    return shifts(compute=compute, columns=columns, parameters=parameters, causes=causes)


def _points(span: Span, columns: Mapping[str, Array]) -> dict[str, Array]:
    parts = span.parts(_ROWS)
    present = [s for s in ("G", "t_amb", "u") if s in columns and np.isfinite(columns[s]).any()]
    return {
        "time": np.array([each.begin for each in parts]),
        "duration": np.array([each.duration for each in parts]),
        **{symbol: np.array([each.mean(columns[symbol]) for each in parts]) for symbol in present},
        "used": np.ones(_ROWS),
        "refusal": np.full(_ROWS, -1.0),
    }


def _figures(day: _Day, values: Array, columns: Mapping[str, Array], result: Budget) -> dict[str, float]:
    return {
        "solar_noon": day.noon,
        "t_first": day.gain.t_first,
        "t_last": day.gain.t_last,
        "t_amb_mean": day.span.mean(columns["t_amb"]),
        "mean_efficiency": float(values[2] / values[0]),
        **contributions(budget=result, place=_OUTPUTS.index("q_17"), symbol="q_17"),
    }


def daily_method(*, edition: Edition) -> Method:
    """Make the test of the daily useful heat of an edition."""
    method_id = f"{edition.prefix}-daily"
    return Method(
        id=method_id,
        standard=edition.standard,
        edition=edition.year,
        clause="daily useful heat [clause number unconfirmed]",
        title_en="Daily useful heat of domestic solar water heating systems, one-day test",
        title_zh="家用太阳热水系统日有用得热量（单日试验）",
        inputs={symbol: quantity(symbol).unit for symbol in _INPUTS},
        optional_inputs={symbol: quantity(symbol).unit for symbol in _OPTIONAL},
        item=ITEM,
        outputs={symbol: quantity(symbol).unit for symbol in _OUTPUTS},
        limit_table=edition.limit_table,
        evaluate=bound(_evaluate, method_id=method_id, clause=edition.clause("daily useful heat")),
    )
