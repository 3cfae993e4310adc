"""What an error looks like: the layout of every page, one sentence, the right status; never a traceback."""

from __future__ import annotations

from flask import Flask, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from instruments.errors import InstrumentError
from lims.errors import BadInput, Damaged, Forbidden, HeliobenchError, NotFound, Refused, Sentence
from lims.web.access import laboratory
from lims.web.language import words
from protocols.refusals import NotEvaluable

STATUS: tuple[tuple[type[HeliobenchError], int], ...] = (
    (BadInput, 400),
    (Refused, 409),
    (NotFound, 404),
    (Forbidden, 403),
    (Damaged, 500),
)
SENTENCES = {
    400: Sentence("This request is not complete; go back and try again.", "请求不完整；请返回重试。"),
    404: Sentence(
        "There is no such page; check the address or search for the number.", "没有这个页面；请检查网址或按编号查找。"
    ),
    405: Sentence("This address does not take this kind of request.", "该网址不接受此类请求。"),
}
UNKNOWN = Sentence(
    "Something failed on our side and was written to the log; nothing was changed. Tell the administrator the time.",
    "系统内部出错，已记入日志，未作任何更改。请将发生时间告知系统管理员。",
)
FORM_EXPIRED = Sentence(
    "The form has expired or did not come from this site; open the page again and repeat.",
    "表单已失效或并非来自本站；请重新打开页面后再试。",
)


def install(app: Flask) -> None:
    """Answer our own refusals, HTTP's and the unforeseen with a page."""
    app.register_error_handler(HeliobenchError, _own)
    app.register_error_handler(NotEvaluable, _not_evaluable)
    app.register_error_handler(InstrumentError, _instruments)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(500, _unforeseen)


def status_of(error: HeliobenchError) -> int:
    """The HTTP status that says what kind of refusal this is."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def _page(sentence: Sentence, status: int) -> tuple[str, int]:
    titles = {
        400: gettext("Something has to be corrected"),
        403: gettext("Not permitted"),
        404: gettext("Not found"),
        409: gettext("Not possible now"),
        413: gettext("Too large"),
    }
    title = titles.get(status, gettext("Error"))
    return render_template("error.html", title=title, sentence=words(sentence), status=status, back=_back()), status


def _back() -> str | None:
    referrer = request.referrer or ""
    return referrer.removeprefix(request.host_url.rstrip("/")) if referrer.startswith(request.host_url) else None


def _own(error: HeliobenchError) -> tuple[str, int]:
    return _page(error.sentence, status_of(error))


def _not_evaluable(error: NotEvaluable) -> tuple[str, int]:
    return _page(Sentence(error.sentence_en, error.sentence_zh), 409)


def _instruments(error: InstrumentError) -> tuple[str, int]:
    """A bench file or a stored segment that cannot be right: ours to mend, told as it is."""
    return _page(Sentence(error.sentence_en, error.sentence_zh), 500)


def _expired(_error: CSRFError) -> tuple[str, int]:
    return _page(FORM_EXPIRED, 400)


def _http(error: HTTPException) -> tuple[str, int] | HTTPException:
    status = error.code or 500
    if status < 400:
        return error  # a redirect, not a fault
    if status == 413:
        return _page(_too_large(laboratory().settings.upload_limit_mb), status)
    return _page(SENTENCES.get(status, UNKNOWN if status >= 500 else SENTENCES[400]), status)


def _too_large(limit: int) -> Sentence:
    return Sentence(
        f"This is too large: at most {limit} MB are taken at once, and nothing was kept. Go back: what you typed is "
        "still there; choose the files again, smaller ones or a few at a time.",
        f"文件过大：一次最多接收 {limit} MB，本次未保存任何内容。请返回：所填文字仍在；"
        "请重新选择文件，缩小后上传或分次上传。",
    )


def _unforeseen(_error: Exception) -> tuple[str, int]:
    return _page(UNKNOWN, 500)
