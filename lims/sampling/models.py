"""The task order of an authority (抽查任务), and the sampling records made for it (抽样单)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.certificates.models import Report
from lims.db import Base, Yuan, sorted_by
from lims.orders.models import Request
from lims.parties.models import Company, Person


class SamplingTask(Base):
    """What an authority asks of the laboratory in writing: products, requirements, how many, by when."""

    __tablename__ = "sampling_task"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    authority: Mapped[str] = mapped_column(sa.String(200))  # it pays; the company sampled never does
    document: Mapped[str] = mapped_column(sa.String(120))  # number of its written task order
    products: Mapped[str] = mapped_column(sa.String(300))
    tests: Mapped[str] = mapped_column(sa.Text)  # codes of lims.repertoire, separated by spaces
    companies: Mapped[int]  # how many are to be sampled
    samples: Mapped[int]  # how many sampling records are to be made
    first_day: Mapped[date]
    last_day: Mapped[date]
    budget: Mapped[Decimal | None] = mapped_column(Yuan)
    remarks: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    closed_on: Mapped[date | None]  # nothing more is sampled; by whom stands in the audit trail
    closed_because: Mapped[str] = mapped_column(
        sa.Text, default="", server_default=""
    )  # why it is incomplete, if it is

    __table_args__ = sorted_by("sampling_task", "last_day")

    @property
    def codes(self) -> tuple[str, ...]:
        """The tests that the authority asks for."""
        return tuple(self.tests.split())


class SamplingRecord(Base):
    """One sampling at one company: who, where, what, how many, under which seals, and who signed for it."""

    __tablename__ = "sampling_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="draft", index=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("sampling_task.id"), index=True)
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"), index=True)  # None: not known yet
    company_name: Mapped[str] = mapped_column(sa.String(200), default="")
    credit_code: Mapped[str] = mapped_column(sa.String(18), default="")
    company_address: Mapped[str] = mapped_column(sa.String(300), default="")
    company_contact: Mapped[str] = mapped_column(sa.String(120), default="")
    company_telephone: Mapped[str] = mapped_column(sa.String(40), default="")
    place_kind: Mapped[str] = mapped_column(sa.String(20), default="store")  # see PLACES
    place: Mapped[str] = mapped_column(sa.String(300), default="")  # address, or shop and order number online
    sampled_on: Mapped[date]
    sampler_1_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    sampler_2_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    product_zh: Mapped[str] = mapped_column(sa.String(120), default="")
    product_en: Mapped[str] = mapped_column(sa.String(120), default="")
    manufacturer: Mapped[str] = mapped_column(sa.String(200), default="")
    model: Mapped[str] = mapped_column(sa.String(120), default="")
    trademark: Mapped[str] = mapped_column(sa.String(120), default="")
    batch: Mapped[str] = mapped_column(sa.String(120), default="")  # number or date of production
    gross_area: Mapped[float | None]  # m2, as the nameplate states it
    base_quantity: Mapped[int | None]  # 抽样基数: how many there were to choose from
    quantity: Mapped[int | None]  # how many were taken for the test
    backup_quantity: Mapped[int] = mapped_column(default=0)
    backup_place: Mapped[str] = mapped_column(sa.String(300), default="")  # where the backup sample is kept
    remarks: Mapped[str] = mapped_column(sa.Text, default="")
    representative: Mapped[str] = mapped_column(sa.String(60), default="")  # who signed for the company
    company_signed: Mapped[str] = mapped_column(sa.String(20), default="")  # see COMPANY_SIGNS; empty: not yet
    company_words: Mapped[str] = mapped_column(sa.Text, default="")  # why it does not sign, or what it remarks
    company_signed_at: Mapped[datetime | None]
    sampler_1_signed_at: Mapped[datetime | None]
    sampler_2_signed_at: Mapped[datetime | None]
    request_id: Mapped[int | None] = mapped_column(sa.ForeignKey("request.id"), unique=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    task: Mapped[SamplingTask] = relationship(lazy="joined")
    company: Mapped[Company | None] = relationship(lazy="joined")
    sampler_1: Mapped[Person | None] = relationship(foreign_keys=[sampler_1_id], lazy="joined")
    sampler_2: Mapped[Person | None] = relationship(foreign_keys=[sampler_2_id], lazy="joined")
    request: Mapped[Request | None] = relationship(lazy="joined")
    seals: Mapped[list[SamplingSeal]] = relationship(
        lazy="selectin", order_by="SamplingSeal.id", cascade="all, delete-orphan"
    )

    @property
    def touched(self) -> bool:
        """Whether somebody signed already, so that nothing may be changed any more."""
        return any((self.company_signed, self.sampler_1_signed_at, self.sampler_2_signed_at))

    def seals_of(self, role: str) -> list[str]:
        """The numbers of the seals on the test samples or on the backup samples."""
        return [one.number for one in self.seals if one.role == role]


class SamplingSeal(Base):
    """One seal with its printed number; a number is used once, ever."""

    __tablename__ = "sampling_seal"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("sampling_record.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))  # test or backup
    number: Mapped[str] = mapped_column(sa.String(60), unique=True)


PLACES = {  # where the sample was taken: (English, Chinese)
    "store": ("finished-goods store of the manufacturer", "生产企业成品库"),
    "market": ("market or shop", "市场或门店"),
    "online": ("online shop", "网络平台"),
}
DRAWN, SHEET, REFUSED = "drawn", "sheet", "refused"
COMPANY_SIGNS = {  # how the company's representative signed: (English, Chinese)
    DRAWN: ("signed on the screen", "屏幕签字"),
    SHEET: ("signed the printed sheet", "纸质签字"),
    REFUSED: ("refused to sign", "拒绝签字"),
}


class ResultNotice(Base):
    """That the company sampled received the result, on which day and how; the time to object begins. Append-only."""

    __tablename__ = "result_notice"

    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    received_on: Mapped[date]
    until: Mapped[date]  # last day to object, by the rule of the day on which this was entered
    how: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    report: Mapped[Report] = relationship()


class Objection(Base):
    """What the company sampled says against a report (异议), the decision, and the retest by another body (复检)."""

    __tablename__ = "objection"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="raised", index=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"), index=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), index=True)
    retest: Mapped[bool]  # the company asks for a retest of the backup sample
    words: Mapped[str] = mapped_column(sa.Text)
    raised_on: Mapped[date]
    until: Mapped[date]
    late_because: Mapped[str] = mapped_column(sa.Text, default="")  # force majeure, as the office accepted it
    decision: Mapped[str] = mapped_column(sa.Text, default="")  # the reason of accepting or refusing
    body: Mapped[str] = mapped_column(sa.String(200), default="")  # another one than this laboratory
    outcome: Mapped[str] = mapped_column(sa.Text, default="")  # number of its report, and what it found

    request: Mapped[Request] = relationship()
    company: Mapped[Company] = relationship(lazy="joined")
    report: Mapped[Report] = relationship()
