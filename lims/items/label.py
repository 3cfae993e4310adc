"""Stickers of 50 mm x 30 mm for items, storage places and badges: a QR code beside what a person reads."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import segno

from lims.errors import BadInput
from lims.typesetting import typeset

_TEMPLATE = Path(__file__).with_name("label.typ")
MOST_LABELS = 500
ON_A_SHEET = 36  # four columns of nine on A4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sticker:
    """What stands on one sticker: the code people read, what the QR code says, a name, and a few facts."""

    code: str
    qr: str
    name: str
    facts: tuple[tuple[str, str], ...] = ()


def item_sticker(
    *, number: str, address: str, name: str, customer_code: str, received: date | None, seal: str = ""
) -> Sticker:
    """An item's. The customer is named by a code: whose item this is must not be seen on the bench."""
    facts = [("客户 Customer", customer_code), ("接收 Received", received.isoformat() if received else "—")]
    return Sticker(
        code=number, qr=address, name=name, facts=(*facts[:1], ("封签 Seal", seal)) if seal else tuple(facts)
    )


def label_pdf(labels: Sequence[Sticker], *, sheet: bool = False, first: int = 1) -> bytes:
    """One sticker per page for a label printer, or 36 on each A4 page when ``sheet`` is true.

    first: the position on the first sheet to begin with, counted along the rows from 1, when stickers before it are
    used up. Raises `BadInput` for no sticker, more than `MOST_LABELS` at once, or a position that no sheet has.
    """
    if not 1 <= len(labels) <= MOST_LABELS:
        raise BadInput(
            f"{len(labels)} labels were asked for; print 1 to {MOST_LABELS} at once.",
            f"要求打印 {len(labels)} 张标签；一次可打印 1 至 {MOST_LABELS} 张。",
        )
    if not 1 <= first <= ON_A_SHEET:
        raise BadInput(
            f"A sheet has the positions 1 to {ON_A_SHEET}, not {first}.",
            f"一张 A4 标签纸有 1 至 {ON_A_SHEET} 个位置，没有第 {first} 个。",
        )
    inputs = {
        "labels": json.dumps([_printed(label) for label in labels], ensure_ascii=False),
        "sheet": "true" if sheet else "false",
        "used": str(first - 1 if sheet else 0),
    }
    return typeset(_TEMPLATE, inputs)


def label_qr(text: str) -> segno.QRCode:
    """A QR code (never Micro QR, which few scanners read); level M leaves modules large enough for a label printer."""
    return segno.make_qr(text, error="m", boost_error=True)


def _printed(label: Sticker) -> dict[str, object]:
    out = io.BytesIO()
    label_qr(label.qr).save(out, kind="svg", border=2, xmldecl=False, svgns=True)
    return {"code": label.code, "name": label.name, "facts": label.facts, "qr": out.getvalue().decode()}
