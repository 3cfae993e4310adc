"""Verbs about attachments: add a file to a record, take one out of account."""

from __future__ import annotations

import hashlib

from lims.attachments import queries
from lims.attachments.content import media_type_of, plain_name
from lims.attachments.models import Attachment, AttachmentRemoval
from lims.errors import Refused, require_reason
from lims.laboratory import Work
from lims.permissions import STAFF

MOST = 200  # files of one record; ours
LONGEST_PURPOSE = 40


def add(
    work: Work, *, kind: str, subject: str, name: str, data: bytes, purpose: str = "", internal: bool = False
) -> Attachment:
    """Keep a file with a record; whether the actor may is asked by the caller, who knows the record.

    The same bytes added twice to one record are answered with what is there. Raises `BadInput` for content that is not
    kept, `Refused` when the record has too many files.
    """
    if work.actor.id is None:
        raise Refused("A named person adds a file.", "文件须由具名人员添加。")
    called = plain_name(name)
    media_type = media_type_of(data, called)
    there = queries.of(work.session, kind, subject)
    digest = hashlib.sha256(data).hexdigest()
    if same := next((one for one in there if one.sha256 == digest), None):
        return same
    if len(there) >= MOST:
        raise Refused(
            f"{subject} has {MOST} files already; put several into one PDF.",
            f"{subject} 已有 {MOST} 个文件；请将多个文件合并为一个 PDF。",
        )
    work.store.put(data)
    kept = Attachment(
        kind=kind, subject=subject, purpose=purpose[:LONGEST_PURPOSE], name=called, media_type=media_type,
        size=len(data), sha256=digest, internal=internal and bool(work.actor.roles & STAFF), added_at=work.now,
        added_by_id=work.actor.id,
    )  # fmt: skip
    work.session.add(kept)
    work.session.flush()
    work.record("attachment", subject, "attach", file=called, sha256=digest, purpose=kept.purpose)
    return kept


def remove(work: Work, attachment: Attachment, reason: str) -> None:
    """An attachment counts no longer; file and reason stay with the record. Twice is once."""
    if work.actor.id is None:
        raise Refused("A named person removes a file.", "文件须由具名人员移除。")
    require_reason(reason)
    if attachment.removal is not None:
        raise Refused(f"{attachment.name} was removed already.", f"{attachment.name} 此前已移除。")
    work.session.add(
        AttachmentRemoval(
            attachment_id=attachment.id, at=work.now, person_id=work.actor.id, reason=reason.strip()[:2000]
        )
    )
    work.session.flush()
    work.record("attachment", attachment.subject, "detach", file=attachment.name, sha256=attachment.sha256, why=reason)
