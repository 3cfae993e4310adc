"""The benches of this site, as config/benches says how each is wired."""

from __future__ import annotations

from pathlib import Path

from instruments.bench import Bench, read_bench
from lims.errors import NotFound
from lims.settings import ROOT

BENCHES = ROOT / "config" / "benches"


def bench_names() -> list[str]:
    """The benches of this site, by file."""
    return sorted(path.stem for path in BENCHES.glob("*.toml"))


def bench_named(name: str) -> Bench:
    """The bench of this name; `NotFound` if there is no such file."""
    if name not in bench_names():
        raise NotFound(f"There is no bench {name}.", f"没有名为 {name} 的试验台。")
    return read_bench(Path(BENCHES / f"{name}.toml"))


def benches() -> list[Bench]:
    """Every bench of this site."""
    return [bench_named(name) for name in bench_names()]
