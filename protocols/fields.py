"""What methods ask of a test item, stated once: the collector, its fluid, where it stands."""

from collections.abc import Mapping

from protocols.fluids import WATER, Fluid, tabulated
from protocols.method import ItemField, ItemValue
from protocols.refusals import NotEvaluable

_OURS = "Heliobench"

GROSS_AREA = ItemField(symbol="A_G", unit="m2", name_en="gross area", name_zh="总面积", least=1e-3, most=1e6)

FLUID = (
    ItemField(
        symbol="fluid",
        kind="text",
        default="water",
        name_en='heat carrier: "water", or any name with both tables',
        name_zh="传热工质：water，或附两张物性表的名称",
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


def number(item: Mapping[str, ItemValue], symbol: str) -> float:
    """Give a number of a completed item description. Raises TypeError when it is none."""
    value = item[symbol]
    if not isinstance(value, float):
        raise TypeError(f"{symbol} of the item was not completed to a number.")
    return value


def fluid(item: Mapping[str, ItemValue]) -> Fluid:
    """Give the heat carrier an item names. Raises NotEvaluable for a name without tables, and for tables of no use."""
    name, density, heat = str(item["fluid"]), item.get("fluid_density"), item.get("fluid_heat_capacity")
    if name == "water" and density is None and heat is None:
        return WATER
    if not isinstance(density, tuple) or not isinstance(heat, tuple):
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The fluid {name!r} is known only by its tables; give both fluid_density and "
            'fluid_heat_capacity, or say "water".',
            sentence_zh=f"工质“{name}”须给出 fluid_density 与 fluid_heat_capacity 两张表，或写 water。",
        )
    try:
        return tabulated(name=name, density=density, heat_capacity=heat, source="the item description")
    except ValueError as error:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The fluid's tables cannot be used: {error}",
            sentence_zh=f"工质“{name}”的物性表无法使用；请检查两张表的温度范围与数值。",
        ) from error
