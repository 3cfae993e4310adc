"""The limit tables of this site (config/limits), and which limits nobody has confirmed yet."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from lims.results.evaluation import LIMITS
from protocols.limits import Limit, read_limits


def tables() -> dict[str, dict[str, Limit]]:
    """Every limit table by name, every limit by symbol."""
    return {path.stem: table(path.stem) for path in sorted(LIMITS.glob("*.toml"))}


def table(name: str) -> dict[str, Limit]:
    """The limit table of this name."""
    path = LIMITS / f"{name}.toml"
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=100)
def _read(path: Path, _changed: int) -> dict[str, Limit]:
    """A table as it stood when it was last changed: twenty tables take 40 ms to read."""
    return read_limits(path)


def unconfirmed() -> list[Limit]:
    """The limits that may be used in a draft and not on an issued report."""
    return [limit for table in tables().values() for limit in table.values() if not limit.confirmed]
