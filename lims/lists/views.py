"""What is done to lists: views kept, shared and removed; one action for many rows."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.errors import BadInput, NotFound, require_reason
from lims.lists import operations
from lims.lists.declaration import List
from lims.permissions import SIGNED_IN
from lims.web import access, bulk
from lims.web.access import requires
from lims.web.declared import LISTS
from lims.web.lists import canonical

lists = Blueprint("lists", __name__, url_prefix="/lists")


def _of(name: str) -> List:
    """The list of this name, if the reader may see it."""
    found = LISTS.get(name)
    if found is None:
        raise NotFound(f"There is no list '{name[:40]}'.", f"没有名为“{name[:40]}”的列表。")
    if found.permission != SIGNED_IN:
        access.actor().require(found.permission)
    return found


@lists.post("/<name>/views")
@requires(SIGNED_IN)
def keep(name: str) -> Response:
    """Keep filters and order of a list under a name."""
    of, form = _of(name), request.form
    query = canonical(of, form.get("query", ""))
    with access.work() as work:
        kept = operations.keep(
            work, list_name=of.name, name=form.get("view_name", ""), query=query, shared=form.get("shared") == "1",
            opens_first=form.get("first") == "1",
        )  # fmt: skip
    flash(gettext("The view “%(name)s” is kept.", name=kept.name), "good")
    return redirect(f"{url_for(of.endpoint)}?{kept.query}&view={kept.id}")


@lists.post("/views/<int:index>/<action>")
@requires(SIGNED_IN)
def change(index: int, action: str) -> Response:
    """Share a view, open it first, or remove it."""
    with access.work() as work:
        changed = operations.change(work, index, action)
    of = _of(changed.list_name)
    kept = "" if action == "remove" else f"?{changed.query}&view={changed.id}"
    return redirect((url_for(of.endpoint) + kept) if kept else url_for(of.endpoint, view="all"))


@lists.post("/<name>/bulk")
@requires(SIGNED_IN)
def act(name: str) -> str | Response:
    """Do one thing to every row that was ticked, and say what became of each."""
    of, form = _of(name), request.form
    what = next((one for one in bulk.offered(of.name) if one.action == form.get("action")), None)
    if what is None:
        raise BadInput("Choose what to do with the rows.", "请选择要对所选行执行的操作。")
    numbers = list(dict.fromkeys(form.getlist("number")))
    if not 0 < len(numbers) <= bulk.MOST:
        raise BadInput(f"Tick between 1 and {bulk.MOST} rows.", f"请勾选 1 至 {bulk.MOST} 行。")
    if what.reason:
        require_reason(form.get("reason", ""))
    outcomes = list(bulk.do(what, numbers, form.get("reason", "")))
    refused, back = sum(1 for one in outcomes if one.why), access.local_path(form.get("next"))
    if what.brief and not refused:
        flash(gettext("%(count)s done.", count=len(outcomes)), "good")
        return redirect(back)
    return render_template(
        "bulk.html", of=of, label=what.label, outcomes=outcomes, refused=refused, done=len(outcomes) - refused,
        back=back,
    )  # fmt: skip
