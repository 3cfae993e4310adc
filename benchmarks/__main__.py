"""Runs every benchmark and prints what each found; `--write` puts the same into docs/performance.md.

    python -m benchmarks [--write] [wire spool …]

A benchmark is a module here that prints its own small table, ours beside a named peer in the same run; one whose name
begins with _ is what they share.
"""

import argparse
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "performance.md"
MARK = "<!-- measured: written by python -m benchmarks --write -->"


def measured(script: Path) -> tuple[str, bool]:
    """The section of one benchmark, on what it was measured, and whether it ended well."""
    print(f"{script.stem} …", file=sys.stderr, flush=True)
    where = machine()
    command = [sys.executable, "-m", f"benchmarks.{script.stem}"]
    ran = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    text = ran.stdout.strip() if ran.returncode == 0 else f"FAILED ({ran.returncode})\n{ran.stderr.strip()[-500:]}"
    return f"### {script.stem}\n\n{where}\n```\n{text}\n```\n", ran.returncode == 0


def machine() -> str:
    """On what the numbers were measured."""
    software = f"heliobench {version('heliobench')}, Python {platform.python_version()}, numpy {version('numpy')}"
    hardware = f"{os.cpu_count()} cores {platform.machine()}, load {os.getloadavg()[0]:.1f} at the start"
    # On a busy computer `chrt -f 10 python -m benchmarks wire` keeps the others' load out of what waits for a wire.
    real_time = ", at real-time priority" if os.sched_getscheduler(0) == os.SCHED_FIFO else ""
    return f"Measured {datetime.now(UTC):%Y-%m-%d}: {software}, {hardware}{real_time}.\n"


def sections(text: str) -> dict[str, str]:
    """{benchmark: its section} of the measured part of the page."""
    each = [f"### {one.strip()}\n" for one in text.split("### ")[1:]]
    return {one.split()[1]: one for one in each}


def main() -> int:
    """Run all, or those named; 1 if one failed."""
    scripts = {script.stem: script for script in sorted(HERE.glob("[a-z]*.py"))}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace their sections of docs/performance.md")
    parser.add_argument("names", nargs="*", help=f"benchmarks to run, default all: {', '.join(scripts)}")
    given = parser.parse_args()
    if unknown := set(given.names) - set(scripts):
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    results = {name: measured(scripts[name]) for name in given.names or scripts}
    found = {name: text for name, (text, _) in results.items()}
    print("\n".join(found.values()))
    if given.write:
        kept, _, before = PAGE.read_text(encoding="utf-8").partition(MARK)
        page = {name: text for name, text in (sections(before) | found).items() if name in scripts}
        PAGE.write_text(f"{kept}{MARK}\n\n" + "\n".join(page[name] for name in sorted(page)), encoding="utf-8")
    return int(not all(good for _, good in results.values()))


if __name__ == "__main__":
    sys.exit(main())
