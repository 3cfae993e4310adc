"""Results: what a method made of a run, with everything needed to make it again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base, sorted_by
from lims.orders.models import Job
from lims.parties.models import Person
from lims.runs.models import Run


class Result(Base):
    """One evaluation of one run by one method edition and software version (技术记录)."""

    __tablename__ = "result"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(30), unique=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="recorded", index=True)
    job_id: Mapped[int] = mapped_column(sa.ForeignKey("job.id"), index=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("run.id"), index=True)
    method_id: Mapped[str] = mapped_column(sa.String(60))
    software_version: Mapped[str] = mapped_column(sa.String(40))
    inputs_sha256: Mapped[str] = mapped_column(sa.String(64))  # segments, calibrations, item, limits: in the store
    outcome_sha256: Mapped[str] = mapped_column(sa.String(64))  # heliobench.outcome/1: in the store
    recorded_at: Mapped[datetime]
    tested_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    tested_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reviewed_at: Mapped[datetime | None]
    authorised_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    authorised_at: Mapped[datetime | None]

    job: Mapped[Job] = relationship(lazy="joined")
    run: Mapped[Run] = relationship(lazy="joined")
    tested_by: Mapped[Person] = relationship(foreign_keys=[tested_by_id], lazy="joined")
    reviewed_by: Mapped[Person | None] = relationship(foreign_keys=[reviewed_by_id], lazy="joined")
    authorised_by: Mapped[Person | None] = relationship(foreign_keys=[authorised_by_id], lazy="joined")
    values: Mapped[list[ResultValue]] = relationship(order_by="ResultValue.position")
    figures: Mapped[list[ResultFigure]] = relationship(order_by="ResultFigure.name")

    __table_args__ = sorted_by("result", "recorded_at")


class ResultValue(Base):
    """One coefficient of a result. Append-only."""

    __tablename__ = "result_value"

    result_id: Mapped[int] = mapped_column(sa.ForeignKey("result.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    symbol: Mapped[str] = mapped_column(sa.String(40))
    unit: Mapped[str] = mapped_column(sa.String(40))
    value: Mapped[float]
    standard_uncertainty: Mapped[float]
    expanded_uncertainty: Mapped[float]


class ResultFigure(Base):
    """A figure drawn from the outcome, in the store under its SHA-256; it can be drawn again."""

    __tablename__ = "result_figure"

    result_id: Mapped[int] = mapped_column(sa.ForeignKey("result.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))


class EvaluationTask(Base):
    """An evaluation somebody asked for, done beside the pages: how far it is and how it ended.

    No record of the laboratory: what is kept for ever is the result it ends in.
    """

    __tablename__ = "evaluation_task"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("run.id"), index=True)
    job_id: Mapped[int] = mapped_column(sa.ForeignKey("job.id"))
    state: Mapped[str] = mapped_column(sa.String(20), default="queued", index=True)  # see OPEN and ENDED
    stage: Mapped[str] = mapped_column(sa.String(20), default="")  # see STAGES
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    beat_at: Mapped[datetime]  # the last sign of life of whoever works on it
    ended_at: Mapped[datetime | None]
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    sentence_en: Mapped[str] = mapped_column(sa.Text, default="")  # why it failed
    sentence_zh: Mapped[str] = mapped_column(sa.Text, default="")
    result_id: Mapped[int | None] = mapped_column(sa.ForeignKey("result.id"))

    run: Mapped[Run] = relationship(lazy="joined")
    job: Mapped[Job] = relationship(lazy="joined")
    asked_by: Mapped[Person] = relationship(lazy="joined")
    result: Mapped[Result | None] = relationship()


STAGES = ("read", "compute", "draw", "record")
OPEN = ("queued", "running")
ENDED = ("done", "failed", "cancelled", "lost")
