"""The documents of an order in one place: quotations, reports, letters of refusal, and the files of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lims.attachments import queries as attachments
from lims.contracts import messages
from lims.contracts import queries as contracts
from lims.labels import Label
from lims.permissions import Actor
from lims.portal.dossier import Dossier
from lims.sampling import queries as sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document. shown: whether a browser shows it (else it is saved)."""

    kind: Label
    name: str
    at: datetime
    endpoint: str
    arguments: Mapping[str, object]
    shown: bool = True


def documents(session: Session, found: Dossier, reader: Actor) -> list[Document]:
    """Every document of an order that the reader may open, newest first."""
    every = [*_papers(session, found), *_files(session, found, reader)]
    return sorted(every, key=lambda one: one.at, reverse=True)


def _papers(session: Session, found: Dossier) -> Iterator[Document]:
    number = found.request.number
    taken = sampling.record_of(session, found.request)
    if taken is not None:
        yield Document(
            kind=SHEET, name=taken.number, at=taken.company_signed_at or taken.created_at,
            endpoint="sampling.sheet_of_request", arguments={"number": number},
        )  # fmt: skip
    for quotation in contracts.quotations(session, found.request):
        yield Document(
            kind=QUOTATION, name=quotation.number, at=quotation.made_at, endpoint="contracts.quotation_pdf",
            arguments={"number": number, "quotation": quotation.number},
        )  # fmt: skip
    for report in found.reports:
        if report.issue:
            yield Document(
                kind=REPORTS[report.state], name=report.number, at=report.issue.issued_at, endpoint="certificates.pdf",
                arguments={"number": report.number, "show": "1"},
            )  # fmt: skip
    for item in found.items:
        if item.refused_at:
            yield Document(
                kind=REFUSAL, name=item.number, at=item.refused_at, endpoint="door.letter",
                arguments={"number": item.number},
            )  # fmt: skip


def _files(session: Session, found: Dossier, reader: Actor) -> Iterator[Document]:
    """Files added to the order, its items and messages; photographs of items stand in the story."""
    records = [("request", found.request.number), *(("item", one.number) for one in found.items)]
    records += [(messages.KIND, str(one.id)) for one in messages.of_request(session, found.request, reader)]
    for kind, number in records:
        for one in attachments.of(session, kind, number, reader=reader):
            if not one.media_type.startswith("image/") or kind != "item":
                yield Document(
                    kind=FILE, name=one.name, at=one.added_at, endpoint="attachments.file",
                    arguments={"attachment_id": one.id},
                )  # fmt: skip


SHEET = Label("抽样单", "sampling sheet")
QUOTATION = Label("报价单", "quotation")
REPORTS = {  # as they stand today: a company must see which of two counts
    "issued": Label("检测报告", "report"),
    "superseded": Label("检测报告（已被替代）", "report, superseded"),
    "withdrawn": Label("检测报告（已撤回）", "report, withdrawn"),
}
REFUSAL, FILE = Label("拒收通知", "letter of refusal"), Label("文件", "file")
