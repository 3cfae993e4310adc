"""Every migration on data: what was written at a revision is still there after the way up, down and up again.

At each revision a row is laid in every table that is new there or has other columns: new migrations join by existing.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from alembic.config import Config

from lims import migrate, models
from lims.db import Database

VERSION = "alembic_version"
STATED: dict[tuple[str, str], Any] = {  # one of two, by a rule of the table
    ("request_test", "procedure_id"): "",
    ("job", "procedure_id"): "",
    ("report", "manual_test_id"): None,
}
OLDER: dict[tuple[str, str], Any] = {  # what rows of before say in a new column, where that is not empty
    ("company", "active"): True,
    ("item", "role"): "test",
    ("item", "pieces"): 1,
    ("request", "report_language"): "both",
    ("report", "language"): "both",
    ("report", "job_id"): 1,  # the job of its result
    ("job", "request_test_id"): 1,  # the method of its request
}
EMPTY: set[Any] = {None, "", False}
COPIED = {("job", "planned_to"): "planned_on"}  # a job took one day
TOGETHER = {"request": {"request_test"}}  # an order has a test, which its jobs name
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Table(NamedTuple):
    """What a table holds."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def told(self, columns: set[str]) -> set[tuple[Any, ...]]:
        """What its rows say in some columns."""
        places = [self.columns.index(one) for one in sorted(columns)]
        return {tuple(row[place] for place in places) for row in self.rows}


def everything(connection: sa.Connection) -> dict[str, Table]:
    """What the database holds."""
    cursor, found = connection.connection.cursor(), {}
    for name in set(sa.inspect(connection).get_table_names()) - {VERSION}:
        cursor.execute(f'select * from "{name}"')
        found[name] = Table(tuple(one[0] for one in cursor.description), cursor.fetchall())
    return found


def require_kept(before: dict[str, Table], now: dict[str, Table]) -> None:
    """Every row stands there yet and says the same, as far as its table and their columns are still there."""
    for name in before.keys() & now.keys():
        shared = {*before[name].columns} & {*now[name].columns}
        assert before[name].told(shared) <= now[name].told(shared), name


def require_meant(before: dict[str, Table], now: dict[str, Table]) -> None:
    """Rows of before say nothing in new columns that they did not mean."""
    for name in before.keys() & now.keys():
        for column in {*now[name].columns} - {*before[name].columns}:
            if like := COPIED.get((name, column)):
                assert now[name].told({column}) == now[name].told({like})
            else:
                wanted = {OLDER[name, column]} if (name, column) in OLDER else EMPTY
                assert {said for (said,) in now[name].told({column})} <= wanted, (name, column)


class Walk:
    """Told of every step of a migration: lays rows on the way up, and looks on every way whether all is there."""

    def __init__(self) -> None:
        self.written: dict[tuple[str, ...], dict[str, Table]] = {}  # by revision
        self.last: dict[str, Table] = {}
        self.laid: dict[str, int] = {}

    def up(self, ctx: Any, heads: set[str], **_: Any) -> None:
        now = everything(ctx.connection)
        require_kept(self.last, now)
        require_meant(self.last, now)
        other = {name for name in now if name not in self.last or now[name].columns != self.last[name].columns}
        self.lay(ctx.connection, other.union(*(TOGETHER.get(one, set()) & now.keys() for one in other)))
        self.last = self.written[*heads] = everything(ctx.connection)

    def down(self, ctx: Any, heads: set[str], **_: Any) -> None:
        now, before = everything(ctx.connection), self.written[*heads]
        assert {name: {*one.columns} for name, one in now.items()} == {
            name: {*one.columns} for name, one in before.items()
        }
        require_kept(before, now)

    def lay(self, connection: sa.Connection, tables: set[str]) -> None:
        """A row in each of these tables, its values told from those of other steps and other columns."""
        step, inspector = len(self.written) + 1, sa.inspect(connection)
        columns = inspector.get_multi_columns(filter_names=[*tables])
        keys = {
            name: {one["constrained_columns"][0]: one["referred_table"] for one in found}
            for (_, name), found in inspector.get_multi_foreign_keys(filter_names=[*tables]).items()
        }

        def lay_one(name: str) -> None:
            if name in tables and self.laid.get(name) != step:
                self.laid[name] = step
                for other in keys[name].values():
                    lay_one(other)
                row = {one["name"]: self.value(name, one, keys[name], step) for one in columns[None, name]}
                typed = sa.table(name, *(sa.column(one["name"], one["type"]) for one in columns[None, name]))
                connection.execute(sa.insert(typed).values(row))

        for name in tables:
            lay_one(name)

    def value(self, table: str, column: Any, keys: dict[str, str], step: int) -> Any:
        """What stands in a column; the row that was laid last where it points somewhere."""
        name, kind, at = column["name"], column["type"].python_type, FIRST_DAY + timedelta(days=step)
        if (table, name) in STATED:
            return STATED[table, name]
        if name in keys:
            return None if keys[name] == table else self.laid[keys[name]]
        if kind is str:
            return f"{step} {name}"[: column["type"].length]
        return {bool: True, int: step, float: step + 0.5, date: at.date(), datetime: at}[kind]


def test_what_people_wrote_survives_the_way_up_down_and_up_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, walk = migrate.config, Walk()

    def told(of: Any) -> None:
        def config(connection: sa.Connection | None = None) -> Config:
            made = plain(connection)
            made.attributes["each_step"] = of
            return made

        monkeypatch.setattr(migrate, "config", config)

    told(walk.up)
    migrate.upgrade(database)
    assert walk.last.keys() == models.Base.metadata.tables.keys()
    first = next(iter(walk.written))
    told(walk.down)
    migrate.downgrade(database, *first)
    told(())
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        require_kept(walk.written[first], everything(connection))
    migrate.downgrade(database, "base")
    assert sa.inspect(database.engine).get_table_names() == [VERSION]
