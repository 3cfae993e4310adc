"""An example record for the power check: a field that gives 0.95 of what its certificate says, exactly, every hour."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from protocols.fluids import WATER
from protocols.incidence import cosine_of_incidence, sun_position
from protocols.record import Record
from tests.protocols.conftest import Case, limits_of

Array = NDArray[np.float64]

RATIO = 0.95
ITEM: dict[str, Any] = {
    "A_G": 100.0,
    "tilt": 40.0,
    "azimuth": 180.0,
    "latitude": 39.9,
    "longitude": 116.4,
    "formula": 2,
    "eta0b": 0.75,
    "Kd": 0.9,
    "a1": 3.0,
    "a2": 0.01,
    "a5": 8000.0,
    "b0": 0.15,
    "f_p": 0.98,
    "f_U": 0.95,
    "f_O": 0.98,
}


def made_field(*, days: int = 8, ratio: float = RATIO, item: dict[str, Any] = ITEM) -> tuple[Array, dict[str, Array]]:
    """Minutes of clear days around noon in Beijing, steady irradiance within each hour, a heat meter and a flow meter.

    The mean fluid temperature rises straight by 2 K/h, and Kb enters as the mean of the hour, so that measured power
    is `ratio` times formula 2 of the hourly means.
    """
    noon = 1_782_878_400.0  # 2026-07-01T04:00Z is noon in Beijing
    start = noon - 7200.0 + 86400.0 * np.arange(days)
    time = (start[:, None] + 60.0 * np.arange(240) + 30.0).ravel()
    hour = np.floor(time / 3600.0)
    within = time - 3600.0 * hour - 1800.0
    level = np.repeat(np.linspace(30.0, 70.0, days * 4), 60)
    mean_fluid, t_amb = level + within * 2.0 / 3600.0, np.full(time.size, 25.0)
    elevation, azimuth = sun_position(time=time, latitude=item["latitude"], longitude=item["longitude"])
    cosine = cosine_of_incidence(elevation=elevation, azimuth=azimuth, tilt=item["tilt"], plane_azimuth=item["azimuth"])
    modifier = np.repeat((1.0 - item["b0"] * (1.0 / cosine - 1.0)).reshape(-1, 60).mean(axis=1), 60)
    beam, diffuse = 750.0 + 20.0 * np.sin(hour), np.full(time.size, 120.0)
    above = np.repeat((mean_fluid - t_amb).reshape(-1, 60).mean(axis=1), 60)
    q = item["eta0b"] * (modifier * beam + item["Kd"] * diffuse) - item["a1"] * above - item["a2"] * above**2
    power = ratio * (q - item["a5"] * 2.0 / 3600.0) * item["A_G"]
    rise = np.full(time.size, 10.0)
    flow = power / WATER.density(mean_fluid - rise / 2.0)
    flow = flow / WATER.enthalpy_rise(t_in=mean_fluid - rise / 2.0, t_out=mean_fluid + rise / 2.0)
    return time, {
        "G": beam + diffuse,
        "Gd": diffuse,
        "t_in": mean_fluid - rise / 2.0,
        "t_out": mean_fluid + rise / 2.0,
        "t_amb": t_amb,
        "V_dot": flow,
        "u": np.full(time.size, 2.0),
        "shaded": np.zeros(time.size),
    }


def _field() -> Case:
    time, columns = made_field()
    return Case(Record(time=time, columns=columns), dict(ITEM), limits_of("iso24194-2022"), method="iso24194-2022")


EXAMPLES = {"iso24194-2022": _field}
