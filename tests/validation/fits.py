"""Evidence for linear fits, fits with errors in both variables, elimination and flags."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from protocols.fits import Fit, linear, scaled_by_scatter
from protocols.metrology.effective_variance import WeightedFit, effective_variance, generalised
from protocols.metrology.errors_in_variables import (
    Curve,
    Points,
    inverted,
    points,
    polynomial,
    predicted,
    propagated_covariance,
)
from tests.protocols.conftest import DATA
from tests.validation.evidence import Evidence

CASES: dict[str, dict[str, Any]] = json.loads((DATA / "fits" / "cases.json").read_text("utf-8"))["cases"]
NIST: dict[str, dict[str, Any]] = json.loads((DATA / "nist_strd" / "linear.json").read_text("utf-8"))["sets"]
LINEAR, CURVE = "protocols.fits.linear", "protocols.metrology.errors_in_variables.polynomial"


def _design(case: dict[str, Any]) -> np.ndarray:
    x = np.array(case["x"], dtype=float)
    if case["degree"] is None:
        return np.column_stack([np.ones(x.shape[1]), *x])
    return np.asarray(x[0][:, None] ** np.arange(0 if case["intercept"] else 1, case["degree"] + 1))


def _certified(name: str) -> Fit:
    case = NIST[name]
    design = _design(case)
    return linear(design, case["y"], names=[f"B{place}" for place in range(design.shape[1])])


def _nist(name: str) -> list[Evidence]:
    case, where = NIST[name], f"NIST StRD {name}, certified"
    digits = float(case["gate_digits"])
    exact = not any(case["beta_sd"])
    return [
        Evidence(
            subject=LINEAR,
            what=f"coefficients of {name}",
            kind="published",
            reference=where,
            expected=tuple(case["beta"]),
            computed=lambda: _certified(name).values,
            relative=10.0**-digits,
        ),
        Evidence(
            subject=LINEAR,
            what=f"standard errors, residual sd and R² of {name}",
            kind="published",
            reference=where,
            expected=(*case["beta_sd"], case["residual_sd"], case["r_squared"]),
            computed=lambda: [*(fit := _certified(name)).standard_errors, fit.residual_sd, fit.r_squared],
            relative=10.0 ** -min(7.0, digits),
            absolute=1e-9 if exact else 0.0,
        ),
    ]


def line(name: str) -> Fit:
    """The weighted or ordinary line of a case."""
    given = CASES[name]["inputs"]
    x = np.array(given.get("x", given.get("t_degC")), dtype=float) - given.get("t0", 0.0)
    design = np.column_stack([np.ones(x.size), x])
    return linear(design, given.get("y", given.get("b_degC")), names="ab", standard_uncertainty=given.get("u_y"))


def five(fit: Fit | Curve) -> list[float]:
    """Intercept, slope, their standard uncertainties and their covariance."""
    return [*fit.values, *fit.standard_errors, float(fit.covariance[0, 1])]


def clause_9() -> Fit:
    """The generalised line of ISO/TS 28037 clause 9."""
    given = CASES["iso28037_gls_clause9"]["inputs"]
    x = np.array(given["x"], dtype=float)
    covariance = np.zeros((10, 10))
    covariance[:5, :5] = given["covariance_within_first_five"]
    covariance[5:, 5:] = given["covariance_within_last_five"]
    np.fill_diagonal(covariance, given["variance"])
    return linear(np.column_stack([np.ones(10), x]), given["y"], names="ab", covariance=covariance)


def annex_e(u_y: object = 1.0) -> Fit:
    """The line of ISO/TS 28037 Annex E, weights known up to a factor."""
    given = CASES["iso28037_annexE_unknown_scale"]["inputs"]
    design = np.column_stack([np.ones(6), given["x"]])
    return scaled_by_scatter(linear(design, given["y"], names="ab", standard_uncertainty=np.asarray(u_y, dtype=float)))


def points_of(name: str) -> Points:
    """Points of a case with uncertainties in x and y."""
    given = CASES[name]["inputs"]
    if "w_x" in given:
        u_x, u_y = (np.array(given[key], dtype=float) ** -0.5 for key in ("w_x", "w_y"))
        return points(given["x"], given["y"], u_x=u_x, u_y=u_y)
    return points(given["x"], given["y"], u_x=given["u_x"], u_y=given["u_y"], cov_xy=given.get("cov_xy", 0.0))


def b_least(degree: int = 1) -> Curve:
    """The analysis function x = G(y) of ISO 6143 example 2; its y is our x."""
    given = CASES["iso6143_bleast_ex2_linear"]["inputs"]
    return polynomial(points(given["y"], given["x"], u_x=given["u_y"], u_y=given["u_x"]), degree=degree)


def b_least_values() -> list[float]:
    """What the function gives at two new readings: values, standard uncertainties, covariance."""
    given, curve = CASES["iso6143_bleast_ex2_linear"]["inputs"], b_least()
    found = predicted(curve.values, curve.covariance, given["predict_y"], u_x=given["predict_u_y"])
    return [*found.values, *found.standard_uncertainties, float(found.covariance[0, 1])]


def gtc(name: str) -> list[float]:
    """Coefficients and their uncertainties by the law of propagation."""
    given = points_of(name)
    curve = polynomial(given)
    spread = propagated_covariance(given, curve)
    return [*curve.values, *np.sqrt(np.diag(spread)), float(spread[0, 1])]


def collector() -> dict[str, np.ndarray]:
    """Power per area, regressors and uncertainties of the sixteen points."""
    given = CASES["collector_16pt_estimators"]["inputs"]
    g, t_a, t_in, t_out, flow = (np.array(given[k]) for k in ("G", "theta_a", "theta_in", "theta_out", "mdot_kg_s"))
    above, rise = (t_in + t_out) / 2.0 - t_a, t_out - t_in
    power = flow * given["cp_J_kgK"] * rise / given["A_m2"]
    return {"G": g, "above": above, "rise": rise, "q": power, "X": np.column_stack([g, -above, -(above**2)])}


def annex_k() -> WeightedFit:
    """The efficiency form, every point independent."""
    made, stated = collector(), CASES["collector_16pt_estimators"]["expected"]
    u = stated["annexK_effective_variance_efficiency_form"]
    return effective_variance(
        made["X"] / made["G"][:, None],
        made["q"] / made["G"],
        names=("eta0", "a1", "a2"),
        u_response=u["u_eta"],
        u_design=np.column_stack([np.zeros(16), u["u_p2"], u["u_p3"]]),
    )


def with_common_errors() -> WeightedFit:
    """The power form with what all points share kept common."""
    made, u = collector(), CASES["collector_16pt_estimators"]["inputs"]["uncertainties"]

    def covariance(c: np.ndarray) -> np.ndarray:
        slope = c[1] + 2.0 * c[2] * made["above"]
        own = (
            slope**2 * (u["u_T_mean_K_random"] ** 2 + u["u_Ta_K_random"] ** 2)
            + (c[0] * made["G"] * u["u_rel_G_random"]) ** 2
            + (made["q"] * u["u_rel_m_random"]) ** 2
            + (made["q"] / made["rise"] * u["u_deltaT_K_random"]) ** 2
        )
        shared = [c[0] * made["G"] * u["u_rel_G_common"]]
        shared += [made["q"] * u[key] for key in ("u_rel_m_common", "u_rel_A_common", "u_rel_cp_common")]
        return np.asarray(np.diag(own) + sum(np.outer(each, each) for each in shared))

    return generalised(made["X"], made["q"], names=("eta0", "a1", "a2"), covariance=covariance)


def _natrella() -> list[float]:
    fit = line("natrella_youngs_modulus")
    at, new = np.array([1.0, 1200.0]), np.array([1.0, 750.0])
    variances = [at @ fit.covariance @ at, fit.residual_sd**2 + new @ fit.covariance @ new]
    return [*fit.values, *np.diag(fit.covariance), fit.residual_sd, *variances]


def _gum_h3() -> list[float]:
    fit = line("gum_H3_thermometer")
    at = predicted(fit.values, fit.covariance, 10.0)
    return [*fit.values, *fit.standard_errors, fit.residual_sd, *at.values, *at.standard_uncertainties]


def _iso_lines() -> list[Evidence]:
    made = []
    for name, y0, u0, source in (
        ("iso28037_wls_equal", 10.5, 0.5, "ISO/TS 28037:2010 6.3 example 1 and 11.1"),
        ("iso28037_wls_unequal", 10.5, 1.0, "ISO/TS 28037:2010 6.3 example 2 and 11.1"),
    ):
        said = CASES[name]["expected_published"]

        def computed(name: str = name, y0: float = y0, u0: float = u0) -> list[float]:
            fit = line(name)
            at = inverted(fit.values, fit.covariance, y0, u_y=u0)
            return [*five(fit), fit.residual_sd**2 * fit.dof, *at.values, *at.standard_uncertainties]

        made.append(
            _published(LINEAR, "weighted line: a, b, u(a), u(b), cov, chi², x0, u(x0)", source, computed, said, 0.0006)
        )
    return made


def _published(
    subject: str, what: str, source: str, computed: Callable[[], object], said: dict[str, float], absolute: float
) -> Evidence:
    keys = [key for key in ("a", "b", "u_a", "u_b", "cov", "chi2", "x0", "u_x0") if key in said]
    return Evidence(
        subject=subject,
        what=what,
        kind="published",
        reference=source,
        expected=tuple(said[key] for key in keys),
        computed=computed,
        absolute=absolute,
    )


def _clause_8() -> list[float]:
    curve = polynomial(points_of("iso28037_gdr2_clause8"))
    return [*five(curve), curve.chi2]


def _pearson() -> list[float]:
    curve = polynomial(points_of("pearson_york"))
    return [*five(curve), curve.chi2]


def _b_least() -> list[float]:
    curve = b_least()
    return [*five(curve), curve.chi2, curve.worst]


_PEARSON = CASES["pearson_york"]
_GTC = CASES["iso28037_gdr_clause7"]["expected_gtc"]
_B_LEAST = CASES["iso6143_bleast_ex2_linear"]["expected_published"]
_COLLECTOR = CASES["collector_16pt_estimators"]["expected"]
_ANNEX_K = _COLLECTOR["annexK_effective_variance_efficiency_form"]
_GLS = _COLLECTOR["GLS_full_covariance_power_form"]
_NATRELLA = CASES["natrella_youngs_modulus"]["expected_published"]
_H3 = CASES["gum_H3_thermometer"]["expected_published"]

EVIDENCE = (
    *(each for name in NIST for each in _nist(name)),
    *_iso_lines(),
    _published(
        LINEAR,
        "generalised line: a, b, u(a), u(b)",
        "ISO/TS 28037:2010 clause 9",
        lambda: [*clause_9().values, *clause_9().standard_errors],
        CASES["iso28037_gls_clause9"]["expected_published"],
        0.00006,
    ),
    _published(
        "protocols.fits.scaled_by_scatter",
        "line with weights known up to a factor: a, b, u(a), u(b), cov",
        "ISO/TS 28037:2010 Annex E",
        lambda: five(annex_e()),
        CASES["iso28037_annexE_unknown_scale"]["expected_published"],
        0.0006,
    ),
    Evidence(
        subject="protocols.fits.scaled_by_scatter",
        what="line with unequal weights known up to a factor: a, b, u(a), u(b), cov",
        kind="program",
        reference="R lm(weights), in the tests of GTC",
        expected=tuple(
            CASES["iso28037_annexE_unknown_scale"]["relative_weights_by_R"][key]
            for key in ("a", "b", "u_a", "u_b", "cov")
        ),
        computed=lambda: five(annex_e(CASES["iso28037_annexE_unknown_scale"]["relative_weights_by_R"]["u_y"])),
        absolute=6e-6,
    ),
    Evidence(
        subject=LINEAR,
        what="line, variances of its coefficients, s, variance of the line at 1200 and of a new value at 750",
        kind="published",
        reference="NBS Handbook 91, 5-4.1, Young's modulus against temperature",
        expected=tuple(
            _NATRELLA[key]
            for key in (
                "intercept", "slope", "var_intercept", "var_slope", "s", "var_fit_at_1200", "var_pred_at_750",
            )
        ),
        computed=_natrella,
        relative=5e-5,
    ),
    *(
        Evidence(
            subject=LINEAR,
            what=f"thermometer: {what}",
            kind="published",
            reference="JCGM 100:2008 H.3",
            expected=tuple(_H3[key] for key in keys),
            computed=lambda places=places: [_gum_h3()[place] for place in places],
            relative=relative,
        )
        for what, keys, places, relative in (
            ("y1, b(30 °C)", ("y1", "b30"), (0, 5), 3.4e-4),
            ("y2", ("y2",), (1,), 2.3e-3),
            ("s(y1), s(y2), s, u(b(30 °C))", ("s_y1", "s_y2", "s", "u_b30"), (2, 3, 4, 6), 0.018),
        )
    ),
    Evidence(
        subject=CURVE,
        what="line with u(x), u(y): chi²",
        kind="published",
        reference="ISO/TS 28037:2010 clause 7",
        expected=CASES["iso28037_gdr_clause7"]["expected_published"]["chi2"],
        computed=lambda: polynomial(points_of("iso28037_gdr_clause7")).chi2,
        absolute=5e-4,
    ),
    _published(
        CURVE,
        "line with u(x), u(y): a, b, u(a), u(b), cov",
        "ISO/TS 28037:2010 clause 7",
        lambda: five(polynomial(points_of("iso28037_gdr_clause7"))),
        {key: value for key, value in CASES["iso28037_gdr_clause7"]["expected_published"].items() if key != "chi2"},
        6e-5,
    ),
    Evidence(
        subject=CURVE,
        what="line with u(x), u(y), cov(x, y): a, b, u(a), u(b), cov, chi²",
        kind="program",
        reference="ISO/TS 28037:2010 clause 8 data, case iso28037_gdr2_clause8",
        expected=tuple(
            CASES["iso28037_gdr2_clause8"]["expected_recomputed"][key]
            for key in ("a", "b", "u_a", "u_b", "cov", "chi2")
        ),
        computed=_clause_8,
        relative=1e-8,
    ),
    Evidence(
        subject=CURVE,
        what="Pearson's data with York's weights: intercept, slope",
        kind="published",
        reference="D. York et al., Am. J. Phys. 72 (2004) 367",
        expected=(_PEARSON["expected_published"]["intercept"], _PEARSON["expected_published"]["slope"]),
        computed=lambda: polynomial(points_of("pearson_york")).values,
        relative=2e-9,
    ),
    Evidence(
        subject=CURVE,
        what="Pearson's data with York's weights: a, b, u(a), u(b), cov, chi²",
        kind="program",
        reference="case pearson_york",
        expected=tuple(
            _PEARSON["expected_recomputed"][key]
            for key in ("intercept", "slope", "u_intercept", "u_slope", "cov", "chi2")
        ),
        computed=_pearson,
        relative=1e-8,
    ),
    Evidence(
        subject="protocols.metrology.errors_in_variables.propagated_covariance",
        what="Pearson's data with York's weights: u(a), u(b), cov",
        kind="published",
        reference="P. Kalantar, Meas. Sci. Technol. 3 (1992) 1113, as in the tests of GTC",
        expected=tuple(_PEARSON["expected_published"][key] for key in ("u_intercept", "u_slope", "cov")),
        computed=lambda: gtc("pearson_york")[2:],
        absolute=2e-5,
    ),
    Evidence(
        subject="protocols.metrology.errors_in_variables.propagated_covariance",
        what="ISO/TS 28037:2010 clause 7: a, b, u(a), u(b), cov",
        kind="program",
        reference="GTC, documentation of straight-line functions",
        expected=tuple(_GTC[key] for key in ("a", "b", "u_a", "u_b", "cov")),
        computed=lambda: gtc("iso28037_gdr_clause7"),
        relative=1e-8,
    ),
    Evidence(
        subject=CURVE,
        what="analysis function: b0, b1, u, cov, chi², largest weighted deviation",
        kind="published",
        reference="ISO 6143:2001 example 2 (METAS B LEAST)",
        expected=(*_B_LEAST["b"], *_B_LEAST["u"], _B_LEAST["cov01"], _B_LEAST["chi2"], _B_LEAST["max_wdev"]),
        computed=_b_least,
        relative=1e-8,
    ),
    Evidence(
        subject="protocols.metrology.errors_in_variables.predicted",
        what="two readings through the analysis function: values, u, cov",
        kind="published",
        reference="ISO 6143:2001 example 2 (METAS B LEAST)",
        expected=(*_B_LEAST["x"], *_B_LEAST["u_x"], _B_LEAST["cov_x01"]),
        computed=b_least_values,
        relative=4e-9,
    ),
    Evidence(
        subject=CURVE,
        what="quadratic analysis function: chi²",
        kind="published",
        reference="ISO 6143:2001 example 2 (METAS B LEAST)",
        expected=1.39638,
        computed=lambda: b_least(2).chi2,
        absolute=5e-6,
    ),
    Evidence(
        subject="protocols.metrology.effective_variance.effective_variance",
        what="eta0, a1, a2, their u, chi², Q of 16 points, all independent",
        kind="program",
        reference="case collector_16pt_canonical",
        expected=(*_ANNEX_K["beta"], *_ANNEX_K["u"], _ANNEX_K["chi2"], _ANNEX_K["Q"]),
        computed=lambda: [
            *(found := annex_k()).fit.values, *found.fit.standard_errors, found.chi2, found.goodness,
        ],
        relative=1e-9,
        remark="Shown to be compared with: what the points share is not independent, and u(eta0) so is too small.",
    ),
    Evidence(
        subject="protocols.metrology.effective_variance.generalised",
        what="eta0, a1, a2, their u, chi² of 16 points with common errors",
        kind="program",
        reference="case collector_16pt_canonical",
        expected=(*_GLS["beta"], *_GLS["u"], _GLS["chi2"]),
        computed=lambda: [*(found := with_common_errors()).fit.values, *found.fit.standard_errors, found.chi2],
        relative=1e-9,
    ),
    Evidence(
        subject=LINEAR,
        what="eta0, a1, a2 and residual-based u of 16 points, ordinary fit of power",
        kind="program",
        reference="case collector_16pt_canonical",
        expected=(*_COLLECTOR["OLS_power_form"]["beta"], *_COLLECTOR["OLS_power_form"]["u_residual_based"]),
        computed=lambda: [
            *(found := linear(collector()["X"], collector()["q"], names="abc")).values, *found.standard_errors,
        ],
        relative=1e-9,
    ),
    Evidence(
        subject=CURVE,
        what="a and b of a line through (0, 0), (1, 2), (2, 1), (3, 3), u(x) = u(y)",
        kind="exact",
        reference="orthogonal regression: Sxx = Syy, so that b = 1 and a = 0",
        expected=(0.0, 1.0),
        computed=lambda: polynomial(points([0, 1, 2, 3], [0, 2, 1, 3], u_x=0.2, u_y=0.2)).values,
        absolute=1e-9,
    ),
)  # fmt: skip
