"""Questions about notices and the outbox."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import NotFound
from lims.notices.models import Mail, Notice, NoticeChoice
from lims.notices.topics import GROUPS
from lims.permissions import STAFF, Actor


def notices(actor: Actor, *, unread: bool = False) -> sa.Select[Any]:
    """A person's notices, newest first."""
    select = sa.select(Notice).where(Notice.person_id == (actor.id or -1)).order_by(Notice.id.desc())
    return select.where(Notice.read_at.is_(None)) if unread else select


def unread(session: Session, person_id: int) -> int:
    """How many notices a person has not read."""
    select = sa.select(sa.func.count()).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    return session.scalar(select) or 0


def notice(session: Session, notice_id: int, actor: Actor) -> Notice:
    """One of the actor's own notices; another's is not there."""
    found = session.scalar(notices(actor).where(Notice.id == notice_id))
    if found is None:
        raise NotFound("There is no such notice.", "没有该通知。")
    return found  # type: ignore[no-any-return]


def choices(session: Session, actor: Actor) -> dict[str, bool]:
    """For each group the actor can get: whether it comes by e-mail too."""
    chosen = dict(
        session.execute(
            sa.select(NoticeChoice.topic, NoticeChoice.by_mail).where(NoticeChoice.person_id == actor.id)
        ).all()
    )
    staff = bool(actor.roles & STAFF)
    mine = {name: group for name, group in GROUPS.items() if (group.staff if staff else group.company)}
    return {name: chosen.get(name, group.by_mail) if group.optional else True for name, group in mine.items()}


def mail(session: Session, mail_id: int) -> Mail:
    """One mail of the outbox."""
    found = session.get(Mail, mail_id)
    if found is None:
        raise NotFound("There is no such mail.", "没有该邮件。")
    return found


def counts(session: Session) -> dict[str, int]:
    """How many mails are in each state."""
    select = sa.select(Mail.state, sa.func.count()).group_by(Mail.state)
    return {state: count for state, count in session.execute(select)}  # noqa: C416 (a row is no pair to a type checker)
