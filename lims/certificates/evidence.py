"""What a report rests on, as its bundle holds it: the run of a result, or the sealed record of a manual test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.audit import Event, as_dict
from lims.certificates.manual_assembly import sealed_record
from lims.certificates.models import Report
from lims.manual.models import ManualTest
from lims.results import queries as result_queries
from lims.results.figures import figures
from lims.results.models import Result
from lims.runs import queries as run_queries
from lims.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """inputs, runs, events: as of `lims.certificates.bundle.Bundle`."""

    inputs: Mapping[str, Any]
    runs: Mapping[str, tuple[bytes, ...]]
    events: Sequence[Mapping[str, Any]] | None = None


def evidence_of(session: Session, store: Store, report: Report) -> Evidence:
    """Everything the report's digits follow from, read from the store and checked against its digests."""
    if report.manual is not None:
        record, _ = sealed_record(store, report.manual)
        return Evidence(inputs=record, runs={}, events=list(_events(session, report.manual)))
    if report.result is None:
        raise ValueError(f"{report.number} rests on nothing")
    run = report.result.run
    segments = tuple(run_queries.segment_bytes(store, run))
    return Evidence(inputs=result_queries.inputs(store, report.result), runs={run.number: segments})


def _events(session: Session, test: ManualTest) -> list[dict[str, Any]]:
    """What the audit trail tells of a record, from its begin on."""
    mine = sa.select(Event).where(Event.kind == "manual", Event.subject == test.number).order_by(Event.position)
    return [as_dict(one) for one in session.scalars(mine)]


def figures_of(store: Store, result: Result | None, outcome: Mapping[str, Any], language: str) -> dict[str, bytes]:
    """The figures as they were kept with the result, or for a reader of one language drawn again from its outcome."""
    if result is None:
        return {}
    if language == "both":
        return {one.name: store.get(one.sha256) for one in result.figures}
    return figures(outcome, language=language)
