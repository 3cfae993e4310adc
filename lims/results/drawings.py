"""Every figure of a result, drawn from the points and the coefficients of its outcome."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from lims.notation import symbol_parts
from lims.results.canvas import BLUE, GREEN, GREY, INK, VERMILION, Words, canvas, scatter
from lims.results.reduction import (
    Array,
    Fit,
    angle_term,
    beam_modifier,
    measured_modifier,
    reduced_efficiency,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def _used(points: Mapping[str, Array]) -> dict[str, Array]:
    chosen = points["used"] > 0
    return {name: values[chosen] for name, values in points.items()}


def efficiency(points: Mapping[str, Array], fit: Fit, _: Mapping[str, Any], words: Words) -> Figure:
    """Quasi-dynamic: windows reduced to normal beam incidence and steady state, with the fitted curve."""
    used = _used(points)
    reduced = reduced_efficiency(used, fit)
    g = reduced.irradiance
    x = np.linspace(0.0, float(reduced.reduced_difference.max()) * 1.08, 120)
    curve = fit["eta0b"] - fit["a1"] * x - fit["a2"] * g * x**2
    half = fit.band({"eta0b": np.ones_like(x), "a1": -x, "a2": -g * x**2})
    figure, (axes,) = canvas(height=2.85)
    scatter(axes, reduced.reduced_difference, reduced.efficiency, label=words("采用的数据点", "points used"))
    axes.fill_between(x, curve - half, curve + half, color=VERMILION, alpha=0.22, linewidth=0, label="U (k = 2)")
    axes.plot(x, curve, color=VERMILION, linewidth=1.4, label=words("拟合曲线", "fitted curve"))
    axes.set_xlabel(
        words("归算温差", "reduced temperature difference") + r"  $(\vartheta_m-\vartheta_a)/G^*$  [K m²/W]"
    )
    axes.set_ylabel(words("效率", "efficiency") + r"  $\eta$")
    axes.set_title(rf"$G^*$ = {g:.0f} W/m²", fontsize=8, loc="right", color=INK)
    axes.set_xlim(0, x[curve > 0.0][-1] if (curve > 0.0).any() else None)
    axes.set_ylim(bottom=max(0.0, float(np.nanmin(reduced.efficiency)) - 0.08))
    axes.legend(loc="lower left")
    return figure


def power(points: Mapping[str, Array], _: Fit, __: Mapping[str, Any], words: Words) -> Figure:
    """Measured against fitted power, and what is left."""
    used = _used(points)
    figure, (left, right) = canvas(2, height=2.8, ratios=(1.0, 1.15))
    fitted, measured = used["q_fitted"], used["q_measured"]
    ends = [min(fitted.min(), measured.min()), max(fitted.max(), measured.max())]
    left.plot(ends, ends, color=VERMILION, linewidth=1.0)
    scatter(left, fitted, measured)
    left.set_aspect("equal", adjustable="datalim")
    left.set_xlabel(words("拟合功率", "fitted power") + " [W/m²]")
    left.set_ylabel(words("实测功率", "measured power") + " [W/m²]")
    _residual_panel(right, fitted, used["residual"])
    right.set_xlabel(words("拟合功率", "fitted power") + " [W/m²]")
    right.set_ylabel(words("残差", "residual") + " [W/m²]")
    return figure


def _residual_panel(axes: Axes, x: Any, residual: Array) -> None:
    axes.axhline(0.0, color=VERMILION, linewidth=1.0)
    scatter(axes, x, residual)
    largest = float(np.nanmax(np.abs(residual))) * 1.15 or 1.0
    axes.set_ylim(-largest, largest)


def residuals(points: Mapping[str, Array], _: Fit, __: Mapping[str, Any], words: Words) -> Figure:
    """Residuals against time, angle and temperature difference: nothing should be seen."""
    from matplotlib.dates import AutoDateLocator, DateFormatter

    used = _used(points)
    figure, (by_time, by_angle, by_difference) = canvas(3, height=2.5)
    when: Any = [datetime.fromtimestamp(seconds, UTC) for seconds in used["time"]]
    for axes, x in ((by_time, when), (by_angle, used["theta"]), (by_difference, used["tm_minus_ta"])):
        _residual_panel(axes, x, used["residual"])
    by_time.xaxis.set_major_locator(AutoDateLocator(minticks=2, maxticks=5))  # type: ignore[no-untyped-call]
    by_time.xaxis.set_major_formatter(DateFormatter("%m-%d"))  # type: ignore[no-untyped-call]
    by_time.set_ylabel(words("残差", "residual") + " [W/m²]")
    by_time.set_xlabel(words("日期", "date") + " (UTC)")
    by_angle.set_xlabel(words("入射角", "angle of incidence") + r"  $\theta$ [°]")
    by_difference.set_xlabel(words("温差", "difference") + r"  $\vartheta_m-\vartheta_a$ [K]")
    return figure


def modifier(points: Mapping[str, Array], fit: Fit, _: Mapping[str, Any], words: Words) -> Figure:
    """The b0 form of the modifier with its band, and as each window has it."""
    used = _used(points)
    strong = used["Gb"] > 0.5 * float(np.nanmax(used["Gb"]))
    theta = np.linspace(0.0, min(75.0, float(np.nanmax(used["theta"])) + 5.0), 120)
    curve = beam_modifier(theta, fit["b0"])
    half = fit.band({"b0": -angle_term(theta)})
    figure, (axes,) = canvas(height=2.3)
    scatter(
        axes, used["theta"][strong], measured_modifier(used, fit)[strong], label=words("采用的数据点", "points used")
    )
    axes.fill_between(theta, curve - half, curve + half, color=VERMILION, alpha=0.22, linewidth=0, label="U (k = 2)")
    axes.plot(theta, curve, color=VERMILION, linewidth=1.4, label=rf"$b_0$ = {fit['b0']:.3f}")
    axes.set_xlabel(words("入射角", "angle of incidence") + r"  $\theta$ [°]")
    axes.set_ylabel(words("修正系数", "modifier") + r"  $K_b$")
    axes.set_xlim(left=0)
    axes.legend(loc="lower left")
    return figure


def coverage(points: Mapping[str, Array], _: Fit, __: Mapping[str, Any], words: Words) -> Figure:
    """Where the data lie, used and refused."""
    chosen = points["used"] > 0
    x, y = points["G"], points["tm_minus_ta"]
    figure, (axes,) = canvas(height=2.3)
    axes.scatter(x[~chosen], y[~chosen], s=13, marker="x", color=GREY, linewidths=0.7, label=words("拒绝", "refused"))
    scatter(axes, x[chosen], y[chosen], label=words("采用", "used"))
    axes.set_xlabel(words("半球向总辐照度", "hemispherical irradiance") + r"  $G$ [W/m²]")
    axes.set_ylabel(words("温差", "difference") + r"  $\vartheta_m-\vartheta_a$ [K]")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.0)
    return figure


def refused(outcome: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The reasons that refused something, the most frequent last."""
    return sorted((r for r in outcome["refusals"] if r["count"]), key=lambda r: (r["count"], r["code"]))


def refusals(_: Mapping[str, Array], __: Fit, outcome: Mapping[str, Any], words: Words) -> Figure:
    """How many windows each reason refused."""
    rows = refused(outcome)
    figure, (axes,) = canvas(height=0.7 + 0.42 * len(rows))
    counts = [row["count"] for row in rows]
    bars = axes.barh(range(len(rows)), counts, color=GREEN, height=0.55)
    axes.bar_label(bars, padding=3, fontsize=8)
    labels = [words(row["sentence_zh"], textwrap.fill(row["sentence_en"], 58), between="\n") for row in rows]
    axes.set_yticks(range(len(rows)), labels, fontsize=7)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, max(counts) * 1.12)
    axes.set_xlabel(words("被拒绝的数据点数", "points refused"))
    return figure


def steady_efficiency(points: Mapping[str, Array], fit: Fit, _: Mapping[str, Any], words: Words) -> Figure:
    """Steady state: efficiency over the reduced temperature difference, all points brought to one irradiance."""
    used = _used(points)
    x, g = used["T_star"], float(np.median(used["G"]))
    grid = np.linspace(min(0.0, float(x.min())), float(x.max()) * 1.08, 120)
    curve = fit["eta0hem"] - fit["a1"] * grid - fit["a2"] * g * grid**2
    half = fit.band({"eta0hem": np.ones_like(grid), "a1": -grid, "a2": -g * grid**2})
    figure, (axes,) = canvas(height=2.85)
    scatter(
        axes, x, used["efficiency"] + fit["a2"] * x**2 * (used["G"] - g), label=words("采用的数据点", "points used")
    )
    axes.fill_between(grid, curve - half, curve + half, color=VERMILION, alpha=0.22, linewidth=0, label="U (k = 2)")
    axes.plot(grid, curve, color=VERMILION, linewidth=1.4, label=words("拟合曲线", "fitted curve"))
    axes.set_xlabel(words("归算温差", "reduced temperature difference") + r"  $(\vartheta_m-\vartheta_a)/G$  [K m²/W]")
    axes.set_ylabel(words("效率", "efficiency") + r"  $\eta$")
    axes.set_title(rf"$G$ = {g:.0f} W/m²", fontsize=8, loc="right", color=INK)
    axes.legend(loc="lower left")
    return figure


def modifier_table(points: Mapping[str, Array], fit: Fit, _: Mapping[str, Any], words: Words) -> Figure:
    """The modifier at its angles with expanded uncertainties; measured ones where the method gives them."""
    angles = np.array([angle for angle in range(10, 90, 10) if f"K{angle}" in fit.order])
    values = np.array([fit[f"K{angle}"] for angle in angles])
    half = [fit.band({f"K{angle}": np.ones(1)})[0] for angle in angles]
    figure, (axes,) = canvas(height=2.3)
    if "K_theta" in points:
        used = _used(points)
        scatter(axes, used["theta"], used["K_theta"], label=words("采用的数据点", "points used"))
    axes.plot([0.0, *angles], [1.0, *values], color=VERMILION, linewidth=1.0)
    axes.errorbar(angles, values, yerr=half, fmt="s", markersize=3.5, color=VERMILION, capsize=2, label="K, U (k = 2)")
    axes.set_xlabel(words("入射角", "angle of incidence") + r"  $\theta$ [°]")
    axes.set_ylabel(words("修正系数", "modifier") + r"  $K$")
    axes.set_xlim(left=0)
    axes.legend(loc="lower left")
    return figure


def power_check(points: Mapping[str, Array], fit: Fit, _: Mapping[str, Any], words: Words) -> Figure:
    """Every valid hour: measured against estimated power, with the line of equality and the slope found."""
    used = _used(points)
    estimated, measured = used["q_estimated"], used["q_measured"]
    ends = np.array([0.0, float(max(estimated.max(), measured.max())) * 1.05])
    figure, (axes,) = canvas(height=3.2)
    axes.plot(ends, ends, color=GREY, linewidth=1.0, label=words("相等", "equal"))
    axes.plot(ends, fit["power_slope"] * ends, color=VERMILION, linewidth=1.4, label=words("斜率", "slope"))
    scatter(axes, estimated, measured, label=words("有效小时", "valid hours"))
    axes.set_xlabel(words("估算功率", "estimated power") + " [W/m²]")
    axes.set_ylabel(words("实测功率", "measured power") + " [W/m²]")
    axes.legend(loc="upper left")
    return figure


def pressure_drop(points: Mapping[str, Array], fit: Fit, _: Mapping[str, Any], words: Words) -> Figure:
    """The pressure drop over the flow with the fitted curve and its band."""
    used = _used(points)
    flow = np.linspace(0.0, float(used["mass_flow"].max()) * 1.05, 120)
    curve = fit["dp1"] * flow + fit["dp2"] * flow**2
    half = fit.band({"dp1": flow, "dp2": flow**2})
    figure, (axes,) = canvas(height=2.6)
    scatter(axes, used["mass_flow"], used["dp"], label=words("采用的数据点", "points used"))
    axes.fill_between(flow, curve - half, curve + half, color=VERMILION, alpha=0.22, linewidth=0, label="U (k = 2)")
    axes.plot(flow, curve, color=VERMILION, linewidth=1.4, label=words("拟合曲线", "fitted curve"))
    axes.set_xlabel(words("质量流量", "mass flow") + " [kg/s]")
    axes.set_ylabel(words("压力降", "pressure drop") + " [Pa]")
    axes.legend(loc="upper left")
    return figure


_SHARE_OF_A_TIME_CONSTANT = 1.0 - float(np.exp(-1.0))


def response(points: Mapping[str, Array], fit: Fit, _: Mapping[str, Any], words: Words) -> Figure:
    """The outlet's way from the first steady state to the second."""
    seconds = points["time"] - points["time"][0]
    figure, (axes,) = canvas(height=2.6)
    axes.plot(seconds, points["response"], color=BLUE, linewidth=1.2)
    axes.axhline(_SHARE_OF_A_TIME_CONSTANT, color=VERMILION, linewidth=1.0)
    axes.set_title(rf"$\tau_c$ = {fit['tau_c']:.1f} s", fontsize=8, loc="right", color=INK)
    axes.set_xlabel(words("时间", "time") + " [s]")
    axes.set_ylabel(words("变化的份额", "share of the change"))
    return figure


_TEMPERATURES = ("t_in", "t_out", "tm", "t_abs", "t_tube", "t_store", "t_amb")


def course(points: Mapping[str, Array], _: Fit, __: Mapping[str, Any], words: Words) -> Figure:
    """The measured temperatures and the irradiance over the time of the test."""
    minutes = (points["time"] - points["time"][0]) / 60.0
    figure, (axes,) = canvas(height=2.8)
    for name in _TEMPERATURES:
        if name in points:
            axes.plot(
                minutes, points[name], linewidth=1.2, marker="." if minutes.size < _FEW else "", label=_math(name)
            )
    axes.set_xlabel(words("时间", "time") + " [min]")
    axes.set_ylabel(words("温度", "temperature") + " [°C]")
    if "G" in points:
        right = axes.twinx()
        right.plot(minutes, points["G"], color=GREY, linewidth=0.9, label="$G$")
        right.set_ylabel("$G$ [W/m²]")
    axes.legend(loc="best")
    return figure


_FEW = 60  # points that are drawn as points


def _math(name: str) -> str:
    letter, subscript = symbol_parts(name)
    return rf"${{\rm {letter}}}_{{\rm {subscript}}}$" if subscript else f"${letter}$"


def daily(points: Mapping[str, Array], fit: Fit, _: Mapping[str, Any], words: Words) -> Figure:
    """The useful heat of each day over its irradiation, measured and fitted."""
    used = _used(points)
    figure, (axes,) = canvas(height=2.8)
    fitted = fit["io1"] * used["H"] + fit["io2"] * (used["t_amb_day"] - used["t_main"]) + fit["io3"]
    scatter(axes, used["H"], used["Q_day"], label=words("实测", "measured"))
    axes.scatter(used["H"], fitted, s=16, marker="x", color=VERMILION, linewidths=0.9, label=words("拟合", "fitted"))
    axes.set_xlabel(words("日太阳辐照量", "daily irradiation") + r"  $H$ [MJ/m²]")
    axes.set_ylabel(words("日有用得热量", "daily useful heat") + r"  $Q$ [MJ]")
    axes.legend(loc="upper left")
    return figure
