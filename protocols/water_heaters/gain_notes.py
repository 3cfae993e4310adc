"""What a result of the daily useful heat has to tell: conditions not kept, what was assumed."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from protocols.evaluation import note
from protocols.fields import number
from protocols.limits import Limit
from protocols.method import ItemValue, Note
from protocols.water_heaters.conditions import cancelled, outside, unmixed, water_note
from protocols.water_heaters.gain import Gain
from protocols.water_heaters.spans import Span

Array = NDArray[np.float64]


def gain_notes(
    *,
    gain: Gain,
    span: Span,
    columns: Mapping[str, Array],
    item: Mapping[str, ItemValue],
    limits: Mapping[str, Limit],
    H: float,
) -> list[Note]:
    """Give the notes of a day: water, scaling, mixing, weather, temperatures of the store."""
    return [
        water_note(convention=str(item["water"]), t_first=gain.t_first, t_last=gain.t_last),
        *_scaling(H, limits),
        *_readings(gain, span, item, limits),
        *_drawn(gain, V_s=number(item, "V_s"), asked=limits["draw_off_volumes"].value),
        *_weather(span, columns, limits),
        *_temperatures(gain, limits),
    ]


def _scaling(H: float, limits: Mapping[str, Limit]) -> Iterator[Note]:
    reference = limits["reference_irradiation"].value
    yield note(
        "scaled",
        f"q_17 is q_day times {reference:g}/{H:.2f}; heat was measured at {H:.2f} MJ/m2.",
        f"q_17 由 q_day 乘以 {reference:g}/{H:.2f} 得到；实测太阳辐照量为 {H:.2f} MJ/m2。",
    )
    if not (limits["H_min"].established and limits["H_max"].established):
        yield note(
            "range of scaling not established",
            "Nobody has found within which irradiation the standard allows this scaling; read it there before q_17 is "
            "judged.",
            "标准允许换算的太阳辐照量范围尚未查得；判定 q_17 前请查阅标准。",
        )


def _readings(gain: Gain, span: Span, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> Iterator[Note]:
    if gain.first is None or gain.last is None:
        return
    yield from cancelled(u_mixed=number(item, "u_mixed"))
    yield from unmixed(reading=gain.first, limits=limits, when_en="begin of the day", when_zh="试验开始时")
    yield from unmixed(reading=gain.last, limits=limits, when_en="end of the day", when_zh="试验结束时")
    late, most = max(span.begin - gain.first.time, gain.last.time - span.end), limits["reading_delay"].value
    if late > most:
        yield note(
            "late reading",
            f"A reading of the store is {late:.0f} s away from the test hours, more than {most:g} s: what it gained or "
            "lost in between is in the result.",
            f"贮水温度读数与试验时段相差 {late:.0f} s，超过 {most:g} s：其间的得热或热损已计入结果。",
        )


def _drawn(gain: Gain, *, V_s: float, asked: float) -> Iterator[Note]:
    if gain.drawing is not None and gain.volume < asked * V_s:
        yield note(
            "draw-off short",
            f"{gain.volume / V_s:.2f} store volumes were drawn; {asked:g} are usual, and heat may be left in the "
            "store.",
            f"排水量为贮水容积的 {gain.volume / V_s:.2f} 倍；一般为 {asked:g} 倍，水箱内可能仍有余热。",
        )


def _weather(span: Span, columns: Mapping[str, Array], limits: Mapping[str, Limit]) -> Iterator[Note]:
    yield from outside(
        value=span.mean(columns["t_amb"]),
        limits=limits,
        least="day_t_amb_min",
        most="day_t_amb_max",
        what_en="mean ambient temperature",
        what_zh="平均环境温度",
    )
    if "u" in columns and np.isfinite(columns["u"]).any():
        yield from outside(
            value=span.mean(columns["u"]),
            limits=limits,
            most="day_u_max",
            what_en="mean air speed",
            what_zh="平均风速",
        )
    else:
        yield note("no wind", "The air speed was not checked: the record has none.", "记录无空气流速，未予核查。")


def _temperatures(gain: Gain, limits: Mapping[str, Limit]) -> Iterator[Note]:
    start, reach = limits["day_t_first"].value, limits["day_t_first_tolerance"].value
    if abs(gain.t_first - start) > reach:
        yield note(
            "condition day_t_first",
            f"The water began at {gain.t_first:.2f} degC; {start:g} +- {reach:g} degC is expected.",
            f"初始水温为 {gain.t_first:.2f} degC；一般应为 {start:g} ± {reach:g} degC。",
        )
    yield from outside(
        value=gain.t_last,
        limits=limits,
        least="day_t_last_min",
        what_en="final temperature of the water",
        what_zh="终止水温",
    )
