"""Signing in and out, the language of the pages, and a new password by the administrator."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.errors import NotFound, Refused, Sentence
from lims.laboratory import SYSTEM
from lims.parties import operations, queries
from lims.permissions import PUBLIC, SIGNED_IN
from lims.web import access, language
from lims.web.access import requires

parties = Blueprint("parties", __name__)
WRONG = Sentence(
    "The user name or the password is wrong; check both and try again.", "用户名或密码错误；请检查后重试。"
)


@parties.get("/sign-in")
@requires(PUBLIC)
def sign_in() -> str | Response:
    """The sign-in page; who is signed in already goes on."""
    if access.person() is not None:
        return redirect(access.local_path(request.args.get("next")))
    return render_template("sign_in.html")


@parties.post("/sign-in")
@requires(PUBLIC)
def signed_in() -> Response | tuple[str, int]:
    """Check name and password; the session's token and the form's token are new ones."""
    try:
        token = _token()
    except Refused as refused:
        return render_template("sign_in.html", error=language.words(refused.sentence)), 429
    if token is None:
        return render_template("sign_in.html", error=language.words(WRONG)), 401
    session.clear()
    response = redirect(access.local_path(request.form.get("next")))
    access.set_token(response, token)
    chosen = queries.language_of(access.session(), token)
    if chosen:
        language.remember(response, chosen)
    return response


def _token() -> str | None:
    with access.laboratory().work(SYSTEM) as work:
        return operations.sign_in(
            work,
            username=request.form.get("username", "").strip(),
            password=request.form.get("password", ""),
            address=request.remote_addr or "",
        )


@parties.post("/sign-out")
@requires(SIGNED_IN)
def sign_out() -> Response:
    """End the session here and in the database."""
    with access.work() as work:
        operations.sign_out(work, request.cookies.get(access.COOKIE, ""))
    session.clear()
    response = redirect(url_for("parties.sign_in"))
    response.delete_cookie(access.COOKIE)
    return response


@parties.post("/language/<code>")
@requires(PUBLIC)
def set_language(code: str) -> Response:
    """Remember the visitor's language and come back."""
    if code not in language.LANGUAGES:
        raise NotFound(f"There is no language '{code}'.", f"没有“{code}”这种语言。")
    response = redirect(access.local_path(request.form.get("next")))
    language.remember(response, code)
    return response


@parties.post("/people/<username>/password")
@requires("people.manage")
def set_password(username: str) -> Response:
    """The administrator gives somebody a new password; all their sign-ins end."""
    with access.work() as work:
        person = queries.person_by_username(work.session, username)
        if person is None:
            raise NotFound(f"There is no person '{username}'.", f"没有用户名为“{username}”的人员。")
        operations.set_password(work, person, request.form.get("password", ""))
    flash(gettext("The new password of %(name)s is set; earlier sign-ins have ended.", name=username), "good")
    return redirect(url_for("people.person", username=username))
