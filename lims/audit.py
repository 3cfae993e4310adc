"""The audit trail: every change is one event, and every event carries the hash of the one before it.

Events are append-only (database triggers on SQLite and PostgreSQL refuse UPDATE and DELETE). `chain_head`
holds the last position and hash: taking its row lock serialises writers on PostgreSQL, as BEGIN IMMEDIATE
does on SQLite, so that positions are gapless.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, query_expression

from lims.canonical import canonical_json
from lims.clock import iso
from lims.db import Base, sorted_by
from lims.permissions import Actor

GENESIS = "0" * 64
CHAIN = "audit"
FIELDS = ("position", "actor_id", "actor_name", "kind", "subject", "action", "source", "target", "reason", "detail")
TOLD = "heliobench_told"  # where a session remembers the events of its transaction


class Event(Base):
    """One thing that happened, as it will be told for ever."""

    __tablename__ = "event"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(sa.String(40), index=True)
    subject: Mapped[str] = mapped_column(sa.String(60), index=True)
    action: Mapped[str] = mapped_column(sa.String(40))
    source: Mapped[str] = mapped_column(sa.String(40))
    target: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.Text)
    detail: Mapped[str] = mapped_column(sa.Text)  # canonical JSON of what else was changed, names as on the screen
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    latin_name: Mapped[str | None] = (
        query_expression()
    )  # of actor_name, where a question asks for it; no part of the trail

    __table_args__ = sorted_by("event", "at", id="position")


class ChainHead(Base):
    """The end of a hash chain: the row every writer must take."""

    __tablename__ = "chain_head"

    name: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    position: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: how many events, the head's hash, and the first thing wrong (position and sentence)."""

    events: int
    head: str
    wrong_at: int | None = None
    sentence_en: str = "The audit trail is complete and unchanged."
    sentence_zh: str = "审计记录完整且未被更改。"


def digest(event: Event) -> str:
    """SHA-256 over everything the event says and the hash before it."""
    body = {name: getattr(event, name) for name in FIELDS} | {"at": iso(event.at), "previous": event.previous}
    return hashlib.sha256(canonical_json(body)).hexdigest()


def as_dict(event: Event) -> dict[str, Any]:
    """An event as a document from which its digest can be computed again by `digest_of`."""
    return {name: getattr(event, name) for name in FIELDS} | {
        "at": iso(event.at),
        "previous": event.previous,
        "hash": event.hash,
        "detail": json.loads(event.detail),
    }


def digest_of(told: Mapping[str, Any]) -> str:
    """The digest of an event told by `as_dict`, from everything but its own hash."""
    body = {name: value for name, value in told.items() if name != "hash"}
    return hashlib.sha256(canonical_json(body | {"detail": canonical_json(told["detail"]).decode()})).hexdigest()


def genuine(told: Mapping[str, Any], *, subject: str) -> bool:
    """Whether an event told by `as_dict` is of this record and has the digest that it says."""
    needed = {*FIELDS, "at", "previous", "hash"}
    if not isinstance(told, Mapping) or set(told) != needed or not isinstance(told["detail"], Mapping):
        return False
    return bool(told["subject"] == subject and told["hash"] == digest_of(told))


def take_turn(session: Session) -> None:
    """Wait until no other verb is under way, before the first row is read.

    Two verbs that lock the same records in another order would otherwise block each other on PostgreSQL; on SQLite
    BEGIN IMMEDIATE has waited already.
    """
    session.get(ChainHead, CHAIN, with_for_update=True)


def record(
    session: Session,
    *,
    at: datetime,
    actor: Actor,
    kind: str,
    subject: str,
    action: str,
    source: str = "",
    target: str = "",
    reason: str = "",
    detail: Mapping[str, object] | None = None,
) -> Event:
    """Append one event within the caller's transaction; it stands or falls with the change it tells of."""
    head = session.get(ChainHead, CHAIN, with_for_update=True, populate_existing=True)
    if head is None:
        head = ChainHead(name=CHAIN, position=0, hash=GENESIS)
        session.add(head)
    event = Event(
        position=head.position + 1, at=at, actor_id=actor.id, actor_name=actor.name, kind=kind, subject=subject,
        action=action, source=source, target=target, reason=reason, detail=canonical_json(dict(detail or {})).decode(),
        previous=head.hash,
    )  # fmt: skip
    event.hash = digest(event)
    head.position, head.hash = event.position, event.hash
    session.add(event)
    session.flush()
    session.info.setdefault(TOLD, []).append(event)
    return event


def told_in(session: Session) -> list[Event]:
    """The events that were appended in this session so far, in their order."""
    return list(session.info.get(TOLD, ()))


def verify(session: Session) -> Verdict:
    """Walk the whole chain up to its head: events missing, changed, moved, cut off or slipped in."""
    head = session.get(ChainHead, CHAIN, populate_existing=True)
    last, last_hash = (head.position, head.hash) if head else (0, GENESIS)
    previous, position = GENESIS, 0
    chain = sa.select(Event).order_by(Event.position).execution_options(yield_per=1000)
    with session.scalars(chain) as events:
        for event in events:
            if event.position != position + 1:
                return _wrong(position, previous, position + 1, "is missing", "缺失")
            if event.previous != previous or event.hash != digest(event):
                return _wrong(position, previous, event.position, "was changed", "已被更改")
            if event.position > last:
                return _wrong(
                    position,
                    previous,
                    event.position,
                    "was slipped in after the end of the trail",
                    "系在记录末尾之后插入",
                )
            previous, position = event.hash, event.position
    if position < last:
        return _wrong(position, previous, position + 1, "was cut off the end of the trail", "在记录末尾被删除")
    if previous != last_hash:
        return _wrong(position - 1, previous, position, "was put in the place of another", "系替换原有事件")
    return Verdict(events=position, head=previous)


def _wrong(events: int, head: str, at: int, en: str, zh: str) -> Verdict:
    return Verdict(events, head, at, f"Event {at} {en}.", f"第 {at} 条事件{zh}。")
