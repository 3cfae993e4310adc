"""Reports and what was issued under their numbers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base
from lims.parties.models import Company, Person
from lims.results.models import Result


class Report(Base):
    """A test report (检测报告) on its way: drafted → checked → authorised → issued → superseded | withdrawn."""

    __tablename__ = "report"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="drafted", index=True)
    version: Mapped[int] = mapped_column(default=1)
    language: Mapped[str] = mapped_column(sa.String(10), default="both", server_default="both")  # orders' LANGUAGES
    result_id: Mapped[int] = mapped_column(sa.ForeignKey("result.id"), index=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)  # 128 random bits for the verification page
    drafted_at: Mapped[datetime]
    tested_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reviewed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    authorised_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    checked_at: Mapped[datetime | None]
    authorised_at: Mapped[datetime | None]

    result: Mapped[Result] = relationship(lazy="joined")
    company: Mapped[Company] = relationship(lazy="joined")
    tested_by: Mapped[Person] = relationship(foreign_keys=[tested_by_id], lazy="joined")
    reviewed_by: Mapped[Person | None] = relationship(foreign_keys=[reviewed_by_id], lazy="joined")
    authorised_by: Mapped[Person | None] = relationship(foreign_keys=[authorised_by_id], lazy="joined")
    issue: Mapped[ReportIssue | None] = relationship(lazy="joined", back_populates="report")


class ReportIssue(Base):
    """What was issued: the digests of the signed PDF and of its bundle. Append-only, one for each report."""

    __tablename__ = "report_issue"

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), primary_key=True)
    issued_at: Mapped[datetime]
    pdf_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    content_sha256: Mapped[str] = mapped_column(sa.String(64))
    bundle_sha256: Mapped[str] = mapped_column(sa.String(64))

    report: Mapped[Report] = relationship(back_populates="issue")
