"""Test items: where they are, what they are, and their labels."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lims.errors import Refused
from lims.items import operations, queries
from lims.items.label import LabelFacts, label_pdf
from lims.items.models import Item
from lims.labels import action_label
from lims.review.queries import history
from lims.web import access
from lims.web import properties as properties_form
from lims.web.access import requires
from lims.web.actions import buttons
from lims.web.faults import status_of
from lims.web.forms import Form
from lims.web.language import language, localised
from lims.web.paging import page_of
from lims.web.today import local_day
from lims.workflow import ITEM
from protocols.method import methods

items = Blueprint("items", __name__, url_prefix="/items")


@items.get("", endpoint="items")
@requires("item.view")
def item_list() -> str:
    """The items the reader may see."""
    select = queries.items(access.actor(), text=request.args.get("q", ""), state=request.args.get("state", ""))
    return render_template("items.html", page=page_of(select))


@items.get("/<number>")
@requires("item.view")
def page(number: str) -> str:
    """One item: state, properties, custody, jobs, story."""
    found = queries.by_number(access.session(), number, access.actor())
    method = methods().get(found.request.method_id)
    return render_template(
        "item.html",
        it=found,
        buttons=buttons(ITEM, found),
        fields={field.symbol: field for field in method.item} if method else {},
        jobs=queries.jobs_of(access.session(), found),
        history=history(access.session(), number, access.actor()),
    )


@items.get("/<number>/label.pdf")
@requires("item.handle")
def label(number: str) -> Response:
    """The label for the printer."""
    found = queries.by_number(access.session(), number, access.actor())
    if found.received_at is None:
        raise Refused(f"{number} is not received yet; receive it first.", f"{number} 尚未收样；请先收样。")
    facts = LabelFacts(
        number=number, name=localised(found), customer_code=found.company.code, received=local_day(found.received_at)
    )
    pdf = label_pdf([facts])
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": f"inline; filename={number}.pdf"})


@items.post("/<number>/hand-over")
@requires("item.handle")
def hand_over(number: str) -> AnyResponse:
    """The item changes hands or place."""
    with access.work() as work:
        operations.hand_over(
            work, number, place=request.form.get("place", ""), purpose=request.form.get("purpose", "")
        )  # fmt: skip
    return redirect(url_for("items.page", number=number))


@items.get("/<number>/properties")
@requires("item.handle")
def properties(number: str) -> str:
    """The form of what the laboratory states about the item for its method."""
    found = queries.by_number(access.session(), number, access.actor())
    return _properties_page(found, Form(properties_form.typed(found)))


@items.post("/<number>/properties")
@requires("item.handle")
def state_properties(number: str) -> AnyResponse | tuple[str, int]:
    """Keep what the laboratory states; a field left empty stays as it was."""
    found = queries.by_number(access.session(), number, access.actor())
    form = Form(request.form)
    try:
        values, uncertainties = properties_form.read(form, queries.method_of(found))
        form.require_clean()
        with access.work() as work:
            operations.state_properties(work, number, values, uncertainties)
    except Refused as refused:
        return _properties_page(found, form, error=refused), status_of(refused)
    return redirect(url_for("items.page", number=number))


def _properties_page(found: Item, form: Form, error: Refused | None = None) -> str:
    fields = queries.method_of(found).item
    return render_template(
        "item_properties.html", it=found, fields=fields, form=form, error=error, asked=properties_form.asked
    )


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
    flash(f"{number}: {action_label('item', action).in_language(language())}", "good")
    return redirect(url_for("items.page", number=number))
