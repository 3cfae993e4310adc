"""Conditions of a water heater's test, told in notes and never silently: they have not been compared with the text."""

from collections.abc import Iterator, Mapping

import numpy as np

from protocols.evaluation import note
from protocols.limits import Limit
from protocols.method import Note
from protocols.uncertainty import Budget
from protocols.water_heaters.store_water import IAPWS, WATER_CHOICE, Reading, water_between


def outside(
    *, value: float, limits: Mapping[str, Limit], what_en: str, what_zh: str, least: str = "", most: str = ""
) -> Iterator[Note]:
    """Give a note when a value is below limit `least` or above limit `most`; a limit without a number says nothing."""
    for symbol, beyond, english, chinese in (
        (least, value < limits[least].value if least else False, "at least", "不低于"),
        (most, value > limits[most].value if most else False, "at most", "不高于"),
    ):
        if beyond:
            limit = limits[symbol]
            yield note(
                f"condition {symbol}",
                f"The {what_en} is {value:.4g} {limit.unit}; {english} {limit.value:g} {limit.unit} is expected.",
                f"{what_zh}为 {value:.4g} {limit.unit}；一般应{chinese} {limit.value:g} {limit.unit}。",
            )


def unmixed(*, reading: Reading, limits: Mapping[str, Limit], when_en: str, when_zh: str) -> Iterator[Note]:
    """Give a note when the readings of the mixed store lie too far apart."""
    most = limits["mixed_spread"].value
    if reading.spread > most:
        yield note(
            "store not mixed",
            f"The readings of the store at the {when_en} differ by {reading.spread:.2f} K, more than {most:g} K: it "
            "was perhaps not mixed.",
            f"{when_zh}水箱读数相差 {reading.spread:.2f} K，超过 {most:g} K：可能未充分混合。",
        )


def water_note(*, convention: str, t_first: float, t_last: float) -> Note:
    """Tell which water was used, and what the other convention would have changed."""
    practice = water_between(t_first=t_first, t_last=t_last)
    try:
        physical = water_between(t_first=t_first, t_last=t_last, convention=IAPWS)
        excess = 100.0 * (practice.rho * practice.c_p / (physical.rho * physical.c_p) - 1.0)
    except ValueError:
        excess = np.nan
    english = f"the constants of practice give {excess:.2f} % more than the properties of water at these temperatures"
    chinese = f"按惯用常数计算比按该温度下水的物性计算高 {excess:.2f} %"
    if not np.isfinite(excess):
        english, chinese = "the properties of water are not known at these temperatures", "该温度下水的物性未知"
    told_en, told_zh = WATER_CHOICE.in_words(convention)
    return note(
        "water",
        f"Density and heat capacity of water: {told_en}; {english}.",
        f"水的密度与比热容：{told_zh}；{chinese}。",
    )


def cancelled(*, u_mixed: float) -> Iterator[Note]:
    """Tell that a calibration error common to both readings of the store cancels, when nothing else was stated."""
    if u_mixed == 0.0:
        yield note(
            "difference of one sensor",
            "The calibration error of the store water temperature t_store was taken to be the same at both readings, "
            "so that it cancels nearly; state u_mixed in the item for what does not.",
            "水箱水温 t_store 的校准误差视为两次读数相同，差值中基本抵消；"
            "不能抵消的部分请在试件描述中以 u_mixed 给出。",
        )


def contributions(*, budget: Budget, place: int, symbol: str) -> dict[str, float]:
    """Give for one coefficient what each cause adds to its standard uncertainty, as figures u_<symbol>_<cause>.

    place: of the coefficient in the budget.  Shifts are named "1 G relative": the two of one column are combined.
    """
    figures = {f"u_{symbol}_random": float(np.sqrt(budget.random[place, place]))}
    for name, shift in budget.shifts.items():
        key = f"u_{symbol}_{name.split()[1]}"
        figures[key] = float(np.hypot(figures.get(key, 0.0), shift[place]))
    return figures
