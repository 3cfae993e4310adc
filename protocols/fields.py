"""What methods ask of a test item, stated once: the collector, its fluid, where it stands."""

from collections.abc import Mapping

from protocols.fluids import Fluid, named
from protocols.method import ItemField, ItemValue, Pairs

GROSS_AREA = ItemField(symbol="A_G", unit="m2", name_en="gross area", name_zh="总面积", least=1e-3, most=1e6)

FLUID = (
    ItemField(
        symbol="fluid",
        kind="text",
        default="water",
        name_en='heat carrier: "water", "propylene glycol 30 %", or any name with both tables',
        name_zh="传热工质：water、propylene glycol 30 %，或附两张物性表的名称",
    ),
    ItemField(
        symbol="fluid_density",
        kind="pairs",
        required=False,
        name_en="density table, pairs [degC, kg/m3]",
        name_zh="密度表，数对 [degC, kg/m3]",
    ),
    ItemField(
        symbol="fluid_heat_capacity",
        kind="pairs",
        required=False,
        name_en="heat-capacity table, pairs [degC, J/(kg K)]",
        name_zh="比热容表，数对 [degC, J/(kg K)]",
    ),
    ItemField(
        symbol="flow_meter_position",
        kind="text",
        default="inlet",
        choices=("inlet", "outlet"),
        choices_en=("at the inlet", "at the outlet"),
        choices_zh=("进口", "出口"),
        name_en="where the flow is metered",
        name_zh="流量计位置",
    ),
)

PLACE = (
    ItemField(symbol="tilt", unit="deg", name_en="tilt from horizontal", name_zh="倾角", least=0.0, most=90.0),
    ItemField(
        symbol="azimuth",
        unit="deg",
        name_en="azimuth of the plane, from north over east (180 = south)",
        name_zh="方位角（自北向东，180 为正南）",
        least=0.0,
        most=360.0,
    ),
    ItemField(symbol="latitude", unit="deg", name_en="latitude", name_zh="纬度", least=-90.0, most=90.0),
    ItemField(symbol="longitude", unit="deg", name_en="longitude", name_zh="经度", least=-180.0, most=180.0),
)

HORIZON = ItemField(
    symbol="horizon",
    kind="pairs",
    required=False,
    name_en="surveyed horizon, pairs [azimuth deg, elevation deg]",
    name_zh="实测地平线，数对 [方位角 deg，高度角 deg]",
)


def number(item: Mapping[str, ItemValue], symbol: str) -> float:
    """Give a number of a completed item description. Raises TypeError when it is none."""
    value = item[symbol]
    if not isinstance(value, float):
        raise TypeError(f"{symbol} of the item was not completed to a number.")
    return value


def pairs(item: Mapping[str, ItemValue], symbol: str) -> Pairs | None:
    """Give a list of pairs of a completed item description, None where it was left out."""
    value = item.get(symbol)
    return value if isinstance(value, tuple) else None


def fluid(item: Mapping[str, ItemValue], *, extrapolation: float = 0.0) -> Fluid:
    """Give the heat carrier an item names; its tables may be used this many K beyond their ends.

    Raises NotEvaluable for one that is not known and has no usable tables.
    """
    return named(
        str(item["fluid"]),
        density=pairs(item, "fluid_density"),
        heat_capacity=pairs(item, "fluid_heat_capacity"),
        extrapolation=extrapolation,
    )
