"""What a list can be narrowed by: words, a choice, days, a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import BadInput
from lims.labels import Label
from lims.lists.words import holding
from lims.permissions import Actor

LONGEST = 200  # characters of a search
ME = "me"
SEARCH = Label("查找", "Search")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads a list, in which language, and where midnight is."""

    actor: Actor
    language: str
    zone: str
    today: date


class Filter(Protocol):
    """One way to narrow a list; ``parameters`` are its names in an address."""

    @property
    def name(self) -> str:
        """The name, unique in its list."""

    @property
    def title(self) -> Label:
        """The words beside its field."""

    @property
    def look(self) -> str:
        """How its field is shown: text, choice or days."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Its names in an address."""

    def condition(self, given: Mapping[str, str], reader: Reader) -> sa.ColumnElement[bool] | None:
        """What is asked of a row; None for nothing. `BadInput` for a value that cannot be."""


class Through:
    """Columns of another table that a row points to: searched there once, not joined to every row."""

    def __init__(self, pointer: Any, key: Any, *columns: Any) -> None:
        self._pointer, self._key, self.columns = pointer, key, columns
        self.tells_whose = any(one.class_.__tablename__ == "company" for one in columns)

    def holding(self, text: str) -> Any:
        """Whether the row pointed to has the text in one of the columns."""
        return self._pointer.in_(sa.select(self._key).where(holding(text, *self.columns)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Words to be found in any of some columns, large and small letters alike; ``through``: also in those."""

    columns: tuple[Any, ...]
    placeholder: Label
    through: tuple[Through, ...] = ()
    name: str = "q"
    title: Label = SEARCH
    look: str = "text"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Its name in an address."""
        return (self.name,)

    def condition(self, given: Mapping[str, str], reader: Reader) -> sa.ColumnElement[bool] | None:
        """The text stands in one of the columns."""
        text = given.get(self.name, "").strip()
        if not text:
            return None
        if len(text) > LONGEST or not text.isprintable():
            raise BadInput(f"Search for at most {LONGEST} ordinary characters.", f"查找内容最多 {LONGEST} 个普通字符。")
        through = [one for one in self.through if not (reader.actor.blind and one.tells_whose)]
        return sa.or_(holding(text, *self.columns), *(one.holding(text) for one in through))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of some values of a column; ``where`` says otherwise what a choice asks of a row.

    choices: session, actor → {value: words}; looked up again for every page, so that they may come from the database.
    """

    name: str
    title: Label
    choices: Callable[[Session, Actor], Mapping[str, Label]]
    column: Any = None
    where: Callable[[str, Reader], sa.ColumnElement[bool]] | None = None
    look: str = "choice"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Its name in an address."""
        return (self.name,)

    def condition(self, given: Mapping[str, str], reader: Reader) -> sa.ColumnElement[bool] | None:
        """The column has the value; a value nobody offers finds nothing."""
        chosen = given.get(self.name, "")
        if not chosen:
            return None
        if len(chosen) > LONGEST or not chosen.isprintable():
            raise BadInput(f"'{self.name}' has no such choice.", f"“{self.title.zh}”没有该选项。")
        if self.where is not None:
            return self.where(chosen, reader)
        asked: sa.ColumnElement[bool] = self.column == chosen
        return asked


def person(column: Any, people: Callable[[Session, Actor], Mapping[str, Label]], title: Label) -> Choice:
    """Whose record it is: the reader's own or a colleague's; ``people`` gives {id: name}."""

    def choices(session: Session, actor: Actor) -> Mapping[str, Label]:
        return {ME: Label("我自己", "myself"), **people(session, actor)}

    def where(chosen: str, reader: Reader) -> sa.ColumnElement[bool]:
        wanted = reader.actor.id if chosen == ME else int(chosen) if chosen.isascii() and chosen.isdigit() else None
        if wanted is None or wanted >= 1 << 31:
            raise BadInput(f"There is no person '{chosen[:40]}' to choose.", f"没有“{chosen[:40]}”这个人员选项。")
        asked: sa.ColumnElement[bool] = column == wanted
        return asked

    return Choice(name="person", title=title, choices=choices, where=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """From one day to another, both included; for moments, days of the site's time zone."""

    name: str
    title: Label
    column: Any
    moments: bool = False
    look: str = "days"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Its two names in an address."""
        return (f"{self.name}_from", f"{self.name}_to")

    def condition(self, given: Mapping[str, str], reader: Reader) -> sa.ColumnElement[bool] | None:
        """The column lies between the days."""
        first, last = (_day(given.get(name, ""), self.title) for name in self.parameters)
        if first and last and last < first:
            raise BadInput(
                f"{self.title.en}: the last day {last} lies before the first {first}.",
                f"{self.title.zh}：结束日期 {last} 早于开始日期 {first}。",
            )
        asked = []
        if first:
            asked.append(self.column >= self._begin(first, reader))
        if last:
            asked.append(self.column < self._begin(last + timedelta(days=1), reader))
        return sa.and_(*asked) if asked else None

    def _begin(self, day: date, reader: Reader) -> date | datetime:
        return midnight(day, reader.zone) if self.moments else day


def midnight(day: date, zone: str) -> datetime:
    """The moment a day begins at the site, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _day(text: str, title: Label) -> date | None:
    if not text.strip():
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = date.min
    if not date(1900, 1, 1) <= found <= date(2999, 12, 31):
        raise BadInput(f"{title.en}: give a date as 2026-11-30.", f"{title.zh}：请按 2026-11-30 的格式填写日期。")
    return found
