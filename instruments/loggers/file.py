"""A logger's file, opened: named columns of cells, one row a sample, and the place of each in words.

The bytes are the original observation; a `Layout` says how they were read, so that the same bytes are read alike in
ten years. Nothing is mended: a cell is a number, or missing, or refused with its place.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from instruments.errors import UnreadableFile

Array = NDArray[np.float64]
READERS = ("toa5", "keysight", "csv", "tdms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a file is read. Lines are counted from 1; 0 means none (a last line of 0: to the end).

    ``order``: of year, month and day in a date ("ymd", "dmy", "mdy"); "" where the file does not decide.
    """

    reader: str
    encoding: str = ""
    separator: str = ""
    decimal: str = "."
    header_line: int = 0
    units_line: int = 0
    first_line: int = 0
    last_line: int = 0
    order: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Column:
    """One column as the file heads it; ``note`` is what else stands there (Avg, Smp, a label)."""

    index: int
    name: str
    unit: str
    note: str = ""


class Place(NamedTuple):
    """Where a row stands, in words: "line 17" of a text, "row 17" of a binary file."""

    english: str
    chinese: str


class Moments(NamedTuple):
    """Times of the rows [s since 1970]: UTC if the file says its offset, else the reading of the logger's clock."""

    seconds: Array
    with_offset: bool


class Numbers(NamedTuple):
    """A column as numbers, NaN where a value is missing; how many cells were empty, and held each mark."""

    values: Array
    empty: int
    marked: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands above the values: columns, which of them hold the time, and what the logger says of itself.

    ``missing``: the marks that this kind of logger writes where it has no value, offered to the person.
    """

    columns: tuple[Column, ...]
    time: tuple[int, ...]
    evidence: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    record: int | None = None  # the column that counts the records
    beside: tuple[int, ...] = ()  # alarm columns: evidence, never a quantity


class LoggerFile(ABC):
    """An opened file."""

    layout: Layout
    heading: Heading

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many rows of values there are."""

    def expect(self, columns: Sequence[int]) -> None:  # noqa: B027 (a file that is in memory anyway has nothing to do)
        """These columns will be asked for: a text is then read once for all of them."""

    @abstractmethod
    def moments(self, columns: Sequence[int]) -> Moments:
        """Times from one column, or from a date and a time column. Raises UnreadableFile with the place."""

    @abstractmethod
    def numbers(self, column: int, *, missing: Sequence[str]) -> Numbers:
        """A column as numbers. Raises UnreadableFile naming the place of the first cell that is none."""

    @abstractmethod
    def place(self, row: int) -> Place:
        """Where row ``row`` (the first is 0) stands."""

    @abstractmethod
    def line(self, row: int) -> bytes:
        """The bytes of that row's line as they stand in the file; empty where a file has no lines."""

    def column(self, index: int) -> Column:
        """The column of this index. Raises UnreadableFile if there is none."""
        if 0 <= index < len(self.heading.columns):
            return self.heading.columns[index]
        raise UnreadableFile(f"The file has no column {index + 1}.", f"文件没有第 {index + 1} 列。")


def numeric(marks: Sequence[str]) -> dict[float, str]:
    """Those of the missing marks that are numbers: {value: mark}."""
    found = {}
    for mark in marks:
        try:
            found[float(mark)] = mark
        except ValueError:
            continue
    return {value: mark for value, mark in found.items() if np.isfinite(value)}


def without(values: Array, marks: Sequence[str]) -> tuple[Array, dict[str, int]]:
    """The values with NaN in place of every numeric mark, and how many there were of each."""
    counted, kept = {}, values
    for value, mark in numeric(marks).items():
        # A logger writes its code in single precision or rounded: 9.9E+37 is also 9.90000000E+37.
        here = np.isclose(kept, value, rtol=1e-6, atol=0.0)
        if here.any():
            counted[mark] = int(np.count_nonzero(here))
            kept = np.where(here, np.nan, kept)
    return kept, counted
