"""Start of the command line, `heliobench --help`, beside `flask --help` in the same run.

Goal: under 0.3 s. Each number is the median of several fresh processes, the two commands taking turns.
"""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks._timing import in_turns, main

GOAL = 0.3  # s


def start(command: list[str]) -> None:
    """One fresh process."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(times: int) -> dict[str, Any]:
    """The median of each [s]."""
    scripts = Path(sys.executable).parent
    work = {f"{name} --help": partial(start, [str(scripts / name), "--help"]) for name in ("heliobench", "flask")}
    medians = in_turns(work, times)
    ours, peer = medians.values()
    return {"rows": medians, "goal": GOAL, "ratio": peer / ours}


def table(found: dict[str, Any]) -> Iterator[str]:
    """Line by line."""
    for name, value in found["rows"].items():
        yield f"{name:<20} {value:.3f} s"
    yield f"goal {GOAL} s; flask / heliobench = {found['ratio']:.2f}"


if __name__ == "__main__":
    main(__doc__, measure, table, times=(11, "processes of each"))
