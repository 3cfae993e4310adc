"""From the composed content to a PDF/A-3 file, by typst in this process: equal input gives equal bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import segno
import typst

from lims.results.figures import ALT
from lims.typesetting import fonts

_TEMPLATES = Path(__file__).parent
_Standard = Literal["a-3a", "ua-1"]
_ISSUED: tuple[_Standard, ...] = ("a-3a", "ua-1")
"""PDF/A-3 may carry attachments; its level a and PDF/UA-1 make typst refuse a figure without a text alternative."""
_DRAFT: tuple[_Standard, ...] = ("ua-1",)
"""A draft has no date of issue, and PDF/A demands a document date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A UTF-8 text file embedded in the PDF (AFRelationship Data)."""

    name: str
    data: bytes
    mime: str
    description: str


def results_file(data: bytes) -> Attachment:
    """``results.json`` as every report carries it."""
    return Attachment(
        name="results.json",
        data=data,
        mime="application/json",
        description="Printed digits and full outcome, machine-readable. 印刷数字与完整结果（机器可读）。",
    )


def render(
    content: Mapping[str, Any],
    *,
    figures: Mapping[str, bytes] | None = None,
    attachments: Sequence[Attachment] = (),
    template: str = "report.typ",
) -> bytes:
    """The unsigned report as PDF/A-3a with PDF/UA-1 tags (a draft without date of issue: PDF/UA-1 only).

    ``template`` names another document of this folder, made of the same content and more.

    ``content`` is what `lims.certificates.document.compose` gave, ``figures`` SVG by name (their text alternatives
    come from `lims.results.figures.ALT`). The text of the content is data for the template, never its program.
    """
    issued = content["dates"]["issued"] if "dates" in content else ""
    inputs = {
        "content": _json(content),
        "figures": _json([_figure(name, svg) for name, svg in _in_order(figures or {})]),
        "attachments": _json([_attachment(each) for each in attachments]),
        "issued": _json(_date_parts(issued)),
        "language": content.get("language", "both"),
        "qr": qr_svg(content["verification"]["url"]) if "verification" in content else "",
    }
    pdf = typst.compile(
        _TEMPLATES / template,
        root=_TEMPLATES,  # no template reads a file outside its own folder
        font_paths=fonts(latin=True),
        sys_inputs=inputs,
        pdf_standards=list(_ISSUED if issued else _DRAFT),
    )
    return bytes(pdf)


def _in_order(figures: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    """Figures as the pages show them; what the data cover comes last."""
    known = list(ALT)
    return sorted(figures.items(), key=lambda one: known.index(one[0]) if one[0] in known else len(known))


def qr_svg(text: str) -> str:
    """A QR code as bare SVG: without the document type that typst would render as an empty picture."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False, svgns=True, dark="#16202c")
    return out.getvalue().decode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _figure(name: str, svg: bytes) -> dict[str, str]:
    return {"svg": svg.decode(), **ALT[name]}


def _attachment(attachment: Attachment) -> dict[str, str]:
    return {
        "name": attachment.name,
        "text": attachment.data.decode(),
        "mime": attachment.mime,
        "description": attachment.description,
    }


def _date_parts(day: str) -> list[int] | None:
    if not day:
        return None
    issued = date.fromisoformat(day)
    return [issued.year, issued.month, issued.day]
