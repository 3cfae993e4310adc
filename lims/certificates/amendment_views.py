"""Pages of amendments: the form that opens one from an issued report."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from lims.certificates import amendments as operations
from lims.certificates import queries
from lims.orders.models import LANGUAGES
from lims.web import access
from lims.web.access import requires

amendments = Blueprint("amendments", __name__)


@amendments.get("/reports/<number>/amend")
@requires("report.amend")
def form(number: str) -> str:
    """Why the report is amended, on which result the new one rests, and its language."""
    found = queries.by_number(access.session(), number, access.actor())
    return render_template(
        "amendment_form.html",
        it=found,
        results=operations.results_for(access.session(), found),
        languages=LANGUAGES,
        longest=operations.LONGEST,
        under_way=queries.amendment_under_way(access.session(), found),
    )


@amendments.post("/reports/<number>/amend")
@requires("report.amend")
def open_amendment(number: str) -> AnyResponse:
    """Draft the report that is to replace this one."""
    told = request.form
    with access.work() as work:
        made = operations.open_amendment(
            work, number, reason=told.get("reason", ""), reason_en=told.get("reason_en", ""),
            result_number=told.get("result", ""), language=told.get("language", ""),
        )  # fmt: skip
    flash(
        gettext("%(number)s is drafted; %(old)s stays in force until it is issued.", number=made.number, old=number),
        "good",
    )
    return redirect(url_for("certificates.page", number=made.number))
