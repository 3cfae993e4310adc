"""A list is declared once: its columns, filters, order and permission. Pages, exports and saved views read it.

Names of columns and filters that come from an address are looked up here and never become part of a statement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import BadInput
from lims.labels import Label, state_label
from lims.lists.filters import Filter
from lims.permissions import STAFF, Actor
from lims.workflow import Machine

SIZES = (25, 50, 100, 200)  # rows of a page that can be chosen


class Named(NamedTuple):
    """A state or a kind: the key in the table, and the words people read."""

    key: str
    label: Label


class Two(NamedTuple):
    """A name in both languages; one of them may be empty."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in ``language``, or the other one where that is empty."""
        first, second = (self.zh, self.en) if language.startswith("zh") else (self.en, self.zh)
        return first or second


class Link(NamedTuple):
    """Where a cell leads: an endpoint with its arguments, and its text where that is not the value."""

    endpoint: str
    arguments: Mapping[str, str]


def everybody(_actor: Actor) -> bool:
    """A column for every reader."""
    return True


def staff(actor: Actor) -> bool:
    """A column for the laboratory's own people."""
    return bool(actor.roles & STAFF)


def sighted(actor: Actor) -> bool:
    """A column for the laboratory's people who may know whose item it is (lims/web/blind.py)."""
    return staff(actor) and not actor.blind


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    value: row → str, int, float, Decimal, bool, date, datetime, `Two`, `Named` or None. kind: its type in a file,
    unless the look says it. look: "id", "day", "moment", "chip", "hash", "detail", "short" (one line) or empty.
    sort: what the database sorts by; None: not sortable. along: relationships, of which each row has one, that lead to
    the record whose column that is. nullable: whether that can be missing; a missing value counts as the largest (a day
    not set yet is still to come). under: the column below whose value this one stands on pages.
    """

    name: str
    title: Label
    value: Callable[[Any], Any]
    kind: type[Any] = str
    look: str = ""
    sort: Any = None
    along: tuple[Any, ...] = ()
    nullable: bool = False
    under: str = ""
    link: Callable[[Any], Link | None] | None = None
    shown: Callable[[Actor], bool] = everybody

    @property
    def stored(self) -> type[Any]:
        """The type of the value in a file."""
        return {"day": date, "moment": datetime}.get(self.look, self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """One list of records.

    select: the rows an actor may see, without order and without joins, so that they are counted quickly. options: how
    what the columns show is loaded with the rows; anything else they would touch is an error, not one more query a
    row. id: what makes the order total; unique, never missing. order: column to sort by, "-" before it for the largest
    first. key: row → its number. page: the endpoint of a row's page and the argument that takes its key; None: a scan
    of the number finds it.
    """

    name: str
    title: Label
    endpoint: str
    permission: str
    select: Callable[[Actor], sa.Select[Any]]
    id: Any
    columns: tuple[Column, ...]
    order: str
    options: tuple[Any, ...] = ()
    filters: tuple[Filter, ...] = ()
    hint: Label = field(default=Label("", ""))
    key: Callable[[Any], str] = field(default=lambda row: str(row.number))
    page: tuple[str, str] | None = None

    def columns_for(self, actor: Actor) -> list[Column]:
        """The columns an actor may see."""
        return [column for column in self.columns if column.shown(actor)]

    def column(self, name: str, actor: Actor) -> Column:
        """The column to sort by; `BadInput` for one that is not there, not sortable, or not the actor's to see."""
        for column in self.columns_for(actor):
            if column.name == name and column.sort is not None:
                return column
        known = ", ".join(one.name for one in self.columns_for(actor) if one.sort is not None)
        raise BadInput(
            f"This list cannot be sorted by '{name[:40]}'; it can by: {known}.",
            f"此列表不能按“{name[:40]}”排序；可用的有：{known}。",
        )


def named(kind: str, state: str) -> Named:
    """The state of a record with its words."""
    return Named(state, state_label(kind, state))


def states_of(machine: Machine) -> Callable[[Session, Actor], Mapping[str, Label]]:
    """The choices of a filter by state."""
    return lambda _session, _actor: {state: state_label(machine.kind, state) for state in machine.states}


def choices_of(words: Collection[Named]) -> Callable[[Session, Actor], Mapping[str, Label]]:
    """The choices of a filter by one of several words."""
    return lambda _session, _actor: {one.key: one.label for one in words}


def day_of(values: Sequence[date]) -> date | None:
    """The latest of several days; None of none."""
    return max(values, default=None)
