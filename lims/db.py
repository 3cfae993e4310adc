"""The database, SQLite or PostgreSQL: types, sessions, and what both must do alike.

SQLAlchemy stores enum *names* and SQLite drops time zones unless told otherwise; both are told here, once.
SQLite runs in WAL with synchronous=FULL, so that a committed record survives a power cut, and a writing
transaction begins IMMEDIATE, so that two writers wait for each other instead of failing half-way.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session

from lims.errors import BadInput

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITING = "heliobench_writing"
KINDS = ("sqlite", "postgresql")


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; a time without a zone is refused rather than guessed."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: naive times are refused, SQLite gets UTC without the zone mark."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; use lims.clock")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Yuan(sa.types.TypeDecorator[Decimal]):
    """An amount of money in yuan as a Decimal with two places, kept as whole fen: exact, also in sums."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """To the database: a fraction of a fen is refused rather than rounded."""
        if value is None:
            return None
        fen = value * 100
        if fen != fen.to_integral_value():
            raise ValueError(f"{value} yuan is no whole number of fen")
        return int(fen)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """From the database: always two decimals."""
        return None if value is None else Decimal(value).scaleb(-2)


class local_day(sa.sql.functions.FunctionElement[date]):  # noqa: N801 (a function of SQL)
    """The day of a moment in a time zone: ``local_day(Run.created_at, "Asia/Shanghai")``, alike on both databases."""

    inherit_cache = True
    type = sa.Date()

    def __init__(self, moment: Any, zone: str) -> None:
        super().__init__(moment, sa.literal(zone, sa.String))


@compiles(local_day)
def _local_day(element: Any, compiler: Any, **options: Any) -> str:
    return f"local_day({compiler.process(element.clauses, **options)})"


@compiles(local_day, "postgresql")
def _local_day_of_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    moment, zone = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(timezone({zone}, {moment}) AS DATE)"


def _local_day_of_sqlite(moment: str | None, zone: str) -> str | None:
    if moment is None:
        return None
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date().isoformat()


def _values(kind: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in kind]


class Base(DeclarativeBase):
    """Root of all tables; names every constraint, stores enums by value and times in UTC."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy's own protocol)
        datetime: UTCDateTime(),
        enum.Enum: sa.Enum(enum.Enum, values_callable=_values, native_enum=False, length=40),
    }


def sorted_by(table: str, *columns: str, id: str = "id") -> tuple[sa.Index, ...]:
    """An index for each column that a long list is sorted by, with the ``id`` that makes its order total."""
    return tuple(sa.Index(f"ix_{table}_{column}", column, id) for column in columns)


def sought_in(table: str, *columns: str) -> sa.Index:
    """An index that holds what a long list is searched in: it is read through instead of the rows, which are longer."""
    return sa.Index(f"ix_{table}_words", *columns)


class Database:
    """One database: `read` for a page, `write` for a verb (one transaction, committed or rolled back whole)."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._reading = self.engine.execution_options(**_one_moment(self.engine))
        self._writing = self.engine.execution_options(**{WRITING: True})

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading, all of it as of one moment; whatever it changed is thrown away."""
        with Session(self._reading, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are committed together at the end, or not at all."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _one_moment(engine: Engine) -> dict[str, str]:
    """Every SELECT of a page or a check sees the same state, as SQLite's transactions do by themselves."""
    return {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}


def make_engine(url: str) -> Engine:
    """An engine for ``url`` with this house's settings for its kind of database; `BadInput` for any other kind."""
    try:
        kind = sa.make_url(url).get_backend_name()
    except sa.exc.ArgumentError:
        kind = ""
    if kind not in KINDS:
        raise BadInput(
            "The setting database_url is no address of a SQLite or PostgreSQL database; "
            "write postgresql://user@host/database, or leave it empty for SQLite.",
            "设置 database_url 不是 SQLite 或 PostgreSQL 数据库地址；"
            "请写成 postgresql://user@host/database，或留空以使用 SQLite。",
        )
    # Each thread of the server may read and write at once; the threads are the limit. In a pool smaller than they need,
    # they would wait for each other until one of them ends in an error.
    engine = sa.create_engine(url, pool_pre_ping=kind != "sqlite", max_overflow=-1)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would come too late: see _begin_sqlite
    connection.create_function("local_day", 2, _local_day_of_sqlite, deterministic=True)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
