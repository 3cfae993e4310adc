"""Every steady interval of a record: which stretches of time meet a test's conditions, and why the others do not.

A stretch of `measuring_time` may begin at any sample. It is steady when it has no gap and no missing value and every
criterion holds; a criterion may ask for the preconditioning time before it as well. Of the stretches that overlap the
earliest is taken, then the earliest that begins after its end: the choice cannot depend on the result, and no other
choice gives more intervals.

Extremes of all stretches come from windows that double in length (after van Herk, Pattern Recognition Letters 13
(1992) 517: each sample is compared about log2(n) times), means from one cumulative sum: a day of one-second samples
takes some ten milliseconds.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from protocols.limits import Limit
from protocols.refusals import NotEvaluable
from protocols.symbols import quantity
from protocols.windows import Reason, Sieve, sample_interval

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_OURS = "Heliobench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One condition of steadiness.

    symbol: the column it is about.  kind: one of KINDS.  limit: the number with its unit and clause.
    preconditioned: whether it holds from the beginning of the preconditioning time on.
    """

    symbol: str
    kind: str
    limit: Limit
    preconditioned: bool = False


@dataclass(frozen=True, kw_only=True)
class Search:
    """What a search found.

    interval: s between samples.  first: row number at which each chosen interval begins, increasing.  rows: their row
    numbers, (intervals, samples).  sieve: one candidate for each row at which a stretch may begin; its `index` is the
    place of the first reason in its `refusals`, or -1.
    """

    interval: float
    first: NDArray[np.intp]
    rows: NDArray[np.intp]
    sieve: Sieve


def search(
    *,
    time: Array,
    columns: Mapping[str, Array],
    criteria: Sequence[Criterion],
    measuring_time: float,
    preconditioning_time: float = 0.0,
    needed: Sequence[str] = (),
) -> Search:
    """Find the steady intervals of a record.

    time: s, strictly increasing, with one sample interval (gaps allowed).  columns: symbol -> values; only those that
    a criterion or `needed` names are read.  measuring_time, preconditioning_time: s, rounded up to whole samples.
    Raises ValueError for an unknown kind, a column that is not there and a measuring time that is not positive.
    """
    _check(columns, criteria, needed, measuring_time, preconditioning_time)
    interval = sample_interval(time) if time.size > 1 else measuring_time
    stretch = _samples(measuring_time, interval)
    before = _samples(preconditioning_time, interval)
    sieve = Sieve(max(time.size - stretch + 1, 0))
    if time.size >= stretch:
        names = sorted({*needed, *(each.symbol for each in criteria)})
        finite = np.logical_and.reduce([np.isfinite(columns[name]) for name in names])
        _refuse_gaps(sieve, time, interval, stretch, before)
        _refuse_missing(sieve, finite, stretch)
        _refuse_unsteady(sieve, columns, finite, criteria, stretch, before)
    first = _earliest(np.flatnonzero(sieve.passed), stretch)
    return Search(interval=interval, first=first, rows=first[:, None] + np.arange(stretch), sieve=sieve)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one criterion stands for the stretch that ends a record.

    value: what is compared, of the samples there are.  full: whether they are as many as the criterion is about.
    """

    criterion: Criterion
    value: float
    holds: bool
    full: bool
    reason: Reason


def standing(
    *,
    time: Array,
    columns: Mapping[str, Array],
    criteria: Sequence[Criterion],
    measuring_time: float,
    preconditioning_time: float = 0.0,
) -> tuple[Standing, ...]:
    """Tell of every criterion how the stretch stands that ends with the last sample, by the rules of `search`.

    Where the record has a gap or a missing value, only what came after it is looked at.
    Raises ValueError as `search` does.
    """
    _check(columns, criteria, (), measuring_time, preconditioning_time)
    interval = sample_interval(time) if time.size > 1 else measuring_time
    stretch, before = _samples(measuring_time, interval), _samples(preconditioning_time, interval)
    return tuple(_standing(each, time, columns, interval, stretch + before * each.preconditioned) for each in criteria)


def _standing(each: Criterion, time: Array, columns: Mapping[str, Array], interval: float, samples: int) -> Standing:
    values = columns[each.symbol][-samples:]
    step = np.diff(time[-samples:])
    broken = np.flatnonzero((step > 1.5 * interval) | (step < 0.5 * interval))
    lacking = np.flatnonzero(~np.isfinite(values))
    whole = values[max([0, *(broken[-1:] + 1), *(lacking[-1:] + 1)]) :]
    if not whole.size:
        return Standing(criterion=each, value=math.nan, holds=False, full=True, reason=_missing())
    seen = _Stretches(whole, whole.size)
    kind = KINDS[each.kind]
    return Standing(
        criterion=each,
        value=float(kind.shown(seen)[0]),
        holds=bool(kind.holds(seen, each.limit.value)[0]),
        full=whole.size == samples,
        reason=_unsteady(each),
    )


def sliding_most(values: Array, samples: int) -> Array:
    """Give the largest of each `samples` neighbours; NaN where one of them is."""
    return _sliding(np.maximum, values, samples)


def sliding_least(values: Array, samples: int) -> Array:
    """Give the smallest of each `samples` neighbours; NaN where one of them is."""
    return _sliding(np.minimum, values, samples)


def sliding_mean(values: Array, samples: int) -> Array:
    """Give the mean of each `samples` neighbours; the values must be finite."""
    middle = float(values.mean())
    total = np.concatenate(([0.0], np.cumsum(values - middle)))  # about the middle: little is lost in the long sum
    return np.asarray((total[samples:] - total[:-samples]) / samples + middle)


def _sliding(extreme: np.ufunc, values: Array, samples: int) -> Array:
    width, best = 1, values
    while 2 * width <= samples:
        best = extreme(best[:-width], best[width:])
        width *= 2
    rest = samples - width
    return np.asarray(extreme(best[: best.size - rest], best[rest:]))


@dataclass(frozen=True)
class _Stretches:
    """One column seen through every stretch of a number of samples."""

    values: Array
    samples: int

    @cached_property
    def mean(self) -> Array:
        return sliding_mean(self.values, self.samples)

    @cached_property
    def most(self) -> Array:
        return sliding_most(self.values, self.samples)

    @cached_property
    def least(self) -> Array:
        return sliding_least(self.values, self.samples)

    @property
    def deviation(self) -> Array:
        return np.maximum(self.most - self.mean, self.mean - self.least)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A way to compare a stretch with a limit, and how to say that it failed."""

    holds: Callable[[_Stretches, float], Flags]
    shown: Callable[[_Stretches], Array]  # the value that people compare with the limit
    least: bool  # whether the limit is the least value
    english: str
    chinese: str
    name_en: str
    name_zh: str


KINDS = {
    "deviation": _Kind(
        holds=lambda s, limit: s.deviation <= limit,
        shown=lambda s: s.deviation,
        least=False,
        english="leaves its mean by more than",
        chinese="偏离均值超过",
        name_en="deviation from its mean",
        name_zh="相对均值的偏差",
    ),
    "relative deviation": _Kind(
        holds=lambda s, limit: s.deviation <= limit * np.abs(s.mean),
        shown=lambda s: np.divide(s.deviation, np.abs(s.mean), out=np.full_like(s.mean, np.inf), where=s.mean != 0),
        least=False,
        english="leaves its mean by more than",
        chinese="偏离均值超过",
        name_en="relative deviation from its mean",
        name_zh="相对均值的相对偏差",
    ),
    "range": _Kind(
        holds=lambda s, limit: s.most - s.least <= limit,
        shown=lambda s: s.most - s.least,
        least=False,
        english="varies by more than",
        chinese="变化幅度超过",
        name_en="range",
        name_zh="变化幅度",
    ),
    "minimum": _Kind(
        holds=lambda s, limit: s.least >= limit,
        shown=lambda s: s.least,
        least=True,
        english="falls below",
        chinese="低于",
        name_en="lowest value",
        name_zh="最低值",
    ),
    "maximum": _Kind(
        holds=lambda s, limit: s.most <= limit,
        shown=lambda s: s.most,
        least=False,
        english="rises above",
        chinese="高于",
        name_en="highest value",
        name_zh="最高值",
    ),
    "mean at least": _Kind(
        holds=lambda s, limit: s.mean >= limit,
        shown=lambda s: s.mean,
        least=True,
        english="is in the mean below",
        chinese="均值低于",
        name_en="mean",
        name_zh="均值",
    ),
    "mean at most": _Kind(
        holds=lambda s, limit: s.mean <= limit,
        shown=lambda s: s.mean,
        least=False,
        english="is in the mean above",
        chinese="均值高于",
        name_en="mean",
        name_zh="均值",
    ),
}


def _check(
    columns: Mapping[str, Array],
    criteria: Sequence[Criterion],
    needed: Sequence[str],
    measuring_time: float,
    preconditioning_time: float,
) -> None:
    for each in criteria:
        if each.kind not in KINDS:
            raise ValueError(f"{each.kind!r} is no kind of criterion; choose one of {', '.join(KINDS)}.")
    for symbol in (*needed, *(each.symbol for each in criteria)):
        if symbol not in columns:
            raise ValueError(f"there is no column {symbol} to look for steady intervals in; add it.")
    if not needed and not criteria:
        raise ValueError("a search needs at least one criterion or one needed column.")
    if not (measuring_time > 0 and preconditioning_time >= 0 and math.isfinite(measuring_time + preconditioning_time)):
        raise ValueError("the measuring time must be above zero and the preconditioning time not below it, both in s.")


def _samples(duration: float, interval: float) -> int:
    return math.ceil(duration / interval - 1e-6)


def _inside(count_from: NDArray[np.intp], samples: int) -> NDArray[np.intp]:
    """Count the marks in each stretch from their running count, which begins with 0."""
    return np.asarray(count_from[samples:] - count_from[:-samples])


def _running(marks: Flags) -> NDArray[np.intp]:
    return np.concatenate((np.zeros(1, dtype=np.intp), np.cumsum(marks)))


def _refuse_gaps(sieve: Sieve, time: Array, interval: float, stretch: int, before: int) -> None:
    """A step longer than one and a half intervals, or one much too short, breaks a stretch of even samples."""
    step = np.diff(time)
    broken = _running((step > 1.5 * interval) | (step < 0.5 * interval))
    sieve.refuse(_inside(broken, stretch - 1) > 0 if stretch > 1 else np.zeros(time.size, dtype=bool), _gap())
    lead = np.ones(time.size - stretch + 1, dtype=bool)
    if before:
        lead[before:] = _inside(broken, before + stretch - 1)[: lead.size - before] > 0
        sieve.refuse(lead, _lead())


def _refuse_missing(sieve: Sieve, finite: Flags, stretch: int) -> None:
    if not finite.all():
        sieve.refuse(_inside(_running(~finite), stretch) > 0, _missing())


def _refuse_unsteady(
    sieve: Sieve,
    columns: Mapping[str, Array],
    finite: Flags,
    criteria: Sequence[Criterion],
    stretch: int,
    before: int,
) -> None:
    seen: dict[tuple[str, int], _Stretches] = {}
    for each in criteria:
        lead = before if each.preconditioned else 0
        key = (each.symbol, stretch + lead)
        if key not in seen:
            values = columns[each.symbol]
            seen[key] = _Stretches(values if finite.all() else np.where(finite, values, 0.0), stretch + lead)
        failed = np.zeros(columns[each.symbol].size - stretch + 1, dtype=bool)
        if failed.size > lead:
            failed[lead:] = ~KINDS[each.kind].holds(seen[key], each.limit.value)
            if lead and not finite.all():  # what lacks in the preconditioning time was not refused before
                failed[lead:] |= _inside(_running(~np.isfinite(columns[each.symbol])), stretch + lead) > 0
        sieve.refuse(failed, _unsteady(each))


def _earliest(passed: NDArray[np.intp], stretch: int) -> NDArray[np.intp]:
    chosen: list[int] = []
    place = 0
    while place < passed.size:
        chosen.append(int(passed[place]))
        place = int(np.searchsorted(passed, passed[place] + stretch))
    return np.array(chosen, dtype=np.intp)


def points_of(*, found: Search, time: Array, columns: Mapping[str, Array]) -> dict[str, Array]:
    """Give the steady intervals as points of an outcome, each used: begin and duration [s], then the columns."""
    size = found.first.size
    return {
        "time": time[found.first] - found.interval / 2.0,
        "duration": np.full(size, found.rows.shape[1] * found.interval),
        **columns,
        "used": np.ones(size),
        "refusal": np.full(size, -1.0),
    }


def _gap() -> Reason:
    return Reason(
        code="gap",
        clause=_OURS,
        sentence_en="Samples are lacking within the interval.",
        sentence_zh="区间内缺少采样。",
    )


def _lead() -> Reason:
    return Reason(
        code="preconditioning",
        clause=_OURS,
        sentence_en="The record does not reach back over the preconditioning time without a gap.",
        sentence_zh="区间之前的预处理时间内记录不完整。",
    )


def _missing() -> Reason:
    return Reason(
        code="missing value",
        clause=_OURS,
        sentence_en="A value is missing within the interval.",
        sentence_zh="区间内有缺测值。",
    )


def _unsteady(criterion: Criterion) -> Reason:
    known, kind, limit = quantity(criterion.symbol), KINDS[criterion.kind], criterion.limit
    relative = criterion.kind == "relative deviation" or limit.unit == "1"
    shown = f"{100 * limit.value:g} %" if relative else f"{limit.value:g} {limit.unit}"
    when, when_zh = (" (preconditioning included)", "（含预处理）") if criterion.preconditioned else ("", "")
    return Reason(
        code=f"{criterion.symbol} {criterion.kind}",
        clause=limit.clause,
        sentence_en=f"The {known.name_en} {kind.english} {shown}{when}.",
        sentence_zh=f"{known.name_zh}{kind.chinese} {shown}{when_zh}。",
    )


def require_intervals(*, found: Search, least: float, clause: str) -> None:
    """Raise NotEvaluable, with the commonest reason, when a search found fewer intervals than needed."""
    if found.first.size >= least:
        return
    worst = max(found.sieve.refusals, key=lambda each: each.count, default=None)
    raise NotEvaluable(
        clause=clause,
        sentence_en=f"Only {found.first.size} steady intervals were found and at least {least:g} are needed; "
        + (f"most begin-times were refused because of this: {worst.sentence_en}" if worst else "measure longer."),
        sentence_zh=f"仅找到 {found.first.size} 个稳态区间，至少需要 {least:g} 个；"
        + (f"多数起始时刻被拒原因：{worst.sentence_zh}" if worst else "请延长测量。"),
    )
