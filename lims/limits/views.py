"""The limits in force, and one limit: what its file says, what the laboratory has read in the text, by whom."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.labels import Label
from lims.limits import operations, queries, tables
from lims.web import access
from lims.web.access import requires
from lims.web.forms import LONGEST_TEXT, Form
from protocols.limits import Limit
from protocols.method import methods
from protocols.requirements.requirements import AREAS_ZH, TEMPERATURES_ZH

limits = Blueprint("limits", __name__, url_prefix="/limits")
LONGEST_SOURCE = 400
STATES = {"open": False, "confirmed": True}
AREA_WORDS = {one: Label(AREAS_ZH[one], f"{one} area") for one in operations.FOUND_AREAS}
TEMPERATURE_WORDS = {
    one: Label(f"工质{TEMPERATURES_ZH[one]}", f"{one} temperature of the fluid")
    for one in operations.FOUND_TEMPERATURES
}


@limits.get("")
@requires("limits.view")
def every() -> str:
    """Every limit table, each limit with clause, source and whether anybody has confirmed it; or those looked for."""
    wanted, state = request.args.get("q", "").strip(), request.args.get("state", "")
    found = {
        name: [one for one in table.values() if _is_like(name, one, wanted.casefold(), state)]
        for name, table in tables.tables(access.session()).items()
    }
    return render_template(
        "limits.html", tables={name: kept for name, kept in found.items() if kept}, q=wanted, state=state,
        narrowed=bool(wanted or state), used_by={one.limit_table: one for one in methods().values()},
    )  # fmt: skip


def _is_like(table: str, limit: Limit, wanted: str, state: str) -> bool:
    if state in STATES and limit.confirmed != STATES[state]:
        return False
    texts = (table, limit.symbol, limit.edition, limit.clause, limit.source, limit.note_en, limit.note_zh)
    return any(wanted in text.casefold() for text in texts)


@limits.get("/<table>/<symbol>")
@requires("limits.view")
def page(table: str, symbol: str) -> str:
    """One limit, its confirmations, and the form to confirm it."""
    filed, editions = operations.limit_as_filed(table, symbol), operations.editions(table)
    chosen = request.args.get("edition", "")
    edition = chosen if chosen in editions else editions[0]
    return render_template(
        "limit.html",
        table=table,
        filed=filed,
        counts=tables.table(access.session(), table, edition)[symbol],
        edition=edition,
        editions=editions,
        standing=queries.standing(access.session(), table, symbol, edition),
        kept=queries.history(access.session(), table, symbol),
        ours=filed.source == operations.OURS,
        resting=operations.resting(table, symbol),
        areas=AREA_WORDS,
        temperatures=TEMPERATURE_WORDS,
        subject=operations.subject(table, symbol),
    )


@limits.post("/<table>/<symbol>/confirm")
@requires("limits.confirm")
def confirm(table: str, symbol: str) -> Response:
    """Keep that the text of the standard states this number."""
    form = Form(request.form)
    edition, value = form.text("edition"), form.number("value")
    clause, source = form.text("clause"), form.text("source", longest=LONGEST_SOURCE)
    area, temperature = form.text("area"), form.text("temperature")
    reason = form.text("reason", longest=LONGEST_TEXT)
    form.require_clean()
    with access.work() as work:
        operations.confirm(
            work, table, symbol, edition=edition, value=value, clause=clause, source=source, area=area,
            temperature=temperature, reason=reason,
        )  # fmt: skip
    flash(gettext("%(limit)s is confirmed for %(edition)s.", limit=symbol, edition=edition), "good")
    return redirect(url_for("limits.page", table=table, symbol=symbol, edition=edition))


@limits.post("/<table>/<symbol>/take-back")
@requires("limits.confirm")
def take_back(table: str, symbol: str) -> Response:
    """A confirmation counts no longer."""
    form = Form(request.form)
    edition, reason = form.text("edition"), form.text("reason", longest=LONGEST_TEXT)
    form.require_clean()
    with access.work() as work:
        operations.take_back(work, table, symbol, edition=edition, reason=reason)
    flash(gettext("The confirmation of %(limit)s counts no longer.", limit=symbol), "wait")
    return redirect(url_for("limits.page", table=table, symbol=symbol, edition=edition))
