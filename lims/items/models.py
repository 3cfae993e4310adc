"""Test items, what is known about them, and where they have been."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base
from lims.orders.models import Request
from lims.parties.models import Company, Person


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

    request: Mapped[Request] = relationship(lazy="joined")
    company: Mapped[Company] = relationship(lazy="joined")
    properties: Mapped[list[ItemProperty]] = relationship(lazy="selectin", order_by="ItemProperty.symbol")
    custody: Mapped[list[CustodyEntry]] = relationship(lazy="selectin", order_by="CustodyEntry.id")


class ItemProperty(Base):
    """One thing a method asks about the item: a number with its unit, or a text; and who says so."""

    __tablename__ = "item_property"

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), primary_key=True)
    symbol: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    number: Mapped[float | None]
    text: Mapped[str] = mapped_column(sa.Text, default="")
    unit: Mapped[str] = mapped_column(sa.String(20), default="")
    standard_uncertainty: Mapped[float] = mapped_column(default=0.0)  # in the unit; 0: none stated
    supplied_by: Mapped[str] = mapped_column(sa.String(20))  # company or laboratory (17025 7.8.2.2)


class CustodyEntry(Base):
    """One hand-over: who, where, when, why. Append-only."""

    __tablename__ = "custody_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), index=True)
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    place: Mapped[str] = mapped_column(sa.String(120))
    purpose: Mapped[str] = mapped_column(sa.String(200))

    person: Mapped[Person] = relationship(lazy="joined")
