"""The reader's own account: language, address, password, sessions, and which notices come by e-mail."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.errors import BadInput, Refused
from lims.notices import operations as notice_operations
from lims.notices import queries as notice_queries
from lims.notices.topics import GROUPS
from lims.parties import account as operations
from lims.parties import queries
from lims.parties.models import Person
from lims.parties.sessions import end_own_session, end_sessions
from lims.permissions import SIGNED_IN
from lims.web import access, language
from lims.web.access import requires
from lims.web.faults import status_of
from lims.web.forms import Form

account = Blueprint("account", __name__, url_prefix="/account")


@account.get("")
@requires(SIGNED_IN)
def page() -> str:
    """The reader's account."""
    return _page(Form({}))


@account.post("/language", endpoint="language")
@requires(SIGNED_IN)
def set_language() -> Response:
    """The language of pages and mails."""
    chosen = request.form.get("language", "")
    with access.work() as work:
        operations.set_language(work, chosen)
    response = redirect(url_for("account.page"))
    language.remember(response, chosen)
    return response


@account.post("/address")
@requires(SIGNED_IN)
def address() -> Response:
    """Another e-mail address: a link goes to it."""
    with access.work() as work:
        link = operations.ask_address(work, request.form.get("email", ""))
    flash(gettext("A link goes to %(address)s; the address counts when it was opened.", address=link.email), "good")
    return redirect(url_for("account.page"))


@account.post("/password")
@requires(SIGNED_IN)
def password() -> Response | tuple[str, int]:
    """The own password; other sessions end."""
    form = Form(request.form)
    new = form.typed.get("password", "")
    try:
        if new != form.typed.get("repeat", ""):
            raise BadInput("The two passwords differ; type both again.", "两次输入的密码不一致；请重新输入。")
        operations.change_password(
            access.laboratory(), access.signed_in(), old=form.typed.get("old", ""), new=new,
            address=request.remote_addr or "", session_id=_present(),
        )  # fmt: skip
    except Refused as refused:
        return _page(form, error=refused), status_of(refused)
    flash(gettext("Your password is changed; your other sessions have ended."), "good")
    return redirect(url_for("account.page"))


@account.post("/notices")
@requires(SIGNED_IN)
def notices() -> Response:
    """Which notices come by e-mail too."""
    with access.work() as work:
        for group in notice_queries.choices(work.session, work.actor):
            if GROUPS[group].optional:
                notice_operations.choose(work, group, request.form.get(group) == "1")
    flash(gettext("The changes are saved."), "good")
    return redirect(url_for("account.page"))


@account.post("/sessions/<int:sequence>")
@requires(SIGNED_IN)
def end_session(sequence: int) -> Response:
    """End one of the own sessions."""
    with access.work() as work:
        end_own_session(work, sequence)
    flash(gettext("The session has ended."), "good")
    return redirect(url_for("account.page"))


@account.post("/sessions")
@requires(SIGNED_IN)
def end_others() -> Response:
    """End all own sessions but this one."""
    with access.work() as work:
        end_sessions(work, [access.signed_in().id], but=_present())
    flash(gettext("Your other sessions have ended."), "good")
    return redirect(url_for("account.page"))


def _present() -> int | None:
    row = queries.sign_in_by_token(access.session(), request.cookies.get(access.COOKIE, ""))
    return row.id if row else None


def _page(form: Form, *, error: Refused | None = None) -> str:
    me: Person = access.signed_in()
    return render_template(
        "account.html",
        form=form,
        error=error,
        mine=me.language or access.laboratory().settings.language,
        choices=notice_queries.choices(access.session(), access.actor()),
        groups=GROUPS,
        sessions=queries.open_sessions(access.session(), me, access.laboratory().clock()),
        present=_present(),
    )
