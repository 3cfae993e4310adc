"""The pages of spot checks: tasks, the sampling record filled in on a tablet, its signatures, sheet and order."""

from __future__ import annotations

import base64
import binascii
import re
from decimal import Decimal

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from lims.attachments import queries as attachments
from lims.errors import BadInput, NotFound, Refused, Sentence
from lims.items import queries as item_queries
from lims.items.labelling.views import inline_pdf
from lims.items.models import BACKUP, TEST
from lims.orders.offer import by_standard, offers
from lims.orders.queries import request_by_number
from lims.parties import queries as party_queries
from lims.parties.operations import confirm_password
from lims.repertoire import known_tests
from lims.review.queries import history
from lims.sampling import operations, queries
from lims.sampling import tasks as task_verbs
from lims.sampling.lists import TASKS
from lims.sampling.models import COMPANY_SIGNS, PLACES, SamplingRecord, SamplingTask
from lims.sampling.operations import KIND, RecordForm, TaskForm
from lims.sampling.sheet import sheet
from lims.web import access, lists
from lims.web.access import requires
from lims.web.actions import tell_done
from lims.web.faults import status_of
from lims.web.forms import LONGEST_TEXT, Form
from lims.web.language import language
from lims.web.lists import AnyPage
from lims.web.today import today
from lims.workflow import SAMPLING

sampling = Blueprint("sampling", __name__)
YUAN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
LARGEST_DRAWING = 400_000  # characters of a drawn signature; ours


@sampling.get("/spot-checks")
@requires("sampling.view")
def tasks() -> AnyPage:
    """The authorities' tasks."""
    return lists.show(TASKS, "spot_checks.html")


@sampling.get("/spot-checks/new")
@requires("sampling.order")
def new() -> str:
    """An empty task order."""
    return _task_form(Form({"first_day": today().isoformat()}))


@sampling.post("/spot-checks/new")
@requires("sampling.order")
def enter() -> AnyResponse | tuple[str, int]:
    """Keep a task order."""
    form = Form(request.form)
    try:
        stated = _task_stated(form)
        with access.work() as work:
            made = operations.enter_task(work, stated)
    except Refused as refused:
        return _task_form(form, error=refused), status_of(refused)
    flash(gettext("%(number)s is entered.", number=made.number), "good")
    return redirect(url_for("sampling.task", number=made.number))


def _task_form(form: Form, error: Refused | None = None, it: SamplingTask | None = None) -> str:
    groups = by_standard(offers(access.session(), today()))
    return render_template("spot_check_form.html", form=form, error=error, groups=groups, it=it)


def _task_stated(form: Form) -> TaskForm:
    first, last = form.day("first_day"), form.day("last_day")
    stated = {
        "authority": form.text("authority"), "document": form.text("document", longest=120),
        "products": form.text("products"), "tests": form.several("tests", known_tests()),
        "companies": _whole(form, "companies") or 0, "samples": _whole(form, "samples") or 0,
        "budget": _yuan(form, "budget"), "remarks": form.text("remarks", longest=LONGEST_TEXT),
    }  # fmt: skip
    form.require_clean()
    if first is None or last is None:
        raise BadInput("Give the first and the last day of the task.", "请填写任务期限的起止日期。")
    return TaskForm(first_day=first, last_day=last, **stated)  # type: ignore[arg-type]


def _whole(form: Form, name: str) -> int | None:
    value = form.number(name)
    if value is not None and value != int(value):
        form.errors[name] = Sentence("Give a whole number.", "请填写整数。")
        return None
    return None if value is None else int(value)


def _yuan(form: Form, name: str) -> Decimal | None:
    text = form.text(name)
    if not text:
        return None
    if not YUAN.fullmatch(text):
        form.errors[name] = Sentence("Give an amount in yuan with at most two decimals.", "请填写金额，最多两位小数。")
        return None
    return Decimal(text)


@sampling.get("/spot-checks/<number>")
@requires("sampling.view")
def task(number: str) -> str:
    """One task with its progress and its sampling records."""
    found = queries.task_by_number(access.session(), number)
    records = queries.records_of(access.session(), found)
    return render_template(
        "spot_check.html", it=found, records=records, untouched=not any(_taken(one) for one in records),
        progress=queries.progress(records), known=known_tests(),
        able=queries.may_sample(access.session(), found.codes, today()), today=today(),
        history=history(access.session(), number, access.actor()),
    )  # fmt: skip


def _taken(record: SamplingRecord) -> bool:
    return record.touched or record.state in queries.DONE


@sampling.get("/spot-checks/<number>/change")
@requires("sampling.order")
def change_form(number: str) -> str:
    """The task order as it was entered, to be written anew."""
    found = queries.task_by_number(access.session(), number)
    names = [name for name in TaskForm.__dataclass_fields__ if name != "tests"]
    typed = MultiDict((name, _text(getattr(found, name))) for name in names)
    typed.setlist("tests", list(found.codes))
    return _task_form(Form(typed), it=found)


def _text(value: object) -> str:
    return "" if value is None else str(value)


@sampling.post("/spot-checks/<number>/change")
@requires("sampling.order")
def change(number: str) -> AnyResponse | tuple[str, int]:
    """Keep the changed task order."""
    form = Form(request.form)
    try:
        stated = _task_stated(form)
        with access.work() as work:
            task_verbs.change(work, number, stated)
    except Refused as refused:
        found = queries.task_by_number(access.session(), number)
        return _task_form(form, error=refused, it=found), status_of(refused)
    flash(gettext("The changes are saved."), "good")
    return redirect(url_for("sampling.task", number=number))


@sampling.post("/spot-checks/<number>/close")
@requires("sampling.order")
def close(number: str) -> AnyResponse:
    """Nothing more is sampled for a task."""
    form = Form(request.form)
    reason = form.text("reason", longest=2000)
    form.require_clean()
    with access.work() as work:
        task_verbs.close(work, number, reason)
    flash(gettext("%(number)s is closed.", number=number), "good")
    return redirect(url_for("sampling.task", number=number))


@sampling.post("/spot-checks/<number>/records")
@requires("sampling.write")
def begin(number: str) -> AnyResponse:
    """A new sampling record of the task."""
    with access.work() as work:
        made = operations.begin(work, number)
    return redirect(url_for("sampling.record", number=made.number))


@sampling.get("/sampling/<number>")
@requires("sampling.view")
def record(number: str) -> str:
    """A sampling record: its form while it is a draft that nobody signed, else what it says."""
    found = queries.record_by_number(access.session(), number)
    return _record_page(found, Form(_typed(found)))


@sampling.post("/sampling/<number>")
@requires("sampling.write")
def save(number: str) -> AnyResponse | tuple[str, int]:
    """Keep what is filled in; the page asks for it by itself as fields are left (?quiet=1)."""
    form, quiet = Form(request.form), request.args.get("quiet") == "1"
    try:
        stated = _stated(form)
        form.require_clean()
        with access.work() as work:
            operations.save(work, number, stated)
    except Refused as refused:
        if quiet:
            return refused.sentence.in_language(language()), status_of(refused)
        return _record_page(queries.record_by_number(access.session(), number), form, refused), status_of(refused)
    return Response(status=204) if quiet else redirect(url_for("sampling.record", number=number))


def _record_page(found: SamplingRecord, form: Form, error: Refused | None = None) -> str:
    session, reader = access.session(), access.actor()
    fillable = found.state == "draft" and not found.touched and reader.may("sampling.write")
    return render_template(
        "sampling_record.html", it=found, form=form, error=error, fillable=fillable, places=PLACES,
        signs=COMPANY_SIGNS, known=known_tests(),
        samplers=queries.may_sample(session, found.task.codes, found.sampled_on),
        companies=party_queries.companies(session) if fillable else [],
        lacking=list(operations.lacking(found)) if found.state == "draft" else [],
        mine=reader.id in (found.sampler_1_id, found.sampler_2_id),
        files=attachments.of(session, KIND, found.number, reader=reader),
        items=item_queries.of_request(session, found.request) if found.request else [],
        acts=[one for one in ("reopen", "decline", "cancel") if _offered(found, one)],
        history=history(session, found.number, reader),
    )  # fmt: skip


def _offered(found: SamplingRecord, action: str) -> bool:
    arrow = SAMPLING.transition(action)
    apt = found.touched if action == "reopen" else True
    return apt and found.state in arrow.sources and access.actor().may(arrow.permission)


def _typed(found: SamplingRecord) -> MultiDict[str, str]:
    names = [name for name in RecordForm.__dataclass_fields__ if name not in ("seals", "backup_seals")]
    values = {name: getattr(found, name) for name in names}
    typed = MultiDict({name: "" if value is None else str(value) for name, value in values.items()})
    typed["seals"] = "\n".join(found.seals_of(TEST))
    typed["backup_seals"] = "\n".join(found.seals_of(BACKUP))
    return typed


def _stated(form: Form) -> RecordForm:
    companies = {str(one.id) for one in party_queries.companies(access.session())}
    return RecordForm(
        company_id=int(form.chosen("company_id", companies) or 0) or None,
        company_name=form.text("company_name"),
        credit_code=form.text("credit_code", longest=18),
        company_address=form.text("company_address"),
        company_contact=form.text("company_contact", longest=120),
        company_telephone=form.text("company_telephone", longest=40),
        place_kind=form.chosen("place_kind", PLACES, "store"),
        place=form.text("place"),
        sampled_on=form.day("sampled_on"),
        sampler_1_id=_whole(form, "sampler_1_id"),
        sampler_2_id=_whole(form, "sampler_2_id"),
        product_zh=form.text("product_zh", longest=120),
        product_en=form.text("product_en", longest=120),
        manufacturer=form.text("manufacturer"),
        model=form.text("model", longest=120),
        trademark=form.text("trademark", longest=120),
        batch=form.text("batch", longest=120),
        gross_area=form.number("gross_area"),
        base_quantity=_whole(form, "base_quantity"),
        quantity=_whole(form, "quantity"),
        backup_quantity=_whole(form, "backup_quantity") or 0,
        backup_place=form.text("backup_place"),
        remarks=form.text("remarks", longest=LONGEST_TEXT),
        seals=tuple(form.text("seals", longest=LONGEST_TEXT).split()),
        backup_seals=tuple(form.text("backup_seals", longest=LONGEST_TEXT).split()),
    )


@sampling.post("/sampling/<number>/company")
@requires("sampling.write")
def company(number: str) -> AnyResponse:
    """The company's representative signs, or refuses to."""
    form = Form(request.form)
    how, name = form.chosen("how", COMPANY_SIGNS), form.text("representative", longest=60)
    words = form.text("words", longest=2000)
    form.require_clean()
    with access.work() as work:
        operations.sign_for_company(
            work, number, how=how, representative=name, words=words, drawn=_drawing(request.form.get("drawn", ""))
        )
    return redirect(url_for("sampling.record", number=number))


def _drawing(text: str) -> bytes:
    """The picture of a data: address that the signature field sends; empty for none."""
    if len(text) > LARGEST_DRAWING:
        raise BadInput("The drawn signature is too large; draw it again.", "手写签名过大；请重新签名。")
    try:
        return base64.b64decode(text.partition("base64,")[2], validate=True)
    except binascii.Error as error:
        raise BadInput(
            "The drawn signature did not arrive; draw it again.", "手写签名未能上传；请重新签名。"
        ) from error


@sampling.post("/sampling/<number>/sign")
@requires("sampling.write")
def sign(number: str) -> AnyResponse:
    """A sampler signs with the password."""
    typed, address = request.form.get("password", ""), request.remote_addr or ""
    queries.record_by_number(access.session(), number)
    confirm_password(access.laboratory(), access.signed_in(), typed, address=address)
    with access.work() as work:
        operations.sign(work, number)
    return redirect(url_for("sampling.record", number=number))


@sampling.post("/sampling/<number>/order")
@requires("sampling.order")
def order(number: str) -> AnyResponse:
    """Make the order of a signed record."""
    with access.work() as work:
        made = operations.order(work, number)
    flash(gettext("%(number)s is submitted; the laboratory reviews it.", number=made.number), "good")
    return redirect(url_for("orders.page", number=made.number))


@sampling.get("/sampling/<number>/sheet.pdf")
@requires("sampling.view")
def pdf(number: str) -> Response:
    """The sheet to print, sign and copy."""
    found = queries.record_by_number(access.session(), number)
    return inline_pdf(sheet(access.laboratory(), found), number)


@sampling.get("/requests/<number>/sampling-sheet.pdf")
@requires("request.view")
def sheet_of_request(number: str) -> Response:
    """The sheet of the sampling from which an order was made: the company sampled gets a copy of it."""
    found = request_by_number(access.session(), number, access.actor())
    access.require_sighted(found.company_id)
    taken = queries.record_of(access.session(), found)
    if taken is None:
        raise NotFound(f"{number} was not made from a sampling.", f"{number} 不是由抽样单生成的委托。")
    return inline_pdf(sheet(access.laboratory(), taken), taken.number)


@sampling.post("/sampling/<number>/<action>")
@requires("sampling.write")
def act(number: str, action: str) -> AnyResponse:
    """Open again, decline or cancel, each with a reason."""
    queries.record_by_number(access.session(), number)
    access.require_action(SAMPLING, action)
    with access.work() as work:
        operations.act(work, number, action, request.form.get("reason", ""))
    tell_done(SAMPLING, number, action)
    return redirect(url_for("sampling.record", number=number))
