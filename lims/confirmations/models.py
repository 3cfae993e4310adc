"""What the laboratory has confirmed of its site's data: holidays of a year, retention periods. By whom and when."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base
from lims.parties.models import Person


class DataConfirmation(Base):
    """That somebody confirmed site data as they stand, or took that back. Append-only; the last of a subject counts."""

    __tablename__ = "data_confirmation"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(60), index=True)  # "holidays.2027" or "retention"
    digest: Mapped[str] = mapped_column(sa.String(64))  # SHA-256 of the data: data changed later are not confirmed
    withdrawn: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(sa.String(400))  # which notice or decision was read
    reason: Mapped[str] = mapped_column(sa.Text, default="")  # why it was taken back
    at: Mapped[datetime]
    day: Mapped[date]  # of the laboratory
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    person: Mapped[Person] = relationship(lazy="joined")
