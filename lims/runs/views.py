"""Jobs, benches and runs, down to the bytes of one scan."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lims.attachments import queries as attachments
from lims.equipment import queries as equipment_queries
from lims.equipment.benches import bench_named, bench_names
from lims.equipment.views import calibration_state
from lims.errors import NotFound
from lims.items import queries as item_queries
from lims.manual import queries as manual_queries
from lims.orders import operations as orders
from lims.orders import queries as order_queries
from lims.orders import repeats
from lims.orders.lists import JOBS
from lims.orders.models import Job
from lims.repertoire import known_tests
from lims.results import operations as evaluated
from lims.results import queries as result_queries
from lims.review.queries import history
from lims.runs import filed, operations, queries, spooled
from lims.runs.lists import RUNS
from lims.runs.models import UNFINISHED, Run
from lims.watch.board import board
from lims.watch.conditions import judge
from lims.web import access, evaluations, fileimport, lists
from lims.web.access import requires
from lims.web.actions import buttons, tell_done
from lims.web.lists import AnyPage
from lims.web.today import today
from lims.workflow import JOB, RUN, Facts

runs = Blueprint("runs", __name__)
BY_HAND = frozenset(
    {"start", "abandon", "abort", "reopen", "take_back"}
)  # the other steps follow from what the bench sends


@runs.get("/jobs")
@requires("job.view")
def jobs() -> AnyPage:
    """All jobs."""
    return lists.show(JOBS, "jobs.html")


@runs.get("/jobs/<number>")
@requires("job.view")
def job(number: str) -> str:
    """One job: what to test, where, and what was recorded."""
    found = order_queries.job_by_number(access.session(), number)
    return render_template(
        "job.html",
        it=found,
        item=item_queries.of_job(access.session(), found),
        test=known_tests().get(found.code),
        runs=queries.of_job(access.session(), found),
        usable=_usable(found),
        results=result_queries.of_job(access.session(), found),
        records=manual_queries.of_job(access.session(), found),
        repeat=repeats.repeat_of(access.session(), found),
        family=(family := repeats.chain(access.session(), found)),
        aside=repeats.set_asides(access.session(), family),
        repeatable=found.state in repeats.REPEATABLE,
        buttons=[one for one in buttons(JOB, found) if one.action in BY_HAND and _recorded(found, one.action)],
        may_import=found.kind == "method" and found.state == "planned" and access.actor().may("run.record"),
        history=history(access.session(), number, access.actor()),
    )


def _recorded(found: Job, action: str) -> bool:
    """Nothing is recorded on a bench for a manual test, and nothing evaluated; what is not open again stays so."""
    if action == "take_back":
        return result_queries.reopened(access.session(), found) is not None
    return action not in ("start", "reopen") or found.kind == "method"


def _usable(found: Job) -> Sequence[Run]:
    """The records a job can do without a run of its own with; none while its own run is under way."""
    usable = found.kind == "method" and found.state in ("planned", "measured")
    return queries.usable_for(access.session(), found) if usable else ()


@runs.post("/jobs/<number>/start")
@requires("run.record")
def start(number: str) -> str:
    """Prepare the run, and show once the token with which its bench may send."""
    with access.work() as work:
        prepared, token = operations.prepare(work, number, at_bench=request.form.get("bench", ""))
    wired = bench_named(prepared.bench)
    return render_template(
        "started.html", it=prepared, job=number, token=token, server=request.host_url.rstrip("/"),
        simulated=any(port.startswith("sim:") for port in wired.ports),
    )  # fmt: skip


@runs.post("/jobs/<number>/evaluate")
@requires("result.record")
def evaluate(number: str) -> AnyResponse:
    """Evaluate the record of another job on the same item by this job's method."""
    order_queries.job_by_number(access.session(), number)
    return evaluations.begin(request.form.get("run", ""), job_number=number)


@runs.get("/jobs/<number>/import")
@requires("run.record")
def import_form(number: str) -> str:
    """Choose a logger's file."""
    return fileimport.page(order_queries.job_by_number(access.session(), number))


@runs.post("/jobs/<number>/import")
@requires("run.record")
def import_look(number: str) -> str:
    """Look at a logger's file; nothing is kept."""
    return fileimport.look(order_queries.job_by_number(access.session(), number))


@runs.post("/jobs/<number>/import/keep")
@requires("run.record")
def import_keep(number: str) -> AnyResponse | tuple[str, int]:
    """Import the file that was looked at as a sealed run."""
    return fileimport.keep(order_queries.job_by_number(access.session(), number))


@runs.get("/runs/<number>/file")
@requires("run.view")
def file(number: str) -> Response:
    """The file that a run was imported from, as it was handed in; saved by the browser, never shown."""
    found = queries.by_number(access.session(), number)
    if found.file is None:
        raise NotFound(f"{number} was not imported from a file.", f"{number} 不是由文件导入的。")
    return Response(
        access.laboratory().store.get(found.file.sha256), mimetype="application/octet-stream",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.file.name, safe='')}"},
    )  # fmt: skip


@runs.post("/jobs/<number>/set-aside")
@requires("result.authorise")
def set_aside(number: str) -> AnyResponse:
    """Say that a repeated test's result does not count, with the reason."""
    with access.work() as work:
        repeats.set_aside(work, number, request.form.get("reason", ""))
    return redirect(url_for("runs.job", number=number))


@runs.post("/jobs/<number>/reopen")
@requires("result.authorise")
def reopen(number: str) -> AnyResponse:
    """Have a finished job evaluated again, with the reason."""
    with access.work() as work:
        evaluated.reopen(work, number, request.form.get("reason", ""))
    return redirect(url_for("runs.job", number=number))


@runs.post("/jobs/<number>/take-back")
@requires("result.authorise")
def take_back(number: str) -> AnyResponse:
    """Take the reopening of a job back, with the reason."""
    with access.work() as work:
        evaluated.take_back(work, number, request.form.get("reason", ""))
    tell_done(JOB, number, "take_back")
    return redirect(url_for("runs.job", number=number))


@runs.post("/jobs/<number>/abandon")
@requires("job.plan")
def abandon(number: str) -> AnyResponse:
    """Give a job up, with the reason."""
    with access.work() as work:
        orders.act_on_job(work, number, "abandon", Facts(reason=request.form.get("reason", "")))
    return redirect(url_for("runs.job", number=number))


@runs.get("/benches")
@requires("bench.view")
def benches() -> str:
    """The benches of this site with what runs on them."""
    rows = [(bench_named(name), queries.latest_on(access.session(), name)) for name in bench_names()]
    return render_template("benches.html", rows=rows)


@runs.get("/benches/<name>")
@requires("bench.view")
def bench(name: str) -> str:
    """One bench: instruments, their equipment's calibration today, the last values."""
    found = bench_named(name)
    register = equipment_queries.of_numbers(access.session(), [one.equipment for one in found.instruments])
    latest = queries.latest_on(access.session(), name)
    shown = board(access.laboratory(), found, latest)
    return render_template(
        "bench.html",
        it=found,
        equipment={one.number: one for one in register},
        state=calibration_state,
        today=today(),
        run=latest,
        board=shown,
        judged=judge(access.laboratory(), access.session(), shown),
    )


@runs.get("/runs", endpoint="runs")
@requires("run.view")
def run_list() -> AnyPage:
    """All runs."""
    return lists.show(RUNS)


@runs.get("/runs/<number>")
@requires("run.view")
def run(number: str) -> str:
    """One run: identity, segments with digests, faults, the record over time."""
    found = queries.by_number(access.session(), number)
    live = found.state in UNFINISHED
    shown = board(access.laboratory(), bench_named(found.bench), found) if live else None
    return render_template(
        "run.html",
        it=found,
        board=shown,
        judged=judge(access.laboratory(), access.session(), shown) if shown else None,
        buttons=[one for one in buttons(RUN, found) if one.action in BY_HAND],
        files=attachments.of(access.session(), "run", number),
        results=result_queries.of_run(access.session(), found),
        faults=spooled.faults(access.laboratory().store, found),
        history=history(access.session(), number, access.actor()),
    )


@runs.get("/runs/<number>/series.json")
@requires("run.view")
def series(number: str) -> AnyResponse:
    """The run's columns over time, for the plot."""
    found = queries.by_number(access.session(), number)
    answer = Response(spooled.series_json(access.laboratory().store, found), mimetype="application/json")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(found.head)
    return answer.make_conditional(request)


@runs.get("/runs/<number>/scans/<int:sequence>")
@requires("run.view")
def scan(number: str, sequence: int) -> str:
    """One scan: what went over each wire, what it was read as, and its place in the chain; or one line of a file."""
    found = queries.by_number(access.session(), number)
    if found.file:
        row = filed.row_page(access.laboratory().store, found, found.file, sequence)
        return render_template("row.html", it=found, page=row, sequence=sequence)
    page = spooled.scan_page(access.laboratory().store, found, sequence)
    return render_template("scan.html", it=found, page=page, sequence=sequence)


@runs.post("/runs/<number>/<action>")
@requires("run.view")
def act(number: str, action: str) -> AnyResponse:
    """Evaluate a sealed run, or abort one."""
    queries.by_number(access.session(), number)
    if action == "evaluate":
        return _evaluate(number)
    access.require_action(RUN, action)
    with access.work() as work:
        operations.act(work, number, action, request.form.get("reason", ""))
    tell_done(RUN, number, action)
    return redirect(url_for("runs.run", number=number))


def _evaluate(number: str) -> AnyResponse:
    access.actor().require("result.record")
    return evaluations.begin(number)
