"""Which averaging windows a quasi-dynamic fit may use, and the reason for each it may not."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.fields import number
from protocols.incidence import horizon_elevation
from protocols.limits import Limit
from protocols.method import ItemValue
from protocols.possible import impossible
from protocols.quasidynamic.model import Plant, Regression
from protocols.quasidynamic.terms import Model
from protocols.reasons import SUN_DOWN, beyond, outside_fluid
from protocols.record import Record
from protocols.windows import Reason, Sieve, Windows

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_OURS = "Heliobench"
_SECONDS_PER_DEGREE = 240.0  # the earth turns one degree of longitude in this time
_DAY = 86400.0


@dataclass(frozen=True, kw_only=True)
class Run:
    """One evaluation under way; arrays of samples are (complete windows, samples)."""

    clause: str  # of the standard, on what data a quasi-dynamic fit needs
    model: Model
    fixed: Mapping[str, float]  # coefficients that are known
    record: Record
    item: Mapping[str, ItemValue]
    limits: Mapping[str, Limit]
    cut: Windows
    plant: Plant
    blocks: Mapping[str, Array]
    elevation: Array
    sun_azimuth: Array
    cosine: Array
    data: Regression

    def limit(self, symbol: str) -> float:
        """Give the value of a limit."""
        return self.limits[symbol].value

    @property
    def theta(self) -> Array:
        """Give the angle of incidence of each sample, deg."""
        return np.degrees(np.arccos(np.clip(self.cosine, -1.0, 1.0)))

    @property
    def averaging_time(self) -> float:
        """Give the averaging time, s."""
        return number(self.item, "averaging_time")

    @property
    def days(self) -> Array:
        """Number the solar days of complete windows, so that a day is never cut at UTC midnight."""
        local = self.cut.start[self.cut.complete] + number(self.item, "longitude") * _SECONDS_PER_DEGREE
        return np.asarray(np.floor(local / _DAY))


def sieved(run: Run) -> Sieve:
    """Test every window; each keeps the first reason that refuses it."""
    sieve = Sieve(run.cut.start.size)
    sieve.refuse(~run.cut.complete, _gap())
    for where, reason in _window_tests(run):
        marked = np.zeros(run.cut.start.size, dtype=bool)
        marked[run.cut.complete] = where
        sieve.refuse(marked, reason)
    return sieve


def _window_tests(run: Run) -> list[tuple[Flags, Reason]]:
    """Every test of complete windows, in the order in which a window keeps the first."""
    blocks, limit = run.blocks, run.limit
    flow, t_in = blocks["V_dot"], blocks["t_in"]
    mass_flow = run.data.mass_flow / run.plant.area
    low, high = run.plant.fluid.limits
    warm = (np.minimum(t_in, blocks["t_out"]).min(axis=1) < low) | (
        np.maximum(t_in, blocks["t_out"]).max(axis=1) > high
    )
    least_flow = mass_flow * flow.min(axis=1) / np.where(flow.mean(axis=1) > 0, flow.mean(axis=1), np.inf)
    return [
        (_missing(blocks), _missing_reason()),
        *((flags.any(axis=1), reason) for flags, reason in impossible(_needed(blocks), run.limits)),
        (run.elevation.min(axis=1) <= 0, SUN_DOWN),
        (_shaded(run), _shaded_reason(run.clause)),
        (
            blocks["G"].mean(axis=1) < limit("G_min"),
            _by_limit(run, "G_min", "irradiance low", "The irradiance is below", "辐照度低于"),
        ),
        (
            blocks["G"].max(axis=1) > limit("G_max"),
            _by_limit(run, "G_max", "irradiance high", "The irradiance is above", "辐照度高于"),
        ),
        (_diffuse_implausible(run), _diffuse_reason()),
        (
            run.theta.max(axis=1) > limit("theta_max"),
            _by_limit(run, "theta_max", "incidence", "The angle of incidence is above", "入射角大于"),
        ),
        (
            ~(least_flow >= limit("flow_min")),
            _by_limit(run, "flow_min", "flow low", "The mass flow per gross area is below", "单位面积质量流量低于"),
        ),
        (
            deviation(flow) > limit("flow_deviation") * flow.mean(axis=1),
            _by_limit(
                run, "flow_deviation", "flow unsteady", "The flow leaves its mean by more than", "流量偏离均值超过"
            ),
        ),
        (warm, outside_fluid(run.plant.fluid)),
        (
            deviation(t_in) > limit("t_in_deviation"),
            _by_limit(
                run,
                "t_in_deviation",
                "inlet unsteady",
                "The inlet temperature leaves its mean by more than",
                "进口温度偏离均值超过",
            ),
        ),
    ]


def _diffuse_implausible(run: Run) -> Flags:
    """Under a closed sky Gd is G within noise, so only a mean clearly above G is refused."""
    diffuse, whole = run.blocks["Gd"], run.blocks["G"].mean(axis=1)
    return np.asarray((diffuse <= 0).any(axis=1) | (diffuse.mean(axis=1) > whole * (1.0 + run.limit("diffuse_excess"))))


def deviation(block: Array) -> Array:
    """Give how far the samples of each window leave its mean, in the unit of the block."""
    return np.asarray(np.abs(block - block.mean(axis=1, keepdims=True)).max(axis=1))


def _missing(blocks: Mapping[str, Array]) -> Flags:
    return np.asarray(sum(~np.isfinite(block).all(axis=1) for block in _needed(blocks).values()) > 0)


def _needed(blocks: Mapping[str, Array]) -> dict[str, Array]:
    """The columns that a window cannot do without: DNI only checks the others."""
    return {symbol: block for symbol, block in blocks.items() if symbol != "DNI"}


def _shaded(run: Run) -> Flags:
    shaded = np.zeros(run.elevation.shape, dtype=bool)
    if "shaded" in run.blocks:
        shaded |= run.blocks["shaded"] != 0
    horizon = run.item.get("horizon")
    if horizon:
        shaded |= run.elevation < horizon_elevation(azimuth=run.sun_azimuth, horizon=horizon)
    return np.asarray(shaded.any(axis=1))


def _by_limit(run: Run, symbol: str, code: str, english: str, chinese: str) -> Reason:
    return beyond(run.limits[symbol], code, english, chinese)


def _gap() -> Reason:
    return Reason(
        code="gap",
        clause=_OURS,
        sentence_en="Samples are lacking within the window.",
        sentence_zh="时段内缺少采样。",
    )


def _missing_reason() -> Reason:
    return Reason(
        code="missing value",
        clause=_OURS,
        sentence_en="A value is missing within the window.",
        sentence_zh="时段内有缺测值。",
    )


def _shaded_reason(clause: str) -> Reason:
    return Reason(
        code="shaded",
        clause=clause,
        sentence_en="The collector is shaded, by the record or by the surveyed horizon.",
        sentence_zh="集热器受遮挡（依据记录或实测地平线）。",
    )


def _diffuse_reason() -> Reason:
    return Reason(
        code="diffuse implausible",
        clause=_OURS,
        sentence_en="The diffuse irradiance is not above zero or is larger than the hemispherical.",
        sentence_zh="散射辐照度不大于零或大于总辐照度。",
    )
