"""The schema's way up and down (Alembic, migrations/versions)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from lims.db import Database
from lims.errors import BadInput, Refused
from lims.settings import ROOT

DATED = "%%(year)d%%(month).2d%%(day).2d_%%(hour).2d%%(minute).2d_%%(rev)s_%%(slug)s"


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without an ini file."""
    made = Config()
    made.set_main_option("script_location", str(ROOT / "migrations"))
    made.set_main_option("file_template", DATED)
    made.attributes["connection"] = connection
    return made


def head() -> str:
    """The newest revision in the tree."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def current(database: Database) -> str | None:
    """The revision the database is at; None for an empty one. Raises `Refused` if it cannot be reached."""
    with _connected(database) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database up to ``revision``, all in one transaction; `Refused` where the records do not fit."""
    _run(database, command.upgrade, revision)


def downgrade(database: Database, revision: str) -> None:
    """Bring the database down to ``revision`` ("base" empties it); `Refused` where it has no place for a record."""
    _run(database, command.downgrade, revision)


def require_current(database: Database) -> None:
    """Refuse to work on a database of another shape than this program's."""
    found = current(database)
    if found != head():
        raise Refused(
            f"The database is at revision {found or 'none'}, this program needs {head()}: run 'heliobench db upgrade'.",
            f"数据库版本为 {found or '无'}，本程序需要 {head()}：请运行“heliobench db upgrade”。",
        )


def _run(database: Database, verb: Any, revision: str) -> None:
    with _connected(database) as connection, _rebuilding(connection), connection.begin():
        try:
            verb(config(connection), revision)
        except CommandError as error:
            raise BadInput(
                f"There is no revision '{revision}' of the database ({error}): see 'heliobench db status'.",
                f"数据库没有版本“{revision}”（{error}）；请用“heliobench db status”查看本程序的版本。",
            ) from error
        except IntegrityError as error:
            why = str(error.orig).strip().partition("\n")[0]
            raise Refused(
                f"The database holds records that revision '{revision}' has no place for ({why}); nothing was changed. "
                "Stay at this revision, or go back to the backup made before its upgrade.",
                f"数据库中有版本“{revision}”无法容纳的记录（{why}）；未作任何更改。"
                "请保持当前版本，或恢复升级前的备份。",
            ) from error
        _require_whole(connection)


@contextmanager
def _rebuilding(connection: Connection) -> Iterator[None]:
    """On SQLite a table is changed by rebuilding it, which its references must allow until the end (sqlite.org/lang_
    altertable.html, section 7); whether every reference still leads somewhere is checked before the commit.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    bare: Any = connection.connection.driver_connection  # outside SQLAlchemy's transaction: inside, it does nothing
    bare.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        bare.execute("PRAGMA foreign_keys=ON")


def _require_whole(connection: Connection) -> None:
    """Refuse to commit references that lead nowhere."""
    if connection.dialect.name == "sqlite" and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise RuntimeError(f"the migration would leave references that lead nowhere: {broken[:5]}")


@contextmanager
def _connected(database: Database) -> Iterator[Connection]:
    try:
        connection = database.engine.connect()
    except OperationalError as error:
        where = database.engine.url.render_as_string(hide_password=True)
        why = str(error.orig).strip().partition("\n")[0]
        raise Refused(
            f"The database {where} cannot be reached ({why}); check the setting database_url and that it is running.",
            f"无法连接数据库 {where}（{why}）；请检查设置 database_url，并确认数据库正在运行。",
        ) from error
    with connection:
        yield connection
