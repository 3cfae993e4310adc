"""Test requests, the tests they ask for, and the jobs they become."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims import repertoire
from lims.db import Base, Yuan, sorted_by, sought_in
from lims.offerings.models import Product
from lims.parties.models import Company, Person


class Request(Base):
    """A company's request for a test (委托), and what was agreed in the contract review (clause 7.1)."""

    __tablename__ = "request"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="draft", index=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"), index=True)
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(sa.String(20))  # see KINDS
    product_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("product.id"), index=True
    )  # of the catalogue, if it is
    product_zh: Mapped[str] = mapped_column(sa.String(120))
    product_en: Mapped[str] = mapped_column(sa.String(120))
    manufacturer: Mapped[str] = mapped_column(sa.String(200))
    model: Mapped[str] = mapped_column(sa.String(120))
    serial_number: Mapped[str] = mapped_column(sa.String(120))
    gross_area: Mapped[float | None]  # m², as the company states it
    blind: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # kept from technicians whose it is
    item_number: Mapped[str] = mapped_column(sa.String(30), default="", server_default="")  # here already; empty: sent
    due_on: Mapped[date | None]
    return_item: Mapped[bool] = mapped_column(default=True)
    decision_rule: Mapped[str] = mapped_column(sa.String(40), default="none")  # see lims.orders.rules
    judged_by: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")  # see lims.repertoire
    report_language: Mapped[str] = mapped_column(sa.String(10), default="both", server_default="both")  # see LANGUAGES
    subcontracting: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # the company consents to it
    secrecy: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")  # beyond the laboratory's rules
    contact: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")  # empty: the company's
    contact_telephone: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    remarks: Mapped[str] = mapped_column(sa.Text, default="")
    payer: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")  # who pays, if not the company
    deviations: Mapped[str] = mapped_column(sa.Text, default="")  # agreed in the contract review

    company: Mapped[Company] = relationship(lazy="joined")
    created_by: Mapped[Person] = relationship(lazy="joined")
    product: Mapped[Product | None] = relationship(lazy="joined")
    tests: Mapped[list[RequestTest]] = relationship(order_by="RequestTest.position", cascade="all, delete-orphan")

    __table_args__ = (
        *sorted_by("request", "due_on", "created_at", "product_zh"),
        sa.Index("ix_request_state_due_on", "state", "due_on", "id"),
        sa.Index("ix_request_company_id_due_on", "company_id", "due_on", "id"),
        sought_in("request", "number", "product_zh", "product_en", "model", "company_id"),
    )


class RequestTest(Base):
    """One line of a request: a method or a manual test, with what it costs and how long it takes."""

    __tablename__ = "request_test"
    __table_args__ = (sa.CheckConstraint("(method_id = '') <> (procedure_id = '')", name="method_or_procedure"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    position: Mapped[int]  # from 1, as the lines are printed
    method_id: Mapped[str] = mapped_column(sa.String(60), default="")
    procedure_id: Mapped[str] = mapped_column(sa.String(80), default="")
    price: Mapped[Decimal | None] = mapped_column(Yuan)  # none: not priced yet
    working_days: Mapped[int | None]  # from the receipt of the item to the report
    note: Mapped[str] = mapped_column(sa.String(200), default="")

    @property
    def code(self) -> str:
        """What names the test: see `lims.repertoire`."""
        return repertoire.code(method_id=self.method_id, procedure_id=self.procedure_id)


class Job(Base):
    """One test of a request on one item, planned on a bench or by hand (检测任务)."""

    __tablename__ = "job"
    __table_args__ = (
        sa.CheckConstraint("(method_id = '') <> (procedure_id = '')", name="method_or_procedure"),
        *sorted_by("job", "planned_on", "bench"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="planned", index=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), index=True)
    request_test_id: Mapped[int] = mapped_column(sa.ForeignKey("request_test.id"), index=True)
    method_id: Mapped[str] = mapped_column(sa.String(60), default="")  # what a bench measures …
    procedure_id: Mapped[str] = mapped_column(sa.String(80), default="")  # … or what people record: one of the two
    bench: Mapped[str] = mapped_column(sa.String(60))  # empty: a manual test that needs none
    planned_on: Mapped[date]  # the first day; the job begins in the morning unless …
    begins_noon: Mapped[bool] = mapped_column(default=False)  # … at noon
    planned_to: Mapped[date]  # the last day; the job ends in the evening unless …
    ends_noon: Mapped[bool] = mapped_column(default=False)  # … at noon
    assigned_to_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)

    request: Mapped[Request] = relationship(lazy="joined")
    assigned_to: Mapped[Person] = relationship(lazy="joined")

    @property
    def kind(self) -> str:
        """``method`` or ``procedure``."""
        return "procedure" if self.procedure_id else "method"

    @property
    def code(self) -> str:
        """What names the test: see `lims.repertoire`."""
        return repertoire.code(method_id=self.method_id, procedure_id=self.procedure_id)


LANGUAGES = {  # of the report: (English, Chinese)
    "both": ("Chinese and English", "中英文"),
    "zh": ("Chinese", "中文"),
    "en": ("English", "英文"),
}


class JobRepeat(Base):
    """That a job repeats an earlier one, and why (ISO/IEC 17025 clause 7.7): both keep their results. Append-only."""

    __tablename__ = "job_repeat"

    job_id: Mapped[int] = mapped_column(sa.ForeignKey("job.id"), primary_key=True)
    repeats_id: Mapped[int] = mapped_column(sa.ForeignKey("job.id"), index=True)
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(sa.Text)

    job: Mapped[Job] = relationship(foreign_keys=[job_id])
    repeats: Mapped[Job] = relationship(foreign_keys=[repeats_id])
    person: Mapped[Person] = relationship(lazy="joined")


class JobSetAside(Base):
    """That the result of a job does not count, by whom and why; the result itself stays. Append-only."""

    __tablename__ = "job_set_aside"

    job_id: Mapped[int] = mapped_column(sa.ForeignKey("job.id"), primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(sa.Text)

    person: Mapped[Person] = relationship(lazy="joined")


KINDS = {  # kind: (English, Chinese)
    "commissioned": ("commissioned test", "委托检验"),
    "type": ("type test", "型式检验"),
    "spot_check": ("supervision spot check", "监督抽查"),
    "arbitration": ("arbitration test", "仲裁检验"),
    "certification": ("certification test", "认证检验"),
}
