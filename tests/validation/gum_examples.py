"""Evidence for budgets: further printed examples, of correlated means and of a product of many inputs."""

import json

import numpy as np

from protocols.metrology.distributions import f_ppf
from protocols.metrology.gum import Input, first_order
from protocols.metrology.inputs import from_joint_readings, from_readings, rectangular, triangular
from tests.protocols.conftest import DATA
from tests.validation.evidence import Evidence

_RADON = json.loads((DATA / "gum" / "radon.json").read_text("utf-8"))
_PRINTED = _RADON["published"]
_CLAUSE = "JCGM 100:2008 H.4, radon in water (readings from memory)"


def _counting_rates() -> tuple[np.ndarray, np.ndarray]:
    t_S, C_S, _, C_B, t_x, C_x = np.array(_RADON["cycles"]).T
    decay, T0 = _RADON["decay_constant"], _RADON["counting_time"]
    return (C_x - C_B) / T0 * np.exp(decay * t_x), (C_S - C_B) / T0 * np.exp(decay * t_S)


def _known() -> list[Input]:
    return [
        Input(name=name, value=_RADON[name][0], standard_uncertainty=_RADON[name][1]) for name in ("A_S", "m_S", "m_x")
    ]


def _rates() -> list[float]:
    (R_x, R_S), correlation = from_joint_readings(["R_x", "R_S"], np.array(_counting_rates()))
    return [R_x.value, R_x.standard_uncertainty, R_S.value, R_S.standard_uncertainty, float(correlation[0, 1])]


def _activity() -> list[float]:
    means, correlation = from_joint_readings(["R_x", "R_S"], np.array(_counting_rates()))
    joint = np.eye(5)
    joint[:2, :2] = correlation
    found = first_order(lambda x: x[2] * x[3] / x[4] * x[0] / x[1], [*means, *_known()], correlation=joint)
    return [found.value, found.standard_uncertainty]


def _activity_by_ratios() -> list[float]:
    R_x, R_S = _counting_rates()
    ratio = from_readings("R", R_x / R_S)
    found = first_order(lambda x: x[1] * x[2] / x[3] * x[0], [ratio, *_known()])
    return [found.value, found.standard_uncertainty]


def _resistor() -> list[float]:
    inputs = [
        Input(name="R_S", value=10000.053, standard_uncertainty=2.5e-3),
        rectangular("drift", 0.020, half_width=10e-3),
        rectangular("temperature of the standard", 0.0, half_width=2.75e-3),
        triangular("parasitics", 1.0, half_width=1e-6),
        Input(name="ratio", value=1.0000105, standard_uncertainty=0.07e-6, dof=4),
        rectangular("temperature of the item", 0.0, half_width=5.5e-3),
    ]
    found = first_order(lambda x: (x[0] + x[1] + x[2]) * x[3] * x[4] - x[5], inputs)
    return [1e3 * (found.value - 10000.0), 2e3 * found.standard_uncertainty]


EVIDENCE = (
    Evidence(
        subject="protocols.metrology.inputs.from_joint_readings",
        what="radon: both counting rates and their u [1/min]",
        kind="published",
        reference=_CLAUSE,
        expected=_PRINTED["rates"][:4],
        computed=lambda: _rates()[:4],
        absolute=0.0051,
    ),
    Evidence(
        subject="protocols.metrology.inputs.from_joint_readings",
        what="radon: correlation of the rates",
        kind="published",
        reference=_CLAUSE,
        expected=_PRINTED["rates"][4],
        computed=lambda: _rates()[4],
        absolute=0.00051,
    ),
    Evidence(
        subject="protocols.metrology.gum.first_order",
        what="radon: activity and u [Bq/g] from correlated rates",
        kind="published",
        reference=_CLAUSE,
        expected=_PRINTED["activity"],
        computed=_activity,
        absolute=0.000055,
    ),
    Evidence(
        subject="protocols.metrology.gum.first_order",
        what="radon: activity and u [Bq/g] from the mean of ratios",
        kind="published",
        reference=_CLAUSE,
        expected=_PRINTED["activity_by_ratios"],
        computed=_activity_by_ratios,
        absolute=0.000055,
    ),
    Evidence(
        subject="protocols.metrology.distributions.f_ppf",
        what="95 % and 97.5 % quantile of F with 9 and 40 degrees of freedom",
        kind="published",
        reference="JCGM 100:2008 H.5: 2.12 and 2.45",
        expected=(2.12, 2.45),
        computed=lambda: [float(f_ppf(p, 9, 40)) for p in (0.95, 0.975)],
        absolute=0.0051,
    ),
    Evidence(
        subject="protocols.metrology.gum.first_order",
        what="resistor of 10 kohm: what it exceeds and U with k = 2 [mohm]",
        kind="published",
        reference="EA-4/02 supplement S3 (inputs from memory): 10 000.178 ohm, 17 mohm",
        expected=(178.0, 17.0),
        computed=_resistor,
        absolute=0.5,
    ),
    Evidence(
        subject="protocols.metrology.gum.first_order",
        what="resistor of 10 kohm: u [mohm]",
        kind="published",
        reference="EA-4/02 supplement S3 (inputs from memory): 8.33 mohm",
        expected=8.33,
        computed=lambda: _resistor()[1] / 2.0,
        absolute=0.0051,
    ),
)
