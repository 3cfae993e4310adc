"""Start of the command line, `heliobench --help`, beside `flask --help` in the same run.

Goal: under 0.3 s. Each number is the median of several fresh processes, the two commands taking turns.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

GOAL = 0.3  # s


def seconds(command: list[str]) -> float:
    """Wall time of one fresh process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--times", type=int, default=11)
    arguments = parser.parse_args()
    scripts = Path(sys.executable).parent
    commands = {
        "heliobench --help": [str(scripts / "heliobench"), "--help"],
        "flask --help": [str(scripts / "flask"), "--help"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(arguments.times):
        for name, command in commands.items():
            taken[name].append(seconds(command))
    medians = {name: median(times) for name, times in taken.items()}
    ours, peer = medians.values()
    if arguments.json:
        rows = [{"name": name, "value": value, "unit": "s"} for name, value in medians.items()]
        print(json.dumps({"benchmark": "command_start", "goal": GOAL, "rows": rows, "ratio": peer / ours}))
        return
    for name, value in medians.items():
        print(f"{name:<20} {value:.3f} s")
    print(f"goal {GOAL} s; flask / heliobench = {peer / ours:.2f}")


if __name__ == "__main__":
    main()
