"""Records to evaluate: the real one of Graz, and made ones whose true coefficients are known."""

import importlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray

from protocols.fluids import WATER
from protocols.incidence import cosine_of_incidence, modifier_excess, sun_position
from protocols.limits import Limit, read_limits
from protocols.method import Outcome, methods
from protocols.record import Common, Record

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
Array = NDArray[np.float64]

TRUTH = {"eta0b": 0.75, "b0": 0.15, "Kd": 0.9, "a1": 3.4, "a2": 0.012, "a5": 7500.0}
MADE_ITEM: dict[str, Any] = {
    "A_G": 2.0,
    "tilt": 40.0,
    "azimuth": 175.0,
    "latitude": 39.9,
    "longitude": 116.4,
    "transit_time": 60.0,
    "averaging_time": 600.0,
}


@dataclass(frozen=True)
class Case:
    """What a method is called with; `few` rows of it are too few for a result."""

    record: Record
    item: dict[str, Any]
    limits: dict[str, Limit]
    method: str = "iso9806-2017-qdt"
    few: int = 20

    def evaluate(self) -> Outcome:
        return methods()[self.method].evaluate(record=self.record, item=self.item, limits=self.limits)


def limits_of(method: str) -> dict[str, Limit]:
    """The shipped limit table of a method."""
    return read_limits(ROOT / "config" / "limits" / f"{methods()[method].limit_table}.toml")


@cache
def examples() -> dict[str, Callable[[], Case]]:
    """An example of each method: the EXAMPLES of every module of tests/protocols/examples."""
    found: dict[str, Callable[[], Case]] = {}
    for file in sorted((ROOT / "tests" / "protocols" / "examples").glob("[a-z]*.py")):
        found.update(importlib.import_module(f"tests.protocols.examples.{file.stem}").EXAMPLES)
    return found


@pytest.fixture(scope="session")
def limits() -> dict[str, Limit]:
    return limits_of("iso9806-2017-qdt")


@pytest.fixture(scope="session")
def graz_columns() -> tuple[Array, dict[str, Array]]:
    """Times (middle of each minute) and columns in the units of the glossary."""
    file = ROOT / "lims" / "demonstration" / "graz" / "graz_2017-07_2017-08_1min.parquet"
    rows = duckdb.sql(f"select * from '{file}' order by time_utc").fetchnumpy()
    time = np.asarray(rows.pop("time_utc")).astype("datetime64[s]").astype(np.float64) + 30.0
    raw = {name: np.asarray(np.ma.filled(np.ma.asarray(values), np.nan)) for name, values in rows.items()}
    kelvin = {"t_in": "te_in", "t_out": "te_out", "t_amb": "te_amb"}
    plain = {"G": "rd_gti", "Gd": "rd_dti", "V_dot": "vf", "u": "ve_wind", "DNI": "rd_dni", "shaded": "is_shadowed"}
    return time, {
        **{symbol: raw[name] - 273.15 for symbol, name in kelvin.items()},
        **{symbol: raw[name] for symbol, name in plain.items()},
    }


@pytest.fixture(scope="session")
def graz_item() -> tuple[dict[str, Any], tuple[Common, ...]]:
    described = tomllib.loads((ROOT / "config" / "items" / "graz_array.toml").read_text("utf-8"))
    given = described.pop("uncertainty")
    assert described.pop("sample_midpoint_offset") == 30.0  # for a reader of the file; the columns here are shifted
    return described, tuple(Common(symbol=symbol, **each) for symbol, each in given.items())


@pytest.fixture(scope="session")
def graz(
    graz_columns: tuple[Array, dict[str, Array]],
    graz_item: tuple[dict[str, Any], tuple[Common, ...]],
    limits: dict[str, Limit],
) -> Callable[..., Outcome]:
    """Evaluate the record: `graz(averaging_time=…, shaded=True, horizon=False, rows=mask)`."""

    def run(
        *, averaging_time: float, shaded: bool = True, horizon: bool = False, rows: NDArray[np.bool_] | None = None
    ) -> Outcome:
        time, columns = graz_columns
        item, common = graz_item
        taken = slice(None) if rows is None else rows
        chosen = {s: values[taken] for s, values in columns.items() if shaded or s != "shaded"}
        described = {k: v for k, v in item.items() if horizon or k != "horizon"}
        record = Record(time=time[taken], columns=chosen, uncertainties=common)
        return Case(record, {**described, "averaging_time": averaging_time}, limits).evaluate()

    return run


def made_columns(
    *, days: int = 8, noise: float = 0.0, seed: int = 1, truth: dict[str, float] = TRUTH
) -> tuple[Array, dict[str, Array]]:
    """A record that obeys the quasi-dynamic model exactly (or with noise on the outlet), one-minute means, water.

    Each day has its own temperature level and cloudiness. The mean fluid temperature is straight within each
    ten-minute window, so that the rate from a window's ends is the true one.
    """
    rng = np.random.default_rng(seed)
    start = 1_782_869_400.0 + 86400.0 * np.arange(days)  # 2026-07-01T01:30Z is half past nine in Beijing
    minute = 60.0 * np.arange(360) + 30.0
    time = (start[:, None] + minute).ravel()
    elevation, azimuth = sun_position(time=time, latitude=MADE_ITEM["latitude"], longitude=MADE_ITEM["longitude"])
    cosine = cosine_of_incidence(
        elevation=elevation, azimuth=azimuth, tilt=MADE_ITEM["tilt"], plane_azimuth=MADE_ITEM["azimuth"]
    )
    cloud = np.repeat(rng.uniform(0.0, 1.0, (days, 36)) ** np.arange(1, days + 1)[:, None], 10, axis=1).ravel()
    beam, diffuse = 850.0 * cosine * (1.0 - cloud), 90.0 + 180.0 * cloud
    t_amb = 24.0 + 4.0 * np.sin(time / 9000.0)
    levels = np.linspace(25.0, 88.0, days)[:, None] + np.cumsum(rng.normal(0, 0.4, (days, 37)), axis=1)
    edges, within = levels[:, :-1], (np.arange(10) + 0.5) / 10.0
    slope = np.diff(levels, axis=1)
    mean_fluid = (edges[:, :, None] + slope[:, :, None] * within).ravel()
    rate = np.repeat(slope.ravel() / 600.0, 10)
    above = mean_fluid - t_amb
    modifier = 1.0 - truth["b0"] * modifier_excess(cosine)
    power = truth["eta0b"] * (modifier * beam + truth["Kd"] * diffuse)
    power = power - truth["a1"] * above - truth["a2"] * above**2 - truth["a5"] * rate
    rise = np.zeros_like(power)
    flow = np.full_like(power, 4.0e-5)
    for _ in range(12):
        t_in, t_out = mean_fluid - rise / 2.0, mean_fluid + rise / 2.0
        heat = WATER.enthalpy_rise(t_in=t_in, t_out=t_out + 1e-9)
        rise = power * MADE_ITEM["A_G"] / (flow * WATER.density(t_in)) * (rise + 1e-9) / heat
    t_in, t_out = mean_fluid - rise / 2.0, mean_fluid + rise / 2.0
    t_out = t_out + rng.normal(0.0, noise, t_out.size) if noise else t_out
    wind = 2.0 + np.sin(time / 500.0)
    return time, {
        "G": beam + diffuse,
        "Gd": diffuse,
        "t_in": t_in,
        "t_out": t_out,
        "t_amb": t_amb,
        "V_dot": flow,
        "u": wind,
    }


@pytest.fixture(scope="session")
def made(limits: dict[str, Limit]) -> Callable[..., Case]:
    """Make a case: `made(columns={…}, item={…}, uncertainties=(…), days=8, noise=0.0, seed=1, truth={…})`."""

    def build(
        *,
        columns: dict[str, Array | None] | None = None,
        item: dict[str, Any] | None = None,
        uncertainties: tuple[Common, ...] = (),
        **how: Any,
    ) -> Case:
        time, values = made_columns(**how)
        merged = {**values, **(columns or {})}
        kept = {symbol: value for symbol, value in merged.items() if value is not None}
        record = Record(time=time, columns=kept, uncertainties=uncertainties)
        return Case(record, {**MADE_ITEM, **(item or {})}, limits)

    return build
