"""The equipment register and its calibrations (ISO/IEC 17025 clauses 6.4 and 6.5)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base


class Equipment(Base):
    """One instrument with its identity."""

    __tablename__ = "equipment"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    name_en: Mapped[str] = mapped_column(sa.String(120))
    manufacturer: Mapped[str] = mapped_column(sa.String(120))
    model: Mapped[str] = mapped_column(sa.String(120))
    serial_number: Mapped[str] = mapped_column(sa.String(60))
    location: Mapped[str] = mapped_column(sa.String(120))
    in_service: Mapped[bool] = mapped_column(default=True)

    calibrations: Mapped[list[Calibration]] = relationship(
        lazy="selectin", order_by="Calibration.calibrated_on, Calibration.symbol", back_populates="equipment"
    )


class Calibration(Base):
    """One calibrated quantity of one certificate: corrected = c0 + c1·indicated, within its range, in its unit.

    Append-only: a new certificate is a new row, an old result keeps its own.
    """

    __tablename__ = "calibration"

    id: Mapped[int] = mapped_column(primary_key=True)
    equipment_id: Mapped[int] = mapped_column(sa.ForeignKey("equipment.id"), index=True)
    certificate: Mapped[str] = mapped_column(sa.String(60))
    provider_zh: Mapped[str] = mapped_column(sa.String(120))
    provider_en: Mapped[str] = mapped_column(sa.String(120))
    symbol: Mapped[str] = mapped_column(sa.String(20))  # of the bench's channel, e.g. t_in
    unit: Mapped[str] = mapped_column(sa.String(20))
    calibrated_on: Mapped[date]
    due_on: Mapped[date]
    c0: Mapped[float]
    c1: Mapped[float]
    range_low: Mapped[float]
    range_high: Mapped[float]
    uncertainty_absolute: Mapped[float]  # standard uncertainty, in the unit
    uncertainty_relative: Mapped[float]  # standard uncertainty, share of the value

    equipment: Mapped[Equipment] = relationship(back_populates="calibrations")

    __table_args__ = (sa.UniqueConstraint("equipment_id", "certificate", "symbol"),)
