"""Questions about test items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import BadInput, NotFound
from lims.items.models import Item
from lims.orders.models import Job, Request
from lims.permissions import Actor, visible
from protocols.method import Method, methods


def by_number(session: Session, number: str, actor: Actor) -> Item:
    """The item of this number, if the actor may know of it; else `NotFound`."""
    found = session.scalar(visible(sa.select(Item).where(Item.number == number), Item.company_id, actor))
    if found is None:
        raise NotFound(f"There is no item {number}.", f"没有编号为 {number} 的样品。")
    return found  # type: ignore[no-any-return]


def of_request(session: Session, request: Request) -> Sequence[Item]:
    """The test items of a request."""
    return session.scalars(sa.select(Item).where(Item.request_id == request.id).order_by(Item.id)).all()


def of_job(session: Session, job: Job) -> Item:
    """The item a job tests."""
    return session.get_one(Item, job.item_id)


def jobs_of(session: Session, item: Item) -> Sequence[Job]:
    """The jobs done on an item."""
    return session.scalars(sa.select(Job).where(Job.item_id == item.id).order_by(Job.id)).all()


def items(actor: Actor, *, text: str = "", state: str = "") -> sa.Select[Any]:
    """The items an actor may see, newest first; ``text`` looks in number, name, model and serial number."""
    select = visible(sa.select(Item), Item.company_id, actor).order_by(Item.id.desc())
    if state:
        select = select.where(Item.state == state)
    if text:
        columns = (Item.number, Item.name_zh, Item.name_en, Item.model, Item.serial_number)
        select = select.where(sa.or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return select


def method_of(item: Item) -> Method:
    """The method that the item's request asks for; `BadInput` if this program does not have it (any more)."""
    found = methods().get(item.request.method_id)
    if found is None:
        raise BadInput(
            f"This program has no method '{item.request.method_id}'.", f"本程序没有方法“{item.request.method_id}”。"
        )
    return found
