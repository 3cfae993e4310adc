"""A million Monte Carlo draws of a collector test: 16 points, 84 uncertain inputs, a least-squares fit in every draw.

The peer does the same draw by draw, as the scripts of laboratories do: numpy draws the inputs of one test, numpy's
`lstsq` fits it. It makes fewer draws; its time is scaled to a million by their number, and said to be.

    python -m benchmarks.montecarlo [--draws 1000000] [--peer-draws 5000] [--workers 2] [--json]
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._timing import main, spent
from protocols.metrology.draws import normal
from protocols.metrology.montecarlo import draw, least_squares

CASE = Path(__file__).resolve().parents[1] / "tests" / "data" / "metrology" / "collector_16pt.json"
GOAL = 2.0  # s


class Test:
    """The measured test and its uncertainties; inputs: five of each point, then four factors common to all."""

    def __init__(self) -> None:
        given = json.loads(CASE.read_text("utf-8"))["inputs"]
        raw = {name: np.array(values) for name, values in given.items() if isinstance(values, list)}
        u = given["uncertainties"]
        self.above = (raw["theta_in"] + raw["theta_out"]) / 2.0 - raw["theta_a"]
        self.difference = raw["theta_out"] - raw["theta_in"]
        self.G, self.flow = raw["G"], raw["mdot_kg_s"]
        self.power = given["cp_J_kgK"] / given["A_m2"]
        self.points = len(self.G)
        self.mean = np.concatenate([self.G, self.flow, np.zeros(2 * self.points), self.difference, np.ones(4)])
        self.uncertainty = np.concatenate(
            [
                self.G * u["u_rel_G_random"],
                self.flow * u["u_rel_m_random"],
                np.full(self.points, u["u_T_mean_K_random"]),
                np.full(self.points, u["u_Ta_K_random"]),
                np.full(self.points, u["u_deltaT_K_random"]),
                [u["u_rel_G_common"], u["u_rel_m_common"], u["u_rel_A_common"], u["u_rel_cp_common"]],
            ]
        )

    def design(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Columns (3, points, draws) and response (points, draws) of drawn inputs (84, draws)."""
        n = self.points
        G, flow, mean, ambient, difference = (x[k * n : (k + 1) * n] for k in range(5))
        pyranometer, meter, area, heat_capacity = x[5 * n :]
        above = self.above[:, None] + mean - ambient
        q = flow * difference * (self.power * meter * heat_capacity / area)
        return np.stack([G * pyranometer, -above, -(above * above)]), q


def ours(test: Test, draws: int, workers: int, seed: int) -> np.ndarray:
    """The coefficients of every draw, (3, draws)."""
    return draw(
        lambda x: least_squares(*test.design(x)),
        normal(test.mean, test.uncertainty),
        draws=draws,
        rng=np.random.default_rng(seed),
        workers=workers,
    )


def peer(test: Test, draws: int, seed: int) -> np.ndarray:
    """The same, one draw after the other."""
    rng = np.random.default_rng(seed)
    found = np.empty((3, draws))
    for at in range(draws):
        columns, response = test.design(rng.normal(test.mean, test.uncertainty)[:, None])
        found[:, at] = np.linalg.lstsq(columns[:, :, 0].T, response[:, 0], rcond=None)[0]
    return found


def timed(run: Callable[[], np.ndarray]) -> tuple[np.ndarray, float, float]:
    """The result, the seconds it took, and those of the processors, which others on the machine hardly move."""
    with spent() as one:
        found = run()
    return found, one.wall, one.cpu


def measure(draws: int, peer_draws: int, workers: int) -> dict[str, float]:
    """Both in one run; the larger relative difference of a standard uncertainty, in which the peer's noise counts."""
    test = Test()
    ours(test, 10_000, workers, 0)  # the first call loads what is loaded once
    mine, seconds, busy = timed(lambda: ours(test, draws, workers, 1))
    theirs, peer_seconds, peer_busy = timed(lambda: peer(test, peer_draws, 2))
    scaled = draws / peer_draws
    difference = np.abs(mine.std(axis=1, ddof=1) / theirs.std(axis=1, ddof=1) - 1.0)
    return {
        "draws": draws,
        "inputs": test.mean.size,
        "workers": workers,
        "heliobench_s": seconds,
        "heliobench_cpu_s": busy,
        "peer_draws": peer_draws,
        "numpy_loop_scaled_s": peer_seconds * scaled,
        "numpy_loop_scaled_cpu_s": peer_busy * scaled,
        "ratio": peer_seconds * scaled / seconds,
        "goal_s": GOAL,
        "largest_relative_difference_of_u": float(difference.max()),
        "expected_noise": float(1.0 / np.sqrt(2.0 * peer_draws)),
    }


def table(result: dict[str, Any]) -> Iterator[str]:
    """Line by line."""
    head = f"{result['draws']} draws, {result['inputs']} inputs, a fit in each"
    yield f"{head}, {result['workers']} threads (goal {GOAL} s)"
    mine, loop = ((result[f"{name}_s"], result[f"{name}_cpu_s"]) for name in ("heliobench", "numpy_loop_scaled"))
    yield f"  heliobench                    {mine[0]:8.3f} s, {mine[1]:.3f} s of processors"
    yield f"  numpy, draw by draw           {loop[0]:8.1f} s, {loop[1]:.1f} s of processors"
    yield f"    (scaled from {result['peer_draws']} draws)"
    yield f"  ratio                         {result['ratio']:8.1f}"
    yield (
        f"  largest relative difference of a standard uncertainty  {result['largest_relative_difference_of_u']:.1e}"
        f" (noise of the peer's draws {result['expected_noise']:.1e})"
    )


if __name__ == "__main__":
    main(
        __doc__, measure, table, draws=(1_000_000, "draws"), peer_draws=(5_000, "draws of the peer"),
        workers=(os.cpu_count() or 1, "threads"),
    )  # fmt: skip
