"""Example records for the steady-state tests and those around them, made from a model with known coefficients."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from protocols.fluids import WATER
from protocols.incidence import cosine_of_incidence, sun_position
from protocols.record import Common, Record
from tests.protocols.conftest import Case, limits_of

Array = NDArray[np.float64]

AREA, FLOW = 2.0, 4.0e-5  # m2, m3/s
GLAZED = {"eta0hem": 0.74, "a1": 3.6, "a2": 0.014}
WISC = {"eta0hem": 0.86, "bu": 0.03, "b1": 9.5, "b2": 3.1}
EPS_OVER_ALPHA = 0.9
B0, CAPACITY, TAU, DROP = 0.16, 15_200.0, 95.0, (6.0e4, 9.0e5)
PLACE = {"tilt": 40.0, "azimuth": 180.0, "latitude": 39.9, "longitude": 116.4}
NOON = 1_782_878_400.0 + 1000.0  # 2026-07-01, about noon in Beijing
COMMON = (
    Common(symbol="G", relative=0.008),
    Common(symbol="V_dot", relative=0.004),
    Common(symbol="t_amb", absolute=0.1),
)


def outlet(t_in: Array, power: Callable[[Array], Array], *, flow: float = FLOW) -> Array:
    """The outlet temperature at which the water takes away the power that the collector gives at (t_in + t_out)/2."""
    t_out = t_in + 5.0
    for _ in range(60):
        middle = (t_in + t_out) / 2.0
        heat = (WATER.heat_capacity(t_in) + 4.0 * WATER.heat_capacity(middle) + WATER.heat_capacity(t_out)) / 6.0
        t_out = t_in + power((t_in + t_out) / 2.0) / (flow * WATER.density(t_in) * heat)
    return t_out


def glazed_columns(G: Array, t_in: Array, t_amb: Array, truth: dict[str, float] = GLAZED) -> dict[str, Array]:
    """Columns that obey the glazed model."""

    def power(tm: Array) -> Array:
        above = tm - t_amb
        return AREA * (truth["eta0hem"] * G - truth["a1"] * above - truth["a2"] * above**2)

    return {
        "G": G,
        "t_in": t_in,
        "t_out": outlet(t_in, power),
        "t_amb": t_amb,
        "V_dot": np.full(G.size, FLOW),
        "u": np.full(G.size, 3.0),
    }


def wisc_columns(G: Array, t_in: Array, t_amb: Array, u: Array) -> dict[str, Array]:
    """Columns that obey the wind-sensitive model under a clear sky."""
    EL = 5.67e-8 * (t_amb + 273.15) ** 4 - 80.0
    net = G - EPS_OVER_ALPHA * 80.0

    def power(tm: Array) -> Array:
        gain = WISC["eta0hem"] * (1.0 - WISC["bu"] * u) * net
        return AREA * (gain - (WISC["b1"] + WISC["b2"] * u) * (tm - t_amb))

    columns = {"G": G, "t_in": t_in, "t_out": outlet(t_in, power), "t_amb": t_amb}
    return {**columns, "V_dot": np.full(G.size, FLOW), "u": u, "EL": EL}


def sixteen(*, noise: float = 0.0, seed: int = 1) -> tuple[Array, dict[str, Array]]:
    """Four points at each of four inlet temperatures, about solar noon; noise on the outlet, K."""
    rng = np.random.default_rng(seed)
    time = NOON + np.array([-2400.0, -800.0, 800.0, 2400.0] * 4) + 86400.0 * np.repeat(np.arange(4.0), 4)
    t_in = np.repeat([20.0, 41.0, 62.0, 83.0], 4) + rng.normal(0.0, 0.5, 16)
    columns = glazed_columns(rng.uniform(860.0, 1000.0, 16), t_in, rng.uniform(19.0, 23.0, 16))
    return time, {**columns, "t_out": columns["t_out"] + rng.normal(0.0, noise, 16)}


def sixteen_wisc(*, noise: float = 0.0, seed: int = 2) -> tuple[Array, dict[str, Array]]:
    """Four points at each of four inlet temperatures, with three air speeds."""
    rng = np.random.default_rng(seed)
    time = NOON + np.array([-2400.0, -800.0, 800.0, 2400.0] * 4) + 86400.0 * np.repeat(np.arange(4.0), 4)
    t_in = np.repeat([17.0, 24.0, 31.0, 38.0], 4)
    columns = wisc_columns(
        rng.uniform(860.0, 1000.0, 16), t_in, rng.uniform(19.0, 23.0, 16), np.tile([0.6, 1.5, 3.0, 3.2], 4)
    )
    return time, {**columns, "t_out": columns["t_out"] + rng.normal(0.0, noise, 16)}


def plateaus(*, levels: Array, noise: float = 0.0, seed: int = 3) -> tuple[Array, Array, Array, Array]:
    """Time, irradiance, inlet and ambient temperature of two hours at each inlet temperature, sampled every 30 s."""
    rng = np.random.default_rng(seed)
    size = 240 * levels.size
    time = NOON - 30.0 * size / 2.0 + 30.0 * np.arange(size)
    G = 920.0 + 30.0 * np.sin(np.arange(size) / 300.0) + rng.normal(0.0, 200.0 * noise, size)
    return time, G, np.repeat(levels, 240), 21.0 + 1.5 * np.sin(np.arange(size) / 400.0)


def glazed_samples(*, noise: float = 0.0) -> tuple[Array, dict[str, Array]]:
    """Eight hours of samples of a glazed collector on a tracker."""
    time, G, t_in, t_amb = plateaus(levels=np.array([20.0, 41.0, 62.0, 83.0]), noise=noise)
    columns = glazed_columns(G, t_in, t_amb)
    return time, {**columns, "t_out": columns["t_out"] + np.random.default_rng(4).normal(0.0, noise, time.size)}


def wisc_samples(*, noise: float = 0.0) -> tuple[Array, dict[str, Array]]:
    """Eight hours of samples of an unglazed collector; the air speed changes every forty minutes."""
    time, G, t_in, t_amb = plateaus(levels=np.array([17.0, 24.0, 31.0, 38.0]), noise=noise)
    wind = np.tile(np.repeat([0.6, 1.5, 3.1], 80), 4)
    columns = wisc_columns(G, t_in, t_amb, wind)
    return time, {**columns, "t_out": columns["t_out"] + np.random.default_rng(5).normal(0.0, noise, time.size)}


def modifier_points(*, noise: float = 0.0) -> tuple[Array, dict[str, Array]]:
    """Five pairs about solar noon, tm = ta, of a collector whose modifier is 1 - b0 (1/cos(theta) - 1)."""
    seconds = NOON + 120.0 * np.arange(-150, 151)
    elevation, azimuth = sun_position(time=seconds, latitude=PLACE["latitude"], longitude=PLACE["longitude"])
    highest = seconds[np.argmax(elevation)]
    hours = np.array([-4.0, -3.5, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 3.5, 4.0])
    time = highest + 3600.0 * hours
    elevation, azimuth = sun_position(time=time, latitude=PLACE["latitude"], longitude=PLACE["longitude"])
    cosine = cosine_of_incidence(
        elevation=elevation, azimuth=azimuth, tilt=PLACE["tilt"], plane_azimuth=PLACE["azimuth"]
    )
    G = 950.0 * cosine
    gain = (1.0 - B0 * (1.0 / cosine - 1.0)) * GLAZED["eta0hem"] * G
    t_in = np.full(time.size, 18.0)
    t_out = outlet(t_in, lambda _: AREA * gain)
    rng = np.random.default_rng(6)
    columns = {"G": G, "t_in": t_in, "t_out": t_out + rng.normal(0.0, noise, time.size)}
    return time, {**columns, "t_amb": (t_in + t_out) / 2.0, "V_dot": np.full(time.size, FLOW)}


def capacity_step(*, noise: float = 0.0) -> tuple[Array, dict[str, Array]]:
    """A step of the inlet from 30 to 50 degC under constant sun; one node of heat, means over 2 s."""
    G, t_amb, step = 900.0, 22.0, 0.1
    inlet = np.where(np.arange(9000) < 2000, 30.0, 50.0)
    grid = np.arange(20.0, 70.0, 0.5)
    rho, c_p = dict(zip((30.0, 50.0), WATER.density(np.array([30.0, 50.0])), strict=True)), WATER.heat_capacity(grid)

    def kept(tm: float, t_in: float) -> float:
        useful = FLOW * rho[t_in] * float(np.interp(tm, grid, c_p)) * 2.0 * (tm - t_in)
        return AREA * (GLAZED["eta0hem"] * G - 3.6 * (tm - t_amb)) - useful

    tm = np.empty(inlet.size)
    now = 33.0
    for _ in range(6000):  # until it is at rest
        now += step / CAPACITY * kept(now, 30.0)
    for k in range(inlet.size):
        tm[k] = now + step / CAPACITY / 2.0 * kept(now, inlet[k])  # in the middle of the step
        now += step / CAPACITY * kept(tm[k], inlet[k])
    mean, t_in = tm.reshape(-1, 20).mean(axis=1), inlet.reshape(-1, 20).mean(axis=1)
    size = mean.size
    return NOON + 2.0 * np.arange(size), {
        "G": np.full(size, G),
        "t_in": t_in,
        "t_out": 2.0 * mean - t_in + np.random.default_rng(7).normal(0.0, noise, size),
        "t_amb": np.full(size, t_amb),
        "V_dot": np.full(size, FLOW),
    }


def cooling_step(*, noise: float = 0.0, tau: float = TAU) -> tuple[Array, dict[str, Array]]:
    """A collector covered at 300 s, whose outlet goes from 12 to 0.4 K above ambient exponentially; every second."""
    time = np.arange(1500.0)
    since = np.maximum(time - 299.5, 0.0)
    rise = 0.4 + 11.6 * np.exp(-since / tau)
    t_out = 20.0 + rise + np.random.default_rng(8).normal(0.0, noise, time.size)
    still = np.full(time.size, 20.0)
    return NOON + time, {"t_in": still, "t_out": t_out, "t_amb": still, "covered": (time >= 300.0).astype(float)}


def hot_hours(*, noise: float = 0.0) -> tuple[Array, dict[str, Array]]:
    """Three hours of a dry collector in the sun, every minute."""
    rng, time = np.random.default_rng(9), NOON + 60.0 * np.arange(180)
    G = np.repeat([940.0, 960.0, 980.0], 60)
    t_amb = np.full(180, 27.0)
    t_abs = t_amb + 0.15 * G + rng.normal(0.0, noise, 180)
    return time, {"G": G, "t_abs": t_abs, "t_amb": t_amb, "u": np.full(180, 0.5)}


def pressure_rows(*, noise: float = 0.0) -> tuple[Array, dict[str, Array]]:
    """Seven flows of water at 20 degC."""
    mass_flow = AREA * np.linspace(0.005, 0.035, 7)
    t_in = np.full(7, 20.0)
    dp = DROP[0] * mass_flow + DROP[1] * mass_flow**2
    dp = dp + np.random.default_rng(10).normal(0.0, noise, 7)
    return NOON + 600.0 * np.arange(7), {"V_dot": mass_flow / WATER.density(t_in), "dp": dp, "t_in": t_in}


_LOSS = {"eta0hem": GLAZED["eta0hem"], "a1": 3.6}
ITEMS: dict[str, dict[str, Any]] = {
    "sst": {"A_G": AREA, "mount": "tracking", "tau_c": 120.0, "transit_time": 60.0},
    "sst-points": {"A_G": AREA, **PLACE},
    "sst-wisc": {"A_G": AREA, "mount": "tracking", "eps_over_alpha": EPS_OVER_ALPHA},
    "sst-wisc-points": {"A_G": AREA, "mount": "tracking", "eps_over_alpha": EPS_OVER_ALPHA},
    "iam-steady": {"A_G": AREA, **PLACE, **_LOSS, "u_eta0hem": 0.004},
    "thermal-capacity": {"A_G": AREA, **_LOSS},
    "time-constant": {},
    "stagnation": {},
    "pressure-drop": {"A_G": AREA, "asked_flows": "0.02, 0.04"},
}
RECORDS: dict[str, tuple[Callable[..., tuple[Array, dict[str, Array]]], float, int]] = {
    "sst": (glazed_samples, 0.01, 100),
    "sst-points": (sixteen, 0.02, 5),
    "sst-wisc": (wisc_samples, 0.01, 100),
    "sst-wisc-points": (sixteen_wisc, 0.02, 5),
    "iam-steady": (modifier_points, 0.02, 1),
    "thermal-capacity": (capacity_step, 0.01, 10),
    "time-constant": (cooling_step, 0.01, 10),
    "stagnation": (hot_hours, 0.1, 30),
    "pressure-drop": (pressure_rows, 10.0, 3),
}
EDITIONS = {"iso9806-2017": tuple(RECORDS), "gbt4271-2021": tuple(test for test in RECORDS if "wisc" not in test)}


def case(method: str, *, exact: bool = False, uncertainties: tuple[Common, ...] = (), **item: Any) -> Case:
    """The example of a method; `exact` leaves the noise out, `item` adds to its item description."""
    test = method.partition("-2017-")[2] or method.partition("-2021-")[2]
    make, noise, few = RECORDS[test]
    time, columns = make(noise=0.0 if exact else noise)
    record = Record(time=time, columns=columns, uncertainties=uncertainties)
    return Case(record, {**ITEMS[test], **item}, limits_of(method), method, few)


def _example(method: str) -> Callable[[], Case]:
    return lambda: case(method)


EXAMPLES = {f"{prefix}-{test}": _example(f"{prefix}-{test}") for prefix, tests in EDITIONS.items() for test in tests}
