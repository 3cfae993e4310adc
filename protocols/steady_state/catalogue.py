"""The steady-state tests of an edition and the tests around them, as one list of methods."""

from protocols.collector_tests.modifier_pairs import modifier_method
from protocols.collector_tests.pressure_drop import pressure_drop_method
from protocols.collector_tests.stagnation import stagnation_method
from protocols.collector_tests.thermal_capacity import thermal_capacity_method
from protocols.collector_tests.time_constant import time_constant_method
from protocols.evaluation import Edition
from protocols.method import Method
from protocols.steady_state.family import COVERED, WIND_OR_INFRARED_SENSITIVE
from protocols.steady_state.method import steady_method, steady_points_method


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
