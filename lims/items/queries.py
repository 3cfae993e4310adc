"""Questions about test items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from lims.errors import NotFound, Sentence
from lims.items.models import FINDINGS, CustodyEntry, Item
from lims.orders.models import Job, Request
from lims.orders.planning import TESTABLE
from lims.permissions import Actor, visible
from lims.repertoire import requirement_sets
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


def items(actor: Actor, *, state: str = "") -> sa.Select[Any]:
    """The items an actor may see, newest first."""
    select = visible(sa.select(Item), Item.company_id, actor).order_by(Item.id.desc())
    return select.where(Item.state == state) if state else select


# A whole item on its way to the laboratory: nobody waits for that of an order that ended.
_ENDED = sa.select(Request.id).where(Request.state.in_(("declined", "cancelled", "completed")))
_AWAITED = (Item.state == "expected", Item.parent_number == "", Item.request_id.not_in(_ENDED))


def awaited(actor: Actor) -> sa.Select[Any]:
    """The whole items an actor may see that are still to come, newest first."""
    return items(actor).where(*_AWAITED)


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
    """What is asked about an item by its methods and to judge it, by symbol; a quantity asked twice is stated once."""
    fields: dict[str, ItemField] = {}
    for method in methods_for(session, item).values():
        fields = {field.symbol: field for field in method.item} | fields
    return {field.symbol: field for field in judged_fields(session, item)} | fields


def judged_fields(session: Session, item: Item) -> tuple[ItemField, ...]:
    """What the requirements that its orders name have to know of an item, beside what its methods ask."""
    named = (requirement_sets().get(one.judged_by) for one in requests_for(session, item))
    return tuple({field.symbol: field for one in named if one for field in one.item}.values())


def parts_of(session: Session, whole: Item) -> Sequence[Item]:
    """The sub-items and accessories of an item, by number."""
    parts = sa.select(Item).where(Item.parent_number == whole.number).order_by(Item.id)
    return session.scalars(parts.options(selectinload(Item.custody))).all()


def open_differences(item: Item) -> list[Sentence]:
    """What is not as announced and was not yet agreed with the company (ISO/IEC 17025 clause 7.4.3)."""
    if item.agreed:
        return []
    found = []
    for one in item.findings:
        en, zh = FINDINGS[one.what]
        found.append(
            Sentence(
                f"Not as announced, {en}: {one.announced}; found {one.found}.",
                f"与委托不符（{zh}）：委托为 {one.announced}，实收为 {one.found}。",
            )
        )
    return found


def moved_by(session: Session, person_id: int | None, most: int) -> Sequence[tuple[CustodyEntry, Item]]:
    """The last hand-overs of a person, newest first."""
    select = sa.select(CustodyEntry).where(CustodyEntry.person_id == person_id).order_by(CustodyEntry.id.desc())
    return [(entry, session.get_one(Item, entry.item_id)) for entry in session.scalars(select.limit(most))]


def orders_expecting(session: Session) -> Sequence[tuple[Request, int]]:
    """The orders of which whole items are still expected, oldest first, with how many; of an ended one nothing is."""
    count = sa.func.count(Item.id)
    waiting = sa.select(Item.request_id, count).where(*_AWAITED)
    counts = {row[0]: row[1] for row in session.execute(waiting.group_by(Item.request_id))}
    orders = sa.select(Request).where(Request.id.in_(counts)).order_by(Request.id)
    return [(order, counts[order.id]) for order in session.scalars(orders.limit(200))]


def whole_of(session: Session, part: Item) -> Item | None:
    """The item that a part was taken from."""
    return session.scalar(sa.select(Item).where(Item.number == part.parent_number)) if part.parent_number else None
