"""Reports: the list, one report's way to its issue, the files, and the public verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from lims.certificates import amendments, operations, queries
from lims.certificates.archive import archive
from lims.certificates.document import Content, compose
from lims.certificates.facts import Change
from lims.certificates.lists import REPORTS
from lims.certificates.models import Report
from lims.certificates.operations import Verified
from lims.certificates.render import qr_svg
from lims.errors import BadInput, NotFound, Sentence
from lims.items import queries as item_queries
from lims.labels import VERDICTS
from lims.orders.models import LANGUAGES
from lims.permissions import PUBLIC
from lims.repertoire import known_tests
from lims.results import queries as result_queries
from lims.results import reading
from lims.review.queries import history
from lims.web import access, lists
from lims.web.access import requires
from lims.web.actions import buttons, confirm_signature, tell_done
from lims.web.language import language
from lims.web.lists import AnyPage
from lims.web.today import today
from lims.workflow import REPORT

certificates = Blueprint("certificates", __name__)


@certificates.get("/reports")
@requires("report.view")
def reports() -> AnyPage:
    """The reports the reader may see."""
    return lists.show(REPORTS, "reports.html")


@certificates.get("/reports/files.zip")
@requires("report.view")
def files() -> AnyResponse:
    """The signed files of several reports with a list of them; one that is not the reader's to see is no report."""
    actor = access.actor()
    found = [queries.by_number(access.session(), one, actor) for one in dict.fromkeys(request.args.getlist("number"))]
    for one in found:
        access.require_sighted(one.company_id)
    if not found:
        flash(gettext("Tick at least one report."), "wait")
        return redirect(url_for("certificates.reports"))
    columns = [one for one in REPORTS.columns_for(actor) if one.name != "file"]
    data = archive(access.laboratory(), found, columns, language=language())
    return _download(data, f"reports-{today().isoformat()}.zip", "application/zip")


@certificates.get("/reports/<number>")
@requires("report.view")
def page(number: str) -> str:
    """One report: its state, its digits, its files, its story."""
    found = queries.by_number(access.session(), number, access.actor())
    laboratory, sighted = access.laboratory(), access.is_sighted(found.company_id)
    staff = access.actor().may("job.view")
    on_the_way = queries.amendment_under_way(access.session(), found) if staff else None
    printed = queries.issued_content(laboratory.store, found) or _as_now(found)
    told = printed["statements"]["decision_rule"]
    return render_template(
        "report.html",
        it=found,
        conformity=printed.get("conformity", []),
        summary=Sentence(told["en"], told["zh"]) if found.job.request.decision_rule != "none" else None,
        record=printed.get("record"),
        verdicts=VERDICTS,
        standing=amendments.standing(access.session(), found, laboratory.settings.time_zone),
        changes=_changes(found) if sighted else (),
        sighted=sighted,
        on_the_way=on_the_way,
        may_amend=found.state == "issued" and not on_the_way and access.actor().may("report.amend"),
        draft=found.state in queries.UNDER_WAY and staff,
        item=item_queries.of_job(access.session(), found.job),
        printed=printed["item"] if found.issue and sighted else None,
        test=known_tests().get(found.job.code),
        rows=reading.coefficients(result_queries.outcome(laboratory.store, found.result)) if found.result else (),
        buttons=[one for one in buttons(REPORT, found) if one.action != "supersede"],
        history=history(access.session(), number, access.actor()),
        languages=LANGUAGES,
    )


def _printed_item(report: Report) -> Mapping[str, Any] | None:
    """What an issued report calls its item: the record may have been corrected since."""
    issued = queries.issued_content(access.laboratory().store, report)
    return issued["item"] if issued else None


def _as_now(report: Report) -> Content:
    """What a report on its way says as of now."""
    return compose(operations.told(access.session(), access.laboratory(), report, issued=None))


def _changes(report: Report) -> Sequence[Change]:
    """What an amendment says otherwise: of an issued one as it is printed, of a draft as it would be today."""
    if report.amendment is None:
        return ()
    if report.issue is None:
        facts = operations.told(access.session(), access.laboratory(), report, issued=None)
        return facts.amendment.changes if facts.amendment else ()
    return amendments.printed_changes(access.laboratory().store, report)


@certificates.get("/reports/<number>.pdf")
@requires("report.view")
def pdf(number: str) -> Response:
    """The signed file exactly as it was issued: to be saved, or with ?show=1 to be read in the browser."""
    found = queries.by_number(access.session(), number, access.actor())
    access.require_sighted(found.company_id)
    data = operations.pdf_of(access.laboratory(), found)
    return _download(data, f"{number}.pdf", "application/pdf", way="inline" if "show" in request.args else "attachment")


@certificates.get("/reports/<number>/draft.pdf")
@requires("job.view")
def draft_pdf(number: str) -> Response:
    """A report on its way as it would be printed, for those who check and authorise it."""
    found = queries.by_number(access.session(), number, access.actor())
    access.require_sighted(found.company_id)
    if found.state not in queries.UNDER_WAY:
        raise NotFound(f"{number} is no draft any more: open the report.", f"{number} 已不是草稿：请打开检测报告。")
    data = operations.draft_pdf(access.session(), access.laboratory(), found)
    return _download(data, f"{number}-draft.pdf", "application/pdf", way="inline")


@certificates.get("/reports/<number>/qr.svg")
@requires("report.view")
def qr(number: str) -> Response:
    """The code printed on the report: it opens the public page of verification."""
    found = queries.by_number(access.session(), number, access.actor())
    base = access.laboratory().settings.base_url.rstrip("/")
    return Response(qr_svg(f"{base}/verify/{found.code}"), mimetype="image/svg+xml")


@certificates.get("/reports/<number>/bundle.zip")
@requires("report.view")
def bundle(number: str) -> Response:
    """The report with raw data, calibrations and method: what `heliobench reproduce` takes."""
    found = queries.by_number(access.session(), number, access.actor())
    access.require_sighted(found.company_id)
    return _download(operations.bundle_of(access.laboratory(), found), f"{number}-bundle.zip", "application/zip")


def _download(data: bytes, name: str, mimetype: str, *, way: str = "attachment") -> Response:
    headers = {"Content-Disposition": f'{way}; filename="{name}"'}
    return Response(data, mimetype=mimetype, headers=headers)


@certificates.post("/results/<number>/report")
@requires("report.draft")
def draft(number: str) -> AnyResponse:
    """Draft the report of an authorised result."""
    with access.work() as work:
        made = operations.draft(work, number)
    return redirect(url_for("certificates.page", number=made.number))


@certificates.post("/reports/<number>/language")
@requires("report.draft")
def choose_language(number: str) -> AnyResponse:
    """What a draft is printed in."""
    with access.work() as work:
        operations.set_language(work, number, request.form.get("language", ""))
    return redirect(url_for("certificates.page", number=number))


@certificates.post("/manual/<number>/report")
@requires("report.draft")
def draft_of_record(number: str) -> AnyResponse:
    """Draft the report of the authorised record of a manual test."""
    with access.work() as work:
        made = operations.draft_of_record(work, number)
    return redirect(url_for("certificates.page", number=made.number))


@certificates.post("/reports/<number>/<action>")
@requires("report.view")
def act(number: str, action: str) -> AnyResponse:
    """Check, authorise, issue, discard, supersede or withdraw; a signature asks for the password."""
    queries.by_number(access.session(), number, access.actor())
    access.require_action(REPORT, action)
    confirm_signature(REPORT, action)
    with access.work() as work:
        operations.act(work, number, action, request.form.get("reason", ""))
    tell_done(REPORT, number, action)
    return redirect(url_for("certificates.page", number=number))


@certificates.get("/verify")
@requires(PUBLIC)
def verify() -> str:
    """Verification by number or code, without signing in."""
    asked = request.args.get("q", "").strip()
    if not asked:
        return render_template("verify.html")
    found = queries.published(access.session(), asked) or queries.by_code(access.session(), asked)
    return _answer(found, asked=asked)


@certificates.get("/verify/<code>")
@requires(PUBLIC)
def verify_code(code: str) -> str:
    """What the QR code of a report opens."""
    return _answer(queries.by_code(access.session(), code), asked=code)


@certificates.post("/verify")
@requires(PUBLIC)
def verify_file() -> str:
    """Verification of the file itself: signatures, every byte, and the register."""
    sent = request.files.get("file")
    data = sent.read() if sent else b""
    if not data:
        raise BadInput("Choose the PDF file of the report first.", "请先选择检测报告的 PDF 文件。")
    return _answer(None, verified=operations.verify_file(access.laboratory(), data))


def _answer(found: Report | None, *, asked: str = "", verified: Verified | None = None) -> str:
    report = verified.report if verified else found
    item = _printed_item(report) if report else None
    zone = access.laboratory().settings.time_zone
    return render_template(
        "verify.html", report=report, item=item, asked=asked, verified=verified, answer=Answer.of(report, verified),
        standing=amendments.standing(access.session(), report, zone) if report else None,
    )  # fmt: skip


class Answer(NamedTuple):
    """How an answer of the verification page looks: colour, mark, headline."""

    tone: str
    mark: str
    headline: Sentence

    @classmethod
    def of(cls, report: Report | None, verified: Verified | None) -> Answer:
        """The worse of what the file and the register say."""
        if verified is not None and not verified.verdict.valid:
            return NOT_GENUINE
        return BY_STATE.get(report.state, WITHDRAWN) if report else UNKNOWN


NOT_GENUINE = Answer("stop", "✕", Sentence("This file is not a valid report", "该文件不是有效的检测报告"))
UNKNOWN = Answer("stop", "?", Sentence("There is no such report", "没有该检测报告"))
WITHDRAWN = Answer("stop", "✕", Sentence("Withdrawn: this report is no longer valid", "已撤回：该报告不再有效"))
BY_STATE = {
    "issued": Answer("good", "✓", Sentence("Issued and valid", "已签发，有效")),
    "superseded": Answer("past", "!", Sentence("Superseded: an amended report replaces it", "已被修改报告替代")),
}
