"""Starting a run by scanning: what was scanned, which job it may be, and what stands against its start."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lims.equipment.benches import bench_names
from lims.errors import NotFound, Sentence
from lims.items import queries as item_queries
from lims.items.codes import item_in
from lims.items.models import Item
from lims.orders import queries as order_queries
from lims.orders.models import Job
from lims.permissions import Actor
from lims.runs import preflight, queries
from lims.runs.preflight import Check

JOB = re.compile(r"\bRW-\d{4}-\d+\b", re.IGNORECASE)
BENCH = re.compile(r"(?:https?://\S+?/benches/)?([\w-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Starting:
    """How far one is: what is known, what can be chosen, and the sentences that are in the way."""

    item: Item | None = None
    job: Job | None = None
    jobs: Sequence[Job] = ()
    bench: str = ""
    unknown: Sentence | None = None
    elsewhere: Sentence | None = None
    checks: tuple[Check, ...] = ()


def read_code(code: str) -> tuple[str, str]:
    """What a label or a person's typing names: ("item" | "job" | "bench", its number or name), ("", "") for nothing.

    >>> read_code("https://lab.example/items/YP-2026-00012"), read_code(" rw-2026-00003 "), read_code("what")
    (('item', 'YP-2026-00012'), ('job', 'RW-2026-00003'), ('', ''))
    """
    text = code.strip()
    if number := item_in(text):
        return "item", number
    if found := JOB.search(text):
        return "job", found[0].upper()
    if (found := BENCH.fullmatch(text)) and found[1] in bench_names():
        return "bench", found[1]
    return "", ""


def starting(
    session: Session, actor: Actor, today: date, *, code: str = "", item: str = "", job: str = "", bench: str = ""
) -> Starting:
    """Where one is after this scan; ``item``, ``job``, ``bench``: what was scanned or chosen before."""
    kind, value = read_code(code)
    known = {"item": item, "job": job, "bench": bench} | ({kind: value} if kind else {})
    if kind == "item":
        known["job"] = ""
    unknown = None
    if code.strip() and not kind:
        unknown = _unknown(code.strip()[:60])
    try:
        return _found(session, actor, today, unknown, **known)
    except NotFound as lost:
        return Starting(unknown=lost.sentence, jobs=queries.startable(session, person_id=actor.id))


def _unknown(code: str) -> Sentence:
    return Sentence(
        f"“{code}” is no item, job or bench of this laboratory; scan the label again, or type the number, e.g. "
        "YP-2026-00001.",
        f"“{code}”不是本中心的样品、任务或试验台；请重新扫描标签，或输入编号，例如 YP-2026-00001。",
    )


def _found(
    session: Session, actor: Actor, today: date, unknown: Sentence | None, *, item: str, job: str, bench: str
) -> Starting:
    chosen = order_queries.job_by_number(session, job) if job else None
    thing = item_queries.of_job(session, chosen) if chosen else None
    jobs: Sequence[Job] = ()
    if chosen is None:
        thing = item_queries.by_number(session, item, actor) if item else None
        jobs = _choices(session, actor, thing, bench)
        mine = [one for one in jobs if one.assigned_to_id == actor.id]
        if thing is not None and len(mine or jobs) == 1:
            chosen = (mine or list(jobs))[0]
    elsewhere = preflight.other_bench(chosen, bench) if chosen else None
    ready = chosen is not None and bench and elsewhere is None
    checks = preflight.checks(session, chosen, actor, today) if chosen is not None and ready else ()
    return Starting(item=thing, job=chosen, jobs=jobs, bench=bench, unknown=unknown, elsewhere=elsewhere, checks=checks)


def _choices(session: Session, actor: Actor, item: Item | None, bench: str) -> Sequence[Job]:
    """The jobs that wait for a run: those on an item, the person's own first; else the person's own."""
    found = queries.startable(session, item_id=item.id) if item else queries.startable(session, person_id=actor.id)
    here = [one for one in found if not bench or one.bench == bench] or found
    return sorted(here, key=lambda one: (one.assigned_to_id != actor.id, one.planned_on, one.id))
