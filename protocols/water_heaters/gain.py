"""What the store has gained in a day: by the mixed store's two temperatures, or by what is drawn off afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from protocols.evaluation import OURS
from protocols.fields import PLACE, number
from protocols.limits import Limit
from protocols.method import ItemField, ItemValue
from protocols.refusals import NotEvaluable
from protocols.symbols import quantity
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
from protocols.water_heaters.water_heater import useful_heat

Array = NDArray[np.float64]

MIXING, DRAW_OFF = "mixing", "draw-off"
_DRAWN = ("V_dot", "t_out", "t_main")
_MEGA = 1e6

ITEM = (
    *(each for each in PLACE if each.symbol in ("latitude", "longitude")),
    ItemField(symbol="V_s", unit="m3", name_en="store volume", name_zh="贮水容积", least=1e-3, most=1e4),
    ItemField(symbol="A_c", unit="m2", name_en="contour aperture area", name_zh="轮廓采光面积", least=1e-3, most=1e5),
    ItemField(
        symbol="gain_by",
        kind="text",
        default=MIXING,
        choices=(MIXING, DRAW_OFF),
        choices_en=("mixing the store", "drawing it off"),
        choices_zh=("混水法", "排水法"),
        name_en="how the heat is measured",
        name_zh="得热量测定方法",
    ),
    WATER_CHOICE,
    MIXED_UNCERTAINTY,
    ItemField(
        symbol="date",
        kind="text",
        required=False,
        name_en="day of the test by local solar time, e.g. 2026-07-01, where the record holds several",
        name_zh="试验日（当地太阳时日期，如 2026-07-01），记录含多日时填写",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Gain:
    """The heat gained and what it rests on.

    heat: MJ.  random: MJ, standard uncertainty from the readings of the store, with `dof`.  t_first, t_last: degC, of
    the store, or of the cold and the drawn water.  first, last: the readings, None for draw-off.  drawing: the time
    over which water was drawn, None for mixing.  volume: m3 drawn off.
    """

    heat: float
    random: float
    dof: float
    t_first: float
    t_last: float
    water: Water
    first: Reading | None = None
    last: Reading | None = None
    drawing: Span | None = None
    volume: float = float("nan")

    def again(self, *, columns: Mapping[str, Array], water: Water, V_s: float) -> "Gain":
        """Give the gain of the same day with other columns, water or volume, as for the uncertainties."""
        if self.drawing is not None:
            return replace(self, heat=_drawn_heat(self.drawing, columns, water))
        if self.first is None or self.last is None:
            raise TypeError("a gain by mixing has two readings.")
        first, last = (each.among(columns["t_store"]) for each in (self.first, self.last))
        return replace(self, heat=useful_heat(V_s=V_s, t_first=first, t_last=last, water=water))


def gain_of(
    *,
    span: Span,
    columns: Mapping[str, Array],
    item: dict[str, ItemValue],
    limits: Mapping[str, Limit],
    clause: str,
) -> Gain:
    """Find the gain of a day in the way the item names. Raises NotEvaluable for columns or readings that lack."""
    if item["gain_by"] == MIXING:
        return _by_mixing(span, columns, item, limits, clause)
    return _by_draw_off(span, columns, item, limits, clause)


def _by_mixing(
    span: Span, columns: Mapping[str, Array], item: dict[str, ItemValue], limits: Mapping[str, Limit], clause: str
) -> Gain:
    _require_columns(columns, ("t_store",), MIXING)
    length, store = limits["reading_time"].value, columns["t_store"]
    first = last_reading(time=span.time, values=store, until=span.begin, length=length)
    last = _after(span=span, store=store, length=length, delay=limits["reading_delay"].value)
    if first is None or last is None:
        when = "before the begin" if first is None else "after the end"
        when_zh = "开始前" if first is None else "结束后"
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"There is no reading of t_store {when} of the test hours; the mixed store must be read there.",
            sentence_zh=f"试验时段{when_zh}没有贮水温度（t_store）读数；请补充混水后的读数。",
        )
    water = water_of(item=item, t_first=first.value, t_last=last.value, clause=clause)
    V_s, u_mixed = number(item, "V_s"), number(item, "u_mixed")
    per_kelvin = water.rho * water.c_p * V_s / _MEGA
    spread = np.array([first.scatter, last.scatter, u_mixed, u_mixed])
    return Gain(
        heat=useful_heat(V_s=V_s, t_first=first.value, t_last=last.value, water=water),
        random=float(per_kelvin * np.linalg.norm(spread)),
        dof=float(first.count + last.count - 2) if not u_mixed and first.count + last.count > 2 else np.inf,
        t_first=first.value,
        t_last=last.value,
        water=water,
        first=first,
        last=last,
    )


def _after(*, span: Span, store: Array, length: float, delay: float) -> Reading | None:
    """Take the last readings within the delay that mixing takes, or without any the first ones after it."""
    within = last_reading(time=span.time, values=store, until=span.end + delay, length=length, since=span.end)
    return within or first_reading(time=span.time, values=store, since=span.end, length=length)


def _by_draw_off(
    span: Span, columns: Mapping[str, Array], item: dict[str, ItemValue], limits: Mapping[str, Limit], clause: str
) -> Gain:
    _require_columns(columns, _DRAWN, DRAW_OFF)
    flowing = np.isfinite(columns["V_dot"]) & (columns["V_dot"] > 0.0) & (span.time >= span.end)
    if flowing.sum() < 2:
        raise NotEvaluable(
            clause=clause,
            sentence_en="No water was drawn after the end of the test hours: V_dot is never above zero there; record "
            "the draw-off.",
            sentence_zh="试验时段结束后没有排水：V_dot 未大于零；请记录排水过程。",
        )
    moments = span.time[flowing]
    drawing = Span(time=span.time, begin=float(moments[0]), end=float(moments[-1]))
    for symbol in _DRAWN:
        require_no_gap(span=drawing, symbol=symbol, values=columns[symbol], longest=limits["day_gap"].value)
    hot, cold = (drawing.mean(columns[symbol]) for symbol in ("t_out", "t_main"))
    water = water_of(item=item, t_first=cold, t_last=hot, clause=clause)
    return Gain(
        heat=_drawn_heat(drawing, columns, water),
        random=0.0,
        dof=np.inf,
        t_first=cold,
        t_last=hot,
        water=water,
        drawing=drawing,
        volume=drawing.integral(columns["V_dot"]),
    )


def _drawn_heat(drawing: Span, columns: Mapping[str, Array], water: Water) -> float:
    """Give Q = int rho c_p V_dot (t_out - t_main) dt in MJ."""
    power = water.rho * water.c_p * columns["V_dot"] * (columns["t_out"] - columns["t_main"])
    return drawing.integral(power) / _MEGA


def _require_columns(columns: Mapping[str, Array], needed: tuple[str, ...], way: str) -> None:
    for symbol in needed:
        if symbol not in columns:
            known = quantity(symbol)
            raise NotEvaluable(
                clause=OURS,
                sentence_en=f"The record has no column {symbol} [{known.unit}] ({known.name_en}), which the way "
                f"{way!r} needs; add it.",
                sentence_zh=f"记录缺少列 {symbol} [{known.unit}]（{known.name_zh}），{way} 法需要该列；请补充。",
            )
