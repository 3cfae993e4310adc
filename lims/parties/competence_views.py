"""Competence: the matrix of people and tests, granting, renewing, withdrawing, what ends soon."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.errors import BadInput, Refused
from lims.labels import ACTIVITIES
from lims.parties import competence as operations
from lims.parties import queries
from lims.permissions import Role
from lims.repertoire import known_tests
from lims.web import access
from lims.web.access import requires
from lims.web.faults import status_of
from lims.web.forms import LONGEST_TEXT, Form
from lims.web.today import today

competence = Blueprint("competence", __name__, url_prefix="/competence")
TESTING = frozenset({Role.TECHNICIAN, Role.REVIEWER, Role.SIGNATORY})


@competence.get("")
@requires("competence.view")
def matrix() -> str:
    """Who may do what by which test, and what ends soon."""
    day = today()
    return _page(Form({"valid_from": day.isoformat(), "valid_to": operations.last_day(day).isoformat()}))


@competence.post("")
@requires("competence.manage")
def grant() -> Response | tuple[str, int]:
    """Authorise one or several people for tests and activities; all of it or nothing."""
    form = Form(request.form)
    try:
        basis, start, end = form.text("basis", longest=LONGEST_TEXT), form.day("valid_from"), form.day("valid_to")
        form.require_clean()
        if start is None or end is None:
            raise BadInput("Give the first and the last day.", "请填写起止日期。")
        with access.work() as work:
            chosen = dict.fromkeys(request.form.getlist("person"))
            people = queries.people_named(work.session, chosen)
            if not people or len(people) < len(chosen):
                raise BadInput("Choose a person.", "请选择人员。")
            made = [
                competence for person in people for competence in operations.grant(
                    work, person=person, tests=request.form.getlist("tests"),
                    activities=request.form.getlist("activities"), valid_from=start, valid_to=end, basis=basis,
                )
            ]  # fmt: skip
    except Refused as refused:
        return _page(form, error=refused), status_of(refused)
    flash(gettext("%(n)s authorisations are granted.", n=len(made)), "good")
    return redirect(url_for("competence.matrix"))


@competence.post("/<int:sequence>/renew")
@requires("competence.manage")
def renew(sequence: int) -> Response:
    """A new authorisation follows an old one."""
    form = Form(request.form)
    end, basis = form.day("valid_to"), form.text("basis", longest=LONGEST_TEXT)
    form.require_clean()
    if end is None:
        raise BadInput("Give the last day.", "请填写截止日期。")
    with access.work() as work:
        made = operations.renew(work, sequence, valid_to=end, basis=basis)
        username = made.person.username
    flash(gettext("The authorisation is renewed until %(day)s.", day=end.isoformat()), "good")
    return redirect(url_for("people.person", username=username))


@competence.post("/<int:sequence>/withdraw")
@requires("competence.manage")
def withdraw(sequence: int) -> Response:
    """An authorisation does not hold any more."""
    with access.work() as work:
        username = operations.withdraw(work, sequence, request.form.get("reason", "")).person.username
    flash(gettext("The authorisation is withdrawn."), "good")
    return redirect(url_for("people.person", username=username))


def _page(form: Form, *, error: Refused | None = None) -> str:
    rows, every = queries.every_competence(access.session()), known_tests()
    staff = [one for one in queries.people(access.session()) if one.active and one.roles & TESTING]
    cells = operations.matrix(rows, today())
    held = {test for test, _ in cells}
    text = request.args.get("q", "").casefold()
    shown = [
        one for code, one in every.items()
        if (text in f"{one.code} {one.title_zh} {one.title_en} {one.reference}".casefold() if text else code in held)
    ]  # fmt: skip
    return render_template(
        "competence.html",
        form=form,
        error=error,
        staff=staff,
        tests=shown,
        every=every,
        cells=cells,
        soon=operations.ending_soon(rows, today()),
        activities=ACTIVITIES,
        soon_days=operations.SOON_DAYS,
        proposed_end=operations.last_day(today()),
    )
