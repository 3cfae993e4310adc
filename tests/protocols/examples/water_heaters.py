"""Example records for the tests of solar water heaters, whose results follow in closed form."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from protocols.record import Common, Record
from protocols.water_heaters.solar_noon import solar_noon
from tests.protocols.conftest import Case, limits_of

Array = NDArray[np.float64]

DAILY, NIGHT, INPUT_OUTPUT = "gbt18708-2002-daily", "gbt18708-2002-heat-loss", "iso9459-2-1995-input-output"

PLACE = {"latitude": 30.5, "longitude": 120.7}
DAY = 20635  # 2026-07-01
NOON = solar_noon(day=DAY, **PLACE)
HALF = 4.0 * 3600.0
PEAK = 800.0  # W/m2
# G = PEAK cos(pi t/L), L = 12 h, within 4 h of noon: H = 2 PEAK (L/pi) sin(pi 4/12)
H = 2.0 * PEAK * 43200.0 / np.pi * np.sin(np.pi / 3.0) / 1e6  # MJ/m2
STORE = {"V_s": 0.15, "A_c": 2.0}
RISE = (20.0, 45.5)  # degC
Q_DAY = 4186.8 * 1000.0 * 0.15 * 25.5 / 1e6  # MJ
DAILY_ITEM: dict[str, Any] = {**PLACE, **STORE}
COMMON = (
    Common(symbol="G", relative=0.01),
    Common(symbol="t_store", absolute=0.1),
    Common(symbol="t_amb", absolute=0.1),
    Common(symbol="A_c", relative=0.003),
    Common(symbol="V_s", relative=0.003),
)
U_SL, T_HOT, T_NIGHT, HOURS = 12.0, 60.0, 15.0, 8.0
IO = {"io1": 2.54448, "io2": 1.46415, "io3": 7.97159}


def day_columns(*, step: float = 60.0, around: float = 7200.0) -> tuple[Array, dict[str, Array]]:
    """One clear day; the store is read for ten minutes before the test and for twenty after it, mixed."""
    time = NOON - HALF - around + step * (np.arange(round(2.0 * (HALF + around) / step)) + 0.5)
    since = time - NOON
    store = np.full(time.size, np.nan)
    store[(since < -HALF) & (since > -HALF - 600.0)] = RISE[0]
    store[(since > HALF) & (since < HALF + 1200.0)] = RISE[1]
    return time, {
        "G": PEAK * np.clip(np.cos(np.pi * since / 43200.0), 0.0, None),
        "t_amb": 24.0 + 3.0 * since / HALF,
        "u": np.full(time.size, 2.0),
        "t_store": store,
    }


def drawn_columns() -> tuple[Array, dict[str, Array]]:
    """The same day, its heat drawn off for 45 min by 10 L/min of water that begins 25.5 K above the cold water."""
    time, columns = day_columns()
    drawn = (time > NOON + HALF + 600.0) & (time < NOON + HALF + 3300.0)
    since = time - time[drawn][0]
    return time, {
        **{symbol: values for symbol, values in columns.items() if symbol != "t_store"},
        "V_dot": np.where(drawn, 0.01 / 60.0, 0.0),
        "t_main": np.full(time.size, 20.0),
        "t_out": 20.0 + np.where(drawn, 25.5 * (1.0 - since / 2640.0), 0.0),
    }


def night_columns(*, step: float = 300.0) -> tuple[Array, dict[str, Array]]:
    """A store that cools exponentially for eight hours in constant surroundings."""
    time = NOON + 12.0 * 3600.0 + np.arange(0.0, HOURS * 3600.0 + 1.0, step)
    cooled = np.exp(-U_SL * (time - time[0]) / (1000.0 * 4186.8))
    return time, {
        "t_store": T_NIGHT + (T_HOT - T_NIGHT) * cooled,
        "t_amb": np.full(time.size, T_NIGHT),
        "u": np.full(time.size, 1.0),
        "G": np.zeros(time.size),
    }


def input_output_columns(*, noise: float = 0.0, seed: int = 1) -> tuple[Array, dict[str, Array]]:
    """Eight days of a heater with the published coefficients of a 50-tube array; noise in MJ."""
    H_days = np.array([9.0, 13.0, 17.5, 21.0, 24.0, 11.0, 19.0, 15.0])
    dt = np.array([2.0, 3.0, 1.5, 2.5, 2.0, 12.0, 13.0, 12.5])
    time = 86400.0 * (DAY + np.arange(8.0)) + 20000.0
    Q = IO["io1"] * H_days + IO["io2"] * dt + IO["io3"]
    return time, {
        "H": H_days,
        "t_amb_day": 15.0 + dt,
        "t_main": np.full(8, 15.0),
        "Q_day": Q + np.random.default_rng(seed).normal(0.0, noise, 8),
    }


def daily_case(*, uncertainties: tuple[Common, ...] = (), columns: dict[str, Array] | None = None, **item: Any) -> Case:
    time, made = day_columns()
    record = Record(time=time, columns={**made, **(columns or {})}, uncertainties=uncertainties)
    return Case(record, {**DAILY_ITEM, **item}, limits_of(DAILY), DAILY)


def drawn_case(**item: Any) -> Case:
    time, columns = drawn_columns()
    item = {**DAILY_ITEM, "gain_by": "draw-off", **item}
    return Case(Record(time=time, columns=columns), item, limits_of(DAILY), DAILY)


def night_case(*, uncertainties: tuple[Common, ...] = (), step: float = 300.0, **item: Any) -> Case:
    time, columns = night_columns(step=step)
    record = Record(time=time, columns=columns, uncertainties=uncertainties)
    return Case(record, item, limits_of(NIGHT), NIGHT, few=1)


def input_output_case(
    *, noise: float = 1.0, seed: int = 1, uncertainties: tuple[Common, ...] = (), **item: Any
) -> Case:
    time, columns = input_output_columns(noise=noise, seed=seed)
    record = Record(time=time, columns=columns, uncertainties=uncertainties)
    return Case(record, item, limits_of(INPUT_OUTPUT), INPUT_OUTPUT, few=5)


EXAMPLES = {DAILY: daily_case, NIGHT: night_case, INPUT_OUTPUT: input_output_case}
