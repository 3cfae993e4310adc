"""The straight line of a collector: on which area and temperature, by which points, and where there is none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from protocols.conformity import SIMPLE
from protocols.limits import read_limits
from protocols.method import Note, outcome_to_dict
from protocols.requirements.sets import requirement_sets
from protocols.requirements.statement import Stated, state
from protocols.requirements.straight_line import Areas, Curve, Line, curve_of, line_of
from tests.protocols.examples import steady as made
from tests.validation.steady_state import autotherm

ROOT = Path(__file__).parents[3]
FLAT = requirement_sets(ROOT / "config" / "requirements")["gbt6424-2007"]
AREAS = Areas(gross=2.0, aperture=1.8, u_aperture=0.018, aperture_by="laboratory")


def outcome(u: float = 0.01, **values: float) -> dict[str, Any]:
    """An outcome of a quasi-dynamic test as it is stored, with uncorrelated coefficients."""
    told = [{"symbol": name, "value": value, "coverage_factor": 2.0} for name, value in values.items()]
    return {"coefficients": told, "covariance": (u**2 * np.eye(len(told))).tolist(), "points": {}}


def curve(given: dict[str, Any]) -> Curve:
    found = curve_of(given)
    assert found is not None
    return found


def line(given: dict[str, Any], area: str, temperature: str, areas: Areas = AREAS) -> Line:
    found = line_of(curve(given), area=area, temperature=temperature, areas=areas)
    assert isinstance(found, Line)
    return found


def against(given: dict[str, Any], area: str, temperature: str, areas: Areas) -> Note:
    found = line_of(curve(given), area=area, temperature=temperature, areas=areas)
    assert isinstance(found, Note)
    return found


def test_a_line_of_a_fit_to_efficiencies_is_the_one_the_points_themselves_give() -> None:
    """Nested least squares, exact over tm; numpy.polyfit of the efficiencies of a real test report over (t - ta)/G."""
    told = json.loads(json.dumps(outcome_to_dict(autotherm(A_G=1.4276, regression="efficiency"))))
    used = np.array(told["points"]["used"]) == 1.0
    points = {name: np.array(values, dtype=float)[used] for name, values in told["points"].items()}
    for temperature, above, rel in (
        ("mean", points["tm_minus_ta"], 1e-9),
        ("inlet", points["t_in"] - points["t_amb"], 1e-3),
    ):
        slope, intercept = np.polyfit(above / points["G"], points["q_measured"] / points["G"], 1)
        found = line(told, "gross", temperature)
        assert found.values == pytest.approx({"eta0": intercept, "U": -slope}, rel=rel)


def test_without_a2_over_the_mean_temperature_the_line_is_the_curve_and_the_aperture_scales_it() -> None:
    """A_G/A_a = 2.0/1.8; u^2 = (u(eta0) A_G/A_a)^2 + (eta0 u(A_a)/A_a)^2 by hand."""
    told = outcome(eta0b=0.8, Kd=1.0, a1=3.6, a2=0.0)
    assert line(told, "gross", "mean").values == pytest.approx({"eta0": 0.8, "U": 3.6})
    found = line(told, "aperture", "mean")
    assert found.values == pytest.approx({"eta0": 0.8 / 0.9, "U": 4.0})
    assert found.factor == pytest.approx(1.0 / 0.9)
    assert found.standard_uncertainties["U"] == pytest.approx(np.hypot(0.01 / 0.9, 4.0 * 0.01))
    exact = line(told, "aperture", "mean", replace(AREAS, u_aperture=0.0))
    assert exact.standard_uncertainties["U"] == pytest.approx(0.01 / 0.9)
    assert "without uncertainty" in exact.told[0].sentence_en
    assert "measured by the laboratory" in found.told[0].sentence_en
    assert "由本机构测量" in found.told[0].sentence_zh


def test_the_aperture_values_of_a_published_collector_come_from_its_gross_ones() -> None:
    """Collector GK 3133: 0.814 and 2.102 per aperture; published elsewhere per gross area as 0.763 and 1.969."""
    found = line(
        outcome(eta0b=0.763, Kd=1.0, a1=1.969, a2=0.0),
        "aperture",
        "mean",
        Areas(gross=0.814, aperture=0.7633, aperture_by="company"),
    )
    assert found.values == pytest.approx({"eta0": 0.814, "U": 2.102}, rel=1.5e-3)


def test_the_hemispherical_efficiency_of_a_quasi_dynamic_test_is_taken_with_its_diffuse_share() -> None:
    """Solar Keymark DS_3663: 0.739 and Kd 0.91 give the printed 729 W/m2 at 1000 W/m2; u by hand."""
    found = line(outcome(eta0b=0.739, Kd=0.91, a1=3.0, a2=0.0), "gross", "mean")
    assert round(1000 * found.values["eta0"]) == 729
    assert found.standard_uncertainties["eta0"] == pytest.approx(0.01 * np.hypot(0.85 + 0.15 * 0.91, 0.15 * 0.739))


QUASI_DYNAMIC = {"eta0b": 0.75, "Kd": 0.9, "a1": 3.6, "a2": 0.014}


@pytest.mark.parametrize(
    ("values", "area", "temperature", "areas", "code"),
    [
        (QUASI_DYNAMIC, "gross", "mean", AREAS, "no straight line"),
        ({**QUASI_DYNAMIC, "a2": 0.0}, "gross", "inlet", AREAS, "no points over the inlet temperature"),
        ({**QUASI_DYNAMIC, "a2": 0.0}, "aperture", "mean", Areas(gross=2.0), "aperture area not stated"),
        ({**QUASI_DYNAMIC, "a2": 0.0}, "aperture", "mean", replace(AREAS, aperture=2.1), "aperture area too large"),
    ],
)
def test_where_there_is_no_line_a_sentence_says_why(
    values: dict[str, float], area: str, temperature: str, areas: Areas, code: str
) -> None:
    note = against(outcome(**values), area, temperature, areas)
    assert note.code == code
    assert note.sentence_en.startswith("Not judged: ")
    assert note.sentence_zh.startswith("不作判定：")


def test_other_results_and_collectors_that_lose_by_wind_or_sky_have_no_curve() -> None:
    assert curve_of(outcome(U_sl=15.0)) is None
    assert curve_of(outcome(eta0b=0.75, Kd=0.9, a1=3.6, a2=0.0, a6=0.01)) is None
    assert curve_of(outcome_to_dict(made.case("iso9806-2017-sst-wisc").evaluate())) is None


# --- what is stated of it ---


def stated(areas: Areas | None = AREAS, **basis: Any) -> dict[str, Stated]:
    """By the limits of GB/T 6424-2007 as if they were confirmed: eta0 at least 0.72, U at most 6.0."""
    limits = {
        name: replace(one, confirmed=True)
        for name, one in read_limits(ROOT / "config" / "limits" / "gbt6424_2007.toml").items()
    }
    rows = [replace(one, **{"basis_confirmed": True, **basis}) for one in FLAT.requirements]
    told = curve(outcome_to_dict(made.case("iso9806-2017-sst").evaluate()))
    found = state(rows, [], limits, edition=FLAT.edition, rule=SIMPLE, curve=told, areas=areas)
    return {one.requirement.quantity: one for one in found}


def test_a_collector_is_judged_on_the_area_and_temperature_its_limit_rests_on() -> None:
    """Truth 0.74, 3.6, 0.014 per gross area; at an aperture as large as the gross area it would be 0.9 of it."""
    found = stated()
    assert {name: one.verdict for name, one in found.items()} == {"eta0": "pass", "U": "pass"}
    assert found["eta0"].measured.value == pytest.approx(0.81, abs=0.005)
    assert found["eta0"].measured.factor == pytest.approx(2.0 / 1.8)
    close = stated(replace(AREAS, aperture=2.0))
    assert close["eta0"].measured.value == pytest.approx(0.9 * found["eta0"].measured.value, rel=1e-9)


@pytest.mark.parametrize(
    ("areas", "basis", "codes"),
    [
        (AREAS, {"basis_confirmed": False}, ["basis not confirmed"]),
        (AREAS, {"area": "not found", "temperature": "not found"}, ["basis not found"]),
        (Areas(gross=2.0), {}, ["aperture area not stated"]),
        (Areas(gross=2.0), {"basis_confirmed": False}, ["basis not confirmed", "aperture area not stated"]),
    ],
)
def test_without_a_confirmed_basis_or_the_area_nothing_is_stated(
    areas: Areas, basis: dict[str, Any], codes: list[str]
) -> None:
    for one in stated(areas, **basis).values():
        assert (one.verdict, one.decision, [note.code for note in one.reasons]) == ("not judged", None, codes)


def test_a_result_whose_areas_nobody_knows_has_no_row() -> None:
    assert stated(None) == {}
