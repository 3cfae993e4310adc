"""The water of a store: how much heat a kelvin is, and the temperatures of the mixed store at begin and end.

Two conventions for the density times heat capacity are kept apart, because both are in use: "practice", the constants
of Chinese test laboratories (4186.8 J/(kg K) and 1000 kg/m3, Zhejiang data registry, entry 20625), and "iapws", the
properties of water at the temperatures of the test. From 20 to 60 degC practice states 0.32 % more heat.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.fluids import WATER
from protocols.method import ItemField, ItemValue
from protocols.refusals import NotEvaluable

Array = NDArray[np.float64]

PRACTICE, IAPWS = "practice", "iapws"
RHO_W = 1000.0  # kg/m3
C_PW = 4186.8  # J/(kg K), the international-table calorie

WATER_CHOICE = ItemField(
    symbol="water",
    kind="text",
    default=PRACTICE,
    choices=(PRACTICE, IAPWS),
    choices_en=("constants of practice, 1000 kg/m3 and 4186.8 J/(kg K)", "properties at its temperature (IAPWS)"),
    choices_zh=("惯用常数（1000 kg/m3、4186.8 J/(kg K)）", "该温度下的物性（IAPWS）"),
    name_en="density and heat capacity of water",
    name_zh="水的密度与比热容",
)
MIXED_UNCERTAINTY = ItemField(
    symbol="u_mixed",
    unit="K",
    default=0.0,
    name_en="standard uncertainty of one reading of the mixed store that does not cancel in a difference",
    name_zh="混水后单次读数中不能在差值里抵消的标准不确定度",
    least=0.0,
    most=5.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Water:
    """rho [kg/m3] and c_p [J/(kg K)] as they enter a formula."""

    rho: float
    c_p: float


def water_between(*, t_first: float, t_last: float, convention: str = PRACTICE) -> Water:
    """Give density and mean heat capacity of the water of a store that goes from t_first to t_last, degC.

    convention: "practice" for the constants, "iapws" for the density at t_first, at which the store was filled, and
    the mean heat capacity between the two.
    Raises ValueError for another convention, and for a temperature outside 0 to 110 degC with "iapws".
    """
    if convention == PRACTICE:
        return Water(rho=RHO_W, c_p=C_PW)
    if convention != IAPWS:
        raise ValueError(f"the water is {convention!r}; give {PRACTICE!r} or {IAPWS!r}.")
    first, last = np.asarray(t_first), np.asarray(t_last)
    if t_first == t_last:
        heat = WATER.heat_capacity(first)
    else:
        heat = WATER.enthalpy_rise(t_in=first, t_out=last) / (last - first)
    return Water(rho=float(WATER.density(first)), c_p=float(heat))


def water_of(*, item: dict[str, ItemValue], t_first: float, t_last: float, clause: str) -> Water:
    """Give the water of an item by its entry `water`; NotEvaluable where its properties are not known."""
    try:
        return water_between(t_first=t_first, t_last=t_last, convention=str(item["water"]))
    except ValueError as error:
        raise NotEvaluable(
            clause=clause,
            sentence_en=f"The water went from {t_first:.1f} to {t_last:.1f} degC: {error}",
            sentence_zh=f"水温由 {t_first:.1f} 变为 {t_last:.1f} degC，超出水物性范围 0 至 110 degC；请核对记录。",
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The temperature of a mixed store.

    time: s, the middle of the readings.  value: degC, their mean.  scatter: K, standard uncertainty of the mean.
    spread: K, highest minus lowest.  rows: of the record, which it was taken from.
    """

    time: float
    value: float
    scatter: float
    spread: float
    rows: NDArray[np.intp]

    @property
    def count(self) -> int:
        """Give the number of readings."""
        return self.rows.size

    def among(self, values: Array) -> float:
        """Give the mean of another column, or of the same one off by an error, over the same rows."""
        return float(values[self.rows].mean())


def _reading(*, time: Array, values: Array, valid: NDArray[np.bool_]) -> Reading:
    rows = np.flatnonzero(valid)
    taken = values[rows]
    return Reading(
        time=float(time[rows].mean()),
        value=float(taken.mean()),
        scatter=float(taken.std(ddof=1) / np.sqrt(rows.size)) if rows.size > 1 else 0.0,
        spread=float(np.ptp(taken)),
        rows=rows,
    )


def last_reading(*, time: Array, values: Array, until: float, length: float, since: float = -np.inf) -> Reading | None:
    """Take the last `length` s of readings not after `until` and not before `since`; None when there is none."""
    valid = np.isfinite(values) & (time <= until) & (time >= since)
    if not valid.any():
        return None
    valid &= time >= time[valid][-1] - length
    return _reading(time=time, values=values, valid=valid)


def first_reading(*, time: Array, values: Array, since: float, length: float) -> Reading | None:
    """Take the first `length` s of readings not before `since`; None when there is none."""
    valid = np.isfinite(values) & (time >= since)
    if not valid.any():
        return None
    valid &= time <= time[valid][0] + length
    return _reading(time=time, values=values, valid=valid)
