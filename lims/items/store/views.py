"""The store: its tree of places, moving items by scanner, and what is due to leave."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from lims.confirmations.queries import standing
from lims.errors import HeliobenchError, Sentence
from lims.items import codes, custody, keeping, queries, storage
from lims.items.choices import choices, in_words, retention, retention_digest
from lims.items.custody import Moved
from lims.items.keeping import Answer
from lims.items.label import Sticker, label_pdf
from lims.items.labelling.views import inline_pdf
from lims.items.lists import KEEPING
from lims.items.models import PLACES, Item, StoragePlace
from lims.items.paper import return_note
from lims.items.storage import PlaceForm
from lims.parties import queries as party_queries
from lims.permissions import STAFF
from lims.web import access, lists
from lims.web.access import requires
from lims.web.faults import status_of
from lims.web.forms import Form
from lims.web.language import localised, words
from lims.web.lists import AnyPage
from lims.web.today import today

store = Blueprint("store", __name__, url_prefix="/storage")
MOVED_SHOWN = 20


@store.get("")
@requires("storage.view")
def tree() -> str:
    """Every place with what it holds, and the form of a new one."""
    return _tree(Form({"parent": request.args.get("parent", "")}))


@store.post("")
@requires("storage.write")
def add() -> AnyResponse | tuple[str, int]:
    """A new place."""
    form = Form(request.form)
    try:
        wanted = _place_form(form)
        with access.work() as work:
            place = storage.add(work, wanted)
    except HeliobenchError as refused:
        return _tree(form, error=refused), status_of(refused)
    flash(gettext("%(code)s was added.", code=place.code), "good")
    return redirect(url_for("store.tree"))


def _tree(form: Form, error: HeliobenchError | None = None) -> str:
    return render_template(
        "storage.html", branches=storage.tree(access.session()), kinds=PLACES, form=form, error=error
    )


@store.get("/<code>")
@requires("storage.view")
def place(code: str) -> str:
    """One place: what lies there, its label, its facts."""
    return _place(storage.by_code(access.session(), code))


@store.post("/<code>")
@requires("storage.write")
def change(code: str) -> AnyResponse | tuple[str, int]:
    """Change a place."""
    found, form = storage.by_code(access.session(), code), Form(request.form)
    try:
        wanted = _place_form(form, code=found.code)
        with access.work() as work:
            storage.change(work, found.code, wanted)
    except HeliobenchError as refused:
        return _place(found, form, error=refused), status_of(refused)
    return redirect(url_for("store.place", code=found.code))


def _place(found: StoragePlace, form: Form | None = None, error: HeliobenchError | None = None) -> str:
    session = access.session()
    path = storage.path(session, found)
    typed = {
        "kind": found.kind, "name_zh": found.name_zh, "name_en": found.name_en,
        "capacity": str(found.capacity or ""), "parent": path[-2] if len(path) > 1 else "",
        "in_use": "1" if found.in_use else "",
    }  # fmt: skip
    branches = storage.tree(session)
    return render_template(
        "storage_place.html", place=found, path=path, branch=next(b for b in branches if b.place.id == found.id),
        branches=branches, items=storage.lying_in(session, found), kinds=PLACES, form=form or Form(typed), error=error,
    )  # fmt: skip


def _place_form(form: Form, code: str = "") -> PlaceForm:
    capacity = form.number("capacity")
    if capacity is not None and capacity != int(capacity):
        form.errors["capacity"] = Sentence("Give a whole number.", "请填写整数。")
    wanted = PlaceForm(
        code=code or form.text("code"),
        kind=form.chosen("kind", PLACES, "shelf"),
        name_zh=form.text("name_zh", longest=120),
        name_en=form.text("name_en", longest=120),
        capacity=None if capacity is None else int(capacity),
        parent=form.text("parent"),
        in_use=not code or form.ticked("in_use"),
    )
    form.require_clean()
    return wanted


@store.get("/labels.pdf")
@requires("storage.view")
def labels() -> AnyResponse:
    """Stickers of the asked places (?code=), or of all that are used; on a sheet with ?media=sheet."""
    session, base = access.session(), access.laboratory().settings.base_url
    asked = [storage.by_code(session, one) for one in request.args.getlist("code")]
    places = asked or [one.place for one in storage.tree(session) if one.place.in_use]
    if not places:
        return redirect(url_for("store.tree"))
    wanted = [
        Sticker(
            code=one.code, qr=codes.place_address(base, one.code), name=localised(one),
            facts=(("库位 Place", " / ".join(storage.path(session, one))),),
        )
        for one in places
    ]  # fmt: skip
    return inline_pdf(label_pdf(wanted, sheet=request.args.get("media") == "sheet"), "places")


@store.get("/badges.pdf")
@requires("item.handle")
def badges() -> Response:
    """Badges of the laboratory's people, to hand items over by scanning."""
    people = [one for one in party_queries.people(access.session()) if one.active and one.roles & STAFF]
    wanted = [
        Sticker(code=one.username, qr=codes.badge(one.username), name=f"{one.name_zh} {one.name_en}") for one in people
    ]
    return inline_pdf(label_pdf(wanted, sheet=request.args.get("media") == "sheet"), "badges")


# --- moving ------------------------------------------------------------------------------------------------------


@store.get("/move")
@requires("item.handle")
def move() -> str:
    """Scan the place once, then item after item; each is moved as soon as it is scanned."""
    return _moving(request.args.get("place", ""), request.args.get("purpose", ""))


@store.post("/move")
@requires("item.handle")
def move_one() -> AnyResponse | tuple[str, int]:
    """One item goes to the place scanned before; a place scanned instead of an item is the new place."""
    place, purpose = request.form.get("place", ""), request.form.get("purpose", "")
    scanned = request.form.get("item", "").strip()
    try:
        if scanned and codes.item_in(scanned) is None:
            with access.work() as work:
                custody.destination(work, scanned)
            return redirect(url_for("store.move", place=scanned, purpose=purpose))
        if scanned:
            with access.work() as work:
                _tell(custody.hand_over(work, scanned, place=place, purpose=purpose))
    except HeliobenchError as refused:
        return _moving(place, purpose, error=refused), status_of(refused)
    return redirect(url_for("store.move", place=place, purpose=purpose))


def _moving(place: str, purpose: str, error: HeliobenchError | None = None) -> str:
    session = access.session()
    code = codes.place_in(place)
    return render_template(
        "move.html", place=place, purpose=purpose, purposes=choices("purpose"), error=error,
        known=storage.find(session, code) if code else None,
        moved=queries.moved_by(session, access.actor().id, MOVED_SHOWN),
    )  # fmt: skip


def _tell(moved: Moved) -> None:
    flash(gettext("%(number)s is now at %(place)s.", number=moved.item.number, place=moved.to.words), "good")
    for warning in moved.warnings:
        flash(words(warning), "wait")


# --- what is due to leave ----------------------------------------------------------------------------------------


@store.get("/keeping")
@requires("item.handle")
def due() -> AnyPage:
    """What lies in store by the retention clock: to return, to dispose of, soon, overdue, kept."""
    return lists.show(
        KEEPING, "keeping.html", tabs=keeping.TABS, counts=keeping.counts(access.session(), today()),
        disposals=choices("disposal"),
        confirmed=retention().confirmed or bool(standing(access.session(), "retention", retention_digest())),
    )  # fmt: skip


@store.post("/keeping")
@requires("item.handle")
def leave() -> AnyResponse:
    """Hand back or dispose of the ticked items: each is answered on its own."""
    numbers, form = request.form.getlist("number"), Form(request.form)
    with access.work() as work:
        if form.chosen("what", ("return", "dispose"), "return") == "return":
            answers = keeping.hand_back_many(work, numbers, to=form.text("to"))
        else:
            how = in_words("disposal", request.form.getlist("how"), form.text("words", longest=2000))
            answers = keeping.dispose_many(work, numbers, how=how)
    gone = _tell_answers(answers)
    back = access.local_path(form.typed.get("next"))
    if gone and form.typed.get("what") != "dispose":
        link = url_for("store.note", number=[one.number for one in gone])
        return redirect(f"{back}{'&' if '?' in back else '?'}{urlencode({'note': link})}")
    return redirect(back)


def _tell_answers(answers: list[Answer]) -> list[Item]:
    gone = [one for one in answers if isinstance(one, Item)]
    if gone:
        flash(gettext("Done: %(numbers)s", numbers=", ".join(one.number for one in gone)), "good")
    for one in answers:
        if isinstance(one, Sentence):
            flash(words(one), "stop")
    return gone


@store.get("/return-note.pdf")
@requires("item.handle")
def note() -> AnyResponse:
    """The note that goes with items handed back, a page for each company, with lines to sign."""
    session, actor = access.session(), access.actor()
    items = [queries.by_number(session, one, actor) for one in request.args.getlist("number")]
    if not items:
        return redirect(url_for("store.due"))
    for one in items:
        access.require_sighted(one.company_id)
    return inline_pdf(return_note(access.laboratory(), items, today()), "return-note")
