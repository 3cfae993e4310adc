"""Fixtures: real databases of both kinds, made once as templates and copied for each test."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import settings as property_settings
from sqlalchemy.orm import Session

from instruments.segment import GENESIS, read_segment, with_hash
from lims import db, migrate
from lims.certificates import evidence
from lims.db import Database
from lims.demonstration import bench, journey, people
from lims.demonstration.record import replay
from lims.equipment.benches import bench_named
from lims.laboratory import Laboratory
from lims.parties import operations as parties
from lims.parties.operations import HASHER
from lims.results import figures as drawing
from lims.results import operations as results
from lims.runs import operations as runs
from lims.settings import Settings, load_settings
from tests import postgresql
from tests.memory import Shared, use_memory
from tests.postgresql import DATABASE, Server

# Every run of the suite asks the same questions, so that a red one is the change's own; `make faults` looks for new
# ones. How long an example takes is no property.
property_settings.register_profile("suite", derandomize=True, deadline=None)
property_settings.register_profile("explore", deadline=None)
property_settings.load_profile("suite")

KINDS = ("sqlite", "postgresql")
SHARED = pytest.StashKey[Shared]()


def skip_loudly(reason: str) -> None:
    """Skip here; in CI, where everything must run, fail instead."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must run this: {reason}")
    pytest.skip(reason)


def pytest_configure(config: pytest.Config) -> None:
    """One folder for this run; a worker of it gets the controller's."""
    worker = getattr(config, "workerinput", None)
    if worker is None:
        use_memory()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job in the background ignores it
    config.stash[SHARED] = Shared(Path(worker["shared"])) if worker else Shared.made()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported stays: the garbage collector need not walk through it, neither meanwhile nor after each test."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The pages first and the computations last, whose files are short.

    A worker takes a whole file, and one that begins a long file last is waited for by the other.
    """
    items.sort(key=lambda item: item.nodeid.startswith("tests/protocols/") - item.nodeid.startswith("tests/web/"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["shared"] = str(node.config.stash[SHARED].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last one throws away what all had together."""
    gc.unfreeze()
    if not hasattr(config, "workerinput"):
        postgresql.clear(config.stash[SHARED])
        config.stash[SHARED].remove()


@pytest.fixture(scope="session")
def run_folder(pytestconfig: pytest.Config) -> Shared:
    """The folder of this run, in which the workers find what one of them made."""
    return pytestconfig.stash[SHARED]


@pytest.fixture(scope="session")
def server(run_folder: Shared) -> Iterator[Server]:
    """The PostgreSQL server, or a loud skip."""
    made = Server(postgresql.address(run_folder))
    try:
        psycopg.connect(made.url("postgres"), connect_timeout=3).close()
    except psycopg.OperationalError as error:
        skip_loudly(
            f"no PostgreSQL server at {made.where} ({error}); install one, or set {postgresql.NAME} to HOST:PORT"
        )
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
    patch.setattr(parties, "NOBODY", HASHER.hash("nobody"))  # hashed at import, at the full cost
    yield
    patch.undo()


_CHEAP = {
    "type": HASHER._parameters.type, "version": HASHER._parameters.version, "salt_len": 16, "hash_len": 32,
    "time_cost": 1, "memory_cost": 8, "parallelism": 1,
}  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Each statement is compiled once for all databases of its kind, as in a server that has run for a while."""
    known: dict[str, sa.Engine] = {}
    make = db.make_engine

    def make_engine(url: str) -> sa.Engine:
        engine = make(url)
        first = known.setdefault(engine.dialect.name, engine)
        if first.dialect.default_schema_name:  # it has been connected, and so its dialect knows the server
            engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    patch = pytest.MonkeyPatch()
    patch.setattr(db, "make_engine", make_engine)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def drawn_once() -> Iterator[None]:
    """Equal input gives equal figures (tests/results/test_figures.py): each is drawn once for all laboratories."""
    known: dict[str, dict[str, bytes]] = {}

    def figures(outcome: Mapping[str, Any], *, language: str | None = None) -> dict[str, bytes]:
        key = json.dumps([outcome, language], sort_keys=True)
        if key not in known:
            known[key] = drawing.figures(outcome, language=language)
        return dict(known[key])

    patch = pytest.MonkeyPatch()
    for user in (results, evidence):
        patch.setattr(user, "figures", figures)
    yield
    patch.undo()


def settings_for(instance: Path, database_url: str = "") -> Settings:
    """Settings of a demonstration laboratory in ``instance``."""
    return load_settings({}, instance=str(instance), database_url=database_url, demonstration=True)


@dataclass(frozen=True)
class Template:
    """An instance folder and, on PostgreSQL, a database: made once, copied for each test."""

    folder: Path
    server: Server | None = None

    @property
    def instance(self) -> Path:
        return self.folder / "instance"

    @property
    def database(self) -> Path:
        """Holds the name of its database on PostgreSQL."""
        return self.folder / DATABASE

    @contextmanager
    def copied(self, to: Path) -> Iterator[Laboratory]:
        """A laboratory of its own; its database is dropped at the end."""
        with self._copied(to) as (laboratory, made):
            yield laboratory
        if self.server and made:
            self.server.drop(made)

    def grown(self, to: Path, step: Callable[[Laboratory], None]) -> Template:
        """A copy in the folder ``to`` in which one more step was done, as a template."""
        grown = Template(to, self.server)
        with self._copied(grown.instance) as (laboratory, made):
            step(laboratory)
        return grown._kept(made)

    @classmethod
    def begun(cls, folder: Path, server: Server | None) -> Template:
        """The first: a laboratory with the demonstration's people and equipment."""
        made = server.create() if server else ""
        template = cls(folder, server)
        template.instance.mkdir()
        laboratory = Laboratory(settings_for(template.instance, server.url(made) if server else ""))
        migrate.upgrade(laboratory.database)
        people.load(laboratory)
        laboratory.close()
        return template._kept(made)

    def _kept(self, database: str) -> Template:
        self.database.write_text(database, encoding="ascii")
        return self

    @contextmanager
    def _copied(self, to: Path) -> Iterator[tuple[Laboratory, str]]:
        shutil.copytree(self.instance, to)
        made = self.server.create(self.database.read_text(encoding="ascii")) if self.server else ""
        laboratory = Laboratory(settings_for(to, self.server.url(made) if self.server else ""))
        try:
            yield laboratory, made
        finally:
            laboratory.close()


# Three clear days of the real record: the shortest that can be evaluated (37 windows).
THREE_DAYS = tuple(date.fromisoformat(day) for day in ("2017-07-13", "2017-07-20", "2017-08-14"))


@pytest.fixture(scope="session")
def spool(run_folder: Shared) -> Path:
    """The sealed spool of the first run, recorded from simulated instruments on real pseudo-terminals."""

    def record(folder: Path) -> None:
        how: dict[str, Any] = {"run": first("YX"), "spool": folder, "speed": None, "tick": lambda: None}
        bench.record(bench_named(journey.BENCH), replay(THREE_DAYS), **how)

    return run_folder.once("spool", record) / first("YX")


def first(prefix: str) -> str:
    """The first number of a series: WT request, YP item, RW job, YX run, JG result, BG report."""
    return f"{prefix}-{datetime.now(ZoneInfo('Asia/Shanghai')).year}-00001"


def segment_files(spool: Path) -> list[bytes]:
    """The bytes of every segment of a spool, in order."""
    return [path.read_bytes() for path in sorted(spool.glob("segment-*.jsonl"))]


LOGGED = ("G", "Gd", "DNI", "t_in", "t_out", "t_amb", "V_dot", "u")


@pytest.fixture(scope="session")
def toa5(spool: Path) -> bytes:
    """The demonstration's three days as a Campbell logger would have written them: what the instruments indicated."""
    parts = [read_segment(path.read_bytes()) for path in sorted(spool.glob("segment-*.jsonl"))]
    units = bench_named(journey.BENCH).units
    head = [
        ["TOA5", "roof", "CR1000X", "12345", "CR1000X.Std.07.02", "CPU:collector.CR1X", "8214", "OneMin"],
        ["TIMESTAMP", "RECORD", *(f"{name}_Avg" for name in LOGGED)],
        ["TS", "RN", *(units[name].replace("degC", "Deg C") for name in LOGGED)],
        ["", "", *("Smp" for _ in LOGGED)],
    ]
    lines, record = [",".join(f'"{cell}"' for cell in row) for row in head], 0
    for part in parts:
        columns = part.columns()
        for row, seconds in enumerate(part.times()):
            moment = (
                datetime.fromtimestamp(seconds, UTC)
                .astimezone(ZoneInfo("Asia/Shanghai"))
                .isoformat(" ", "milliseconds")[:-6]
            )
            cells = ('"NAN"' if np.isnan(columns[name][row]) else repr(float(columns[name][row])) for name in LOGGED)
            lines.append(f'"{moment}",{record},{",".join(cells)}')
            record += 1
    return ("\r\n".join(lines) + "\r\n").encode()


@pytest.fixture
def number() -> Callable[[str], str]:
    """``number("JG")``: the first result's number, and so on."""
    return first


@pytest.fixture
def segments(spool: Path) -> list[bytes]:
    """The bytes of every segment of the first run."""
    return segment_files(spool)


Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def rewritten() -> Callable[[list[bytes], Change], list[bytes]]:
    """``rewritten(segments, change)``: each line changed and the whole chain hashed anew, as a forger would."""

    def rewrite(segments: list[bytes], change: Change) -> list[bytes]:
        head, forged = GENESIS, []
        for segment in segments:
            lines = []
            for text in segment.splitlines():
                content = {key: value for key, value in json.loads(text).items() if key not in ("prev", "hash")}
                change(content)
                line, head = with_hash({**content, "prev": head})
                lines.append(line)
            forged.append(b"".join(lines))
        return forged

    return rewrite


@pytest.fixture
def disarmed() -> Callable[[Session, str], None]:
    """``disarmed(session, table)``: append-only no longer, as for someone with the database's password."""

    def disarm(session: Session, table: str) -> None:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(sa.text(f"alter table {table} disable trigger all"))
            return
        for verb in ("update", "delete"):
            session.execute(sa.text(f"drop trigger {table}_no_{verb}"))

    return disarm


def plan(laboratory: Laboratory) -> None:
    """From the order to the planned job."""
    journey.receive(laboratory, journey.order(laboratory))


def measure(laboratory: Laboratory, spool: Path) -> None:
    """From the planned job to the sealed run."""
    with laboratory.work(journey.actor(laboratory, "technician")) as work:
        run, _ = runs.prepare(work, first("RW"), clock=runs.RECORD_CLOCK)
    for index, data in enumerate(segment_files(spool), start=1):
        runs.ingest(laboratory, run.number, index, data)


def evaluate(laboratory: Laboratory) -> None:
    """From the sealed run to its recorded result."""
    journey.evaluate(laboratory, first("YX"))


def approve(laboratory: Laboratory) -> None:
    """From the recorded result to the authorised one."""
    journey.approve(laboratory, first("JG"))


def issue(laboratory: Laboratory) -> None:
    """From the authorised result to the issued report."""
    journey.report(laboratory, first("JG"))


@pytest.fixture(scope="session")
def templates(
    run_folder: Shared, quick_hashing: None, request: pytest.FixtureRequest
) -> Callable[[str, str], Template]:
    """``templates(kind, stage)``: the laboratory with its people, and as far as the steps below.

    "people" → "planned" (job) → "sealed" (run) → "recorded" (result) → "authorised" (result) → "issued" (report)
    """
    steps: dict[str, tuple[str, Callable[[Laboratory], None]]] = {
        "planned": ("people", plan),
        "sealed": ("planned", lambda laboratory: measure(laboratory, request.getfixturevalue("spool"))),
        "recorded": ("sealed", evaluate),
        "authorised": ("recorded", approve),
        "issued": ("authorised", issue),
    }

    @cache
    def template(kind: str, stage: str) -> Template:
        server = request.getfixturevalue("server") if kind == "postgresql" else None

        def make(folder: Path) -> None:
            if stage in steps:
                before, step = steps[stage]
                made = template(kind, before).grown(folder, step)
            else:
                made = Template.begun(folder, server)
            if server:
                server.leave(made.database.read_text(encoding="ascii"))

        return Template(run_folder.once(f"{kind}-{stage}", make), server)

    return template


@pytest.fixture
def laboratory(kind: str, templates: Callable[[str, str], Template], tmp_path: Path) -> Iterator[Laboratory]:
    """The demonstration laboratory with its people and equipment and nothing else, on each kind of database."""
    with templates(kind, "people").copied(tmp_path / "instance") as made:
        yield made


@pytest.fixture
def planned(kind: str, templates: Callable[[str, str], Template], tmp_path: Path) -> Iterator[Laboratory]:
    """The same with an accepted request, its item and its planned job."""
    with templates(kind, "planned").copied(tmp_path / "instance") as made:
        yield made


@pytest.fixture
def measured(kind: str, templates: Callable[[str, str], Template], tmp_path: Path) -> Iterator[Laboratory]:
    """The same with the sealed run."""
    with templates(kind, "sealed").copied(tmp_path / "instance") as made:
        yield made


@pytest.fixture
def recorded(kind: str, templates: Callable[[str, str], Template], tmp_path: Path) -> Iterator[Laboratory]:
    """The same with a recorded result that nobody has submitted yet."""
    with templates(kind, "recorded").copied(tmp_path / "instance") as made:
        yield made


@pytest.fixture
def authorised(kind: str, templates: Callable[[str, str], Template], tmp_path: Path) -> Iterator[Laboratory]:
    """The same with the result authorised and no report yet."""
    with templates(kind, "authorised").copied(tmp_path / "instance") as made:
        yield made


@pytest.fixture
def issued(kind: str, templates: Callable[[str, str], Template], tmp_path: Path) -> Iterator[Laboratory]:
    """The same with the issued report."""
    with templates(kind, "issued").copied(tmp_path / "instance") as made:
        yield made


@pytest.fixture
def database(empty_url: str) -> Iterator[Database]:
    """A new, empty database."""
    made = Database(empty_url)
    yield made
    made.close()
