"""Plans on pages: a job planned and planned anew, the calendar of benches and people, a technician's day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.equipment.benches import bench_names
from lims.errors import BadInput, Refused, Sentence
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.items.models import Item
from lims.orders import concerns, diary, queries
from lims.orders import planning as operations
from lims.orders.concerns import slot_of
from lims.orders.models import Job, Request
from lims.orders.offer import offers
from lims.orders.slots import Slot
from lims.parties import queries as party_queries
from lims.repertoire import known_tests
from lims.web import access
from lims.web.access import requires
from lims.web.faults import status_of
from lims.web.forms import Form
from lims.web.today import today
from lims.workdays import calendar as working_days

planning = Blueprint("planning", __name__)


@planning.get("/requests/<number>/plan")
@requires("job.plan")
def plan(number: str) -> str:
    """The form for a new job, with the day proposed: today, or the next working day."""
    found = queries.request_by_number(access.session(), number, access.actor())
    day = next_working_day(today()).isoformat()
    typed = {"first": day, "last": day, "assigned_to": request.args.get("person", "")}
    return _plan_page(found, Form(typed | _repeated(request.args.get("repeats", ""))))


def _repeated(number: str) -> dict[str, str]:
    """What the form of a repeat is filled in with: the test, bench and person of the job that it repeats."""
    if not number:
        return {}
    job = queries.job_by_number(access.session(), number)
    line = next((one.position for one in job.request.tests if one.id == job.request_test_id), 1)
    item = item_queries.of_job(access.session(), job).number
    return {
        "repeats": number, "bench": job.bench, "assigned_to": str(job.assigned_to_id), "test": str(line), "item": item
    }  # fmt: skip


@planning.post("/requests/<number>/plan")
@requires("job.plan")
def make_plan(number: str) -> Response | tuple[str, int]:
    """Plan a job; what stands against it is shown before anything is kept."""
    found = queries.request_by_number(access.session(), number, access.actor())
    form = Form(request.form)
    try:
        slot = read_slot(form)
        position, person = form.number("test"), form.number("assigned_to") or 0
        bench = form.chosen("bench", bench_names())
        form.require_clean()
        with access.work() as work:
            job = items.plan_job(
                work, request_number=number, item_number=form.text("item"), bench=bench, planned_on=slot,
                assigned_to_id=int(person), position=int(position) if position else None,
                stop_at_warnings=not form.ticked("all_the_same"), repeats=form.text("repeats"),
                reason=form.text("reason"),
            )  # fmt: skip
    except Refused as refused:
        return _plan_page(found, form, error=refused), status_of(refused)
    flash(gettext("%(number)s is planned.", number=job.number), "good")
    return redirect(url_for("orders.page", number=number))


@planning.get("/jobs/<number>/plan")
@requires("job.plan")
def replan(number: str) -> str:
    """The form that changes a plan, filled in as it stands."""
    job = queries.job_by_number(access.session(), number)
    slot = slot_of(job)
    typed = {
        "bench": job.bench, "assigned_to": str(job.assigned_to_id), "first": slot.first.isoformat(),
        "last": slot.last.isoformat(), "first_half": "noon" if slot.begins_noon else "",
        "last_half": "noon" if slot.ends_noon else "",
    }  # fmt: skip
    return _replan_page(job, Form(typed))


@planning.post("/jobs/<number>/plan")
@requires("job.plan")
def make_replan(number: str) -> Response | tuple[str, int]:
    """Change a plan with its reason."""
    job = queries.job_by_number(access.session(), number)
    form = Form(request.form)
    try:
        slot, bench = read_slot(form), form.chosen("bench", bench_names())
        person = form.number("assigned_to") or 0
        form.require_clean()
        with access.work() as work:
            operations.replan_job(
                work, number, bench=bench, slot=slot, assigned_to_id=int(person), reason=form.text("reason"),
                stop_at_warnings=not form.ticked("all_the_same"),
            )  # fmt: skip
    except Refused as refused:
        return _replan_page(job, form, error=refused), status_of(refused)
    flash(gettext("%(number)s is planned anew.", number=number), "good")
    return redirect(url_for("runs.job", number=number))


def read_slot(form: Form) -> Slot:
    """From when to when; `BadInput` beside the day that is missing or cannot be."""
    first = form.day("first") or form.day("planned_on")
    last = form.day("last") or first
    form.require_clean()
    if first is None or last is None:
        raise BadInput("Give the day on which the job begins.", "请填写开始日期。")
    return Slot(
        first=first, last=last, begins_noon=form.text("first_half") == "noon",
        ends_noon=form.text("last_half") == "noon",
    )  # fmt: skip


def next_working_day(day: date) -> date:
    """The day itself if it is a working day, else the next one."""
    known = working_days()
    return day if known.is_working(day) else known.after(day, 1)


def _plan_page(found: Request, form: Form, error: Refused | None = None) -> str:
    offered = offers(access.session(), today())
    free = [
        one for one in item_queries.of_request(access.session(), found) if one.state in operations.TESTABLE
    ]  # fmt: skip
    able = {name for line in found.tests if line.code in offered for name in offered[line.code].benches}
    why: Sentence | None = None
    if found.state != "accepted" or not free:
        why = Sentence(
            f"{found.number} has no item that can be tested now: the request must be accepted and its item accepted.",
            f"{found.number} 目前没有可检测的样品：委托须已受理，样品须已确认可检测。",
        )
    return _page(form, error, bench_choices=able, it=found, items=free, why=why, jobs=_planned_lines(found))


def _planned_lines(found: Request) -> set[int]:
    return {one.request_test_id for one in queries.jobs_of(access.session(), found)}


def _replan_page(job: Job, form: Form, error: Refused | None = None) -> str:
    why: Sentence | None = None
    if job.state != "planned":
        why = Sentence(
            f"{job.number} has begun; only a job that has not begun is planned anew.",
            f"{job.number} 已开始；只能调整尚未开始的检测任务。",
        )
    offered = offers(access.session(), today()).get(job.code)
    able = set(offered.benches) if offered else set(bench_names())
    none: Sequence[Item] = ()
    return _page(form, error, bench_choices=able, it=job.request, job=job, items=none, why=why, jobs=set())


def _page(form: Form, error: Refused | None, *, bench_choices: set[str], **more: object) -> str:
    found = error.concerns if isinstance(error, operations.Warned) else None
    return render_template(
        "plan.html", form=form, error=error, concerns=found, benches=bench_names(), able=bench_choices,
        technicians=party_queries.technicians(access.session()), known=known_tests(), **more,
    )  # fmt: skip


@planning.get("/calendar")
@requires("job.view")
def calendar() -> str:
    """Who and what is busy when: rows of benches or people, columns of a week or a month."""
    by = "person" if request.args.get("by") == "person" else "bench"
    month = request.args.get("span") == "month"
    days = diary.days_of(_asked_day(), month=month)
    jobs = concerns.between(access.session(), days[0], days[-1])
    people = party_queries.technicians(access.session())
    rows = diary.by_person(jobs, people, days) if by == "person" else diary.by_bench(jobs, bench_names(), days)
    before, after = diary.neighbours(days[0], month=month)
    return render_template(
        "calendar.html", by=by, month=month, days=days, rows=rows, before=before, after=after, today=today(),
        closed=working_days().closed,
    )  # fmt: skip


def _asked_day() -> date:
    text = request.args.get("day", "")
    if not text:
        return today()
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 2000 <= found.year <= 2100:
        raise BadInput("Give a date as 2026-11-30.", "请按 2026-11-30 的格式填写日期。")
    return found


@planning.get("/my-day")
@requires("run.record")
def my_day() -> str:
    """What a technician has to do today, what is late, what waits, and what comes."""
    known, day = working_days(), today()
    mine = queries.open_jobs_of(access.session(), access.actor().id)
    return render_template(
        "my_day.html", parts=diary.my_day(mine, day), today=day, closed=known.closed(day),
        left=lambda due: known.between(day, due), known=known_tests(),
    )  # fmt: skip
