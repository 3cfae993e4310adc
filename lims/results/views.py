"""A result on one page, and the way from each of its digits back to the bytes."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lims.certificates import queries as report_queries
from lims.certificates.record import technical_record
from lims.errors import NotFound
from lims.items import queries as item_queries
from lims.results import background, comparison, conformity, operations, queries, reading
from lims.results.figures import ALT
from lims.results.lists import RESULTS
from lims.results.models import OPEN, STAGES, Result
from lims.review.changes import changes
from lims.review.queries import history
from lims.runs import spooled
from lims.web import access, lists
from lims.web.access import requires
from lims.web.actions import buttons, confirm_signature, reason_given, tell_done
from lims.web.lists import AnyPage
from lims.web.paging import page_of_list
from lims.workflow import RESULT
from protocols.method import methods

results = Blueprint("results", __name__)
# A drawing of our own with its style inside; opened by itself it may do nothing but look.
DRAWING = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@results.get("/results", endpoint="results")
@requires("result.view")
def result_list() -> AnyPage:
    """All results."""
    return lists.show(RESULTS)


@results.get("/results/<number>")
@requires("result.view")
def page(number: str) -> str:
    """The technical record: digits, windows, reasons, figures, notes, where all of it comes from."""
    found, outcome, inputs = _all_of(number)
    item = item_queries.of_job(access.session(), found.job)
    agreed = conformity.agreed(access.session(), found.job.request, item=item, inputs=inputs)
    stated = conformity.statement(agreed, outcome)
    return render_template(
        "result.html",
        conformity=stated,
        summary=conformity.summary(agreed, stated),
        it=found,
        rows=reading.coefficients(outcome),
        outcome=outcome,
        inputs=inputs,
        counts=reading.counts(outcome),
        used_calibrations=reading.calibrations_used(inputs, found.run),
        item=item,
        method=methods().get(found.method_id),
        alt=ALT,
        buttons=buttons(RESULT, found),
        reports=report_queries.of_result(access.session(), found),
        history=history(access.session(), number, access.actor()),
    )


@results.get("/results/<number>/coefficients/<symbol>")
@requires("result.view")
def coefficient(number: str, symbol: str) -> str:
    """One digit's way: printed, exact, fitted from windows, read from scans, sent as bytes."""
    found, outcome, inputs = _all_of(number)
    row = next((one for one in reading.coefficients(outcome) if one.symbol == symbol), None)
    if row is None:
        raise NotFound(f"{number} has no coefficient {symbol}.", f"{number} 没有系数 {symbol}。")
    return render_template(
        "coefficient.html",
        it=found,
        row=row,
        outcome=outcome,
        inputs=inputs,
        counts=reading.counts(outcome),
        correlations=reading.correlations(outcome, symbol),
        windows=reading.windows(outcome, show="used"),
        columns=reading.telling_columns(outcome),
        method=methods().get(found.method_id),
    )


@results.get("/results/<number>/windows")
@requires("result.view")
def windows(number: str) -> str:
    """Every averaging window, or those used, refused, or refused for one reason."""
    found, outcome, _ = _all_of(number)
    rows = reading.windows(outcome, show=request.args.get("show", ""))
    return render_template(
        "windows.html",
        it=found,
        outcome=outcome,
        counts=reading.counts(outcome),
        columns=reading.telling_columns(outcome),
        page=page_of_list(rows),
    )


@results.get("/results/<number>/windows/<int:index>")
@requires("result.view")
def window(number: str, index: int) -> str:
    """One window and the scans in it."""
    found, outcome, _ = _all_of(number)
    chosen = reading.window(outcome, index)
    if chosen is None:
        raise NotFound(f"{number} has no window {index}.", f"{number} 没有第 {index} 个时段。")
    start = chosen.start.timestamp()
    scans = spooled.scans_between(access.laboratory().store, found.run, start, start + chosen.seconds)
    symbols = list(dict.fromkeys(one["symbol"] for scan in scans for one in scan["readings"]))
    rows = [(scan, {name: spooled.value_of(scan, name) for name in symbols}) for scan in scans]
    return render_template("window.html", it=found, window=chosen, scans=rows, total=len(outcome["points"]["time"]))


@results.get("/results/<number>/figures/<name>.svg")
@requires("result.view")
def figure(number: str, name: str) -> AnyResponse:
    """A figure as it stands in the store."""
    found = queries.by_number(access.session(), number)
    digest = next((one.sha256 for one in found.figures if one.name == name), None)
    if digest is None:
        raise NotFound(f"{number} has no figure {name}.", f"{number} 没有图 {name}。")
    answer = Response(access.laboratory().store.get(digest), mimetype="image/svg+xml")
    answer.headers["Content-Security-Policy"] = DRAWING
    answer.headers["Cache-Control"] = "private, max-age=3600"
    answer.set_etag(digest)
    return answer.make_conditional(request)


@results.get("/results/<number>/outcome.json")
@requires("result.view")
def outcome_json(number: str) -> Response:
    """The outcome as it is stored, for another program."""
    found = queries.by_number(access.session(), number)
    text = json.dumps(queries.outcome(access.laboratory().store, found), ensure_ascii=False, indent=1)
    return Response(
        text, mimetype="application/json", headers={"Content-Disposition": f"attachment; filename={number}.json"}
    )


@results.get("/results/<number>/compare")
@requires("result.view")
def compare(number: str) -> str:
    """The result beside another of the same item or method."""
    found, outcome, inputs = _all_of(number)
    chosen = request.args.get("with", "")
    other, others, other_inputs = _all_of(chosen) if chosen else (None, outcome, inputs)
    return render_template(
        "comparison.html",
        it=found,
        item=item_queries.of_job(access.session(), found.job),
        candidates=queries.comparable(access.session(), found),
        other=other,
        found=comparison.compare(outcome, inputs, others, other_inputs) if other else None,
        curves=bool(other) and comparison.have_curves(outcome, others),
        changes=changes(before=outcome, before_inputs=inputs, after=others, inputs=other_inputs),
    )


@results.get("/results/<number>/compare/<other>.svg")
@requires("result.view")
def compared_curves(number: str, other: str) -> Response:
    """The efficiency curves of two results, one over the other."""
    first, second = _all_of(number)[1], _all_of(other)[1]
    if not comparison.have_curves(first, second):
        raise NotFound("These results have no efficiency curve.", "这些结果没有效率曲线。")
    drawn = comparison.overlay(first, second, (number, other))
    return Response(drawn, mimetype="image/svg+xml", headers={"Content-Security-Policy": DRAWING})


@results.get("/results/<number>/record.pdf")
@requires("result.view")
def record_pdf(number: str) -> Response:
    """The technical record as one document, as of now."""
    found = queries.by_number(access.session(), number)
    pdf = technical_record(access.session(), access.laboratory(), found)
    return Response(
        pdf, mimetype="application/pdf", headers={"Content-Disposition": f"inline; filename={number}-record.pdf"}
    )


@results.post("/results/<number>/<action>")
@requires("result.view")
def act(number: str, action: str) -> AnyResponse:
    """Submit, review, authorise, send back or void; a signature asks for the password."""
    queries.by_number(access.session(), number)
    access.require_action(RESULT, action)
    confirm_signature(RESULT, action)
    with access.work() as work:
        operations.act(work, number, action, reason_given())
    tell_done(RESULT, number, action)
    return redirect(access.local_path(request.form.get("next") or url_for("results.page", number=number)))


@results.get("/evaluations/<int:task_id>")
@requires("result.view")
def evaluation(task_id: int) -> AnyResponse:
    """How far an evaluation is; the page asks again by itself, and goes on to the result once there is one."""
    with access.laboratory().database.write() as session:
        background.sweep(access.laboratory(), session)
    found = background.by_id(access.session(), task_id)
    if found.result is not None:
        return redirect(url_for("results.page", number=found.result.number))
    answer = Response(render_template("evaluation.html", it=found, stages=STAGES, open=found.state in OPEN))
    if found.state in OPEN:
        answer.headers["Refresh"] = "1"
    return answer


@results.post("/evaluations/<int:task_id>/cancel")
@requires("result.record")
def cancel_evaluation(task_id: int) -> AnyResponse:
    """Give an evaluation up."""
    background.cancel(access.laboratory(), access.actor(), task_id)
    return redirect(url_for("results.evaluation", task_id=task_id))


def _all_of(number: str) -> tuple[Result, dict[str, Any], dict[str, Any]]:
    found, store = queries.by_number(access.session(), number), access.laboratory().store
    return found, queries.outcome(store, found), queries.inputs(store, found)
