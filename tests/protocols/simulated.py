"""Quasi-dynamic tests made with known coefficients, for every family: eight days of one-minute means with water.

The model is written down here once more, term by term and independently of protocols/quasidynamic/terms.py.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from protocols.fluids import WATER
from protocols.incidence import cosine_of_incidence, sun_position
from protocols.record import Common, Record
from tests.protocols.conftest import Case, limits_of

Array = NDArray[np.float64]

ITEM: dict[str, Any] = {
    "A_G": 2.0,
    "tilt": 40.0,
    "azimuth": 180.0,
    "latitude": 39.9,
    "longitude": 116.4,
    "transit_time": 60.0,
    "averaging_time": 600.0,
}
GLAZED = {"eta0b": 0.75, "b0": 0.15, "Kd": 0.9, "a1": 3.4, "a2": 0.012, "a5": 7500.0}
TABLE = {
    "eta0b": 0.72,
    "K10": 1.0,
    "K20": 0.995,
    "K30": 0.985,
    "K40": 0.965,
    "K50": 0.93,
    "K60": 0.86,
    "K70": 0.71,
    "Kd": 0.91,
    "a1": 2.1,
    "a2": 0.011,
    "a5": 9000.0,
}
# Evacuated tubes along the slope: transversal table, longitudinal modifier known.
TUBES = {
    "eta0b": 0.55,
    "K10": 1.01,
    "K20": 1.03,
    "K30": 1.06,
    "K40": 1.09,
    "K50": 1.07,
    "K60": 0.98,
    "K70": 0.80,
    "Kd": 1.02,
    "a1": 1.2,
    "a2": 0.008,
    "a5": 15000.0,
}
LONGITUDINAL = [[0.0, 1.0], [20.0, 0.995], [40.0, 0.97], [60.0, 0.88], [75.0, 0.6]]
# The uncovered PVT collector of the HTW Saar data, certificate in the 2013 form (eta0 .475, c1 7.411, c3 1.7, c4 .437,
# c5 42200, c6 .003), moved to u' = u - 3; Kd, b0 and a7 are chosen.
WISC = {
    "eta0b": 0.466,
    "b0": 0.05,
    "Kd": 0.97,
    "a1": 12.511,
    "a3": 1.7,
    "a4": 0.437,
    "a5": 42200.0,
    "a6": 0.003,
    "a7": 0.02,
}
TROUGH = {"eta0b": 0.70, "b0": 0.12, "Kd": 0.0, "a1": 0.6, "a2": 0.0, "a5": 4000.0, "a8": 2.0e-7}
LOW_CONCENTRATION = {"eta0b": 0.66, "b0": 0.1, "Kd": 0.6, "a1": 0.9, "a2": 0.004, "a5": 6000.0, "a8": 0.0}

TRUTHS = {
    "iso9806-2017-qdt": GLAZED,
    "iso9806-2017-qdt-bins": TABLE,
    "iso9806-2017-qdt-wisc": WISC,
    "iso9806-2017-qdt-concentrating": TROUGH,
    "iso9806-2017-qdt-biaxial": TUBES,
    "gbt4271-2021-qdt-biaxial": TUBES,
    "gbt4271-2021-qdt": GLAZED,
    "gbt4271-2021-qdt-bins": TABLE,
}
_HIGHEST = {"iso9806-2017-qdt-wisc": 28.0}  # K above ambient on the hottest day; others reach 62 K
_TWO_AXES: dict[str, Any] = {"tubes": "along", "longitudinal_modifier": LONGITUDINAL}
_MORE: dict[str, dict[str, Any]] = {
    "iso9806-2017-qdt-concentrating": {"concentration": 25.0},
    "iso9806-2017-qdt-biaxial": _TWO_AXES,
    "gbt4271-2021-qdt-biaxial": _TWO_AXES,
}

_DAYS, _MINUTES = 8, 600
_START = 1_773_962_400.0  # 2026-03-19T23:20Z, five hours before solar noon in Beijing, at the equinox


def modifier(theta: Array, truth: Mapping[str, float]) -> Array:
    """Kb by b0, or by the table with K(0) = 1 and K(90) = 0."""
    nodes = [angle for angle in range(10, 80, 10) if f"K{angle}" in truth]
    if nodes:
        table = [1.0, *(truth[f"K{angle}"] for angle in nodes), 0.0]
        return np.interp(theta, [0.0, *nodes, 90.0], table)
    return 1.0 - truth["b0"] * (1.0 / np.cos(np.radians(theta)) - 1.0)


def two_axes(elevation: Array, azimuth: Array, truth: Mapping[str, float]) -> Array:
    """Kb of tubes along the slope by turning the sun's vector into the collector's axes with a rotation matrix."""
    height, east = np.radians(elevation), np.radians(azimuth - ITEM["azimuth"])
    sun = np.stack([np.cos(height) * np.sin(east), -np.cos(height) * np.cos(east), np.sin(height)])
    tilt = np.radians(ITEM["tilt"])
    turn = np.array([[1, 0, 0], [0, np.cos(tilt), np.sin(tilt)], [0, -np.sin(tilt), np.cos(tilt)]])
    x, y, z = turn @ sun
    across, along = np.degrees(np.arctan2(np.abs(x), z)), np.degrees(np.arctan2(np.abs(y), z))
    known = np.array(LONGITUDINAL)
    return modifier(across, truth) * np.interp(along, known[:, 0], known[:, 1])


def power(columns: Mapping[str, Array], kb: Array, level: Array, rate: Array, truth: Mapping[str, float]) -> Array:
    """Q/A_G of ISO 9806:2017; level: tm in degC.  rate: dtm/dt in K/s."""
    a = {number: truth.get(f"a{number}", 0.0) for number in range(1, 9)}
    above, wind = level - columns["t_amb"], columns["u"] - 3.0
    sky = columns["EL"] - 5.67e-8 * (columns["t_amb"] + 273.15) ** 4
    beam = columns["G"] - columns["Gd"]
    gain = truth["eta0b"] * (kb * beam + truth["Kd"] * columns["Gd"])
    loss = a[1] * above + a[2] * above**2 + a[3] * wind * above + a[8] * above**4
    return gain - loss + a[4] * sky - a[5] * rate - a[6] * wind * columns["G"] - a[7] * wind * sky


def made(
    truth: Mapping[str, float], *, highest: float = 62.0, noise: float = 0.0, seed: int = 1, wind: float = 2.0
) -> tuple[Array, dict[str, Array]]:
    """Times and columns of eight days that obey the model.

    highest: tm - ta of the hottest day.  noise: sd of the outlet sensor, K.  wind: amplitude of the air speed about
    2.5 m/s.
    """
    time, columns = _made(tuple(truth.items()), highest, noise, seed, wind)
    return time, dict(columns)


@cache
def _made(
    coefficients: tuple[tuple[str, float], ...], highest: float, noise: float, seed: int, wind: float
) -> tuple[Array, dict[str, Array]]:
    truth = dict(coefficients)
    rng = np.random.default_rng(seed)
    day = np.arange(_DAYS)
    time = (_START + 86400.0 * day[:, None] + 60.0 * np.arange(_MINUTES) + 30.0).ravel()
    elevation, azimuth = sun_position(time=time, latitude=ITEM["latitude"], longitude=ITEM["longitude"])
    cosine = cosine_of_incidence(elevation=elevation, azimuth=azimuth, tilt=ITEM["tilt"], plane_azimuth=ITEM["azimuth"])
    cover = np.array([0.05, 0.1, 0.9, 0.7, 0.9, 0.8, 0.1, 0.05])[:, None]
    cloud = np.repeat(cover * rng.uniform(0.0, 1.0, (_DAYS, 60)), 10, axis=1).ravel()
    diffuse = 90.0 + 180.0 * cloud
    sky = np.repeat(rng.uniform(-130.0, -20.0, _DAYS), _MINUTES) + 15.0 * np.sin(time / 4000.0)
    gusts = np.repeat(rng.uniform(-1.0, 1.0, (_DAYS, 60)), 10, axis=1).ravel()
    t_amb = 18.0 + 1.5 * np.sin(time / 9000.0)
    columns = {
        "G": 850.0 * np.clip(cosine, 0.0, None) * (1.0 - cloud) + diffuse,
        "Gd": diffuse,
        "t_amb": t_amb,
        "u": 2.5 + wind * gusts + 0.2 * np.sin(time / 50.0),
        "EL": 5.67e-8 * (t_amb + 273.15) ** 4 + sky,
    }
    target = np.linspace(0.0, highest, _DAYS)[:, None] + 18.0
    levels = target + np.cumsum(rng.normal(0.0, 0.35, (_DAYS, 61)), axis=1)
    slope = np.diff(levels, axis=1)
    level = (levels[:, :-1, None] + slope[:, :, None] * (np.arange(10) + 0.5) / 10.0).ravel()
    theta = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    kb = two_axes(elevation, azimuth, truth) if truth == TUBES else modifier(theta, truth)
    heat = power(columns, kb, level, np.repeat(slope.ravel() / 600.0, 10), truth) * ITEM["A_G"]
    flow = np.full_like(heat, 4.0e-5)
    rise = np.zeros_like(heat)
    for _ in range(12):
        t_in, t_out = level - rise / 2.0, level + rise / 2.0
        capacity = WATER.enthalpy_rise(t_in=t_in, t_out=t_out + 1e-9) / (rise + 1e-9)
        rise = heat / (flow * WATER.density(t_in)) / capacity
    columns |= {"t_in": level - rise / 2.0, "t_out": level + rise / 2.0, "V_dot": flow}
    if noise:
        columns["t_out"] = columns["t_out"] + rng.normal(0.0, noise, time.size)
    return time, columns


def case(
    method: str,
    *,
    truth: Mapping[str, float] | None = None,
    item: Mapping[str, Any] | None = None,
    columns: Mapping[str, Array] | None = None,
    uncertainties: tuple[Common, ...] = (),
    **how: Any,
) -> Case:
    """A case of a method with its usual truth; item and columns replace entries."""
    time, values = made(truth or TRUTHS[method], **{"highest": _HIGHEST.get(method, 62.0), **how})
    record = Record(time=time, columns={**values, **(columns or {})}, uncertainties=uncertainties)
    return Case(record, {**ITEM, **_MORE.get(method, {}), **(item or {})}, limits_of(method), method=method)
