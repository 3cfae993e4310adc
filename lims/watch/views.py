"""The bench as it stands: pieces of pages that a browser fetches again and again, and the curves of the last hours."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from lims.equipment.benches import bench_named
from lims.runs import queries, spooled
from lims.watch.board import board
from lims.web import access
from lims.web.access import requires

watch = Blueprint("watch", __name__)
HOURS = (1, 6, 24)  # what the curves may reach back


@watch.get("/benches/<name>/live")
@requires("bench.view")
def bench(name: str) -> str:
    """How a bench stands now, as a piece of its page."""
    found = board(access.laboratory(), bench_named(name), queries.latest_on(access.session(), name))
    return render_template("live.html", board=found)


@watch.get("/runs/<number>/live")
@requires("run.view")
def run(number: str) -> str:
    """How the bench of a run stands now, as a piece of the run's page."""
    found = queries.by_number(access.session(), number)
    return render_template("live.html", board=board(access.laboratory(), bench_named(found.bench), found))


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
