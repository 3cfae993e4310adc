"""Limits of a standard as data: value, unit, clause, source, and whether anybody has confirmed it.

A table begins with `edition = "ISO 9806:2017"`. A limit that is known to exist but whose number nobody has found has
value = nan: it can be listed, and neither refuse nor judge.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit.

    value: NaN while nobody has found it.
    source: where the value comes from ("Heliobench" for a rule of ours).
    confirmed: True only after somebody has compared it with the text of the standard, or when it is ours.
    """

    symbol: str
    value: float
    unit: str
    clause: str
    source: str
    confirmed: bool
    note_en: str
    note_zh: str
    edition: str = ""  # of the standard; empty in records from before it was written down

    @property
    def established(self) -> bool:
        """Whether there is a number at all."""
        return not math.isnan(self.value)


_TEXTS = ("unit", "clause", "source", "note_en", "note_zh")


def read_limits(path: Path) -> dict[str, Limit]:
    """Read a limit table (TOML, one table a limit).

    Raises ValueError naming file, limit and key for anything missing, unknown or of a wrong kind.
    """
    with path.open("rb") as stream:
        try:
            tables = tomllib.load(stream)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path.name} is not valid TOML: {error}.") from error
    edition = tables.pop("edition", "")
    if not isinstance(edition, str) or not edition:
        raise _wrong(path.name, 'the table must begin with its edition, e.g. edition = "ISO 9806:2017"')
    return {symbol: _limit(path.name, symbol, table, edition) for symbol, table in tables.items()}


def _limit(file: str, symbol: str, table: object, edition: str) -> Limit:
    keys = {"value", "confirmed", *_TEXTS}
    if not isinstance(table, dict) or set(table) != keys:
        raise _wrong(file, f"limit {symbol} needs exactly the keys {', '.join(sorted(keys))}")
    value, confirmed = table["value"], table["confirmed"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(file, f"the value of limit {symbol} is {value!r}; give a number")
    if not isinstance(confirmed, bool):
        raise _wrong(file, f"limit {symbol} says confirmed = {confirmed!r}; give true or false")
    if not math.isfinite(value) and (confirmed or not math.isnan(value)):
        raise _wrong(file, f"limit {symbol} has no number (value = {value}) and can only be nan with confirmed = false")
    wrong = [key for key in _TEXTS if not isinstance(table[key], str)]
    if wrong:
        raise _wrong(file, f"{wrong[0]} of limit {symbol} must be a text")
    texts = {key: table[key] for key in _TEXTS}
    return Limit(symbol=symbol, value=float(value), confirmed=confirmed, edition=edition, **texts)


def _wrong(file: str, what: str) -> ValueError:
    return ValueError(f"{file}: {what}.")


def limit_as_dict(limit: Limit) -> dict[str, Any]:
    """Give a limit JSON-safe; one that nobody has found has null for its number."""
    return {**asdict(limit), "value": limit.value if limit.established else None}


def limit_from_dict(given: Mapping[str, Any]) -> Limit:
    """Give the limit that `limit_as_dict` wrote."""
    return Limit(**{**given, "value": math.nan if given["value"] is None else given["value"]})
