"""The equipment register as a list."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import raiseload, selectinload

from lims.equipment.models import Calibration, Equipment
from lims.labels import Label
from lims.lists.declaration import Column, Link, List, Two, day_of
from lims.lists.filters import Choice, Days, Text

DUE_ON = sa.select(sa.func.max(Calibration.due_on)).where(Calibration.equipment_id == Equipment.id).scalar_subquery()

EQUIPMENT = List(
    name="equipment",
    title=Label("设备", "Equipment"),
    endpoint="equipment.register",
    permission="equipment.view",
    select=lambda _actor: sa.select(Equipment),
    options=(selectinload(Equipment.calibrations), raiseload("*")),
    id=Equipment.id,
    order="number",
    columns=(
        Column(
            name="number", title=Label("编号", "Number"), value=lambda it: it.number, look="id",
            sort=Equipment.number, link=lambda it: Link("equipment.instrument", {"number": it.number}),
        ),
        Column(
            name="name", title=Label("仪器", "Instrument"), value=lambda it: Two(it.name_zh, it.name_en),
            sort=Equipment.name_zh,
        ),
        Column(
            name="manufacturer", title=Label("生产厂", "Manufacturer"), value=lambda it: it.manufacturer, under="name"
        ),
        Column(name="model", title=Label("型号", "Model"), value=lambda it: it.model, under="name"),
        Column(
            name="serial_number", title=Label("出厂编号", "Serial number"), value=lambda it: it.serial_number,
            sort=Equipment.serial_number,
        ),
        Column(
            name="quantities", title=Label("测量量", "Quantities"), look="symbols",
            value=lambda it: ", ".join(dict.fromkeys(one.symbol for one in it.calibrations)),
        ),
        Column(
            name="due", title=Label("校准到期", "Due"), look="day", sort=DUE_ON, nullable=True,
            value=lambda it: day_of([one.due_on for one in it.calibrations]),
        ),
        Column(
            name="in_service", title=Label("在用", "In service"), value=lambda it: it.in_service, kind=bool,
            sort=Equipment.in_service, look="calibration",
        ),
    ),
    filters=(
        Text(
            columns=(
                Equipment.number, Equipment.name_zh, Equipment.name_en, Equipment.model, Equipment.serial_number,
            ),
            placeholder=Label("编号、名称、型号或出厂编号", "Number, name, model or serial number"),
        ),
        Choice(
            name="in_service", title=Label("在用", "In service"),
            choices=lambda _session, _actor: {"1": Label("在用", "in service"), "0": Label("停用", "out of service")},
            where=lambda chosen, _reader: Equipment.in_service.is_(chosen == "1"),
        ),
        Days(name="due", title=Label("校准到期", "Due"), column=DUE_ON),
    ),
    hint=Label("设备由质量负责人登记。", "Instruments are registered by the quality manager."),
)  # fmt: skip
