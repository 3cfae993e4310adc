"""Reasons to refuse a window or an hour, and to refuse a record of which too few are left, alike for every method."""

from protocols.fluids import Fluid
from protocols.limits import Limit
from protocols.refusals import NotEvaluable
from protocols.windows import Reason, Sieve

_OURS = "Heliobench"
SUN_DOWN = Reason(
    code="sun down",
    clause=_OURS,
    sentence_en="The sun is below the horizon.",
    sentence_zh="太阳位于地平线以下。",
)


def beyond(limit: Limit, code: str, english: str, chinese: str) -> Reason:
    """Give the reason that something is beyond a limit: sentences that end with its value and unit."""
    shown = f"{100 * limit.value:g} %" if limit.unit == "1" else f"{limit.value:g} {limit.unit}"
    return Reason(code=code, clause=limit.clause, sentence_en=f"{english} {shown}.", sentence_zh=f"{chinese} {shown}。")


def outside_fluid(fluid: Fluid) -> Reason:
    """Give the reason that a temperature is outside the range of the fluid."""
    low, high = fluid.limits
    return Reason(
        code="fluid range",
        clause=_OURS,
        sentence_en=f"A fluid temperature is outside {low:.1f} to {high:.1f} degC, where the fluid is known.",
        sentence_zh=f"工质温度超出其物性范围 {low:.1f} 至 {high:.1f} degC。",
    )


def require_enough(sieve: Sieve, *, least: float, clause: str, what_en: str, what_zh: str) -> None:
    """Raise NotEvaluable when fewer than `least` passed the sieve, with the most frequent reason.

    what_en, what_zh: what is counted, "windows" and "个可用时段".
    """
    count = int(sieve.passed.sum())
    if count >= least:
        return
    worst = max(sieve.refusals, key=lambda each: each.count, default=None)
    raise NotEvaluable(
        clause=clause,
        sentence_en=f"Only {count} {what_en} can be used and at least {least:g} are needed; "
        + (f"most were refused because of this: {worst.sentence_en}" if worst else "measure longer."),
        sentence_zh=f"仅有 {count} {what_zh}，至少需要 {least:g} 个；"
        + (f"多数被拒原因：{worst.sentence_zh}" if worst else "请延长测量。"),
    )
