"""What waits for review and authorisation, and the audit trail."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from lims import audit
from lims.certificates import queries as report_queries
from lims.labels import KINDS
from lims.results import queries
from lims.review import queries as trail
from lims.web import access
from lims.web.access import requires
from lims.web.paging import page_of

review = Blueprint("review", __name__)


@review.get("/review")
@requires("result.view")
def queue() -> str:
    """Results waiting, those waiting longest first, and reports on their way."""
    return render_template(
        "review.html",
        submitted=page_of(queries.waiting("submitted")),
        reviewed=page_of(queries.waiting("reviewed")),
        recorded=page_of(queries.waiting("recorded")),
        reports=page_of(report_queries.waiting("drafted", "checked", "authorised")),
    )


@review.get("/audit", endpoint="trail")
@requires("audit.view")
def audit_trail() -> str:
    """The whole trail, filtered; on request with the verdict on its chain."""
    select = trail.events(text=request.args.get("q", ""), kind=request.args.get("kind", ""))
    verdict = audit.verify(access.session()) if request.args.get("check") else None
    return render_template("audit.html", page=page_of(select), verdict=verdict, kinds=KINDS)
