"""Fit 16 steady points with 84 uncertain inputs, with common errors kept common, beside GTC doing the same.

    python -m benchmarks.steady_fit [--json] [--repeat 20]

Both start from the same numbers (80 values with their uncertainty from point to point and 4 errors common to all) and
end with eta0hem, a1, a2 and their full covariance. GTC carries every uncertain number through the normal equations;
ours differentiates the fit. Times are medians over turns of ten calls each.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import GTC
import numpy as np
from GTC import la
from numpy.typing import NDArray

from benchmarks._timing import in_turns, main
from protocols.steady_state.model import Effect, uncertain_fit

Array = NDArray[np.float64]
CASE = Path(__file__).parents[1] / "tests" / "data" / "steady_state" / "collector_16pt.json"
CALLS = 10  # in a turn


def ours(raw: dict[str, Any]) -> tuple[Array, Array]:
    """Form, fit and propagate with Heliobench."""
    u = raw["uncertainties"]
    G, t_a, t_in, t_out, m = (np.array(raw[n]) for n in ("G", "theta_a", "theta_in", "theta_out", "mdot_kg_s"))
    rise, above = t_out - t_in, (t_in + t_out) / 2.0 - t_a
    q = m * raw["cp_J_kgK"] * rise / raw["A_m2"]
    none = np.zeros(q.size)
    by_G, by_t = np.column_stack([G, none, none]), np.column_stack([none, none - 1.0, -2.0 * above])
    design = np.column_stack([G, -above, -(above**2)])
    values, result = uncertain_fit(
        design=design,
        response=q,
        names=("eta0hem", "a1", "a2"),
        random=(
            Effect(cause="G", response=none, design=by_G * u["u_rel_G_random"]),
            Effect(cause="tm", response=none, design=by_t * u["u_T_mean_K_random"]),
            Effect(cause="ta", response=none, design=by_t * u["u_Ta_K_random"]),
            Effect(cause="dT", response=q / rise * u["u_deltaT_K_random"]),
            Effect(cause="flow", response=q * u["u_rel_m_random"]),
        ),
        common=(
            Effect(cause="G", response=none, design=by_G * u["u_rel_G_common"]),
            Effect(cause="flow", response=q * u["u_rel_m_common"]),
            Effect(cause="area", response=-q * u["u_rel_A_common"]),
            Effect(cause="c_p", response=q * u["u_rel_cp_common"]),
        ),
    )
    return values, result.total


def peer(raw: dict[str, Any]) -> tuple[Array, Array]:
    """Do the same with GTC's uncertain numbers."""
    u = raw["uncertainties"]
    common = {name: GTC.ureal(1.0, u[f"u_rel_{name}_common"]) for name in ("G", "m", "A", "cp")}
    rows = []
    columns = (raw[name] for name in ("G", "theta_a", "theta_in", "theta_out", "mdot_kg_s"))
    for G, t_a, t_in, t_out, m in zip(*columns, strict=True):
        above = GTC.ureal((t_in + t_out) / 2.0, u["u_T_mean_K_random"]) - GTC.ureal(t_a, u["u_Ta_K_random"])
        rise = GTC.ureal(t_out - t_in, u["u_deltaT_K_random"])
        flow = GTC.ureal(m, m * u["u_rel_m_random"]) * common["m"]
        q = flow * raw["cp_J_kgK"] * common["cp"] * rise / (raw["A_m2"] * common["A"])
        rows.append((GTC.ureal(G, G * u["u_rel_G_random"]) * common["G"], -above, -above * above, q))
    gram = [[sum(row[i] * row[j] for row in rows) for j in range(3)] for i in range(3)]
    side = [sum(row[i] * row[3] for row in rows) for i in range(3)]
    values = list(la.solve(la.uarray(gram), la.uarray(side)))
    return np.array([v.x for v in values]), np.array([[GTC.get_covariance(a, b) for b in values] for a in values])


def measure(repeat: int) -> dict[str, Any]:
    """Time both in turn and compare their results."""
    raw = json.loads(CASE.read_text("utf-8"))["inputs"]
    work = {"ours": lambda: ours(raw), "peer": lambda: peer(raw)}
    results = {name: call() for name, call in work.items()}
    mine, theirs = in_turns(work, repeat, calls=CALLS).values()
    return {
        "heliobench_s": mine,
        "gtc_s": theirs,
        "ratio": theirs / mine,
        "goal_ratio": 20.0,
        "largest_relative_difference_of_covariance": float(
            np.max(np.abs(results["ours"][1] / results["peer"][1] - 1.0))
        ),
    }


def table(result: dict[str, Any]) -> Iterator[str]:
    """Line by line."""
    yield f"16 points with 84 uncertain inputs (goal {result['goal_ratio']:g} times faster)"
    yield f"  heliobench  {1000 * result['heliobench_s']:8.3f} ms"
    yield f"  GTC         {1000 * result['gtc_s']:8.3f} ms"
    yield f"  ratio       {result['ratio']:8.1f}"
    yield f"  largest relative difference of the covariance  {result['largest_relative_difference_of_covariance']:.1e}"


if __name__ == "__main__":
    main(__doc__, measure, table, repeat=(20, "turns of ten calls of each"))
