"""The PostgreSQL server of the tests: the one that is named, or a throwaway one of theirs in memory."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import uuid
from functools import cached_property
from pathlib import Path
from shutil import which

import psycopg
from psycopg import sql

from tests.memory import Shared

NAME = "HELIOBENCH_TEST_POSTGRESQL"
NAMED = os.environ.get(NAME, "")
USER = "postgres"  # in whose name root starts it
USUAL = "127.0.0.1:5432"  # asked where the server's programs are not installed
DATABASE = "database"  # the file beside a template that holds the name of its database
# Nothing of it is kept: these are tests of behaviour, and the kill tests use SQLite and the spool.
FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off -c listen_addresses="


class Server:
    """A PostgreSQL server at ``HOST:PORT`` or in the folder of its socket; makes and drops databases of its own."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.made: list[str] = []

    def url(self, name: str) -> str:
        if self.where.startswith("/"):
            return f"postgresql://postgres@/{name}?host={self.where}"
        return f"postgresql://postgres@{self.where}/{name}"

    def create(self, template: str = "template1") -> str:
        name = f"heliobench_test_{uuid.uuid4().hex[:12]}"
        self._do("create database {} template {}" + self._strategy, name, template)
        self.made.append(name)
        return name

    @cached_property
    def _strategy(self) -> str:
        """Copying files takes a quarter of the time of writing them through the log, which came with version 15."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            return " strategy file_copy" if connection.info.server_version >= 150000 else ""

    def drop(self, name: str) -> None:
        self._do("drop database {} with (force)", name)
        self.made.remove(name)

    def leave(self, name: str) -> None:
        """A template of the whole run, which is dropped with the others at its end."""
        self.made.remove(name)

    def _do(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def programs() -> Path | None:
    """The folder of the newest server that is installed and may be started: not by root, who needs a name for it."""
    if os.geteuid() == 0 and not any(one.pw_name == USER for one in pwd.getpwall()):
        return None
    if found := which("initdb"):
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    return versions[-1].parent if versions else None


def address(shared: Shared) -> str:
    """Where the server of this run is; started by whoever asks first."""
    if NAMED or not programs():
        return NAMED or USUAL
    return str(shared.once("postgresql", _start))


def clear(shared: Shared) -> None:
    """Stop the server of this run if it was started; on another drop the templates."""
    if (folder := shared.folder / "postgresql").exists():
        _run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")
        return
    server = Server(NAMED or USUAL)
    server.made = [one.read_text(encoding="ascii") for one in shared.folder.glob(f"postgresql-*/{DATABASE}")]
    for name in list(server.made):
        server.drop(name)


def _start(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, USER)
    data = str(folder / "data")
    _run("initdb", "--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "-D", data)
    options = f"{FAST} -c unix_socket_directories={folder}"
    _run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-w", "-o", options, "start")


def _run(program: str, *arguments: str) -> None:
    """One of the server's programs."""
    found = programs()
    assert found is not None
    name = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    subprocess.run([*name, str(found / program), *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/")
