"""What the laboratory has read in the text of a standard: a limit's number, by whom and when."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base
from lims.parties.models import Person


class LimitConfirmation(Base):
    """That somebody compared a limit with the text of its standard, or took that back. Append-only; the last counts."""

    __tablename__ = "limit_confirmation"

    id: Mapped[int] = mapped_column(primary_key=True)
    limit_table: Mapped[str] = mapped_column(sa.String(60), index=True)
    symbol: Mapped[str] = mapped_column(sa.String(60))
    edition: Mapped[str] = mapped_column(sa.String(60))  # the standard that was read, e.g. "GB/T 19141-2011"
    withdrawn: Mapped[bool] = mapped_column(default=False)  # it holds no longer; why stands in reason
    value: Mapped[float]  # as the standard states it
    unit: Mapped[str] = mapped_column(sa.String(40))
    clause: Mapped[str] = mapped_column(sa.String(200))
    source: Mapped[str] = mapped_column(sa.String(400))  # which copy of the text was read
    area: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")  # that it rests on; empty: unread
    temperature: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")  # likewise
    reason: Mapped[str] = mapped_column(sa.Text, default="")  # why it replaces an earlier one, or takes it back
    at: Mapped[datetime]
    day: Mapped[date]  # of the laboratory
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    person: Mapped[Person] = relationship(lazy="joined")
