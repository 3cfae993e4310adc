"""What waits for review and authorisation, and the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template

from lims import audit
from lims.certificates.lists import REPORTS
from lims.items import queries as item_queries
from lims.manual.lists import RECORDS
from lims.parties import queries as party_queries
from lims.results import queries, reading
from lims.results.figures import ALT
from lims.results.lists import RESULTS
from lims.results.models import Result
from lims.review import queries as trail
from lims.review.blindspots import Basis, blind_spots
from lims.review.changes import Change, changes
from lims.review.lists import EVENTS
from lims.runs import spooled
from lims.web import access, lists
from lims.web.access import requires
from lims.web.actions import buttons
from lims.web.lists import AnyPage
from lims.web.today import local_day, today
from lims.workflow import RESULT
from protocols.method import methods

review = Blueprint("review", __name__)


@review.get("/review")
@requires("result.view")
def queue() -> str:
    """Results waiting, those due first standing first, and reports on their way."""
    results = {state: lists.part(RESULTS, state=state, sort="due") for state in ("submitted", "reviewed", "recorded")}
    reports = [lists.part(REPORTS, state=state, sort="number") for state in ("drafted", "checked", "authorised")]
    by_hand = [lists.part(RECORDS, state=state, sort="due") for state in ("submitted", "reviewed")]
    return render_template(
        "review.html", **results, reports=[one for one in reports if one.page.total],
        by_hand=[one for one in by_hand if one.page.total],
    )  # fmt: skip


@review.get("/review/<number>")
@requires("result.view")
def page(number: str) -> str:
    """One result beside its raw record, with what could be overlooked and what changed since the last one."""
    session, store = access.session(), access.laboratory().store
    found = queries.by_number(session, number)
    outcome, inputs = queries.outcome(store, found), queries.inputs(store, found)
    calibrations = reading.calibrations_used(inputs, found.run)
    earlier, (previous, following) = queries.before(session, found), queries.neighbours(session, found)
    return render_template(
        "review_result.html",
        it=found,
        rows=reading.coefficients(outcome),
        outcome=outcome,
        counts=reading.counts(outcome),
        calibrations=calibrations,
        spots=blind_spots(_basis(found, outcome, inputs, calibrations)),
        earlier=earlier,
        changes=_changes_since(earlier, outcome, inputs) if earlier else (),
        item=item_queries.of_job(session, found.job),
        method=methods().get(found.method_id),
        alt=ALT,
        faults=spooled.faults(store, found.run),
        buttons=buttons(RESULT, found),
        previous=previous,
        following=following,
        history=trail.history(session, number, access.actor()),
    )


def _basis(
    found: Result, outcome: dict[str, Any], inputs: dict[str, Any], calibrations: list[Mapping[str, Any]]
) -> Basis:
    run, day = found.run, today()
    return Basis(
        outcome=outcome,
        inputs=inputs,
        calibrations=calibrations,
        last_day=local_day(run.last_scan_at) if run.last_scan_at else None,
        scans=run.scans,
        faults=run.faults,
        tester_until=party_queries.competent_until(
            access.session(), person_id=found.tested_by_id, method_id=found.method_id, activity="test", day=day
        ),
        today=day,
    )


def _changes_since(earlier: Result, outcome: dict[str, Any], inputs: dict[str, Any]) -> list[Change]:
    store = access.laboratory().store
    return changes(
        before=queries.outcome(store, earlier), before_inputs=queries.inputs(store, earlier), after=outcome,
        inputs=inputs,
    )  # fmt: skip


@review.get("/audit", endpoint="trail")
@requires("audit.view")
def audit_trail() -> AnyPage:
    """The whole trail, filtered."""
    return lists.show(EVENTS, "audit.html")


@review.get("/audit/check")
@requires("audit.view")
def check() -> str:
    """The verdict on the whole chain."""
    return render_template("audit_check.html", verdict=audit.verify(access.session()))
