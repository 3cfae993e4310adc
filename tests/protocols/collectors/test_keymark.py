"""The data sheet's numbers: those of a printed sheet, each rounded once, and refusals for what is missing."""

from dataclasses import replace

import numpy as np
import pytest

from protocols.collectors.collector import CollectorParameters
from protocols.collectors.file import Model, read_collector, read_models
from protocols.collectors.keymark import Sheet, sheet
from protocols.collectors.modifier import Biaxial, ten_degree_table
from protocols.collectors.yields import gross_thermal_yield
from protocols.limits import read_limits
from protocols.refusals import NotEvaluable
from tests.protocols.conftest import ROOT
from tests.protocols.made_climates import shipped

FILE = ROOT / "config" / "collectors" / "km3663_chappee_sol_200_lh.toml"
LIMITS = read_limits(ROOT / "config" / "limits" / "standard_reporting.toml")
CHAPPEE, MODELS = read_collector(FILE), read_models(FILE)


def composed(collector: CollectorParameters = CHAPPEE, models: tuple[Model, ...] = MODELS) -> Sheet:
    yields = gross_thermal_yield(collectors=[collector], climates=[shipped()])
    return sheet(collector=collector, models=models, yields=yields, limits=LIMITS)


def test_the_rows_of_a_printed_sheet_come_out() -> None:
    found = composed()
    assert found.rises == ("0", "10", "30", "50", "70", "83")
    assert found.power == ("729", "692", "608", "511", "400", "321")  # KM3663, case C01
    assert found.models[0].area == "2.02"
    assert {s: found.coefficients[s] for s in ("eta0b", "Kd", "a1", "a2", "a5")} == {
        "eta0b": "0.739", "Kd": "0.91", "a1": "3.51", "a2": "0.017", "a5": "10620"
    }  # fmt: skip
    assert found.transversal == ("1.00", "0.99", "0.98", "0.97", "0.94", "0.90", "0.80", "0.50", "0.00")
    assert found.longitudinal == found.transversal


def test_a_module_has_the_unrounded_area_and_is_rounded_once() -> None:
    found = composed()
    power = CHAPPEE.power(Gb=850.0, Gd=150.0, rise=np.array([0.0, 83.0])) * 1.757 * 1.151
    assert (found.models[0].power[0], found.models[0].power[-1]) == tuple(f"{round(each)}" for each in power)
    annual = gross_thermal_yield(collectors=[CHAPPEE], climates=[shipped()]).annual[0, 0]
    assert found.yields_per_area[0] == tuple(f"{round(each)}" for each in annual)
    assert found.yields[0].yields[0] == tuple(f"{round(each * 1.757 * 1.151)}" for each in annual)


def test_both_planes_of_a_biaxial_modifier_are_printed() -> None:
    steep, flat = ten_degree_table([1.2] * 8 + [0]), ten_degree_table([0.9] * 8 + [0])
    found = composed(replace(CHAPPEE, modifier=Biaxial(transversal=steep, longitudinal=flat)))
    assert found.transversal[:2] == ("1.20", "1.20")
    assert found.longitudinal[:2] == ("0.90", "0.90")


def test_a_short_tested_range_leaves_out_the_higher_rises() -> None:
    assert composed(replace(CHAPPEE, tested_rise=25.0)).rises == ("0", "10", "30", "50", "55")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [({"tested_rise": None}, "tested_rise"), ({"area_basis": "gross", "form": "ISO 9806:2013"}, "convert")],
)
def test_what_is_missing_is_refused(change: dict[str, str | None], complaint: str) -> None:
    with pytest.raises(NotEvaluable, match=complaint) as refusal:
        composed(replace(CHAPPEE, **change))  # type: ignore[arg-type]
    assert refusal.value.sentence_zh


def test_a_family_without_sizes_is_refused() -> None:
    with pytest.raises(NotEvaluable, match="No size of CHAPPEE"):
        composed(models=())


def test_yields_of_another_collector_are_refused() -> None:
    yields = gross_thermal_yield(collectors=[replace(CHAPPEE, name="other")], climates=[shipped()])
    with pytest.raises(ValueError, match="the yields are of other"):
        sheet(collector=CHAPPEE, models=MODELS, yields=yields, limits=LIMITS)
