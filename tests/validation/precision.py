"""Evidence for repeatability and reproducibility: the published examples of ISO 5725-2 and ASTM E691."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import statsmodels.api as sm
from scipy import stats

from protocols.statistics.precision import Precision, mandel_h_critical, mandel_k_critical, precision
from tests.validation.evidence import Evidence

DATA = Path(__file__).parents[1] / "data" / "laboratory_statistics"
CASES: dict[str, Any] = json.loads((DATA / "precision.json").read_text("utf-8"))

_SUBJECT = "protocols.statistics.precision.precision"
_E691 = "ASTM E691, serum glucose, 8 laboratories in triplicate (five values restored from memory)"


def _of(cells: list[list[float]], *names: str) -> Callable[[], object]:
    def computed() -> object:
        found: Precision = precision(cells)
        return np.concatenate([np.atleast_1d(getattr(found, name)) for name in names])

    return computed


def _coal() -> Iterator[Evidence]:
    for level, cells in CASES["coal"]["inputs"].items():
        published = CASES["coal"]["expected_published"][level]
        recomputed = CASES["coal"]["expected_recomputed"][level]
        yield Evidence(
            subject=_SUBJECT,
            what=f"m, s_r, s_R of sulfur in coal, level {level}, unequal cells [%]",
            kind="published",
            reference="ISO 5725-2:1994, annex B.1",
            expected=[published[k] for k in ("m", "s_r", "s_R")],
            computed=_of(cells, "mean", "repeatability", "reproducibility"),
            absolute=0.0005,
            remark="data from memory, text not read",
        )
        yield Evidence(
            subject=_SUBJECT,
            what=f"T1 to T5, s_r, s_L, s_R of sulfur in coal, level {level}",
            kind="program",
            reference="independent recomputation of the same cells",
            expected=[*recomputed["T"], recomputed["s_r"], recomputed["s_L"], recomputed["s_R"]],
            computed=_of(cells, "sums", "repeatability", "between", "reproducibility"),
            relative=1e-9,
        )


def _glucose() -> Iterator[Evidence]:
    for material, cells in CASES["glucose"]["inputs"].items():
        published = CASES["glucose"]["expected_published"][material]
        recomputed = CASES["glucose"]["expected_recomputed"][material]
        yield Evidence(
            subject=_SUBJECT,
            what=f"s_r, s_R of glucose, material {material} [mg/dl]",
            kind="published",
            reference=_E691,
            expected=[published[k] for k in ("s_r", "s_R")],
            computed=_of(cells, "repeatability", "reproducibility"),
            absolute=0.51e-4,
        )
        yield Evidence(
            subject=_SUBJECT,
            what=f"r, R, h and k of glucose, material {material}",
            kind="program",
            reference="independent recomputation of the same cells",
            expected=[recomputed["r"], recomputed["R"], *recomputed["h"], *recomputed["k"]],
            computed=_of(cells, "repeatability_limit", "reproducibility_limit", "h", "k"),
            relative=1e-9,
        )


def _mean_squares_by_regression() -> list[float]:
    """s_r and s_L of the unbalanced level 1 through statsmodels' regression on laboratories."""
    cells = CASES["coal"]["inputs"]["1"]
    counts = np.array([len(cell) for cell in cells])
    fit = sm.OLS(np.concatenate(cells), np.repeat(np.eye(len(cells)), counts, axis=0)).fit()
    size = (counts.sum() - np.sum(counts**2) / counts.sum()) / (len(cells) - 1)
    between = fit.ess / (len(cells) - 1)  # statsmodels finds the constant among the columns
    return [float(np.sqrt(fit.mse_resid)), float(np.sqrt((between - fit.mse_resid) / size))]


def _relative(name: str, deviation: str, cells: list[list[float]]) -> float:
    found = precision(cells)
    return float(1.96 * getattr(found, name) / getattr(found, deviation))


def _reproducibility_uncertainty(*, p: int, n: int, gamma: float) -> float:
    """A_R of ISO 5725-1, of s_R: at most so far from sigma_R, relative, in 95 of 100 cases."""
    return float(
        1.96 * np.sqrt((p * (1 + n * (gamma**2 - 1)) ** 2 + (n - 1) * (p - 1)) / (2 * gamma**4 * n**2 * (p - 1) * p))
    )


def _gamma(cells: list[list[float]]) -> float:
    found = precision(cells)
    return found.reproducibility / found.repeatability


def _h_by_t_statistic(p: int, level: float) -> float:
    """|h| that makes the largest laboratory an outlier among the others by the two-sample t test."""
    t = stats.t.ppf(1 - level / 2, p - 2)
    return float((p - 1) / np.sqrt(p) / np.sqrt(1 + (p - 2) / t**2))


_C = CASES["glucose"]["inputs"]["C"]

EVIDENCE = (
    *_coal(),
    *_glucose(),
    Evidence(
        subject=_SUBJECT,
        what="mean of glucose, five materials [mg/dl]",
        kind="published",
        reference=_E691,
        expected=[row["mean"] for row in CASES["glucose"]["expected_published"].values()],
        computed=lambda: [precision(cells).mean for cells in CASES["glucose"]["inputs"].values()],
        absolute=2e-4,
        remark="the printed means are those of rounded cell averages",
    ),
    Evidence(
        subject=_SUBJECT,
        what="s_r and s_L of unequal cells",
        kind="program",
        reference="analysis of variance by statsmodels OLS, ISO 5725-2 coal, level 1",
        expected=_mean_squares_by_regression(),
        computed=_of(CASES["coal"]["inputs"]["1"], "repeatability", "between"),
        relative=1e-9,
    ),
    Evidence(
        subject=_SUBJECT,
        what="A_r and A_R, relative 95 % uncertainties of s_r and s_R",
        kind="exact",
        reference="ISO 5725-1:1994, 6.3, for equal cells (formulas from memory), at glucose, material C",
        expected=[1.96 / np.sqrt(2 * 8 * 2), _reproducibility_uncertainty(p=8, n=3, gamma=_gamma(_C))],
        computed=lambda: [
            _relative("repeatability_uncertainty", "repeatability", _C),
            _relative("reproducibility_uncertainty", "reproducibility", _C),
        ],
        relative=1e-9,
    ),
    Evidence(
        subject="protocols.statistics.precision.mandel_h_critical",
        what="h at 0.5 % for 8 laboratories",
        kind="published",
        reference="ASTM E691, glucose: 2.15 (from memory)",
        expected=2.15,
        computed=lambda: mandel_h_critical(8, level=0.005),
        absolute=0.005,
    ),
    Evidence(
        subject="protocols.statistics.precision.mandel_h_critical",
        what="h at 1 % and 5 % for 3, 8 and 30 laboratories",
        kind="program",
        reference="t quantiles of scipy",
        expected=[_h_by_t_statistic(p, level) for p in (3, 8, 30) for level in (0.01, 0.05)],
        computed=lambda: [mandel_h_critical(p, level=level) for p in (3, 8, 30) for level in (0.01, 0.05)],
        relative=1e-9,
    ),
    Evidence(
        subject="protocols.statistics.precision.mandel_k_critical",
        what="k at 0.5 % for 8 laboratories in triplicate",
        kind="published",
        reference="ASTM E691, glucose: 2.06 (from memory)",
        expected=2.06,
        computed=lambda: mandel_k_critical(8, replicates=3, level=0.005),
        absolute=0.005,
    ),
    Evidence(
        subject="protocols.statistics.precision.mandel_k_critical",
        what="k at 1 % and 5 %, squared: p times the 99 % and 95 % quantile of a beta distribution",
        kind="exact",
        reference="s_i^2 over sum s^2 is beta((n - 1)/2, (p - 1)(n - 1)/2); quantiles of scipy",
        expected=[8 * stats.beta.ppf(1 - level, 1.0, 7.0) for level in (0.01, 0.05)],
        computed=lambda: [mandel_k_critical(8, replicates=3, level=level) ** 2 for level in (0.01, 0.05)],
        relative=1e-9,
    ),
)
