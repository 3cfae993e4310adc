"""Words looked for in a list: in any of some columns, large and small letters alike, and looked for once a page.

Every row is looked at, which 100 000 of them allow. An index of trigrams (FTS5, pg_trgm) would not serve the usual
words of two Chinese characters, and pg_trgm is not on every server.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session

FEW = 3000  # ours: so many rows are found again by their ids in a few milliseconds
ESCAPE = "/"


class _Condition(sa.sql.functions.FunctionElement[bool]):
    """Something that is true of a row or not."""

    inherit_cache = True
    type = sa.Boolean()

    def self_group(self, against: Any = None) -> Any:
        """As it is: compared with 1, as SQLite's own truth values are, no index would be asked."""
        return self


class _Holding(_Condition):
    """One of the columns has the text as it stands; SQLite's LIKE takes A for a by itself."""

    inherit_cache = True


class _HoldingLetters(_Holding):
    """The same with large and small letters alike, those of ASCII."""

    inherit_cache = True


class _HoldingAnyLetters(_Holding):
    """The same with the letters of every alphabet alike, where the database knows them: several times as slow."""

    inherit_cache = True


def holding(text: str, *columns: Any) -> sa.ColumnElement[bool]:
    """Whether one of the columns has the text somewhere: ``holding("qc-7", Request.number, Request.model)``."""
    cased = [one for one in text if one.lower() != one.upper()]
    kind = _HoldingAnyLetters if any(not one.isascii() for one in cased) else _HoldingLetters if cased else _Holding
    for special in (ESCAPE, "%", "_"):
        text = text.replace(special, ESCAPE + special)
    return kind(sa.literal(f"%{text}%", sa.String), *columns)


@compiles(_Holding)
def _as_it_stands(element: Any, compiler: Any, **options: Any) -> str:
    pattern, *columns = (compiler.process(one, **options) for one in element.clauses)
    return "(" + " OR ".join(f"{column} LIKE {pattern} ESCAPE '{ESCAPE}'" for column in columns) + ")"


@compiles(_HoldingLetters, "postgresql")
def _letters(element: Any, compiler: Any, **options: Any) -> str:
    return _lowered(element, compiler, ' COLLATE "C"', **options)


@compiles(_HoldingAnyLetters, "postgresql")
def _any_letters(element: Any, compiler: Any, **options: Any) -> str:
    return _lowered(element, compiler, "", **options)


def _lowered(element: Any, compiler: Any, collation: str, **options: Any) -> str:
    """All columns at once, a line each: no text that is looked for has two."""
    pattern, *columns = (compiler.process(one, **options) for one in element.clauses)
    lines = " || chr(10) || ".join(f"coalesce({column}, '')" for column in columns)
    return f"(lower(({lines}){collation}) LIKE lower({pattern}{collation}) ESCAPE '{ESCAPE}')"


class _Among(_Condition):
    """The number is one of a JSON list: one parameter, however many they are."""

    inherit_cache = True


@compiles(_Among)
def _among(element: Any, compiler: Any, **options: Any) -> str:
    number, each = (compiler.process(one, **options) for one in element.clauses)
    return f"{number} IN (SELECT value FROM json_each({each}))"  # noqa: S608 (a column and a parameter)


@compiles(_Among, "postgresql")
def _among_of_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    number, each = (compiler.process(one, **options) for one in element.clauses)
    return f"{number} IN (SELECT value::bigint FROM json_array_elements_text(CAST({each} AS json)))"  # noqa: S608


def found(session: Session, select: sa.Select[Any], words: sa.ColumnElement[bool], id: Any) -> sa.Select[Any]:
    """``select`` narrowed to the rows that have the words.

    Where they are few they are found here, once, and by their ids from then on: to look at every row again for each
    number of a page, and in its order, takes a multiple of the time.
    """
    ids = select.where(words).with_only_columns(id, maintain_column_froms=True).order_by(None).limit(FEW + 1)
    few = list(session.scalars(ids))
    return select.where(_Among(id, sa.literal(json.dumps(few), sa.Text)) if len(few) <= FEW else words)
