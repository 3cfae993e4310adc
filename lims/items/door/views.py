"""The goods-in door: receive what came for an order, refuse what cannot be tested, take parts off an item."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from lims.attachments import operations as attachments
from lims.errors import HeliobenchError, Sentence
from lims.items import codes, custody, queries, receipt, storage
from lims.items.choices import choices
from lims.items.labelling.views import inline_pdf
from lims.items.models import SEALS, Item
from lims.items.paper import refusal_letter
from lims.items.receipt import Arrival, Delivery
from lims.laboratory import Work
from lims.orders import queries as order_queries
from lims.orders.models import Request
from lims.web import access
from lims.web.access import requires
from lims.web.faults import status_of
from lims.web.forms import LONGEST_TEXT, Form
from lims.web.language import words as words_of

door = Blueprint("door", __name__)


@door.get("/receipt")
@requires("item.handle")
def waiting() -> AnyResponse | str:
    """The orders of which something is still expected; scan or type the number on the delivery note."""
    if code := request.args.get("code", "").strip():
        if number := codes.item_in(code):
            code = queries.by_number(access.session(), number, access.actor()).request.number
        found = order_queries.request_by_number(access.session(), code.upper(), access.actor())
        return redirect(url_for("door.receive", number=found.number))
    return render_template("receipts.html", orders=queries.orders_expecting(access.session()))


@door.get("/receipt/<number>")
@requires("item.handle")
def receive(number: str) -> str:
    """What is expected for an order, to be ticked off as it comes."""
    order = order_queries.request_by_number(access.session(), number, access.actor())
    expected = _expected(order)
    typed = MultiDict([("came", one.number) for one in expected])
    return _page(order, Form(typed))


@door.post("/receipt/<number>")
@requires("item.handle")
def received(number: str) -> AnyResponse | tuple[str, int]:
    """Keep the receipt with its photographs: all of it or nothing; then the labels."""
    order, form = order_queries.request_by_number(access.session(), number, access.actor()), Form(request.form)
    try:
        shown = {one.number: one for one in _expected(order)}
        arrivals = [_arrival(form, one, shown.get(one)) for one in dict.fromkeys(request.form.getlist("came"))]
        accessories = _accessories(form)
        place, words = form.text("place", longest=120), form.text("words", longest=LONGEST_TEXT)
        form.require_clean()
        delivery = Delivery(
            place=place, arrivals=arrivals, conditions=request.form.getlist("condition"), words=words,
            accessories=accessories,
        )  # fmt: skip
        with access.work() as work:
            items = receipt.receive(work, number, delivery)
            for one in items:
                _photographs(work, one.number, f"photo-{one.number}")
            full = custody.fullness_told(work, items[0])
            came = [part for one in items for part in (one, *queries.parts_of(work.session, one)) if part.received_at]
    except HeliobenchError as refused:
        return _page(order, form, error=refused), status_of(refused)
    flash(gettext("Received: %(numbers)s", numbers=", ".join(one.number for one in items)), "good")
    if full:
        flash(words_of(full), "wait")
    return redirect(url_for("labelling.choose", number=[one.number for one in came]))


def _expected(order: Request) -> list[Item]:
    return [
        one for one in queries.of_request(access.session(), order) if one.state == "expected" and not one.parent_number
    ]


def _page(order: Request, form: Form, error: HeliobenchError | None = None) -> str:
    session = access.session()
    return render_template(
        "receive.html", order=order, expected=_expected(order), form=form, error=error,
        conditions=choices("condition"), seals=SEALS, accessories=choices("accessory"), places=storage.tree(session),
        here=[one for one in queries.of_request(session, order) if one.state != "expected"],
    )  # fmt: skip


def _arrival(form: Form, number: str, shown: Item | None) -> Arrival:
    """What the form says of one item. What still reads as it was shown is as announced: who is kept from seeing the
    company was shown something else than what is on record.
    """

    def found(field: str, name: str, longest: int) -> str:
        text = form.text(f"{field}-{number}", longest=longest)
        return "" if shown is not None and text == getattr(shown, name) else text

    pieces = form.number(f"pieces-{number}")
    if pieces is not None and pieces != int(pieces):
        form.errors[f"pieces-{number}"] = Sentence("Give a whole number.", "请填写整数。")
    return Arrival(
        number=number,
        manufacturer=found("manufacturer", "manufacturer", 200),
        model=found("model", "model", 120),
        serial_number=found("serial", "serial_number", 120),
        pieces=None if pieces is None else int(pieces),
        conditions=request.form.getlist(f"condition-{number}"),
        words=form.text(f"words-{number}", longest=LONGEST_TEXT),
        seal=form.text(f"seal-{number}", longest=60),
        seal_found=form.chosen(f"seal-found-{number}", SEALS),
        backup=form.ticked(f"backup-{number}"),
    )


def _accessories(form: Form) -> dict[str, str]:
    ticked = {
        one.id: form.chosen(f"accessory-{one.id}", ("came", "missing", "none"), "none") for one in choices("accessory")
    }
    for state in ("came", "missing"):
        lines = form.text(f"{state}-also", longest=LONGEST_TEXT).splitlines()
        ticked |= {line.strip()[:120]: state for line in lines if line.strip()}
    return ticked


def _photographs(work: Work, number: str, field: str) -> None:
    for one in request.files.getlist(field):
        if one.filename:
            attachments.add(
                work, kind="item", subject=number, name=one.filename, data=one.read(), purpose="receipt"
            )  # fmt: skip


@door.post("/items/<number>/seal")
@requires("item.handle")
def seal(number: str) -> AnyResponse:
    """How the seal of a spot check's sample was found; said once."""
    with access.work() as work:
        receipt.check_seal(work, number, found=request.form.get("found", ""))
    return redirect(url_for("items.page", number=number))


@door.post("/receipt/<number>/more")
@requires("item.handle")
def announce(number: str) -> AnyResponse:
    """More items than announced: number further ones."""
    form = Form(request.form)
    count = form.number("count") or 0
    with access.work() as work:
        receipt.announce_more(work, number, int(count))
    return redirect(url_for("door.receive", number=number))


@door.get("/items/<number>/refusal")
@requires("item.handle")
def refusing(number: str) -> str:
    """The form of a refusal: reasons to tick, words, photographs."""
    found = queries.by_number(access.session(), number, access.actor())
    return render_template("refusal.html", it=found, reasons=choices("refusal"), form=Form(MultiDict()), error=None)


@door.post("/items/<number>/refusal")
@requires("item.handle")
def refuse(number: str) -> AnyResponse | tuple[str, int]:
    """Refuse the item; its letter is ready at once."""
    found, form = queries.by_number(access.session(), number, access.actor()), Form(request.form)
    try:
        words = form.text("words", longest=LONGEST_TEXT)
        form.require_clean()
        with access.work() as work:
            receipt.refuse(work, number, request.form.getlist("reason"), words)
            _photographs(work, number, "photo")
    except HeliobenchError as refused:
        page = render_template("refusal.html", it=found, reasons=choices("refusal"), form=form, error=refused)
        return page, status_of(refused)
    return redirect(url_for("items.page", number=number))


@door.get("/items/<number>/refusal.pdf")
@requires("item.view")
def letter(number: str) -> AnyResponse:
    """The letter of refusal, also for the company itself."""
    found = queries.by_number(access.session(), number, access.actor())
    if found.refused_at is None:
        flash(gettext("%(number)s was not refused.", number=number), "wait")
        return redirect(url_for("items.page", number=number))
    access.require_sighted(found.company_id)
    return inline_pdf(refusal_letter(access.laboratory(), found), f"{number}-refusal")


@door.post("/items/<number>/parts")
@requires("item.handle")
def add_part(number: str) -> AnyResponse:
    """A sub-item or accessory with a number of its own."""
    form = Form(request.form)
    pieces = form.number("pieces")
    name_zh, name_en = form.text("name_zh", longest=120), form.text("name_en", longest=120)
    role = form.chosen("role", ("part", "accessory"), "part")
    form.require_clean()
    with access.work() as work:
        part = receipt.add_part(
            work, number, name_zh=name_zh, name_en=name_en, role=role, pieces=1 if pieces is None else int(pieces)
        )
    flash(gettext("%(number)s was added; print its label.", number=part.number), "good")
    return redirect(url_for("items.page", number=number))


@door.post("/items/<number>/agree")
@requires("item.handle")
def agree(number: str) -> AnyResponse:
    """Keep what the company says about an item that is not as announced."""
    form = Form(request.form)
    words = form.text("agreed", longest=LONGEST_TEXT)
    form.require_clean()
    with access.work() as work:
        receipt.agree(work, number, words)
    return redirect(url_for("items.page", number=number))
