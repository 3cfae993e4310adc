"""What a file of samples offers whatever its format: columns of instants and of numbers, and places in words."""

from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from lims.errors import BadInput


class Place(NamedTuple):
    """Where in a file a row stands, in words a person can follow: "line 17" of a text, "row 17" of a Parquet file."""

    english: str
    chinese: str


class Instants(NamedTuple):
    """Times of the rows: seconds since 1970-01-01 UTC, and whether the file gave their offset from UTC."""

    seconds: NDArray[np.float64]
    with_offset: bool


class Table(Protocol):
    """A file of samples, opened."""

    @property
    def names(self) -> list[str]:
        """The names of the columns as they stand in the file."""

    def instants(self, name: str) -> Instants:
        """The column as times; raises BadInput naming the place of the first that is none."""

    def numbers(self, name: str) -> NDArray[np.float64]:
        """The column as numbers, NaN where a value is missing; raises BadInput at the first text."""

    def place(self, row: int) -> Place:
        """Where row `row` (the first is 0) stands in the file."""


def unusable(path: Path, english: str, chinese: str) -> BadInput:
    """The refusal of a file: its name, then what is wrong and what to do."""
    return BadInput(f"{path.name}: {english}", f"{path.name}：{chinese}", code="unusable-file")
