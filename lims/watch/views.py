"""The bench as it stands: pieces of pages that a browser fetches again and again, and the curves of the last hours."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from lims.equipment.benches import bench_named
from lims.labels import action_label
from lims.repertoire import known_tests
from lims.runs import operations, queries, spooled
from lims.watch.board import Board, board
from lims.watch.conditions import judge
from lims.watch.starting import starting
from lims.web import access
from lims.web.access import requires
from lims.web.forms import Form
from lims.web.language import language
from lims.web.today import today

watch = Blueprint("watch", __name__)
HOURS = (1, 6, 24)  # what the curves may reach back


@watch.get("/benches/<name>/live")
@requires("bench.view")
def bench(name: str) -> str:
    """How a bench stands now, as a piece of its page."""
    return _now(board(access.laboratory(), bench_named(name), queries.latest_on(access.session(), name)))


@watch.get("/runs/<number>/live")
@requires("run.view")
def run(number: str) -> str:
    """How the bench of a run stands now, as a piece of the run's page."""
    found = queries.by_number(access.session(), number)
    return _now(board(access.laboratory(), bench_named(found.bench), found))


@watch.post("/runs/<number>/marks")
@requires("run.record")
def mark(number: str) -> AnyResponse:
    """Note a remark on a run, or an interval to leave out."""
    form, zone = Form(request.form), access.laboratory().settings.time_zone
    kind = request.form.get("kind", "remark")
    text = form.text("text", longest=operations.LONGEST_MARK)
    first, last = form.moment("first", zone), form.moment("last", zone)
    form.require_clean()
    with access.work() as work:
        operations.mark(work, number, kind, text=text, first=first, last=last)
    flash(f"{number}{gettext(': ')}{action_label('run', kind).in_language(language())}", "good")
    return redirect(access.local_path(request.form.get("next") or url_for("runs.run", number=number)))


@watch.post("/runs/<number>/marks/<int:mark_id>/withdraw")
@requires("run.record")
def withdraw(number: str, mark_id: int) -> AnyResponse:
    """Take a mark back, with the reason."""
    with access.work() as work:
        operations.withdraw_mark(work, number, mark_id, request.form.get("reason", ""))
    return redirect(url_for("runs.run", number=number))


@watch.get("/start")
@requires("run.record")
def start() -> str:
    """Start a run: scan item and bench, see what stands against it, start."""
    asked = {name: request.args.get(name, "") for name in ("code", "item", "job", "bench")}
    found = starting(access.session(), access.actor(), today(), **asked)
    return render_template(
        "start.html", item=found.item, job=found.job, jobs=found.jobs, bench=found.bench, unknown=found.unknown,
        elsewhere=found.elsewhere, checks=found.checks, known=known_tests(),
    )  # fmt: skip


def _now(found: Board) -> str:
    return render_template("live.html", board=found, judged=judge(access.laboratory(), access.session(), found))


@watch.get("/runs/<number>/live.json")
@requires("run.view")
def curves(number: str) -> Response:
    """The last hours of a run with the preview of what has not arrived yet, for the plots."""
    found = queries.by_number(access.session(), number)
    wired = bench_named(found.bench)
    hours = request.args.get("hours", HOURS[0], int)
    columns = spooled.so_far(
        access.laboratory().store, found, board(access.laboratory(), wired, found).live, wired.units,
        hours=hours if hours in HOURS else HOURS[0],
    )  # fmt: skip
    return Response(spooled.recent_json(columns, wired.units), mimetype="application/json")
