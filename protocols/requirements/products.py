"""Requirements that rest on no area and no temperature, judged in both ways of GB/T 8170 at once.

Both ways are kept, because they can differ: a heat loss factor of 16.40 W/(m3 K) is above 16 by its full value and 16
when it is rounded to the integer that GB/T 19141-2011 reports [the text of the standard was not read].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from protocols.limits import Limit
from protocols.method import Note
from protocols.procedures.judging import FAIL, NOT_JUDGED, PASS
from protocols.procedures.procedure import confirmed_for
from protocols.procedures.reasons import limit_notes
from protocols.requirements.requirements import (
    FULL,
    NO_BASIS,
    ROUNDED,
    Measured,
    Requirement,
    Ruling,
    judge_requirement,
)
from protocols.rounding import decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BothWays:
    """A value judged by its full value (全数值比较法) and by its rounded one (修约值比较法).

    full, rounded: the rulings; each has the value as it was compared.  differ: whether they say different things, by
    their verdicts or, where nobody has confirmed the limit, by what the verdicts would be.
    """

    full: Ruling
    rounded: Ruling

    @property
    def differ(self) -> bool:
        """Say whether the way of comparing decides."""
        return (self.full.verdict, self.full.would_be) != (self.rounded.verdict, self.rounded.would_be)


def requirement(
    *,
    id: str,
    quantity: str,
    unit: str,
    names: tuple[str, str],
    comparison: str,
    limit: str,
    interval: str,
    declared: str = "",
    heater: str = "",
) -> Requirement:
    """Make a requirement whose limit rests neither on an area nor on a temperature.

    names: English, Chinese.  comparison: "at least" or "at most".  limit: its row in the limit table.  interval: to
    which the limit is written, as text.  declared, heater: as of Requirement.
    """
    return Requirement(
        id=id,
        quantity=quantity,
        unit=unit,
        name_en=names[0],
        name_zh=names[1],
        area=NO_BASIS,
        temperature=NO_BASIS,
        comparison=comparison,
        limit=limit,
        interval=interval,
        declared=declared,
        heater=heater,
    )


def judge_both_ways(
    required: Requirement,
    value: str | Decimal,
    limits: Mapping[str, Limit],
    *,
    edition: str,
    declared: str | Decimal | None = None,
) -> BothWays:
    """Judge a value by its digits, as text or Decimal in the unit of the requirement, in both ways.

    declared: what the maker declares; the stricter of it and the limit counts.  Errors as of judge_requirement.
    """
    measured = Measured(
        quantity=required.quantity,
        value=value,
        unit=required.unit,
        area=NO_BASIS,
        temperature=NO_BASIS,
        declared=declared,
    )
    full, rounded = (judge_requirement(required, measured, limits, edition=edition, by=way) for way in (FULL, ROUNDED))
    return BothWays(full=full, rounded=rounded)


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionRuling:
    """A dimension against its nominal value; verdict and would_be as of protocols.requirements.requirements.Ruling."""

    verdict: str
    would_be: str
    deviation: Decimal
    reasons: tuple[Note, ...]


def judge_dimension(value: str | Decimal, *, nominal: str | Decimal, tolerance: Limit, edition: str) -> DimensionRuling:
    """Judge |value - nominal| <= tolerance, all in the unit of the tolerance; equality passes.

    A tolerance that nobody has confirmed for the edition, or found, gives "not judged". Raises ValueError for a text
    that is no number.
    """
    deviation = decimal(value) - decimal(nominal)
    would_be = ""
    if tolerance.established:
        would_be = PASS if abs(deviation) <= Decimal(repr(tolerance.value)) else FAIL
    sure = tolerance.established and confirmed_for(tolerance, edition)
    return DimensionRuling(
        verdict=would_be if sure else NOT_JUDGED,
        would_be=would_be,
        deviation=deviation,
        reasons=tuple(limit_notes((tolerance,), edition)),
    )
