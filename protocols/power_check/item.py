"""What the power check asks of a collector field."""

from protocols.fields import FLUID, GROSS_AREA, HORIZON, PLACE
from protocols.incidence import TUBES, TUBES_EN, TUBES_ZH
from protocols.method import ItemField
from protocols.symbols import quantity


def _coefficient_fields() -> tuple[ItemField, ...]:
    names = {
        "eta0b": (None, 0.05, 1.2),
        "Kd": (None, 0.0, 1.5),
        "a1": (None, 0.0, 100.0),
        "a2": (0.0, -1.0, 1.0),
        "a5": (None, 0.0, 1e6),
        "a8": (0.0, -1e-3, 1e-3),
    }
    return tuple(
        ItemField(
            symbol=symbol,
            unit=quantity(symbol).unit,
            default=default,
            least=least,
            most=most,
            name_en=f"{quantity(symbol).name_en}, per gross area, of the certificate",
            name_zh=f"{quantity(symbol).name_zh}（按总面积，取自证书）",
        )
        for symbol, (default, least, most) in names.items()
    )


def _factor(symbol: str, english: str, chinese: str) -> ItemField:
    return ItemField(symbol=symbol, unit="1", name_en=english, name_zh=chinese, least=0.01, most=1.0)


def _modifier_tables() -> tuple[ItemField, ...]:
    planes = {"iam_transversal": ("transversal", "横向"), "iam_longitudinal": ("longitudinal", "纵向")}
    return tuple(
        ItemField(
            symbol=symbol,
            kind="pairs",
            required=False,
            name_en=f"table of the {english} modifier, pairs [deg, 1]",
            name_zh=f"{chinese}入射角修正系数表，数对 [deg，1]",
        )
        for symbol, (english, chinese) in planes.items()
    )


ITEM = (
    GROSS_AREA,
    *PLACE,
    *FLUID,
    ItemField(
        symbol="formula",
        unit="1",
        name_en="formula: 1 hemispherical, 2 beam and diffuse, 3 beam only",
        name_zh="公式：1 总辐照，2 直射与散射，3 仅直射",
        least=1.0,
        most=3.0,
    ),
    *_coefficient_fields(),
    ItemField(
        symbol="b0",
        unit="1",
        required=False,
        name_en="incidence angle modifier constant",
        name_zh="入射角修正常数",
        least=-1.0,
        most=2.0,
    ),
    ItemField(
        symbol="iam",
        kind="pairs",
        required=False,
        name_en="table of the beam's incidence angle modifier, pairs [deg, 1]",
        name_zh="直射入射角修正系数表，数对 [deg，1]",
    ),
    *_modifier_tables(),
    ItemField(
        symbol="tube_direction",
        kind="text",
        default="along",
        choices=TUBES,
        choices_en=TUBES_EN,
        choices_zh=TUBES_ZH,
        name_en="how the tubes lie",
        name_zh="真空管方向",
    ),
    ItemField(
        symbol="concentration",
        unit="1",
        required=False,
        name_en="geometric concentration ratio",
        name_zh="几何聚光比",
        least=1.0,
        most=1e5,
    ),
    _factor("f_p", "safety factor for the losses of pipes", "管道热损安全系数"),
    _factor("f_U", "safety factor for the uncertainty of measurement", "测量不确定度安全系数"),
    _factor("f_O", "safety factor for everything else", "其他因素安全系数"),
    HORIZON,
)
