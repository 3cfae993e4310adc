"""Runs on a bench and the sealed segments of their spools."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base
from lims.orders.models import Job
from lims.parties.models import Person


class Run(Base):
    """One recording on one bench. Times of scans are those of the bench's clock."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="prepared", index=True)
    job_id: Mapped[int] = mapped_column(sa.ForeignKey("job.id"), index=True)
    bench: Mapped[str] = mapped_column(sa.String(60))
    clock: Mapped[str] = mapped_column(sa.String(20))  # "system", or "record" for a replayed record
    remarks: Mapped[str] = mapped_column(sa.Text, default="")
    token_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)  # of the token the bench's uplink shows
    started_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]
    first_scan_at: Mapped[datetime | None]
    last_scan_at: Mapped[datetime | None]
    scans: Mapped[int] = mapped_column(default=0)
    faults: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(sa.String(64), default="")  # hash of the last line stored

    job: Mapped[Job] = relationship(lazy="joined")
    started_by: Mapped[Person] = relationship(lazy="joined")
    segments: Mapped[list[RunSegment]] = relationship(lazy="selectin", order_by="RunSegment.index")


class RunSegment(Base):
    """One segment of a spool as it arrived: its bytes lie in the store under their SHA-256. Append-only."""

    __tablename__ = "run_segment"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("run.id"), primary_key=True)
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    received_at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int]
    scans: Mapped[int]
    first_sequence: Mapped[int]
    last_sequence: Mapped[int]
    previous: Mapped[str] = mapped_column(sa.String(64))
    head: Mapped[str] = mapped_column(sa.String(64))
