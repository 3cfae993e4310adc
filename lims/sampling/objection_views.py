"""The pages after the report of a spot check: notice to the company, objections, the retest by another body."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from lims.certificates import queries as report_queries
from lims.errors import BadInput, NotFound
from lims.items.models import SEALS
from lims.orders import queries as order_queries
from lims.orders.models import Request
from lims.sampling import objections as operations
from lims.sampling.lists import OBJECTIONS
from lims.sampling.models import Objection
from lims.sampling.rules import rule
from lims.web import access, lists
from lims.web.access import requires
from lims.web.actions import Button, buttons, tell_done
from lims.web.forms import LONGEST_TEXT, Form
from lims.web.lists import AnyPage
from lims.web.today import today
from lims.workflow import OBJECTION

objections = Blueprint("objections", __name__)


@objections.get("/objections")
@requires("objection.view")
def every() -> AnyPage:
    """The objections the reader may see."""
    return lists.show(OBJECTIONS)


@objections.get("/requests/<number>/objections")
@requires("objection.view")
def page(number: str) -> str:
    """Of one spot check: when the company received which report, its time to object, and what it said."""
    found = _spot_check(number)
    session, reader = access.session(), access.actor()
    notices = operations.notices_of(session, found)
    told = {one.report_id for one in notices}
    raised = operations.of_request(session, found)
    return render_template(
        "objections.html", it=found, notices=notices, rule=rule(), today=today(), seals=SEALS,
        untold=[one for one in report_queries.of_request(session, found, reader) if _waits(one.id, one.state, told)],
        objections=[(one, _buttons(one), operations.backup_of(session, one)) for one in raised],
    )  # fmt: skip


def _waits(report_id: int, state: str, told: set[int]) -> bool:
    return state == "issued" and report_id not in told


def _buttons(one: Objection) -> list[Button]:
    return [each for each in buttons(OBJECTION, one) if each.action != "hand_over"]


def _spot_check(number: str) -> Request:
    found = order_queries.request_by_number(access.session(), number, access.actor())
    if found.kind != "spot_check":
        raise NotFound(f"{number} is no spot check.", f"{number} 不是监督抽查。")
    return found


@objections.post("/requests/<number>/told")
@requires("sampling.order")
def tell(number: str) -> AnyResponse:
    """The company received a report."""
    _spot_check(number)
    form = Form(request.form)
    day, report, how = form.day("received_on"), form.text("report", longest=30), form.text("how")
    form.require_clean()
    if day is None:
        raise BadInput("Give the day on which the company received the report.", "请填写受检单位收到报告的日期。")
    with access.work() as work:
        operations.tell(work, report, received_on=day, how=how)
    return redirect(url_for("objections.page", number=number))


@objections.post("/requests/<number>/objections")
@requires("objection.raise")
def object_(number: str) -> AnyResponse:
    """The company objects, or the office enters what came by letter."""
    _spot_check(number)
    form = Form(request.form)
    report, words = form.text("report", longest=30), form.text("words", longest=LONGEST_TEXT)
    day, late = form.day("raised_on"), form.text("late_because", longest=2000)
    form.require_clean()
    with access.work() as work:
        made = operations.raise_objection(
            work, report, words=words, retest=form.ticked("retest"), raised_on=day, late_because=late
        )
    flash(gettext("%(number)s is raised; the laboratory decides it.", number=made.number), "good")
    return redirect(url_for("objections.page", number=number))


@objections.post("/objections/<number>/hand-over")
@requires("item.handle")
def hand_over(number: str) -> AnyResponse:
    """The backup sample goes to the other body, its seal looked at."""
    form = Form(request.form)
    body, seal = form.text("body"), form.chosen("seal_found", SEALS)
    form.require_clean()
    found = operations.by_number(access.session(), number, access.actor())
    with access.work() as work:
        operations.hand_over(work, number, body=body, seal_found=seal)
    return redirect(url_for("objections.page", number=found.request.number))


@objections.post("/objections/<number>/<action>")
@requires("objection.view")
def act(number: str, action: str) -> AnyResponse:
    """Decide, withdraw, enter the outcome of the retest, settle: each with words that are kept."""
    found = operations.by_number(access.session(), number, access.actor())
    access.require_action(OBJECTION, action)
    with access.work() as work:
        operations.act(work, number, action, request.form.get("reason", ""))
    tell_done(OBJECTION, number, action)
    return redirect(url_for("objections.page", number=found.request.number))
