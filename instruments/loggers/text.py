"""A text file of samples: rows of cells between two lines, read in one pass for the columns that are asked for."""

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence

import numpy as np

from instruments.errors import UnreadableFile
from instruments.loggers import encoding
from instruments.loggers.file import Array, Column, Heading, Layout, LoggerFile, Moments, Numbers, Place, without
from instruments.loggers.moments import Reader, quick_seconds

EMPTY = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none", "-", "--", "---"})
"""Ways to say "no value", in lower case."""
_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)
MOST_COLUMNS = 2000
LONGEST_NAME = 200
"""Characters of a column's name that is looked at for a unit; a longer one is a sentence, not a name."""
_LONGEST_LINE = 200_000  # characters of a line above the values
_SHOWN = 40  # characters of a cell in a sentence


class TextFile(LoggerFile):
    """The rows of a text between the first and the last line of its layout."""

    def __init__(self, data: bytes, layout: Layout, heading: Heading, *, expected: Sequence[int] = ()) -> None:
        """Check that every row has the header's fields. Raises UnreadableFile naming the line."""
        if len(heading.columns) > MOST_COLUMNS:
            raise UnreadableFile(
                f"The header names {len(heading.columns)} columns; at most {MOST_COLUMNS} are read: export fewer.",
                f"表头有 {len(heading.columns)} 列，最多读取 {MOST_COLUMNS} 列：请减少导出的列。",
            )
        self.layout, self.heading = layout, heading
        self._data = data
        self._text = encoding.decoded(data, layout.encoding)
        self._cells: dict[int, list[str]] = {}
        self._lines: list[int] = []
        self.expect([index for index in (*heading.time, *expected) if 0 <= index < len(heading.columns)])

    @property
    def rows(self) -> int:
        """How many rows of values there are."""
        return len(self._lines)

    def expect(self, columns: Sequence[int]) -> None:
        """Read these columns in one pass; others are read when they are asked for, in a pass of their own."""
        asked = [index for index in dict.fromkeys(columns) if index not in self._cells]
        if self._lines and not asked:
            return
        width = len(self.heading.columns)
        lines: list[int] = []
        cells: list[list[str]] = [[] for _ in asked]
        keep = [(kept.append, index) for kept, index in zip(cells, asked, strict=True)]
        for line, fields in rows(self._text, self.layout):
            if len(fields) != width and not _trailing(fields, width):
                raise self._uneven(line, len(fields), width)
            lines.append(line)
            for append, index in keep:
                append(fields[index])
        if not lines:
            raise UnreadableFile(
                f"There are no rows of values below line {max(self.layout.header_line, self.layout.units_line)}.",
                f"第 {max(self.layout.header_line, self.layout.units_line)} 行以下没有数据行。",
            )
        self._lines = lines
        self._cells |= dict(zip(asked, cells, strict=True))

    def moments(self, columns: Sequence[int]) -> Moments:
        """Times from one column, or from a date and a time column."""
        texts = self._joined(columns)
        reader = Reader(self.layout.order)
        quick = quick_seconds(texts) if self.layout.order == "ymd" else None
        if quick is not None:
            return Moments(quick, with_offset=False)
        try:
            found = reader.moments(texts)
        except ValueError:
            raise self._no_time(reader, texts, columns) from None
        with_offset = bool(found) and found[0].with_offset
        for row, one in enumerate(found):
            if one.with_offset != with_offset:
                place = self.place(row)
                raise UnreadableFile(
                    f"{_capital(place.english)}: some times have an offset from UTC and others have none.",
                    f"{place.chinese}：部分时间带时区偏移，部分不带。",
                )
        return Moments(np.array([one.seconds for one in found], dtype=np.float64), with_offset)

    def texts(self, column: int) -> list[str]:
        """The cells of a column as they stand."""
        if column not in self._cells:
            self.expect([column])
        return self._cells[column]

    def numbers(self, column: int, *, missing: Sequence[str]) -> Numbers:
        """A column as numbers; every cell is read strictly (no 1_000, no １, no infinity)."""
        texts = self.texts(self.column(column).index)
        quick = _quick(texts, self.layout.decimal)
        if quick is not None:
            kept, counted = without(quick, missing)
            return Numbers(kept, 0, counted)
        marks = {mark.lower(): mark for mark in missing}
        values = np.empty(len(texts))
        empty, marked = 0, dict.fromkeys(missing, 0)
        number = _COMMA if self.layout.decimal == "," else _POINT
        for row, text in enumerate(texts):
            cell = text.strip()
            if number.fullmatch(cell):
                values[row] = float(cell.replace(",", "."))
                continue
            word = cell.lower()
            if word in marks:
                marked[marks[word]] += 1
            elif word in EMPTY:
                empty += 1
            else:
                raise self._no_number(row, column, cell)
            values[row] = math.nan
        if np.isinf(values).any():
            row = int(np.flatnonzero(np.isinf(values))[0])
            raise self._no_number(row, column, texts[row].strip())
        kept, counted = without(values, missing)
        told = {mark: marked[mark] + counted.get(mark, 0) for mark in missing}
        return Numbers(kept, empty, {mark: count for mark, count in told.items() if count})

    def place(self, row: int) -> Place:
        """The line on which a row ends."""
        return Place(f"line {self._lines[row]}", f"第 {self._lines[row]} 行")

    def line(self, row: int) -> bytes:
        """The line's bytes as they stand in the file, without the line end."""
        lines = io.StringIO(self._text, newline="")
        before = sum(len(next(lines).encode(self.layout.encoding)) for _ in range(self._lines[row] - 1))
        start = encoding.mark_length(self._data, self.layout.encoding) + before
        length = len(next(lines).rstrip("\r\n").encode(self.layout.encoding))
        return self._data[start : start + length]

    def _joined(self, columns: Sequence[int]) -> list[str]:
        if not columns:
            raise UnreadableFile("No column of times is named.", "未指定时间列。")
        if len(columns) == 1:
            return self.texts(self.column(columns[0]).index)
        self.expect([self.column(index).index for index in columns])
        return [" ".join(parts) for parts in zip(*(self.texts(index) for index in columns), strict=True)]

    def _uneven(self, line: int, count: int, width: int) -> UnreadableFile:
        return UnreadableFile(
            f"Line {line} has {count} fields where the header (line {self.layout.header_line}) has {width}: "
            "the file was cut off, or the rows to use end before; state the last line to use.",
            f"第 {line} 行有 {count} 个字段，而表头（第 {self.layout.header_line} 行）有 {width} 个："
            "文件可能被截断，或数据在此之前结束；请指定采用的末行。",
        )

    def _no_time(self, reader: Reader, texts: list[str], columns: Sequence[int]) -> UnreadableFile:
        row, text = next((row, text) for row, text in enumerate(texts) if not _reads(reader, text))
        place, name = self.place(row), self.column(columns[0]).name
        return UnreadableFile(
            f"{_capital(place.english)}, column {columns[0] + 1} “{name}”: “{text[:_SHOWN]}” is not a time with date "
            "(four digits for the year).",
            f"{place.chinese}第 {columns[0] + 1} 列“{name}”：“{text[:_SHOWN]}”不是含日期的时间（年份须为四位）。",
        )

    def _no_number(self, row: int, column: int, cell: str) -> UnreadableFile:
        place, name = self.place(row), self.column(column).name
        return UnreadableFile(
            f"{_capital(place.english)}, column {column + 1} “{name}”: “{cell[:_SHOWN]}” is not a number; if the "
            "logger writes it where it has no value, add it to the marks of missing values.",
            f"{place.chinese}第 {column + 1} 列“{name}”：“{cell[:_SHOWN]}”不是数值；"
            "若为记录仪的缺测标记，请加入缺测标记。",
        )


def rows(text: str, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row that is not empty. Raises UnreadableFile for quotes that do not close."""
    stream = io.StringIO(text, newline="")
    start = max(layout.first_line - 1, layout.header_line, layout.units_line)
    for _ in range(start):
        next(stream, None)
    reader = csv.reader(stream, delimiter=layout.separator, strict=True)
    try:
        for fields in reader:
            line = start + reader.line_num
            if layout.last_line and line > layout.last_line:
                return
            if any(map(str.strip, fields)):
                yield line, fields
    except csv.Error as error:
        line = start + reader.line_num
        raise UnreadableFile(
            f"Line {line} is not readable as CSV ({error}).", f"第 {line} 行无法按 CSV 读取（{error}）。"
        ) from error


def cells_of(line: str, separator: str) -> list[str]:
    """The cells of one line, without spaces around; empty ones at the end are dropped."""
    try:
        fields = [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
    except csv.Error:
        return []
    while fields and not fields[-1]:
        fields.pop()
    return fields


def head_of(data: bytes, name: str, *, lines: int) -> list[str]:
    """The first lines of a text, decoded."""
    stream = io.StringIO(encoding.decoded(data, name), newline="")
    head = [line.rstrip("\r\n") for line, _ in zip(stream, range(lines), strict=False)]
    for number, line in enumerate(head, 1):
        if len(line) > _LONGEST_LINE:
            raise UnreadableFile(
                f"Line {number} is {len(line)} characters long: this is no table of a logger.",
                f"第 {number} 行有 {len(line)} 个字符：这不是记录仪的数据表。",
            )
    return head


def plain_columns(names: Sequence[str], units: Sequence[str]) -> tuple[Column, ...]:
    """Columns from names and units side by side."""
    padded = [*units, *[""] * (len(names) - len(units))]
    return tuple(Column(index, name, unit) for index, (name, unit) in enumerate(zip(names, padded, strict=False)))


def _quick(texts: list[str], decimal: str) -> Array | None:
    """A column in which every cell is a plain number; None if one is not, so that it is looked at cell by cell."""
    joined = "\n".join(texts)
    if not joined.isascii() or "_" in joined or (decimal == "," and "." in joined):
        return None  # Python's float would also take 1_000 and １
    plain = texts if decimal == "." else joined.replace(",", ".").split("\n")
    try:
        values = np.array(list(map(float, plain)))
    except ValueError:
        return None
    return values if values.size == len(texts) and np.isfinite(values).all() else None  # words for NaN and infinity


def _trailing(fields: list[str], width: int) -> bool:
    """Whether a row only has empty fields beyond the header: a separator at the end of the line."""
    return len(fields) > width and not any(cell.strip() for cell in fields[width:])


def _reads(reader: Reader, text: str) -> bool:
    try:
        reader.moment(text)
    except ValueError:
        return False
    return True


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
