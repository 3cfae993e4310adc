"""Verbs about results: evaluate a sealed run, then submit, review, authorise, send back, void."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from lims.canonical import canonical_json
from lims.clock import iso
from lims.errors import BadInput, Refused, Sentence, refuse
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.laboratory import Laboratory, Work
from lims.limits import tables as limit_tables
from lims.orders import operations as orders
from lims.orders import queries as order_queries
from lims.orders import sampled
from lims.orders.models import Job
from lims.parties import queries as party_queries
from lims.permissions import Actor
from lims.results import queries
from lims.results.evaluation import Excluded, compose_inputs, evaluate, method_named, series
from lims.results.figures import figures
from lims.results.models import Result, ResultFigure, ResultValue
from lims.runs import queries as run_queries
from lims.runs.models import Run
from lims.workflow import JOB, RESULT, Facts, not_the_sampler, refusal
from protocols.method import NotEvaluable, Outcome, outcome_to_dict

ACTIVITY = {"submit": "test", "review": "review", "authorise": "authorise"}


Progress = Callable[[str], None]  # told each stage as it begins; may raise to give up before anything is recorded


def _silent(_stage: str) -> None:
    """Nobody asks how far it is."""


def require_evaluable(
    laboratory: Laboratory, actor: Actor, run_number: str, *, job_number: str = ""
) -> tuple[Run, Job]:
    """The sealed run and the job by whose method it is evaluated; raises what `evaluate_run` would at its beginning."""
    actor.require("result.record")
    with laboratory.database.read() as session:
        run = run_queries.by_number(session, run_number)
        job = _job(session, run, job_number)
        refuse(not_the_sampler(job, actor, sampled.told(session, job, actor.id, Facts())))
        if job.state == "planned":
            refuse(refusal(JOB, "use_record", job, actor, _facts(session, job, actor, laboratory.today)))
        return run, job


def evaluate_run(
    laboratory: Laboratory, actor: Actor, run_number: str, *, job_number: str = "", progress: Progress = _silent
) -> Result:
    """Evaluate a sealed run by its job's method and record the result with everything needed to make it again.

    ``job_number``: another job on the same item, by whose method the same record is evaluated; a planned one then
    needs no run of its own. Everything else stays as it is: competence for that method, three people, its own report.

    The computing and drawing is done between two transactions, so that nobody waits for it: a sealed run never
    changes, and the inputs are kept as they were read.
    Raises `Refused` for a run that is not sealed or a missing calibration, `BadInput` if the record cannot be
    evaluated, in the method's own words.
    """
    progress("read")
    require_evaluable(laboratory, actor, run_number, job_number=job_number)
    with laboratory.database.read() as session:
        run = run_queries.by_number(session, run_number)
        segments = run_queries.segment_bytes(laboratory.store, run)
        inputs = _inputs(session, run, _job(session, run, job_number), segments, laboratory.settings.time_zone)
    progress("compute")
    try:
        outcome = evaluate(inputs, segments)
    except NotEvaluable as refused:
        raise BadInput(refused.sentence_en, refused.sentence_zh, code=refused.clause) from refused
    told = outcome_to_dict(outcome)
    progress("draw")
    drawn = figures(told, language=None)
    progress("record")
    with laboratory.work(actor) as work:
        run = run_queries.by_number(work.session, run_number, lock=True)
        job = _job(work.session, run, job_number)
        _use_record(work, job, run)
        return _record(work, run, job, inputs, outcome, told, drawn)


def _job(session: Session, run: Run, number: str) -> Job:
    """The job by whose method a sealed run is evaluated: its own, or another on the same item."""
    _require_sealed(run)
    job = order_queries.job_by_number(session, number) if number else run.job
    orders.require_method(job)
    if job.item_id != run.job.item_id:
        raise BadInput(
            f"{run.number} was recorded on another item than that of {job.number}.",
            f"{run.number} 记录的不是 {job.number} 的样品。",
        )
    if job.id != run.job_id and job.state not in ("planned", "measured"):
        raise Refused(
            f"{job.number} is '{job.state}'; the record of another job is evaluated for a job that is planned or "
            "measured.",
            f"{job.number} 当前状态不能采用其他任务的记录；须为已排期或测量完毕的任务。",
        )
    return job


def _use_record(work: Work, job: Job, run: Run) -> None:
    """A planned job that needs no run of its own is measured with the record it is evaluated from."""
    if job.state != "planned":
        return
    facts = _facts(work.session, job, work.actor, work.today)
    orders.act_on_job(work, job.number, "use_record", facts, run=run.number)


def _facts(session: Session, job: Job, actor: Actor, day: date) -> Facts:
    able = party_queries.is_competent(session, person_id=actor.id, method_id=job.method_id, activity="test", day=day)
    return sampled.told(session, job, actor.id, Facts(competent=able))


def _require_sealed(run: Run) -> None:
    if run.state != "sealed":
        raise Refused(
            f"{run.number} is '{run.state}'; only a sealed run is evaluated.", f"{run.number} 尚未封存，不能计算。"
        )


def _inputs(session: Session, run: Run, job: Job, segments: list[bytes], zone: str) -> dict[str, Any]:
    item, method = item_queries.of_job(session, job), method_named(job.method_id)
    mapped = run.file.map if run.file else None
    numbers = set((mapped.equipment if mapped else series(segments).equipment).values())
    try:
        return compose_inputs(
            run=run.number,
            segments=[segment.sha256 for segment in run.segments],
            calibrations=run_queries.calibrations_of(session, numbers),
            item=items.as_method_input(item, method),
            item_uncertainties=items.uncertainties_of(item, method),
            method=method,
            limits=limit_tables.table(session, method.limit_table, method.reference),
            zone=zone,
            file=mapped,
            excluded=excluded_of(run),
        )
    except NotEvaluable as refused:
        raise BadInput(refused.sentence_en, refused.sentence_zh, code=refused.clause) from refused


def excluded_of(run: Run) -> list[Excluded]:
    """The intervals that the run's people left out, as the evaluation takes them."""
    return [
        Excluded(first=iso(one.first_at), last=iso(one.last_at), reason=one.text, by=one.made_by.name_zh)
        for one in run.standing_marks
        if one.kind == "exclude"
    ]


def _record(
    work: Work,
    run: Run,
    job: Job,
    inputs: dict[str, Any],
    outcome: Outcome,
    told: dict[str, object],
    drawn: dict[str, bytes],
) -> Result:
    if work.actor.id is None:
        raise Refused("A named person records a result.", "结果须由具名人员记录。")
    result = Result(
        number=work.number("JG"), job_id=job.id, run_id=run.id, method_id=inputs["method"],
        software_version=inputs["software"], inputs_sha256=work.store.put(canonical_json(inputs)),
        outcome_sha256=work.store.put(canonical_json(told), compress=True), recorded_at=work.now,
        tested_by_id=work.actor.id,
    )  # fmt: skip
    result.values = [
        ResultValue(
            position=position, symbol=one.symbol, unit=one.unit, value=one.value,
            standard_uncertainty=one.standard_uncertainty, expanded_uncertainty=one.expanded_uncertainty,
        )
        for position, one in enumerate(outcome.coefficients)
    ]  # fmt: skip
    result.figures = [ResultFigure(name=name, sha256=work.store.put(svg)) for name, svg in drawn.items()]
    work.session.add(result)
    work.session.flush()
    work.record(
        "result", result.number, "record", target=result.state, job=job.number, run=run.number,
        inputs=result.inputs_sha256, outcome=result.outcome_sha256,
    )  # fmt: skip
    return result


def act(work: Work, number: str, action: str, reason: str = "") -> Result:
    """Any action of the result's machine; who did it and when is kept with the result."""
    result = queries.by_number(work.session, number)
    able = action not in ACTIVITY or party_queries.is_competent(
        work.session, person_id=work.actor.id, method_id=result.method_id, activity=ACTIVITY[action], day=work.today
    )
    if action in ACTIVITY and result.state != "authorised" and result.job.state == "done":
        raise Refused(
            f"{result.job.number} already has an authorised result; {number} is kept for comparison.",
            f"{result.job.number} 已有批准的结果；{number} 仅供比对。",
        )
    facts = sampled.told(work.session, result.job, work.actor.id, Facts(reason=reason, competent=able))
    work.move(RESULT, action, result, facts, outcome=result.outcome_sha256)
    _sign_for(work, result, action)
    work.session.flush()
    work.session.refresh(result)
    return result


def reopen(work: Work, job_number: str, reason: str) -> Job:
    """A finished job is evaluated again: a later authorised result takes the place of the one there is.

    Both results stay. A report that was issued stays in force until its amendment is issued.
    """
    job = order_queries.job_by_number(work.session, job_number)
    orders.require_method(job)
    return orders.act_on_job(work, job_number, "reopen", Facts(reason=reason))


def take_back(work: Work, job_number: str, reason: str) -> Job:
    """A job that was reopened by mistake is done again, by the signatures it had; only while nothing was recorded."""
    job = order_queries.job_by_number(work.session, job_number)
    against = tuple(_against_taking_back(work.session, job))
    return orders.act_on_job(work, job_number, "take_back", Facts(reason=reason, missing=against))


def _against_taking_back(session: Session, job: Job) -> Iterator[Sentence]:
    position = queries.reopened(session, job)
    if position is None:
        yield Sentence(
            f"{job.number} was not reopened; there is nothing to take back.",
            f"{job.number} 并未转入重新计算，无可撤销。",
        )
        return
    since = queries.recorded_since(session, job, position)
    if since:
        yield Sentence(
            f"It is too late to take the reopening of {job.number} back: something was recorded since "
            f"({', '.join(since)}). The job is finished again by authorising a result.",
            f"{job.number} 转入重新计算后已有新的记录（{'、'.join(since)}），不能再撤销；须批准新的结果以完成该任务。",
        )
    elif queries.being_evaluated(session, job):
        yield Sentence(
            f"An evaluation for {job.number} is under way; cancel it first.",
            f"{job.number} 正在计算；请先取消该计算。",
        )


def _sign_for(work: Work, result: Result, action: str) -> None:
    if action == "submit":
        result.tested_at = work.now
    elif action == "review":
        result.reviewed_by_id, result.reviewed_at = work.actor.id, work.now
    elif action == "authorise":
        result.authorised_by_id, result.authorised_at = work.actor.id, work.now
        orders.act_on_job(work, result.job.number, "finish")
    elif action in ("send_back", "refer_back"):
        result.reviewed_by_id = result.reviewed_at = result.tested_at = None
