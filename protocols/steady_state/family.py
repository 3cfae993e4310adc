"""Families of collectors in the steady-state test: their model, their columns, what is asked of the item."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from protocols.fields import FLUID, GROSS_AREA, PLACE, fluid, number
from protocols.method import ItemField, ItemValue
from protocols.steady_state.model import GLAZED, WIND_SENSITIVE, Circuit, Model


@dataclass(frozen=True, kw_only=True)
class Family:
    """A kind of collector in the steady-state test: its model and how its limits are called."""

    model: Model
    inputs: tuple[str, ...]
    optional: tuple[str, ...]
    irradiance: str
    least_wind: str | None
    most_wind: str
    notes: tuple[str, ...] = ()


STATED = ("Q_meter", "tm", "efficiency")  # what a report says of its points beside what was measured
_COLUMNS = ("G", "t_in", "t_out", "t_amb", "V_dot", "u")
COVERED = Family(
    model=GLAZED,
    inputs=_COLUMNS,
    optional=("Gd",),
    irradiance="steady_G_min",
    least_wind="steady_u_min",
    most_wind="steady_u_max",
)
WIND_OR_INFRARED_SENSITIVE = Family(
    model=WIND_SENSITIVE,
    inputs=(*_COLUMNS, "EL"),
    optional=("Gd",),
    irradiance="wisc_G_min",
    least_wind=None,
    most_wind="wisc_u_max",
    notes=("wisc_u_calm", "wisc_u_middle", "wisc_u_high", "wisc_u_range"),
)

_MOUNT = ItemField(
    symbol="mount",
    kind="text",
    default="fixed",
    choices=("fixed", "tracking", "simulator"),
    name_en="how the collector stands to the sun",
    choices_en=("fixed", "tracking the sun", "in a solar simulator"),
    choices_zh=("固定", "跟踪太阳", "太阳模拟器"),
    name_zh="安装方式",
)
_B0 = ItemField(
    symbol="b0",
    unit="1",
    required=False,
    name_en="incidence angle modifier constant, for the largest angle of incidence",
    name_zh="入射角修正常数，用于确定最大入射角",
    least=0.0,
    most=1.0,
)
_TIMES = tuple(
    ItemField(symbol=symbol, unit="s", required=False, name_en=english, name_zh=chinese, least=0.0, most=86400.0)
    for symbol, english, chinese in (
        ("tau_c", "time constant", "时间常数"),
        ("transit_time", "time the fluid takes through the collector", "工质流经时间"),
    )
)
_REGRESSION = ItemField(
    symbol="regression",
    kind="text",
    default="power",
    choices=("power", "efficiency"),
    name_en="whose error the fit makes least",
    choices_en=("of the power", "of the efficiency"),
    choices_zh=("功率", "效率"),
    name_zh="拟合所最小化的误差",
)
_EMITTANCE = ItemField(
    symbol="eps_over_alpha",
    unit="1",
    name_en="emittance over absorptance of the absorber",
    name_zh="吸热体发射率与吸收率之比",
    least=0.0,
    most=2.0,
)
_STATEMENTS = (
    ItemField(
        symbol="power_from",
        kind="text",
        default="flow",
        choices=("flow", "Q_meter"),
        choices_en=("flow and temperatures", "the heat meter's column Q_meter"),
        choices_zh=("流量与温度", "热量表列 Q_meter"),
        name_en="where the power comes from",
        name_zh="功率取自",
    ),
    ItemField(
        symbol="mean_from",
        kind="text",
        default="inlet and outlet",
        choices=("inlet and outlet", "tm"),
        choices_en=("the mean of inlet and outlet", "the column tm"),
        choices_zh=("进出口均值", "tm 列"),
        name_en="where the mean temperature of the fluid comes from",
        name_zh="工质平均温度取自",
    ),
    ItemField(
        symbol="excluded_points",
        kind="text",
        required=False,
        name_en="numbers of points to leave out, in order of time from 1",
        name_zh="不采用的测点编号（按时间顺序从 1 起）",
    ),
)
_PLACE = tuple(replace(each, required=False) for each in PLACE)


def item_fields(family: Family, *, stated: bool) -> tuple[ItemField, ...]:
    emittance = (_EMITTANCE,) if "EL" in family.inputs else ()
    own = (_REGRESSION, *_STATEMENTS) if stated else (_REGRESSION, *_TIMES)
    return (GROSS_AREA, *FLUID, _MOUNT, *_PLACE, _B0, *emittance, *own)


def circuit_of(item: Mapping[str, ItemValue]) -> Circuit:
    ratio = item.get("eps_over_alpha", 0.0)
    return Circuit(
        area=number(item, "A_G"),
        fluid=fluid(item),
        meter=str(item["flow_meter_position"]),
        metered=item.get("power_from") == "Q_meter",
        stated_mean=item.get("mean_from") == "tm",
        emittance_ratio=ratio if isinstance(ratio, float) else 0.0,
    )
