"""Rounding for print, in Decimal, once, from the unrounded value.

`round_to` follows the half-to-even rule of GB/T 8170; `report` follows GUM 7.2.6 (at most two significant
digits of the uncertainty, the value to the same place), with the decade carry (9.96 -> 10, not 10.0).
"""

import math
from decimal import ROUND_HALF_EVEN, ROUND_UP, Context, Decimal, localcontext

_SIGNIFICANT = 2
# EA-4/02 6.3: where rounding would lower U by more than 5 %, the rounded-up value is reported.
_LARGEST_LOSS = Decimal("0.05")
_EXACT = Context(prec=60)


def round_to(value: str | Decimal, interval: str | Decimal) -> Decimal:
    """Round to the nearest multiple of an interval, a tie to the even multiple (GB/T 8170).

    value, interval: text or Decimal, in one unit; never float, whose digits are not the ones that were read.
    Raises ValueError for an interval that is not positive, TypeError for a float.

    >>> round_to("2.675", "0.01"), round_to("60.25", "0.5"), round_to("830", "20")
    (Decimal('2.68'), Decimal('60.0'), Decimal('840'))
    """
    number, step = _decimal(value), _decimal(interval)
    if not step > 0:
        raise ValueError(f"the rounding interval is {interval}; give a positive number.")
    with localcontext(_EXACT):
        multiple = (number / step).to_integral_value(rounding=ROUND_HALF_EVEN)
        return (multiple * step).quantize(step)  # as many decimals as the interval has


def report(value: float, expanded_uncertainty: float) -> tuple[str, str]:
    """Give the printed digits of a value and its expanded uncertainty, both in the unit they come in.

    Raises ValueError when the uncertainty is not a positive finite number or the value is not finite: such a
    result has no printed form.

    >>> report(0.72834, 0.00996), report(-2.0634, 0.1)
    (('0.728', '0.010'), ('-2.06', '0.10'))
    """
    if not (math.isfinite(value) and math.isfinite(expanded_uncertainty) and expanded_uncertainty > 0):
        raise ValueError(
            f"{value} with the expanded uncertainty {expanded_uncertainty} cannot be reported; "
            "both must be finite and the uncertainty positive."
        )
    uncertainty = _two_digits(Decimal(repr(float(expanded_uncertainty))))
    place = Decimal(1).scaleb(uncertainty.adjusted() - _SIGNIFICANT + 1)
    return f"{_plain(value, place):f}", f"{uncertainty.quantize(place):f}"


def _two_digits(uncertainty: Decimal) -> Decimal:
    place = Decimal(1).scaleb(uncertainty.adjusted() - _SIGNIFICANT + 1)
    rounded = round_to(uncertainty, place)
    if rounded < uncertainty * (1 - _LARGEST_LOSS):
        return uncertainty.quantize(place, rounding=ROUND_UP, context=_EXACT)
    return rounded


def _plain(value: float, place: Decimal) -> Decimal:
    rounded = round_to(Decimal(repr(float(value))), place)
    if place >= 1:
        rounded = rounded.quantize(Decimal(1), context=_EXACT)
    return abs(rounded) if rounded == 0 else rounded  # never "-0.00"


def _decimal(value: str | Decimal) -> Decimal:
    if not isinstance(value, str | Decimal):
        raise TypeError(f"round_to takes text or Decimal, not {type(value).__name__}; write the digits as text.")
    return Decimal(value)
