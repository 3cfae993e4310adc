"""Verbs about a task that was entered: changed while nothing was sampled for it, and closed."""

from __future__ import annotations

from dataclasses import asdict

from lims.errors import Refused
from lims.laboratory import Work
from lims.sampling import queries
from lims.sampling.models import SamplingTask
from lims.sampling.operations import TaskForm, require_possible_task
from lims.sampling.queries import DONE

KIND = "task"
LONGEST = 2000


def change(work: Work, number: str, form: TaskForm) -> SamplingTask:
    """Write a task anew. `Refused` once a sample was taken or signed for: its sheet names the task as it was."""
    work.actor.require("sampling.order")
    task = queries.task_by_number(work.session, number)
    _require_open(task)
    taken = next((one for one in queries.records_of(work.session, task) if one.state in DONE or one.touched), None)
    if taken is not None:
        raise Refused(
            f"{taken.number} was sampled for {number} already; the task can be closed, not changed.",
            f"{number} 已有抽样单 {taken.number}，不能再修改，只能办结。",
        )
    require_possible_task(form)
    stated = asdict(form) | {"tests": " ".join(dict.fromkeys(form.tests))}
    before = {name: getattr(task, name) for name in stated}
    changed = [name for name, value in stated.items() if before[name] != value]
    if not changed:
        return task
    for name in changed:
        setattr(task, name, stated[name])
    work.session.flush()
    work.record(
        KIND, number, "change", changed=changed, before={name: str(before[name]) for name in changed},
        after={name: str(stated[name]) for name in changed},
    )  # fmt: skip
    return task


def close(work: Work, number: str, reason: str = "") -> SamplingTask:
    """Nothing more is sampled for a task; one that is incomplete needs a reason."""
    work.actor.require("sampling.order")
    task = queries.task_by_number(work.session, number)
    _require_open(task)
    records = queries.records_of(work.session, task)
    draft = next((one for one in records if one.state == "draft"), None)
    if draft is not None:
        raise Refused(
            f"{draft.number} is still a draft; sign it or cancel it first.",
            f"{draft.number} 仍为草稿；请先签字或作废。",
        )
    done, why = queries.progress(records), reason.strip()[:LONGEST]
    if (done.companies < task.companies or done.samples < task.samples) and not why:
        raise Refused(
            f"{done.companies} of {task.companies} companies and {done.samples} of {task.samples} samples were "
            f"sampled; say why {number} is closed.",
            f"已抽 {done.companies}/{task.companies} 家、{done.samples}/{task.samples} 批次；请填写提前办结的理由。",
            code="reason",
        )
    task.closed_on, task.closed_because = work.today, why
    work.session.flush()
    work.record(KIND, number, "close_task", reason=why, companies=done.companies, samples=done.samples)
    return task


def _require_open(task: SamplingTask) -> None:
    if task.closed_on:
        raise Refused(
            f"{task.number} was closed on {task.closed_on} already.", f"{task.number} 此前已于 {task.closed_on} 办结。"
        )
