"""The pages of what is agreed: contract review, quotation, questions, deviations, amendments."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from lims.contracts import amendments, messages, operations, queries, quotations
from lims.contracts.checklist import CHECKS, PERSONAL, STOP, findings
from lims.errors import BadInput, NotFound
from lims.offerings.listing import total
from lims.orders import lines
from lims.orders.queries import request_by_number
from lims.repertoire import known_tests
from lims.web import access
from lims.web.access import requires
from lims.web.forms import LONGEST_TEXT, Form
from lims.web.today import today

contracts = Blueprint("contracts", __name__, url_prefix="/requests/<number>")


@contracts.get("/review")
@requires("request.review")
def review(number: str) -> str:
    """The checklist: what the system found, what a person ticks, what the company was asked."""
    found = request_by_number(access.session(), number, access.actor())
    checks = findings(access.session(), found, today())
    return render_template(
        "contract_review.html",
        it=found,
        checks=checks,
        labels=CHECKS,
        personal=PERSONAL,
        stopped=[one for one in checks if one.outcome == STOP],
        known=known_tests(),
        total=total([one.price for one in found.tests]),
        open=found.state in operations.OPEN,
        reviews=queries.reviews(access.session(), found),
        quotations=queries.quotations(access.session(), found),
        deviations=queries.deviations(access.session(), found),
        messages=messages.thread(access.session(), found, access.actor()),
    )


@contracts.post("/review")
@requires("request.review")
def decide(number: str) -> AnyResponse:
    """Accept or decline, with what was ticked and remarked."""
    form = Form(request.form)
    ticked = {name for name in PERSONAL if form.ticked(name)}
    remarks = {name: form.text(f"remark-{name}", longest=500) for name in (*CHECKS, *PERSONAL)}
    reason = form.text("reason", longest=LONGEST_TEXT)
    form.require_clean()
    with access.work() as work:
        operations.decide(
            work, number, form.text("decision"), ticked=ticked, remarks=remarks, reason=reason
        )  # fmt: skip
    flash(gettext("The contract review of %(number)s is kept.", number=number), "good")
    return redirect(url_for("orders.page", number=number))


@contracts.post("/line")
@requires("request.review")
def line(number: str) -> AnyResponse:
    """Another price, time or note for one test."""
    form = Form(request.form)
    position, days, yuan = form.number("position") or 0, form.number("working_days"), form.text("price")
    note = form.text("note")
    form.require_clean()
    with access.work() as work:
        lines.set_line(
            work, number, int(position), price=money(yuan), working_days=None if days is None else int(days), note=note
        )  # fmt: skip
    return redirect(url_for("contracts.review", number=number))


def money(text: str) -> Decimal | None:
    """A sum as it is typed; none for an empty field. Raises `BadInput` for anything else."""
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", ""))
    except ArithmeticError:
        value = Decimal("NaN")
    if not value.is_finite():
        raise BadInput("Give the price as 12800 or 12800.50.", "价格请填写为 12800 或 12800.50。")
    return value


@contracts.post("/quotation")
@requires("request.review")
def quote(number: str) -> AnyResponse:
    """A quotation of the request as it stands."""
    with access.work() as work:
        made = quotations.quote(work, number)
    flash(gettext("%(number)s is made; the company finds it on its page.", number=made.number), "good")
    return redirect(url_for("orders.page", number=number))


@contracts.get("/quotation.pdf")
@requires("request.view")
def quotation_pdf(number: str) -> AnyResponse:
    """A quotation as it was given, the newest unless another is named."""
    found = request_by_number(access.session(), number, access.actor())
    access.require_sighted(found.company_id)
    wanted = request.args.get("quotation", "")
    every = [one for one in queries.quotations(access.session(), found) if wanted in ("", one.number)]
    if not every:
        flash(gettext("There is no such quotation."), "stop")
        return redirect(url_for("orders.page", number=number))
    pdf = access.laboratory().store.get(every[0].sha256)
    headers = {"Content-Disposition": f"inline; filename={every[0].number}.pdf"}
    return Response(pdf, mimetype="application/pdf", headers=headers)


@contracts.post("/quotation/<action>")
@requires("request.write")
def answer_quotation(number: str, action: str) -> AnyResponse:
    """The company accepts or does not."""
    form = Form(request.form)
    _require_answer(action)
    with access.work() as work:
        request_by_number(work.session, number, work.actor)
        quotations.answer_quotation(
            work, form.text("quotation"), accepted=action == "agree", note=form.text("note", longest=LONGEST_TEXT)
        )  # fmt: skip
    return redirect(url_for("orders.page", number=number))


@contracts.post("/messages")
@requires("request.write")
def write(number: str) -> AnyResponse:
    """One message with its files, or a note that stays in the laboratory."""
    form = Form(request.form)
    text = form.text("text", longest=messages.LONGEST)
    form.require_clean()
    sent = [messages.Sent(name=one.filename, data=one.read()) for one in request.files.getlist("file") if one.filename]
    with access.work() as work:
        messages.write(work, number, text, internal=form.ticked("internal"), sent=sent)
    return redirect(url_for("orders.page", number=number) + "#messages")


@contracts.post("/messages/read")
@requires("request.write")
def read(number: str) -> AnyResponse:
    """Every message is read."""
    with access.work() as work:
        messages.read(work, number)
    return redirect(url_for("orders.page", number=number) + "#messages")


@contracts.post("/deviations")
@requires("request.review")
def propose_deviation(number: str) -> AnyResponse:
    """Ask the company to agree to a deviation."""
    form = Form(request.form)
    text = form.text("text", longest=operations.LONGEST)
    form.require_clean()
    with access.work() as work:
        operations.propose_deviation(work, number, text)
    return redirect(url_for("orders.page", number=number))


@contracts.post("/deviations/<int:index>/<action>")
@requires("request.write")
def answer_deviation(number: str, index: int, action: str) -> AnyResponse:
    """The company's answer, or that the laboratory withdraws it."""
    answer = {"agree": "agreed", "refuse": "refused", "withdraw": "withdrawn"}.get(action, "")
    form = Form(request.form)
    with access.work() as work:
        operations.answer_deviation(work, number, index, answer, form.text("note", longest=LONGEST_TEXT))
    return redirect(url_for("orders.page", number=number))


@contracts.post("/amendments")
@requires("request.write")
def amend(number: str) -> AnyResponse:
    """Change one thing of an accepted request."""
    form = Form(request.form)
    field = form.text("field")
    new = form.text(f"new-{field}", longest=LONGEST_TEXT)
    reason = form.text("reason", longest=LONGEST_TEXT)
    form.require_clean()
    with access.work() as work:
        made = amendments.amend(work, number, field, new, reason)
    told = gettext("The other side is asked to agree.") if made.needs_consent else gettext("The change is made.")
    flash(told, "good")
    return redirect(url_for("orders.page", number=number))


@contracts.post("/amendments/<int:index>/<action>")
@requires("request.write")
def answer_amendment(number: str, index: int, action: str) -> AnyResponse:
    """The other side's answer."""
    form = Form(request.form)
    _require_answer(action)
    with access.work() as work:
        amendments.answer_amendment(
            work, number, index, agreed=action == "agree", note=form.text("note", longest=LONGEST_TEXT)
        )  # fmt: skip
    return redirect(url_for("orders.page", number=number))


def _require_answer(action: str) -> None:
    if action not in ("agree", "refuse"):
        raise NotFound(f"There is no action '{action}'.", f"没有“{action}”这个操作。")
