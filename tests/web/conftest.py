"""Fixtures of the pages: a site with the whole main job done, and people signed in through the real form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from lims.app import create_app
from lims.demonstration import journey, people, spot_check
from lims.laboratory import Laboratory
from lims.models import Equipment, Item, Job, ManualTest, Report, Request, Result, Run
from lims.results import background
from lims.sampling.models import SamplingRecord, SamplingTask

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Browser:
    """A person with a browser: gets pages, and posts forms with the token that the page gave."""

    client: FlaskClient

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        found = TOKEN.search(self.client.get("/verify").text)
        assert found, "the page has no form token"
        return self.client.post(path, data={"csrf_token": found[1], **(data or {})}, **options)


class CompiledOnce(BytecodeCache):
    """Templates are compiled once for all sites of these tests, not once for each."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledOnce()


@dataclass
class Site:
    """One site of the laboratory, with a browser for each person."""

    laboratory: Laboratory

    def __post_init__(self) -> None:
        self.app: Flask = create_app(self.laboratory)
        self.app.testing = True
        self.app.jinja_env.bytecode_cache = COMPILED
        self.password = people.password(self.laboratory)
        self._browsers: dict[tuple[str, str], Browser] = {}

    def visitor(self, language: str = "en") -> Browser:
        """Somebody who has not signed in."""
        client = self.app.test_client()
        client.set_cookie("language", language)
        return Browser(client)

    def signed_in(self, username: str, language: str = "en") -> Browser:
        """One of the demonstration's people; signs in once."""
        if (username, language) not in self._browsers:
            browser = self.visitor(language)
            answer = browser.post("/sign-in", {"username": username, "password": self.password})
            assert answer.status_code == 302, answer.text
            self._browsers[username, language] = browser
        return self._browsers[username, language]

    @cached_property
    def numbers(self) -> dict[str, str]:
        """The number of the first record of each kind that there is."""
        kinds = {
            "request": Request, "item": Item, "job": Job, "run": Run, "result": Result, "report": Report,
            "equipment": Equipment, "manual": ManualTest, "task": SamplingTask, "sampling": SamplingRecord,
        }  # fmt: skip
        with self.laboratory.database.read() as session:
            found = {kind: session.scalar(sa.select(table.number).order_by(table.id)) for kind, table in kinds.items()}
            found["code"] = session.scalar(sa.select(Report.code).order_by(Report.id))
        return {kind: str(number) for kind, number in found.items() if number}


Templates = Callable[[str, str], Any]


@pytest.fixture(scope="module")
def site(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose report is issued, for tests that only look."""
    with templates("sqlite", "issued").copied(tmp_path_factory.mktemp("site") / "instance") as laboratory:
        technician = journey.actor(laboratory, "technician")
        with laboratory.database.write() as session:
            session.add(
                ManualTest(
                    number=f"RG-{laboratory.today.year}-00001", job_id=1, procedure_id="gbt6424-2007-pressure",
                    created_at=laboratory.clock(), tested_by_id=technician.id,
                )
            )  # fmt: skip
        spot_check.load(laboratory)
        made = Site(laboratory)
        background.ask(laboratory, technician, made.numbers["run"])
        yield made


@pytest.fixture
def empty(templates: Templates, tmp_path: Path) -> Iterator[Site]:
    """A site with people and equipment and nothing else."""
    with templates("sqlite", "people").copied(tmp_path / "instance") as laboratory:
        yield Site(laboratory)


@pytest.fixture
def evaluated(templates: Templates, tmp_path: Path) -> Iterator[Site]:
    """A site with a recorded result that nobody has submitted yet."""
    with templates("sqlite", "recorded").copied(tmp_path / "instance") as laboratory:
        yield Site(laboratory)


@pytest.fixture
def published(templates: Templates, tmp_path: Path) -> Iterator[Site]:
    """A site whose report is issued, for tests that change something."""
    with templates("sqlite", "issued").copied(tmp_path / "instance") as laboratory:
        yield Site(laboratory)
