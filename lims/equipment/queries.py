"""Questions about equipment and calibrations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.equipment.models import Calibration, Equipment
from lims.errors import NotFound, Sentence

SOON_DAYS = 30  # ours: the quality manager is told so long before a calibration is due


def by_number(session: Session, number: str) -> Equipment:
    """The instrument of this number; else `NotFound`."""
    found = session.scalar(sa.select(Equipment).where(Equipment.number == number))
    if found is None:
        raise NotFound(f"There is no equipment {number}.", f"没有编号为 {number} 的设备。")
    return found


def of_numbers(session: Session, numbers: Iterable[str]) -> Sequence[Equipment]:
    """The instruments of these numbers, by number."""
    select = sa.select(Equipment).where(Equipment.number.in_(list(numbers))).order_by(Equipment.number)
    return session.scalars(select).all()


def calibration_on(equipment: Equipment, symbol: str, day: date) -> Calibration | None:
    """The calibration of ``symbol`` that was valid on ``day``: the newest begun by then and not yet due."""
    valid = [
        known for known in equipment.calibrations
        if known.symbol == symbol and known.calibrated_on <= day <= known.due_on
    ]  # fmt: skip
    return max(valid, key=lambda known: (known.calibrated_on, known.id), default=None)


def unfit(equipment: Equipment, symbols: Iterable[str], day: date) -> Sentence | None:
    """Why an instrument may not be used on ``day`` for these quantities (clauses 6.4.4, 6.4.9); None if it may."""
    if not equipment.in_service:
        return Sentence(
            f"{equipment.number} {equipment.name_en} is out of service.",
            f"{equipment.number} {equipment.name_zh}已停用。",
        )
    for symbol in symbols:
        if calibration_on(equipment, symbol, day) is None:
            return Sentence(
                f"{equipment.number} {equipment.name_en} has no calibration of {symbol} valid on {day}.",
                f"{equipment.number} {equipment.name_zh}在 {day} 没有 {symbol} 的有效校准。",
            )
    return None


def due_before(session: Session, day: date) -> Sequence[Equipment]:
    """Instruments in service whose newest calibration is due before ``day``."""
    newest = sa.func.max(Calibration.due_on)
    due = sa.select(Calibration.equipment_id).group_by(Calibration.equipment_id).having(newest < day)
    select = sa.select(Equipment).where(Equipment.in_service, Equipment.id.in_(due)).order_by(Equipment.number)
    return session.scalars(select).all()


def calibrated_for(session: Session, symbol: str, *, also: str = "") -> Sequence[Equipment]:
    """The instruments with a calibration of a quantity, by number; ``also``: one that is named whatever it has."""
    has = sa.exists().where(Calibration.equipment_id == Equipment.id, Calibration.symbol == symbol)
    return session.scalars(
        sa.select(Equipment).where(sa.or_(has, Equipment.number == also)).order_by(Equipment.number)
    ).all()
