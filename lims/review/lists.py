"""The audit trail as a list."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import with_expression

from lims.audit import Event
from lims.labels import KINDS, Label, action_label
from lims.lists.declaration import Column, List, Named, Two, named
from lims.lists.filters import Choice, Days, Text, Through
from lims.parties.models import Person

# Of whoever did it, unless they were renamed since.
LATIN = sa.select(Person.name_en).where(Person.id == Event.actor_id, Person.name_zh == Event.actor_name)

EVENTS = List(
    name="events",
    title=Label("审计记录", "Audit trail"),
    endpoint="review.trail",
    permission="audit.view",
    select=lambda _actor: sa.select(Event),
    options=(with_expression(Event.latin_name, LATIN.scalar_subquery()),),
    id=Event.position,
    order="-position",
    key=lambda row: str(row.position),
    columns=(
        Column(
            name="position", title=Label("序号", "#"), value=lambda it: it.position, kind=int, sort=Event.position
        ),
        Column(name="at", title=Label("时间", "Time"), value=lambda it: it.at, sort=Event.at, look="moment"),
        Column(
            name="who", title=Label("人员", "Who"), value=lambda it: Two(it.actor_name, it.latin_name or ""),
            sort=Event.actor_name,
        ),
        Column(
            name="kind", title=Label("类别", "Kind"), sort=Event.kind,
            value=lambda it: Named(it.kind, KINDS.get(it.kind, Label(it.kind, it.kind))),
        ),
        Column(
            name="subject", title=Label("编号", "Number"), value=lambda it: it.subject, sort=Event.subject,
            look="short",
        ),
        Column(
            name="action", title=Label("操作", "What"),
            value=lambda it: Named(it.action, action_label(it.kind, it.action)),
        ),
        Column(
            name="target", title=Label("状态", "State"), look="chip",
            value=lambda it: named(it.kind, it.target) if it.target else None,
        ),
        Column(name="reason", title=Label("理由", "Reason"), value=lambda it: it.reason),
        Column(
            name="detail", title=Label("详情", "Details"), look="detail",
            value=lambda it: it.detail if it.detail != "{}" else None,
        ),
        Column(name="hash", title=Label("哈希", "Hash"), value=lambda it: it.hash, look="hash"),
    ),
    filters=(
        Text(
            columns=(Event.subject, Event.actor_name, Event.action, Event.reason),
            through=(Through(Event.actor_id, Person.id, Person.name_en, Person.username),),
            placeholder=Label("编号、人员、操作或理由", "Number, person, action or reason"),
        ),
        Choice(
            name="kind", title=Label("类别", "Kind"), column=Event.kind, choices=lambda _session, _actor: KINDS
        ),
        Days(name="at", title=Label("日期", "Day"), column=Event.at, moments=True),
    ),
    hint=Label("每次更改都会记录在这里。", "Every change is recorded here."),
)  # fmt: skip
