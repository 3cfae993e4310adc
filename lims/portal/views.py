"""The home page of each role, the search by number, and the health of the instance."""

from __future__ import annotations

import re

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lims.errors import NotFound
from lims.items import codes, storage
from lims.permissions import PUBLIC, SIGNED_IN
from lims.portal import home as start
from lims.portal.documents import documents
from lims.portal.dossier import dossier
from lims.portal.health import health as health_of
from lims.portal.needed import needed
from lims.portal.progress import progress
from lims.portal.story import story
from lims.watch.starting import read_code
from lims.web import access
from lims.web.access import requires
from lims.web.today import today

portal = Blueprint("portal", __name__)

# What a number's letters say about where its page is.
PAGES = {
    "WT": "orders.page",
    "YP": "items.page",
    "RW": "runs.job",
    "YX": "runs.run",
    "RG": "manual.page",
    "JG": "results.page",
    "BG": "certificates.page",
    "R": "certificates.page",
}
NUMBER = re.compile(r"([A-Z]{1,2})-\d{4}-\d{5}(-\d+)?")
EQUIPMENT = re.compile(r"[A-Z]{2}-EQ-\d{4}")
VERIFICATION = re.compile(r"https?://\S+/verify/([\w-]+)")


@portal.get("/")
@requires(SIGNED_IN)
def home() -> str:
    """What waits for whoever signed in."""
    actor = access.actor()
    if actor.company_id is not None:
        return _company_home()
    return render_template(
        "home.html",
        waiting=start.waiting(access.session(), actor, today()),
        health=health_of(access.laboratory()) if actor.may("people.manage") else None,
    )


def _company_home() -> str:
    """What the company has to do, where its orders stand, and its newest reports."""
    found = start.company_home(access.session(), access.actor(), today(), _zone())
    return render_template("home_company.html", home=found, today=today())


@portal.get("/requests/<number>/progress")
@requires("request.view")
def order(number: str) -> str:
    """One order as its company reads it: stations, story, documents, and what happens next."""
    session, actor = access.session(), access.actor()
    found = dossier(session, number, actor)
    access.require_sighted(found.request.company_id)
    needs = needed(session, actor, today(), _zone(), found.request)
    return render_template(
        "progress.html",
        it=found.request,
        progress=progress(session, found, actor, needs, today(), _zone()),
        needs=needs,
        story=story(session, found, actor),
        documents=documents(session, found, actor),
        today=today(),
    )


def _zone() -> str:
    return access.laboratory().settings.time_zone


@portal.get("/scan")
@requires(SIGNED_IN)
def scan() -> AnyResponse:
    """The page of a number that was typed or scanned, whatever it numbers; a report's QR code too."""
    code = request.args.get("code", "").strip()
    if found := VERIFICATION.fullmatch(code):
        return redirect(url_for("certificates.verify_code", code=found[1]))
    if number := codes.item_in(code):
        return redirect(url_for("items.page", number=number))
    place = codes.place_in(code)
    if place and access.actor().may("storage.view") and storage.find(access.session(), place):
        return redirect(url_for("store.place", code=place))
    number = code.upper()
    if (found := NUMBER.fullmatch(number)) and found[1] in PAGES:
        return redirect(url_for(PAGES[found[1]], number=number))
    if EQUIPMENT.fullmatch(number):
        return redirect(url_for("equipment.instrument", number=number))
    kind, value = read_code(code)
    if kind == "bench":
        return redirect(url_for("runs.bench", name=value))
    raise NotFound(
        f"“{code[:60]}” is no number of this laboratory; numbers look like WT-2026-00001.",
        f"“{code[:60]}”不是本中心的编号；编号形如 WT-2026-00001。",
    )


@portal.get("/health")
@requires(PUBLIC)
def health() -> tuple[Response, int]:
    """For a monitor: JSON, 200 when well, 503 when not."""
    found = health_of(access.laboratory())
    return jsonify(found), 200 if found["ok"] else 503
