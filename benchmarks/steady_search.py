"""Find the steady intervals of one day of one-second samples with 30 channels, beside the same with pandas.

    python -m benchmarks.steady_search [--json] [--repeat 5]

Both start from the same arrays in memory and end with the begin of every steady quarter of an hour after a quarter
of an hour of preconditioning, under the same eight criteria. The peer uses `Series.rolling` and does less: it does
not keep for each second the first reason why no interval begins there.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks._timing import main, median_seconds
from protocols.limits import Limit
from protocols.steady import Criterion, search

Array = NDArray[np.float64]
SECONDS, CHANNELS, STRETCH = 86_400, 30, 900
RULES = (
    ("G", "mean at least", 700.0),
    ("G", "deviation", 50.0),
    ("t_amb", "deviation", 1.5),
    ("t_in", "deviation", 0.1),
    ("V_dot", "relative deviation", 0.01),
    ("u", "mean at least", 2.0),
    ("u", "mean at most", 4.0),
    ("t_in", "deviation, preconditioned", 1.0),
)


def day() -> tuple[Array, dict[str, Array]]:
    """Make a clear day with a cloud now and then, four inlet temperatures and 23 channels nobody asks for."""
    rng, time_ = np.random.default_rng(9806), np.arange(float(SECONDS))
    hour = time_ / 3600.0
    sun = 980.0 * np.clip(np.sin(np.pi * (hour - 6.0) / 12.0), 0.0, None) ** 0.6
    cloud = np.where(np.sin(hour * 7.0) * np.sin(hour * 2.3) > 0.75, 0.4, 1.0)
    columns = {
        "G": sun * cloud + rng.normal(0.0, 4.0, SECONDS),
        "t_amb": 20.0 + 5.0 * np.sin(np.pi * (hour - 8.0) / 14.0) + rng.normal(0.0, 0.05, SECONDS),
        "t_in": 20.0 + 20.0 * np.clip(np.floor((hour - 8.0) / 2.0), 0, 3) + rng.normal(0.0, 0.015, SECONDS),
        "V_dot": 4.0e-5 * (1.0 + rng.normal(0.0, 0.0015, SECONDS)),
        "u": 3.0 + rng.normal(0.0, 0.4, SECONDS),
        "t_out": 30.0 + rng.normal(0.0, 0.02, SECONDS),
        "Gd": 90.0 + rng.normal(0.0, 1.0, SECONDS),
    }
    return time_, columns | {f"other {n}": rng.normal(size=SECONDS) for n in range(CHANNELS - len(columns))}


def ours(time_: Array, columns: dict[str, Array]) -> list[int]:
    """Search with Heliobench."""
    return search(
        time=time_,
        columns=columns,
        criteria=[
            Criterion(
                symbol=symbol,
                kind=kind.removesuffix(", preconditioned"),
                limit=Limit(
                    symbol=symbol,
                    value=value,
                    unit="",
                    clause="benchmark",
                    source="benchmark",
                    confirmed=True,
                    note_en="",
                    note_zh="",
                ),
                preconditioned=kind.endswith("preconditioned"),
            )
            for symbol, kind, value in RULES
        ],
        measuring_time=float(STRETCH),
        preconditioning_time=float(STRETCH),
        needed=("t_out", "Gd"),
    ).first.tolist()


def peer(time_: Array, columns: dict[str, Array]) -> list[int]:
    """Do the same with pandas; a rolling window carries the time of its last row."""
    names = sorted({symbol for symbol, _, _ in RULES} | {"t_out", "Gd"})
    frame = pd.DataFrame({name: columns[name] for name in names})
    rolling = frame.rolling(STRETCH)
    mean, least, most = rolling.mean(), rolling.min(), rolling.max()
    good = frame.notna().all(axis=1).rolling(STRETCH).min() == 1.0
    for symbol, kind, value in RULES:
        if kind == "mean at least":
            good &= mean[symbol] >= value
        elif kind == "mean at most":
            good &= mean[symbol] <= value
        elif kind == "deviation, preconditioned":
            both = frame[symbol].rolling(2 * STRETCH)
            middle = both.mean()
            good &= np.maximum(both.max() - middle, middle - both.min()) <= value
        else:
            off = np.maximum(most[symbol] - mean[symbol], mean[symbol] - least[symbol])
            good &= off <= (value * mean[symbol].abs() if kind == "relative deviation" else value)
    chosen: list[int] = []
    for last in np.flatnonzero(good.to_numpy()):
        begin = int(last) - STRETCH + 1
        if not chosen or begin >= chosen[-1] + STRETCH:
            chosen.append(begin)
    return chosen


def measure(repeat: int) -> dict[str, Any]:
    """Time both and compare what they found."""
    time_, columns = day()
    found, other = ours(time_, columns), peer(time_, columns)
    mine, theirs = (
        median_seconds(lambda: ours(time_, columns), repeat),
        median_seconds(lambda: peer(time_, columns), repeat),
    )
    return {
        "rows": SECONDS,
        "channels": CHANNELS,
        "intervals": len(found),
        "same_intervals": found == other,
        "heliobench_s": mine,
        "pandas_s": theirs,
        "ratio": theirs / mine,
        "goal_s": 0.05,
    }


def table(result: dict[str, Any]) -> Iterator[str]:
    """Line by line."""
    yield f"steady intervals of {result['rows']} rows x {result['channels']} channels (goal {result['goal_s']} s)"
    yield f"  heliobench      {result['heliobench_s']:8.4f} s"
    yield f"  pandas rolling  {result['pandas_s']:8.4f} s"
    yield f"  ratio           {result['ratio']:8.1f}"
    same = "the same" if result["same_intervals"] else "DIFFERENT"
    yield f"  {result['intervals']} intervals, {same} in both"


if __name__ == "__main__":
    main(__doc__, measure, table, repeat=(5, "timed calls of each"))
