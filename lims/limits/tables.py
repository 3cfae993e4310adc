"""The limit tables of this site (config/limits), with what the laboratory has confirmed laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from sqlalchemy.orm import Session

from lims.errors import NotFound
from lims.limits import queries
from lims.settings import ROOT
from protocols.limits import Limit, read_limits

LIMITS = ROOT / "config" / "limits"


def names() -> list[str]:
    """The names of all tables."""
    return sorted(path.stem for path in LIMITS.glob("*.toml"))


def tables(session: Session) -> dict[str, Mapping[str, Limit]]:
    """Every limit table by name, every limit by symbol, as it counts."""
    return {name: table(session, name) for name in names()}


def table(session: Session, name: str, edition: str = "") -> Mapping[str, Limit]:
    """The limits of this table as they count: a number that the laboratory has confirmed stands instead of the file's.

    edition: of the standard that the limits are used for, where that is another than the table's own (a procedure that
    GB/T 4271-2021 takes over from ISO 9806:2017 is confirmed for itself).
    """
    own = edition_of(name)
    editions = dict.fromkeys((own, edition or own))  # what was confirmed for the edition asked for counts most
    return _overlaid(name, _changed(name), tuple(queries.confirmed(session, name, tuple(editions))))


def edition_of(name: str) -> str:
    """The edition that a table states its limits for."""
    return next((one.edition for one in as_filed(name).values()), "")


def as_filed(name: str) -> Mapping[str, Limit]:
    """The table as its file says; `NotFound` if there is none."""
    if name not in names():
        raise NotFound(f"There is no limit table {name}.", f"没有限值表 {name}。")
    return _overlaid(name, _changed(name), ())


def _changed(name: str) -> int:
    return _path(name).stat().st_mtime_ns


def _path(name: str) -> Path:
    return LIMITS / f"{name}.toml"


@lru_cache(maxsize=200)
def _overlaid(name: str, changed: int, confirmed: tuple[queries.Confirmed, ...]) -> Mapping[str, Limit]:
    """A table as it stood when it was last changed: twenty tables take 40 ms to read."""
    if not confirmed:
        return read_limits(_path(name))
    counts = dict(_overlaid(name, changed, ()))
    for one in confirmed:
        filed = counts.get(one.symbol)
        if filed is not None and filed.unit == one.unit:  # a row whose unit was changed since must be read again
            counts[one.symbol] = replace(
                filed, value=one.value, clause=one.clause, source=one.source, edition=one.edition, confirmed=True
            )
    return counts


def unconfirmed(session: Session) -> list[Limit]:
    """The limits that may be used in a draft and not on an issued report."""
    return [limit for table in tables(session).values() for limit in table.values() if not limit.confirmed]
