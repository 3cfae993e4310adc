"""Keysight (Agilent) 34970A family: CSV as BenchLink, BenchVue and the instrument's own USB memory write it.

    Name:,Collector loop                                 a block of settings, of any length
    Scan,Time,101 <PT100> (C),Alarm 101,102 <> (VDC)     the header
    1,2009/01/26 08:07:12:237,23.41,0,0.0123             milliseconds stand after a colon

BenchLink exports in UTF-16 with the separators of the computer's locale; the order of day and month is the locale's as
well, and often nothing in the file decides it. Overload is ±9.9E+37.
"""

import re
from itertools import pairwise

from instruments.loggers.file import Column, Heading
from instruments.loggers.text import LONGEST_NAME, cells_of

MISSING = ("9.9E+37", "-9.9E+37", "9.91E+37", "OVLD", "-OVLD")
_CHANNEL = re.compile(r"(?:Chan\s*)?(\d{3,4})\s*(?:<([^>]*)>)?\s*\(([^()]*)\)\s*(?:-\s*(.*))?")
_ALARM = re.compile(r"Alarm\s*(\d{3,4})?", re.IGNORECASE)
_BEGINS = (("Scan", "Time"), ("Sweep #", "Time"), ("Scan Sweep Time (Sec)",))


def is_header(line: str, separator: str) -> bool:
    """Whether a line is the header of such a table."""
    cells = cells_of(line, separator)
    begins = any(tuple(cells[: len(names)]) == names for names in _BEGINS)
    return begins and any(_channel(cell) for cell in cells)


def heading_of(lines: list[str], header: int, separator: str) -> Heading:
    """The channels, and the settings above them. ``header``: its line, from 1."""
    cells = cells_of(lines[header - 1], separator)
    columns = tuple(_column(index, cell) for index, cell in enumerate(cells))
    timed = next(index for index, cell in enumerate(cells) if cell in ("Time", "Scan Sweep Time (Sec)"))
    counted = next((index for index, cell in enumerate(cells) if cell in ("Scan", "Sweep #", "Scan Number")), None)
    return Heading(
        columns=columns,
        time=(timed,),
        evidence=_settings(lines[: header - 1], separator),
        missing=MISSING,
        record=counted,
        beside=tuple(index for index, cell in enumerate(cells) if _ALARM.fullmatch(cell)),
    )


def _channel(cell: str) -> re.Match[str] | None:
    return _CHANNEL.fullmatch(cell) if len(cell) <= LONGEST_NAME else None


def _column(index: int, cell: str) -> Column:
    match = _channel(cell)
    if match is None:
        return Column(index, cell, "")
    label = (match[2] or match[4] or "").strip()
    return Column(index, f"{match[1]} {label}".strip(), match[3].strip(), match[1])


def _settings(lines: list[str], separator: str) -> dict[str, str]:
    """The pairs "Name:, value" of the block above."""
    found: dict[str, str] = {}
    for line in lines:
        cells = cells_of(line, separator)
        for name, value in pairwise(cells):
            if name.endswith(":") and value and not value.endswith(":"):
                found.setdefault(name.rstrip(":").strip(), value)
    return found
