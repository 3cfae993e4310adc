"""ISO 24194 over a year of one-minute samples as a whole process, CSV in, result out, beside SunPeek in the same run.

    python -m benchmarks.power_check [--json] [--repeat 3]

Ours is `heliobench evaluate` on the raw file. SunPeek 0.7.31 and the file, of PyPI's sunpeek-exampledata 0.2.1, are
installed into a virtual environment of their own below build/, because their pins are not ours; that needs the network
once. Each is timed in turn; the peak memory is that of the process as the operating system counts it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._timing import main

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "build" / "sunpeek-0.7.31"
WANTED = ("sunpeek==0.7.31", "sunpeek-exampledata==0.2.1")
ITEM = ROOT / "config" / "items" / "graz_power_check.toml"
GOALS = {"times as fast": 12.0, "part of the memory": 1 / 3, "difference of the slope": 0.005}

PEER = """
import json, sys
import sunpeek.demo
from sunpeek.common.utils import DatetimeTemplates
from sunpeek.core_methods.power_check.wrapper import run_power_check
from sunpeek.data_handling.wrapper import use_csv
from sunpeek.demo.demo_plant_script import get_demo_plant_nodata
plant = get_demo_plant_nodata()
use_csv(plant, csv_files=[sys.argv[1]], timezone="utc", datetime_template=DatetimeTemplates.year_month_day)
found = run_power_check(plant, method=["ISO"], formula=[2], use_wind=[True]).output.plant_output
with open(sys.argv[2], "w") as out:
    json.dump({"hours": int(found.n_intervals), "slope": float(found.target_actual_slope.m)}, out)
"""


def peer() -> tuple[Path, Path]:
    """Python with SunPeek, and the file of the year."""
    python = PLACE / "bin" / "python"
    if not (PLACE / "complete").exists():
        venv.create(PLACE, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", *WANTED]
        installed = subprocess.run(command, capture_output=True, text=True, check=False)
        if installed.returncode:
            sys.exit(f"SunPeek cannot be installed, so there is nothing to compare with: {installed.stderr[-300:]}")
        (PLACE / "complete").touch()
    (file,) = PLACE.glob("lib/python*/site-packages/sunpeek_exampledata/FHW/*2017-01-01__2017-12-31*.csv")
    return python, file


def run(command: list[str], folder: Path) -> tuple[float, float]:
    """Wall time [s] and peak memory [MB] of one process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    taken = time.perf_counter() - started
    if status:
        sys.exit(f"{' '.join(command[:3])} ended with status {status}.")
    return taken, used.ru_maxrss / 1024.0


def measure(repeat: int) -> dict[str, Any]:
    """Time both in turn and compare their slopes."""
    python, file = peer()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        heliobench = str(Path(sys.executable).parent / "heliobench")
        ours = [heliobench, "evaluate", "iso24194-2022", str(file), "--item", str(ITEM), "--json", str(folder / "us")]
        theirs = [str(python), "-c", PEER, str(file), str(folder / "them")]
        taken = [(run(ours, folder), run(theirs, folder)) for _ in range(repeat)]
        found = json.loads((folder / "us").read_text("utf-8"))
        printed = json.loads((folder / "them").read_text("utf-8"))
    (my_time, my_memory), (their_time, their_memory) = (
        [statistics.median(column) for column in zip(*side, strict=True)] for side in zip(*taken, strict=True)
    )
    slope = {one["symbol"]: one["value"] for one in found["coefficients"]}["power_slope"]
    return {
        "rows": found["record"]["rows"],
        "heliobench_s": my_time,
        "sunpeek_s": their_time,
        "heliobench_MB": my_memory,
        "sunpeek_MB": their_memory,
        "times as fast": their_time / my_time,
        "part of the memory": my_memory / their_memory,
        "heliobench_slope": slope,
        "sunpeek_slope": printed["slope"],
        "difference of the slope": slope / printed["slope"] - 1.0,
        "heliobench_hours": found["diagnostics"]["hours_used"],
        "sunpeek_hours": printed["hours"],
    }


def table(result: dict[str, Any]) -> Iterator[str]:
    """Line by line."""
    yield f"ISO 24194, formula 2, {result['rows']} rows, CSV to result, whole process"
    yield "                 time s   memory MB     slope   hours"
    for name in ("heliobench", "sunpeek"):
        yield (
            f"  {name:<12} {result[f'{name}_s']:8.2f} {result[f'{name}_MB']:11.0f} {result[f'{name}_slope']:9.4f}"
            f" {result[f'{name}_hours']:7.0f}"
        )
    for name, goal in GOALS.items():
        yield f"  {name:<26} {result[name]:8.4g}   (goal {goal:.3g})"


if __name__ == "__main__":
    main(__doc__, measure, table, repeat=(3, "timed processes of each"))
