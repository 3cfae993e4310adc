"""Gross thermal yield of one collector in 4 climates at 3 temperatures, 8 760 h, beside the same with pvlib and pandas.

    python -m benchmarks.yields [--json] [--repeat 9]

Both start from the climates in memory and end with the same twelve numbers; the peer takes Hay-Davies, the declination,
the equation of time and the interpolated modifier from pvlib. The goal is 20 ms.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._timing import main, median_seconds
from protocols.collectors.file import read_collector
from protocols.collectors.yields import TEMPERATURES, gross_thermal_yield, keymark_tilt
from tests.protocols.made_climates import greensboro, peer_yields, shipped

ROOT = Path(__file__).parents[1]
GOAL = 0.02  # s


def measure(repeat: int) -> dict[str, Any]:
    """Time both and compare their numbers."""
    collector = read_collector(ROOT / "config" / "collectors" / "km3663_chappee_sol_200_lh.toml")
    climates = [shipped(), greensboro(), replace(shipped(), latitude=55.0), replace(greensboro(), latitude=30.0)]

    def ours() -> Any:
        return gross_thermal_yield(collectors=[collector], climates=climates).annual[0]

    def peer() -> Any:
        return [peer_yields(c, collector, keymark_tilt(c.latitude), TEMPERATURES) for c in climates]

    mine, theirs = median_seconds(ours, repeat), median_seconds(peer, repeat)
    return {
        "heliobench_s": mine,
        "pvlib_pandas_s": theirs,
        "ratio": theirs / mine,
        "goal_s": GOAL,
        "largest_relative_difference": float(np.max(np.abs(ours() / np.array(peer()) - 1.0))),
    }


def table(result: dict[str, Any]) -> Iterator[str]:
    """Line by line."""
    yield f"gross thermal yield, 1 collector, 4 climates, 3 temperatures, 8760 h (goal {1000 * GOAL:.0f} ms)"
    yield f"  heliobench      {1000 * result['heliobench_s']:8.1f} ms"
    yield f"  pvlib + pandas  {1000 * result['pvlib_pandas_s']:8.1f} ms"
    yield f"  ratio           {result['ratio']:8.1f}"
    yield f"  largest relative difference of a yield  {result['largest_relative_difference']:.1e}"


if __name__ == "__main__":
    main(__doc__, measure, table, repeat=(9, "timed calls of each"))
