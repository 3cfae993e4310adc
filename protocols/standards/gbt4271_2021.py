"""GB/T 4271-2021, solar collectors: the tests it shares with ISO 9806:2017.

GB/T 4271-2021 is taken to be a modified adoption of ISO 9806:2017 [memory]; no page of it was read. What is the same is
imported. What differs: its scope excludes uncovered collectors and those with an integrated store (a published
summary says so), so that there is no test of wind or infrared sensitive collectors; a public draft of 2020 had tracking
concentrating ones, the final scope does not name them [conflict], so they are left out. Whether its coefficients
refer to the gross area and the mean fluid temperature, as here, is not confirmed.
"""

from protocols.evaluation import Edition
from protocols.quasidynamic.families import (
    GLAZED_COLLECTOR,
    GLAZED_COLLECTOR_BY_TABLE,
    GLAZED_COLLECTOR_OF_TWO_AXES,
)
from protocols.quasidynamic.method import quasidynamic_method
from protocols.steady_state.catalogue import covered_tests

_EDITION = {"standard": "GB/T 4271", "edition": "2021"}
_QUASI_DYNAMIC = {
    **_EDITION,
    "clause": "quasi-dynamic test [clause number unconfirmed]",
    "limit_table": "gbt4271_2021_qdt",
}

STEADY = Edition(standard="GB/T 4271", year="2021", prefix="gbt4271-2021", limit_table="gbt4271_2021_steady")

METHODS = (
    quasidynamic_method(
        id="gbt4271-2021-qdt",
        family=GLAZED_COLLECTOR,
        title_en="Thermal performance of glazed liquid-heating collectors, quasi-dynamic test",
        title_zh="有盖板液体集热器热性能准动态试验",
        **_QUASI_DYNAMIC,
    ),
    quasidynamic_method(
        id="gbt4271-2021-qdt-bins",
        family=GLAZED_COLLECTOR_BY_TABLE,
        title_en="Thermal performance of glazed liquid-heating collectors, quasi-dynamic test, modifier as a table",
        title_zh="有盖板液体集热器热性能准动态试验（入射角修正系数表）",
        **_QUASI_DYNAMIC,
    ),
    quasidynamic_method(
        id="gbt4271-2021-qdt-biaxial",
        family=GLAZED_COLLECTOR_OF_TWO_AXES,
        title_en="Thermal performance of evacuated-tube collectors, quasi-dynamic test, transversal modifier by table",
        title_zh="真空管集热器热性能准动态试验（横向入射角修正系数表）",
        **_QUASI_DYNAMIC,
    ),
    *covered_tests(STEADY),
)
