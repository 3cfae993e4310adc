"""The catalogue's pages: what can be ordered for which product, at what price, within which accreditation."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.errors import BadInput
from lims.offerings import listing, operations, queries
from lims.offerings.models import SCHEMES
from lims.orders.offer import offers
from lims.repertoire import known_tests
from lims.web import access
from lims.web.access import requires
from lims.web.forms import Form
from lims.web.today import today

offerings = Blueprint("offerings", __name__, url_prefix="/catalogue")


@offerings.get("")
@requires("catalogue.view")
def catalogue() -> str:
    """Every product with its tests and packages counted."""
    company = access.actor().company_id is not None
    return render_template("catalogue.html", products=queries.products(access.session(), active=company))


@offerings.post("")
@requires("catalogue.write")
def add() -> Response:
    """A new product."""
    form = Form(request.form)
    values = {"code": form.text("code"), "name_zh": form.text("name_zh"), "name_en": form.text("name_en")}
    form.require_clean()
    with access.work() as work:
        operations.add_product(work, **values)
    return redirect(url_for("offerings.product", name=values["code"]))


@offerings.get("/<name>")
@requires("catalogue.view")
def product(name: str) -> str:
    """One product: tests with price, time and scope, what stands against ordering them, packages."""
    found, offered = queries.product(access.session(), name), offers(access.session(), today())
    against = {test: one.against for test, one in offered.items()}
    rows = listing.choices(found, today(), against)
    by_code = {one.test.code: one for one in rows}
    packages = [
        (one, listing.total([by_code[test].price if test in by_code else None for test in one.tests]))
        for one in found.packages
        if one.active
    ]
    known = known_tests()
    return render_template(
        "catalogue_product.html",
        it=found,
        rows=rows,
        packages=packages,
        known=known,
        offerings={one.test: one for one in found.offerings},
        more=[one for test, one in known.items() if test not in by_code],
        schemes=SCHEMES,
        today=today(),
    )


@offerings.post("/<name>/<change>")
@requires("catalogue.view")
def change(name: str, change: str) -> Response:
    """One change of a product's catalogue: offer, withdraw, price, scope or package; each asks for its permission."""
    form = Form(request.form)
    with access.work() as work:
        found = queries.product(work.session, name)
        if change == "offer":
            operations.offer_test(work, found, form.text("test"))
        elif change == "withdraw-product":
            operations.withdraw_product(work, found)
        elif change == "offer-product":
            operations.offer_product(work, found)
        elif change == "withdraw":
            operations.withdraw_test(work, found, form.text("test"))
        elif change == "price":
            days, first = form.number("working_days") or 0, form.day("valid_from")
            form.require_clean()
            operations.set_price(
                work, found, form.text("test"), yuan=_yuan(form.text("yuan")), working_days=int(days),
                valid_from=first or today(),
            )  # fmt: skip
        elif change == "scope":
            first, last = form.day("valid_from"), form.day("valid_to")
            form.require_clean()
            if first is None or last is None:
                raise BadInput("Give the first and the last day of the scope.", "请填写资质的起止日期。")
            operations.add_scope(
                work, found, form.text("test"), scheme=form.text("scheme"), certificate=form.text("certificate"),
                restriction=form.text("restriction"), valid_from=first, valid_to=last,
            )  # fmt: skip
        elif change == "package":
            operations.set_package(
                work, found, code=form.text("package"), name_zh=form.text("name_zh"), name_en=form.text("name_en"),
                tests=form.several("tests", known_tests()),
            )  # fmt: skip
        else:
            raise BadInput(f"There is no change '{change}'.", f"没有“{change}”这种修改。")
    flash(gettext("The catalogue is changed."), "good")
    return redirect(url_for("offerings.product", name=name))


def _yuan(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except ArithmeticError as error:
        raise BadInput("Give the price as 12800 or 12800.50.", "价格请填写为 12800 或 12800.50。") from error
    if not value.is_finite():
        raise BadInput("Give the price as 12800 or 12800.50.", "价格请填写为 12800 或 12800.50。")
    return value
