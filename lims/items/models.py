"""Test items, what is known about them, and where they have been."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base, sorted_by, sought_in
from lims.orders.models import Request
from lims.parties.models import Company, Person

TEST, BACKUP, PART, ACCESSORY = "test", "backup", "part", "accessory"
ROLES = {  # role: (English, Chinese)
    TEST: ("test item", "检测样品"),
    BACKUP: ("backup sample", "备样"),
    PART: ("sub-item", "子样"),
    ACCESSORY: ("accessory", "附件"),
}
INTACT, BROKEN = "intact", "broken"
SEALS = {  # how a seal was found: (English, Chinese)
    INTACT: ("intact", "完好"),
    BROKEN: ("broken or another number", "破损或编号不符"),
}
SUPPLIERS = {  # who says what is known of an item (17025 7.8.2.2): (English, Chinese)
    "laboratory": ("measured by the laboratory", "由本机构测量"),
    "company": ("stated by the company", "由委托单位提供"),
}
GONE = ("returned", "disposed")  # states of an item that is no longer in the house


class Item(Base):
    """A test item (检测物品); *sample* means a reading in this house."""

    __tablename__ = "item"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="expected", index=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"), index=True)
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    name_en: Mapped[str] = mapped_column(sa.String(120))
    manufacturer: Mapped[str] = mapped_column(sa.String(200))
    model: Mapped[str] = mapped_column(sa.String(120))
    serial_number: Mapped[str] = mapped_column(sa.String(120))
    condition: Mapped[str] = mapped_column(sa.Text, default="")  # on receipt
    received_at: Mapped[datetime | None]
    role: Mapped[str] = mapped_column(sa.String(20), default=TEST, server_default=TEST)  # see ROLES
    parent_number: Mapped[str] = mapped_column(sa.String(30), default="", server_default="", index=True)  # part of
    pieces: Mapped[int] = mapped_column(default=1, server_default="1")  # e.g. twenty tubes under one number
    place_code: Mapped[str] = mapped_column(sa.String(30), default="", server_default="", index=True)  # lies there now
    holder: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")  # user name: in whose hands now
    seal: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")  # number of a backup sample's seal
    seal_found: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")  # see SEALS; empty: unchecked
    agreed: Mapped[str] = mapped_column(sa.Text, default="", server_default="")  # the company's word on differences
    refusal: Mapped[str] = mapped_column(sa.Text, default="", server_default="")  # reasons of a refusal at receipt
    refused_at: Mapped[datetime | None]
    keep_until: Mapped[date | None] = mapped_column(index=True)  # retention; None: its clock has not begun
    disposal_asked_by: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")  # user name

    request: Mapped[Request] = relationship(lazy="joined")
    company: Mapped[Company] = relationship(lazy="joined")
    properties: Mapped[list[ItemProperty]] = relationship(order_by="ItemProperty.symbol")
    custody: Mapped[list[CustodyEntry]] = relationship(order_by="CustodyEntry.id")
    findings: Mapped[list[ItemFinding]] = relationship(order_by="ItemFinding.id")

    @property
    def is_backup(self) -> bool:
        """Whether this is a backup sample (备样)."""
        return self.role == BACKUP

    __table_args__ = (
        *sorted_by("item", "received_at"),
        sought_in("item", "number", "name_zh", "name_en", "model", "serial_number", "company_id"),
    )


class ItemProperty(Base):
    """One thing a method asks about the item: a number with its unit, or a text; and who says so."""

    __tablename__ = "item_property"

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), primary_key=True)
    symbol: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    number: Mapped[float | None]
    text: Mapped[str] = mapped_column(sa.Text, default="")
    unit: Mapped[str] = mapped_column(sa.String(20), default="")
    standard_uncertainty: Mapped[float] = mapped_column(default=0.0)  # in the unit; 0: none stated
    supplied_by: Mapped[str] = mapped_column(sa.String(20))  # see SUPPLIERS


class CustodyEntry(Base):
    """One hand-over: who, where, when, why. Append-only."""

    __tablename__ = "custody_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), index=True)
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    place: Mapped[str] = mapped_column(sa.String(120))
    purpose: Mapped[str] = mapped_column(sa.String(200))
    place_code: Mapped[str] = mapped_column(sa.String(30), default="", server_default="")  # of the storage tree, if any
    holder: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")  # user name, if into hands

    person: Mapped[Person] = relationship(lazy="joined")


class ItemFinding(Base):
    """What was announced and what came instead: both are kept. Append-only."""

    __tablename__ = "item_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), index=True)
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    what: Mapped[str] = mapped_column(sa.String(20))  # see FINDINGS
    announced: Mapped[str] = mapped_column(sa.String(200))
    found: Mapped[str] = mapped_column(sa.String(200))


FINDINGS = {  # what differs: (English, Chinese)
    "manufacturer": ("manufacturer", "生产单位"),
    "model": ("model", "规格型号"),
    "serial_number": ("serial number", "出厂编号"),
    "pieces": ("pieces", "件数"),
    "items": ("number of items", "样品数"),
    "seal": ("seal", "封签"),
    "missing": ("missing", "缺少"),
}


class StoragePlace(Base):
    """A site, room, rack or shelf where items lie; its code stands on its label and in the custody ledger."""

    __tablename__ = "storage_place"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(30), unique=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("storage_place.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))  # see PLACES
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    name_en: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    capacity: Mapped[int | None]  # items; None: not limited
    in_use: Mapped[bool] = mapped_column(default=True, server_default=sa.true())


PLACES = {  # kind: (English, Chinese)
    "site": ("site", "场地"),
    "room": ("room", "房间"),
    "rack": ("rack", "货架"),
    "shelf": ("shelf", "层位"),
}
