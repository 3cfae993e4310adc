"""What a quasi-dynamic test asks of the test item, and what the evaluation makes of the answers."""

from collections.abc import Mapping

from protocols.fluids import Fluid, named
from protocols.method import ItemField, ItemValue, Pairs
from protocols.quasidynamic_families import Family
from protocols.symbols import quantity

_DAY = 86400.0  # s
_KNOWN = "fixed_"


def item_fields(family: Family) -> tuple[ItemField, ...]:
    """Give what a quasi-dynamic test of a family asks of the item.

    Each coefficient but eta0b can be given as fixed_... and is then not fitted.
    """
    return (
        ItemField(symbol="A_G", unit="m2", name_en="gross area", name_zh="总面积", least=1e-3, most=1e6),
        ItemField(
            symbol="tilt",
            unit="deg",
            required=not family.tracking,
            name_en="tilt from horizontal",
            name_zh="倾角",
            least=0.0,
            most=90.0,
        ),
        ItemField(
            symbol="azimuth",
            unit="deg",
            required=not family.tracking,
            name_en="azimuth of the plane, from north over east (180 = south)",
            name_zh="方位角（自北向东，180 为正南）",
            least=0.0,
            most=360.0,
        ),
        ItemField(symbol="latitude", unit="deg", name_en="latitude", name_zh="纬度", least=-90.0, most=90.0),
        ItemField(symbol="longitude", unit="deg", name_en="longitude", name_zh="经度", least=-180.0, most=180.0),
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
            name_en="where the flow is metered",
            name_zh="流量计位置",
        ),
        ItemField(
            symbol="transit_time",
            unit="s",
            required=False,
            name_en="time the fluid takes through the collector",
            name_zh="工质流经时间",
            least=0.0,
            most=_DAY,
        ),
        ItemField(
            symbol="averaging_time",
            unit="s",
            default=600.0,
            name_en="averaging time",
            name_zh="平均时间",
            least=1.0,
            most=_DAY,
        ),
        ItemField(
            symbol="horizon",
            kind="pairs",
            required=False,
            name_en="surveyed horizon, pairs [azimuth deg, elevation deg]",
            name_zh="实测地平线，数对 [方位角， 高度角]（deg）",
        ),
        *family.item,
        *(_known(symbol) for symbol in family.model.symbols if symbol != "eta0b"),
    )


def _known(symbol: str) -> ItemField:
    known = quantity(symbol)
    return ItemField(
        symbol=f"{_KNOWN}{symbol}",
        unit=known.unit,
        required=False,
        name_en=f"{symbol} ({known.name_en}) if it is known, e.g. from a certificate, and not to be fitted",
        name_zh=f"{symbol}（{known.name_zh}）的已知值（如来自证书），给出则不参与拟合",
        least=-1e6,
        most=1e6,
    )


def item_number(item: Mapping[str, ItemValue], symbol: str) -> float:
    """Give a number of a completed item description."""
    value = item[symbol]
    if not isinstance(value, float):
        raise TypeError(f"{symbol} of the item was not completed to a number")
    return value


def item_pairs(item: Mapping[str, ItemValue], symbol: str) -> Pairs | None:
    """Give a list of pairs of a completed item description, None where it was left out."""
    value = item.get(symbol)
    return value if isinstance(value, tuple) else None


def known_coefficients(item: Mapping[str, ItemValue]) -> dict[str, float]:
    """Give the coefficients that the item states, by symbol."""
    return {symbol.removeprefix(_KNOWN): item_number(item, symbol) for symbol in item if symbol.startswith(_KNOWN)}


def fluid_of(item: Mapping[str, ItemValue], *, extrapolation: float) -> Fluid:
    """Give the heat carrier of the item; its tables may be used this many K beyond their ends."""
    return named(
        str(item["fluid"]),
        density=item_pairs(item, "fluid_density"),
        heat_capacity=item_pairs(item, "fluid_heat_capacity"),
        extrapolation=extrapolation,
    )
