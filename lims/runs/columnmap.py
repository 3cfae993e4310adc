"""How a logger's file names what a method asks for: the table `[columns]` of an item file.

    [columns]
    time = "timestamp"              # instead of time_utc
    time_zone = "Europe/Vienna"     # of times without offset: a name of the IANA list, or "+01:00"; UTC by default
    separator = ";"                 # of a CSV file: a comma by default
    t_in = "te_in [K]"              # the symbol, then the column as the file names it, and its unit

A symbol that does not stand here is looked for under "symbol [unit]".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from lims.errors import BadInput
from lims.runs.localtime import zone_named
from protocols.symbols import QUANTITIES

COLUMNS = "columns"
TIME = "time_utc"
SEPARATORS = (",", ";", "\t", "|")
_TEXTS = ("time", "time_zone", "separator")
_HEADER = re.compile(r"([^\[\]]*?)\s*(?:\[([^\[\]]*)\])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """time: name of the column of times.  zone: of times without offset, None for UTC.

    names: symbol -> the column's name, with or without " [unit]".
    """

    time: str = TIME
    zone: tzinfo | None = None
    separator: str = ","
    names: Mapping[str, str] = field(default_factory=dict)

    def placed(self, header: list[str]) -> dict[str, list[tuple[str, str]]]:
        """Give for each symbol the columns that hold it, as (name in the header, unit); the unit may be ""."""
        found: dict[str, list[tuple[str, str]]] = {}
        for symbol, written in self.names.items():
            found[symbol] = [each for each in (_named(written, name) for name in header) if each][:2]
        taken = {name for columns in found.values() for name, _ in columns}
        for name in header:
            symbol, unit = split_header(name)
            if name != self.time and name not in taken and symbol not in self.names:
                found.setdefault(symbol, []).append((name, unit))
        return found


def split_header(text: str) -> tuple[str, str]:
    """Name and unit of "t_in [degC]"; the unit is "" where none is written."""
    match = _HEADER.fullmatch(text)
    return (match[1].strip(), (match[2] or "").strip()) if match else (text, "")


def _named(written: str, name: str) -> tuple[str, str] | None:
    """The column and its unit if `written` names it: the whole name, or the name without the unit of either."""
    if written in (name, split_header(name)[0]):
        return name, split_header(name)[1]
    stem, unit = split_header(written)
    return (name, unit) if stem == name else None


def column_map(table: object) -> ColumnMap:
    """Read the table `[columns]`; raises BadInput naming the key that is wrong."""
    if not isinstance(table, dict):
        raise BadInput(
            f'{COLUMNS} must be a table: write [{COLUMNS}] with t_in = "te_in [K]" below it.',
            f'{COLUMNS} 须为表：请写 [{COLUMNS}]，其下写 t_in = "te_in [K]"。',
        )
    for key, value in table.items():
        if not isinstance(value, str) or not value:
            raise BadInput(
                f"{COLUMNS}.{key} = {value!r} is no name of a column: give a text.",
                f"{COLUMNS}.{key} = {value!r} 不是列名：请给出文字。",
            )
        if key not in _TEXTS and key not in QUANTITIES:
            raise BadInput(
                f"{COLUMNS}.{key} is for no known quantity: use a symbol of the method's columns, or "
                f"{', '.join(_TEXTS)}.",
                f"{COLUMNS}.{key} 不对应任何已知的量：请用方法数据列的符号，或 {'、'.join(_TEXTS)}。",
            )
    return ColumnMap(
        time=table.get("time", TIME),
        zone=zone_named(table["time_zone"], where=f"{COLUMNS}.time_zone ") if "time_zone" in table else None,
        separator=_separator(table.get("separator", ",")),
        names={key: value for key, value in table.items() if key not in _TEXTS},
    )


def _separator(text: str) -> str:
    if text not in SEPARATORS:
        raise BadInput(
            f"{COLUMNS}.separator is {text!r}: give a comma, a semicolon, a tab or a bar.",
            f"{COLUMNS}.separator 为 {text!r}：请用逗号、分号、制表符或竖线。",
        )
    return text
