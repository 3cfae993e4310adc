"""The conditions and criteria of a manual test, ready to be shown: each number with its limit and whether it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from protocols.limits import Limit
from protocols.procedures.procedure import Bound, Derived, Entry, Observation, Procedure

SIGNS = {"at least": "≥", "at most": "≤", "within": "=", "within fraction": "="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One number a quantity is held against: a limit, or an entry that declares it.

    choice: the choice for which it holds, e.g. class A; empty = always.
    """

    limit: Limit | None = None
    declared: str = ""
    choice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What is held against what; an observation has no target and names the values that ``fail``.

    times: the entry by which the target is multiplied.  relative: the tolerance is a fraction of the target.
    """

    what: Entry | Derived
    sign: str
    targets: tuple[Target, ...] = ()
    times: str = ""
    tolerance: Limit | None = None
    relative: bool = False
    fails: tuple[str, ...] = ()
    rule: Limit | None = None


def limits_used(procedure: Procedure, limits: Mapping[str, Limit]) -> dict[str, Limit]:
    """The rows of its limit table that a manual test's steps, conditions and criteria name, in the table's order."""
    every = [*conditions(procedure, limits), *criteria(procedure, limits)]
    rows = {target.limit for one in every for target in one.targets} | {one.tolerance for one in every}
    rows |= {one.rule for one in every} | {limits[one.least] for one in procedure.repetitions if one.least}
    steps = " ".join(step.en for step in procedure.steps)
    return {symbol: limit for symbol, limit in limits.items() if limit in rows or f"{{{symbol}}}" in steps}


def conditions(procedure: Procedure, limits: Mapping[str, Limit]) -> list[Criterion]:
    """What must have been kept for a verdict."""
    return [_bound(procedure, one, limits) for one in procedure.conditions]


def criteria(procedure: Procedure, limits: Mapping[str, Limit]) -> list[Criterion]:
    """What must hold for a pass."""
    seen = [_observation(procedure, one, limits) for one in procedure.observations]
    return [*(_bound(procedure, one, limits) for one in procedure.bounds), *seen]


def _bound(procedure: Procedure, bound: Bound, limits: Mapping[str, Limit]) -> Criterion:
    return Criterion(
        what=procedure.entry(bound.entry),
        sign=SIGNS[bound.comparison],
        targets=tuple(_targets(procedure, bound, limits)),
        times=bound.times,
        tolerance=limits[bound.tolerance] if bound.tolerance else None,
        relative=bound.comparison == "within fraction",
    )


def _targets(procedure: Procedure, bound: Bound, limits: Mapping[str, Limit]) -> Iterator[Target]:
    if bound.declared:
        yield Target(declared=bound.declared)
    elif bound.by:
        choices = next(one.choices for one in procedure.entries if one.symbol == bound.by)
        yield from (Target(limit=limits[f"{bound.limit}_{choice}"], choice=choice) for choice in choices)
    else:
        yield Target(limit=limits[bound.limit])


def _observation(procedure: Procedure, one: Observation, limits: Mapping[str, Limit]) -> Criterion:
    rule = limits[one.rule] if one.rule else None
    return Criterion(what=procedure.entry(one.entry), sign="≠", fails=one.fails, rule=rule)
