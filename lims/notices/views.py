"""Notices of the reader, and the outbox of e-mails."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.notices import operations, queries
from lims.notices.lists import MAILS, NOTICES
from lims.notices.message import paragraphs
from lims.permissions import SIGNED_IN
from lims.web import access, lists
from lims.web.access import requires
from lims.web.language import localised
from lims.web.lists import AnyPage

notices = Blueprint("notices", __name__)


@notices.get("/notices")
@requires(SIGNED_IN)
def mine() -> AnyPage:
    """The reader's notices, newest first."""
    return lists.show(NOTICES, "notices.html")


@notices.post("/notices/<int:sequence>")
@requires(SIGNED_IN)
def open_notice(sequence: int) -> Response:
    """Mark as read and go to the page it is about."""
    with access.work() as work:
        found = operations.read(work, sequence)
    return redirect(access.local_path(found.path))


@notices.post("/notices")
@requires(SIGNED_IN)
def read_all() -> Response:
    """Mark everything as read."""
    with access.work() as work:
        operations.read_all(work)
    return redirect(url_for("notices.mine"))


@notices.get("/outbox")
@requires("mail.view")
def outbox() -> AnyPage:
    """Every mail and what became of it."""
    return lists.show(MAILS, "outbox.html", server=access.laboratory().settings.mail_host)


@notices.get("/outbox/<int:sequence>")
@requires("mail.view")
def mail(sequence: int) -> str:
    """One mail as its recipient reads it, without a link for one use."""
    found = queries.mail(access.session(), sequence)
    return render_template(
        "mail.html",
        it=found,
        parts=paragraphs(found, localised(access.laboratory().identity)),
        link="" if found.link_purpose else access.laboratory().settings.base_url.rstrip("/") + found.path,
        again=found.state in operations.AGAIN,
    )


@notices.post("/outbox/<int:sequence>")
@requires("mail.send")
def send_again(sequence: int) -> Response:
    """Put a mail into the queue once more."""
    with access.work() as work:
        operations.send_again(work, sequence)
    flash(gettext("The mail is in the queue again."), "good")
    return redirect(url_for("notices.mail", sequence=sequence))
