"""Files of records: adding, opening, taking out of account. Whoever may see the record may see its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from lims.attachments import content, operations, queries
from lims.attachments.models import Attachment
from lims.contracts import messages
from lims.errors import BadInput, Forbidden, NotFound, Refused
from lims.items import queries as item_queries
from lims.manual import queries as manual_queries
from lims.orders import queries as order_queries
from lims.permissions import SIGNED_IN, Actor, Role
from lims.results import queries as result_queries
from lims.runs import queries as run_queries
from lims.sampling import queries as sampling_queries
from lims.web import access
from lims.web.access import requires

attachments = Blueprint("attachments", __name__, url_prefix="/attachments")

# What a file may do in the browser that opens it: nothing.
LOCKED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A kind of record that has files: how it is found by whoever may see it, and which permissions that takes."""

    find: Callable[[Any, str, Actor], Any]
    view: str
    add: str


def _for_staff(find: Callable[[Any, str], Any]) -> Callable[[Any, str, Actor], Any]:
    return lambda session, number, _actor: find(session, number)


HOLDERS = {
    "request": Holder(find=order_queries.request_by_number, view="request.view", add="request.write"),
    "item": Holder(find=item_queries.by_number, view="item.view", add="item.handle"),
    "message": Holder(find=messages.by_id, view="request.view", add=""),  # added when it is written, and never after
    "run": Holder(find=_for_staff(run_queries.by_number), view="run.view", add="run.record"),
    "manual": Holder(find=_for_staff(manual_queries.by_number), view="result.view", add="run.record"),
    "sampling": Holder(find=_for_staff(sampling_queries.record_by_number), view="sampling.view", add="sampling.write"),
    "result": Holder(find=_for_staff(result_queries.by_number), view="result.view", add="result.record"),
}


@attachments.post("/<kind>/<number>")
@requires(SIGNED_IN)
def add(kind: str, number: str) -> AnyResponse:
    """Add one or several files to a record: all of them or none."""
    holder = _holder(kind, number, "add")
    sent = [one for one in request.files.getlist("file") if one.filename]
    if not sent:
        raise BadInput("Choose a file first.", "请先选择文件。")
    with access.work() as work:
        holder.find(work.session, number, work.actor)
        for one in sent:
            operations.add(
                work, kind=kind, subject=number, name=one.filename or "", data=one.read(),
                purpose=request.form.get("purpose", "").strip(), internal=request.form.get("internal") == "1",
            )  # fmt: skip
    flash(gettext("%(count)s file(s) added.", count=len(sent)), "good")
    return redirect(access.local_path(request.form.get("next")))


@attachments.get("/<int:attachment_id>")
@requires(SIGNED_IN)
def file(attachment_id: int) -> Response:
    """The file as it was added: photographs and PDF are shown, all else is saved by the browser."""
    found = _found(attachment_id)
    access.require_sighted(found.added_by.company_id)
    data = access.laboratory().store.get(found.sha256)
    way = "inline" if found.media_type in content.SHOWN else "attachment"
    headers = {
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Security-Policy": LOCKED,
    }
    return Response(data, content_type=found.media_type, headers=headers)


@attachments.get("/<int:attachment_id>/thumbnail")
@requires(SIGNED_IN)
def thumbnail(attachment_id: int) -> Response:
    """The small picture of a photograph."""
    found = _found(attachment_id)
    access.require_sighted(found.added_by.company_id)
    if not found.media_type.startswith("image/"):
        raise NotFound("This file is no photograph.", "该文件不是照片。")
    small = content.thumbnail(access.laboratory().store.get(found.sha256))
    return Response(small, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


@attachments.post("/<int:attachment_id>/remove")
@requires(SIGNED_IN)
def remove(attachment_id: int) -> AnyResponse:
    """Take a file out of account, with a reason; it stays in the store."""
    found = _found(attachment_id)
    _holder(found.kind, found.subject, "add")
    with access.work() as work:
        again = queries.by_id(work.session, attachment_id, work.actor)
        _require_own_draft(work.session, again, work.actor)
        operations.remove(work, again, request.form.get("reason", ""))
    flash(gettext("%(name)s counts no longer; it stays in the record.", name=found.name), "good")
    return redirect(access.local_path(request.form.get("next")))


def _require_own_draft(session: Any, found: Attachment, actor: Actor) -> None:
    """A company takes back only what it added itself, and only while nothing was submitted."""
    if Role.COMPANY not in actor.roles:
        return
    record = HOLDERS[found.kind].find(session, found.subject, actor)
    if found.added_by.company_id != actor.company_id:
        raise Forbidden("This file was added by the laboratory.", "该文件由检测机构添加，不能移除。")
    if record.state != "draft":
        raise Refused(
            f"{found.subject} is submitted; ask the office to take the file out.",
            f"{found.subject} 已提交；如需移除文件，请联系业务受理人员。",
        )


def _holder(kind: str, number: str, what: str) -> Holder:
    """The kind of record, once its record is the reader's to see and ``what`` ("view" or "add") is theirs to do."""
    holder = HOLDERS.get(kind)
    if holder is None:
        raise NotFound("There is no such record.", "没有该记录。")
    actor = access.actor()
    actor.require(holder.view)
    holder.find(access.session(), number, actor)
    if what == "add" and not holder.add:
        raise Refused("Files are added when it is written.", "文件须在填写时一并添加，之后不能更改。")
    if what == "add":
        actor.require(holder.add)
    return holder


def _found(attachment_id: int) -> Attachment:
    found = queries.by_id(access.session(), attachment_id, access.actor())
    _holder(found.kind, found.subject, "view")
    return found
