"""Fixtures: real databases of both kinds, made once as templates and copied for each test."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from lims import migrate
from lims.db import Database
from lims.demonstration import people
from lims.laboratory import Laboratory
from lims.parties.operations import HASHER
from lims.settings import Settings, load_settings

SERVER = os.environ.get("HELIOBENCH_TEST_POSTGRESQL", "127.0.0.1:5432")
KINDS = ("sqlite", "postgresql")


def skip_loudly(reason: str) -> None:
    """Skip here; in CI, where everything must run, fail instead."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must run this: {reason}")
    pytest.skip(reason)


class Server:
    """The PostgreSQL server of the tests; makes and drops databases of its own."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def url(self, name: str) -> str:
        return f"postgresql://postgres@{SERVER}/{name}"

    def create(self, template: str = "template1") -> str:
        name = f"heliobench_test_{uuid.uuid4().hex[:12]}"
        self._do("create database {} template {}", name, template)
        self.made.append(name)
        return name

    def drop(self, name: str) -> None:
        self._do("drop database {} with (force)", name)
        self.made.remove(name)

    def _do(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The PostgreSQL server, or a loud skip."""
    made = Server()
    try:
        psycopg.connect(made.url("postgres"), connect_timeout=3).close()
    except psycopg.OperationalError as error:
        skip_loudly(f"no PostgreSQL server at {SERVER} ({error}); set HELIOBENCH_TEST_POSTGRESQL to HOST:PORT")
    yield made
    for name in list(made.made):
        made.drop(name)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each test that asks for a database runs on both kinds."""
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a new database without any table."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    server: Server = request.getfixturevalue("server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(scope="session", autouse=True)
def quick_hashing() -> Iterator[None]:
    """Password hashing at its smallest cost: the tests sign in often."""
    patch = pytest.MonkeyPatch()
    patch.setattr(HASHER, "_parameters", HASHER._parameters.__class__(**_CHEAP))
    yield
    patch.undo()


_CHEAP = {
    "type": HASHER._parameters.type, "version": HASHER._parameters.version, "salt_len": 16, "hash_len": 32,
    "time_cost": 1, "memory_cost": 8, "parallelism": 1,
}  # fmt: skip


@pytest.fixture(scope="session")
def template_instance(tmp_path_factory: pytest.TempPathFactory, quick_hashing: None) -> Path:
    """An instance folder with a SQLite database that holds the demonstration's people and equipment."""
    instance = tmp_path_factory.mktemp("template")
    laboratory = Laboratory(settings_for(instance))
    migrate.upgrade(laboratory.database)
    people.load(laboratory)
    laboratory.close()
    return instance


@pytest.fixture(scope="session")
def template_database(server: Server, template_instance: Path) -> str:
    """The same in a PostgreSQL database."""
    name = server.create()
    laboratory = Laboratory(settings_for(template_instance, server.url(name)))
    migrate.upgrade(laboratory.database)
    people.load(laboratory)
    laboratory.close()
    return name


def settings_for(instance: Path, database_url: str = "") -> Settings:
    """Settings of a demonstration laboratory in ``instance``."""
    return load_settings({}, instance=str(instance), database_url=database_url, demonstration=True)


@pytest.fixture
def laboratory(
    kind: str, template_instance: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Laboratory]:
    """The demonstration laboratory with its people and equipment and nothing else, on each kind of database."""
    instance = tmp_path / "instance"
    shutil.copytree(template_instance, instance)
    made, url = "", ""
    if kind == "postgresql":
        template = request.getfixturevalue("template_database")
        server: Server = request.getfixturevalue("server")
        made = server.create(template)
        url = server.url(made)
    laboratory = Laboratory(settings_for(instance, url))
    yield laboratory
    laboratory.close()
    if made:
        server.drop(made)


@pytest.fixture
def database(empty_url: str) -> Iterator[Database]:
    """A new, empty database."""
    made = Database(empty_url)
    yield made
    made.close()
