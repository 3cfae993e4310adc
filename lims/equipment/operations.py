"""Verbs about equipment: register, calibrate, take out of service."""

from __future__ import annotations

import math
from datetime import date

from lims.equipment import queries
from lims.equipment.models import Calibration, Equipment
from lims.errors import BadInput, require_reason
from lims.laboratory import Work
from lims.units import convert
from protocols.symbols import QUANTITIES


def register(work: Work, **fields: str) -> Equipment:
    """Enter an instrument; ``fields`` are the columns of `Equipment`. Raises `BadInput` for a number that is taken."""
    work.actor.require("equipment.write")
    if queries.of_numbers(work.session, [fields["number"]]):
        raise BadInput(
            f"{fields['number']} is registered already; give the instrument another number.",
            f"{fields['number']} 已登记；请为该设备另取编号。",
        )
    equipment = Equipment(**fields)
    work.session.add(equipment)
    work.session.flush()
    work.record("equipment", equipment.number, "register", serial_number=equipment.serial_number)
    return equipment


def calibrate(
    work: Work,
    equipment: Equipment,
    *,
    certificate: str,
    provider_zh: str,
    provider_en: str,
    symbol: str,
    unit: str,
    calibrated_on: date,
    due_on: date,
    c0: float,
    c1: float,
    range_low: float,
    range_high: float,
    uncertainty_absolute: float = 0.0,
    uncertainty_relative: float = 0.0,
) -> Calibration:
    """Enter one quantity of a calibration certificate; what stands there is never changed afterwards.

    Raises `BadInput` for a quantity, a unit, numbers, dates, a range or uncertainties that cannot be, and for a
    certificate that is entered already.
    """
    work.actor.require("equipment.write")
    _require_quantity(certificate, symbol, unit)
    _require_new(equipment, certificate, symbol)
    if not all(map(math.isfinite, (c0, c1, range_low, range_high, uncertainty_absolute, uncertainty_relative))):
        raise BadInput(
            f"Certificate {certificate}: every number must be finite.", f"证书 {certificate}：数值须为有限数。"
        )
    if due_on <= calibrated_on or range_high <= range_low or c1 == 0:
        raise BadInput(
            f"Certificate {certificate}: the due date must follow the calibration, the range must not be empty, "
            "and the slope must not be zero.",
            f"证书 {certificate}：到期日须晚于校准日，范围不得为空，斜率不得为零。",
        )
    if min(uncertainty_absolute, uncertainty_relative) < 0 or uncertainty_absolute + uncertainty_relative == 0:
        raise BadInput(
            f"Certificate {certificate}: give the standard uncertainty of {symbol}, absolute or relative.",
            f"证书 {certificate}：请给出 {symbol} 的标准不确定度（绝对或相对）。",
        )
    calibration = Calibration(
        equipment_id=equipment.id, certificate=certificate, provider_zh=provider_zh, provider_en=provider_en,
        symbol=symbol, unit=unit, calibrated_on=calibrated_on, due_on=due_on, c0=c0, c1=c1, range_low=range_low,
        range_high=range_high, uncertainty_absolute=uncertainty_absolute, uncertainty_relative=uncertainty_relative,
    )  # fmt: skip
    work.session.add(calibration)
    work.session.flush()
    work.session.refresh(equipment, ["calibrations"])
    work.record("equipment", equipment.number, "calibrate", certificate=certificate, symbol=symbol)
    return calibration


def _require_quantity(certificate: str, symbol: str, unit: str) -> None:
    if symbol not in QUANTITIES:
        raise BadInput(
            f"Certificate {certificate}: there is no quantity '{symbol}'; give a symbol of the bench, e.g. t_in.",
            f"证书 {certificate}：没有“{symbol}”这个量；请填写试验台的符号，例如 t_in。",
        )
    convert(0.0, unit, QUANTITIES[symbol].unit)


def _require_new(equipment: Equipment, certificate: str, symbol: str) -> None:
    if any((known.certificate, known.symbol) == (certificate, symbol) for known in equipment.calibrations):
        raise BadInput(
            f"Certificate {certificate} is entered already for {symbol} of {equipment.number}; it cannot be changed.",
            f"{equipment.number} 的 {symbol} 已录入证书 {certificate}；不可更改。",
        )


def set_in_service(work: Work, equipment: Equipment, *, in_service: bool, reason: str) -> None:
    """Take an instrument out of service or put it back; the reason is kept."""
    work.actor.require("equipment.write")
    require_reason(reason)
    equipment.in_service = in_service
    work.record("equipment", equipment.number, "service", in_service=in_service, reason=reason.strip())
