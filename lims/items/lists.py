"""The lists of test items: all of them, and those in store by what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload

from lims.items import keeping
from lims.items.models import GONE, ROLES, TEST, Item, StoragePlace
from lims.labels import Label
from lims.lists.declaration import Column, Link, List, Named, Two, named, staff, states_of
from lims.lists.filters import Choice, Days, Reader, Text
from lims.orders.columns import company_of, words_of_company
from lims.permissions import Actor, visible
from lims.workflow import ITEM


def _places(session: Session, actor: Actor) -> Mapping[str, Label]:
    """The places of the store, for the laboratory's people."""
    if not staff(actor):
        return {}
    places = session.scalars(sa.select(StoragePlace).order_by(StoragePlace.code))
    return {one.code: Label(f"{one.code} {one.name_zh}", f"{one.code} {one.name_en or one.name_zh}") for one in places}


def _inside(code: str, reader: Reader) -> sa.ColumnElement[bool]:
    """The item lies in the place or in one below it."""
    top = sa.select(StoragePlace.id, StoragePlace.code).where(StoragePlace.code == code).cte("inside", recursive=True)
    below = sa.select(StoragePlace.id, StoragePlace.code).join(top, StoragePlace.parent_id == top.c.id)
    inside = top.union_all(below)
    return sa.and_(_for_staff(reader), Item.state.not_in(GONE), Item.place_code.in_(sa.select(inside.c.code)))


def _tabs(_session: Session, actor: Actor) -> Mapping[str, Label]:
    """The lists of the retention clock, for the laboratory's people."""
    return {tab: Label(zh, en) for tab, (en, zh) in keeping.TABS.items()} if staff(actor) else {}


def _due(tab: str, reader: Reader) -> sa.ColumnElement[bool]:
    """The item is in that list today."""
    if tab not in keeping.TABS:
        return sa.false()
    ids = keeping.due(tab, reader.today).with_only_columns(Item.id).order_by(None)
    return sa.and_(_for_staff(reader), Item.id.in_(ids))


def _for_staff(reader: Reader) -> sa.ColumnElement[bool]:
    """Where something lies is the laboratory's own affair."""
    return sa.true() if staff(reader.actor) else sa.false()


WORDS = Text(
    columns=(Item.number, Item.name_zh, Item.name_en, Item.model, Item.serial_number),
    through=(words_of_company(Item),),
    placeholder=Label("编号、名称、型号或出厂编号", "Number, name, model or serial number"),
)

NUMBER = Column(
    name="number", title=Label("编号", "Number"), value=lambda it: it.number, look="id", sort=Item.id,
    link=lambda it: Link("items.page", {"number": it.number}),
)  # fmt: skip
WHAT_AND_WHOSE = (
    Column(
        name="name", title=Label("样品", "Item"), value=lambda it: Two(it.name_zh, it.name_en), sort=Item.name_zh
    ),
    Column(name="model", title=Label("规格型号", "Model"), value=lambda it: it.model, under="name"),
    Column(
        name="serial_number", title=Label("出厂编号", "Serial number"), value=lambda it: it.serial_number,
        under="name",
    ),
    company_of(Item),
)  # fmt: skip

ITEMS = List(
    name="items",
    title=Label("样品", "Items"),
    endpoint="items.items",
    permission="item.view",
    select=lambda actor: visible(sa.select(Item), Item.company_id, actor),
    options=(joinedload(Item.company), selectinload(Item.custody), raiseload("*")),
    id=Item.id,
    order="-number",
    columns=(
        NUMBER,
        *WHAT_AND_WHOSE,
        Column(
            name="received", title=Label("收样时间", "Received"), value=lambda it: it.received_at,
            sort=Item.received_at, nullable=True, look="moment",
        ),
        Column(
            name="place", title=Label("存放位置", "Place"),
            value=lambda it: it.custody[-1].place if it.custody else None,
        ),
        Column(
            name="state", title=Label("状态", "State"), value=lambda it: named("item", it.state), look="chip",
            sort=Item.state,
        ),
    ),
    filters=(
        WORDS,
        Choice(name="state", title=Label("状态", "State"), choices=states_of(ITEM), column=Item.state),
        Choice(name="place", title=Label("库位", "Place"), choices=_places, where=_inside),
        Choice(name="due", title=Label("留样期限", "Retention"), choices=_tabs, where=_due),
        Days(name="received", title=Label("收样日期", "Received"), column=Item.received_at, moments=True),
    ),
    hint=Label("委托受理后，其样品会显示在这里。", "An item appears here when its request is accepted."),
)  # fmt: skip

RETURN = {
    True: Named("return", Label("退样", "to be sent back")),
    False: Named("dispose", Label("由本中心处置", "to be disposed of by the laboratory")),
}  # fmt: skip


def _role(item: Item) -> Named | None:
    """What an item is besides a test item."""
    english, chinese = ROLES[item.role]
    return None if item.role == TEST else Named(item.role, Label(chinese, english))


KEEPING = List(
    name="keeping",
    title=Label("退样与处置", "Return and disposal"),
    endpoint="store.due",
    permission="item.handle",
    select=lambda _actor: sa.select(Item).where(Item.parent_number == "", Item.state.in_(("kept", "refused"))),
    options=(joinedload(Item.company), joinedload(Item.request), selectinload(Item.custody), raiseload("*")),
    id=Item.id,
    order="keep_until",
    columns=(
        NUMBER,
        Column(name="role", title=Label("类别", "Kind"), value=_role, under="number"),
        *WHAT_AND_WHOSE,
        Column(
            name="place", title=Label("存放位置", "Place"), sort=Item.place_code,
            value=lambda it: it.custody[-1].place if it.custody else None,
        ),
        Column(
            name="keep_until", title=Label("保留至", "Kept until"), value=lambda it: it.keep_until,
            sort=Item.keep_until, nullable=True, look="day",
        ),
        Column(
            name="asked", title=Label("申请处置人", "Disposal asked for by"), under="keep_until",
            value=lambda it: it.disposal_asked_by or None,
        ),
        Column(
            name="after", title=Label("检测后", "After the test"), value=lambda it: RETURN[it.request.return_item]
        ),
        Column(
            name="state", title=Label("状态", "State"), value=lambda it: named("item", it.state), look="chip",
            sort=Item.state,
        ),
    ),
    filters=(
        WORDS,
        Choice(name="tab", title=Label("留样期限", "Retention"), choices=_tabs, where=_due),
        Choice(name="place", title=Label("库位", "Place"), choices=_places, where=_inside),
        Days(name="until", title=Label("保留至", "Kept until"), column=Item.keep_until),
    ),
    hint=Label("样品的保留期自报告签发之日起计算。", "The clock of an item begins when its report is issued."),
)  # fmt: skip
