"""The technical record of a result (技术记录/原始记录, ISO/IEC 17025:2017 7.5.1) as one document.

It says what the report of the same result says, in the same digits, and beside it what a report leaves out: every point
that was used, and everything that happened to the result, its run and its item.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.audit import Event
from lims.certificates.assembly import facts_of_result, signed_result
from lims.certificates.document import compose
from lims.certificates.render import render
from lims.clock import local
from lims.errors import Sentence
from lims.items import queries as item_queries
from lims.labels import KINDS, Label, action_label, state_label
from lims.laboratory import Laboratory
from lims.notation import plain_number, symbol_parts, unit_text
from lims.results import queries as result_queries
from lims.results import reading
from lims.results.models import Result
from protocols.symbols import QUANTITIES

TEMPLATE = "technical_record.typ"
NOISE = ("ingest", "write")  # told by the segments and by the entries already


def technical_record(session: Session, laboratory: Laboratory, result: Result) -> bytes:
    """PDF of everything the laboratory has on record about a result, as of now."""
    content = compose(
        facts_of_result(
            session, laboratory, result, number=result.number, version=1, issued=None, persons=signed_result(result)
        )
    )
    zone, outcome = laboratory.settings.time_zone, result_queries.outcome(laboratory.store, result)
    content |= {
        "state": _pair(state_label("result", result.state)),
        "printed": local(laboratory.clock(), zone),
        "inputs_sha256": result.inputs_sha256,
        "points": _points(outcome, zone),
        "changes": list(happened(session, _rests_on(session, result), zone)),
    }
    drawn = {one.name: laboratory.store.get(one.sha256) for one in result.figures}
    return render(content, figures=drawn, template=TEMPLATE)


def _rests_on(session: Session, result: Result) -> tuple[str, ...]:
    return item_queries.of_job(session, result.job).number, result.job.number, result.run.number, result.number


def _pair(label: Label | Sentence) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}


def _points(outcome: Mapping[str, Any], zone: str) -> dict[str, Any]:
    names = reading.telling_columns(outcome)
    heads = []
    for name in names:
        base, sub = symbol_parts(name)
        known = QUANTITIES.get(name)
        heads.append({"base": base, "sub": sub, "unit": unit_text(known.unit) if known else ""})
    rows = [
        [local(one.start, zone), *(_number(one.values[name]) for name in names)]
        for one in reading.windows(outcome, show="used")
    ]
    return {"heads": heads, "rows": rows}


def _number(value: float | None) -> str:
    return "–" if value is None else plain_number(float(f"{value:.5g}"))


def happened(session: Session, subjects: Sequence[str], zone: str) -> Iterator[dict[str, Any]]:
    """What happened to these records, oldest first, as the documents print it."""
    select = sa.select(Event).where(Event.subject.in_(subjects), Event.action.not_in(NOISE)).order_by(Event.position)
    for event in session.scalars(select):
        label, kind = action_label(event.kind, event.action), KINDS.get(event.kind, Label(event.kind, event.kind))
        yield {
            "time": local(event.at, zone),
            "subject": f"{kind.zh} {event.subject}",
            "what": _pair(label),
            "who": event.actor_name,
            "reason": event.reason,
        }
