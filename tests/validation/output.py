"""Evidence for the power table."""

import json
from dataclasses import replace

import numpy as np

from protocols.collectors.collector import CollectorParameters
from protocols.collectors.file import read_collector
from protocols.collectors.modifier import Unity
from protocols.collectors.output import efficiency, power_table, printed
from protocols.limits import read_limits
from tests.protocols.conftest import DATA, ROOT
from tests.validation.evidence import Evidence

CASES = {one["id"]: one for one in json.loads((DATA / "collectors" / "cases.json").read_text("utf-8"))}
LIMITS = read_limits(ROOT / "config" / "limits" / "standard_reporting.toml")
KM3663 = read_collector(ROOT / "config" / "collectors" / "km3663_chappee_sol_200_lh.toml")
RISES = CASES["C01"]["inputs"]["dT_K"]
UNCERTAIN = replace(KM3663, covariance=np.diag(np.square([0.004, 0.01, 0.05, 0.001, 0, 0, 0, 0, 0, 0])))
SIZES = CASES["C02"]["published"]["sizes"]


def _rounded() -> list[float]:
    return [float(value) for value in printed(power_table(KM3663, rises=RISES, limits=LIMITS).per_area)]


def _family() -> list[float]:
    """All four sizes by the coefficients of the largest, which were fitted independently of this code."""
    largest = CASES["C02"]["recomputed"]["sizes"][0]
    collector = CollectorParameters(
        name="AMX AR",
        area=largest["LxW_m2"],
        eta0b=largest["eta0hem"],
        Kd=1.0,
        a1=largest["a1"],
        a2=largest["a2"],
        modifier=Unity(),
        tested_rise=80.0,
    )
    tables = (
        power_table(
            collector,
            rises=CASES["C02"]["inputs"]["dT_K"],
            limits=LIMITS,
            area=size["length_mm"] * size["width_mm"] / 1e6,
        )
        for size in SIZES
    )
    return [float(value) for table in tables for value in table.per_module]


def _curve() -> list[float]:
    given = CASES["C05"]["inputs"]
    collector = CollectorParameters(
        name="EXCEL",
        area=1.0,
        area_basis="aperture",
        eta0b=given["eta0"],
        Kd=1.0,
        a1=given["a1"],
        a2=given["a2"],
        modifier=Unity(),
    )
    return [float(value) for value in efficiency(collector, reduced=given["Tstar"], G=float(given["G"]))]


EVIDENCE = (
    Evidence(
        subject="protocols.collectors.output.power_table",
        what="printed power per area of CHAPPEE SOL 200 LH at 0, 10, 30, 50, 70, 83 K [W/m2]",
        kind="published",
        reference="Solar Keymark data sheet DS_3663 (case C01)",
        expected=CASES["C01"]["published"]["power_W_per_m2"],
        computed=_rounded,
        absolute=1e-9,
    ),
    Evidence(
        subject="protocols.collectors.output.power_table",
        what="power of the module of CHAPPEE SOL 200 LH with 2.030 m2 [W]",
        kind="published",
        reference="Solar Keymark data sheet DS_3663 (case C01)",
        expected=CASES["C01"]["published"]["power_W_module"],
        computed=lambda: power_table(KM3663, rises=RISES, limits=LIMITS, area=2.030).per_module,
        absolute=0.6,
        remark="the sheet prints 2.02 m2, and length times width is 2.0223 m2; its row of the module needs 2.030 m2",
    ),
    Evidence(
        subject="protocols.collectors.output.power_table",
        what="power of the modules of four sizes of SUNEX AMX AR by the coefficients of the largest [W]",
        kind="published",
        reference="Solar Keymark data sheet DS_2083 (case C02)",
        expected=[float(value) for size in SIZES for value in size["power_W"]],
        computed=_family,
        absolute=0.8,
        remark="the sheet's rows are rounded to 1 W and the coefficients come from one of them",
    ),
    Evidence(
        subject="protocols.collectors.output.efficiency",
        what="efficiency of CMG Solari EXCEL over T* = 0 ... 0.1 m2 K/W [1]",
        kind="published",
        reference="the maker's data sheet (case C05)",
        expected=CASES["C05"]["published"]["eta"],
        computed=_curve,
        absolute=0.005 + 1e-9,
        remark="printed with two decimals",
    ),
    Evidence(
        subject="protocols.collectors.output.PowerTable",
        what="standard uncertainty of the power per area at 0 and 50 K [W/m2]",
        kind="exact",
        reference="sqrt((986.5 0.004)^2 + (110.85 0.01)^2) and with (50 0.05)^2 + (2500 0.001)^2 more",
        expected=(
            float(np.hypot(3.946, 1.1085)),
            float(np.sqrt(3.946**2 + 1.1085**2 + 2.5**2 + 2.5**2)),
        ),
        computed=lambda: power_table(UNCERTAIN, rises=[0.0, 50.0], limits=LIMITS).per_area_uncertainty,
        relative=1e-12,
    ),
)
