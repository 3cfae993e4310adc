"""A logger's file as a `Table`, for the command line: its columns are named "name [unit]"."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from instruments.loggers.file import LoggerFile
from instruments.loggers.opening import find
from lims.runs.filemap import in_words
from lims.runs.table import Instants, Place
from lims.runs.unitwords import plain_unit

_HEAD = 4096
_KNOWN = re.compile(
    rb'\xef\xbb\xbf"?TOA5"?,|"?TOA5"?,|TDSm|\xff\xfe|\xfe\xff|'
    rb"(?:[^\0]*\n)?(?:Scan|Sweep #)\s*[,;\t]\s*Time\s*[,;\t]",
)


class LoggerTable:
    """The columns of a logger's file; times by its own column of times."""

    def __init__(self, path: Path, *, separator: str = "") -> None:
        """Find the header and read the rows; raises BadInput with the place."""
        self._name = path.name
        with in_words(self._name):
            self._file: LoggerFile = find(path.read_bytes(), {"separator": separator})
        self._columns = {self._named(index): index for index in range(len(self._file.heading.columns))}

    @property
    def names(self) -> list[str]:
        """The names of the columns, with their units."""
        return [self._named(index) for index in range(len(self._file.heading.columns))]

    @property
    def time(self) -> str:
        """The column of times, or of dates if the time of day stands in another."""
        return self.names[self._file.heading.time[0]] if self._file.heading.time else ""

    def instants(self, name: str) -> Instants:
        """The column as times."""
        columns = self._file.heading.time if name == self.time else (self._columns[name],)
        with in_words(self._name):
            return Instants(*self._file.moments(columns))

    def numbers(self, name: str) -> NDArray[np.float64]:
        """The column as numbers; what the logger writes where it has no value is missing."""
        with in_words(self._name):
            return self._file.numbers(self._columns[name], missing=self._file.heading.missing).values

    def place(self, row: int) -> Place:
        """Where a row stands."""
        return Place(*self._file.place(row))

    def _named(self, index: int) -> str:
        column = self._file.heading.columns[index]
        unit = "" if index in self._file.heading.time else plain_unit(column.unit)
        return f"{column.name} [{unit}]" if unit else column.name


def is_loggers(path: Path) -> bool:
    """Whether a file begins like one that only a logger's reader understands."""
    with path.open("rb") as stream:
        return _KNOWN.match(stream.read(_HEAD)) is not None
