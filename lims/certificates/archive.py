"""Several reports as one ZIP file: the signed PDFs exactly as issued, and a list of them with states and digests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from lims.certificates.models import Report
from lims.certificates.operations import pdf_of
from lims.certificates.queries import PUBLISHED
from lims.errors import BadInput
from lims.labels import Label
from lims.laboratory import Laboratory
from lims.lists.declaration import Column
from lims.lists.export import csv_file

MOST = 200  # reports of one file; ours: as many as the longest page of a list has


def archive(laboratory: Laboratory, reports: Sequence[Report], columns: Sequence[Column], *, language: str) -> bytes:
    """A ZIP file of reports that the reader may see; ``columns`` of the list of reports stand in its list.csv.

    Raises `BadInput` for more than `MOST` and for one that is not issued.
    """
    if len(reports) > MOST:
        raise BadInput(f"At most {MOST} reports at once.", f"一次最多下载 {MOST} 份检测报告。")
    told = [*columns, REPLACES, REPLACED_BY, DIGEST]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for one in reports:
            file.writestr(f"{one.number}.pdf", pdf_of(laboratory, one))
        file.writestr("list.csv", csv_file(told, reports, language=language, zone=laboratory.settings.time_zone))
    return out.getvalue()


def _replaced_by(report: Report) -> str | None:
    return next((one.report.number for one in report.amendments if one.report.state in PUBLISHED), None)


REPLACES = Column(
    name="replaces", title=Label("替代", "Replaces"),
    value=lambda it: it.amendment.replaces.number if it.amendment else None,
)  # fmt: skip
REPLACED_BY = Column(name="replaced_by", title=Label("被替代", "Superseded by"), value=_replaced_by)
DIGEST = Column(name="sha256", title=Label("SHA-256", "SHA-256"), value=lambda it: it.issue.pdf_sha256)
