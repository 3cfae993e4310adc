"""The statement of conformity of a measured result: each requirement with its limit, the value, and what follows.

ISO/IEC 17025:2017, 7.8.6: a statement names the results it rests on, the requirement and the decision rule. Nothing is
stated by a limit that nobody has confirmed, that has no number or whose basis is unknown, and nothing about a value
without uncertainty, because the rule weighs it; each says so in words.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from protocols.conformity import Decision, Rule, decide
from protocols.limits import Limit
from protocols.method import Note
from protocols.procedures.judging import NOT_JUDGED
from protocols.procedures.procedure import confirmed_for
from protocols.requirements.requirements import Requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a statement asks of a result, in `unit`; None or 0 for an uncertainty that nobody has stated."""

    symbol: str
    value: float | None
    unit: str
    standard_uncertainty: float | None
    coverage_factor: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What is stated of one requirement.

    verdict: "pass", "conditional pass", "conditional fail", "fail" or "not judged".  decision: what it rests on, None
    where nothing was judged.  reasons: why nothing was judged, in words.
    """

    requirement: Requirement
    limit: Limit
    measured: Measured
    verdict: str
    decision: Decision | None
    reasons: tuple[Note, ...]


def state(
    requirements: Iterable[Requirement],
    values: Iterable[Measured],
    limits: Mapping[str, Limit],
    *,
    edition: str,
    rule: Rule,
) -> tuple[Stated, ...]:
    """State for each requirement on a measured quantity what the rule says; others are left out.

    edition: of the product standard; a limit confirmed for another one counts for nothing here.  rule: the agreed one;
    its guard band is taken in the expanded uncertainty as it is reported, with the coverage factor of the value.
    The full value is compared, not the printed one (GB/T 8170, full value comparison).
    Raises ValueError for a limit table that lacks a limit or has it in another unit.
    """
    measured = {one.symbol: one for one in values}
    return tuple(
        _stated(one, measured[one.quantity], _limit(one, limits), edition, rule)
        for one in requirements
        if one.quantity in measured and measured[one.quantity].unit == one.unit
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
    if not limit.established:
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
    if "not found" in (requirement.area, requirement.temperature):
        yield Note(
            code="basis not found",
            sentence_en="Not judged: nobody has found on which area and temperature this limit rests.",
            sentence_zh="不作判定：尚未查得该限值的面积与温度基准。",
        )
    if measured.value is None:
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
