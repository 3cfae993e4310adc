"""Notices of the reader, and the outbox of e-mails."""

from __future__ import annotations

import json

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.labels import STATES
from lims.notices import operations, queries
from lims.notices.message import paragraphs
from lims.notices.models import Notice
from lims.notices.topics import words
from lims.permissions import SIGNED_IN
from lims.web import access
from lims.web.access import requires
from lims.web.language import language, localised
from lims.web.paging import page_of

notices = Blueprint("notices", __name__)
MAIL_STATES = tuple(state for kind, state in STATES if kind == "mail")


@notices.get("/notices")
@requires(SIGNED_IN)
def mine() -> str:
    """The reader's notices, newest first."""
    return render_template("notices.html", page=page_of(queries.notices(access.actor())), words_of=_words)


def _words(notice: Notice) -> tuple[str, str]:
    kind, _, action = notice.topic.partition(".")
    return words(kind, action, json.loads(notice.facts), language())


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
def outbox() -> str:
    """Every mail and what became of it."""
    select = queries.mails(text=request.args.get("q", ""), state=request.args.get("state", ""))
    return render_template(
        "outbox.html",
        page=page_of(select),
        counts=queries.counts(access.session()),
        mail_states=MAIL_STATES,
        server=access.laboratory().settings.mail_host,
    )


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
