"""Comparison of a reported value with a limit, digit by digit in Decimal, without regard to its uncertainty.

GB/T 8170 has two ways: the full value (全数值比较法), as it was found or marked with (+)/(-), or the value rounded to
the digits in which the limit is written (修约值比较法). The first is the default where a standard names none [clause
numbers unconfirmed; the metallurgical YB/T 081-1996 has the second as its default].
"""

from dataclasses import dataclass
from decimal import Decimal

from protocols.rounding import Marked, read_marked, round_marked

FULL, ROUNDED = "full value", "rounded value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Whether a value lies within its limits, by which way, and the value as it was compared."""

    within: bool
    way: str
    compared: Marked


def compare(
    value: str | Marked,
    *,
    least: str | None = None,
    most: str | None = None,
    way: str = FULL,
    least_allowed: bool = True,
    most_allowed: bool = True,
) -> Comparison:
    """Compare a value with limits by the full or the rounded value (GB/T 8170).

    value, least, most: texts with the digits as they are written: "0.5" and "0.50" round differently.  least_allowed,
    most_allowed: whether the limit itself conforms.
    Raises ValueError for a text that is not one plain number, for no limit, for limits in the wrong order or with
    different numbers of decimals when rounding, and for an unknown way.
    """
    if least is None and most is None:
        raise ValueError("there is no limit to compare with; give least, most or both.")
    low, high = (None if limit is None else read_marked(limit).value for limit in (least, most))
    if low is not None and high is not None and low > high:
        raise ValueError(f"the lower limit {least} is above the upper one {most}; exchange them.")
    given = value if isinstance(value, Marked) else read_marked(value)
    compared = _as_compared(given, [limit for limit in (low, high) if limit is not None], way)
    above = low is None or _order(compared, low) > 0 or (least_allowed and _order(compared, low) == 0)
    below = high is None or _order(compared, high) < 0 or (most_allowed and _order(compared, high) == 0)
    return Comparison(within=above and below, way=way, compared=compared)


def _as_compared(given: Marked, limits: list[Decimal], way: str) -> Marked:
    if way == FULL:
        return given
    if way != ROUNDED:
        raise ValueError(f"the way of comparing {way!r} is not known; give {FULL!r} or {ROUNDED!r}.")
    exponents = {min(int(limit.as_tuple().exponent), 0) for limit in limits}
    if len(exponents) > 1:
        raise ValueError("the limits have different numbers of decimals; round for one of them at a time.")
    return Marked(value=round_marked(given, Decimal(1).scaleb(exponents.pop())).value)


def _order(compared: Marked, limit: Decimal) -> int:
    """Give 1, 0 or -1 for a value above, at or below the limit; at equal digits the mark decides."""
    if compared.value != limit:
        return 1 if compared.value > limit else -1
    return -compared.mark if compared.value.is_signed() else compared.mark
