"""The schema's way up and down (Alembic, migrations/versions)."""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from lims.db import Database
from lims.errors import Refused
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
    """The revision the database is at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database up to ``revision``, all in one transaction."""
    _run(database, command.upgrade, revision)


def downgrade(database: Database, revision: str) -> None:
    """Bring the database down to ``revision`` ("base" empties it)."""
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
    with database.engine.begin() as connection:
        verb(config(connection), revision)
