"""Questions about records of manual tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import NotFound
from lims.limits import tables
from lims.manual.models import ManualTest
from lims.orders.models import Job, Request
from lims.repertoire import procedures
from lims.store import Store
from protocols.limits import Limit
from protocols.procedures.procedure import Procedure

SEALED = ("submitted", "reviewed", "authorised")  # states in which the record stands as it was submitted


def by_number(session: Session, number: str, *, lock: bool = False) -> ManualTest:
    """The record of this number; else `NotFound`."""
    select = sa.select(ManualTest).where(ManualTest.number == number)
    found = session.scalar(select.with_for_update(of=ManualTest) if lock else select)
    if found is None:
        raise NotFound(f"There is no record {number} of a manual test.", f"没有编号为 {number} 的人工试验记录。")
    return found


def of_job(session: Session, job: Job) -> Sequence[ManualTest]:
    """The records of a job, oldest first."""
    return session.scalars(sa.select(ManualTest).where(ManualTest.job_id == job.id).order_by(ManualTest.id)).all()


def waiting(*states: str) -> sa.Select[Any]:
    """Records in these states, those due first."""
    return (
        sa.select(ManualTest)
        .join(Job, ManualTest.job_id == Job.id)
        .join(Request, Job.request_id == Request.id)
        .where(ManualTest.state.in_(states))
        .order_by(Request.due_on.is_(None), Request.due_on, ManualTest.id)
    )


def procedure_of(test: ManualTest) -> Procedure:
    """Its procedure; `NotFound` if this program no longer has it."""
    found = procedures().get(test.procedure_id)
    if found is None:
        raise NotFound(
            f"This program has no manual test '{test.procedure_id}'.", f"本程序没有人工试验“{test.procedure_id}”。"
        )
    return found


def limits_of(session: Session, procedure: Procedure) -> Mapping[str, Limit]:
    """The limit table of a procedure as it counts for its edition."""
    return tables.table(session, procedure.limit_table, procedure.edition)


def submitted(store: Store, digest: str) -> dict[str, Any]:
    """A record or judgement as it was submitted, checked against its digest."""
    return dict(json.loads(store.get(digest)))
