"""The lists of a person's notices and of the outbox."""

from __future__ import annotations

import json
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, raiseload

from lims.labels import STATES, Label
from lims.lists.declaration import Column, Link, List, Named, Two, choices_of, named, staff
from lims.lists.filters import Choice, Days, Reader, Text
from lims.notices.models import Mail, Notice
from lims.notices.topics import GROUPS, RULES, words
from lims.permissions import SIGNED_IN, Actor

READ = {
    "new": Named("new", Label("未读", "new", "wait")),
    "read": Named("read", Label("已读", "read", "past")),
}  # fmt: skip


def _told(notice: Notice, part: int) -> Two:
    """Title (0) or text (1) of a notice in both languages."""
    kind, _, action = notice.topic.partition(".")
    facts = json.loads(notice.facts)
    return Two(*(words(kind, action, facts, language)[part] for language in ("zh", "en")))


def _groups(_session: Session, actor: Actor) -> Mapping[str, Label]:
    """The groups of notices that this reader can get."""
    return {name: one.label for name, one in GROUPS.items() if (one.staff if staff(actor) else one.company)}


def _in_group(chosen: str, _reader: Reader) -> sa.ColumnElement[bool]:
    topics = [f"{kind}.{action}" for (kind, action), rule in RULES.items() if rule.group == chosen]
    return Notice.topic.in_(topics)


NOTICES = List(
    name="notices",
    title=Label("通知", "Notices"),
    endpoint="notices.mine",
    permission=SIGNED_IN,
    select=lambda actor: sa.select(Notice).where(Notice.person_id == (actor.id or -1)),
    options=(raiseload("*"),),
    id=Notice.id,
    order="-at",
    key=lambda row: str(row.id),
    columns=(
        Column(name="at", title=Label("时间", "Time"), value=lambda it: it.at, sort=Notice.id, look="moment"),
        Column(name="title", title=Label("通知", "Notice"), value=lambda it: _told(it, 0)),
        Column(name="text", title=Label("内容", "Text"), value=lambda it: _told(it, 1)),
        Column(
            name="state", title=Label("状态", "State"), look="chip",
            value=lambda it: READ["read" if it.read_at else "new"],
        ),
    ),
    filters=(
        Text(
            columns=(Notice.facts, Notice.path),
            placeholder=Label("编号、产品或其他内容", "Number, product or other words"),
        ),
        Choice(
            name="state", title=Label("状态", "State"),
            choices=choices_of(READ.values()),
            where=lambda chosen, _reader: Notice.read_at.is_(None) if chosen == "new" else Notice.read_at.is_not(None),
        ),
        Choice(name="group", title=Label("类别", "Kind"), choices=_groups, where=_in_group),
        Days(name="at", title=Label("日期", "Day"), column=Notice.at, moments=True),
    ),
    hint=Label("与您有关的事项会显示在这里。", "What concerns you in the laboratory appears here."),
)  # fmt: skip


def _recipient(mail: Mail) -> Two:
    """The name it was sent to; in Latin letters where the person still has that name."""
    person = mail.person
    return Two(mail.to_name, person.name_en if person and person.name_zh == mail.to_name else "")


def _tries(mail: Mail) -> Two | None:
    """How often it was tried, where once was not enough."""
    return Two(f"已尝试 {mail.attempts} 次", f"tried {mail.attempts} times") if mail.attempts > 1 else None


MAILS = List(
    name="mails",
    title=Label("发件箱", "Outbox"),
    endpoint="notices.outbox",
    permission="mail.view",
    select=lambda _actor: sa.select(Mail),
    options=(joinedload(Mail.person), raiseload("*")),
    id=Mail.id,
    order="-number",
    key=lambda row: str(row.id),
    page=("notices.mail", "sequence"),
    columns=(
        Column(
            name="number", title=Label("序号", "#"), value=lambda it: it.id, kind=int, sort=Mail.id, look="id",
            link=lambda it: Link("notices.mail", {"sequence": it.id}),
        ),
        Column(
            name="at", title=Label("时间", "Time"), value=lambda it: it.created_at, sort=Mail.created_at, look="moment"
        ),
        Column(name="recipient", title=Label("收件人", "Recipient"), value=_recipient, sort=Mail.to_name),
        Column(
            name="address", title=Label("地址", "Address"), value=lambda it: it.to_address, under="recipient",
        ),
        Column(
            name="subject", title=Label("主题", "Subject"), value=lambda it: it.subject,
            link=lambda it: Link("notices.mail", {"sequence": it.id}),
        ),
        Column(
            name="state", title=Label("状态", "State"), value=lambda it: named("mail", it.state), look="chip",
            sort=Mail.state,
        ),
        Column(
            name="sent", title=Label("发出时间", "Sent"), value=lambda it: it.sent_at, sort=Mail.sent_at,
            nullable=True, look="moment", under="state",
        ),
        Column(name="answer", title=Label("服务器答复", "The server's words"), value=lambda it: it.answer),
        Column(name="tries", title=Label("尝试", "Tries"), value=_tries, under="answer"),
        Column(
            name="due", title=Label("下次发送", "Next try"), look="moment", under="answer",
            value=lambda it: it.due_at if it.state == "failed" else None,
        ),
    ),
    filters=(
        Text(
            columns=(Mail.to_address, Mail.to_name, Mail.subject),
            placeholder=Label("收件人或主题", "Recipient or subject"),
        ),
        Choice(
            name="state", title=Label("状态", "State"), column=Mail.state,
            choices=lambda _session, _actor: {
                state: label for (kind, state), label in STATES.items() if kind == "mail"
            },
        ),
        Days(name="at", title=Label("日期", "Day"), column=Mail.created_at, moments=True),
    ),
    hint=Label(
        "发生与某人有关的事项时，会生成邮件。", "Mails are written when something happens that concerns somebody."
    ),
)  # fmt: skip
