"""Verbs about notices: told with the event itself, read, chosen; and mails that somebody sends again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit

from lims.audit import Event
from lims.canonical import canonical_json
from lims.errors import BadInput, NotFound, Refused
from lims.laboratory import Work
from lims.notices import queries
from lims.notices.audience import Addressee, Happened, addressees, facts, happened
from lims.notices.models import Mail, Notice, NoticeChoice
from lims.notices.topics import GROUPS, RULES, words

NO_SERVER = "no_server"
AGAIN = ("sent", "failed", "given_up", "unknown", NO_SERVER)  # states from which a person may send once more


def tell(work: Work, events: Sequence[Event]) -> None:
    """Notices and mails about what just happened, in the same transaction; called by `Laboratory.work` at its end."""
    for event in events:
        rule = RULES.get((event.kind, event.action))
        one = happened(work, event) if rule else None
        if rule is None or one is None:
            continue
        told = facts(one)
        for whom in addressees(one, rule.audience):
            _tell(work, one, rule.group, told, whom)


def _tell(work: Work, one: Happened, group: str, told: dict[str, str], whom: Addressee) -> None:
    event, topic = one.event, f"{one.event.kind}.{one.event.action}"
    if whom.person is not None and whom.link is None:
        work.session.add(
            Notice(
                person_id=whom.person.id, event_position=event.position, topic=topic,
                facts=canonical_json(told).decode(), path=one.path, at=work.now,
            )
        )  # fmt: skip
    if whom.address and (whom.link or whom.person is None or _by_mail(work, whom.person.id, group)):
        work.session.add(_mail(work, one, topic, told, whom))


def _by_mail(work: Work, person_id: int, group: str) -> bool:
    choice = work.session.get(NoticeChoice, (person_id, group))
    return GROUPS[group].by_mail if choice is None or not GROUPS[group].optional else choice.by_mail


def _mail(work: Work, one: Happened, topic: str, told: dict[str, str], whom: Addressee) -> Mail:
    settings = work.laboratory.settings
    subject, body = words(one.event.kind, one.event.action, told, whom.language)
    domain = urlsplit(settings.base_url).hostname or "localhost"
    return Mail(
        message_id=f"<{uuid.uuid4().hex}@{domain}>", event_position=one.event.position, topic=topic,
        person_id=whom.person.id if whom.person else None, to_name=whom.name[:120], to_address=whom.address,
        language=whom.language, subject=" ".join(subject.split())[:300], body=body,
        path="" if whom.link else one.path, link_purpose=whom.link[0] if whom.link else "",
        link_id=whom.link[1] if whom.link else None, created_at=work.now, due_at=work.now,
        state="queued" if settings.mail_host else NO_SERVER,
    )  # fmt: skip


def read(work: Work, notice_id: int) -> Notice:
    """The actor opened one of their notices."""
    notice = queries.notice(work.session, notice_id, work.actor)
    notice.read_at = notice.read_at or work.now
    return notice


def read_all(work: Work) -> int:
    """Every unread notice of the actor is read; returns how many there were."""
    unread = work.session.scalars(queries.notices(work.actor, unread=True)).all()
    for notice in unread:
        notice.read_at = work.now
    return len(unread)


def choose(work: Work, group: str, by_mail: bool) -> None:
    """The actor wants a group of notices by e-mail, or only in the application."""
    if group not in GROUPS or not GROUPS[group].optional:
        raise BadInput("These notices cannot be chosen.", "此类通知不可选择。")
    if work.actor.id is None:
        raise BadInput("A named person chooses notices.", "通知方式须由本人选择。")
    choice = work.session.get(NoticeChoice, (work.actor.id, group))
    if choice is None:
        work.session.add(NoticeChoice(person_id=work.actor.id, topic=group, by_mail=by_mail))
    else:
        choice.by_mail = by_mail


def send_again(work: Work, mail_id: int) -> Mail:
    """Put a mail into the queue once more, with the Message-ID it had; the trail keeps who wanted it."""
    work.actor.require("mail.send")
    mail = work.session.get(Mail, mail_id, with_for_update={"of": Mail})
    if mail is None:
        raise NotFound("There is no such mail.", "没有该邮件。")
    if mail.state not in AGAIN:
        raise Refused("This mail is on its way already.", "该邮件已在发送队列中。")
    if not work.laboratory.settings.mail_host:
        raise Refused(
            "No mail server is set up (setting mail_host); the administrator can name one.",
            "尚未设置邮件服务器（设置项 mail_host）；请系统管理员设置。",
        )
    was, mail.state, mail.attempts, mail.due_at, mail.lease_until = mail.state, "queued", 0, work.now, None
    work.record("mail", str(mail.id), "send_again", was=was, topic=mail.topic)
    return mail
