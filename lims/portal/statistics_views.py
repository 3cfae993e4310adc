"""A company reads its own figures: orders by month and state, and how long its reports took."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from lims.confirmations.queries import unsure
from lims.errors import BadInput
from lims.portal import statistics as found
from lims.portal import turnaround
from lims.portal.turnaround_views import HEIGHT, STEP, months_to
from lims.web import access
from lims.web.access import requires
from lims.workdays import calendar
from lims.workflow import REQUEST

statistics = Blueprint("statistics", __name__)
SPANS = (12, 24)  # months


@statistics.get("/my-company/figures", endpoint="own")
@requires("company.own")
def own() -> str:
    """The figures of twelve months, or of twenty-four, to a month that can be chosen."""
    months = request.args.get("months", str(SPANS[0]))
    if months not in map(str, SPANS):
        raise BadInput("Choose 12 or 24 months.", "请选择 12 或 24 个月。")
    first, last = months_to(request.args.get("to", ""), int(months))
    session, reader = access.session(), access.actor()
    zone, known = access.laboratory().settings.time_zone, calendar()
    company = -1 if reader.company_id is None else reader.company_id  # nobody's: never those of all

    def took(*, monthly: bool) -> list[turnaround.Figures]:
        return turnaround.figures(
            session, known, first=first, last=last, zone=zone, apart=False, monthly=monthly, company_id=company
        )

    orders, monthly = found.orders_by_month(session, reader, first=first, last=last, zone=zone), took(monthly=True)
    return render_template(
        "statistics.html", orders=orders, states=found.states_of(orders, REQUEST.states), first=first, last=last,
        months=int(months), spans=SPANS, height=HEIGHT, step=STEP, monthly=monthly, whole=took(monthly=False),
        bars=list(found.bars(orders, height=HEIGHT, step=STEP)),
        turnaround_bars=list(turnaround.bars(monthly, height=HEIGHT, step=STEP)), unsure=unsure(session, first, last),
    )  # fmt: skip
