"""One page of a short list, always with the total: "26–50 of 312". Long ones are paged by lims/web/lists.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from lims.web.access import laboratory


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Rows of one page and where it stands."""

    rows: Sequence[Any]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Position of the first row shown, counted from 1; 0 if there is none."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Position of the last row shown."""
        return (self.number - 1) * self.size + len(self.rows)


def page_of_list(rows: Sequence[Any]) -> Page:
    """The page that ?page= asks for of a list already in memory; a page beyond the end is the last one."""
    size = laboratory().settings.page_rows
    asked = request.args.get("page", 1, type=int) or 1
    number = min(max(asked, 1), max(1, -(-len(rows) // size)))
    return Page(rows=rows[(number - 1) * size : number * size], number=number, size=size, total=len(rows))
