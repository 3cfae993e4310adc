"""The quasi-dynamic fits a second time, with other programs: pvlib's sun, pandas' means, statsmodels' least squares."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pvlib
import statsmodels.api as sm
from numpy.typing import NDArray

from protocols.fluids import WATER
from tests.protocols.conftest import Case
from tests.protocols.simulated import modifier, power

Array = NDArray[np.float64]

_MODIFIERS = ("b0", "Kd", "K10", "K20", "K30", "K40", "K50", "K60", "K70")
_NOTHING = {"eta0b": 0.0, "b0": 0.0, "Kd": 0.0}


def fitted(case: Case, truth: Mapping[str, float], used: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Coefficients and standard errors by ordinary least squares (those of eta0b times a modifier divided out)."""
    columns = dict(case.record.columns)
    index = pd.to_datetime(case.record.time, unit="s", utc=True)
    sun = pvlib.solarposition.get_solarposition(index, case.item["latitude"], case.item["longitude"])
    cosine = pvlib.irradiance.aoi_projection(
        case.item["tilt"], case.item["azimuth"], sun["zenith"], sun["azimuth"]
    ).to_numpy()
    theta = np.degrees(np.arccos(cosine))
    level = (columns["t_in"] + columns["t_out"]) / 2.0
    names = list(truth)
    frame = pd.DataFrame({name: _regressor(name, names, columns, theta, level) for name in names}, index=index)
    heat = WATER.enthalpy_rise(t_in=columns["t_in"], t_out=columns["t_out"])
    frame["q"] = columns["V_dot"] * WATER.density(columns["t_in"]) * heat / case.item["A_G"]
    frame["tm"] = level
    window = frame.resample("600s")
    means = window.mean()
    means["a5"] = -(window["tm"].last() - window["tm"].first()) / 540.0
    kept = means[means["q"].notna()][used]
    result = sm.OLS(kept["q"], kept[names]).fit()
    return _unmixed(names, result.params.to_numpy(), result.cov_params().to_numpy())


def _regressor(name: str, names: list[str], columns: Mapping[str, Array], theta: Array, level: Array) -> Array:
    """What power changes by when one linear parameter goes from 0 to 1, by the model as written for the simulation."""
    still = np.zeros_like(level)
    zero = power(columns, still, level, still, _NOTHING)
    beam = columns["G"] - columns["Gd"]
    if name == "eta0b":
        flat = {each: 0.0 for each in names if each.startswith("K") and each != "Kd"}
        return modifier(theta, {**_NOTHING, **flat}) * beam
    if name == "b0":
        return (modifier(theta, {"b0": 1.0}) - 1.0) * beam
    if name == "Kd":
        return columns["Gd"]
    if name.startswith("K"):
        table = {each: float(each == name) for each in names if each.startswith("K") and each != "Kd"}
        none = dict.fromkeys(table, 0.0)
        return (modifier(theta, table) - modifier(theta, none)) * beam
    return power(columns, still, level, still, {**_NOTHING, name: 1.0}) - zero


def _unmixed(names: list[str], linear: Array, covariance: Array) -> tuple[Array, Array]:
    values, jacobian = linear.copy(), np.eye(len(names))
    for row, name in enumerate(names):
        if name in _MODIFIERS:
            values[row] = linear[row] / linear[0]
            jacobian[row, row], jacobian[row, 0] = 1.0 / linear[0], -values[row] / linear[0]
    return values, np.sqrt(np.diag(jacobian @ covariance @ jacobian.T))
