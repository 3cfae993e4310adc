"""What all benchmarks measure with: medians of calls that take turns, and the processor's own time.

On a busy computer only the processor's time of a process is its own; wall time is for what really waits.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Work = Callable[[], object]


@dataclass
class Spent:
    """Seconds on the wall and of the processors, this process and its threads."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def spent() -> Iterator[Spent]:
    """`with spent() as s: …`, and then `s.wall`, `s.cpu`."""
    found, wall, cpu = Spent(), time.perf_counter(), time.process_time()
    yield found
    found.wall, found.cpu = time.perf_counter() - wall, time.process_time() - cpu


def in_turns(
    work: Mapping[str, Work],
    repeat: int,
    *,
    calls: int = 1,
    pick: Callable[[list[float]], float] = statistics.median,
) -> dict[str, float]:
    """The median (or what `pick` picks) of the seconds of one call of each; a first round is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(repeat + 1):
        for name, call in work.items():
            with spent() as one:
                for _ in range(calls):
                    call()
            taken[name].append(one.wall / calls)
    return {name: pick(times[1:]) for name, times in taken.items()}


def median_seconds(work: Work, repeat: int) -> float:
    """The median of several calls [s], after one that is not counted."""
    return in_turns({"": work}, repeat)[""]


def main(
    doc: str | None,
    measure: Callable[..., dict[str, Any]],
    table: Callable[[dict[str, Any]], Iterable[str]],
    **numbers: tuple[int, str],
) -> None:
    """The command line of a benchmark: `measure(**numbers)` and print it, as a table or as JSON.

    `numbers` {name: (default, meaning)} are options: `repeat=(5, "timed calls of each")` makes --repeat.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    for name, (default, meaning) in numbers.items():
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, type=int, default=default, help=f"{meaning} (default {default})")
    given = vars(parser.parse_args())
    as_json = given.pop("json")
    found = measure(**given)
    print(json.dumps(found) if as_json else "\n".join(table(found)))
