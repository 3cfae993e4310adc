"""What is looked at before a run is started: lines that a person reads, by the sentences that refuse the start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from instruments.bench import Bench, Instrument
from lims.equipment import queries as equipment_queries
from lims.equipment.benches import bench_named
from lims.errors import Sentence
from lims.items import queries as item_queries
from lims.labels import state_label
from lims.orders import sampled
from lims.orders.models import Job
from lims.parties import queries as party_queries
from lims.permissions import Actor
from lims.runs import queries
from lims.workflow import ITEM, JOB, Facts, competent, not_the_sampler, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line: what was looked at, what stands against the start (None: nothing), and what is good to know."""

    name: Sentence
    refusal: Sentence | None = None
    told: Sentence | None = None


def checks(session: Session, job: Job, actor: Actor, today: date) -> tuple[Check, ...]:
    """Everything that is looked at before a job's run is started on its bench by this person today."""
    bench = bench_named(job.bench)
    return (
        _job(session, job, actor),
        _person(session, job, actor, today),
        _item(session, job, actor),
        _bench(session, bench),
        *(_instrument(session, one, today) for one in bench.instruments),
    )


def not_fit(session: Session, bench: Bench, today: date) -> Iterator[Sentence]:
    """Why instruments of a bench may not be used today."""
    found = (unfit(session, one, today) for one in bench.instruments)
    return (sentence for sentence in found if sentence is not None)


def runs_again(session: Session, job: Job) -> bool:
    """Whether all runs of a running job were aborted, so that it is started once more."""
    before = queries.of_job(session, job)
    return bool(before) and job.state == "running" and all(run.state == "aborted" for run in before)


def busy(session: Session, bench: str) -> Sentence | None:
    """The run that a bench has not finished: it can have only one."""
    run = queries.unfinished_on(session, bench)
    if run is None:
        return None
    return Sentence(
        f"Bench {bench} has an unfinished run, {run.number} of job {run.job.number}, started by "
        f"{run.started_by.name_en}; seal or abort it first.",
        f"试验台 {bench} 有未结束的试验记录 {run.number}（任务 {run.job.number}，由{run.started_by.name_zh}启动）；"
        "请先封存或中止该试验记录。",
    )


def other_bench(job: Job, scanned: str) -> Sentence | None:
    """Why a job cannot run on the bench that was scanned; None on its own, or where none was scanned."""
    if scanned in ("", job.bench):
        return None
    return Sentence(
        f"{job.number} is planned on bench {job.bench}, and you are at {scanned}: go there, or have the job planned "
        "anew.",
        f"{job.number} 排期在试验台 {job.bench}，而您扫描的是 {scanned}：请到该试验台，或重新排期。",
    )


def unfit(session: Session, instrument: Instrument, today: date) -> Sentence | None:
    """Why an instrument may not be used today; None if it may."""
    found = equipment_queries.of_numbers(session, [instrument.equipment])
    if not found:
        return Sentence(
            f"{instrument.equipment} ({instrument.name}) is not in the equipment register.",
            f"{instrument.equipment}（{instrument.name}）未在设备台账中登记。",
        )
    return equipment_queries.unfit(found[0], instrument.channels, today)


def _job(session: Session, job: Job, actor: Actor) -> Check:
    name = Sentence(f"Job {job.number}", f"检测任务 {job.number}")
    if runs_again(session, job):
        told = Sentence(
            "Its runs were aborted; it is recorded once more.", "该任务此前的试验记录均已中止；将重新记录。"
        )
        facts = sampled.told(session, job, actor.id, Facts())
        return Check(name=name, refusal=not_the_sampler(job, actor, facts), told=told)
    return Check(name=name, refusal=refusal(JOB, "start", job, actor, sampled.told(session, job, actor.id, Facts())))


def _person(session: Session, job: Job, actor: Actor, today: date) -> Check:
    able = actor.id is not None and party_queries.is_competent(
        session, person_id=actor.id, method_id=job.method_id, activity="test", day=today
    )
    told = None
    if job.assigned_to_id != actor.id:
        told = Sentence(
            f"The job is planned for {job.assigned_to.name_en}; the run will be in your name.",
            f"该任务排给{job.assigned_to.name_zh}；试验记录将记在您的名下。",
        )
    name = Sentence(f"{actor.name}: competence for {job.method_id}", f"{actor.name}：{job.method_id} 的检测能力")
    return Check(name=name, refusal=competent(job, actor, Facts(competent=able)), told=told)


def _item(session: Session, job: Job, actor: Actor) -> Check:
    item = item_queries.of_job(session, job)
    state = state_label("item", item.state)
    name = Sentence(f"Item {item.number}: {state.en}", f"样品 {item.number}：{state.zh}")
    return Check(name=name, refusal=None if item.state == "in_test" else refusal(ITEM, "start_test", item, actor))


def _bench(session: Session, bench: Bench) -> Check:
    name = Sentence(f"Bench {bench.name}: no unfinished run", f"试验台 {bench.name}：没有未结束的试验记录")
    return Check(name=name, refusal=busy(session, bench.name))


def _instrument(session: Session, instrument: Instrument, today: date) -> Check:
    name = Sentence(
        f"{instrument.name} {instrument.equipment}: in service, calibrated for {', '.join(instrument.channels)}",
        f"{instrument.name} {instrument.equipment}：在用，{'、'.join(instrument.channels)} 在校准有效期内",
    )
    return Check(name=name, refusal=unfit(session, instrument, today))
