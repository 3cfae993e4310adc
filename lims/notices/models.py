"""Notices to people, and the outbox of e-mails."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base
from lims.parties.models import Person


class Notice(Base):
    """Something one person should know; its words are made when it is read, in the reader's language."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    event_position: Mapped[int] = mapped_column(sa.ForeignKey("event.position"))
    topic: Mapped[str] = mapped_column(sa.String(40))
    facts: Mapped[str] = mapped_column(sa.Text)  # canonical JSON: what the words are made of
    path: Mapped[str] = mapped_column(sa.String(200))  # the page it is about
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    __table_args__ = (sa.Index("ix_notice_person_id_read_at", "person_id", "read_at"),)


class Mail(Base):
    """One e-mail to one recipient: written with the event it tells of, sent after it is committed, never twice.

    ``link_purpose`` and ``link_id`` name a one-time link instead of its token, which only the mail itself holds.
    """

    __tablename__ = "mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.String(200), unique=True)
    event_position: Mapped[int] = mapped_column(sa.ForeignKey("event.position"), index=True)
    topic: Mapped[str] = mapped_column(sa.String(40))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    to_name: Mapped[str] = mapped_column(sa.String(120))
    to_address: Mapped[str] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(5))
    subject: Mapped[str] = mapped_column(sa.String(300))
    body: Mapped[str] = mapped_column(sa.Text)
    path: Mapped[str] = mapped_column(sa.String(200))
    link_purpose: Mapped[str] = mapped_column(sa.String(20), default="")
    link_id: Mapped[int | None]
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(20))  # see labels.STATES
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(sa.Text, default="")  # the server's last words

    person: Mapped[Person | None] = relationship()

    __table_args__ = (sa.Index("ix_mail_state_due_at", "state", "due_at"),)


class NoticeChoice(Base):
    """Whether a person wants a kind of notice by e-mail too; without a row the default of its topic holds."""

    __tablename__ = "notice_choice"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    by_mail: Mapped[bool]
