"""Labels for test items: QR code of the item number beside what a person needs to tell two collectors apart."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import segno
import typst

from lims.errors import BadInput

_TEMPLATE = Path(__file__).with_name("label.typ")
MOST_LABELS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFacts:
    """What stands on one label. The customer is named by a code: who made an item must not be seen on the bench."""

    number: str
    name: str
    customer_code: str
    received: date


def label_pdf(labels: Sequence[LabelFacts], *, sheet: bool = False) -> bytes:
    """Labels of 50 mm x 30 mm: one per page for a label printer, or 36 on each A4 page when ``sheet`` is true.

    Raises `BadInput` for no label, or more than `MOST_LABELS` at once.
    """
    if not 1 <= len(labels) <= MOST_LABELS:
        raise BadInput(
            f"{len(labels)} labels were asked for; print 1 to {MOST_LABELS} at once.",
            f"要求打印 {len(labels)} 张标签；一次可打印 1 至 {MOST_LABELS} 张。",
        )
    inputs = {
        "labels": json.dumps([_printed(label) for label in labels], ensure_ascii=False),
        "sheet": "true" if sheet else "false",
    }
    pdf = typst.compile(
        _TEMPLATE,
        root=_TEMPLATE.parent,
        font_paths=_fonts(),
        sys_inputs=inputs,
    )
    return bytes(pdf)


def label_qr(number: str) -> segno.QRCode:
    """The QR code of an item number; level Q survives a quarter of the label being scratched."""
    return segno.make_qr(number, error="q")


def _printed(label: LabelFacts) -> dict[str, str]:
    out = io.BytesIO()
    label_qr(label.number).save(out, kind="svg", border=2, xmldecl=False, svgns=True)
    return {
        "number": label.number,
        "name": label.name,
        "customer": label.customer_code,
        "received": label.received.isoformat(),
        "qr": out.getvalue().decode(),
    }


@cache
def _fonts() -> typst.Fonts:
    folder = str(pylopdf_fonts_zh_cn.sans_path().parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
