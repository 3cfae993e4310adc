"""What was agreed with the company and how: reviews, deviations, questions, quotations and amendments.

Beside the deviations, which are answered once, every table here is append-only.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base, Yuan
from lims.parties.models import Person


class ContractReview(Base):
    """A contract review as it was decided (ISO/IEC 17025 clause 7.1.8): who, when, what was found and ticked."""

    __tablename__ = "contract_review"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    decision: Mapped[str] = mapped_column(sa.String(20))  # accept or decline
    reason: Mapped[str] = mapped_column(sa.Text)

    person: Mapped[Person] = relationship(lazy="joined")
    checks: Mapped[list[ReviewCheck]] = relationship(lazy="selectin", order_by="ReviewCheck.position")


class ReviewCheck(Base):
    """One line of a review's checklist as it stood when it was decided."""

    __tablename__ = "review_check"

    review_id: Mapped[int] = mapped_column(sa.ForeignKey("contract_review.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(40))  # of lims.contracts.checklist
    outcome: Mapped[str] = mapped_column(sa.String(10))  # ok, warn, stop; ticked, open
    finding_en: Mapped[str] = mapped_column(sa.Text)
    finding_zh: Mapped[str] = mapped_column(sa.Text)
    remark: Mapped[str] = mapped_column(sa.String(500))


class Deviation(Base):
    """A departure from the method that the laboratory proposes and the company answers (clause 7.1.4)."""

    __tablename__ = "deviation"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(sa.String(10), default="")  # empty: not yet; agreed, refused, withdrawn
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(sa.Text, default="")

    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id], lazy="joined")


class RequestMessage(Base):
    """One message between the company and the laboratory about a request, or a note that stays in the laboratory."""

    __tablename__ = "request_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    internal: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # not for the company's eyes

    person: Mapped[Person] = relationship(lazy="joined")


class MessageReading(Base):
    """How far one side of a request has read its messages, and who read them last."""

    __tablename__ = "message_reading"

    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), primary_key=True)
    company: Mapped[bool] = mapped_column(primary_key=True)  # the company's side; else the laboratory's
    message_id: Mapped[int] = mapped_column(sa.ForeignKey("request_message.id"))
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))


class Quotation(Base):
    """A quotation (报价单) as it was given; its PDF lies in the store under its SHA-256."""

    __tablename__ = "quotation"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    valid_until: Mapped[date]
    net: Mapped[Decimal] = mapped_column(Yuan)
    vat_percent: Mapped[int]
    total: Mapped[Decimal] = mapped_column(Yuan)  # with value added tax
    sha256: Mapped[str] = mapped_column(sa.String(64))

    answer: Mapped[QuotationAnswer | None] = relationship(lazy="joined")


class QuotationAnswer(Base):
    """That the company accepted a quotation, or did not."""

    __tablename__ = "quotation_answer"

    quotation_id: Mapped[int] = mapped_column(sa.ForeignKey("quotation.id"), primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    accepted: Mapped[bool]
    note: Mapped[str] = mapped_column(sa.Text)

    person: Mapped[Person] = relationship(lazy="joined")


class Amendment(Base):
    """A change of an accepted request (clause 7.1.6): what it was, what it shall be, why, by whom."""

    __tablename__ = "amendment"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    field: Mapped[str] = mapped_column(sa.String(40))  # of lims.contracts.amendments
    old: Mapped[str] = mapped_column(sa.Text)
    new: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.Text)
    needs_consent: Mapped[bool]  # of the other side, before it counts

    person: Mapped[Person] = relationship(lazy="joined")
    answer: Mapped[AmendmentAnswer | None] = relationship(lazy="joined")

    @property
    def open(self) -> bool:
        """Whether the other side has still to answer."""
        return self.needs_consent and self.answer is None


class AmendmentAnswer(Base):
    """The other side's answer to an amendment."""

    __tablename__ = "amendment_answer"

    amendment_id: Mapped[int] = mapped_column(sa.ForeignKey("amendment.id"), primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    agreed: Mapped[bool]
    note: Mapped[str] = mapped_column(sa.Text)

    person: Mapped[Person] = relationship(lazy="joined")


class Invoice(Base):
    """An invoice (发票) of a request: made elsewhere by the accounts office, kept here so that both sides find it."""

    __tablename__ = "invoice"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    issued_on: Mapped[date]
    total: Mapped[Decimal] = mapped_column(Yuan)  # with value added tax
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    steps: Mapped[list[InvoiceStep]] = relationship(lazy="selectin", order_by="InvoiceStep.id")

    def step(self, what: str) -> InvoiceStep | None:
        """That it was paid or cancelled, if it was."""
        return next((one for one in self.steps if one.what == what), None)

    @property
    def state(self) -> str:
        """``issued``, ``paid`` or ``cancelled``."""
        return "cancelled" if self.step("cancelled") else "paid" if self.step("paid") else "issued"


class InvoiceStep(Base):
    """That an invoice was paid, or cancelled (红冲) with a reason; each at most once."""

    __tablename__ = "invoice_step"
    __table_args__ = (sa.UniqueConstraint("invoice_id", "what"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id"), index=True)
    what: Mapped[str] = mapped_column(sa.String(10))  # paid or cancelled
    on: Mapped[date] = mapped_column("on_day")
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(sa.Text)
