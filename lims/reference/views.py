"""Reference pages: methods with who is authorised for them, manual tests, and what the laboratory may be asked for."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lims.errors import BadInput, NotFound
from lims.labels import ACTIVITIES
from lims.limits import tables as limit_tables
from lims.orders.offer import by_standard, method_offers
from lims.parties import operations as parties
from lims.parties import queries as party_queries
from lims.reference import catalogue, criteria
from lims.web import access
from lims.web.access import requires
from lims.web.forms import Form
from lims.web.today import today
from protocols.method import Method
from protocols.method import methods as all_methods
from protocols.procedures.procedure import instructions

reference = Blueprint("reference", __name__)


@reference.get("/methods")
@requires("limits.view")
def methods() -> str:
    """Every method by standard and edition, what it gives, and whether orders for it can be taken."""
    text = request.args.get("q", "")
    shown = {
        method_id: one
        for method_id, one in method_offers(access.session(), today()).items()
        if catalogue.has(text, method_id, one.test.reference, one.test.title_en, one.test.title_zh)
    }
    tables = {
        name: limit_tables.table(access.session(), name)
        for name in {all_methods()[method_id].limit_table for method_id in shown}
    }
    return render_template(
        "methods.html", groups=by_standard(shown), tables=tables, confirmed_of=catalogue.confirmed_of
    )


@reference.get("/methods/<name>")
@requires("limits.view")
def method(name: str) -> str:
    """One method: columns, questions about the item, results, benches, people, limits."""
    found = _method(name)
    table = limit_tables.table(access.session(), found.limit_table, found.reference)
    return render_template(
        "method.html",
        it=found,
        offer=method_offers(access.session(), today())[name],
        limits=table,
        confirmed=catalogue.confirmed_of(table),
        people=party_queries.competent_for(access.session(), name, today()),
        colleagues=[one for one in party_queries.people(access.session()) if one.active and one.company_id is None],
        activities=tuple(ACTIVITIES),
    )


@reference.post("/methods/<name>/authorise")
@requires("competence.manage")
def authorise(name: str) -> Response:
    """The quality manager authorises somebody for one activity of a method, from today."""
    _method(name)
    form = Form(request.form)
    with access.work() as work:
        person = party_queries.person_by_username(work.session, form.text("person"))
        activity, until = form.chosen("activity", ACTIVITIES), form.day("valid_to")
        form.require_clean()
        if person is None or until is None:
            raise BadInput("Choose a person and the last day of the authorisation.", "请选择人员和授权的截止日期。")
        parties.authorise_competence(
            work, person=person, method_id=name, activity=activity, valid_from=work.today, valid_to=until
        )
    return redirect(url_for("reference.method", name=name))


def _method(name: str) -> Method:
    found = all_methods().get(name)
    if found is None:
        raise NotFound(f"There is no method {name}.", f"没有方法 {name}。")
    return found


@reference.get("/procedures")
@requires("limits.view")
def procedures() -> str:
    """Every manual test by edition."""
    groups = catalogue.procedures(request.args.get("q", ""))
    every = [one for group in groups.values() for one in group]
    session = access.session()
    tables = {one.id: limit_tables.table(session, one.limit_table, one.edition) for one in every}
    used = {one.id: criteria.limits_used(one, tables[one.id]) for one in every}
    confirmed = {one.id: catalogue.confirmed_of(used[one.id], one.edition) for one in every}
    return render_template("procedures.html", groups=groups, used=used, confirmed=confirmed)


@reference.get("/procedures/<name>")
@requires("limits.view")
def procedure(name: str) -> str:
    """One manual test: steps, what is recorded, conditions, criteria, limits."""
    found = catalogue.procedure(name)
    limits = limit_tables.table(access.session(), found.limit_table, found.edition)
    return render_template(
        "procedure.html",
        it=found,
        steps=instructions(found, limits),
        conditions=criteria.conditions(found, limits),
        criteria=criteria.criteria(found, limits),
        limits=criteria.limits_used(found, limits),
        confirmed=lambda limit: catalogue.confirmed(limit, found.edition),
        others=[catalogue.procedure(one) for one in found.after],
    )
