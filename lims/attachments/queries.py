"""Questions about attachments."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.attachments.models import Attachment
from lims.errors import NotFound
from lims.permissions import STAFF, Actor


def of(session: Session, kind: str, subject: str, *, reader: Actor | None = None) -> Sequence[Attachment]:
    """The files that count of one record, oldest first; for a company (``reader``) without the internal ones."""
    select = (
        sa.select(Attachment)
        .where(Attachment.kind == kind, Attachment.subject == subject, ~Attachment.removal.has())
        .order_by(Attachment.id)
    )
    if reader is not None and not reader.roles & STAFF:
        select = select.where(~Attachment.internal)
    return session.scalars(select).all()


def by_id(session: Session, attachment_id: int, reader: Actor) -> Attachment:
    """One file, counting or not; `NotFound` for none and for an internal one asked for by a company.

    Whether the reader may see the record it belongs to is asked by the caller.
    """
    found = session.get(Attachment, attachment_id)
    if found is None or (found.internal and not reader.roles & STAFF):
        raise NotFound("There is no such file.", "没有该文件。")
    return found
