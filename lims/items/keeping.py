"""After the test: how long an item is kept, whose turn it is to go back, and how it leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import BadInput, HeliobenchError, Refused, Sentence, require_reason
from lims.items import operations, queries
from lims.items.choices import retention
from lims.items.models import Item
from lims.laboratory import Work
from lims.orders.models import Request

Answer = Item | Sentence
TABS = {  # tab: (English, Chinese)
    "return": ("to return", "待退样"),
    "dispose": ("to dispose of", "待处置"),
    "soon": ("due soon", "即将到期"),
    "overdue": ("overdue", "已超期"),
    "kept": ("still kept", "留样中"),
}


def due(tab: str, today: date) -> sa.Select[Any]:
    """The whole items of one list of the retention clock, those that have waited longest first."""
    rule = retention()
    select = sa.select(Item).join(Request, Item.request_id == Request.id).where(Item.parent_number == "")
    stored = Item.state.in_(("kept", "refused"))
    over = sa.or_(Item.state == "refused", Item.keep_until < today)
    clauses: dict[str, tuple[Any, ...]] = {
        "return": (stored, over, Request.return_item),
        "dispose": (stored, over, sa.not_(Request.return_item)),
        "soon": (Item.state == "kept", Item.keep_until.between(today, today + timedelta(days=rule.warn_days))),
        "overdue": (Item.state == "kept", Item.keep_until < today - timedelta(days=rule.overdue_days)),
        "kept": (Item.state == "kept", sa.or_(Item.keep_until.is_(None), Item.keep_until >= today)),
    }
    return select.where(*clauses[tab]).order_by(Item.keep_until.is_(None), Item.keep_until, Item.id)


def counts(session: Session, today: date) -> dict[str, int]:
    """How many items each list holds."""
    return {
        tab: session.scalar(sa.select(sa.func.count()).select_from(due(tab, today).order_by(None).subquery())) or 0
        for tab in TABS
    }


def start_clock(work: Work, item: Item, issued_on: date) -> None:
    """A report on the item was issued: it is kept from then on, at least as long as any earlier report asks."""
    for one in (item, *queries.parts_of(work.session, item)):
        until = retention().until(role=one.role, request_kind=one.request.kind, issued_on=issued_on)
        if one.keep_until is None or until > one.keep_until:
            one.keep_until = until
            work.record("item", one.number, "keep_until", until=until.isoformat(), issued_on=issued_on.isoformat())


def set_until(work: Work, number: str, until: date, reason: str) -> Item:
    """Keep an item longer or shorter than the rule says; the reason is kept."""
    work.actor.require("item.handle")
    item = queries.by_number(work.session, number, work.actor)
    require_reason(reason)
    if item.is_backup and item.keep_until and until < item.keep_until:
        raise Refused(
            f"{number} is a backup sample; its time can be prolonged, not shortened.",
            f"{number} 为备样，保留期只能延长，不能缩短。",
        )
    before, item.keep_until = item.keep_until, until
    work.record("item", number, "keep_until", before=str(before or ""), until=until.isoformat(), reason=reason.strip())
    return item


def ask_disposal(work: Work, number: str, reason: str) -> Item:
    """Ask a second person to dispose of a backup sample before its time is over."""
    work.actor.require("item.handle")
    item = queries.by_number(work.session, number, work.actor)
    if not item.is_backup or item.state not in ("kept", "refused"):
        raise Refused(f"{number} is no backup sample in store.", f"{number} 不是在库备样。")
    require_reason(reason)
    item.disposal_asked_by = operations.username(work)
    work.record("item", number, "ask_disposal", reason=reason.strip(), keep_until=str(item.keep_until or ""))
    return item


def hand_back_many(work: Work, numbers: Sequence[str], *, to: str) -> list[Answer]:
    """Hand items back, each on its own: done, or the sentence why not. ``to``: who took them, carrier or waybill."""
    if not to.strip():
        raise BadInput("Say who takes the items: a name, or carrier and waybill.", "请填写领取人，或承运单位及运单号。")
    return _each(work, numbers, lambda number: operations.act(work, number, "hand_back", place=to))


def dispose_many(work: Work, numbers: Sequence[str], *, how: str) -> list[Answer]:
    """Dispose of items, each on its own: done, or the sentence why not."""
    if not how.strip():
        raise BadInput("Say how the items are disposed of.", "请填写处置方式。")
    return _each(work, numbers, lambda number: operations.act(work, number, "dispose", reason=how))


def _each(work: Work, numbers: Sequence[str], verb: Callable[[str], Item]) -> list[Answer]:
    if not numbers:
        raise BadInput("Tick at least one item.", "请至少勾选一件样品。")
    answers: list[Answer] = []
    for number in dict.fromkeys(numbers):
        try:
            with work.session.begin_nested():
                answers.append(verb(number))
        except HeliobenchError as refused:
            answers.append(refused.sentence)
    return answers
