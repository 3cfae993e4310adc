"""What a manual test is: its steps, what is recorded, the conditions to keep and the criteria to pass, as data.

A procedure belongs to one edition of one standard and stands in config/procedures/<edition>.toml; its numbers are rows
of a limit table, each with clause, source and whether anybody has confirmed it. `protocols.procedures.reading` reads
the files, `protocols.procedures.judging.judge` gives the verdict of a filled-in record.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from protocols.limits import Limit

KINDS = ("number", "text", "choice", "yes-no", "photo", "time", "pairs", "rating")
COMPARISONS = ("at least", "at most", "within", "within fraction")
DERIVATIONS = ("difference", "difference per", "largest step", "highest passed")

# Final inspection: 0 no problem, 1 minor, 2 severe, * could not be established.
RATINGS = ("0", "1", "2", "*")
YES_NO = ("yes", "no")
_YES_NO_ZH = {"yes": "是", "no": "否"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something to be recorded.

    kind: one of KINDS; a number is in `unit`.  choices: the texts allowed; choices_zh: their names in Chinese, empty
    where they have none.  least, most: bounds of a number that can be true at all, both allowed; they are no criterion.
    double: entered twice, by two people or at two times.
    each: the repetition in whose every row it stands; empty = once.
    """

    symbol: str
    kind: str
    name_en: str
    name_zh: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    choices_zh: tuple[str, ...] = ()
    least: float = -math.inf
    most: float = math.inf
    required: bool = True
    double: bool = False
    each: str = ""

    def in_chinese(self, text: str) -> str:
        """Give an answer in Chinese: yes and no, and a choice that has a name; everything else as it was written."""
        named = _YES_NO_ZH if self.kind == "yes-no" else dict(zip(self.choices, self.choices_zh, strict=False))
        return named.get(text, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """Rows that are recorded again and again: cycles, drops, steps of load. least: the limit of their number."""

    symbol: str
    name_en: str
    name_zh: str
    least: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A number that follows from entries and can be compared like one.

    kind "difference": of[0] - of[1]; "difference per": (of[0] - of[1]) / of[2]; "largest step": the largest rise of
    of[0] from one row to the next, the first from 0; "highest passed": the largest of[0] of the rows before the first
    one in which one of the yes-no entries of[1:] says yes, 0 if there is none.
    """

    symbol: str
    kind: str
    of: tuple[str, ...]
    unit: str
    name_en: str
    name_zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A number held against a bound, in every row in which it stands.

    entry: an entry or derived number.  comparison: one of COMPARISONS.
    limit: symbol in the limit table; with `by`, the value of that choice is appended ("H_min" by class A: "H_min_A").
    times: the limit is a multiple of this entry.  declared: this entry itself is the bound, instead of a limit.
    tolerance: limit of the distance for "within" (same unit) and "within fraction" (of the bound).
    unless: rows in which this yes-no entry says yes are left out (no tenth drop after the third broke the cover).
    otherwise: the verdict when it is not kept, "fail" or "not judged".
    """

    entry: str
    comparison: str
    limit: str = ""
    by: str = ""
    times: str = ""
    declared: str = ""
    tolerance: str = ""
    unless: str = ""
    otherwise: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was seen: `fails` are the values that fail, `undecided` those from which nothing follows.

    rule: the limit that states the criterion; until it is confirmed, what was seen can fail and cannot pass.
    """

    entry: str
    fails: tuple[str, ...]
    undecided: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One instruction; {symbol} stands for a limit and is shown with its unit and whether it is confirmed."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A manual test of one edition.

    order: place in the sequence.  after: procedures that come before it, by id.
    environment: symbols of the glossary that the laboratory attaches by itself.
    visual: whether it needs eyes and no instrument, because no number decides.
    conditions: what must have been kept for a verdict.  bounds, observations: the pass criteria.
    scope_en, scope_zh: why it is not offered here; empty = offered.
    differs_en, differs_zh: for a procedure taken over from another edition, what is known to differ.
    """

    id: str
    edition: str
    limit_table: str
    clause: str
    title_en: str
    title_zh: str
    order: int
    after: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    entries: tuple[Entry, ...] = ()
    repetitions: tuple[Repetition, ...] = ()
    derived: tuple[Derived, ...] = ()
    environment: tuple[str, ...] = ()
    visual: bool = False
    conditions: tuple[Bound, ...] = ()
    bounds: tuple[Bound, ...] = ()
    observations: tuple[Observation, ...] = ()
    scope_en: str = ""
    scope_zh: str = ""
    same_as: str = ""
    differs_en: str = ""
    differs_zh: str = ""

    def entry(self, symbol: str) -> Entry | Derived:
        """Look an entry or a derived number up. Raises KeyError with a sentence for an unknown one."""
        everything: tuple[Entry | Derived, ...] = (*self.entries, *self.derived)
        for one in everything:
            if one.symbol == symbol:
                return one
        raise KeyError(f"{symbol!r} is no entry of {self.id}.")

    @property
    def measured(self) -> tuple[Entry, ...]:
        """Give the numbers that decide and are measured: held against a bound, or what is derived from them is.

        What the maker declares is no measurement.
        """
        bound = {one.entry for one in (*self.conditions, *self.bounds)}
        bound |= {symbol for one in self.derived if one.symbol in bound for symbol in one.of}
        return tuple(one for one in self.entries if one.kind == "number" and one.symbol in bound)


def limit_symbols(procedure: Procedure) -> tuple[str, ...]:
    """All limits that a procedure names outside its steps, in order, each once; choices are written out."""
    names: dict[str, None] = {}
    for bound in (*procedure.conditions, *procedure.bounds):
        names.update(dict.fromkeys(_symbols(procedure, bound)))
    names.update(dict.fromkeys(one.least for one in procedure.repetitions if one.least))
    names.update(dict.fromkeys(one.rule for one in procedure.observations if one.rule))
    return tuple(names)


def _symbols(procedure: Procedure, bound: Bound) -> tuple[str, ...]:
    limits: tuple[str, ...] = (bound.limit,) if bound.limit else ()
    if bound.by:
        choices = next(one.choices for one in procedure.entries if one.symbol == bound.by)
        limits = tuple(f"{bound.limit}_{each}" for each in choices)
    return (*limits, bound.tolerance) if bound.tolerance else limits


def confirmed_for(limit: Limit, edition: str) -> bool:
    """Say whether a limit is confirmed and is one of this edition, or ours.

    A row of ISO 9806:2017 that somebody has confirmed says nothing about GB/T 4271-2021, which takes it over.
    """
    return limit.confirmed and (limit.edition == edition or limit.source == "Heliobench")


def instructions(procedure: Procedure, limits: Mapping[str, Limit]) -> tuple[Step, ...]:
    """Write the steps out, with the numbers of the limit table and a mark on those that are not confirmed.

    Raises KeyError for a step that names a limit which the table lacks.
    """
    english = {
        each.symbol: _shown(each, procedure.edition, " (unconfirmed)", "[not found]") for each in limits.values()
    }
    chinese = {each.symbol: _shown(each, procedure.edition, "（未确认）", "［未查得］") for each in limits.values()}
    return tuple(Step(en=step.en.format_map(english), zh=step.zh.format_map(chinese)) for step in procedure.steps)


def _shown(limit: Limit, edition: str, unconfirmed: str, absent: str) -> str:
    if not limit.established:
        return absent
    unit = "" if limit.unit == "1" else f" {limit.unit}"
    return f"{limit.value:g}{unit}{'' if confirmed_for(limit, edition) else unconfirmed}"


def lacking_before(procedure: Procedure, done: Collection[str]) -> tuple[str, ...]:
    """Give the procedures that come before this one in its sequence and have not been done on the item."""
    return tuple(each for each in procedure.after if each not in done)
