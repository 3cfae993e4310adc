"""Figures that tell how good a quasi-dynamic data set and its fit are."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.fluids import TabulatedFluid
from protocols.quasidynamic.admission import Run, deviation

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_EXTRATERRESTRIAL = 1412.0  # W/m2, of the sun in January outside the air: 1361 W/m2 at the mean distance and 3.4 % more
_LEAST_COSINE = 0.34  # cos(70 deg); beyond, a small error of the angle is a large one of its cosine


def diagnostics(run: Run, used: Flags, fit: fits.Fit, points: Mapping[str, Array]) -> dict[str, float]:
    """Give the diagnostics of an outcome.

    used: of the complete windows.  points: of the outcome, all windows.
    """
    taken = points["used"] > 0
    point = {name: values[taken] for name, values in points.items()}
    about_mean = point["q_measured"] - point["q_measured"].mean()
    flow = point["mass_flow"] / run.plant.area
    figures = {
        "windows": float(taken.size),
        "windows_used": float(taken.sum()),
        "days": float(np.unique(run.days[used]).size),
        "sample_interval": run.cut.interval,
        "averaging_time": run.averaging_time,
        "r_squared": 1.0 - float(point["residual"] @ point["residual"]) / float(about_mean @ about_mean),
        "residual_sd": fit.residual_sd,
        "residual_autocorrelation": _autocorrelation(point, run.averaging_time),
        "condition": fit.condition,
        "correlation_a1_a2": _correlation(fit, "a1", "a2"),
        **flow_figures(run, used, flow),
        "windows_against_the_sun": _against_the_sun(run),
        **_fluid_check(run, used),
        **_beam_check(run, used),
    }
    return figures | extremes(point, ("G", "theta", "tm_minus_ta", "dtm_dt", "u"))


def flow_figures(run: Run, used: Flags, flow: Array) -> dict[str, float]:
    """Give how steady flow and inlet were.

    used: of the complete windows.  flow: of the windows used, kg/(s m2).
    """
    return {
        "flow_per_area_mean": float(flow.mean()),
        "flow_per_area_spread": float(np.abs(flow / flow.mean() - 1.0).max()),
        "flow_deviation_max": float(
            (deviation(run.blocks["V_dot"][used]) / run.blocks["V_dot"][used].mean(axis=1)).max()
        ),
        "t_in_deviation_max": float(deviation(run.blocks["t_in"][used]).max()),
    }


def extremes(point: Mapping[str, Array], names: Iterable[str]) -> dict[str, float]:
    """Give the least and the largest mean of a window, for each name."""
    return {f"{name}_{end}": float(getattr(point[name], end)()) for name in names for end in ("min", "max")}


def _correlation(fit: fits.Fit, first: str, second: str) -> float:
    if first not in fit.names or second not in fit.names:
        return float("nan")
    return float(fit.correlations[fit.names.index(first), fit.names.index(second)])


def _autocorrelation(point: Mapping[str, Array], averaging_time: float) -> float:
    """Give the correlation of residuals of neighbouring windows."""
    follows = np.diff(point["time"]) == averaging_time
    before, after = point["residual"][:-1][follows], point["residual"][1:][follows]
    scale = float(np.sqrt((before @ before) * (after @ after)))
    return float(before @ after) / scale if scale > 0 else float("nan")


def _against_the_sun(run: Run) -> float:
    """Count the windows whose light the sun cannot give where it stands."""
    lit = run.blocks["G"].mean(axis=1) > run.limit("G_min")
    down = run.elevation.max(axis=1) <= 0
    cosine = run.cosine.mean(axis=1)
    beam = (run.blocks["G"] - run.blocks["Gd"]).mean(axis=1)
    too_bright = (cosine > _LEAST_COSINE) & (beam > _EXTRATERRESTRIAL * cosine)
    return float(np.sum(lit & (down | too_bright)))


def _fluid_check(run: Run, used: Flags) -> dict[str, float]:
    """Tell how warm the fluid was and how many windows reach beyond the fluid's tables."""
    t_in, t_out = run.blocks["t_in"][used], run.blocks["t_out"][used]
    lowest, highest = np.minimum(t_in, t_out).min(axis=1), np.maximum(t_in, t_out).max(axis=1)
    fluid = run.plant.fluid
    low, high = fluid.tabled if isinstance(fluid, TabulatedFluid) else fluid.limits
    return {
        "t_fluid_min": float(lowest.min()),
        "t_fluid_max": float(highest.max()),
        "t_fluid_table_min": low,
        "t_fluid_table_max": high,
        "windows_beyond_fluid_table": float(((lowest < low) | (highest > high)).sum()),
    }


def _beam_check(run: Run, used: Flags) -> dict[str, float]:
    """Compare G - Gd with DNI cos(theta) where a pyrheliometer was there."""
    if "DNI" not in run.blocks:
        return {}
    beam = (run.blocks["G"] - run.blocks["Gd"])[used].mean(axis=1)
    normal = (run.blocks["DNI"] * run.cosine)[used].mean(axis=1)
    both = np.isfinite(normal)
    difference = (beam - normal)[both]
    if not difference.size:
        return {}
    return {
        "beam_minus_pyrheliometer_mean": float(difference.mean()),
        "beam_minus_pyrheliometer_rms": float(np.sqrt((difference**2).mean())),
        "beam_over_pyrheliometer": float(beam[both].sum() / normal[both].sum()),
    }
