"""The description of a plant in a TOML file, as `config/simulation/flat_plate.toml` shows it."""

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from instruments.simulation.sensor import Sensor
from instruments.toml_table import TomlTable, read_toml
from lims.errors import BadInput
from lims.simulation.plant import CollectorPlant, Loop, Programme
from lims.simulation.weather import Climate, Site, Weather
from protocols.collectors.collector import CollectorParameters
from protocols.collectors.file import read_collector
from protocols.fluids import Fluid, named
from protocols.refusals import NotEvaluable

_COLD = 20.0  # degC, at which a mass flow is told as a volume flow
_NONE: Any = object()


@dataclass(frozen=True, kw_only=True)
class Description:
    """A plant before it runs."""

    collector: CollectorParameters
    site: Site
    climate: Climate
    loop: Loop
    sensors: Mapping[str, Sensor]

    def plant(self, *, begin: float, sky: str, seed: int, inlet: Programme, step: float = 1.0) -> CollectorPlant:
        """The plant from `begin` [s UTC] on."""
        weather = Weather(site=self.site, climate=self.climate, sky=sky, seed=seed)
        return CollectorPlant(
            collector=self.collector, loop=self.loop, weather=weather, begin=begin, inlet=inlet, step=step
        )

    def sensors_from(self, *, begin: float, seed: int) -> dict[str, Sensor]:
        """The sensors with drift from `begin` [s UTC] on; each has noise of its own."""
        return {
            symbol: replace(sensor, begin=begin, seed=(seed << 32) + zlib.crc32(symbol.encode()))
            for symbol, sensor in self.sensors.items()
        }


def read_description(path: Path, *, collector: Path | None = None) -> Description:
    """The plant in a file, with another collector if one is given. Raises BadInput or BenchRefused, with the line."""
    table = read_toml(_text(path), source=path.name)
    named_collector = path.parent / table.take("collector", str)
    chosen = _collector(collector or named_collector)
    description = Description(
        collector=chosen,
        site=_site(table.table("site")),
        climate=_climate(table.table("weather")),
        loop=_loop(table.table("loop"), chosen),
        sensors=dict(_sensor(row) for row in table.tables("sensor")),
    )
    table.must_be_used_up()
    return description


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read ({error.strerror}): check the name.",
            f"无法读取 {path}（{error.strerror}）：请检查文件名。",
        ) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text: save it as such.", f"{path} 不是 UTF-8 文本：请另存。") from error


def _collector(path: Path) -> CollectorParameters:
    try:
        return read_collector(path)
    except (OSError, ValueError) as error:
        raise BadInput(
            f"The collector {path} cannot be used: {error}", f"集热器文件 {path} 无法使用，请按英文说明更正：{error}"
        ) from error


def _site(table: TomlTable) -> Site:
    site = Site(
        latitude=_number(table, "latitude", low=-90.0, high=90.0),
        longitude=_number(table, "longitude", low=-180.0, high=180.0),
        altitude=_number(table, "altitude", 0.0, low=-500.0, high=6000.0),
        tilt=_number(table, "tilt", low=0.0, high=90.0),
        azimuth=_number(table, "azimuth", 180.0, low=0.0, high=360.0),
    )
    table.must_be_used_up()
    return site


def _climate(table: TomlTable) -> Climate:
    usual = Climate()
    climate = Climate(
        turbidity=_number(table, "turbidity", usual.turbidity, low=1.0, high=10.0),
        albedo=_number(table, "albedo", usual.albedo, low=0.0, high=1.0),
        t_mean=_number(table, "t_mean", usual.t_mean, low=-40.0, high=50.0),
        t_swing=_number(table, "t_swing", usual.t_swing, low=0.0, high=20.0),
        wind=_number(table, "wind", usual.wind, low=0.0, high=30.0),
        clear=_number(table, "clear", usual.clear, low=10.0, high=86400.0),
        cloud=_number(table, "cloud", usual.cloud, low=10.0, high=86400.0),
    )
    table.must_be_used_up()
    return climate


def _loop(table: TomlTable, collector: CollectorParameters) -> Loop:
    fluid = _fluid(table)
    modules = table.whole_number("modules", low=1, high=1000, default=1)
    per_area = _number(table, "flow", 0.02, low=0.001, high=0.2)
    density = float(fluid.density(np.clip(_COLD, *fluid.limits)))
    loop = Loop(
        fluid=fluid,
        modules=modules,
        flow=per_area * collector.area * modules / density,
        bath_time=_number(table, "bath_time", 120.0, low=5.0, high=3600.0),
        bath_rate=_number(table, "bath_rate", 0.05, low=0.001, high=1.0),
        pipe_time=_number(table, "pipe_time", 15.0, low=1.0, high=600.0),
    )
    table.must_be_used_up()
    return loop


def _fluid(table: TomlTable) -> Fluid:
    name = table.take("fluid", str, default="water")
    try:
        return named(name)
    except NotEvaluable as refusal:
        raise table.refused(
            "value",
            "fluid",
            f"fluid = {name!r} is not known; write water or propylene glycol 30 % (by mass, up to 60)",
            f"fluid = {name!r} 未知；请写 water 或 propylene glycol 30 %（质量分数，至多 60）",
        ) from refusal


def _sensor(table: TomlTable) -> tuple[str, Sensor]:
    symbol = table.take("symbol", str)
    sensor = Sensor(
        c0=_number(table, "c0", 0.0),
        c1=_number(table, "c1", 1.0, low=0.01, high=100.0),
        noise=_number(table, "noise", 0.0, low=0.0),
        drift=_number(table, "drift", 0.0),
    )
    table.must_be_used_up()
    return symbol, sensor


def _number(
    table: TomlTable, key: str, default: Any = _NONE, *, low: float = -math.inf, high: float = math.inf
) -> float:
    """A number from low to high; without a default it must be there. Raises BenchRefused."""
    given = {} if default is _NONE else {"default": default}
    value = float(table.take(key, int, float, Decimal, **given))
    if not (math.isfinite(value) and low <= value <= high):
        raise table.refused(
            "value",
            key,
            f"{key} = {value:g} is outside {low:g} to {high:g}",
            f"{key} = {value:g} 不在 {low:g} 至 {high:g} 之间",
        )
    return value
