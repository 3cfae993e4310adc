"""Who is asking and whether they may: every route states its permission, and a route that states none cannot start.

The cookie holds a random token, the database its digest. The check runs before every request, for the route's declared
permission, so a view cannot forget it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from lims.errors import Forbidden, NotFound
from lims.laboratory import Laboratory, Work
from lims.parties import queries
from lims.parties.models import Person
from lims.permissions import BENCH, PERMISSIONS, PUBLIC, SIGNED_IN, Actor
from lims.web import blind, freshness
from lims.workflow import Machine

COOKIE = "heliobench"
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
    """One verb's transaction in the name of whoever signed in; a page that was overtaken is refused first."""
    with laboratory().work(actor()) as started:
        freshness.require_fresh(started, request.form.get("seen", ""))
        yield started


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
