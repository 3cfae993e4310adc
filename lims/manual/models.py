"""Records of manual tests: what people saw and measured by hand, entry by entry, nothing overwritten."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base
from lims.orders.models import Job
from lims.parties.models import Person


class ManualTest(Base):
    """The record of one manual test on one item (人工试验记录): a technical record of ISO/IEC 17025 clause 7.5."""

    __tablename__ = "manual_test"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="open", index=True)
    job_id: Mapped[int] = mapped_column(sa.ForeignKey("job.id"), index=True)
    procedure_id: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime]
    tested_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))  # who has the record in hand and submits it
    tested_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reviewed_at: Mapped[datetime | None]
    authorised_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    authorised_at: Mapped[datetime | None]
    verdict: Mapped[str] = mapped_column(sa.String(20), default="")  # of the judgement, once submitted
    record_sha256: Mapped[str] = mapped_column(sa.String(64), default="")  # heliobench.manual/1, as submitted
    judgement_sha256: Mapped[str] = mapped_column(sa.String(64), default="")  # heliobench.judgement/1

    job: Mapped[Job] = relationship(lazy="joined")
    tested_by: Mapped[Person] = relationship(foreign_keys=[tested_by_id], lazy="joined")
    reviewed_by: Mapped[Person | None] = relationship(foreign_keys=[reviewed_by_id], lazy="joined")
    authorised_by: Mapped[Person | None] = relationship(foreign_keys=[authorised_by_id], lazy="joined")
    entries: Mapped[list[ManualEntry]] = relationship(lazy="selectin", order_by="ManualEntry.id")

    @property
    def writers(self) -> frozenset[int]:
        """Everybody who wrote in it; none of them reviews or authorises it."""
        return frozenset(one.person_id for one in self.entries)


class ManualEntry(Base):
    """One thing written down, once: a later entry in the same place replaces it and keeps it. Append-only."""

    __tablename__ = "manual_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    test_id: Mapped[int] = mapped_column(sa.ForeignKey("manual_test.id"), index=True)
    symbol: Mapped[str] = mapped_column(
        sa.String(60)
    )  # of the procedure; or equipment, deviation, stopped, env.t_amb …
    row: Mapped[int]  # of a repetition, from 1; 0: it stands once
    reading: Mapped[int]  # 1, or 2 for the second of an entry that is made twice
    text: Mapped[str] = mapped_column(sa.Text)  # as it was written; empty: taken back
    reason: Mapped[str] = mapped_column(sa.Text, default="")  # why it replaces an earlier one
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    person: Mapped[Person] = relationship(lazy="joined")

    @property
    def place(self) -> tuple[str, int, int]:
        """Where in the record it stands."""
        return self.symbol, self.row, self.reading
