"""The sampling record as the sheet that Chinese laboratories use (抽样单), with English beside it, on one A4 page."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lims.attachments import queries as attachments
from lims.clock import local
from lims.items.models import BACKUP, TEST
from lims.laboratory import Laboratory
from lims.parties.models import Person
from lims.repertoire import known_tests
from lims.sampling.models import COMPANY_SIGNS, DRAWN, PLACES, SamplingRecord
from lims.sampling.operations import KIND, SIGNATURE
from lims.sampling.rules import rule
from lims.typesetting import typeset

_TEMPLATE = Path(__file__).with_name("sheet.typ")
EMPTY = ""


def sheet(laboratory: Laboratory, record: SamplingRecord) -> bytes:
    """The PDF of a sampling record; what is not filled in yet stays empty, to be written by hand."""
    inputs = {
        "sheet": json.dumps(_facts(laboratory, record), ensure_ascii=False),
        "laboratory": json.dumps(laboratory.identity, ensure_ascii=False),
        "demonstration": "true" if laboratory.settings.demonstration else "false",
    }
    return typeset(_TEMPLATE, inputs)


def _signature(laboratory: Laboratory, record: SamplingRecord) -> str:
    """What the company's representative drew, as an SVG around the PNG that is kept; empty if nothing was drawn."""
    with laboratory.database.read() as session:
        drawn = [one for one in attachments.of(session, KIND, record.number) if one.purpose == SIGNATURE]
    if not drawn or record.company_signed != DRAWN:
        return EMPTY
    picture = base64.b64encode(laboratory.store.get(drawn[-1].sha256)).decode()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 360"><image width="1280" height="360" '
        f'href="data:image/png;base64,{picture}"/></svg>'
    )


def _facts(laboratory: Laboratory, record: SamplingRecord) -> dict[str, Any]:
    zone, task = laboratory.settings.time_zone, record.task
    return {
        "number": record.number,
        "state": "" if record.state in ("signed", "ordered") else record.state,
        "task": f"{task.authority}　{task.document}（{task.number}）",
        "tests": "；".join(known_tests()[code].reference for code in task.codes if code in known_tests()),
        "company": record.company_name,
        "credit_code": record.credit_code,
        "address": record.company_address,
        "contact": f"{record.company_contact} {record.company_telephone}".strip(),
        "place_kind": "{1} {0}".format(*PLACES[record.place_kind]),
        "place": record.place,
        "day": record.sampled_on.isoformat(),
        "product": f"{record.product_zh} {record.product_en}".strip(),
        "manufacturer": record.manufacturer,
        "model": record.model,
        "trademark": record.trademark,
        "batch": record.batch,
        "area": "" if record.gross_area is None else f"{record.gross_area:g} m²",
        "base": _count(record.base_quantity),
        "quantity": _count(record.quantity),
        "backup": str(record.backup_quantity),
        "seals": "、".join(record.seals_of(TEST)),
        "backup_seals": "、".join(record.seals_of(BACKUP)),
        "backup_place": record.backup_place,
        "remarks": record.remarks,
        "samplers": _samplers(record, zone),
        "company_sign": "" if not record.company_signed else "{1} {0}".format(*COMPANY_SIGNS[record.company_signed]),
        "representative": record.representative,
        "words": record.company_words,
        "company_day": local(record.company_signed_at, zone)[:16] if record.company_signed_at else EMPTY,
        "drawn": _signature(laboratory, record),
        "days": rule().days,
    }


def _count(value: int | None) -> str:
    return EMPTY if value is None else str(value)


def _samplers(record: SamplingRecord, zone: str) -> Sequence[dict[str, str]]:
    pairs = (
        (record.sampler_1, record.sampler_1_signed_at),
        (record.sampler_2, record.sampler_2_signed_at),
    )
    return [{"name": _name(person), "at": local(at, zone)[:16] if at else EMPTY} for person, at in pairs]


def _name(person: Person | None) -> str:
    return f"{person.name_zh} {person.name_en}".strip() if person else EMPTY
