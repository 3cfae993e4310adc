"""What a quasi-dynamic test asks of the test item, and what the evaluation makes of the answers."""

from collections.abc import Mapping

from protocols.fluids import WATER, Fluid, tabulated
from protocols.method import ItemField, ItemValue, NotEvaluable
from protocols.quasidynamic_terms import Model
from protocols.symbols import quantity

_DAY = 86400.0  # s
_OURS = "Heliobench"
_KNOWN = "fixed_"
_CONCENTRATION = (
    ItemField(
        symbol="concentration",
        unit="1",
        name_en="geometric concentration ratio",
        name_zh="几何聚光比",
        least=1.0,
        most=1e5,
    ),
)


def item_fields(*, model: Model, tracking: bool) -> tuple[ItemField, ...]:
    """Give what a quasi-dynamic test asks of the item.

    model: each of its coefficients but eta0b can be given as fixed_... and is then not fitted.  tracking: whether the
    collector may follow the sun, so that it needs no fixed plane.
    """
    return (
        ItemField(symbol="A_G", unit="m2", name_en="gross area", name_zh="总面积", least=1e-3, most=1e6),
        ItemField(
            symbol="tilt",
            unit="deg",
            required=not tracking,
            name_en="tilt from horizontal",
            name_zh="倾角",
            least=0.0,
            most=90.0,
        ),
        ItemField(
            symbol="azimuth",
            unit="deg",
            required=not tracking,
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
        *(_CONCENTRATION if tracking else ()),
        *(_known(symbol) for symbol in model.symbols if symbol != "eta0b"),
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


def known_coefficients(item: Mapping[str, ItemValue]) -> dict[str, float]:
    """Give the coefficients that the item states, by symbol."""
    return {symbol.removeprefix(_KNOWN): item_number(item, symbol) for symbol in item if symbol.startswith(_KNOWN)}


def fluid_of(item: Mapping[str, ItemValue], *, extrapolation: float) -> Fluid:
    """Give the heat carrier of the item; its tables may be used this many K beyond their ends."""
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
        return tabulated(
            name=name,
            density=density,
            heat_capacity=heat,
            source="the item description",
            extrapolation=extrapolation,
        )
    except ValueError as error:
        raise NotEvaluable(
            clause=_OURS,
            sentence_en=f"The fluid's tables cannot be used: {error}",
            sentence_zh=f"工质“{name}”的物性表无法使用；请检查两张表的温度范围与数值。",
        ) from error
