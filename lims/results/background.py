"""Evaluations beside the pages: asked for, worked on with signs of life, given up on request, never done twice at once.

A task is done by the process that was asked (a thread of its own). When that process is killed nothing is half done:
a result is recorded in one transaction at the end. Its task gives no more signs of life, is called lost, and can be
asked for again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import HeliobenchError, NotFound, Refused, Sentence
from lims.laboratory import Laboratory
from lims.permissions import Actor
from lims.results import operations
from lims.results.models import OPEN, EvaluationTask, Result

BEAT = 5.0  # s between two signs of life
LOST_AFTER = {  # without a sign of life; ours. One that waits for its turn gives none.
    "running": timedelta(seconds=60),
    "queued": timedelta(minutes=15),
}
FAILED = Sentence(
    "Something failed on our side and was written to the log; no result was recorded. Tell the administrator the time.",
    "系统内部出错，已记入日志，未记录任何结果。请将发生时间告知系统管理员。",
)
LOST = Sentence(
    "The server was stopped while it computed; no result was recorded. Ask for the evaluation again.",
    "计算过程中服务器停止运行，未记录任何结果。请重新发起计算。",
)
log = logging.getLogger(__name__)


class Cancelled(Refused):
    """Somebody gave the evaluation up."""


class Evaluations:
    """The evaluations of this process, one after the other."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="evaluation")

    def start(self, task_id: int, actor: Actor) -> Future[Result | None]:
        """Work on a queued task; the future gives its result, or raises what `perform` raises."""
        return self._pool.submit(perform, self.laboratory, actor, task_id)


def ask(laboratory: Laboratory, actor: Actor, run_number: str, *, job_number: str = "") -> tuple[int, bool]:
    """The task that evaluates a run by a job's method, and whether it is new: one under way is not asked for twice.

    Raises at once what stands against the evaluation from the beginning; see `operations.require_evaluable`.
    """
    run, job = operations.require_evaluable(laboratory, actor, run_number, job_number=job_number)
    with laboratory.database.write() as session:
        sweep(laboratory, session)
        # The row of the run is locked, so that two who ask at once get the same task on PostgreSQL, too.
        session.execute(sa.select(type(run).id).where(type(run).id == run.id).with_for_update())
        same = (EvaluationTask.run_id == run.id, EvaluationTask.job_id == job.id, EvaluationTask.state.in_(OPEN))
        known = session.scalar(sa.select(EvaluationTask.id).where(*same))
        if known is not None:
            return known, False
        now = laboratory.clock()
        task = EvaluationTask(run_id=run.id, job_id=job.id, asked_by_id=actor.id, asked_at=now, beat_at=now)
        session.add(task)
        session.flush()
        return task.id, True


def perform(laboratory: Laboratory, actor: Actor, task_id: int) -> Result | None:
    """Do a queued task; None if somebody else has it or it was given up before.

    Raises what the evaluation raises, once the task's row tells it, too.
    """
    run, job = _claim(laboratory, task_id)
    if not run:
        return None
    try:
        with _beating(laboratory, task_id):
            result = operations.evaluate_run(
                laboratory, actor, run, job_number=job, progress=lambda stage: _reach(laboratory, task_id, stage)
            )
    except Cancelled as given_up:
        _end(laboratory, task_id, "cancelled", sentence=given_up.sentence)
        return None
    except HeliobenchError as refused:
        _end(laboratory, task_id, "failed", sentence=refused.sentence)
        raise
    except Exception:
        log.exception("evaluation task %s", task_id)
        _end(laboratory, task_id, "failed", sentence=FAILED)
        raise
    _end(laboratory, task_id, "done", result_id=result.id)
    return result


def cancel(laboratory: Laboratory, actor: Actor, task_id: int) -> None:
    """Give a task up: at once if nobody works on it yet, else before its next stage; `Refused` if it has ended."""
    actor.require("result.record")
    with laboratory.database.write() as session:
        task = by_id(session, task_id, lock=True)
        if task.state not in OPEN:
            raise Refused("This evaluation has ended already.", "该计算已结束。")
        task.cancel_asked = True
        if task.state == "queued":
            task.state, task.ended_at = "cancelled", laboratory.clock()


def by_id(session: Session, task_id: int, *, lock: bool = False) -> EvaluationTask:
    """The task of this id; else `NotFound`."""
    select = sa.select(EvaluationTask).where(EvaluationTask.id == task_id)
    found = session.scalar(select.with_for_update(of=EvaluationTask) if lock else select)
    if found is None:
        raise NotFound("There is no such evaluation.", "没有该计算任务。")
    return found


def sweep(laboratory: Laboratory, session: Session) -> None:
    """Call those lost that gave no sign of life for long."""
    now = laboratory.clock()
    told = {"state": "lost", "ended_at": now, "sentence_en": LOST.en, "sentence_zh": LOST.zh}
    for state, patience in LOST_AFTER.items():
        silent = (EvaluationTask.state == state, EvaluationTask.beat_at < now - patience)
        session.execute(sa.update(EvaluationTask).where(*silent).values(told))


def _claim(laboratory: Laboratory, task_id: int) -> tuple[str, str]:
    with laboratory.database.write() as session:
        task = by_id(session, task_id, lock=True)
        if task.state != "queued":
            return "", ""
        task.state, task.beat_at = "running", laboratory.clock()
        return task.run.number, task.job.number


def _reach(laboratory: Laboratory, task_id: int, stage: str) -> None:
    with laboratory.database.write() as session:
        task = by_id(session, task_id, lock=True)
        if task.cancel_asked:
            raise Cancelled("The evaluation was given up; nothing was recorded.", "计算已取消，未记录任何结果。")
        task.stage, task.beat_at = stage, laboratory.clock()


def _end(
    laboratory: Laboratory, task_id: int, state: str, *, sentence: Sentence | None = None, result_id: int | None = None
) -> None:
    with laboratory.database.write() as session:
        task = by_id(session, task_id, lock=True)
        task.state, task.ended_at, task.result_id = state, laboratory.clock(), result_id
        if sentence is not None:
            task.sentence_en, task.sentence_zh = sentence.en, sentence.zh


@contextmanager
def _beating(laboratory: Laboratory, task_id: int) -> Iterator[None]:
    """Signs of life while a long stage is under way."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT):
            with laboratory.database.write() as session:
                session.execute(
                    sa.update(EvaluationTask).where(EvaluationTask.id == task_id).values(beat_at=laboratory.clock())
                )

    thread = threading.Thread(target=beat, name=f"beat-{task_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
