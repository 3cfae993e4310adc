"""The families of collectors that a quasi-dynamic test knows. Which terms each of them has is [unverified]."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from protocols.incidence import TUBES, TUBES_EN, TUBES_ZH
from protocols.limits import Limit
from protocols.method import ItemField, ItemValue
from protocols.possible import possible_limits
from protocols.quasidynamic.terms import CONCENTRATING, GLAZED, GLAZED_TABLE, WIND_INFRARED, Model

_INPUTS = ("G", "Gd", "t_in", "t_out", "t_amb", "V_dot", "u")
_OPTIONAL = ("DNI", "shaded")

Absent = Callable[[Mapping[str, ItemValue], Mapping[str, Limit]], Mapping[str, float]]


def _none_absent(_: Mapping[str, ItemValue], __: Mapping[str, Limit]) -> Mapping[str, float]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What a quasi-dynamic test is for one family of collectors.

    model: its terms.  own_limits: limit -> the row of the table that takes its place for this family.  more_limits:
    further rows.  tracking: whether the collector may follow the sun; the record then has the angle of incidence
    theta.  biaxial: whether the table is over theta_T, with a known modifier of theta_L.  item: further entries of the
    item.  absent: coefficients that the form of an item does not have, with the value they count as.
    """

    model: Model
    own_limits: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    more_limits: tuple[str, ...] = ()
    tracking: bool = False
    biaxial: bool = False
    item: tuple[ItemField, ...] = ()
    absent: Absent = _none_absent

    @property
    def inputs(self) -> tuple[str, ...]:
        """Give the columns it needs."""
        return (*_INPUTS, *sorted(self.model.needs - set(_INPUTS)))

    @property
    def optional(self) -> tuple[str, ...]:
        """Give the columns it can use."""
        return (*_OPTIONAL, "theta") if self.tracking else _OPTIONAL


def _of_concentration(item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> Mapping[str, float]:
    """Above a concentration only the beam counts and a8 takes the place of a2, as in ISO 24194:2022, formula 3."""
    concentration = item["concentration"]
    if isinstance(concentration, float) and concentration >= limits["concentration_beam_only"].value:
        return {"Kd": 0.0, "a2": 0.0}
    return {"a8": 0.0}


_CONCENTRATION = ItemField(
    symbol="concentration",
    unit="1",
    name_en="geometric concentration ratio",
    name_zh="几何聚光比",
    least=1.0,
    most=1e5,
)

GLAZED_COLLECTOR = Family(model=GLAZED)
GLAZED_COLLECTOR_BY_TABLE = Family(model=GLAZED_TABLE, own_limits=MappingProxyType({"theta_max": "theta_max_table"}))
GLAZED_COLLECTOR_OF_TWO_AXES = Family(
    model=GLAZED_TABLE,
    own_limits=MappingProxyType({"theta_max": "theta_max_table"}),
    biaxial=True,
    item=(
        ItemField(
            symbol="tubes",
            kind="text",
            choices=TUBES,
            choices_en=TUBES_EN,
            choices_zh=TUBES_ZH,
            name_en="how the tubes lie",
            name_zh="真空管方向",
        ),
        ItemField(
            symbol="longitudinal_modifier",
            kind="pairs",
            name_en="known modifier of the longitudinal angle, pairs [theta_L deg, K], with [0, 1]",
            name_zh="已知的纵向入射角修正系数，数对 [θL（deg）, K]，须含 [0, 1]",
        ),
    ),
)
WIND_OR_INFRARED_SENSITIVE = Family(
    model=WIND_INFRARED,
    own_limits=MappingProxyType(
        {
            "condition_u_min": "condition_u_min_wisc",
            "condition_u_max": "condition_u_max_wisc",
            "condition_tm_minus_ta": "condition_tm_minus_ta_wisc",
        }
    ),
    more_limits=possible_limits("EL"),
)
CONCENTRATING_COLLECTOR = Family(
    model=CONCENTRATING,
    more_limits=("concentration_beam_only",),
    tracking=True,
    item=(_CONCENTRATION,),
    absent=_of_concentration,
)
