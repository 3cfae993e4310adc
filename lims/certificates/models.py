"""Reports and what was issued under their numbers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base
from lims.items.models import Item
from lims.manual.models import ManualTest
from lims.orders.models import Job
from lims.parties.models import Company, Person
from lims.results.models import Result

Basis = Result | ManualTest
IN_FORCE = sa.text("state = 'issued'")


class Report(Base):
    """A test report (检测报告) on its way: drafted → checked → authorised → issued → superseded | withdrawn."""

    __tablename__ = "report"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="drafted", index=True)
    version: Mapped[int] = mapped_column(default=1)
    language: Mapped[str] = mapped_column(sa.String(10), default="both", server_default="both")  # orders' LANGUAGES
    job_id: Mapped[int] = mapped_column(sa.ForeignKey("job.id"), index=True)
    result_id: Mapped[int | None] = mapped_column(sa.ForeignKey("result.id"), index=True)  # what was measured …
    manual_test_id: Mapped[int | None] = mapped_column(sa.ForeignKey("manual_test.id"), index=True)  # … or recorded
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)  # 128 random bits for the verification page
    drafted_at: Mapped[datetime]
    tested_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reviewed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    authorised_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    checked_at: Mapped[datetime | None]
    authorised_at: Mapped[datetime | None]

    job: Mapped[Job] = relationship(lazy="joined")
    result: Mapped[Result | None] = relationship(lazy="selectin")
    manual: Mapped[ManualTest | None] = relationship(lazy="selectin")
    company: Mapped[Company] = relationship(lazy="joined")
    tested_by: Mapped[Person] = relationship(foreign_keys=[tested_by_id], lazy="joined")
    reviewed_by: Mapped[Person | None] = relationship(foreign_keys=[reviewed_by_id], lazy="joined")
    authorised_by: Mapped[Person | None] = relationship(foreign_keys=[authorised_by_id], lazy="joined")
    issue: Mapped[ReportIssue | None] = relationship(lazy="joined", back_populates="report")
    amendment: Mapped[ReportAmendment | None] = relationship(
        foreign_keys="ReportAmendment.report_id", lazy="joined", back_populates="report"
    )
    amendments: Mapped[list[ReportAmendment]] = relationship(
        foreign_keys="ReportAmendment.replaces_id", viewonly=True, order_by="ReportAmendment.report_id"
    )  # every one that was opened to replace this report
    item: Mapped[Item] = relationship(
        secondary=Job.__table__, primaryjoin=lambda: Report.job_id == Job.id,
        secondaryjoin=lambda: Job.item_id == Item.id, viewonly=True,
    )  # fmt: skip

    __table_args__ = (
        sa.CheckConstraint("(result_id is null) <> (manual_test_id is null)", name="result_or_record"),
        # Never two reports of one result or record in force, whatever the program believes.
        sa.Index("uq_report_in_force", "result_id", unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE),
        sa.Index(
            "uq_report_record_in_force", "manual_test_id", unique=True, sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )  # fmt: skip

    @property
    def basis(self) -> Basis:
        """What it reports: a result, or the record of a manual test."""
        found = self.result or self.manual
        if found is None:
            raise ValueError(f"{self.number} rests on nothing")
        return found

    @property
    def product(self) -> tuple[str, str]:
        """What it calls its item, Chinese and English: as it was issued, a draft as the item is called now."""
        printed = self._printed
        return (printed.product_zh, printed.product_en) if printed else (self.item.name_zh, self.item.name_en)

    @property
    def model(self) -> str:
        """The model that it states, likewise."""
        return self._printed.model if self._printed else self.item.model

    @property
    def _printed(self) -> ReportIssue | None:
        return self.issue if self.issue and self.issue.product_zh else None

    @property
    def writers(self) -> frozenset[int]:
        """Everybody who wrote in the record it reports: like the tester, none of them checks or authorises it."""
        return self.manual.writers if self.manual else frozenset()

    @property
    def amenders(self) -> frozenset[int]:
        """Who opened this report as an amendment: the reason is theirs, so that they neither check nor authorise it."""
        return frozenset({self.amendment.person_id} if self.amendment else ())


class ReportIssue(Base):
    """What was issued: the digests of the signed PDF and of its bundle, and what it calls its item. Append-only.

    One for each report. The names are empty of a report that was issued before they were kept here.
    """

    __tablename__ = "report_issue"

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), primary_key=True)
    issued_at: Mapped[datetime]
    pdf_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    content_sha256: Mapped[str] = mapped_column(sa.String(64))
    bundle_sha256: Mapped[str] = mapped_column(sa.String(64))
    product_zh: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    product_en: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    model: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")

    report: Mapped[Report] = relationship(back_populates="issue")


class ReportAmendment(Base):
    """That a report is drafted to replace an issued one, why, and on whose word (7.8.8). Append-only."""

    __tablename__ = "report_amendment"

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), primary_key=True)
    replaces_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.Text)  # printed on the first page
    reason_en: Mapped[str] = mapped_column(sa.Text)  # the same in English; empty if there is none
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    report: Mapped[Report] = relationship(foreign_keys=[report_id], back_populates="amendment")
    replaces: Mapped[Report] = relationship(foreign_keys=[replaces_id])
    person: Mapped[Person] = relationship(lazy="joined")


def resting_on(basis: Basis) -> dict[str, int]:
    """The columns by which a report rests on a result or a record."""
    pointer = {"result_id": basis.id} if isinstance(basis, Result) else {"manual_test_id": basis.id}
    return pointer | {"job_id": basis.job_id, "tested_by_id": basis.tested_by_id}
