"""What a quasi-dynamic test asks of the test item, and what the evaluation makes of the answers."""

from collections.abc import Mapping
from dataclasses import replace

from protocols.fields import FLUID, GROSS_AREA, HORIZON, PLACE, number
from protocols.method import ItemField, ItemValue
from protocols.quasidynamic.families import Family
from protocols.symbols import quantity

_DAY = 86400.0  # s
_KNOWN = "fixed_"
_PLANE = ("tilt", "azimuth")


def item_fields(family: Family) -> tuple[ItemField, ...]:
    """Give what a quasi-dynamic test of a family asks of the item.

    Each coefficient but eta0b can be given as fixed_... and is then not fitted.
    """
    fixed_plane = not family.tracking
    return (
        GROSS_AREA,
        *(replace(field, required=fixed_plane) if field.symbol in _PLANE else field for field in PLACE),
        *FLUID,
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
        HORIZON,
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


def known_coefficients(item: Mapping[str, ItemValue]) -> dict[str, float]:
    """Give the coefficients that the item states, by symbol."""
    return {symbol.removeprefix(_KNOWN): number(item, symbol) for symbol in item if symbol.startswith(_KNOWN)}
