"""Keyset paging: a page begins after a row, not after a number of rows, so that it stays in its place under inserts.

A place is the last row's sort value and id. Rows beyond a place are found by the index in the same time at any depth,
where OFFSET would read everything before. A missing sort value counts as the largest on both kinds of database.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import BadInput

LARGEST_INTEGER = 2**63 - 1
LONGEST_PLACE = 2000  # characters of a place in an address
END = "end"


class Place(NamedTuple):
    """A row's place in an order."""

    value: Any
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Sorted by ``value`` and within equal ones by ``id``, both in the same direction."""

    value: Any
    id: Any
    descending: bool
    nullable: bool = False

    def reversed(self) -> Order:
        """The same from the other end."""
        return Order(value=self.value, id=self.id, descending=not self.descending, nullable=self.nullable)

    def by(self) -> list[Any]:
        """What stands behind ORDER BY where no value is missing."""
        keys = [self.id] if self.value is self.id else [self.value, self.id]
        return [key.desc() if self.descending else key.asc() for key in keys]

    def parts(self, place: Place | None) -> list[Any]:
        """Conditions of one index range each that together, in this order, are the rows beyond the place."""
        if not self.nullable:
            return [sa.true() if place is None else self._beyond(place)]
        present, missing = self.value.is_not(None), self.value.is_(None)
        if place is None:
            return [missing, present] if self.descending else [present, missing]
        if place.value is None:
            same = sa.and_(missing, self.id < place.id if self.descending else self.id > place.id)
            return [same, present] if self.descending else [same]
        return [self._beyond(place)] if self.descending else [self._beyond(place), missing]

    def _beyond(self, place: Place) -> Any:
        here = sa.bindparam(None, place.id, type_=self.id.type)
        if self.value is self.id:
            return self.id < here if self.descending else self.id > here
        row = sa.tuple_(self.value, self.id)
        there = sa.tuple_(sa.bindparam(None, place.value, type_=self.value.type), here)
        return row < there if self.descending else row > there


class Page(NamedTuple):
    """Rows of one page, where they stand, and the places from which its neighbours are found."""

    rows: Sequence[Any]
    first: int
    total: int
    begin: Place | None
    end: Place | None

    @property
    def last(self) -> int:
        """Position of the last row, counted from 1."""
        return self.first + len(self.rows) - 1 if self.rows else 0


def page(
    session: Session,
    select: sa.Select[Any],
    order: Order,
    *,
    size: int,
    place: Place | None = None,
    forward: bool = True,
    options: Sequence[Any] = (),
) -> Page:
    """The ``size`` rows after (or, not ``forward``, before) a place; without a place the first (or last) page.

    One statement, which counts too; a second one only where nothing is left beyond the place, or less than a page
    before it.
    """
    way = order if forward else order.reversed()
    found = session.execute(_statement(select, way, place, size).options(*options)).all()
    if place is not None and (not found or (not forward and len(found) < size)):
        return page(session, select, order, size=size, forward=not forward, options=options)
    if not found:
        return Page([], 0, 0, None, None)
    total = found[0][-2]
    beyond = total if place is None else found[0][-1]
    if not forward:
        found = found[::-1]
    first = total - beyond + 1 if forward else beyond - len(found) + 1
    begin, end = (Place(row[-4], row[-3]) for row in (found[0], found[-1]))
    return Page([row[0] for row in found], first, total, begin, end)


def _statement(select: sa.Select[Any], way: Order, place: Place | None, size: int) -> sa.Select[Any]:
    """Rows with sort value, id, the number of all rows and of those beyond the place."""
    total = count(select)
    beyond = sa.null() if place is None else sum(count(select.where(part)) for part in way.parts(place))
    rows = select.add_columns(way.value.label("place_value"), way.id.label("place_id"))
    rows = rows.add_columns(total.label("total"), sa.type_coerce(beyond, sa.Integer).label("beyond"))
    parts = way.parts(place)
    if len(parts) == 1:
        return rows.where(parts[0]).order_by(*way.by()).limit(size)
    ids = sa.union_all(*(_ids(select.where(part), way, size) for part in parts))
    return rows.where(way.id.in_(ids)).order_by(_missing_last(way), *way.by()).limit(size)


def every(session: Session, select: sa.Select[Any], order: Order, options: Sequence[Any] = ()) -> Iterator[Any]:
    """All rows in their order, a thousand at a time in memory."""
    missing_last = [_missing_last(order)] if order.nullable else []
    rows = select.options(*options).order_by(*missing_last, *order.by()).execution_options(yield_per=1000)
    yield from session.scalars(rows)


def _missing_last(order: Order) -> Any:
    missing = order.value.is_(None)
    return missing.desc() if order.descending else missing.asc()


def count(select: sa.Select[Any]) -> Any:
    """How many rows a list has, as a scalar."""
    return sa.select(sa.func.count()).select_from(_bare(select, sa.literal(1)).subquery()).scalar_subquery()


def _ids(select: sa.Select[Any], way: Order, size: int) -> Any:
    limited = _bare(select, way.id.label("id")).order_by(*way.by()).limit(size).subquery()
    return sa.select(limited.c.id)


def _bare(select: sa.Select[Any], *columns: Any) -> sa.Select[Any]:
    return select.with_only_columns(*columns, maintain_column_froms=True).order_by(None)


def written(place: Place | None) -> str:
    """A place as it stands in an address."""
    if place is None:
        return ""
    value = place.value
    if isinstance(value, date | datetime):
        value = value.isoformat()
    elif isinstance(value, Decimal):
        value = str(value)
    text = json.dumps([value, place.id], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(text: str, order: Order) -> Place:
    """The place an address names, for this order; `BadInput` for anything that `written` cannot have written."""
    try:
        padded = text[:LONGEST_PLACE] + "=" * (-len(text) % 4)
        value, row = json.loads(base64.urlsafe_b64decode(padded))
        return Place(_typed(value, order), _integer(row))
    except (ValueError, TypeError, ArithmeticError, RecursionError, binascii.Error) as error:
        raise BadInput(
            "This address of a page of the list is damaged; begin again at the first page.",
            "列表页面的网址已损坏；请从第一页重新开始。",
        ) from error


def _typed(value: Any, order: Order) -> Any:
    if value is None:
        if not order.nullable:
            raise ValueError("never missing")
        return None
    kind = order.value.type.python_type
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a moment has a zone")
        return moment
    if kind is date:
        return date.fromisoformat(value)
    if kind is str:
        if not isinstance(value, str) or "\0" in value:
            raise ValueError("no text")
        value.encode()  # a lone surrogate is no text
        return value
    if kind is Decimal:
        found = Decimal(value)
        if not found.is_finite():
            raise ValueError("no number")
        return found
    if kind is float:
        if isinstance(value, bool) or not math.isfinite(value):
            raise ValueError("no number")
        return float(value)
    if kind is bool:
        return bool(_integer(int(value)))
    return _integer(value)


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        raise ValueError("no integer")
    return value
