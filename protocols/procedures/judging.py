"""The verdict of a manual test: pass, fail or not judged, and why.

The rules are ours (source "Heliobench"); the standards give the criteria and leave the bookkeeping open:
* A missing entry, two readings that differ, or a condition that was not kept: not judged (a condition can say "fail").
* A criterion that is not met fails. An observation (a leak was seen) needs no number and fails by itself.
* A limit that is not confirmed for the edition, or whose number nobody has found, neither passes nor fails: not judged,
  and `would_be` tells, for information, what the numbers as they stand would give.
* A test that was ended early because the item broke ("stopped" in the record) can fail with entries missing; it cannot
  pass.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from protocols.clauses import clause_zh
from protocols.limits import Limit
from protocols.method import Note
from protocols.procedures.entries import Entered, Gap, checked
from protocols.procedures.procedure import Bound, Derived, Entry, Observation, Procedure, Repetition, confirmed_for
from protocols.procedures.reasons import bound_notes, gap_note, limit_notes, observation_notes, stopped_note
from protocols.refusals import NotEvaluable

PASS, FAIL, NOT_JUDGED = "pass", "fail", "not judged"
_ROUNDING = 1e-12  # relative; ours: 1.5 x 0.6 is 0.9 and not a digit below it


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict on one filled-in record.

    verdict: "pass", "fail" or "not judged".  would_be: the verdict if every limit were confirmed as it stands; empty
    where that cannot be told.  reasons: why, in words, most important first.  unmet: entries whose condition was not
    kept.  missing: what is not there or contradicts itself, "symbol" or "symbol 3" with the row.  unconfirmed: limits
    that somebody must confirm first.  derived: numbers computed from the entries.  limits: those that were used.
    """

    procedure_id: str
    edition: str
    verdict: str
    would_be: str
    reasons: tuple[Note, ...]
    unmet: tuple[str, ...]
    missing: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    derived: Mapping[str, float]
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one comparison or observation says.

    met: None = it cannot be told.  otherwise: the verdict if it is not met.  sure: False where a limit is not
    confirmed.  condition: a condition of the test, not a criterion.
    """

    entry: str
    met: bool | None
    otherwise: str
    sure: bool = True
    condition: bool = False
    limits: tuple[Limit, ...] = ()
    notes: tuple[Note, ...] = ()


def judge(procedure: Procedure, record: Mapping[str, object], limits: Mapping[str, Limit]) -> Judgement:
    """Judge a filled-in record of a manual test.

    record: entries by symbol, a list of rows for each repetition, numbers in the units of the procedure, those
    entered twice as two numbers; optionally "stopped".  limits: the procedure's limit table.
    Raises NotEvaluable for a procedure outside our scope, a record that has unknown or impossible entries, and a limit
    table that lacks a limit; ValueError for a limit whose unit is not that of its entry.
    """
    if procedure.scope_en:
        raise NotEvaluable(
            clause="Heliobench, scope",
            sentence_en=f"{procedure.title_en} is not offered here: {procedure.scope_en}",
            sentence_zh=f"本系统不提供{procedure.title_zh}：{procedure.scope_zh}",
        )
    entered = checked(procedure, record)
    derived = {one.symbol: _derived(one, entered) for one in procedure.derived}
    findings = tuple(_findings(procedure, entered, derived, limits))
    return Judgement(
        procedure_id=procedure.id,
        edition=procedure.edition,
        verdict=_verdict(findings, entered, only_sure=True),
        would_be=_would_be(findings, entered),
        reasons=tuple(_reasons(findings, entered)),
        unmet=_names(one for one in findings if one.condition and one.met is False),
        missing=tuple(_place(gap) for gap in entered.gaps),
        unconfirmed=_unconfirmed(findings, procedure.edition),
        derived={symbol: value for symbol, value in derived.items() if value is not None},
        limits=tuple({each.symbol: each for one in findings for each in one.limits}.values()),
    )


# --- the verdict ---


def _verdict(findings: Sequence[Finding], entered: Entered, *, only_sure: bool) -> str:
    """Weigh the findings; `only_sure` leaves those open that rest on a limit nobody has confirmed."""
    settled = [one for one in findings if one.sure or not only_sure]
    failed = any(one.met is False and one.otherwise == FAIL for one in settled)
    spoilt = any(one.met is False and one.otherwise == NOT_JUDGED for one in settled)
    if spoilt or (entered.gaps and not entered.stopped):
        return NOT_JUDGED
    if failed:
        return FAIL
    complete = len(settled) == len(findings) and all(one.met for one in findings)
    return PASS if complete and not entered.gaps and not entered.stopped else NOT_JUDGED


def _would_be(findings: Sequence[Finding], entered: Entered) -> str:
    verdict = _verdict(findings, entered, only_sure=False)
    return "" if verdict == NOT_JUDGED else verdict


def _unconfirmed(findings: Sequence[Finding], edition: str) -> tuple[str, ...]:
    used = {each.symbol: each for one in findings for each in one.limits}
    return tuple(symbol for symbol, each in used.items() if not confirmed_for(each, edition))


def _names(findings: Iterator[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.entry for one in findings))


def _place(gap: Gap) -> str:
    return f"{gap.entry.symbol} {gap.row}" if gap.row else gap.entry.symbol


# --- the findings ---


def _findings(
    procedure: Procedure, entered: Entered, derived: Mapping[str, float | None], limits: Mapping[str, Limit]
) -> Iterator[Finding]:
    for observation in procedure.observations:
        yield _observed(observation, procedure, entered, limits)
    for bound in procedure.bounds:
        yield _bounded(bound, procedure, entered, derived, limits, condition=False)
    for bound in procedure.conditions:
        yield _bounded(bound, procedure, entered, derived, limits, condition=True)
    for repetition in procedure.repetitions:
        if repetition.least:
            yield _often_enough(repetition, procedure, entered, limits)


def _observed(observation: Observation, procedure: Procedure, entered: Entered, limits: Mapping[str, Limit]) -> Finding:
    seen, entry = entered.values[observation.entry], procedure.entry(observation.entry)
    met: bool | None = not any(value in observation.fails for value in seen)
    if met and (not seen or any(value is None or value in observation.undecided for value in seen)):
        met = None
    rule = (_limit(observation.rule, limits),) if observation.rule else ()
    return Finding(
        entry=entry.symbol,
        met=met,
        otherwise=FAIL,
        sure=met is False or (met is True and all(confirmed_for(each, procedure.edition) for each in rule)),
        limits=rule,
        notes=(*observation_notes(entry, seen, observation), *limit_notes(rule, procedure.edition)),
    )


def _bounded(
    bound: Bound,
    procedure: Procedure,
    entered: Entered,
    derived: Mapping[str, float | None],
    limits: Mapping[str, Limit],
    *,
    condition: bool,
) -> Finding:
    entry = procedure.entry(bound.entry)
    used = _used(bound, entered, limits)
    _require_units(bound, entry, used)
    values = (derived[bound.entry],) if bound.entry in derived else _numbers(bound, entered)
    target = _target(bound, entered, used)
    verdicts = [_kept(bound, value, target, used) for value in values]
    entered_rows = bound.entry in derived or entered.values[bound.entry]
    met = False if False in verdicts else (None if None in verdicts or not entered_rows else True)
    sure = all(confirmed_for(each, procedure.edition) for each in used)
    return Finding(
        entry=bound.entry,
        met=met,
        otherwise=bound.otherwise,
        sure=sure and met is not None,
        condition=condition,
        limits=used,
        notes=bound_notes(bound, entry, values, target, used, met, procedure.edition),
    )


def _often_enough(
    repetition: Repetition, procedure: Procedure, entered: Entered, limits: Mapping[str, Limit]
) -> Finding:
    limit, count = _limit(repetition.least, limits), entered.rows[repetition.symbol]
    met: bool | None = count >= limit.value if limit.established else None
    if met is False and entered.stopped:
        met = None
    sure = confirmed_for(limit, procedure.edition)
    english = f"{repetition.name_en}: {count} recorded, at least {limit.value:g} needed ({limit.clause})."
    chinese = f"{repetition.name_zh}：已记录 {count} 次，至少需要 {limit.value:g} 次（{clause_zh(limit.clause)}）。"
    notes = () if met is not False else (Note(code="too few", sentence_en=english, sentence_zh=chinese),)
    return Finding(
        entry=repetition.symbol,
        met=met,
        otherwise=NOT_JUDGED,
        sure=sure and met is not None,
        condition=True,
        limits=(limit,),
        notes=(*notes, *limit_notes((limit,), procedure.edition)),
    )


# --- numbers and their bounds ---


def _derived(derived: Derived, entered: Entered) -> float | None:
    if derived.kind == "highest passed":
        return _highest_passed(derived, entered)
    if derived.kind == "largest step":
        return _largest_step(entered.numbers(derived.of[0]))
    numbers = [number for symbol in derived.of for number in entered.numbers(symbol)[:1] if number is not None]
    if len(numbers) < len(derived.of):
        return None
    difference = numbers[0] - numbers[1]
    if derived.kind == "difference":
        return difference
    return difference / numbers[2] if numbers[2] else None


def _highest_passed(derived: Derived, entered: Entered) -> float | None:
    """Give the highest value with no "yes" at it or below, 0 if there is none, up to the row where the item broke."""
    passed = [0.0]
    marks = zip(*(entered.values[symbol] for symbol in derived.of[1:]), strict=True)
    for value, seen in zip(entered.numbers(derived.of[0]), marks, strict=True):
        if value is None or None in seen:
            return None
        if "yes" in seen:
            return max((each for each in passed if each < value), default=0.0)
        passed.append(value)
    return max(passed)


def _largest_step(numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    if not known or len(known) < len(numbers):
        return None
    return max(after - before for before, after in pairwise((0.0, *known)))


def _used(bound: Bound, entered: Entered, limits: Mapping[str, Limit]) -> tuple[Limit, ...]:
    symbols = [bound.limit] if bound.limit and not bound.by else []
    if bound.by and isinstance(choice := entered.values[bound.by][0], str):
        symbols = [f"{bound.limit}_{choice}"]
    return tuple(_limit(symbol, limits) for symbol in (*symbols, *filter(None, (bound.tolerance,))))


def _limit(symbol: str, limits: Mapping[str, Limit]) -> Limit:
    if symbol not in limits:
        raise NotEvaluable(
            clause="Heliobench",
            sentence_en=f"The limit table lacks {symbol}; use the table of this procedure.",
            sentence_zh=f"限值表缺少 {symbol}；请使用本试验的限值表。",
        )
    return limits[symbol]


def _require_units(bound: Bound, entry: Entry | Derived, used: Sequence[Limit]) -> None:
    for limit in used:
        tolerance = limit.symbol == bound.tolerance
        pure = bound.times if not tolerance else bound.comparison == "within fraction"
        unit = "1" if pure else entry.unit
        if tolerance and unit == "degC":
            unit = "K"
        if limit.unit != unit:
            raise ValueError(
                f"limit {limit.symbol} is in {limit.unit} and is compared with {entry.symbol} in {entry.unit}; "
                f"give the limit in {unit}."
            )


def _target(bound: Bound, entered: Entered, used: Sequence[Limit]) -> float | None:
    """Give the bound as a number: the declared value, or the limit, times an entry where it is a multiple."""
    if bound.declared:
        return entered.numbers(bound.declared)[0]
    limit = next((each.value for each in used if each.symbol != bound.tolerance and each.established), None)
    if limit is None or not bound.times:
        return limit
    factor = entered.numbers(bound.times)[0]
    return None if factor is None else limit * factor


def _numbers(bound: Bound, entered: Entered) -> tuple[float | None, ...]:
    numbers = entered.numbers(bound.entry)
    if not bound.unless:
        return numbers
    return tuple(each for each, seen in zip(numbers, entered.values[bound.unless], strict=True) if seen != "yes")


def _kept(bound: Bound, value: float | None, target: float | None, used: Sequence[Limit]) -> bool | None:
    if value is None or target is None:
        return None
    slack = _ROUNDING * max(abs(value), abs(target))
    if bound.comparison == "at least":
        return value >= target - slack
    if bound.comparison == "at most":
        return value <= target + slack
    tolerance = used[-1].value
    if not used[-1].established:
        return None
    width = tolerance * abs(target) if bound.comparison == "within fraction" else tolerance
    return abs(value - target) <= width + slack


# --- the reasons, most important first ---


def _reasons(findings: Sequence[Finding], entered: Entered) -> Iterator[Note]:
    said = [note for one in findings for note in one.notes]
    notes = [*said, *map(gap_note, entered.gaps), *([stopped_note(entered.stopped)] if entered.stopped else [])]
    yield from dict.fromkeys(sorted(notes, key=lambda note: _IMPORTANCE.index(note.code)))


_IMPORTANCE = (
    "failed",
    "not kept",
    "too few",
    "stopped",
    "missing",
    "readings differ",
    "undecided",
    "limit not found",
    "limit not confirmed",
)
