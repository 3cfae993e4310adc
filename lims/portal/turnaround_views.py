"""How long the laboratory takes, by month, kind of test and method: a plot, a table, and files of it."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, render_template, request

from lims.confirmations.queries import unsure
from lims.errors import BadInput
from lims.portal import turnaround as found
from lims.web import access, lists
from lims.web.access import requires
from lims.web.today import today
from lims.workdays import calendar

turnaround = Blueprint("turnaround", __name__)
HEIGHT, STEP = 160.0, 60.0  # of the plot, in its own units


@turnaround.get("/turnaround", endpoint="figures")
@requires("job.view")
def figures() -> str | Response:
    """The figures of twelve months, to a month that can be chosen; ?as=csv and ?as=parquet give them as files."""
    first, last = months_to(request.args.get("to", ""))
    session, zone, known = access.session(), access.laboratory().settings.time_zone, calendar()
    rows = found.figures(session, known, first=first, last=last, zone=zone)
    if kind := request.args.get("as"):
        return lists.file_of(found.COLUMNS, rows, name="turnaround", kind=kind)
    monthly = found.figures(session, known, first=first, last=last, zone=zone, apart=False)
    return render_template(
        "turnaround.html", rows=rows[::-1], columns=found.COLUMNS, first=first, last=last, height=HEIGHT, step=STEP,
        bars=list(found.bars(monthly, height=HEIGHT, step=STEP)), unsure=unsure(session, first, last),
    )  # fmt: skip


def months_to(text: str, months: int = found.MONTHS) -> tuple[date, date]:
    """The first and the last day of so many months that end with a month like 2026-11, by default this one."""
    month = today().replace(day=1)
    if text:
        try:
            month = date.fromisoformat(f"{text}-01")
        except ValueError:
            month = date.min
        if not 2000 <= month.year <= 2100:
            raise BadInput("Give a month as 2026-11.", "请按 2026-11 的格式填写月份。")
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    begun = month.year * 12 + month.month - months
    return date(begun // 12, begun % 12 + 1, 1), last
