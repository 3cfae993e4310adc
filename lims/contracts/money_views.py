"""The pages of money: figures of orders for an accountant, and the invoices of one order."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.contracts import invoices as verbs
from lims.contracts import queries
from lims.contracts.lists import FIGURES, sums
from lims.contracts.views import money
from lims.errors import BadInput, NotFound
from lims.orders.queries import request_by_number
from lims.web import access, lists
from lims.web.access import requires
from lims.web.forms import Form
from lims.web.lists import AnyPage
from lims.web.today import today

contracts_money = Blueprint("contracts_money", __name__)


@contracts_money.get("/figures")
@requires("invoice.view")
def figures() -> AnyPage:
    """Orders with their prices, tax, quotation and invoices, with the sums of what is shown; also as a file."""
    asked = lists.asked(FIGURES, request.args.to_dict(), lists.reader())
    return lists.show(FIGURES, "figures.html", sums=sums(access.session(), asked.select))


@contracts_money.get("/requests/<number>/invoices")
@requires("invoice.view")
def invoices(number: str) -> str:
    """The invoices of one order; the office enters them here."""
    found = request_by_number(access.session(), number, access.actor())
    if not verbs.shown_to(found, access.actor()):
        raise NotFound(f"{number} is paid by another; it has no invoice for you.", f"{number} 不向贵单位收费，无发票。")
    return render_template(
        "invoices.html",
        it=found,
        invoices=verbs.of_request(access.session(), found),
        quotations=queries.quotations(access.session(), found),
        today=today(),
    )


@contracts_money.post("/requests/<number>/invoices")
@requires("invoice.write")
def enter(number: str) -> Response:
    """Keep an invoice."""
    form = Form(request.form)
    name, day, total = form.text("invoice", longest=40), form.day("issued_on"), money(form.text("total"))
    form.require_clean()
    if day is None or total is None:
        raise BadInput("Give the invoice's day and total.", "请填写开票日期和金额。")
    with access.work() as work:
        verbs.enter(work, number, number=name, issued_on=day, total=total)
    flash(gettext("The invoice %(number)s is entered.", number=name), "good")
    return redirect(url_for("contracts_money.invoices", number=number))


@contracts_money.post("/requests/<number>/invoices/<action>")
@requires("invoice.write")
def act(number: str, action: str) -> Response:
    """An invoice was paid, or counts no longer."""
    form = Form(request.form)
    name, day, reason = form.text("invoice", longest=40), form.day("on"), form.text("reason", longest=2000)
    form.require_clean()
    if action not in ("pay", "cancel"):
        raise NotFound(f"There is no action '{action}'.", f"没有“{action}”这个操作。")
    with access.work() as work:
        if action == "pay":
            verbs.pay(work, number, name, day or work.today)
        else:
            verbs.cancel(work, number, name, reason)
    return redirect(url_for("contracts_money.invoices", number=number))
