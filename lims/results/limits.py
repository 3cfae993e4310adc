"""The limit tables of this site (config/limits), and which limits nobody has confirmed yet."""

from __future__ import annotations

from lims.results.evaluation import LIMITS
from protocols.limits import Limit, read_limits


def tables() -> dict[str, dict[str, Limit]]:
    """Every limit table by name, every limit by symbol."""
    return {path.stem: read_limits(path) for path in sorted(LIMITS.glob("*.toml"))}


def unconfirmed() -> list[Limit]:
    """The limits that may be used in a draft and not on an issued report."""
    return [limit for table in tables().values() for limit in table.values() if not limit.confirmed]
