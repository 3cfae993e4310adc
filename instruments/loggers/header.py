"""The header of a table whose format nobody wrote down: found above the first rows that hold a time and numbers."""

import re
from collections.abc import Sequence

from instruments.errors import UnreadableFile
from instruments.loggers.file import Column, Heading, Layout
from instruments.loggers.moments import is_date, is_moment, is_time
from instruments.loggers.text import EMPTY, LONGEST_NAME, cells_of

SEPARATORS = (",", ";", "\t", "|")
LOOKED_AT = 400
"""Lines of a file in which the header is looked for."""
_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_BRACKETS = re.compile(r"(.*?)\s*[\[(（【]\s*([^\[\]()（）【】]*?)\s*[\])）】]\s*(.*)", re.DOTALL)
_SLASH = re.compile(r"(.+?)\s*/\s*(\S+)")
_UNIT = re.compile(
    r"[\[(（]?\s*(?:-|%|°\s?[CF]?|deg\.?\s?[CFK]?|℃|℉|[CKFVAWsh]|V(?:dc|DC|olts?)|mV|mA|[kM]?W|min|hPa|kPa|MPa|Pa|bar|mbar|"
    r"(?:[kM]?W|[kM]?J|m|kg|g|l|L|t)[²³23]?\s?[/·.]?\s?\(?(?:m\^?-?[²2]|m\^?[³3]|s|h|min|hr|kg|K)\)?(?:\s?[·.]?K)?|"
    r"m\^?[³3]\s?/\s?h|W\s?m-2|m\s?s-1|kg\s?s-1|mm|Hz|Ohm|Ω|TS|RN)\s*[\])）]?"
)


def find(lines: Sequence[str], encoding: str, separator: str = "", decimal: str = "") -> Layout:
    """The layout of the table in these lines. ``separator``, ``decimal``: where the person says so.

    Raises UnreadableFile if no header stands above a row with a time and numbers.
    """
    tried = [_found(lines, one) for one in ((separator,) if separator else SEPARATORS)]
    best = max((one for one in tried if one is not None), key=lambda one: one[0], default=None)
    if best is None:
        raise UnreadableFile(
            f"No header with rows of a time and numbers below it was found in the first {LOOKED_AT} lines: "
            "state the separator, or export the file with one header line and a column of date and time.",
            f"前 {LOOKED_AT} 行中未找到表头及其下含时间和数值的数据行："
            "请指定分隔符，或导出为含一行表头和日期时间列的文件。",
        )
    _, used, data_row = best
    width = len(cells_of(lines[data_row], used))
    header, units = _header(lines, data_row, used, width)
    if header is None:
        raise UnreadableFile(
            f"Line {data_row + 1} holds a time and numbers, but no line above it names the columns: "
            "export the file with its header.",
            f"第 {data_row + 1} 行为数据，但其上没有列名行：请连同表头一起导出。",
        )
    return Layout(
        reader="csv", encoding=encoding, separator=used, decimal=decimal or _decimal(lines[data_row:], used),
        header_line=header + 1, units_line=0 if units is None else units + 1, first_line=data_row + 1,
    )  # fmt: skip


def heading_of(lines: Sequence[str], layout: Layout) -> Heading:
    """The columns with their units, and which hold the time."""
    if not 1 <= layout.header_line <= len(lines):
        raise UnreadableFile(
            f"There is no line {layout.header_line} for the header.", f"没有第 {layout.header_line} 行可作表头。"
        )
    names = cells_of(lines[layout.header_line - 1], layout.separator)
    units = cells_of(lines[layout.units_line - 1], layout.separator) if 0 < layout.units_line <= len(lines) else []
    columns = tuple(_column(index, name, units) for index, name in enumerate(names))
    first = next((line for line in lines[max(layout.first_line, 1) - 1 :] if line.strip()), "")
    evidence = {
        f"line {number}": line.strip() for number, line in enumerate(lines[: layout.header_line - 1], 1) if line.strip()
    }
    return Heading(
        columns=columns, time=_time(cells_of(first, layout.separator)), evidence=dict(list(evidence.items())[:20])
    )


def _column(index: int, name: str, units: Sequence[str]) -> Column:
    unit = units[index].strip("[]()（）") if index < len(units) else ""
    if len(name) > LONGEST_NAME:
        return Column(index, name, unit)
    match = _BRACKETS.fullmatch(name)
    if match and not unit:
        return Column(index, (match[1] or match[3]).strip() or name, match[2])
    slash = _SLASH.fullmatch(name)
    if slash and not unit and _UNIT.fullmatch(slash[2]):
        return Column(index, slash[1], slash[2])
    return Column(index, name, unit)


def _found(lines: Sequence[str], separator: str) -> tuple[int, str, int] | None:
    """(number of fields, separator, first row of values) of the table with this separator."""
    for row, line in enumerate(lines):
        cells = cells_of(line, separator)
        if len(cells) > 1 and _is_data(cells) and _goes_on(lines, row, separator, len(cells)):
            return len(cells), separator, row
    return None


def _goes_on(lines: Sequence[str], row: int, separator: str, width: int) -> bool:
    """Whether the next row is about as wide; a file of one row is enough."""
    following = next((cells for line in lines[row + 1 : row + 4] if (cells := cells_of(line, separator))), None)
    return following is None or abs(len(following) - width) <= _slack(width)


def _is_data(cells: Sequence[str]) -> bool:
    timed = _time(cells)
    values = [cell for index, cell in enumerate(cells) if index not in timed]
    return bool(timed) and any(_NUMBER.fullmatch(cell) or cell.lower() in EMPTY for cell in values)


def _time(cells: Sequence[str]) -> tuple[int, ...]:
    """The column of a time, or the two of date and time of day."""
    whole = next((index for index, cell in enumerate(cells) if is_moment(cell)), None)
    if whole is not None:
        return (whole,)
    day = next((index for index, cell in enumerate(cells) if is_date(cell)), None)
    clock = next((index for index, cell in enumerate(cells) if is_time(cell)), None)
    return () if day is None or clock is None else (day, clock)


def _header(lines: Sequence[str], data_row: int, separator: str, width: int) -> tuple[int | None, int | None]:
    """Rows of the header and of the units above the first values; None where there is none."""
    above = [row for row in range(data_row - 1, max(data_row - 4, -1), -1) if lines[row].strip()][:2]
    named = [row for row in above if abs(len(cells_of(lines[row], separator)) - width) <= _slack(width)]
    if len(named) == 2 and _are_units(cells_of(lines[named[0]], separator)):
        return named[1], named[0]
    if named and named[0] == above[0] and not _is_data(cells_of(lines[named[0]], separator)):
        return named[0], None
    return None, None


def _slack(width: int) -> int:
    """A row may end in empty cells, which were dropped: a line of units begins or ends with them."""
    return max(1, width // 2)


def _are_units(cells: Sequence[str]) -> bool:
    stated = [cell for cell in cells if cell]
    return bool(stated) and sum(
        len(cell) <= LONGEST_NAME and bool(_UNIT.fullmatch(cell)) for cell in stated
    ) * 2 >= len(stated)


def _decimal(lines: Sequence[str], separator: str) -> str:
    """A comma if the numbers of the first rows have one and never a point."""
    numbers = [cell for line in lines[:50] for cell in cells_of(line, separator) if _NUMBER.fullmatch(cell)]
    commas, points = (any(sign in number for number in numbers) for sign in ",.")
    return "," if commas and not points else "."
