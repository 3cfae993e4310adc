"""Keyset paging over any rows: nothing twice, nothing left out, one order on both databases, stable under inserts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from lims.db import Database
from lims.errors import BadInput
from lims.lists import keyset
from lims.lists.keyset import Order, Page, Place


class Base(DeclarativeBase):
    """Tables of these tests."""


class Group(Base):
    """What rows belong to; two groups share a name, some have no day."""

    __tablename__ = "group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(20))
    closed: Mapped[date | None]


class Row(Base):
    """A row with a day that may be missing and a word that repeats."""

    __tablename__ = "row"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date | None]
    word: Mapped[str] = mapped_column(sa.String(20))
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("group.id"), default=1, index=True)

    group: Mapped[Group] = relationship()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Sixty rows in a real database; many share their day or word, some have no day."""
    Base.metadata.create_all(database.engine)
    with Session(database.engine) as opened:
        fate = random.Random(5)
        days = (date(2026, 1, 4), None, date(2026, 1, 3), None)
        opened.add_all(
            Group(id=n, name=name, closed=day) for n, name, day in zip((1, 2, 3, 4), "yxyz", days, strict=True)
        )
        opened.flush()
        opened.add_all(
            Row(
                id=n, word=fate.choice("abc"), group_id=fate.randrange(1, 5),
                day=None if fate.random() < 0.3 else date(2026, 1, 1) + timedelta(fate.randrange(6)),
            )
            for n in range(1, 61)
        )  # fmt: skip
        opened.flush()
        yield opened
        opened.rollback()


def order(name: str, descending: bool) -> Order:
    columns = {"id": Row.id, "day": Row.day, "word": Row.word, "group": Group.name, "closed": Group.closed}
    along = (Row.group,) if name in ("group", "closed") else ()
    return Order(
        value=columns[name], id=Row.id, along=along, descending=descending, nullable=name in ("day", "closed")
    )  # fmt: skip


def expected(session: Session, name: str, descending: bool) -> list[int]:
    """The order, sorted in Python: a missing day is the largest."""
    rows = session.execute(sa.select(Row.id, Row.day, Row.word, Group.name, Group.closed).join(Row.group)).all()
    keys = {
        "id": lambda row: row.id,
        "day": lambda row: (row.day is None, row.day or date.min, row.id),
        "word": lambda row: (row.word, row.id),
        "group": lambda row: (row.name, row.id),
        "closed": lambda row: (row.closed is None, row.closed or date.min, row.id),
    }
    return [row.id for row in sorted(rows, key=keys[name], reverse=descending)]


def ids(page: Page) -> list[int]:
    return [row.id for row in page.rows]


def test_walking_forward_and_back_meets_every_row_once_in_order(session: Session) -> None:
    for name, descending in product(("id", "day", "word", "group", "closed"), (False, True)):
        _walk(session, name, descending, sa.select(Row))
    for name, descending in (("day", True), ("group", False), ("closed", True)):
        _walk(session, name, descending, sa.select(Row).where(Row.word.in_(("a", "b", "c"))))


def _walk(session: Session, name: str, descending: bool, select: sa.Select[Any]) -> None:
    by, every = order(name, descending), expected(session, name, descending)
    assert [row.id for row in keyset.every(session, select, by)] == every
    walked, page = [], keyset.page(session, select, by, size=7)
    while True:
        assert (page.first, page.last, page.total) == (len(walked) + 1, len(walked) + len(page.rows), 60)
        walked += ids(page)
        if page.last == page.total:
            break
        page = keyset.page(session, select, by, size=7, place=page.end)
    assert walked == every
    page = keyset.page(session, select, by, size=7, forward=False)
    back = ids(page)
    while page.first > 8:
        page = keyset.page(session, select, by, size=7, place=page.begin, forward=False)
        back = ids(page) + back
        assert page.last == 60 - len(back) + len(page.rows)
    assert back == every[-len(back) :]


def test_rows_slipped_in_before_a_page_move_its_numbers_and_not_its_rows(session: Session) -> None:
    by = order("id", descending=True)
    first = keyset.page(session, sa.select(Row), by, size=10)
    session.add_all([Row(id=n, word="a") for n in range(61, 66)])
    session.flush()
    second = keyset.page(session, sa.select(Row), by, size=10, place=first.end)
    assert ids(second) == list(range(50, 40, -1))
    assert (second.first, second.last, second.total) == (16, 25, 65)


def test_where_nothing_is_left_the_nearest_page_is_shown(session: Session) -> None:
    by = order("id", descending=False)
    beyond_the_end = keyset.page(session, sa.select(Row), by, size=10, place=Place(999, 999))
    assert (ids(beyond_the_end), beyond_the_end.last) == (list(range(51, 61)), 60)
    near_the_start = keyset.page(session, sa.select(Row), by, size=10, place=Place(4, 4), forward=False)
    assert (ids(near_the_start), near_the_start.first) == (list(range(1, 11)), 1)
    nothing = keyset.page(session, sa.select(Row).where(Row.word == "z"), by, size=10, place=Place(4, 4))
    assert (ids(nothing), nothing.first, nothing.last, nothing.total) == ([], 0, 0, 0)


@given(day=st.none() | st.dates(), row=st.integers(min_value=0, max_value=2**62))
def test_a_place_written_into_an_address_is_read_again(day: date | None, row: int) -> None:
    place = Place(day, row)
    assert keyset.read(keyset.written(place), order("day", descending=False)) == place


@given(text=st.text(max_size=60) | st.text(alphabet="ABCDEFabcdef0123456789-_=", max_size=60))
def test_a_place_that_nobody_wrote_is_refused_in_a_sentence(text: str) -> None:
    for name in ("id", "day", "word"):
        by = order(name, descending=False)
        with suppress(BadInput):
            place = keyset.read(text, by)
            assert keyset.read(keyset.written(place), by) == place


@pytest.mark.parametrize(
    "value", ['["2026-13-01",1]', "[null,1.5]", '["2026-01-01",true]', f"[null,{10**30}]", "[NaN,1]", "[]", "{}", "7"]
)
def test_a_place_of_the_wrong_type_is_refused(value: str) -> None:
    text = keyset.base64.urlsafe_b64encode(value.encode()).decode()
    with pytest.raises(BadInput, match="begin again at the first page"):
        keyset.read(text, order("day", descending=False))


def test_a_missing_value_is_no_place_in_an_order_that_misses_none() -> None:
    with pytest.raises(BadInput):
        keyset.read(keyset.written(Place(None, 5)), order("word", descending=False))


def test_the_place_after_which_a_page_begins_is_found_by_the_index(session: Session) -> None:
    """On SQLite the plan says so; a missing value does not spoil it, nor that the value stands in another table."""
    if session.get_bind().dialect.name != "sqlite":
        return
    session.execute(sa.text("create index ix_day on row (day, id)"))
    session.execute(sa.text('create index ix_name on "group" (name, id)'))
    by_day = plan(session, order("day", descending=False), Place(date(2026, 1, 3), 9))
    assert "SEARCH row USING COVERING INDEX ix_day (day>?)" in by_day
    by_group = plan(session, order("group", descending=False), Place("y", 9))
    assert "SEARCH group USING COVERING INDEX ix_name (name>?)" in by_group
    assert "SEARCH row USING COVERING INDEX ix_row_group_id (group_id=?)" in by_group


def plan(session: Session, way: Order, place: Place) -> str:
    statement = keyset._rows(sa.select(Row), way, place, 25)
    literal: Any = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    return " | ".join(row[3] for row in session.execute(sa.text(f"explain query plan {literal}")))
