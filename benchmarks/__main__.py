"""Runs every benchmark and prints what each found; `--write` puts the same into docs/performance.md.

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
    """What one benchmark printed, and whether it ended well."""
    print(f"{script.stem} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"benchmarks.{script.stem}"]
    ran = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    text = ran.stdout.strip() if ran.returncode == 0 else f"FAILED ({ran.returncode})\n{ran.stderr.strip()[-500:]}"
    return f"### {script.stem}\n\n```\n{text}\n```\n", ran.returncode == 0


def machine() -> str:
    """On what the numbers were measured."""
    software = f"heliobench {version('heliobench')}, Python {platform.python_version()}, numpy {version('numpy')}"
    hardware = f"{os.cpu_count()} cores {platform.machine()}, load {os.getloadavg()[0]:.1f} at the start"
    return f"Measured {datetime.now(UTC):%Y-%m-%d}: {software}, {hardware}.\n"


def main() -> int:
    """Run all; 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace the measured part of docs/performance.md")
    arguments = parser.parse_args()
    where = machine()
    results = [measured(script) for script in sorted(HERE.glob("[a-z]*.py"))]
    report = "\n".join([where, *(text for text, _ in results)])
    print(report)
    if arguments.write:
        kept = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
        PAGE.write_text(f"{kept}{MARK}\n\n{report}", encoding="utf-8")
    return int(not all(good for _, good in results))


if __name__ == "__main__":
    sys.exit(main())
