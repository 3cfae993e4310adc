"""Questions about runs, and the columns of their sealed spools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.equipment import queries as equipment_queries
from lims.equipment.benches import bench_named
from lims.errors import NotFound, Sentence
from lims.orders.models import Job
from lims.runs.correction import Calibrated
from lims.runs.dryrun import Known
from lims.runs.filemap import FileMap
from lims.runs.models import UNFINISHED, Run, RunFile
from lims.store import Store
from protocols.method import methods

MOST_CHOICES = 40  # jobs offered at once; ours


def by_number(session: Session, number: str, *, lock: bool = False) -> Run:
    """The run of this number; else `NotFound`. ``lock`` keeps other writers waiting until the transaction ends."""
    select = sa.select(Run).where(Run.number == number)
    found = session.scalar(select.with_for_update(of=Run) if lock else select)
    if found is None:
        raise NotFound(f"There is no run {number}.", f"没有编号为 {number} 的试验记录。")
    return found


def of_job(session: Session, job: Job) -> Sequence[Run]:
    """The runs of a job, oldest first."""
    return session.scalars(sa.select(Run).where(Run.job_id == job.id).order_by(Run.id)).all()


def usable_for(session: Session, job: Job) -> Sequence[Run]:
    """The sealed runs of other jobs on the job's item, which it may be evaluated from, newest first."""
    select = sa.select(Run).join(Job, Run.job_id == Job.id)
    others = select.where(Job.item_id == job.item_id, Run.job_id != job.id, Run.state == "sealed")
    return session.scalars(others.order_by(Run.id.desc())).all()


def latest_on(session: Session, bench: str) -> Run | None:
    """The last run that was recorded on a bench; an imported file says nothing of the bench now."""
    recorded = sa.select(Run).where(Run.bench == bench, ~sa.exists().where(RunFile.run_id == Run.id))
    return session.scalar(recorded.order_by(Run.id.desc()).limit(1))


def recorded_since(session: Session, moment: datetime) -> Sequence[Run]:
    """The runs that a bench has recorded on its own clock since a moment, or is recording, the newest first."""
    going_on = sa.or_(Run.state.in_(UNFINISHED), Run.last_scan_at >= moment)
    select = sa.select(Run).where(Run.clock == "system", Run.state != "aborted", going_on)
    return session.scalars(select.order_by(Run.id.desc())).all()


def unfinished_on(session: Session, bench: str) -> Run | None:
    """The run of a bench that is prepared or recording; there is at most one."""
    select = sa.select(Run).where(Run.bench == bench, Run.state.in_(UNFINISHED))
    return session.scalars(select.order_by(Run.id).limit(1)).first()


def startable(session: Session, *, item_id: int | None = None, person_id: int | None = None) -> Sequence[Job]:
    """The jobs that wait for a run on a bench: planned ones, and running ones whose runs were all aborted."""
    open_run = sa.select(Run.id).where(Run.job_id == Job.id, Run.state != "aborted").exists()
    waiting = sa.or_(Job.state == "planned", sa.and_(Job.state == "running", ~open_run))
    select = sa.select(Job).where(Job.method_id != "", waiting)
    if item_id is not None:
        select = select.where(Job.item_id == item_id)
    if person_id is not None:
        select = select.where(Job.assigned_to_id == person_id)
    return session.scalars(select.order_by(Job.planned_on, Job.id).limit(MOST_CHOICES)).all()


def segment_bytes(store: Store, run: Run) -> list[bytes]:
    """The bytes of every segment as the bench sent them, each checked against its SHA-256."""
    return [store.get(segment.sha256) for segment in run.segments]


def containing(run: Run, sequence: int) -> Iterable[str]:
    """SHA-256 of the segment that holds the scan of this number (none or one)."""
    return [one.sha256 for one in run.segments if one.first_sequence <= sequence <= one.last_sequence]


def holding(session: Session, sha256: str) -> Sequence[Run]:
    """The runs that were imported from a file of this digest, oldest first."""
    select = sa.select(Run).join(RunFile, RunFile.run_id == Run.id).where(RunFile.sha256 == sha256)
    return session.scalars(select.order_by(Run.id)).all()


def last_map(session: Session, bench: str) -> FileMap | None:
    """How the last file of a bench was read."""
    select = sa.select(RunFile).join(Run, RunFile.run_id == Run.id).where(Run.bench == bench)
    found = session.scalar(select.order_by(RunFile.run_id.desc()).limit(1))
    return found.map if found else None


def known_for(session: Session, job: Job, *, zone: str) -> Known:
    """What the laboratory knows before a file of a job is looked at: method, bench, how the last file was read."""
    method, bench = methods()[str(job.method_id)], bench_named(job.bench)
    return Known(
        needed=tuple(method.inputs),
        optional=tuple(symbol for symbol in method.optional_inputs if symbol not in method.inputs),
        equipment={symbol: one.equipment for one in bench.instruments for symbol in one.channels},
        previous=last_map(session, job.bench),
        zone=zone,
    )


def uncalibrated(session: Session, mapped: FileMap, first: datetime, last: datetime, zone: str) -> Iterator[Sentence]:
    """Instruments of a file without a valid calibration on its first or last day; an evaluation would be refused."""
    register = {one.number: one for one in equipment_queries.of_numbers(session, mapped.equipment.values())}
    days = sorted({moment.astimezone(ZoneInfo(zone)).date() for moment in (first, last)})
    for symbol, number in mapped.equipment.items():
        calibrations = register[number].calibrations if number in register else []
        for day in days:
            if not any(one.symbol == symbol and one.calibrated_on <= day <= one.due_on for one in calibrations):
                yield Sentence(
                    f"{number} has no calibration of {symbol} valid on {day}: the evaluation will be refused until its "
                    "certificate is entered.",
                    f"{number} 在 {day} 没有 {symbol} 的有效校准：录入证书之前无法计算。",
                )
                break


def calibrations_of(session: Session, numbers: set[str]) -> list[Calibrated]:
    """Every calibration of these instruments; which of them counts is decided by the day of each reading."""
    return [
        Calibrated(
            equipment=equipment.number, certificate=one.certificate, symbol=one.symbol, unit=one.unit,
            calibrated_on=one.calibrated_on, due_on=one.due_on, c0=one.c0, c1=one.c1, range_low=one.range_low,
            range_high=one.range_high, uncertainty_absolute=one.uncertainty_absolute,
            uncertainty_relative=one.uncertainty_relative,
        )
        for equipment in equipment_queries.of_numbers(session, numbers)
        for one in equipment.calibrations
    ]  # fmt: skip
