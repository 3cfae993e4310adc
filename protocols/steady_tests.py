"""The steady-state tests of an edition and the tests around them, as one list of methods."""

from protocols.evaluation import Edition
from protocols.method import Method
from protocols.modifier_pairs import modifier_method
from protocols.pressure_drop import pressure_drop_method
from protocols.stagnation import stagnation_method
from protocols.steady_family import COVERED, WIND_OR_INFRARED_SENSITIVE
from protocols.steady_method import steady_method, steady_points_method
from protocols.thermal_capacity import thermal_capacity_method
from protocols.time_constant import time_constant_method


def covered_tests(edition: Edition) -> tuple[Method, ...]:
    """Make the tests of collectors that are neither wind nor infrared sensitive, and those of every collector."""
    return (
        steady_method(
            edition=edition,
            id="sst",
            family=COVERED,
            title_en="Thermal performance of covered liquid-heating collectors, steady state",
            title_zh="有盖板液体集热器热性能稳态试验",
        ),
        steady_points_method(
            edition=edition,
            id="sst-points",
            family=COVERED,
            title_en="Thermal performance of covered liquid-heating collectors, steady state, from averaged points",
            title_zh="有盖板液体集热器热性能稳态试验（由已平均的测点）",
        ),
        modifier_method(edition=edition),
        thermal_capacity_method(edition=edition),
        time_constant_method(edition=edition),
        stagnation_method(edition=edition),
        pressure_drop_method(edition=edition),
    )


def uncovered_tests(edition: Edition) -> tuple[Method, ...]:
    """Make the tests of wind or infrared sensitive collectors."""
    return (
        steady_method(
            edition=edition,
            id="sst-wisc",
            family=WIND_OR_INFRARED_SENSITIVE,
            title_en="Thermal performance of wind or infrared sensitive collectors, steady state",
            title_zh="风敏感或红外敏感集热器热性能稳态试验",
        ),
        steady_points_method(
            edition=edition,
            id="sst-wisc-points",
            family=WIND_OR_INFRARED_SENSITIVE,
            title_en="Thermal performance of wind or infrared sensitive collectors, steady state, from averaged points",
            title_zh="风敏感或红外敏感集热器热性能稳态试验（由已平均的测点）",
        ),
    )
