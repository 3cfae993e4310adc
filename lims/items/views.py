"""Test items: where they are, what they are, and their labels."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lims.attachments import queries as attachments
from lims.errors import BadInput, Refused
from lims.items import corrections, custody, keeping, operations, queries
from lims.items.choices import choices
from lims.items.lists import ITEMS
from lims.items.models import FINDINGS, ROLES, SEALS, SUPPLIERS, Item
from lims.repertoire import known_tests
from lims.review.queries import history
from lims.web import access, lists
from lims.web import properties as properties_form
from lims.web.access import requires
from lims.web.actions import buttons, tell_done
from lims.web.faults import status_of
from lims.web.forms import LONGEST_TEXT, Form
from lims.web.language import words
from lims.web.lists import AnyPage
from lims.web.today import today
from lims.workflow import ITEM
from protocols.method import Method

items = Blueprint("items", __name__, url_prefix="/items")


@items.get("", endpoint="items")
@requires("item.view")
def item_list() -> AnyPage:
    """The items the reader may see."""
    return lists.show(ITEMS)


@items.get("/<number>")
@requires("item.view")
def page(number: str) -> str:
    """One item: state, properties, custody, jobs, story."""
    found = queries.by_number(access.session(), number, access.actor())
    return render_template(
        "item.html",
        it=found,
        buttons=buttons(ITEM, found),
        fields=queries.fields_for(access.session(), found),
        methods=queries.methods_for(access.session(), found),
        known=known_tests(),
        requests=queries.requests_for(access.session(), found),
        jobs=queries.jobs_of(access.session(), found),
        history=history(access.session(), number, access.actor()),
        parts=queries.parts_of(access.session(), found),
        whole=queries.whole_of(access.session(), found),
        open_differences=queries.open_differences(found),
        findings=FINDINGS,
        seals=SEALS,
        roles=ROLES,
        purposes=choices("purpose"),
        corrected=corrections.FIELDS,
        disposals=choices("disposal"),
        today=today(),
        files=attachments.of(access.session(), "item", number, reader=access.actor()),
    )


@items.get("/<number>/custody")
@requires("item.view")
def chain(number: str) -> str:
    """The whole chain of custody of an item and its parts, on one page to print."""
    found = queries.by_number(access.session(), number, access.actor())
    parts = queries.parts_of(access.session(), found)
    return render_template("custody.html", it=found, rows=custody.chain([found, *parts]), parts=parts)


@items.post("/<number>/hand-over")
@requires("item.handle")
def hand_over(number: str) -> AnyResponse:
    """The item changes hands or place."""
    with access.work() as work:
        moved = custody.hand_over(
            work, number, place=request.form.get("place", ""), purpose=request.form.get("purpose", "")
        )  # fmt: skip
    for warning in moved.warnings:
        flash(words(warning), "wait")
    return redirect(url_for("items.page", number=number))


@items.post("/<number>/keep-until")
@requires("item.handle")
def keep_until(number: str) -> AnyResponse:
    """Keep the item longer or shorter than the site's rule says, with a reason."""
    form = Form(request.form)
    until, reason = form.day("until"), form.text("reason", longest=LONGEST_TEXT)
    form.require_clean()
    if until is None:
        raise BadInput("Give a date as 2026-11-30.", "请按 2026-11-30 的格式填写日期。")
    with access.work() as work:
        keeping.set_until(work, number, until, reason)
    return redirect(url_for("items.page", number=number))


@items.post("/<number>/ask-disposal")
@requires("item.handle")
def ask_disposal(number: str) -> AnyResponse:
    """Ask a second person to dispose of a backup sample before its time."""
    with access.work() as work:
        keeping.ask_disposal(work, number, request.form.get("reason", ""))
    return redirect(url_for("items.page", number=number))


@items.get("/<number>/properties")
@requires("item.handle")
def properties(number: str) -> str:
    """The form of what the laboratory states about the item for one of its methods, at first the newest."""
    found = queries.by_number(access.session(), number, access.actor())
    return _properties_page(found, _chosen_method(found), Form(properties_form.typed(found)))


@items.post("/<number>/properties")
@requires("item.handle")
def state_properties(number: str) -> AnyResponse | tuple[str, int]:
    """Keep what the laboratory states; a field left empty stays as it was."""
    found = queries.by_number(access.session(), number, access.actor())
    form, method = Form(request.form), _chosen_method(found)
    try:
        judged = queries.judged_fields(access.session(), found)
        values, uncertainties = properties_form.read(form, (*method.item, *judged))
        supplied = properties_form.suppliers(form, judged)
        form.require_clean()
        with access.work() as work:
            operations.state_properties(work, number, values, uncertainties, supplied)
    except Refused as refused:
        return _properties_page(found, method, form, error=refused), status_of(refused)
    return redirect(url_for("items.page", number=number))


def _chosen_method(found: Item) -> Method:
    asked = queries.methods_for(access.session(), found)
    if not asked:
        raise BadInput(
            f"No method that this program has is ordered for {found.number}; nothing is asked about it.",
            f"{found.number} 没有委托本程序的检测方法，无需填写参数。",
        )
    return asked.get(request.args.get("method", "")) or list(asked.values())[-1]


def _properties_page(found: Item, method: Method, form: Form, error: Refused | None = None) -> str:
    return render_template(
        "item_properties.html",
        it=found,
        method=method,
        methods=queries.methods_for(access.session(), found),
        judged=queries.judged_fields(access.session(), found),
        suppliers=SUPPLIERS,
        declared=operations.DECLARED,
        form=form,
        error=error,
        asked=properties_form.asked,
    )


@items.post("/<number>/correct")
@requires("item.handle")
def correct(number: str) -> AnyResponse:
    """What the item is called, written anew with the reason."""
    told = request.form
    with access.work() as work:
        corrections.correct(work, number, told.get("field", ""), told.get("value", ""), told.get("reason", ""))
    return redirect(url_for("items.page", number=number))


@items.post("/<number>/<action>")
@requires("item.view")
def act(number: str, action: str) -> AnyResponse:
    """One step of the item's way; receiving tells condition and place."""
    queries.by_number(access.session(), number, access.actor())
    access.require_action(ITEM, action)
    form = request.form
    with access.work() as work:
        operations.act(
            work, number, action, reason=form.get("reason", ""), condition=form.get("condition", ""),
            place=form.get("place", ""),
        )  # fmt: skip
    tell_done(ITEM, number, action)
    return redirect(url_for("items.page", number=number))
