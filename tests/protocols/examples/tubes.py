"""Example records for the thermal quantities of evacuated tubes, whose results follow in closed form."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from protocols.record import Common, Record
from tests.protocols.conftest import Case, limits_of

Array = NDArray[np.float64]

NOON = 1_782_878_400.0
Y, G_STILL, T_AIR = 205.0, 930.0, 24.0  # m2 K/kW, W/m2, degC
H_35 = 3.3  # MJ/m2
U_LT, MASS, A_A = 0.72, 2.3, 0.26  # W/(m2 K), kg, m2
COMMON = (
    Common(symbol="G", relative=0.01),
    Common(symbol="t_tube", absolute=0.2),
    Common(symbol="t_amb", absolute=0.1),
)


def still_columns(*, noise: float = 0.0) -> tuple[Array, dict[str, Array]]:
    """An hour of an empty tube at rest, each minute."""
    time = NOON + 60.0 * np.arange(60) + 30.0
    G = G_STILL + 8.0 * np.sin(np.arange(60) / 6.0)
    t_amb = np.full(60, T_AIR)
    return time, {
        "G": G,
        "t_amb": t_amb,
        "t_tube": T_AIR + Y * G_STILL / 1000.0 + np.random.default_rng(7).normal(0.0, noise, 60),
        "u": np.full(60, 2.0),
    }


def warming_columns(*, noise: float = 0.0) -> tuple[Array, dict[str, Array]]:
    """A filled tube, covered for ten minutes, then warming in proportion to what falls on it: 35 K in H_35."""
    time = NOON + 20.0 * np.arange(300) + 10.0
    covered = (time < NOON + 600.0).astype(np.float64)
    G = 850.0 + 0.02 * (time - NOON)
    received = np.clip(0.5 * (G + 850.0 + 12.0) * (time - NOON - 600.0), 0.0, None) / 1e6
    water = 22.0 + 35.0 * received / H_35 + np.random.default_rng(8).normal(0.0, noise, time.size)
    return time, {"G": G, "t_amb": np.full(300, T_AIR), "t_tube": water, "u": np.full(300, 2.0), "covered": covered}


def hot_columns() -> tuple[Array, dict[str, Array]]:
    """A filled tube that cools along a straight line, so that its mean is that of the three readings."""
    fall = U_LT * A_A * 3600.0 / (4186.8 * MASS)  # of 1 K above ambient in the mean, in an hour
    above = (80.0 - T_AIR) / (1.0 + fall / 2.0)
    time = NOON + 60.0 * np.arange(-20.0, 75.0)
    return time, {
        "t_tube": 80.0 - fall * above * (time - NOON) / 3600.0,
        "t_amb": np.full(time.size, T_AIR),
    }


TUBE: dict[str, Any] = {"mass": MASS, "A_A": A_A}
RECORDS = {
    "stagnation": (still_columns, {}, 5),
    "irradiation": (warming_columns, {}, 40),
    "heat-loss": (hot_columns, TUBE, 2),
}


def tube_case(
    method: str,
    *,
    uncertainties: tuple[Common, ...] = (),
    columns: dict[str, Array] | None = None,
    **item: Any,
) -> Case:
    """The example of a method; `columns` replaces some of the record, `item` adds to its item description."""
    make, described, few = RECORDS[method.split("-", 2)[2]]
    time, made = make()
    record = Record(time=time, columns={**made, **(columns or {})}, uncertainties=uncertainties)
    return Case(record, {**described, **item}, limits_of(method), method, few)


EXAMPLES = {
    f"{edition}-{test}": (lambda method: lambda: tube_case(method))(f"{edition}-{test}")
    for edition in ("gbt17049-2005", "gbt17049-2024")
    for test in RECORDS
}
