"""A form that is sent twice is done once: a second click, a browser that tries again, an answer that was lost.

What a form did is kept beside the digest of what it sent (the mark of its page, its address and all its fields), in the
transaction that did it. The same once more changes nothing and is told what the first did. Another word in a field
makes it another form: going back to change something and sending it is no repetition.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lims import audit
from lims.db import Base, Database
from lims.laboratory import Work

KEPT_FOR = timedelta(hours=1)  # ours: longer than a browser or a person tries the same again


class SentForm(Base):
    """A form that was sent and what it did first. No record of the laboratory: it goes after `KEPT_FOR`."""

    __tablename__ = "sent_form"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    subject: Mapped[str] = mapped_column(sa.String(60))


class SentBefore(Exception):
    """The same form was sent before; ``kind`` and ``subject`` are of the record that it made or changed."""

    def __init__(self, kind: str, subject: str) -> None:
        self.kind, self.subject = kind, subject
        super().__init__(f"{kind} {subject}")


@contextmanager
def once(work: Work, digest: str) -> Iterator[None]:
    """Do the block unless the form of this digest was sent before; raises `SentBefore` then.

    All verbs take turns (`audit.take_turn`), so that the second of two clicks waits here for the first. A block that is
    refused, or changes nothing, may be tried again.
    """
    before = work.session.get(SentForm, digest)
    if before is not None and before.at > work.now - KEPT_FOR:
        raise SentBefore(before.kind, before.subject)
    yield
    if told := audit.told_in(work.session):
        work.session.execute(sa.delete(SentForm).where(SentForm.at <= work.now - KEPT_FOR))
        kept = {"digest": digest, "at": work.now, "kind": told[0].kind, "subject": told[0].subject}
        work.session.execute(sa.insert(SentForm).values(kept))


def forget(database: Database, digest: str) -> None:
    """The form may be sent again: what followed in the same request was refused."""
    with database.write() as session:
        session.execute(sa.delete(SentForm).where(SentForm.digest == digest))
