"""Evidence for solar water heaters: daily heat, heat loss, input-output, grades, filing, spot checks."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from protocols.limits import read_limits
from protocols.requirements.energy_grade import filing_checks, grade
from protocols.requirements.spot_check import pass_rate, possible_failures
from protocols.water_heaters.input_output import daily_output
from protocols.water_heaters.store_shape import Cylinder, insulation_loss, water_column_pressure
from protocols.water_heaters.store_water import Water
from protocols.water_heaters.water_heater import cooled_temperature, heat_loss_factor, useful_heat
from tests.protocols.conftest import DATA, ROOT, Case
from tests.protocols.examples.water_heaters import (
    DAILY,
    INPUT_OUTPUT,
    IO,
    NIGHT,
    Q_DAY,
    STORE,
    U_SL,
    H,
    daily_case,
    input_output_case,
    night_case,
)
from tests.validation.evidence import Evidence

CASES: dict[str, Any] = json.loads((DATA / "water_heaters" / "cases.json").read_text("utf-8"))["cases"]
GRADES_2011 = read_limits(ROOT / "config" / "limits" / "gb26969_2011.toml")
_REGISTRY = "constants of entry 20625 of the Zhejiang data registry, temperatures chosen for the case"
_GRADED = [case_id for case_id in CASES if "CTP" in CASES[case_id]["inputs"]]


def _values(case: Case) -> list[float]:
    return [one.value for one in case.evaluate().coefficients]


def _graded(case_id: str) -> float:
    """The grade as a number, 0 for a filing that is refused."""
    inputs = CASES[case_id]["inputs"]
    return float(grade(inputs["CTP"], heater=inputs["type"], limits=GRADES_2011, edition="GB 26969-2011").grade or 0)


def _printed_grade(case_id: str) -> float:
    printed = CASES[case_id]["published"]["grade"]
    return float(printed) if isinstance(printed, int) else 0.0


def _loss(case_id: str) -> float:
    given = CASES[case_id]["inputs"]
    return heat_loss_factor(t_first=given["ti"], t_last=given["tf"], t_amb=given["ta"], duration=28800.0)


def _output(case_id: str) -> list[float]:
    given = CASES[case_id]["inputs"]
    values = np.array([given["a1"], given["a2"], given["a3"]])
    heat = float(daily_output(values=values, H=given["H_MJ_m2"], dt=given["dT_K"]))
    return [heat, heat / given["A_gross_m2"]]


def _store(case_id: str) -> list[float]:
    given = CASES[case_id]["inputs"]
    store = Cylinder(diameter=given["d_m"], height=given["h_m"])
    loss = insulation_loss(store=store, thickness=given["insul_m"], conductivity=given["k"])
    return [1000.0 * store.volume, store.surface, loss]


def _heated() -> float:
    given = CASES["S01"]["inputs"]
    volume, water = given["m_kg"] / 1000.0, Water(rho=1000.0, c_p=1000.0 * given["c_kJ_kgK"])
    return useful_heat(V_s=volume, t_first=given["t0_C"], t_last=CASES["S01"]["recomputed"], water=water)


def _rejected() -> float:
    inputs = CASES["C30"]["inputs"]
    named = {"U": "U_sl", "CTP": "CTP", "Q": "q_17"}
    declared, measured = (
        {named[name]: str(value) for name, value in inputs[side].items()} for side in ("declared", "measured")
    )
    return float(all(check.kept for check in filing_checks(declared=declared, measured=measured)))


def _loss_evidence(case_id: str) -> Evidence:
    return Evidence(
        subject="protocols.water_heaters.water_heater.heat_loss_factor",
        what=f"average heat loss factor of case {case_id}, W/(m3 K)",
        kind="program",
        reference=f"case {case_id}: {_REGISTRY}",
        expected=CASES[case_id]["recomputed"]["U"],
        computed=partial(_loss, case_id),
        absolute=5e-5,
    )


def _cooled_evidence(case_id: str, limit: float) -> Evidence:
    return Evidence(
        subject="protocols.water_heaters.water_heater.cooled_temperature",
        what=f"temperature after 8 h from 50 degC beside 20 degC at the limit of {limit:g} W/(m3 K), degC",
        kind="program",
        reference=f"case {case_id}: {_REGISTRY}",
        expected=CASES[case_id]["recomputed"]["tf for ti=50,ta=20"],
        computed=partial(cooled_temperature, U_sl=limit, t_first=50.0, t_amb=20.0, duration=28800.0),
        absolute=5e-4,
    )


def _output_evidence(case_id: str) -> Evidence:
    expected = CASES[case_id]["recomputed"]
    return Evidence(
        subject="protocols.water_heaters.input_output.daily_output",
        what=f"daily output of case {case_id}, MJ and MJ/m2",
        kind="program",
        reference=f"case {case_id}: coefficients of solpy (50 tubes, R2 = 0.851), day chosen for the case",
        expected=(expected["Q_MJ"], expected["q_MJ_m2"]),
        computed=partial(_output, case_id),
        absolute=0.0051,
        remark="Units of the coefficients are assumed to be MJ; the sign of io2 needs t_amb - t_main.",
    )


def _grade_evidence(case_id: str) -> Evidence:
    inputs = CASES[case_id]["inputs"]
    printed = CASES[case_id]["kind"] == "published_result"
    return Evidence(
        subject="protocols.requirements.energy_grade.grade",
        what=f"grade of CTP {inputs['CTP']}, {inputs['type']} (0 = filing refused), case {case_id}",
        kind="published" if printed else "program",
        reference="industry notice of 2012" if printed else "public code of the national filing portal",
        expected=_printed_grade(case_id),
        computed=partial(_graded, case_id),
        absolute=1e-9,
    )


def _recovered(subject: str, what: str, expected: Any, computed: Callable[[], object], relative: float) -> Evidence:
    return Evidence(
        subject=subject,
        what=what,
        kind="recovered",
        reference="a record made from these numbers in closed form",
        expected=expected,
        computed=computed,
        relative=relative,
    )


_Q_PER_AREA = Q_DAY / STORE["A_c"]

EVIDENCE = (
    *(_loss_evidence(case_id) for case_id in CASES if "ti" in CASES[case_id]["inputs"]),
    _cooled_evidence("S18", 16.0),
    _cooled_evidence("S19", 80.0),
    *(_output_evidence(case_id) for case_id in CASES if "dT_K" in CASES[case_id]["inputs"]),
    *(_grade_evidence(case_id) for case_id in _GRADED),
    Evidence(
        subject="protocols.requirements.energy_grade.filing_checks",
        what="declared U_sl of 11 with 12 measured: kept (1) or rejected (0), case C30",
        kind="program",
        reference="public code of the national filing portal",
        expected=0.0,
        computed=_rejected,
        absolute=1e-9,
    ),
    Evidence(
        subject="protocols.water_heaters.water_heater.useful_heat",
        what="heat of 200 kg of water from 12 to 29.22 degC, c = 4.18 kJ/(kg K), MJ, case S01",
        kind="exact",
        reference="1 kW over 4 h; the source prints 30 degC, which would take 15.05 MJ",
        expected=14.4,
        computed=_heated,
        relative=5e-4,
        remark="The published 30 degC does not follow from the numbers printed beside it.",
    ),
    Evidence(
        subject="protocols.water_heaters.store_shape.Cylinder",
        what="volume in L and surface in m2 of a store of 0.44 m by 0.66 m, case S06",
        kind="published",
        reference="Reducing the heat loss at night from solar water heaters (studylib 18850837)",
        expected=(100.0, 1.22),
        computed=lambda: _store("S06")[:2],
        relative=0.005,
    ),
    Evidence(
        subject="protocols.water_heaters.store_shape.insulation_loss",
        what="loss factor of its 50 mm of insulation, W/(m3 K), case S06",
        kind="program",
        reference="case S06, computed from the printed sizes and conductivity",
        expected=CASES["S06"]["recomputed"]["UA_per_m3_W_m3K"],
        computed=lambda: _store("S06")[2],
        absolute=0.006,
    ),
    Evidence(
        subject="protocols.water_heaters.store_shape.water_column_pressure",
        what="pressure of twice 1.4 m of water, MPa, case S07",
        kind="published",
        reference="example printed with NY/T 343, which takes g = 10 m/s2",
        expected=0.028,
        computed=lambda: water_column_pressure(height=1.4, g=10.0),
        absolute=5e-7,
    ),
    Evidence(
        subject="protocols.requirements.spot_check.pass_rate",
        what="rate of 60 products of which 5 failed, per cent, case S09",
        kind="published",
        reference="report on a spot check (xzjunlong 184863)",
        expected=91.7,
        computed=lambda: float(pass_rate(products=60, failed=5)),
        absolute=1e-9,
    ),
    Evidence(
        subject="protocols.requirements.spot_check.pass_rate",
        what="rate of 60 products of which 7 failed, per cent, case S10",
        kind="program",
        reference="case S10; the report prints the counts only",
        expected=CASES["S10"]["recomputed"],
        computed=lambda: float(pass_rate(products=60, failed=7)),
        absolute=1e-9,
    ),
    Evidence(
        subject="protocols.requirements.spot_check.possible_failures",
        what="numbers of failures of 64 for which 95.4 % would be right, case S12",
        kind="exact",
        reference="61/64 = 95.3 %, 62/64 = 96.9 %: none",
        expected=0.0,
        computed=lambda: float(len(possible_failures(products=64, rate="95.4"))),
        absolute=1e-9,
        remark="The printed rate is no ratio of counts.",
    ),
    _recovered(
        DAILY,
        "H, Q_day, q_day and q_17 of a day whose irradiance is a cosine, MJ and MJ/m2",
        (H, Q_DAY, _Q_PER_AREA, _Q_PER_AREA * 17.0 / H),
        lambda: _values(daily_case()),
        1e-5,
    ),
    _recovered(NIGHT, "U_sl of a store that cools exponentially", (U_SL,), lambda: _values(night_case()), 1e-6),
    _recovered(
        INPUT_OUTPUT,
        "io1, io2 and io3 of eight days without noise",
        tuple(IO.values()),
        lambda: _values(input_output_case(noise=0.0)),
        1e-9,
    ),
)
