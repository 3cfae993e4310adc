"""Who is asking and whether they may: every route states its permission, and a route that states none cannot start.

The cookie holds a random token, the database its digest. The check runs before every request, for the route's declared
permission, so a view cannot forget it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from http import HTTPStatus
from typing import IO, Any, TypeVar

from flask import Flask, Response, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from lims import sentforms
from lims.canonical import canonical_json
from lims.errors import Forbidden, NotFound
from lims.laboratory import Laboratory, Work
from lims.parties import queries
from lims.parties.models import Person
from lims.permissions import BENCH, PERMISSIONS, PUBLIC, SIGNED_IN, Actor
from lims.sentforms import SentBefore
from lims.web import blind, freshness
from lims.workflow import Machine

COOKIE = "heliobench"
FORM_MARK = "form"
FOUND_BY_NUMBER = {"request", "item", "job", "run", "manual", "result", "report"}  # their numbers open a page by a scan
View = TypeVar("View", bound=Callable[..., Any])


def requires(permission: str) -> Callable[[View], View]:
    """State the permission a view needs: a name of `PERMISSIONS`, or PUBLIC, SIGNED_IN or BENCH."""
    if permission not in PERMISSIONS and permission not in (PUBLIC, SIGNED_IN, BENCH):
        raise ValueError(f"there is no permission '{permission}'")

    def mark(view: View) -> View:
        vars(view)["permission"] = permission
        return view

    return mark


def permission_of(app: Flask, endpoint: str) -> str | None:
    """The permission an endpoint states; None if it states none."""
    if endpoint == "static":
        return PUBLIC
    return getattr(app.view_functions[endpoint], "permission", None)


def require_declared(app: Flask) -> None:
    """Refuse to start with a route that states no permission."""
    silent = sorted(name for name in app.view_functions if permission_of(app, name) is None)
    if silent:
        raise RuntimeError(f"these routes state no permission (@requires): {', '.join(silent)}")


def install(app: Flask) -> None:
    """Check every request, close its database session at the end."""
    app.before_request(_check)
    app.after_request(_forget_refused)
    app.register_error_handler(SentBefore, _sent_before)
    app.teardown_request(_close)


def laboratory() -> Laboratory:
    """The site this application serves."""
    found: Laboratory = current_app.extensions["heliobench"]
    return found


def session() -> Session:
    """The request's session for reading, opened when first asked for."""
    if "session" not in g:
        g.sessions = ExitStack()
        g.session = g.sessions.enter_context(laboratory().database.read())
    opened: Session = g.session
    return opened


def person() -> Person | None:
    """Who signed in; None for a visitor."""
    if "person" not in g:
        token = request.cookies.get(COOKIE, "")
        g.person = queries.person_by_token(session(), token, laboratory().clock()) if token else None
        g.blind = g.person is not None and blind.hide(session(), g.person.actor, laboratory().settings)
    found: Person | None = g.person
    return found


def signed_in() -> Person:
    """Who signed in; `Forbidden` for a visitor (a route that asks this states SIGNED_IN or more)."""
    found = person()
    if found is None:
        raise Forbidden("Sign in first.", "请先登录。")
    return found


def actor() -> Actor:
    """Who signed in, as the one who acts."""
    return replace(signed_in().actor, blind=g.blind)


def is_sighted(company_id: int | None) -> bool:
    """Whether the reader may see whose record this is (lims/web/blind.py)."""
    return blind.is_sighted(session(), company_id)


def require_sighted(company_id: int | None) -> None:
    """`Forbidden` for a document that names a company which the reader is kept from seeing."""
    blind.require_sighted(session(), company_id)


@contextmanager
def work() -> Iterator[Work]:
    """One verb's transaction in the name of whoever signed in; a page that was overtaken is refused first.

    Raises `SentBefore`, which `install` answers, when the same form was done before.
    """
    digest = "" if "sent" in g else _sent()
    with laboratory().work(actor()) as started, sentforms.once(started, digest) if digest else nullcontext():
        freshness.require_fresh(started, request.form.get("seen", ""))
        yield started
    if digest:
        g.sent = digest  # a second verb of this request is no second form


def form_mark() -> str:
    """What the forms of a page carry to be known again (lims/sentforms.py); another one on every page."""
    mark: str = g.setdefault("form_mark", secrets.token_urlsafe(16))
    return mark


def _sent() -> str:
    """The digest of the form that is being sent; empty without the mark of a page."""
    if not request.form.get(FORM_MARK):
        return ""
    fields = [[name, value] for name, value in request.form.items(multi=True) if name != "csrf_token"]
    files = [[name, one.filename or "", _digest(one.stream)] for name, one in request.files.items(multi=True)]
    return hashlib.sha256(canonical_json([request.path, fields, files])).hexdigest()


def _digest(stream: IO[bytes]) -> str:
    """SHA-256 of a file that was sent, wherever it has been read to."""
    place = stream.tell()
    stream.seek(0)
    found = hashlib.sha256(stream.read()).hexdigest()
    stream.seek(place)
    return found


def _sent_before(before: SentBefore) -> AnyResponse:
    """To the record that the first one made, with a sentence; a number tells its page."""
    sentence = gettext("This form was sent before and has been done once: %(subject)s.", subject=before.subject)
    flash(sentence, "wait")
    if before.kind in FOUND_BY_NUMBER:
        return redirect(url_for("portal.scan", code=before.subject), 303)
    return redirect(local_path((request.referrer or "").removeprefix(request.host_url.rstrip("/"))), 303)


def _forget_refused(response: Response) -> Response:
    """A verb that was done before another of the same request was refused: the form may be sent again."""
    if "sent" in g and response.status_code >= HTTPStatus.BAD_REQUEST:
        sentforms.forget(laboratory().database, g.sent)
    return response


def seen_mark(kind: str, number: str) -> str:
    """What a form sends back so that a page overtaken by somebody else's change is refused (lims/web/freshness.py)."""
    marks: dict[tuple[str, str], str] = g.setdefault("seen_marks", {})
    if (kind, number) not in marks:
        marks[kind, number] = freshness.mark(session(), kind, number)
    return marks[kind, number]


def require_action(machine: Machine, action: str) -> None:
    """404 for an action the machine does not know, 403 for one the actor's roles do not include."""
    known = {transition.action: transition.permission for transition in machine.transitions}
    if action not in known:
        raise NotFound(f"There is no action '{action}'.", f"没有“{action}”这个操作。")
    actor().require(known[action])


def local_path(target: str | None) -> str:
    """``target`` if it is a page of this site, else the home page: no open redirect.

    >>> local_path("/items/YP-2026-00001?page=2"), local_path("//elsewhere.example"), local_path("/\\\\elsewhere")
    ('/items/YP-2026-00001?page=2', '/', '/')
    """
    plain = target is not None and target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if target and plain and target.isprintable() and "\\" not in target else "/"


def set_token(response: Response | AnyResponse, token: str) -> None:
    """Give the browser a new sign-in."""
    settings = laboratory().settings
    response.set_cookie(
        COOKIE, token, max_age=settings.session_hours * 3600, httponly=True, samesite="Lax",
        secure=settings.secure_cookies,
    )  # fmt: skip


def _check() -> AnyResponse | None:
    permission = permission_of(current_app, request.endpoint) if request.endpoint else PUBLIC
    if permission in (PUBLIC, BENCH):
        return None
    if person() is None:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("parties.sign_in", next=wanted))
    if permission != SIGNED_IN:
        actor().require(str(permission))
    return None


def _close(_error: BaseException | None) -> None:
    opened: ExitStack | None = g.pop("sessions", None)
    if opened is not None:
        opened.close()
