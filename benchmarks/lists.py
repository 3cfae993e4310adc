"""One page of a list of 100 000 requests at any depth, beside plain OFFSET paging of the same rows in the same run.

Goal: 95 of 100 pages under 100 ms, wherever in the list they lie and whatever it is sorted by. Both read the same 25
rows with the company's name and count the list; SQLite in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import sqlalchemy as sa

from lims import migrate
from lims.db import Database
from lims.lists import keyset
from lims.lists.filters import Reader
from lims.lists.keyset import Order
from lims.models import Company, Person, Request
from lims.orders.lists import REQUESTS
from lims.permissions import Actor, Role

GOAL = 100.0  # ms, p95
SIZE = 25
ACTOR = Actor(id=1, name="benchmark", roles=frozenset({Role.OFFICE}))
READER = Reader(actor=ACTOR, language="zh", zone="Asia/Shanghai", today=date(2026, 11, 28))
SORTED = ("-number", "due", "-due", "created", "product", "state", "company")
STATES = ("draft", "submitted", "under_review", "accepted", "completed", "declined", "cancelled")


def fill(database: Database, rows: int) -> None:
    """Requests of a thousand companies over ten years; one in ten has no due date."""
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
        "number": f"WT-{created.year}-{n:06d}", "state": fate.choice(STATES), "company_id": fate.randrange(1, 1001),
        "created_by_id": 1, "created_at": created, "kind": "commissioned",
        "product_zh": f"平板集热器{fate.randrange(400)}",
        "product_en": "flat-plate collector", "manufacturer": "晴川", "model": f"QC-{fate.randrange(9999)}",
        "serial_number": "", "due_on": due, "return_item": True, "decision_rule": "none", "remarks": "",
        "deviations": "", "item_number": "",
    }  # fmt: skip


def order_of(sort: str) -> Order:
    """The order of a column's name, "-" before it for the largest first."""
    column = REQUESTS.column(sort.removeprefix("-"), ACTOR)
    return Order(
        value=column.sort, id=REQUESTS.id, descending=sort.startswith("-"), nullable=column.nullable
    )  # fmt: skip


def ours(database: Database, sort: str, place: keyset.Place | None) -> list[str]:
    """The page after a place."""
    with database.read() as session:
        page = keyset.page(
            session, REQUESTS.select(ACTOR), order_of(sort), size=SIZE, place=place, options=REQUESTS.options
        )  # fmt: skip
        return [row.number for row in page.rows]


def offset(database: Database, sort: str, start: int) -> list[str]:
    """The same rows by OFFSET, and the total."""
    with database.read() as session:
        session.scalar(sa.select(keyset.count(REQUESTS.select(ACTOR))))
        rows = in_order(REQUESTS.select(ACTOR).options(*REQUESTS.options), order_of(sort))
        return [row.number for row in session.scalars(rows.limit(SIZE).offset(start))]


def in_order(select: sa.Select[Any], order: Order) -> sa.Select[Any]:
    """Sorted as a plain list would be, missing values as the largest."""
    missing = order.value.is_(None)
    first = [missing.desc() if order.descending else missing.asc()] if order.nullable else []
    return select.order_by(*first, *order.by())


def timed(work: Callable[[], list[str]]) -> tuple[float, list[str]]:
    """How long it took [ms], and what it gave."""
    started = time.perf_counter()
    found = work()
    return (time.perf_counter() - started) * 1e3, found


def place_before(database: Database, sort: str, start: int) -> keyset.Place | None:
    """The place after which the row number ``start`` (from 0) stands."""
    if start == 0:
        return None
    order = order_of(sort)
    row = REQUESTS.select(ACTOR).with_only_columns(order.value, order.id, maintain_column_froms=True)
    with database.read() as session:
        return keyset.Place(*session.execute(in_order(row, order).limit(1).offset(start - 1)).one())


def measure(database: Database, rows: int, times: int) -> list[dict[str, Any]]:
    """For each order: p95 of ours and of OFFSET, at depths over the whole list; the rows must be the same."""
    return [measure_order(database, sort, rows, times) for sort in SORTED]


def measure_order(database: Database, sort: str, rows: int, times: int) -> dict[str, Any]:
    """One order."""
    mine, theirs = [], []
    for count in range(times):
        start = (rows - SIZE) * count // max(times - 1, 1)
        took, numbers = timed(partial(ours, database, sort, place_before(database, sort, start)))
        mine.append(took)
        took, same = timed(partial(offset, database, sort, start))
        theirs.append(took)
        if numbers != same:
            raise SystemExit(f"sorted by {sort} from {start}: not the same rows")
    return {"sort": sort, "ours": p95(mine), "ours_median": median(mine), "offset": p95(theirs)}


def search(database: Database) -> list[str]:
    """The first page of those that have some words."""
    asked = REQUESTS.filters[0].condition({"q": "QC-77"}, READER)
    select = REQUESTS.select(ACTOR)
    select = select if asked is None else select.where(asked)
    with database.read() as session:
        page = keyset.page(session, select, order_of("-number"), size=SIZE, options=REQUESTS.options)
        return [row.number for row in page.rows]


def p95(values: list[float]) -> float:
    """So many of a hundred are faster [ms]."""
    return quantiles(values, n=20)[-1]


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'lists.sqlite'}")
        migrate.upgrade(database)
        fill(database, arguments.rows)
        rows = measure(database, arguments.rows, arguments.times)
        searching, _ = timed(partial(search, database))
        database.close()
    if arguments.json:
        print(json.dumps({"benchmark": "lists", "goal": GOAL, "rows": rows, "search": searching}))
        return
    print(f"a page of {SIZE} of {arguments.rows} requests, p95 over the depth of the list [ms] (goal {GOAL:.0f})")
    print(f"{'sorted by':<14}{'keyset':>9}{'OFFSET':>9}{'ratio':>8}")
    for row in rows:
        print(f"{row['sort']:<14}{row['ours']:>9.1f}{row['offset']:>9.1f}{row['offset'] / row['ours']:>8.1f}")
    print(f"the first page of a search by words {searching:.0f} ms; the same rows from both everywhere")


if __name__ == "__main__":
    main()
