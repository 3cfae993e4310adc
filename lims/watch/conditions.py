"""How the test of a run under way stands, by the functions of its own method on what is recorded and shown so far.

The record is put together and corrected as for an evaluation (`record_of`), and asked of `Method.watch`; nothing of it
is kept. What is counted here is what the evaluation of the sealed run will count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from lims.errors import BadInput, HeliobenchError, Sentence
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.laboratory import Laboratory
from lims.limits.tables import table
from lims.results.evaluation import Inputs, Series, record_of
from lims.results.operations import excluded_of
from lims.runs import spooled
from lims.runs.models import Run
from lims.runs.queries import calibrations_of
from lims.watch.board import Board
from protocols.method import Method, NotEvaluable, methods
from protocols.watch import Watched

KEPT = 8  # answers; each keeps a record of some megabytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How a test stands, or the sentence why that cannot be told; ``method`` None where there is none."""

    method: Method | None
    watched: Watched | None
    why: Sentence | None


def judge(laboratory: Laboratory, session: Session, board: Board) -> Judged | None:
    """How the test of the run on a board stands; None where no run is under way."""
    if board.run is None or board.state == "idle":
        return None
    method = methods().get(board.run.job.method_id)
    if method is None or method.watch is None:
        return Judged(method=method, watched=None, why=_UNWATCHED)
    question = _question(laboratory, session, board, board.run, method)
    if not question.series.time.size:
        return Judged(method=method, watched=None, why=_NOTHING)
    try:
        return Judged(method=method, watched=_answer(question), why=None)
    except (HeliobenchError, NotEvaluable) as refused:
        return Judged(method=method, watched=None, why=Sentence(refused.sentence_en, refused.sentence_zh))


_UNWATCHED = Sentence(
    "The conditions of this method cannot be watched while it is recorded; they are judged by the evaluation.",
    "该方法的条件不能在记录时监视，将在计算时判定。",
)
_NOTHING = Sentence("Nothing has been recorded yet.", "尚无记录。")


@dataclass(frozen=True)
class _Question:
    """What an answer depends on, as a key, and what it is computed from."""

    key: tuple[object, ...]
    series: Series = field(compare=False)
    given: Inputs = field(compare=False)
    watch: Callable[..., Watched] | None = field(compare=False)


def _question(laboratory: Laboratory, session: Session, board: Board, run: Run, method: Method) -> _Question:
    equipment = {symbol: one.equipment for one in board.bench.instruments for symbol in one.channels}
    calibrations = tuple(calibrations_of(session, set(equipment.values())))
    item = items.as_method_input(item_queries.of_job(session, run.job), method)
    limits = table(session, method.limit_table, method.reference)
    shown = spooled.so_far(laboratory.store, run, board.live, board.bench.units)
    series = Series(shown.time, shown.values, board.bench.units, equipment, run.head)
    given = Inputs(
        run=run.number, segments=(), calibrations=calibrations, item=item, item_uncertainties=(), limits=limits,
        method=method, zone=laboratory.settings.time_zone, excluded=tuple(excluded_of(run)),
    )  # fmt: skip
    last = board.live.scans[-1].seq if board.live and board.live.scans else 0
    key = (
        str(laboratory.store.folder),
        run.number,
        run.head,
        last,
        method.id,
        _frozen(item),
        calibrations,
        given.excluded,
        id(limits),
    )
    return _Question(key, series, given, method.watch)


def _frozen(item: Mapping[str, Any]) -> str:
    return json.dumps(item, sort_keys=True)


@lru_cache(maxsize=KEPT)
def _answer(question: _Question) -> Watched:
    given, watch = question.given, question.watch
    if watch is None:
        raise BadInput(_UNWATCHED.en, _UNWATCHED.zh)
    record, _ = record_of(question.series, given)
    return watch(record=record, item=given.item, limits=given.limits)
