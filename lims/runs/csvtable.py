"""A CSV file of samples: UTF-8, one header line, decimal points, commas (or another separator) between the fields.

This is the careful reader, which looks at every cell; `quickcsv` reads what is plain. Only when something is refused
is the file looked through again for the line.
"""

import csv
import io
import math
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lims.errors import BadInput
from lims.runs.table import Instants, Place, unusable

_MISSING = frozenset({"", "nan", "na", "n/a", "null", "none"})  # a logger's ways to say "no value", in lower case
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


class CsvTable:
    """The rows of a CSV file as columns of text, read as times or as numbers on demand."""

    def __init__(self, path: Path, data: bytes, *, separator: str = ",") -> None:
        """Split the bytes into columns; raises BadInput where they are no table."""
        self._path = path
        self._separator = separator
        self._text = _decoded(path, data)
        rows = self._rows()
        if len(rows) < 2:
            raise unusable(
                path,
                "no rows: give a header line and at least one line of values.",
                "没有数据行：需要一行表头和至少一行数值。",
            )
        self._names = [name.strip() for name in rows[0]]
        self._check_even(rows)
        self._cells = rows[1:]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return self._names

    def instants(self, name: str) -> Instants:
        """The column as times."""
        texts = [text.strip() for text in self._column(name)]
        try:
            times = list(map(datetime.fromisoformat, texts))
        except ValueError as error:
            raise self._no_time(name, texts) from error
        with_offset = times[0].tzinfo is not None
        if any((time.tzinfo is not None) != with_offset for time in times):
            raise self._mixed(times)
        if not with_offset:
            times = [time.replace(tzinfo=UTC) for time in times]
        return Instants(np.array([time.timestamp() for time in times]), with_offset)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """The column as numbers."""
        texts = self._column(name)
        if _plain(texts):
            try:
                values = np.array([float(text) if text else math.nan for text in texts])
            except ValueError:
                pass  # a cell holds a word: the slow way below says which
            else:
                if not np.isinf(values).any():
                    return values
        return np.array([self._number(row, name, text) for row, text in enumerate(texts)])

    def place(self, row: int) -> Place:
        """The line on which a row ends."""
        reader = csv.reader(io.StringIO(self._text), delimiter=self._separator)
        lines = [reader.line_num for fields in reader if fields]
        return Place(f"line {lines[row + 1]}", f"第 {lines[row + 1]} 行")

    def _rows(self) -> list[list[str]]:
        try:
            reader = csv.reader(io.StringIO(self._text), delimiter=self._separator, strict=True)
            return [fields for fields in reader if fields]
        except csv.Error as error:
            raise unusable(
                self._path,
                f"not a readable CSV file ({error}): export it again with commas and plain quotes.",
                f"不是可读的 CSV 文件（{error}）：请用逗号分隔重新导出。",
            ) from error

    def _check_even(self, rows: list[list[str]]) -> None:
        wanted = len(rows[0])
        for row, fields in enumerate(rows[1:]):
            if len(fields) != wanted:
                place = self.place(row)
                raise unusable(
                    self._path,
                    f"{place.english} has {len(fields)} fields where the header has {wanted}: complete or remove it.",
                    f"{place.chinese}有 {len(fields)} 个字段，而表头有 {wanted} 个：请补全或删除该行。",
                )

    def _column(self, name: str) -> list[str]:
        index = self._names.index(name)
        return [row[index] for row in self._cells]

    def _number(self, row: int, name: str, text: str) -> float:
        """One cell, read strictly: Python's float would also take 1_000, １ and infinity."""
        if text.strip().lower() in _MISSING:
            return math.nan
        if _NUMBER.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        place = self.place(row)
        raise unusable(
            self._path,
            f"{place.english}, column “{name}”: “{text[:40]}” is not a number; "
            "write a number, or leave the cell empty where the value is missing.",
            f"{place.chinese}“{name}”列：“{text[:40]}”不是数值；请填写数值，缺测时留空。",
        )

    def _no_time(self, name: str, texts: list[str]) -> BadInput:
        row = next(row for row, text in enumerate(texts) if not _is_time(text))
        place = self.place(row)
        return unusable(
            self._path,
            f"{place.english}, column “{name}”: “{texts[row][:40]}” is not a time; "
            "write ISO 8601, for example 2017-07-03T06:00:30Z.",
            f"{place.chinese}“{name}”列：“{texts[row][:40]}”不是时间；请按 ISO 8601 书写，例如 2017-07-03T06:00:30Z。",
        )

    def _mixed(self, times: list[datetime]) -> BadInput:
        first = times[0].tzinfo is None
        place = self.place(next(row for row, time in enumerate(times) if (time.tzinfo is None) != first))
        return unusable(
            self._path,
            f"{place.english}: times with and without an offset from UTC are mixed; write all alike, best with Z.",
            f"{place.chinese}：时间有的带时区偏移、有的不带；请统一书写，最好都带 Z。",
        )


def _decoded(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise unusable(
            path,
            f"line {line} is not UTF-8 text: save the file as CSV with UTF-8 encoding.",
            f"第 {line} 行不是 UTF-8 文本：请以 UTF-8 编码另存为 CSV。",
        ) from error


def _plain(texts: list[str]) -> bool:
    joined = "".join(texts)
    return joined.isascii() and "_" not in joined


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
