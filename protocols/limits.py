"""Limits of a standard as data: value, unit, clause, source, and whether anybody has confirmed it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit.

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
    return {symbol: _limit(path.name, symbol, table) for symbol, table in tables.items()}


def _limit(file: str, symbol: str, table: object) -> Limit:
    keys = {"value", "confirmed", *_TEXTS}
    if not isinstance(table, dict) or set(table) != keys:
        raise _wrong(file, f"limit {symbol} needs exactly the keys {', '.join(sorted(keys))}")
    value, confirmed = table["value"], table["confirmed"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(file, f"the value of limit {symbol} is {value!r}; give a number")
    if not isinstance(confirmed, bool):
        raise _wrong(file, f"limit {symbol} says confirmed = {confirmed!r}; give true or false")
    wrong = [key for key in _TEXTS if not isinstance(table[key], str)]
    if wrong:
        raise _wrong(file, f"{wrong[0]} of limit {symbol} must be a text")
    texts = {key: table[key] for key in _TEXTS}
    return Limit(symbol=symbol, value=float(value), confirmed=confirmed, **texts)


def _wrong(file: str, what: str) -> ValueError:
    return ValueError(f"{file}: {what}.")
