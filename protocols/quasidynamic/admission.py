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


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowTest:
    """One test of complete windows, what it is called, and the value that it compares where it is one.

    least: whether the limit is the least value; else it is the largest.  quiet: told only where it refuses.
    """

    refused: Flags
    reason: Reason
    name_en: str
    name_zh: str
    value: Array | None = None
    limit: Limit | None = None
    least: bool = False
    quiet: bool = False


def sieved(run: Run) -> Sieve:
    """Test every window; each keeps the first reason that refuses it."""
    sieve = Sieve(run.cut.start.size)
    sieve.refuse(~run.cut.complete, _gap())
    for test in window_tests(run):
        marked = np.zeros(run.cut.start.size, dtype=bool)
        marked[run.cut.complete] = test.refused
        sieve.refuse(marked, test.reason)
    return sieve


def window_tests(run: Run) -> list[WindowTest]:
    """Every test of complete windows, in the order in which a window keeps the first."""
    blocks, limit = run.blocks, run.limit
    flow, t_in = blocks["V_dot"], blocks["t_in"]
    mass_flow = run.data.mass_flow / run.plant.area
    low, high = run.plant.fluid.limits
    warm = (np.minimum(t_in, blocks["t_out"]).min(axis=1) < low) | (
        np.maximum(t_in, blocks["t_out"]).max(axis=1) > high
    )
    mean_flow = flow.mean(axis=1)
    least_flow = mass_flow * flow.min(axis=1) / np.where(mean_flow > 0, mean_flow, np.inf)
    spread = deviation(flow)
    return [
        _plain(_missing(blocks), _missing_reason(), "every reading is there", "读数齐全"),
        *(
            _plain(np.asarray(flags.any(axis=1)), reason, "readings are possible", "读数合理", quiet=True)
            for flags, reason in impossible(_needed(blocks), run.limits)
        ),
        _plain(np.asarray(run.elevation.min(axis=1) <= 0), SUN_DOWN, "the sun is up", "太阳在地平线以上"),
        _plain(_shaded(run), _shaded_reason(run.clause), "no shading", "无遮挡"),
        WindowTest(
            refused=blocks["G"].mean(axis=1) < limit("G_min"),
            reason=_by_limit(run, "G_min", "irradiance low", "The irradiance is below", "辐照度低于"),
            name_en="mean irradiance",
            name_zh="平均辐照度",
            value=blocks["G"].mean(axis=1),
            limit=run.limits["G_min"],
            least=True,
        ),
        WindowTest(
            refused=blocks["G"].max(axis=1) > limit("G_max"),
            reason=_by_limit(run, "G_max", "irradiance high", "The irradiance is above", "辐照度高于"),
            name_en="highest irradiance",
            name_zh="最大辐照度",
            value=blocks["G"].max(axis=1),
            limit=run.limits["G_max"],
        ),
        _plain(_diffuse_implausible(run), _diffuse_reason(), "diffuse irradiance plausible", "散射辐照度合理"),
        WindowTest(
            refused=run.theta.max(axis=1) > limit("theta_max"),
            reason=_by_limit(run, "theta_max", "incidence", "The angle of incidence is above", "入射角大于"),
            name_en="angle of incidence",
            name_zh="入射角",
            value=run.theta.max(axis=1),
            limit=run.limits["theta_max"],
        ),
        WindowTest(
            refused=~(least_flow >= limit("flow_min")),
            reason=_by_limit(
                run, "flow_min", "flow low", "The mass flow per gross area is below", "单位面积质量流量低于"
            ),
            name_en="lowest mass flow per gross area",
            name_zh="单位面积最小质量流量",
            value=least_flow,
            limit=run.limits["flow_min"],
            least=True,
        ),
        WindowTest(
            refused=spread > limit("flow_deviation") * mean_flow,
            reason=_by_limit(
                run, "flow_deviation", "flow unsteady", "The flow leaves its mean by more than", "流量偏离均值超过"
            ),
            name_en="deviation of the flow from its mean",
            name_zh="流量相对均值的偏差",
            value=np.divide(spread, mean_flow, out=np.full_like(spread, np.nan), where=mean_flow > 0),
            limit=run.limits["flow_deviation"],
        ),
        _plain(np.asarray(warm), outside_fluid(run.plant.fluid), "fluid within its known range", "工质处于物性范围内"),
        WindowTest(
            refused=deviation(t_in) > limit("t_in_deviation"),
            reason=_by_limit(
                run,
                "t_in_deviation",
                "inlet unsteady",
                "The inlet temperature leaves its mean by more than",
                "进口温度偏离均值超过",
            ),
            name_en="deviation of the inlet temperature from its mean",
            name_zh="进口温度相对均值的偏差",
            value=deviation(t_in),
            limit=run.limits["t_in_deviation"],
        ),
    ]


def _plain(refused: Flags, reason: Reason, english: str, chinese: str, *, quiet: bool = False) -> WindowTest:
    """A test without a number to compare."""
    return WindowTest(refused=refused, reason=reason, name_en=english, name_zh=chinese, quiet=quiet)


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
