"""Evidence for control charts: NIST's handbook, Montgomery, the R package qcc, and constants by other means."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy import integrate, special

from protocols.statistics.chart_constants import chart_constants
from protocols.statistics.control_charts import Chart, cusum, ewma, individuals, means_and_deviations, means_and_ranges
from protocols.statistics.control_rules import nelson, westgard
from protocols.statistics.run_length import (
    cusum_run_length,
    cusum_two_sided_run_length,
    ewma_run_length,
    shewhart_run_length,
)
from tests.validation.evidence import Evidence

DATA = Path(__file__).parents[1] / "data" / "laboratory_statistics"
CASES: dict[str, Any] = json.loads((DATA / "control_charts.json").read_text("utf-8"))

_HANDBOOK = "NIST/SEMATECH e-Handbook of Statistical Methods, "
_CONSTANTS = [
    (int(n), name, value) for n, row in CASES["spc_constants"]["expected"].items() for name, value in row.items()
]
_SHIFTS = [float(shift) for shift in CASES["arl_anchors"]["expected"]]
_flow, _freeze, _viscosity = (CASES[k] for k in ("imr_nist_flowrate", "imr_antifreeze", "imr_viscosity"))
_ewma, _cusum, _montgomery, _rings = (CASES[k] for k in ("ewma_nist", "cusum_nist", "montgomery", "pistonrings"))
_groups = np.array(_rings["groups"])


def _limits(chart: Chart) -> list[float]:
    return [chart.centre, float(chart.lower[0]), float(chart.upper[0])]


def _anchors(name: str) -> list[float]:
    return [row[name] for row in CASES["arl_anchors"]["expected"].values()]


def _nist_ewma(*, steady: bool) -> Chart:
    given = _ewma["inputs"]
    return ewma(
        given["x"], target=given["EWMA0"], sigma=given["s"], weight=given["lam"], width=given["k"], steady=steady
    )


def _nist_cusum() -> list[float]:
    given = _cusum["inputs"]
    found = cusum(given["x"], target=given["target"], reference=given["k"], decision=given["h"])
    return [*found.upper, *found.lower, *found.signals]


def _range_moments(n: int) -> list[float]:
    """d2 and d3 by adaptive quadrature of P(W > w)."""

    def beyond(w: float) -> float:
        inside = integrate.quad(
            lambda x: np.exp(-x * x / 2) * (special.ndtr(x + w) - special.ndtr(x)) ** (n - 1), -9, 9, epsabs=1e-12
        )[0]
        return 1.0 - n * float(inside) / np.sqrt(2 * np.pi)

    w, dw = np.polynomial.legendre.leggauss(40)
    w, dw = 6.0 * (w + 1.0), 6.0 * dw
    p = np.array([beyond(one) for one in w])
    mean = float(dw @ p)
    return [mean, float(np.sqrt(2.0 * (dw * w) @ p - mean**2))]


def _rules(rules: str) -> list[float]:
    find = nelson if rules == "nelson" else westgard
    found = [(find(row["z"]), row[rules]) for row in CASES["rules_truth_table"].values()]
    return [float({rule: list(at) for rule, at in got.items() if at} == wanted) for got, wanted in found]


EVIDENCE = (
    Evidence(
        subject="protocols.statistics.chart_constants.chart_constants",
        what="d2, d3, c4, A2, A3, B3, B4, D3, D4 for n = 2 to 10",
        kind="exact",
        reference="independent quadrature to ten digits",
        expected=[value for *_, value in _CONSTANTS],
        computed=lambda: [getattr(chart_constants(n), name) for n, name, _ in _CONSTANTS],
        absolute=5e-11,
    ),
    Evidence(
        subject="protocols.statistics.chart_constants.chart_constants",
        what="d2 and d3 for n = 25",
        kind="program",
        reference="adaptive quadrature of scipy",
        expected=_range_moments(25),
        computed=lambda: [chart_constants(25).d2, chart_constants(25).d3],
        absolute=1e-8,
    ),
    Evidence(
        subject="protocols.statistics.chart_constants.chart_constants",
        what="c4 for n = 2, 12, ... 92",
        kind="program",
        reference="R package qcc by its port in yatsm, ten digits",
        expected=list(CASES["c4"].values()),
        computed=lambda: [chart_constants(int(n)).c4 for n in CASES["c4"]],
        absolute=1e-10,
    ),
    Evidence(
        subject="protocols.statistics.control_charts.individuals",
        what="centre and limits of flow rates, with the tabulated d2 = 1.128",
        kind="published",
        reference=_HANDBOOK + "6.3.2.2",
        expected=[50.81, 45.8159, 55.8041],
        computed=lambda: _limits(individuals(_flow["inputs"], d2=1.128)[0]),
        absolute=0.51e-4,
    ),
    Evidence(
        subject="protocols.statistics.control_charts.individuals",
        what="mean moving range of flow rates; upper limit with the exact d2",
        kind="program",
        reference="independent recomputation",
        expected=[_flow["expected_recomputed"][k] for k in ("MRbar", "UCL_exact_d2")],
        computed=lambda: [
            (charts := individuals(_flow["inputs"]))[1].centre,
            float(charts[0].upper[0]),
        ],
        relative=1e-10,
    ),
    Evidence(
        subject="protocols.statistics.control_charts.individuals",
        what="centre, limits and sigma of the water content of antifreeze",
        kind="program",
        reference="R package qcc, xbar.one",
        expected=[_freeze["expected_recomputed"][k] for k in ("center", "LCL", "UCL", "sigma_MR")],
        computed=lambda: [*_limits(chart := individuals(_freeze["inputs"])[0]), chart.sigma],
        relative=1e-9,
    ),
    Evidence(
        subject="protocols.statistics.control_charts.individuals",
        what="centre and limits of viscosity",
        kind="program",
        reference="R package qcc 2.7 by its ports: 33.52333, 32.24484, 34.80183",
        expected=[_viscosity["center"], *_viscosity["limits"]],
        computed=lambda: _limits(individuals(_viscosity["inputs"], d2=1.128)[0]),
        absolute=0.51e-5,
        remark="qcc takes d2 from a table of three decimals",
    ),
    Evidence(
        subject="protocols.statistics.control_charts.individuals",
        what="sigma of viscosity from moving ranges of 2 to 6 values",
        kind="program",
        reference="R package qcc 2.7, sd.xbar.one, seven digits",
        expected=list(_viscosity["sigma_by_span"].values()),
        computed=lambda: [
            individuals(_viscosity["inputs"], span=int(k), d2=round(chart_constants(int(k)).d2, 3))[0].sigma
            for k in _viscosity["sigma_by_span"]
        ],
        absolute=0.51e-7,
        remark="qcc takes d2 from a table of three decimals",
    ),
    Evidence(
        subject="protocols.statistics.control_charts.means_and_ranges",
        what="centre, limits and mean range of piston rings",
        kind="published",
        reference="Montgomery 1991, pp. 206-213, by the R package qcc 2.7: 74.00118, 73.98805, 74.0143, 0.02276",
        expected=[_rings["center"], *_rings["limits"], _rings["mean_range"]],
        computed=lambda: [
            *_limits((charts := means_and_ranges(_groups, baseline=_rings["baseline"]))[0]),
            charts[1].centre,
        ],
        absolute=0.51e-5,
    ),
    Evidence(
        subject="protocols.statistics.control_charts.means_and_ranges",
        what="warning limits at two standard deviations of the mean, piston rings",
        kind="program",
        reference="R package qcc 2.7, quick tour: 73.99242, 74.00993",
        expected=_rings["warning_limits"],
        computed=lambda: [
            (chart := means_and_ranges(_groups, baseline=25)[0]).centre - 2 * chart.sigma / 5**0.5,
            chart.centre + 2 * chart.sigma / 5**0.5,
        ],
        absolute=0.51e-5,
    ),
    Evidence(
        subject="protocols.statistics.control_charts.means_and_ranges",
        what="limits of ranges, piston rings",
        kind="program",
        reference="R package qcc 2.7: 0, 0.04812",
        expected=_rings["range_limits"],
        computed=lambda: _limits(means_and_ranges(_groups, baseline=25)[1])[1:],
        absolute=1e-5,
        remark="qcc takes d2 and d3 from tables of three decimals",
    ),
    Evidence(
        subject="protocols.statistics.control_charts.means_and_ranges",
        what="samples beyond the limits, piston rings (from 1)",
        kind="program",
        reference="R package qcc 2.7: 37, 38, 39",
        expected=_rings["signals_from_one"],
        computed=lambda: [place + 1 for place in means_and_ranges(_groups, baseline=25)[0].signals],
        absolute=1e-9,
    ),
    Evidence(
        subject="protocols.statistics.control_charts.means_and_deviations",
        what="sigma of 100 000 normal samples of five",
        kind="recovered",
        reference="drawn with sigma 2",
        expected=2.0,
        computed=lambda: means_and_deviations(np.random.default_rng(7).normal(1, 2, (100_000, 5)))[0].sigma,
        relative=0.005,
    ),
    Evidence(
        subject="protocols.statistics.control_charts.ewma",
        what="twenty averages",
        kind="published",
        reference=_HANDBOOK + "6.3.2.4",
        expected=_ewma["expected_published"]["ewma"][1:],
        computed=lambda: _nist_ewma(steady=True).points,
        absolute=0.0051,
    ),
    Evidence(
        subject="protocols.statistics.control_charts.ewma",
        what="steady limits",
        kind="published",
        reference=_HANDBOOK + "6.3.2.4: 47.4115 and 52.5884",
        expected=[_ewma["expected_published"][k] for k in ("LCL", "UCL")],
        computed=lambda: _limits(_nist_ewma(steady=True))[1:],
        absolute=1.01e-4,
        remark="the lower limit is printed cut off, not rounded",
    ),
    Evidence(
        subject="protocols.statistics.control_charts.ewma",
        what="twenty upper limits that open with time",
        kind="program",
        reference="independent recomputation",
        expected=_ewma["expected_recomputed"]["UCL_time_varying"],
        computed=lambda: _nist_ewma(steady=False).upper,
        relative=1e-12,
    ),
    Evidence(
        subject="protocols.statistics.control_charts.cusum",
        what="twenty upper and lower sums and the signals",
        kind="program",
        reference=_HANDBOOK + "6.3.2.3 (first signal at the 14th value), recomputed",
        expected=[
            *(_cusum["expected_recomputed"]["S_hi"] + _cusum["expected_recomputed"]["S_lo"]),
            *(place - 1 for place in _cusum["expected_recomputed"]["signals"]),
        ],
        computed=_nist_cusum,
        absolute=1e-9,
    ),
    Evidence(
        subject="protocols.statistics.control_charts.cusum",
        what="29 upper sums",
        kind="published",
        reference="Montgomery, Introduction to Statistical Quality Control, table 9.2: 5.28 at the 29th",
        expected=_montgomery["upper"],
        computed=lambda: cusum(_montgomery["x"], target=10, reference=0.5, decision=5).upper[:29],
        absolute=0.0051,
    ),
    Evidence(
        subject="protocols.statistics.control_rules.nelson",
        what="eleven sequences: 1 where all rules complete where they should",
        kind="exact",
        reference="truth table made from the definitions of the rules",
        expected=[1.0] * len(CASES["rules_truth_table"]),
        computed=lambda: _rules("nelson"),
        absolute=1e-9,
    ),
    Evidence(
        subject="protocols.statistics.control_rules.westgard",
        what="eleven sequences: 1 where all rules complete where they should",
        kind="exact",
        reference="truth table made from the definitions of the rules",
        expected=[1.0] * len(CASES["rules_truth_table"]),
        computed=lambda: _rules("westgard"),
        absolute=1e-9,
    ),
    Evidence(
        subject="protocols.statistics.run_length.shewhart_run_length",
        what="average run length at shifts 0, 0.5, 1 and 2: 370.4 to 6.3",
        kind="exact",
        reference="normal distribution function of scipy",
        expected=_anchors("shewhart"),
        computed=lambda: [shewhart_run_length(shift=s) for s in _SHIFTS],
        relative=1e-12,
    ),
    Evidence(
        subject="protocols.statistics.run_length.cusum_two_sided_run_length",
        what="average run length for k = 0.5, h = 5 at shifts 0, 0.5, 1 and 2: 465 to 4.0",
        kind="program",
        reference="independent Markov chain of Brook and Evans",
        expected=_anchors("cusum_two_sided_k05_h5"),
        computed=lambda: [cusum_two_sided_run_length(shift=s, reference=0.5, decision=5.0) for s in _SHIFTS],
        relative=1e-4,
        remark="the chain's states are finite; the integral equation is more exact",
    ),
    Evidence(
        subject="protocols.statistics.run_length.cusum_run_length",
        what="one-sided average run length for k = 0.5, h = 5",
        kind="published",
        reference="R package spc, xcusum.arl: 930.887 (from memory)",
        expected=930.887,
        computed=lambda: cusum_run_length(shift=0.0, reference=0.5, decision=5.0),
        absolute=0.00051,
    ),
    Evidence(
        subject="protocols.statistics.run_length.ewma_run_length",
        what="average run length for lambda = 0.1, L = 2.7 at shifts 0, 0.5, 1 and 2: 369 to 4.2",
        kind="program",
        reference="independent Markov chain of Brook and Evans",
        expected=_anchors("ewma_l01_L27"),
        computed=lambda: [ewma_run_length(shift=s, weight=0.1, width=2.7) for s in _SHIFTS],
        relative=3e-4,
    ),
    Evidence(
        subject="protocols.statistics.run_length.ewma_run_length",
        what="average run length for lambda = 0.1, L = 2.814 at shifts 0 and 1",
        kind="published",
        reference="Montgomery, Introduction to Statistical Quality Control: 500 and 10.3 (from memory)",
        expected=[500.0, 10.3],
        computed=lambda: [ewma_run_length(shift=s, weight=0.1, width=2.814) for s in (0.0, 1.0)],
        relative=0.005,
    ),
)
