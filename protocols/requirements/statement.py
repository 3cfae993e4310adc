"""The statement of conformity of a measured result: each requirement with its limit, the value, and what follows.

ISO/IEC 17025:2017, 7.8.6: a statement names the results it rests on, the requirement and the decision rule. Nothing is
stated by a limit that nobody has confirmed, that has no number or whose area and temperature nobody has confirmed, and
nothing about a value without uncertainty, because the rule weighs it; each says so in words. The value of a collector
is brought to the area and temperature of its limit first (`protocols.requirements.straight_line`).
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from protocols.conformity import Decision, Rule, decide
from protocols.limits import Limit
from protocols.method import Note
from protocols.procedures.judging import NOT_JUDGED
from protocols.procedures.procedure import confirmed_for
from protocols.requirements.declared import declared_limit, graded, not_declared
from protocols.requirements.requirements import AREAS_ZH, TEMPERATURES_ZH, Requirement
from protocols.requirements.straight_line import QUANTITIES, Areas, Curve, line_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a statement asks of a result, in `unit`; None or 0 for an uncertainty that nobody has stated.

    factor: A_G over the area of the limit, by which a value per gross area was converted; None for one that was not.
    told: how it was converted.  against: why it could not be.
    """

    symbol: str
    value: float | None
    unit: str
    standard_uncertainty: float | None
    coverage_factor: float | None
    factor: float | None = None
    told: tuple[Note, ...] = ()
    against: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What is stated of one requirement.

    verdict: "pass", "conditional pass", "conditional fail", "fail" or "not judged".  decision: what it rests on, None
    where nothing was judged or a declared value was graded.  reasons: why nothing was judged, or how it was graded, in
    words.  grade: of energy efficiency.
    """

    requirement: Requirement
    limit: Limit
    measured: Measured
    verdict: str
    decision: Decision | None
    reasons: tuple[Note, ...]
    grade: int | None = None


def state(
    requirements: Iterable[Requirement],
    values: Iterable[Measured],
    limits: Mapping[str, Limit],
    *,
    edition: str,
    rule: Rule,
    curve: Curve | None = None,
    areas: Areas | None = None,
    declared: Mapping[str, float] | None = None,
) -> tuple[Stated, ...]:
    """State for each requirement on a measured quantity what the rule says; others are left out.

    A grade is of no measured quantity: it is stated beside what the same product standard says of those.

    edition: of the product standard; a limit confirmed for another one counts for nothing here.  rule: the agreed one;
    its guard band is taken in the expanded uncertainty as it is reported, with the coverage factor of the value.
    curve, areas: of a collector, from which a requirement on its straight efficiency curve takes its value.  declared:
    what the company declares, by the item's property.
    The full value is compared, not the printed one (GB/T 8170, full value comparison).
    Raises ValueError for a limit table that lacks a limit or has it in another unit.
    """
    measured, told, every = {one.symbol: one for one in values}, declared or {}, tuple(requirements)
    found = ((one, measured.get(one.quantity) or _of_line(one, curve, areas)) for one in every if not one.heater)
    rows = tuple(
        _stated(one, value, _bound(one, limits, told, edition), edition, rule)
        for one, value in found
        if value is not None and value.unit == one.unit
    )
    grades = (_graded(one, told, limits, edition) for one in every if one.heater)
    return (*rows, *grades) if rows else ()


def _bound(requirement: Requirement, limits: Mapping[str, Limit], declared: Mapping[str, float], edition: str) -> Limit:
    return declared_limit(requirement, declared, edition) if requirement.declared else _limit(requirement, limits)


def _graded(
    requirement: Requirement, declared: Mapping[str, float], limits: Mapping[str, Limit], edition: str
) -> Stated:
    ctp = declared.get(requirement.declared)
    verdict, grade, notes = (
        (NOT_JUDGED, None, (not_declared(requirement),)) if ctp is None else graded(requirement, ctp, limits, edition)
    )
    value = Measured(
        symbol=requirement.quantity, value=ctp, unit=requirement.unit, standard_uncertainty=None, coverage_factor=None
    )
    return Stated(
        requirement=requirement, limit=_limit(requirement, limits), measured=value, verdict=verdict, decision=None,
        reasons=notes, grade=grade,
    )  # fmt: skip


def _of_line(requirement: Requirement, curve: Curve | None, areas: Areas | None) -> Measured | None:
    """What a curve says of a quantity of its straight line, on the basis of the limit, confirmed or not."""
    if curve is None or areas is None or requirement.quantity not in QUANTITIES:
        return None
    nothing = Measured(
        symbol=requirement.quantity, value=None, unit=requirement.unit, standard_uncertainty=None, coverage_factor=None
    )
    if not requirement.basis_found:
        return nothing
    line = line_of(curve, area=requirement.area, temperature=requirement.temperature, areas=areas)
    if isinstance(line, Note):
        return replace(nothing, against=(line,))
    value, u = line.values[requirement.quantity], line.standard_uncertainties[requirement.quantity]
    return replace(
        nothing,
        value=value if math.isfinite(value) else None,
        standard_uncertainty=u if math.isfinite(u) else None,
        coverage_factor=line.coverage_factor,
        factor=line.factor,
        told=line.told,
    )


def _limit(requirement: Requirement, limits: Mapping[str, Limit]) -> Limit:
    limit = limits.get(requirement.limit)
    if limit is None or limit.unit != requirement.unit:
        raise ValueError(f"the limit table lacks {requirement.limit} in {requirement.unit}.")
    return limit


def _stated(requirement: Requirement, measured: Measured, limit: Limit, edition: str, rule: Rule) -> Stated:
    reasons = tuple(_against(requirement, measured, limit, edition))
    value, u, k = measured.value, measured.standard_uncertainty, measured.coverage_factor
    if reasons or value is None or not u or not k:
        return Stated(
            requirement=requirement, limit=limit, measured=measured, verdict=NOT_JUDGED, decision=None, reasons=reasons
        )
    lower, upper = (limit, None) if requirement.comparison == "at least" else (None, limit)
    decision = decide(value, u, rule=replace(rule, coverage_factor=k), lower=lower, upper=upper)
    return Stated(
        requirement=requirement, limit=limit, measured=measured, verdict=decision.verdict, decision=decision, reasons=()
    )


def _against(requirement: Requirement, measured: Measured, limit: Limit, edition: str) -> Iterator[Note]:
    """Why nothing can be stated; nothing stands against it where this is empty."""
    if requirement.declared and not limit.established:
        yield not_declared(requirement)
    elif not limit.established:
        yield Note(
            code="limit not found",
            sentence_en="Not judged: the number of this requirement was not found.",
            sentence_zh="不作判定：未查得该项要求的数值。",
        )
    elif not confirmed_for(limit, edition):
        yield Note(
            code="limit not confirmed",
            sentence_en="Not judged: the limit has not been confirmed by the laboratory.",
            sentence_zh="不作判定：该限值尚未经本机构与标准原文核对确认。",
        )
    if not requirement.basis_found:
        yield Note(
            code="basis not found",
            sentence_en="Not judged: nobody has found on which area and temperature this limit rests.",
            sentence_zh="不作判定：尚未查得该限值的面积与温度基准。",
        )
        return
    if not requirement.basis_sure:
        yield Note(
            code="basis not confirmed",
            sentence_en=f"Not judged: that this limit rests on the {requirement.area} area and the "
            f"{requirement.temperature} temperature has not been confirmed by the laboratory.",
            sentence_zh=f"不作判定：该限值以{AREAS_ZH[requirement.area]}和{TEMPERATURES_ZH[requirement.temperature]}"
            "为基准，尚未经本机构与标准原文核对确认。",
        )
    if measured.against:
        yield from measured.against
    elif measured.value is None:
        yield Note(
            code="no value",
            sentence_en="Not judged: the test gave no value.",
            sentence_zh="不作判定：检测未得出数值。",
        )
    elif not (measured.standard_uncertainty and measured.coverage_factor):
        yield Note(
            code="no uncertainty",
            sentence_en="Not judged: the value has no uncertainty, which the decision rule asks for.",
            sentence_zh="不作判定：该数值没有不确定度，判定规则要求考虑不确定度。",
        )
