"""Questions about test items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import NotFound
from lims.items.models import Item
from lims.orders.models import Job, Request
from lims.orders.operations import TESTABLE
from lims.permissions import Actor, visible
from protocols.method import ItemField, Method, methods


def by_number(session: Session, number: str, actor: Actor) -> Item:
    """The item of this number, if the actor may know of it; else `NotFound`."""
    found = session.scalar(visible(sa.select(Item).where(Item.number == number), Item.company_id, actor))
    if found is None:
        raise NotFound(f"There is no item {number}.", f"没有编号为 {number} 的样品。")
    return found  # type: ignore[no-any-return]


def of_request(session: Session, request: Request) -> Sequence[Item]:
    """The test items of a request: those it announced, and the one it names that was here already."""
    named = sa.or_(Item.request_id == request.id, Item.number == request.item_number)
    return session.scalars(sa.select(Item).where(named).order_by(Item.id)).all()


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


def orderable(session: Session, company_id: int | None) -> Sequence[Item]:
    """The items in the laboratory for which another test can be ordered; those of every company for the office."""
    select = sa.select(Item).where(Item.state.in_(("received", *TESTABLE))).order_by(Item.id.desc())
    return session.scalars(select if company_id is None else select.where(Item.company_id == company_id)).all()


def requests_for(session: Session, item: Item) -> Sequence[Request]:
    """The request that announced an item, and those that name it, oldest first; a draft counts for nobody yet."""
    named = sa.and_(Request.item_number == item.number, Request.state.in_(("accepted", "completed")))
    select = sa.select(Request).where(sa.or_(Request.id == item.request_id, named))
    return session.scalars(select.order_by(Request.id)).all()


def methods_for(session: Session, item: Item) -> dict[str, Method]:
    """The methods asked for of an item, by id, in the order of the requests; without one that the program lacks."""
    asked = dict.fromkeys(line.method_id for one in requests_for(session, item) for line in one.tests)
    return {method_id: methods()[method_id] for method_id in asked if method_id in methods()}


def fields_for(session: Session, item: Item) -> dict[str, ItemField]:
    """What the methods of an item ask about it, by symbol; a quantity asked twice is stated once."""
    fields: dict[str, ItemField] = {}
    for method in methods_for(session, item).values():
        fields = {field.symbol: field for field in method.item} | fields
    return fields
