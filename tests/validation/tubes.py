"""Evidence for evacuated tubes."""

import json
from functools import partial
from typing import Any

import numpy as np

from protocols.limits import read_limits
from protocols.requirements.products import judge_both_ways
from protocols.requirements.tubes import tube_requirements
from protocols.tubes.tubes import solar_weighted, stagnation_parameter, tube_heat_loss
from tests.protocols.conftest import DATA, ROOT
from tests.protocols.examples.tubes import H_35, U_LT, Y, tube_case
from tests.validation.evidence import Evidence

CASES: dict[str, Any] = json.loads((DATA / "water_heaters" / "cases.json").read_text("utf-8"))["cases"]
LIMITS = {
    symbol: limit
    for table in ("gbt17049_2005_mechanical", "gbt17049_2005")
    for symbol, limit in read_limits(ROOT / "config" / "limits" / f"{table}.toml").items()
}
ROWS = tube_requirements(prefix="gbt17049-2005")
NAMES = {"ULT": "U_lt", "p": "vacuum", "H": "H_35_47", "H47": "H_35_47"}
EDITIONS = ("gbt17049-2005", "gbt17049-2024")


def _kept(case_id: str) -> list[float]:
    """Whether each value of a case would keep the limits of 2005, in the order of `recomputed`."""
    given = {NAMES.get(name, name): str(value) for name, value in CASES[case_id]["inputs"].items()}
    asked = [NAMES.get(name, name) for name in CASES[case_id]["recomputed"]]
    rulings = [judge_both_ways(ROWS[name], given[name], LIMITS, edition="GB/T 17049-2005") for name in asked]
    return [float(each.full.would_be == "pass") for each in rulings]


def _spec(case_id: str) -> Evidence:
    expected = CASES[case_id]["recomputed"]
    return Evidence(
        subject="protocols.requirements.products.judge_both_ways",
        what=f"a maker's values against the limits of GB/T 17049-2005 ({', '.join(expected)}), case {case_id}",
        kind="program",
        reference=f"{CASES[case_id]['source_url']}; equality passes",
        expected=[float(value) for value in expected.values()],
        computed=partial(_kept, case_id),
        absolute=1e-9,
    )


def _value(method: str) -> float:
    return tube_case(method).evaluate().coefficients[0].value


def _recovered(edition: str, test: str, what: str, expected: float, relative: float) -> Evidence:
    return Evidence(
        subject=f"{edition}-{test}",
        what=what,
        kind="recovered",
        reference="a record made from this number in closed form",
        expected=expected,
        computed=partial(_value, f"{edition}-{test}"),
        relative=relative,
    )


def _gaussian_weighted() -> float:
    """A linear spectrum under a Gaussian one: the mean of the line is its value at the middle."""
    wavelength = np.arange(200.0, 1801.0)
    weights = np.exp(-0.5 * ((wavelength - 1000.0) / 120.0) ** 2)
    return solar_weighted(values=wavelength / 2000.0, weights=weights)


EVIDENCE = (
    _spec("T01"),
    _spec("T02"),
    Evidence(
        subject="protocols.tubes.tubes.stagnation_parameter",
        what="Y of a tube 190 K above ambient in 1 kW/m2, m2 K/kW",
        kind="exact",
        reference="the definition",
        expected=190.0,
        computed=lambda: float(stagnation_parameter(t_tube=215.0, t_amb=25.0, G=1000.0)),
        relative=1e-14,
    ),
    Evidence(
        subject="protocols.tubes.tubes.tube_heat_loss",
        what="U_LT of 1.5 kg of water at 80, 78 and 76 degC beside 18 degC, 0.25 m2, W/(m2 K)",
        kind="exact",
        reference="4186.8 x 1.5 x 4/(0.25 x 60 x 3600)",
        expected=25120.8 / 54000.0,
        computed=lambda: tube_heat_loss(
            t_1=80.0, t_2=78.0, t_3=76.0, t_amb=18.0, mass=1.5, area=0.25, duration=3600.0, c_p=4186.8
        ),
        relative=1e-14,
    ),
    Evidence(
        subject="protocols.tubes.tubes.solar_weighted",
        what="a straight line weighted by a symmetric spectrum",
        kind="exact",
        reference="the value of the line in the middle",
        expected=0.5,
        computed=_gaussian_weighted,
        relative=1e-12,
    ),
    *(_recovered(edition, "stagnation", "Y, m2 K/kW", Y, 0.003) for edition in EDITIONS),
    *(_recovered(edition, "irradiation", "H_35, MJ/m2", H_35, 1e-6) for edition in EDITIONS),
    *(_recovered(edition, "heat-loss", "U_LT, W/(m2 K)", U_LT, 1e-12) for edition in EDITIONS),
)
