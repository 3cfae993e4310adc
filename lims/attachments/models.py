"""Files that people add to a record: photographs, drawings, agreements."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base
from lims.parties.models import Person


class Attachment(Base):
    """One file of one record; its bytes lie in the store under their SHA-256. Append-only."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))  # of the record: request, item, run …
    subject: Mapped[str] = mapped_column(sa.String(60), index=True)  # its number
    purpose: Mapped[str] = mapped_column(sa.String(40), default="")  # receipt, set-up, deviation …; empty: none stated
    name: Mapped[str] = mapped_column(sa.String(200))  # as the person's computer called it, without its folder
    media_type: Mapped[str] = mapped_column(sa.String(100))  # found from the content, never from the name
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(sa.String(64))
    internal: Mapped[bool] = mapped_column(default=False)  # not for the company's eyes
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    added_by: Mapped[Person] = relationship(lazy="joined")
    removal: Mapped[AttachmentRemoval | None] = relationship(lazy="joined")


class AttachmentRemoval(Base):
    """That an attachment no longer counts, and why; the file itself stays. Append-only."""

    __tablename__ = "attachment_removal"

    attachment_id: Mapped[int] = mapped_column(sa.ForeignKey("attachment.id"), primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(sa.Text)
