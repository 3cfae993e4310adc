"""Companies: list, page, form, contacts; and a company's own data, kept by its users."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.errors import NotFound, Refused
from lims.labels import CONTACTS
from lims.parties import companies as operations
from lims.parties import queries
from lims.parties.companies import CompanyFacts, ContactFacts
from lims.parties.lists import COMPANIES
from lims.parties.models import Company
from lims.portal import company as portal
from lims.web import access, lists
from lims.web.access import requires
from lims.web.faults import status_of
from lims.web.forms import Form
from lims.web.lists import AnyPage

companies = Blueprint("companies", __name__)
FIELDS = tuple(CompanyFacts.__dataclass_fields__)


@companies.get("/companies", endpoint="every")
@requires("company.view")
def every() -> AnyPage:
    """All companies, by code."""
    return lists.show(COMPANIES, "companies.html")


@companies.get("/companies/new")
@requires("company.manage")
def new() -> str:
    """An empty form."""
    return _form_page(Form({}))


@companies.post("/companies/new")
@requires("company.manage")
def create() -> Response | tuple[str, int]:
    """Register a company."""
    form = Form(request.form)
    try:
        facts = _stated(form)
        with access.work() as work:
            made = operations.add_company(work, facts, same_name=form.ticked("same_name"))
    except Refused as refused:
        return _form_page(form, error=refused), status_of(refused)
    flash(gettext("%(code)s is registered.", code=made.code), "good")
    return redirect(url_for("companies.page", code=made.code))


@companies.get("/companies/<code>")
@requires("company.view")
def page(code: str) -> str:
    """One company: facts, contacts, users, what it ordered, and every change."""
    found = _company(code)
    return render_template(
        "company.html",
        it=found,
        contacts=queries.contacts(access.session(), found),
        users=queries.users_of(access.session(), found),
        invitations=queries.invitations(access.session(), company_id=found.id),
        now=access.laboratory().clock(),
        records=portal.records_of(access.session(), found, access.actor()),
        changes=portal.changes_of(access.session(), found, access.actor()),
        roles=CONTACTS,
    )


@companies.get("/companies/<code>/edit")
@requires("company.manage")
def edit(code: str) -> str:
    """The form of a company."""
    found = _company(code)
    return _form_page(Form({name: getattr(found, name) for name in FIELDS}), it=found)


@companies.post("/companies/<code>/edit")
@requires("company.manage")
def change(code: str) -> Response | tuple[str, int]:
    """Keep what was changed."""
    found, form = _company(code), Form(request.form)
    try:
        facts = _stated(form)
        with access.work() as work:
            operations.change_company(work, code, facts, same_name=form.ticked("same_name"))
    except Refused as refused:
        return _form_page(form, it=found, error=refused), status_of(refused)
    flash(gettext("The changes are saved."), "good")
    return redirect(url_for("companies.page", code=code))


@companies.post("/companies/<code>/close")
@requires("company.manage")
def close(code: str) -> Response:
    """Nobody of this company signs in any more."""
    with access.work() as work:
        operations.close_company(work, code, request.form.get("reason", ""))
    flash(gettext("%(code)s is closed; its users are signed out.", code=code), "good")
    return redirect(url_for("companies.page", code=code))


@companies.post("/companies/<code>/open")
@requires("company.manage")
def reopen(code: str) -> Response:
    """Its users may sign in again."""
    with access.work() as work:
        operations.open_company(work, code)
    flash(gettext("%(code)s is open again.", code=code), "good")
    return redirect(url_for("companies.page", code=code))


@companies.post("/companies/<code>/contacts")
@requires("company.manage")
def add_contact(code: str) -> Response:
    """One more contact."""
    return _add_contact(code, url_for("companies.page", code=code))


@companies.post("/companies/<code>/contacts/<int:sequence>")
@requires("company.manage")
def change_contact(code: str, sequence: int) -> Response:
    """Change or remove a contact."""
    return _change_contact(code, sequence, url_for("companies.page", code=code))


@companies.get("/company")
@requires("company.own")
def own() -> str:
    """What the laboratory keeps of the reader's company."""
    return _own_page(Form({name: getattr(_own(), name) for name in operations.OWN}))


@companies.post("/company")
@requires("company.own")
def change_own() -> Response | tuple[str, int]:
    """The company keeps its address and main contact itself."""
    form = Form(request.form)
    try:
        stated = {name: form.text(name, longest=LONGEST[name]) for name in operations.OWN}
        form.require_clean()
        with access.work() as work:
            operations.change_own(work, **stated)
    except Refused as refused:
        return _own_page(form, error=refused), status_of(refused)
    flash(gettext("The changes are saved."), "good")
    return redirect(url_for("companies.own"))


@companies.post("/company/contacts")
@requires("company.own")
def add_own_contact() -> Response:
    """One more contact of the reader's company."""
    return _add_contact(_own().code, url_for("companies.own"))


@companies.post("/company/contacts/<int:sequence>")
@requires("company.own")
def change_own_contact(sequence: int) -> Response:
    """Change or remove a contact of the reader's company."""
    return _change_contact(_own().code, sequence, url_for("companies.own"))


LONGEST = {
    "name_zh": 200, "name_en": 200, "credit_code": 40, "address_zh": 300, "address_en": 300, "contact": 120,
    "telephone": 40, "email": 200,
}  # fmt: skip


def _company(code: str) -> Company:
    found = queries.company_by_code(access.session(), code)
    if found is None:
        raise NotFound(f"There is no company '{code}'.", f"没有代码为“{code}”的委托单位。")
    return found


def _own() -> Company:
    company = access.signed_in().company
    if company is None:
        raise NotFound("You belong to no company.", "您不属于任何委托单位。")
    return company


def _stated(form: Form) -> CompanyFacts:
    stated = {name: form.text(name, longest=longest) for name, longest in LONGEST.items()}
    form.require_clean()
    return CompanyFacts(**stated)


def _form_page(form: Form, *, it: Company | None = None, error: Refused | None = None) -> str:
    if error is not None and error.code in FIELDS:
        form.errors.setdefault(error.code, error.sentence)
    asks = error is not None and error.code == operations.SAME_NAME
    return render_template("company_form.html", form=form, it=it, error=error, same_name=asks)


def _own_page(form: Form, *, error: Refused | None = None) -> str:
    company = _own()
    return render_template(
        "company_own.html",
        form=form,
        it=company,
        error=error,
        contacts=queries.contacts(access.session(), company),
        users=queries.users_of(access.session(), company),
        invitations=queries.invitations(access.session(), company_id=company.id),
        now=access.laboratory().clock(),
        roles=CONTACTS,
    )


def _contact(form: Form) -> ContactFacts:
    stated = {
        "name": form.text("name", longest=120), "role": form.chosen("role", CONTACTS),
        "telephone": form.text("telephone", longest=40), "email": form.text("email"),
    }  # fmt: skip
    form.require_clean()
    return ContactFacts(**stated)


def _add_contact(code: str, back: str) -> Response:
    facts = _contact(Form(request.form))
    with access.work() as work:
        operations.add_contact(work, code, facts)
    flash(gettext("%(name)s is added.", name=facts.name), "good")
    return redirect(back)


def _change_contact(code: str, contact_id: int, back: str) -> Response:
    if request.form.get("then") == "remove":
        with access.work() as work:
            operations.remove_contact(work, code, contact_id)
        flash(gettext("The contact is removed."), "good")
        return redirect(back)
    facts = _contact(Form(request.form))
    with access.work() as work:
        operations.change_contact(work, code, contact_id, facts)
    flash(gettext("%(name)s is saved.", name=facts.name), "good")
    return redirect(back)
