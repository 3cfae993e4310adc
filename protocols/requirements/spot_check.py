"""Counts of a market spot check: the rate of products that passed, and which rates a number of products can give."""

from decimal import Decimal
from fractions import Fraction

from protocols.rounding import round_to

_DIGITS = 30  # of a ratio before it is rounded; a tie of tenths of a per cent ends long before


def pass_rate(*, products: int, failed: int, interval: str = "0.1") -> Decimal:
    """Give the share of products that passed in per cent, rounded once, half to even (GB/T 8170).

    Raises ValueError for no products and for counts that do not go together.

    >>> pass_rate(products=60, failed=5)
    Decimal('91.7')
    """
    if products < 1 or not 0 <= failed <= products:
        raise ValueError(f"{failed} of {products} products cannot have failed; check the counts.")
    share = Fraction(100 * (products - failed), products)
    return round_to(Decimal(share.numerator * 10**_DIGITS // share.denominator).scaleb(-_DIGITS), interval)


def possible_failures(*, products: int, rate: str, interval: str = "0.1") -> tuple[int, ...]:
    """Give every number of failures for which the printed rate of passing would be right; none = misprint or weighted.

    rate: per cent, as printed.
    """
    return tuple(
        failed
        for failed in range(products + 1)
        if pass_rate(products=products, failed=failed, interval=interval) == Decimal(rate)
    )
