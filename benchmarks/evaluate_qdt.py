"""Evaluate two real months by the quasi-dynamic method, beside the same fit with pandas and statsmodels.

    python -m benchmarks.evaluate_qdt [--json] [--repeat 5]

Both start from the same arrays in memory (89 280 one-minute rows) and end with the coefficients of the same windows.
The peer takes the sun's position from pvlib. It does less: ordinary least squares with its covariance, no bootstrap
over days, no common uncertainties and no list of reasons.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pvlib
import statsmodels.api as sm
from numpy.typing import NDArray

from benchmarks._timing import main, median_seconds
from protocols.fluids import Fluid, tabulated
from protocols.limits import read_limits
from protocols.method import Outcome, methods
from protocols.record import Common, Record

ROOT = Path(__file__).parents[1]
METHOD = "iso9806-2017-qdt"
Array = NDArray[np.float64]


def load() -> tuple[Record, dict[str, Any]]:
    """Read the record and the item description of the array in Graz."""
    file = ROOT / "lims" / "demonstration" / "graz" / "graz_2017-07_2017-08_1min.parquet"
    rows = duckdb.sql(f"select * from '{file}' order by time_utc").fetchnumpy()
    seconds = np.asarray(rows.pop("time_utc")).astype("datetime64[s]").astype(np.float64) + 30.0
    raw = {name: np.asarray(np.ma.filled(np.ma.asarray(values), np.nan)) for name, values in rows.items()}
    names = {"G": "rd_gti", "Gd": "rd_dti", "V_dot": "vf", "u": "ve_wind", "shaded": "is_shadowed"}
    columns = {symbol: raw[name] for symbol, name in names.items()}
    columns |= {s: raw[n] - 273.15 for s, n in {"t_in": "te_in", "t_out": "te_out", "t_amb": "te_amb"}.items()}
    item = tomllib.loads((ROOT / "config" / "items" / "graz_array.toml").read_text("utf-8"))
    common = tuple(Common(symbol=s, **each) for s, each in item.pop("uncertainty").items())
    del item["horizon"], item["sample_midpoint_offset"]
    return Record(time=seconds, columns=columns, uncertainties=common), item


def ours(record: Record, item: dict[str, Any]) -> Outcome:
    """Evaluate with Heliobench."""
    method = methods()[METHOD]
    limits = read_limits(ROOT / "config" / "limits" / f"{method.limit_table}.toml")
    return method.evaluate(record=record, item=item, limits=limits)


def peer(record: Record, item: dict[str, Any], fluid: Fluid) -> Array:
    """Do the same with pvlib (sun), pandas (resample, filters) and statsmodels (OLS)."""
    frame = pd.DataFrame(dict(record.columns), index=pd.to_datetime(record.time, unit="s", utc=True))
    sun = pvlib.solarposition.get_solarposition(frame.index, item["latitude"], item["longitude"])
    cosine = pvlib.irradiance.aoi_projection(item["tilt"], item["azimuth"], sun["zenith"], sun["azimuth"]).to_numpy()
    low, high = fluid.limits
    cold, warm = frame["t_in"].clip(low, high), frame["t_out"].clip(low, high)
    frame["m"] = frame["V_dot"] * fluid.density(cold.to_numpy())
    power = frame["m"] * fluid.enthalpy_rise(t_in=cold.to_numpy(), t_out=warm.to_numpy()) / item["A_G"]
    excess = 1.0 / np.where(cosine > 0, cosine, np.nan) - 1.0
    tm, beam = (frame["t_in"] + frame["t_out"]) / 2.0, frame["G"] - frame["Gd"]
    above = tm - frame["t_amb"]
    frame = frame.assign(q=power, gb=beam, gbx=-excess * beam, d=-above, d2=-(above**2), tm=tm, cos=cosine)
    window = frame.resample(f"{item['averaging_time']:g}s")
    mean, least, most = window.mean(), window.min(), window.max()
    count = window.count().min(axis=1)
    step = frame.index[1] - frame.index[0]
    samples = round(item["averaging_time"] / step.total_seconds())
    rate = -(window["tm"].last() - window["tm"].first()) / ((samples - 1) * step.total_seconds())
    flow = np.maximum(most["V_dot"] - mean["V_dot"], mean["V_dot"] - least["V_dot"])
    inlet = np.maximum(most["t_in"] - mean["t_in"], mean["t_in"] - least["t_in"])
    used = (
        (count == samples)
        & (most["shaded"] == 0)
        & (mean["G"] >= 50)
        & (least["Gd"] > 0)
        & (mean["Gd"] <= 1.02 * mean["G"])
        & (least["cos"] >= np.cos(np.radians(60)))
        & (mean["m"] * least["V_dot"] / mean["V_dot"] >= 0.00095 * item["A_G"])
        & (flow <= 0.1 * mean["V_dot"])
        & (inlet <= 5.0)
        & (least[["t_in", "t_out"]].min(axis=1) >= low)
        & (most[["t_in", "t_out"]].max(axis=1) <= high)
    )
    design = mean.assign(rate=rate).loc[used, ["gb", "gbx", "Gd", "d", "d2", "rate"]]
    fit = sm.OLS(mean.loc[used, "q"], design).fit()
    fit.cov_params()
    eta0b, *rest = fit.params.to_numpy()
    return np.array([eta0b, rest[0] / eta0b, rest[1] / eta0b, *rest[2:]])


def measure(repeat: int) -> dict[str, Any]:
    """Time both and compare their coefficients."""
    record, item = load()
    fluid = tabulated(
        name="table",
        density=item["fluid_density"],
        heat_capacity=item["fluid_heat_capacity"],
        source="item",
        extrapolation=20.0,
    )
    found = [each.value for each in ours(record, item).coefficients]
    other = peer(record, item, fluid)
    mine, theirs = (
        median_seconds(lambda: ours(record, item), repeat),
        median_seconds(lambda: peer(record, item, fluid), repeat),
    )
    return {
        "rows": int(record.time.size),
        "heliobench_s": mine,
        "pandas_statsmodels_s": theirs,
        "ratio": theirs / mine,
        "goal_s": 0.5,
        "largest_relative_difference": float(np.max(np.abs(np.array(found) / other - 1.0))),
    }


def table(result: dict[str, Any]) -> Iterator[str]:
    """Line by line."""
    yield f"quasi-dynamic evaluation of {result['rows']} rows (goal {result['goal_s']} s)"
    yield f"  heliobench                    {result['heliobench_s']:8.3f} s"
    yield f"  pvlib + pandas + statsmodels  {result['pandas_statsmodels_s']:8.3f} s"
    yield f"  ratio                         {result['ratio']:8.1f}"
    yield f"  largest relative difference of a coefficient  {result['largest_relative_difference']:.1e}"


if __name__ == "__main__":
    main(__doc__, measure, table, repeat=(5, "timed calls of each"))
