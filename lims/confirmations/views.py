"""The page on which the site's data are confirmed: holidays of each year, retention periods of items."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.confirmations import operations, queries
from lims.confirmations.operations import SiteData
from lims.errors import NotFound, Sentence
from lims.items.choices import retention, retention_digest
from lims.items.models import BACKUP
from lims.labels import Label
from lims.orders.models import KINDS as TEST_KINDS
from lims.web import access
from lims.web.access import requires
from lims.web.forms import Form
from lims.workdays import calendar, digest_of, source_of

confirmations = Blueprint("confirmations", __name__, url_prefix="/site-data")


@confirmations.get("", endpoint="every")
@requires("site_data.view")
def every() -> str:
    """What the site's files say, whether it is confirmed, by whom and when."""
    session = access.session()
    rows = [
        (one, queries.standing(session, one.subject, one.digest), queries.history(session, one.subject))
        for one in _all().values()
    ]
    return render_template("site_data.html", rows=rows)


@confirmations.post("/<subject>/confirm")
@requires("site_data.confirm")
def confirm(subject: str) -> Response:
    """Keep that the data hold as they stand."""
    data, form = _named(subject), Form(request.form)
    source = form.text("source", longest=operations.LONGEST_SOURCE)
    form.require_clean()
    with access.work() as work:
        operations.confirm(work, data, digest=request.form.get("digest", ""), source=source)
    flash(gettext("Confirmed; it counts from now on."), "good")
    return redirect(url_for("confirmations.every"))


@confirmations.post("/<subject>/take-back")
@requires("site_data.confirm")
def take_back(subject: str) -> Response:
    """A confirmation counts no longer."""
    data, form = _named(subject), Form(request.form)
    reason = form.text("reason", longest=operations.LONGEST_REASON)
    form.require_clean()
    with access.work() as work:
        operations.take_back(work, data, reason=reason)
    flash(gettext("The confirmation counts no longer."), "wait")
    return redirect(url_for("confirmations.every"))


def _named(subject: str) -> SiteData:
    found = _all().get(subject)
    if found is None:
        raise NotFound(f"There are no site data '{subject}'.", f"没有“{subject}”这项站点数据。")
    return found


def _all() -> dict[str, SiteData]:
    years = [_holidays(year) for year in sorted(calendar().confirmed)]
    return {one.subject: one for one in (*years, _retention())}


def _holidays(year: int) -> SiteData:
    known = calendar()
    off = [(day, f"{day} {name.zh}", f"{day} {name.en}") for day, name in known.off.items() if day.year == year]
    worked = [(day, f"{day} 调休上班", f"{day} worked instead") for day in known.worked if day.year == year]
    return SiteData(
        subject=queries.holidays_of(year), title=Label(f"{year} 年节假日", f"Holidays of {year}"),
        digest=digest_of(year), filed=known.confirmed[year], source=source_of(year),
        lines=tuple(Label(zh, en) for _, zh, en in sorted([*off, *worked])),
    )  # fmt: skip


def _retention() -> SiteData:
    rule = retention()
    lines = []
    for row in rule.rule:
        days = row["days"] + (rule.objection_days if row["objection"] else 0)
        en, zh = _whose(row["role"], row["request_kind"])
        lines.append(Label(f"{zh}：报告签发后 {days} 天", f"{en}: {days} days after the report"))
    return SiteData(
        subject="retention", title=Label("样品保留期", "Retention of items"), digest=retention_digest(),
        filed=rule.confirmed, source=Sentence("config/receipt.toml", "config/receipt.toml"), lines=tuple(lines),
    )  # fmt: skip


def _whose(role: str, kind: str) -> tuple[str, str]:
    """Which items a line of the rule is about, in English and Chinese."""
    named = [*([("backup samples", "备样")] if role == BACKUP else []), *([TEST_KINDS[kind]] if kind else [])]
    if not named:
        return "all others", "其他样品"
    return ", ".join(one[0] for one in named), "、".join(one[1] for one in named)
