"""Runs on a bench and the sealed segments of their spools."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base, sorted_by
from lims.orders.models import Job
from lims.parties.models import Person
from lims.runs.filemap import FileMap

MARKS = ("remark", "exclude", "withdraw")
UNFINISHED = ("prepared", "recording")  # a run that its bench may still send to


class Run(Base):
    """One recording on one bench. Times of scans are those of the bench's clock."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="prepared", index=True)
    job_id: Mapped[int] = mapped_column(sa.ForeignKey("job.id"), index=True)
    bench: Mapped[str] = mapped_column(sa.String(60))
    clock: Mapped[str] = mapped_column(sa.String(20))  # "system", "record" of a replayed record, "file" of its logger
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

    job: Mapped[Job] = relationship()
    started_by: Mapped[Person] = relationship(lazy="joined")
    file: Mapped[RunFile | None] = relationship()  # None: recorded on the bench
    marks: Mapped[list[RunMark]] = relationship(order_by="RunMark.id")
    segments: Mapped[list[RunSegment]] = relationship(order_by="RunSegment.index")

    __table_args__ = sorted_by("run", "first_scan_at")

    @property
    def standing_marks(self) -> list[RunMark]:
        """The remarks and exclusions that were not taken back, in the order of their time."""
        withdrawn = {one.withdraws_id for one in self.marks}
        kept = (one for one in self.marks if one.kind != "withdraw" and one.id not in withdrawn)
        return sorted(kept, key=lambda one: (one.first_at, one.id))

    @property
    def last_sequence(self) -> int:
        """Number of the last scan that has arrived in a segment; 0 before the first."""
        return max((one.last_sequence for one in self.segments), default=0)


class RunMark(Base):
    """Something that happened during a run: a remark, or an interval to leave out, with the reason. Append-only.

    A mark is taken back by another one of kind "withdraw" that names it: both stay.
    """

    __tablename__ = "run_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("run.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))  # see MARKS
    first_at: Mapped[datetime]  # on the bench's clock; a remark about a moment begins and ends there
    last_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(sa.Text)
    withdraws_id: Mapped[int | None] = mapped_column(sa.ForeignKey("run_mark.id"))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    made_by: Mapped[Person] = relationship(lazy="joined")


class RunSegment(Base):
    """One segment of a spool as it arrived, or the one file of an imported run: its bytes lie in the store under their
    SHA-256. Append-only. Of a file the scans are its rows, and the head binds the file and how it is read."""

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


class RunFile(Base):
    """The file that a run was imported from, and how it is read (`heliobench.file/1`). Append-only."""

    __tablename__ = "run_file"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("run.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))  # as it was called where it came from
    reader: Mapped[str] = mapped_column(sa.String(20))
    map_json: Mapped[str] = mapped_column(sa.Text)  # canonical JSON of the document
    map_sha256: Mapped[str] = mapped_column(sa.String(64))
    imported_at: Mapped[datetime]
    imported_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    @property
    def map(self) -> FileMap:
        """How the file is read."""
        return FileMap.from_dict(json.loads(self.map_json))
