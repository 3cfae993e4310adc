"""A company's requests: list, form, contract review, planning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.attachments import queries as attachments
from lims.certificates import queries as report_queries
from lims.contracts import operations as contracts
from lims.contracts import queries as contract_queries
from lims.contracts.amendments import FIELDS, current
from lims.contracts.checklist import CHECKS, PERSONAL
from lims.contracts.messages import thread
from lims.errors import Refused
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.items.models import Item
from lims.offerings import queries as offering_queries
from lims.offerings.listing import Choice, choice, choices, total
from lims.offerings.models import Product
from lims.orders import operations, queries
from lims.orders.lines import UNDER_REVIEW
from lims.orders.lists import REQUESTS
from lims.orders.models import KINDS, LANGUAGES, Request
from lims.orders.offer import offers
from lims.orders.operations import RequestForm
from lims.orders.planning import TESTABLE
from lims.orders.rules import RULES
from lims.parties import queries as party_queries
from lims.parties.models import Company
from lims.repertoire import known_tests, requirement_sets
from lims.review.queries import history
from lims.sampling import queries as sampling_queries
from lims.web import access, heldfiles, lists
from lims.web.access import requires
from lims.web.actions import buttons, tell_done
from lims.web.faults import status_of
from lims.web.forms import LONGEST_TEXT, Form
from lims.web.heldfiles import HeldFile
from lims.web.lists import AnyPage
from lims.web.today import today
from lims.workflow import REQUEST

orders = Blueprint("orders", __name__, url_prefix="/requests")
CHOOSE = "choose"  # the button of a product in the form


@orders.get("")
@requires("request.view")
def requests() -> AnyPage:
    """The requests the reader may see."""
    return lists.show(REQUESTS, "requests.html")


@orders.get("/new")
@requires("request.write")
def new() -> str:
    """An empty form; with the tests of a package ticked, or with what an earlier request says."""
    copied = request.args.get("copy", "")
    if copied:
        earlier = queries.request_by_number(access.session(), copied, access.actor())
        dropped = {"due_on": "", "item_number": "", "serial_number": ""}
        return _form_page(Form(_typed(earlier) | dropped | {"company_id": str(earlier.company_id)}), copied=copied)
    package = offering_queries.package(access.session(), request.args.get("package", ""))
    known: dict[str, Any] = {"tests": list(package.tests)} if package else {}
    if chosen := request.args.get("product", ""):
        product = offering_queries.product(access.session(), chosen)
        if product.active:
            known |= {"product": chosen, "product_zh": product.name_zh, "product_en": product.name_en}
    return _form_page(Form({"kind": "commissioned", "return_item": "1", "report_language": "both", **known}))


@orders.post("/new")
@requires("request.write")
def create() -> Response | tuple[str, int]:
    """Keep a draft with its files, and submit it when asked to: all or nothing; or show another product's tests."""
    form = Form(request.form)
    files = heldfiles.receive(form)
    if CHOOSE in form.typed:
        _choose(form)
        return _form_page(form, files=files), 200
    try:
        number = _save(form, files)
    except Refused as refused:
        return _form_page(form, error=refused, files=files), status_of(refused)
    return redirect(url_for("orders.page", number=number))


def _choose(form: Form) -> None:
    """Another product in a form that is being filled in: names that were the former one's become the new one's."""
    every = {one.code: one for one in offering_queries.products(access.session(), active=True)}
    before, after = every.get(form.typed.get("product", "")), every.get(form.typed[CHOOSE])
    for name in ("product_zh", "product_en"):
        if form.typed.get(name, "") in ("", getattr(before, name.replace("product", "name"), "")):
            form.typed[name] = getattr(after, name.replace("product", "name"), "")
    form.typed["product"] = after.code if after else ""


def _save(form: Form, files: Sequence[HeldFile]) -> str:
    stated = _stated(form)
    company = int(form.chosen("company_id", {str(one.id) for one in _companies()}) or 0)
    form.require_clean()
    with access.work() as work:
        made = operations.draft_request(work, items.completed(work, stated), company_id=company or None)
        heldfiles.keep(work, files, kind="request", subject=made.number)
        if request.form.get("then") == "submit":
            items.act_on_request(work, made.number, "submit")
            flash(gettext("%(number)s is submitted; the laboratory reviews it.", number=made.number), "good")
        return made.number


@orders.get("/<number>")
@requires("request.view")
def page(number: str) -> str:
    """One request with its item, jobs, reports and story."""
    found, blind = queries.request_by_number(access.session(), number, access.actor()), access.actor().blind
    jobs = queries.jobs_of(access.session(), found)
    against = {"complete": operations.unfinished(found, jobs), "cancel": operations.running(jobs)}
    return render_template(
        "request.html",
        it=found,
        buttons=[one for one in buttons(REQUEST, found, against) if one.action != "accept"],
        reviewing=found.state in UNDER_REVIEW and found.state != "submitted",
        reviews=contract_queries.reviews(access.session(), found),
        quotations=[] if blind else contract_queries.quotations(access.session(), found),
        deviations=contract_queries.deviations(access.session(), found),
        messages=thread(access.session(), found, access.actor()),
        amendments=[] if blind else contract_queries.amendments(access.session(), found),
        fields=FIELDS,
        current=current,
        checks=CHECKS | PERSONAL,
        offered=offers(access.session(), today()),
        known=known_tests(),
        total=total([one.price for one in found.tests]),
        rule=RULES.get(found.decision_rule),
        judged_by=requirement_sets().get(found.judged_by),
        languages=LANGUAGES,
        items=item_queries.of_request(access.session(), found),
        jobs=jobs,
        reports=report_queries.of_request(access.session(), found, access.actor()),
        history=history(access.session(), number, access.actor()),
        files=attachments.of(access.session(), "request", number, reader=access.actor()),
        may_plan=_may_plan(found),
        sampling=sampling_queries.record_of(access.session(), found) if found.kind == "spot_check" else None,
    )


def _may_plan(found: Request) -> bool:
    """Whether the reader may plan a job of this request now: accepted, with an item that can be tested."""
    there = (one.state in TESTABLE for one in item_queries.of_request(access.session(), found))
    return found.state == "accepted" and access.actor().may("job.plan") and any(there)


@orders.get("/<number>/edit")
@requires("request.write")
def edit(number: str) -> str:
    """The form of a draft."""
    found = queries.request_by_number(access.session(), number, access.actor())
    return _form_page(Form(_typed(found)), it=found)


@orders.post("/<number>/edit")
@requires("request.write")
def change(number: str) -> Response | tuple[str, int]:
    """Keep a changed draft."""
    found = queries.request_by_number(access.session(), number, access.actor())
    form = Form(request.form)
    if CHOOSE in form.typed:
        _choose(form)
        return _form_page(form, it=found), 200
    try:
        stated = _stated(form)
        form.require_clean()
        with access.work() as work:
            operations.change_request(work, number, items.completed(work, stated))
    except Refused as refused:
        return _form_page(form, it=found, error=refused), status_of(refused)
    return redirect(url_for("orders.page", number=number))


@orders.post("/<number>/blind")
@requires("request.review")
def set_blind(number: str) -> Response:
    """Keep from technicians whose order this is, or no longer."""
    with access.work() as work:
        operations.set_blind(work, number, request.form.get("blind") == "1")
    return redirect(url_for("orders.page", number=number))


@orders.post("/<number>/<action>")
@requires("request.view")
def act(number: str, action: str) -> Response:
    """One step of the request's way."""
    queries.request_by_number(access.session(), number, access.actor())
    access.require_action(REQUEST, action)
    with access.work() as work:
        contracts.act(work, number, action, request.form.get("reason", ""))
    tell_done(REQUEST, number, action)
    return redirect(url_for("orders.page", number=number))


def _companies() -> list[Company]:
    """The companies the office may write for; a company's user writes for its own."""
    return [] if access.actor().company_id else list(party_queries.companies(access.session()))


def _form_page(
    form: Form, *, it: Request | None = None, error: Refused | None = None, copied: str = "",
    files: Sequence[HeldFile] = (),
) -> str:  # fmt: skip
    code = form.typed.get("product", "")
    found = offering_queries.product(access.session(), code) if code else None
    product = found if found and found.active else None  # one that was withdrawn has to be chosen anew
    return render_template(
        "request_form.html",
        form=form,
        it=it,
        error=error,
        copied=copied,
        files=files,
        limit_mb=access.laboratory().settings.upload_limit_mb,
        kinds=KINDS,
        languages=LANGUAGES,
        rules=RULES,
        requirements=requirement_sets(),
        products=offering_queries.products(access.session(), active=True),
        product=product,
        packages=[one for one in product.packages if one.active] if product else (),
        groups=_choices(product),
        items=_items(),
        companies=_companies(),
    )


def _choices(product: Product | None) -> dict[str, list[Choice]]:
    """The tests to choose from by standard and edition: a product's, or every test of the program without a price."""
    offered = offers(access.session(), today())
    if product is None:
        rows = [choice(one.test, None, today(), one.against) for one in offered.values()]
    else:
        rows = choices(product, today(), {code: one.against for code, one in offered.items()})
    groups: dict[str, list[Choice]] = {}
    for row in rows:
        groups.setdefault(row.test.reference, []).append(row)
    return dict(sorted(groups.items()))


def _items() -> Sequence[Item]:
    """The items that are here and may be named: a company's own."""
    return item_queries.orderable(access.session(), access.actor().company_id)


def _stated(form: Form) -> RequestForm:
    return RequestForm(
        kind=form.chosen("kind", KINDS, "commissioned"),
        product=form.chosen("product", {one.code for one in offering_queries.products(access.session())}),
        tests=form.several("tests", known_tests()),
        product_zh=form.text("product_zh", longest=120),
        product_en=form.text("product_en", longest=120),
        manufacturer=form.text("manufacturer"),
        model=form.text("model", longest=120),
        serial_number=form.text("serial_number", longest=120),
        gross_area=form.number("gross_area"),
        item_number=form.chosen("item_number", {one.number for one in _items()}),
        due_on=form.day("due_on"),
        return_item=form.ticked("return_item"),
        decision_rule=form.chosen("decision_rule", RULES, "none"),
        judged_by=form.chosen("judged_by", requirement_sets()),
        report_language=form.chosen("report_language", LANGUAGES, "both"),
        subcontracting=form.ticked("subcontracting"),
        secrecy=form.text("secrecy", longest=300),
        contact=form.text("contact", longest=120),
        contact_telephone=form.text("contact_telephone", longest=40),
        remarks=form.text("remarks", longest=LONGEST_TEXT),
    )


def _typed(found: Request) -> dict[str, Any]:
    names = (
        "kind", "product_zh", "product_en", "manufacturer", "model", "serial_number", "gross_area",
        "item_number", "due_on", "remarks", "decision_rule", "judged_by", "report_language", "secrecy", "contact",
        "contact_telephone",
    )  # fmt: skip
    values = {name: getattr(found, name) for name in names}
    return {name: "" if value is None else str(value) for name, value in values.items()} | {
        "return_item": "1" if found.return_item else "", "tests": [one.code for one in found.tests],
        "product": found.product.code if found.product else "", "subcontracting": "1" if found.subcontracting else "",
    }  # fmt: skip
