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
from dataclasses import dataclass, replace
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
    """Sorted by ``value`` and within equal ones by ``id``, both in the same direction.

    along: relationships, of which each row has one, that lead to the record whose column ``value`` is. The database
    then begins with the values in their order, by their index, and finds the rows of each.
    """

    value: Any
    id: Any
    descending: bool
    along: tuple[Any, ...] = ()
    nullable: bool = False

    def reversed(self) -> Order:
        """The same from the other end."""
        return replace(self, descending=not self.descending)

    def joined(self, select: sa.Select[Any]) -> sa.Select[Any]:
        """Rows beside what they are sorted by."""
        for relationship in self.along:
            select = select.join(relationship)
        return select

    def by(self) -> list[Any]:
        """What stands behind ORDER BY where no value is missing."""
        return [key.desc() if self.descending else key.asc() for key in self._keys]

    @property
    def _keys(self) -> list[Any]:
        return [self.id] if self.value is self.id else [self.value, self.id]

    def parts(self, place: Place | None) -> list[Any]:
        """Conditions of one index range each that together, in this order, are the rows beyond the place."""
        present, missing = self.value.is_not(None), self.value.is_(None)
        if place is None:
            each = [present, missing] if self.nullable else [sa.true()]
            return each[::-1] if self.descending else each
        if place.value is None:
            same = sa.and_(missing, self._beyond(self.id, place.id))
            return [same, present] if self.descending else [same]
        more = [missing] if self.nullable and not self.descending else []
        return [*self._beyond_value(place), *more]

    def _beyond_value(self, place: Place) -> list[Any]:
        """Of two columns of one table an index gives the rows beyond; of two tables' only those beyond the first."""
        if self.value is self.id:
            return [self._beyond(self.id, place.id)]
        if not self.along:
            there = (sa.bindparam(None, one, type_=key.type) for key, one in zip(self._keys, place, strict=True))
            row, last = sa.tuple_(*self._keys), sa.tuple_(*there)
            return [self._beyond(row, last)]
        same = sa.and_(self.value == place.value, self._beyond(self.id, place.id))
        return [same, self._beyond(self.value, place.value)]

    def _beyond(self, key: Any, place: Any) -> Any:
        return key < place if self.descending else key > place


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

    Rows first, then they are counted; the rows once more only where nothing is left beyond the place, or less than a
    page before it.
    """
    way = order if forward else order.reversed()
    found = session.execute(_rows(select, way, place, size).options(*options)).all()
    if place is not None and (not found or (not forward and len(found) < size)):
        return page(session, select, order, size=size, forward=not forward, options=options)
    if not found:
        return Page([], 0, 0, None, None)
    total, beyond = _counted(session, select, way, place, len(found), size)
    if not forward:
        found = found[::-1]
    first = total - beyond + 1 if forward else beyond - len(found) + 1
    begin, end = (Place(row[-2], row[-1]) for row in (found[0], found[-1]))
    return Page([row[0] for row in found], first, total, begin, end)


def _rows(select: sa.Select[Any], way: Order, place: Place | None, size: int) -> sa.Select[Any]:
    """Rows with sort value and id."""
    select = way.joined(select)
    rows = select.add_columns(way.value.label("place_value"), way.id.label("place_id"))
    parts = way.parts(place)
    if len(parts) == 1 and not way.along:
        return rows.where(parts[0]).order_by(*way.by()).limit(size)
    ids = sa.union_all(*(_ids(select.where(part), way, size) for part in parts))
    return rows.where(way.id.in_(ids)).order_by(_missing_last(way), *way.by()).limit(size)


def _counted(
    session: Session, select: sa.Select[Any], way: Order, place: Place | None, found: int, size: int
) -> tuple[int, int]:
    """How many rows there are, and how many of them beyond the place."""
    if place is None:
        total = found if found < size else session.scalar(sa.select(count(select))) or 0
        return total, total
    joined, parts = way.joined(select), way.parts(place)
    if select.whereclause is None:  # indexes are counted more quickly than rows are looked at
        counts = sa.select(count(select), sum(count(joined.where(part)) for part in parts))
    else:
        rows = _bare(joined, sa.case((sa.or_(*parts), 1)).label("beyond")).subquery()
        counts = sa.select(sa.func.count(), sa.func.count(rows.c.beyond)).select_from(rows)
    total, beyond = session.execute(counts).one()
    return total, beyond


def every(session: Session, select: sa.Select[Any], order: Order, options: Sequence[Any] = ()) -> Iterator[Any]:
    """All rows in their order, a thousand at a time in memory."""
    missing_last = [_missing_last(order)] if order.nullable else []
    rows = order.joined(select).options(*options).order_by(*missing_last, *order.by()).execution_options(yield_per=1000)
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
