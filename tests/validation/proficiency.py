"""Evidence for proficiency testing: the numbers that ISO 13528:2022 prints in its Annex E."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from protocols.statistics import consensus, homogeneity, proficiency
from tests.validation.evidence import Evidence

DATA = Path(__file__).parents[1] / "data" / "laboratory_statistics"
CASES: dict[str, Any] = json.loads((DATA / "proficiency.json").read_text("utf-8"))

_E1, _E2, _E3, _E4 = (CASES[k] for k in ("E1_censored", "E2_homogeneity", "E3_atrazine", "E4_scores"))
_E5, _E7, _E10, _E13 = (CASES[k] for k in ("E5_reference_material", "E7_comparison", "E10_precision", "E13_replicates"))
_x = np.array(_E3["inputs"]["x"])
_mercury = np.array([row["x"] for row in _E4["rows"]])
_U = np.array([row["U"] for row in _E4["rows"]])
_k = np.array([row["k"] for row in _E4["rows"]])
_x_pt, _U_pt, _sigma = (_E4["inputs"][k] for k in ("x_pt", "U_x_pt", "sigma_pt"))
_chocolate = _E2["inputs"]["duplicates"]
_sigma_chocolate = 0.15 * float(np.mean(_chocolate))


def _triple(found: consensus.Consensus) -> list[float]:
    return [found.value, found.standard_deviation, found.standard_uncertainty]


def _published(name: str) -> list[float]:
    return list(_E3["expected_published"][name].values())


def _column(name: str) -> list[float]:
    return [row["published"][name] for row in _E4["rows"]]


def _scores(name: str, what: str, column: str, half: float, computed: Callable[[], object]) -> Evidence:
    return Evidence(
        subject=f"protocols.statistics.proficiency.{name}",
        what=what,
        kind="published",
        reference="ISO 13528:2022, example E.4 (mercury in feed, 21 laboratories), by pt13528 0.1.8",
        expected=_column(column),
        computed=computed,
        absolute=half,
    )


def _homogeneity() -> list[float]:
    found = homogeneity.homogeneity(_chocolate, sigma=_sigma_chocolate)
    return [found.mean, found.s_x, found.s_w, found.s_s, found.criterion]


def _comparison() -> list[float]:
    found = consensus.algorithm_a(_mercury)
    against = proficiency.compared_with_reference(
        consensus=found.value,
        consensus_uncertainty=found.standard_uncertainty,
        reference=_x_pt,
        reference_uncertainty=_U_pt / 2,
    )
    return [found.standard_uncertainty, against.standard_uncertainty]


def _assigned() -> list[float]:
    found = proficiency.from_reference_material(_E5["d"], reference=_E5["x_crm"], reference_uncertainty=_E5["u_crm"])
    return [found.value, found.standard_uncertainty, found.contributions["comparison"]]


def _hampel_by_root() -> float:
    """Solve Hampel's equation by scipy's root finder around the median."""
    from scipy.optimize import brentq

    s = consensus.q_method(_x)

    def influence(place: float) -> float:
        q = (_x - place) / s
        size = np.abs(q)
        return float(np.sum(np.sign(q) * np.where(size < 3, np.minimum(size, 1.5), np.maximum(4.5 - size, 0.0))))

    return float(brentq(influence, float(np.median(_x)) - s, float(np.median(_x)) + s, xtol=1e-14))


_TABLE_B1 = {int(g): pair for g, pair in _E2["table_B1"].items()}

EVIDENCE = (
    Evidence(
        subject="protocols.statistics.consensus.algorithm_a",
        what="x*, s*, u(x_pt) of 34 results",
        kind="published",
        reference="ISO 13528:2022, example E.3 (atrazine), by pt13528 0.1.8",
        expected=_published("algorithm_A"),
        computed=lambda: _triple(consensus.algorithm_a(_x)),
        absolute=0.5e-4,
    ),
    Evidence(
        subject="protocols.statistics.consensus.algorithm_a",
        what="x* and s* converged",
        kind="program",
        reference="independent recomputation of E.3, 30 iterations",
        expected=[_E3["expected_recomputed"]["algorithm_A_converged"][k] for k in "xs"],
        computed=lambda: _triple(consensus.algorithm_a(_x, stopping="converged"))[:2],
        relative=1e-10,
    ),
    Evidence(
        subject="protocols.statistics.consensus.algorithm_a",
        what="x*, s* with the limit itself for a result below it",
        kind="published",
        reference="ISO 13528:2022, example E.1, first column, by pt13528 0.1.8",
        expected=[_E1["ignored"]["x_star"], _E1["ignored"]["s_star"]],
        computed=lambda: _triple(consensus.algorithm_a(_E1["ignored"]["x"]))[:2],
        absolute=0.005,
        remark="by the third-figure rule; converged, s* is 7.24",
    ),
    Evidence(
        subject="protocols.statistics.consensus.algorithm_a",
        what="x*, s* without the results below the limit",
        kind="published",
        reference="ISO 13528:2022, example E.1, second column, by pt13528 0.1.8",
        expected=[_E1["deleted"]["x_star"], _E1["deleted"]["s_star"]],
        computed=lambda: _triple(consensus.algorithm_a(_E1["deleted"]["x"]))[:2],
        absolute=0.005,
    ),
    Evidence(
        subject="protocols.statistics.consensus.algorithm_a",
        what="s* with half of the limit",
        kind="published",
        reference="ISO 13528:2022, example E.1, third column, by pt13528 0.1.8",
        expected=_E1["half"]["s_star"],
        computed=lambda: consensus.algorithm_a(_E1["half"]["x"], stopping="converged").standard_deviation,
        absolute=0.005,
        remark="converged; the printed x* 23.95 follows from neither stopping rule (23.96)",
    ),
    Evidence(
        subject="protocols.statistics.consensus.algorithm_a",
        what="x* and s* of 21 results",
        kind="published",
        reference="ISO 13528:2022, example E.7, by pt13528 0.1.8",
        expected=[_E7["published"]["x_star"] * 10, _E7["published"]["s_star"]],
        computed=lambda: [
            10 * consensus.algorithm_a(_mercury).value,
            consensus.algorithm_a(_mercury).standard_deviation,
        ],
        absolute=0.5e-4,
    ),
    Evidence(
        subject="protocols.statistics.consensus.algorithm_s",
        what="w* of 25 standard deviations of four replicates",
        kind="published",
        reference="ISO 13528:2022, example E.13, by pt13528 0.1.8",
        expected=_E13["published"]["w_star"],
        computed=lambda: consensus.algorithm_s(_E13["deviations"], dof=_E13["replicates"] - 1),
        absolute=0.005,
    ),
    Evidence(
        subject="protocols.statistics.consensus.algorithm_a",
        what="x* of 25 averages",
        kind="published",
        reference="ISO 13528:2022, example E.13, by pt13528 0.1.8",
        expected=_E13["published"]["x_star"],
        computed=lambda: consensus.algorithm_a(_E13["averages"]).value,
        absolute=0.005,
    ),
    Evidence(
        subject="protocols.statistics.consensus.q_hampel",
        what="x*, s*, u(x_pt) of 34 results",
        kind="published",
        reference="ISO 13528:2022, example E.3 (atrazine), by pt13528 0.1.8",
        expected=_published("Q_Hampel"),
        computed=lambda: _triple(consensus.q_hampel(_x)),
        absolute=0.5e-4,
    ),
    Evidence(
        subject="protocols.statistics.consensus.hampel",
        what="x* of 34 results",
        kind="program",
        reference="root of the same equation by scipy",
        expected=_hampel_by_root(),
        computed=lambda: consensus.hampel(_x, standard_deviation=consensus.q_method(_x)),
        absolute=1e-10,
    ),
    Evidence(
        subject="protocols.statistics.consensus.median",
        what="median, nIQR and u(x_pt) of 34 results",
        kind="published",
        reference="ISO 13528:2022, example E.3 (atrazine), by pt13528 0.1.8",
        expected=[0.2620, 0.0402, 0.0086],
        computed=lambda: _triple(consensus.median(_x)),
        absolute=0.5e-4,
    ),
    Evidence(
        subject="protocols.statistics.consensus.median_absolute_deviation",
        what="MADe of 34 results",
        kind="published",
        reference="ISO 13528:2022, example E.3 (atrazine), by pt13528 0.1.8",
        expected=0.0386,
        computed=lambda: consensus.median_absolute_deviation(_x),
        absolute=0.5e-4,
    ),
    Evidence(
        subject="protocols.statistics.consensus.mean",
        what="mean, s and u of 34 results",
        kind="published",
        reference="ISO 13528:2022, example E.3 (atrazine), by pt13528 0.1.8",
        expected=_published("mean"),
        computed=lambda: _triple(consensus.mean(_x)),
        absolute=0.5e-4,
    ),
    _scores(
        "difference_percent", "D%", "D_pct", 0.05, lambda: proficiency.difference_percent(_mercury, assigned=_x_pt)
    ),
    _scores(
        "allowed_percent",
        "P_A",
        "PA",
        0.05,
        lambda: proficiency.allowed_percent(_mercury, assigned=_x_pt, allowed=3 * _sigma),
    ),
    _scores("z_score", "z", "z", 0.005, lambda: proficiency.z_score(_mercury, assigned=_x_pt, sigma=_sigma)),
    _scores(
        "z_prime_score",
        "z'",
        "z_prime",
        0.005,
        lambda: proficiency.z_prime_score(_mercury, assigned=_x_pt, sigma=_sigma, assigned_uncertainty=_U_pt / 2),
    ),
    _scores(
        "zeta_score",
        "zeta",
        "zeta",
        0.005,
        lambda: proficiency.zeta_score(_mercury, uncertainty=_U / _k, assigned=_x_pt, assigned_uncertainty=_U_pt / 2),
    ),
    _scores(
        "en_score",
        "E_n",
        "En",
        0.005,
        lambda: proficiency.en_score(_mercury, expanded=_U, assigned=_x_pt, assigned_expanded=_U_pt),
    ),
    Evidence(
        subject="protocols.statistics.homogeneity.homogeneity",
        what="mean, s_x, s_w, s_s, 0.3 sigma_pt of ten items tested twice",
        kind="published",
        reference="ISO 13528:2022, example E.2 (arsenic in chocolate), by pt13528 0.1.8",
        expected=[_E2["expected_published"][k] for k in ("mean", "s_x", "s_w", "s_s", "crit_0p3")],
        computed=_homogeneity,
        absolute=0.501e-5,
    ),
    Evidence(
        subject="protocols.statistics.homogeneity.homogeneity",
        what="s_s and the expanded criterion",
        kind="program",
        reference="independent recomputation of E.2",
        expected=[_E2["expected_recomputed"][k] for k in ("s_s", "expanded_crit")],
        computed=lambda: [
            (found := homogeneity.homogeneity(_chocolate, sigma=_sigma_chocolate)).s_s,
            found.expanded_criterion,
        ],
        relative=1e-9,
    ),
    Evidence(
        subject="protocols.statistics.homogeneity.expanded_factors",
        what="F1 and F2 for 7 to 20 items tested twice",
        kind="published",
        reference="ISO 13528:2022, table B.1, by pt13528 0.1.8",
        expected=[value for pair in _TABLE_B1.values() for value in pair],
        computed=lambda: [value for g in _TABLE_B1 for value in homogeneity.expanded_factors(items=g)],
        absolute=0.005,
    ),
    Evidence(
        subject="protocols.statistics.homogeneity.stability",
        what="difference of the means",
        kind="published",
        reference="ISO 13528:2022, example E.2 (arsenic in chocolate), by pt13528 0.1.8",
        expected=_E2["expected_published"]["stability_diff"],
        computed=lambda: (
            homogeneity.stability(_chocolate, _E2["inputs"]["stability"], sigma=_sigma_chocolate).difference
        ),
        absolute=0.5e-5,
    ),
    Evidence(
        subject="protocols.statistics.proficiency.from_reference_material",
        what="x_pt, u(x_pt), u_d",
        kind="published",
        reference="ISO 13528:2022, example E.5 (Los Angeles value), by pt13528 0.1.8",
        expected=list(_E5["published"].values()),
        computed=_assigned,
        absolute=0.005,
    ),
    Evidence(
        subject="protocols.statistics.proficiency.compared_with_reference",
        what="u(x*) and u of the difference",
        kind="published",
        reference="ISO 13528:2022, example E.7, by pt13528 0.1.8",
        expected=[_E7["published"]["u_x_star"], _E7["published"]["u_diff"]],
        computed=_comparison,
        absolute=0.5e-4,
    ),
    Evidence(
        subject="protocols.statistics.proficiency.horwitz_sigma",
        what="sigma_pt at 1.195 and 2.565 mg/kg [mg/kg]",
        kind="published",
        reference="ISO 13528:2022, example E.9, by pt13528 0.1.8",
        expected=[one["sigma"] * 1e6 for one in CASES["E9_horwitz"]],
        computed=lambda: proficiency.horwitz_sigma([one["mass_fraction"] for one in CASES["E9_horwitz"]]) * 1e6,
        absolute=0.0005,
    ),
    Evidence(
        subject="protocols.statistics.proficiency.precision_sigma",
        what="sigma_pt from s_R and s_r of a precision experiment",
        kind="published",
        reference="ISO 13528:2022, example E.10, by pt13528 0.1.8",
        expected=_E10["sigma_pt"],
        computed=lambda: proficiency.precision_sigma(
            reproducibility=_E10["s_R"], repeatability=_E10["s_r"], replicates=_E10["replicates"]
        ),
        absolute=0.05,
    ),
    Evidence(
        subject="protocols.statistics.consensus.algorithm_s",
        what="eta and xi leave the pooled value of normal data unbiased: w* / sigma",
        kind="recovered",
        reference="5 000 variances drawn from chi-squared with 3 degrees of freedom",
        expected=1.0,
        computed=lambda: consensus.algorithm_s(np.sqrt(stats.chi2.rvs(3, size=5000, random_state=1) / 3), dof=3),
        absolute=0.015,
    ),
)
