"""One page of a list of 100 000 requests at any depth, beside plain OFFSET paging of the same rows in the same run.

Goal: 95 of 100 pages under 100 ms, wherever in the list they lie, whatever it is sorted or narrowed by, the total
counted. Both read the same 25 rows with the company's name and count the list; a tenth of the requests are one
company's. SQLite in a temporary folder, then PostgreSQL in a database of its own on the server of the tests.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from lims import migrate
from lims.db import Database
from lims.lists import keyset, words
from lims.lists.filters import Reader
from lims.lists.keyset import Order, Place
from lims.models import Company, Person, Request
from lims.orders.lists import REQUESTS
from lims.permissions import Actor, Role

GOAL = 100.0  # ms, p95
SIZE = 25
DEPTHS_OF_OFFSET = 8  # of the peer, which takes seconds for some of them
SERVER = os.environ.get("HELIOBENCH_TEST_POSTGRESQL", "127.0.0.1:5432")
OFFICE = Actor(id=1, name="benchmark", roles=frozenset({Role.OFFICE}))
LARGE = Actor(id=1, name="benchmark", roles=frozenset({Role.COMPANY}), company_id=1)
STATES = ("draft", "submitted", "under_review", "accepted", "completed", "declined", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What somebody asks of the list: "-" before the order's name for the largest first."""

    sort: str
    actor: Actor = OFFICE
    given: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        of = ["a company's"] if self.actor is LARGE else []
        return " ".join([self.sort, *of, *self.given.values()])

    @property
    def order(self) -> Order:
        """The order of its column."""
        column = REQUESTS.column(self.sort.removeprefix("-"), self.actor)
        return Order(
            value=column.sort, id=REQUESTS.id, along=column.along, descending=self.sort.startswith("-"),
            nullable=column.nullable,
        )  # fmt: skip

    def asked(self, look: str) -> list[Any]:
        """What its filters ask: those for words (``look`` "text"), or another kind."""
        reader = Reader(actor=self.actor, language="zh", zone="Asia/Shanghai", today=date(2026, 11, 28))
        each = (one.condition(self.given, reader) for one in REQUESTS.filters if one.look == look)
        return [one for one in each if one is not None]

    @property
    def select(self) -> sa.Select[Any]:
        """The rows without the words that are sought."""
        return REQUESTS.select(self.actor).where(*self.asked("choice"))


CASES = (
    *(Case(sort=sort) for sort in ("-number", "due", "-due", "created", "product", "state", "company")),
    *(Case(sort=sort, actor=LARGE) for sort in ("-number", "due", "product")),
    *(Case(sort=sort, given={"state": "accepted"}) for sort in ("due", "company")),
    *(Case(sort=sort, given={"q": text}) for text in ("QC-77", "热器7", "集热器") for sort in ("-number", "due")),
    Case(sort="-number", given={"q": "nowhere"}),
)


def fill(database: Database, rows: int) -> None:
    """Requests of a thousand companies over ten years, a tenth of them the first's; one in ten has no due date."""
    fate, began = random.Random(7), datetime(2016, 1, 1, tzinfo=UTC)
    with database.write() as session:
        session.add_all(
            Company(
                code=f"C-{n}", name_zh=f"委托单位{n:04d}", name_en=f"Company {n:04d}", address_zh="", address_en="",
                contact="", telephone="", email="",
            )
            for n in range(1000)
        )  # fmt: skip
        session.add(Person(username="x", name_zh="某", name_en="X", password_hash="", created_at=began))
        session.flush()
        table: Any = Request.__table__
        for begin in range(0, rows, 10_000):
            session.execute(sa.insert(table), [_row(n, fate, began) for n in range(begin, min(begin + 10_000, rows))])


def _row(n: int, fate: random.Random, began: datetime) -> dict[str, Any]:
    created = began + timedelta(minutes=52 * n)
    due = None if fate.random() < 0.1 else created.date() + timedelta(days=fate.randrange(10, 60))
    return {
        "number": f"WT-{created.year}-{n:06d}", "state": fate.choice(STATES),
        "company_id": 1 if n % 10 == 0 else fate.randrange(1, 1001),
        "created_by_id": 1, "created_at": created, "kind": "commissioned",
        "product_zh": f"平板集热器{fate.randrange(400)}",
        "product_en": "flat-plate collector", "manufacturer": "晴川", "model": f"QC-{fate.randrange(9999)}",
        "serial_number": "", "due_on": due, "return_item": True, "decision_rule": "none", "remarks": "",
        "deviations": "", "item_number": "",
    }  # fmt: skip


def ours(database: Database, case: Case, place: Place | None) -> list[str]:
    """The page after a place."""
    with database.read() as session:
        select = case.select
        for sought in case.asked("text"):
            select = words.found(session, select, sought, REQUESTS.id)
        page = keyset.page(session, select, case.order, size=SIZE, place=place, options=REQUESTS.options)
        return [row.number for row in page.rows]


def offset(database: Database, case: Case, start: int) -> list[str]:
    """The same rows by OFFSET, and the total."""
    select = case.select.where(*case.asked("text"))
    with database.read() as session:
        session.scalar(sa.select(keyset.count(select)))
        rows = in_order(select.options(*REQUESTS.options), case.order)
        return [row.number for row in session.scalars(rows.limit(SIZE).offset(start))]


def in_order(select: sa.Select[Any], order: Order) -> sa.Select[Any]:
    """Sorted as a plain list would be, missing values as the largest."""
    missing = order.value.is_(None)
    first = [missing.desc() if order.descending else missing.asc()] if order.nullable else []
    return order.joined(select).order_by(*first, *order.by())


def places(database: Database, case: Case, times: int) -> dict[int, Place | None]:
    """{row number from 0: the place after which it stands}, spread over the list."""
    row = case.select.where(*case.asked("text")).with_only_columns(
        case.order.value, case.order.id, maintain_column_froms=True
    )
    with database.read() as session:
        each = [Place(*one) for one in session.execute(in_order(row, case.order))]
    starts = {max(len(each) - SIZE, 0) * count // (times - 1) for count in range(times)}
    return {start: each[start - 1] if start else None for start in sorted(starts)}


def timed(work: Callable[[], list[str]]) -> tuple[float, list[str]]:
    """How long it took [ms], and what it gave."""
    started = time.perf_counter()
    found = work()
    return (time.perf_counter() - started) * 1e3, found


def measure(database: Database, case: Case, times: int) -> dict[str, Any]:
    """p95 of ours over the list's depth, and of OFFSET at some of its depths; the rows must be the same."""
    mine, theirs = [], []
    ours(database, case, None)  # what is asked for the first time is compiled first, in a server once for all
    at = list(places(database, case, times).items())
    compared = {at[len(at) * count // DEPTHS_OF_OFFSET][0] for count in range(DEPTHS_OF_OFFSET)} | {at[-1][0]}
    for start, place in at:
        took, numbers = timed(partial(ours, database, case, place))
        mine.append(took)
        if start in compared:
            took, same = timed(partial(offset, database, case, start))
            theirs.append(took)
            if numbers != same:
                raise SystemExit(f"{case} from {start}: not the same rows")
    return {"case": str(case), "ours": p95(mine), "ours_median": median(mine), "offset": p95(theirs)}


def p95(values: list[float]) -> float:
    """So many of a hundred are faster [ms]; the one of a single value."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


@contextmanager
def sqlite() -> Iterator[Database]:
    """A database in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'lists.sqlite'}")
        yield database
        database.close()


@contextmanager
def postgresql() -> Iterator[Database]:
    """A database of its own on the server of the tests, dropped at the end."""
    name = f"heliobench_lists_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"postgresql://postgres@{SERVER}/postgres", autocommit=True, connect_timeout=3) as server:
        server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            database = Database(f"postgresql://postgres@{SERVER}/{name}")
            yield database
            database.close()
        finally:
            server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def settled(database: Database) -> None:
    """What PostgreSQL does by itself some minutes after many rows came; nothing on SQLite."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("vacuum analyze"))


def main() -> None:
    """Print the tables, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=40)
    arguments = parser.parse_args()
    found: list[dict[str, Any]] = []
    if not arguments.json:
        print(f"a page of {SIZE} of {arguments.rows} requests, p95 over the depth of the list [ms] (goal {GOAL:.0f})")
    for name, made in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        try:
            with made() as database:
                migrate.upgrade(database)
                fill(database, arguments.rows)
                settled(database)
                rows = [measure(database, case, arguments.times) for case in CASES]
        except psycopg.OperationalError as error:
            print(f"{name}: not measured, no server at {SERVER} ({str(error).strip()})")
            continue
        found += [{"database": name, **row} for row in rows]
        if not arguments.json:
            table(name, rows)
    if arguments.json:
        print(json.dumps({"benchmark": "lists", "goal": GOAL, "rows": found}, ensure_ascii=False))
    else:
        print("sorted by, whose, narrowed to; the same rows from both everywhere")


def table(name: str, rows: list[dict[str, Any]]) -> None:
    """One database's."""
    print(f"{name:<22}{'keyset':>9}{'median':>9}{'OFFSET':>9}{'ratio':>8}")
    for row in rows:
        times = f"{row['ours']:>9.1f}{row['ours_median']:>9.1f}{row['offset']:>9.1f}{row['offset'] / row['ours']:>8.1f}"
        print(f"  {row['case']:<20}{times}")


if __name__ == "__main__":
    main()
