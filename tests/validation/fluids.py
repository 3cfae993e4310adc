"""Evidence for the heat carriers."""

import json

import numpy as np

from protocols import glycol
from protocols.fluids import WATER, WATER_EN_12975, water_density, water_heat_capacity
from tests.protocols.conftest import DATA
from tests.validation.evidence import Evidence

CASE = json.loads((DATA / "fluids" / "cases.json").read_text("utf-8"))
IAPWS95 = {float(t): row for t, row in CASE["water"]["table"].items()}
EN = {float(t): row for t, row in CASE["water"]["en_12975_table"].items()}
GLYCOL = {
    tuple(float(part[1:]) for part in name.split("_")): row
    for name, row in CASE["propylene_glycol"]["expected"].items()
}
PROGRAM = "IAPWS-95 at 101 325 Pa by iapws 1.5.5 and CoolProp 8.0.0"


def _rises() -> list[float]:
    rise = WATER.enthalpy_rise(t_in=np.asarray(10.0), t_out=np.array(sorted(IAPWS95)[1:]))
    return [float(value) for value in rise]


EVIDENCE = (
    Evidence(
        subject="protocols.fluids.water_density",
        what="density of water from 10 to 90 degC [kg/m3]",
        kind="program",
        reference=PROGRAM,
        expected=[row["rho_IAPWS95_101325Pa"] for row in IAPWS95.values()],
        computed=lambda: water_density(list(IAPWS95)),
        relative=2e-6,
        remark="ours is the IAPWS formulation for 0.1 MPa; 1.3 kPa are 6e-7 of density",
    ),
    Evidence(
        subject="protocols.fluids.water_heat_capacity",
        what="heat capacity of water from 10 to 90 degC [J/(kg K)]",
        kind="program",
        reference=PROGRAM,
        expected=[row["cp_IAPWS95_101325Pa"] for row in IAPWS95.values()],
        computed=lambda: water_heat_capacity(list(IAPWS95)),
        relative=5e-5,
    ),
    Evidence(
        subject="protocols.fluids.Fluid.enthalpy_rise",
        what="enthalpy of water above 10 degC, up to 90 degC [J/kg]",
        kind="program",
        reference=PROGRAM,
        expected=[IAPWS95[t]["h_IAPWS95_101325"] - IAPWS95[10.0]["h_IAPWS95_101325"] for t in sorted(IAPWS95)[1:]],
        computed=_rises,
        relative=5e-5,
    ),
    Evidence(
        subject="protocols.fluids.WATER_EN_12975",
        what="density and heat capacity by the polynomials of EN 12975-2, 10 to 90 degC [kg/m3, J/(kg K)]",
        kind="program",
        reference="evaluated independently of this project's code",
        expected=[row[key] for key in ("rho", "cp") for row in EN.values()],
        computed=lambda: np.concatenate(
            [WATER_EN_12975.density(np.array(list(EN))), WATER_EN_12975.heat_capacity(np.array(list(EN)))]
        ),
        relative=1e-12,
        remark="that the polynomial of the heat capacity is the standard's is not confirmed",
    ),
    Evidence(
        subject="protocols.fluids.WATER_EN_12975",
        what="the same against the properties of water",
        kind="program",
        reference=PROGRAM,
        expected=[IAPWS95[t][key] for key in ("rho_IAPWS95_101325Pa", "cp_IAPWS95_101325Pa") for t in IAPWS95],
        computed=lambda: np.concatenate(
            [WATER_EN_12975.density(np.array(list(IAPWS95))), WATER_EN_12975.heat_capacity(np.array(list(IAPWS95)))]
        ),
        relative=6e-4,
    ),
    *(
        Evidence(
            subject=f"protocols.glycol.{function.__name__}",
            what=f"{function.__name__.replace('_', ' ')} of propylene glycol at 20 to 50 % and 20 to 80 degC [{unit}]",
            kind="program",
            reference="Melinder's correlation in CoolProp 8.0.0 and the Modelica library IDEAS",
            expected=[row[key] * factor for row in GLYCOL.values()],
            computed=lambda function=function: [float(function(mass_fraction=w, temperature=t)) for w, t in GLYCOL],
            relative=1e-12,
            remark="the programs share the correlation: its evaluation is checked, not the correlation",
        )
        for function, key, unit, factor in (
            (glycol.density, "rho", "kg/m3", 1.0),
            (glycol.heat_capacity, "cp", "J/(kg K)", 1.0),
            (glycol.conductivity, "lam", "W/(m K)", 1.0),
            (glycol.viscosity, "mu_mPas", "Pa s", 1e-3),
        )
    ),
)
