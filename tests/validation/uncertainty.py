"""Evidence for distributions, propagated uncertainties and coverage factors."""

import numpy as np
from scipy import stats

from protocols.fits import linear
from protocols.metrology import distributions
from protocols.metrology.coverage import coverage_factor
from protocols.metrology.draws import normal, of_inputs, rectangular
from protocols.metrology.gum import Input, first_order, first_order_joint, second_order
from protocols.metrology.inputs import from_expanded, from_joint_readings
from protocols.metrology.inputs import rectangular as half_known
from protocols.metrology.montecarlo import SYMMETRIC, adaptive, draw, summary
from protocols.uncertainty import transformed
from tests.protocols.metrology.test_gum import CASES, gauge, gauge_inputs, impedance
from tests.protocols.metrology.test_montecarlo import CASES as DRAWN
from tests.protocols.metrology.test_montecarlo import MASS, gauge_sampler, mass, seeded, total
from tests.protocols.metrology.test_montecarlo import gauge as gauge_deviation
from tests.validation.evidence import Evidence

_P = np.array([1e-10, 1e-6, 1e-3, 0.025, 0.3, 0.5, 0.9, 0.975, 0.999])
_DOF = np.array([0.5, 1.0, 5.0, 16.0, 100.0, 1e5])[:, None]


def _impedance() -> list[float]:
    readings = [CASES["gum_H2_R_X_Z"]["inputs"][name] for name in ("V", "I", "phi")]
    inputs, correlation = from_joint_readings(["V", "I", "phi"], readings)
    found = first_order_joint(impedance, inputs, correlation=correlation)
    return [*found.values, *found.standard_uncertainties, *found.correlation[np.triu_indices(3, 1)]]


def _thermometer() -> list[float]:
    given = CASES["gum_H3_thermometer"]["inputs"]
    above = np.array(given["t_degC"]) - given["t0"]
    fit = linear(np.column_stack([np.ones_like(above), above]), np.array(given["b_degC"]), names=["y1", "y2"])
    at = np.array([[1.0, given["predict_at"] - given["t0"]]])
    u = float(np.sqrt(transformed(fit.covariance, at)[0, 0]))
    return [*fit.values, *fit.standard_errors, float(fit.correlations[0, 1]), float((at @ fit.values)[0]), u]


def _weight() -> list[float]:
    inputs = [
        from_expanded("m_S", 10000.005, expanded_uncertainty=0.045, coverage_factor=2.0),
        half_known("drift", 0.0, half_width=0.015),
        Input(name="delta_m", value=0.02, standard_uncertainty=0.025 / 3.0**0.5),
        half_known("eccentricity", 0.0, half_width=0.01),
        half_known("buoyancy", 0.0, half_width=0.01),
    ]
    found = first_order(total, inputs)
    return [1000.0 * (found.value - 10000.0), 2000.0 * found.standard_uncertainty]


def _table() -> dict[str, dict[str, float]]:
    return {dof: row for dof, row in CASES["gum_G2_t_table"]["expected"].items() if dof != "inf"}


def _four_rectangles() -> list[float]:
    sampler = rectangular(np.full(4, -(3.0**0.5)), 3.0**0.5)
    found = summary(draw(total, sampler, draws=200_000, rng=seeded()), interval=SYMMETRIC)
    return [found.standard_uncertainty, found.low, found.high]


def _gauge_block() -> list[float]:
    found = summary(draw(gauge_deviation, gauge_sampler(), draws=400_000, rng=seeded(), workers=2), probability=0.99)
    return [found.value, found.standard_uncertainty, found.low, found.high]


def _loss() -> list[float]:
    drawn = draw(lambda x: x[0] ** 2 + x[1] ** 2, normal([0.010, 0.0], 0.005), draws=200_000, rng=seeded())
    found = summary(drawn, interval=SYMMETRIC)
    return [1e6 * each for each in (found.value, found.standard_uncertainty, found.low, found.high)]


def _mass() -> list[float]:
    found = adaptive(mass, of_inputs(MASS), rng=seeded(5), digits=1)
    return [found.value, found.standard_uncertainty, found.low, found.high]


EVIDENCE = (
    Evidence(
        subject="protocols.metrology.distributions.t_ppf",
        what="quantiles for p from 1e-10 to 0.999 and 0.5 to 100 000 degrees of freedom",
        kind="program",
        reference="scipy.stats",
        expected=stats.t.ppf(_P, _DOF),
        computed=lambda: distributions.t_ppf(_P, _DOF),
        absolute=1e-15,
        relative=1e-11,
    ),
    Evidence(
        subject="protocols.metrology.distributions.chi2_ppf",
        what="quantiles for p from 1e-10 to 0.999 and 0.5 to 100 000 degrees of freedom",
        kind="program",
        reference="scipy.stats",
        expected=stats.chi2.ppf(_P, _DOF),
        computed=lambda: distributions.chi2_ppf(_P, _DOF),
        relative=1e-11,
    ),
    Evidence(
        subject="protocols.metrology.distributions.f_ppf",
        what="quantiles for p from 1e-10 to 0.999, 0.5 to 100 000 over 7.5 degrees of freedom",
        kind="program",
        reference="scipy.stats",
        expected=stats.f.ppf(_P, _DOF, 7.5),
        computed=lambda: distributions.f_ppf(_P, _DOF, 7.5),
        relative=1e-11,
    ),
    Evidence(
        subject="protocols.metrology.coverage.coverage_factor",
        what="k for 1 to 100 degrees of freedom and 68.27 % to 99.73 %",
        kind="program",
        reference="JCGM 100:2008 table G.2, to 16 digits by scipy.stats",
        expected=[k for row in _table().values() for k in row.values()],
        computed=lambda: [
            coverage_factor(probability=float(percent) / 100.0, dof=float(dof))
            for dof, row in _table().items()
            for percent in row
        ],
        relative=1e-12,
    ),
    Evidence(
        subject="protocols.metrology.gum.first_order",
        what="end gauge: length, u [nm], effective degrees of freedom, U of 99 % [nm]",
        kind="published",
        reference="JCGM 100:2008 H.1: 50 000 838 nm, 32 nm, 16 (of 16.75, recomputed), 93 nm",
        expected=(50000838.0, 32.0, 16.75, 93.0),
        computed=lambda: (
            (found := first_order(gauge, gauge_inputs())).value,
            found.standard_uncertainty,
            found.dof,
            found.expanded(0.99).expanded_uncertainty,
        ),
        absolute=0.55,
        remark="The printed U is 2.92 times the rounded 32 nm; unrounded it is 92.5 nm.",
    ),
    Evidence(
        subject="protocols.metrology.gum.second_order",
        what="end gauge with terms of second order, u [nm]",
        kind="published",
        reference="JCGM 100:2008 H.1.7: 34 nm",
        expected=34.0,
        computed=lambda: second_order(gauge, gauge_inputs()).standard_uncertainty,
        absolute=0.5,
    ),
    Evidence(
        subject="protocols.metrology.gum.first_order_joint",
        what="resistance, reactance, impedance [ohm], their u and correlations, from five joint readings",
        kind="published",
        reference="JCGM 100:2008 H.2, table H.4",
        expected=(127.732, 219.847, 254.260, 0.071, 0.295, 0.236, -0.588, -0.485, 0.993),
        computed=_impedance,
        absolute=6e-4,
        remark="H.2 prints 0.295 where its own readings give 0.2956.",
    ),
    Evidence(
        subject="protocols.metrology.gum.first_order",
        what="mass of 9.3: u of first order [mg]",
        kind="published",
        reference="JCGM 101:2008 9.3: 0.0539 mg (and 0.0750 mg to second order)",
        expected=0.0539,
        computed=lambda: first_order(mass, MASS).standard_uncertainty,
        absolute=5.1e-5,
    ),
    Evidence(
        subject="protocols.metrology.gum.second_order",
        what="mass of 9.3: u of second order [mg]",
        kind="published",
        reference="JCGM 101:2008 9.3: 0.0750 mg",
        expected=0.0750,
        computed=lambda: second_order(mass, MASS).standard_uncertainty,
        absolute=5.1e-5,
    ),
    Evidence(
        subject="protocols.metrology.montecarlo.adaptive",
        what="mass of 9.3, one digit: mean, u, shortest 95 % interval [mg]",
        kind="program",
        reference="an independent run of the adaptive procedure; exact u 0.0755 mg",
        expected=(1.234, 0.0755, 1.084, 1.383),
        computed=_mass,
        absolute=0.005,
        remark="Within delta = 0.005 mg, the tolerance the procedure promises.",
    ),
    Evidence(
        subject="protocols.metrology.montecarlo.summary",
        what="sum of four rectangles: u, 95 % interval",
        kind="exact",
        reference="2 sqrt 3 (2 - (3/5)^(1/4)) = 3.8794; JCGM 101:2008 9.2.3 prints 3.88",
        expected=(2.0, *DRAWN["jcgm101_9_2_additive"]["cases"][1]["expected"]["exact"]),
        computed=_four_rectangles,
        absolute=0.035,
        remark="200 000 draws.",
    ),
    Evidence(
        subject="protocols.metrology.montecarlo.summary",
        what="gauge block: mean, u, shortest 99 % interval [nm]",
        kind="published",
        reference="JCGM 101:2008 9.5: 838, 36, [745, 932]",
        expected=(838.0, 36.0, 745.0, 932.0),
        computed=_gauge_block,
        absolute=2.5,
        remark="400 000 draws; an end of a 99 % interval is known to some 1 nm.",
    ),
    Evidence(
        subject="protocols.metrology.montecarlo.summary",
        what="comparison loss at x1 = 0.010: mean, u, 95 % interval symmetric in probability [1e-6]",
        kind="exact",
        reference="noncentral chi-squared by scipy; JCGM 101:2008 9.4",
        expected=(150.0, 111.803, *(25.0 * stats.ncx2(2, 4.0).ppf([0.025, 0.975]))),
        computed=_loss,
        relative=0.02,
        remark="200 000 draws.",
    ),
    Evidence(
        subject="protocols.uncertainty.transformed",
        what="thermometer: both coefficients, their u, correlation, correction at 30 deg C and its u",
        kind="published",
        reference="JCGM 100:2008 H.3",
        expected=(-0.1712, 0.00218, 0.0029, 0.00067, -0.930, -0.1494, 0.0041),
        computed=_thermometer,
        absolute=5.1e-5,
        relative=5e-4,
    ),
    Evidence(
        subject="protocols.metrology.gum.first_order",
        what="weight of 10 kg: what it exceeds and its expanded uncertainty, k = 2 [mg]",
        kind="published",
        reference="EA-4/02 supplement S2: 10 000.025 g, 59 mg",
        expected=(25.0, 59.0),
        computed=_weight,
        absolute=0.5,
    ),
)
