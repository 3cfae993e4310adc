"""Evidence for the steady-state tests and those around them."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from protocols.collector_tests.stagnation import stagnation_temperature
from protocols.collector_tests.thermal_capacity import Part, calculated_capacity
from protocols.fits import linear
from protocols.fluids import WATER
from protocols.method import methods
from protocols.record import Record
from protocols.steady_state.fit import independent
from protocols.steady_state.model import Circuit, Effect, propagated
from protocols.steady_state.point_checks import contradictions
from tests.protocols.conftest import DATA, limits_of
from tests.protocols.examples.steady import B0, CAPACITY, DROP, EDITIONS, GLAZED, TAU, WISC, case
from tests.validation.evidence import Evidence

Array = NDArray[np.float64]


def read(name: str) -> dict[str, Any]:
    """A case of tests/data/steady_state."""
    found: dict[str, Any] = json.loads((DATA / "steady_state" / f"{name}.json").read_text("utf-8"))
    return found


def autotherm_columns() -> tuple[Array, dict[str, Array]]:
    """The 16 printed points; their times are not printed, so an hour is put between them."""
    points = {name: np.array(values) for name, values in read("autotherm")["points"].items()}
    columns = {s: points[s] for s in ("G", "t_in", "t_amb", "u", "tm", "Q_meter")}
    columns |= {"t_out": points["t_in"] + points["dT"], "V_dot": points["litres_per_minute"] / 60000.0}
    return 1.6e9 + 3600.0 * np.arange(16.0), columns


AS_PRINTED = {"regression": "efficiency", "power_from": "Q_meter", "mean_from": "tm"}


def autotherm(*, method: str = "iso9806-2017-sst-points", **item: Any) -> Any:
    """The evaluation of the 16 points."""
    time, columns = autotherm_columns()
    record = Record(time=time, columns=columns)
    return methods()[method].evaluate(record=record, item=item, limits=limits_of(method))


def _values(method: str, area: float) -> Callable[[], list[float]]:
    def computed() -> list[float]:
        found = autotherm(method=method, A_G=area, **AS_PRINTED).coefficients
        return [each.value for each in found] + [each.random_uncertainty for each in found]

    return computed


def _autotherm(method: str, area: float) -> Evidence:
    fit = read("autotherm")["case"]["recomputed"][f"A={area:.4f}"]["quadratic"]
    expected = [fit[s][what] for what in ("value", "se") for s in ("eta0", "a1", "a2")]
    return Evidence(
        subject=method,
        what=f"eta0hem, a1, a2 and their standard errors, 16 printed points of a report, area {area} m2",
        kind="program",
        reference="case C07: printed power over printed irradiance and mean fluid temperature, fitted independently",
        expected=expected,
        computed=_values(method, area),
        relative=1e-9,
        remark="the report's own coefficients are not known",
    )


def sixteen() -> tuple[Array, Array, tuple[Effect, ...], tuple[Effect, ...]]:
    """Design, response, effects from point to point and common effects of the canonical case, power per area."""
    raw = read("collector_16pt")["inputs"]
    u, a = raw["uncertainties"], {name: np.array(v) for name, v in raw.items() if isinstance(v, list)}
    rise = a["theta_out"] - a["theta_in"]
    q = a["mdot_kg_s"] * raw["cp_J_kgK"] * rise / raw["A_m2"]
    above = (a["theta_in"] + a["theta_out"]) / 2.0 - a["theta_a"]
    design = np.column_stack([a["G"], -above, -(above**2)])
    none = np.zeros(q.size)
    by_G, by_tm = np.column_stack([a["G"], none, none]), np.column_stack([none, none - 1.0, -2.0 * above])
    return (
        design,
        q,
        (
            Effect(cause="G", response=none, design=by_G * u["u_rel_G_random"]),
            Effect(cause="tm", response=none, design=by_tm * u["u_T_mean_K_random"]),
            Effect(cause="ta", response=none, design=by_tm * u["u_Ta_K_random"]),
            Effect(cause="dT", response=q / rise * u["u_deltaT_K_random"]),
            Effect(cause="flow", response=q * u["u_rel_m_random"]),
        ),
        (
            Effect(cause="G", response=none, design=by_G * u["u_rel_G_common"]),
            Effect(cause="flow", response=q * u["u_rel_m_common"]),
            Effect(cause="area", response=-q * u["u_rel_A_common"]),
            Effect(cause="c_p", response=q * u["u_rel_cp_common"]),
        ),
    )


def _common_kept_common() -> Array:
    design, q, random, common = sixteen()
    values = linear(design, q, names=("eta0hem", "a1", "a2")).values
    return np.sqrt(np.diag(propagated(design=design, response=q, values=values, random=random, common=common).total))


def _as_usual() -> Array:
    """The usual weighting on efficiency: each error of efficiency and regressors as if it were new and independent."""
    design, q, random, common = sixteen()
    G, u = design[:, 0], read("collector_16pt")["inputs"]["uncertainties"]
    both = float(np.hypot(u["u_rel_G_random"], u["u_rel_G_common"]))
    scaled = design / G[:, None]
    effects = [Effect(cause="G", response=-q / G * both, design=scaled * np.array([0.0, -both, -both]))]
    for each in (*random[1:], *common[1:]):
        moved = None if each.design is None else each.design / G[:, None]
        effects.append(Effect(cause=each.cause, response=each.response / G, design=moved))
    fit = independent(design=scaled, response=q / G, names=("eta0", "a1", "a2"), effects=effects)
    return np.concatenate([fit.values, fit.standard_errors])


def inconsistent() -> list[int]:
    """The numbers of the unglazed runs whose efficiency disagrees with flow and temperatures at their median area."""
    whole = read("guarracino_unglazed")
    points = {name: np.array(values) for name, values in whole["points"].items()}
    columns = {s: points[s] for s in ("G", "t_in", "t_out", "t_amb", "efficiency")}
    columns["V_dot"] = points["litres_per_minute"] / 60000.0
    area = whole["case"]["recomputed"]["median_area_m2"]
    doubts = contradictions(
        columns=columns, circuit=Circuit(area=area, fluid=WATER), limits=limits_of("iso9806-2017-sst-points")
    )
    return [each.place + 1 for each in doubts]


TRUTH: dict[str, tuple[tuple[float, ...], float]] = {
    "sst": (tuple(GLAZED.values()), 1e-5),
    "sst-points": (tuple(GLAZED.values()), 1e-5),
    "sst-wisc": (tuple(WISC.values()), 1e-5),
    "sst-wisc-points": (tuple(WISC.values()), 1e-5),
    "iam-steady": ((B0, *(1.0 - B0 * (1.0 / np.cos(np.radians(a)) - 1.0) for a in range(10, 80, 10))), 1e-5),
    "thermal-capacity": ((CAPACITY, CAPACITY / 2.0), 1e-3),
    "time-constant": ((-TAU * float(np.log(1.0 - 0.632)),), 1e-4),
    "stagnation": ((30.0 + 1000.0 * 0.15,), 1e-9),
    "pressure-drop": (DROP, 1e-9),
}


def _recovered(method: str, test: str) -> Evidence:
    expected, relative = TRUTH[test]
    outputs = ", ".join(methods()[method].outputs)
    return Evidence(
        subject=method,
        what=f"{outputs} of a record made with known coefficients",
        kind="recovered",
        reference="a record made by the model's own equation, solved for the outlet; water by IAPWS",
        expected=expected,
        computed=lambda: [each.value for each in case(method, exact=True).evaluate().coefficients],
        relative=relative,
    )


_CASE = read("collector_16pt")["expected"]

EVIDENCE = (
    _autotherm("iso9806-2017-sst-points", 1.4),
    _autotherm("iso9806-2017-sst-points", 1.4276),
    _autotherm("gbt4271-2021-sst-points", 1.4276),
    *(_recovered(f"{prefix}-{test}", test) for prefix, tests in EDITIONS.items() for test in tests),
    Evidence(
        subject="protocols.steady_state.model.propagated",
        what="u(eta0), u(a1), u(a2) of 16 points with 84 uncertain inputs, common errors kept common",
        kind="program",
        reference="case collector_16pt_canonical: sandwich H V H' without the terms of the residuals",
        expected=_CASE["OLS_power_form"]["u_propagated_sandwich"],
        computed=_common_kept_common,
        relative=1e-3,
        remark="ours holds the terms of the residuals as well; with them it agrees with GTC to 1e-12 (see the tests)",
    ),
    Evidence(
        subject="protocols.steady_state.model.propagated",
        what="the same by Monte Carlo",
        kind="program",
        reference="case collector_16pt_canonical: 40 000 draws",
        expected=_CASE["MC_40000"]["OLS_u"],
        computed=_common_kept_common,
        relative=0.01,
    ),
    Evidence(
        subject="protocols.steady_state.fit.independent",
        what="eta0, a1, a2 and their u by the usual weighting of EN 12975-2 Annex K, which makes u(eta0) too small",
        kind="program",
        reference="case collector_16pt_canonical: effective variance, efficiency form",
        expected=[
            *_CASE["annexK_effective_variance_efficiency_form"]["beta"],
            *_CASE["annexK_effective_variance_efficiency_form"]["u"],
        ],
        computed=_as_usual,
        relative=1e-9,
    ),
    Evidence(
        subject="protocols.steady_state.point_checks.contradictions",
        what="numbers of the runs that contradict themselves, of 14",
        kind="program",
        reference="case C09",
        expected=read("guarracino_unglazed")["case"]["recomputed"]["points_inconsistent"],
        computed=inconsistent,
        absolute=0.1,
    ),
    Evidence(
        subject="protocols.steady_state.point_checks.contradictions",
        what="number of the point of case C07 with a typing error in its inlet temperature",
        kind="program",
        reference="case C07",
        expected=read("autotherm")["case"]["recomputed"]["inconsistent_points (tin+dT/2 != tm)"],
        computed=lambda: [
            int(each.sentence_en.split(":")[0].split()[1])
            for each in autotherm(A_G=1.4276).notes
            if each.code == "point inconsistent"
        ],
        absolute=0.1,
    ),
    Evidence(
        subject="protocols.collector_tests.stagnation.stagnation_temperature",
        what="t_stg in degC of 170 degC at 950 W/m2 and 28 degC",
        kind="exact",
        reference="30 + 142/0.95",
        expected=30.0 + 142.0 / 0.95,
        computed=lambda: stagnation_temperature(t_abs=170.0, t_amb=28.0, G=950.0),
        relative=1e-12,
    ),
    Evidence(
        subject="protocols.collector_tests.thermal_capacity.calculated_capacity",
        what="C in J/K of an absorber of 5 kg copper, 2 kg insulation, 1.5 kg water and 16 kg glass with a1 = 3.5",
        kind="exact",
        reference="1*5*385 + 0.5*2*800 + 1*1.5*4180 + 0.01*3.5*16*750 by hand; the weights are not confirmed",
        expected=1925.0 + 800.0 + 6270.0 + 420.0,
        computed=lambda: calculated_capacity(
            parts=[
                Part(kind="absorber", mass=5.0, heat_capacity=385.0),
                Part(kind="insulation", mass=2.0, heat_capacity=800.0),
                Part(kind="liquid", mass=1.5, heat_capacity=4180.0),
                Part(kind="cover_1", mass=16.0, heat_capacity=750.0),
            ],
            a1=3.5,
            limits=limits_of("iso9806-2017-thermal-capacity"),
        ),
        relative=1e-12,
    ),
)
