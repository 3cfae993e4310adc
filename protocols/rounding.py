"""Rounding for print, in Decimal, once, from the unrounded value.

`round_to` follows the half-to-even rule of GB/T 8170; `marked` and `round_marked` its way to report a value that
somebody else will round again. `report` follows GUM 7.2.6 (at most two significant digits of the uncertainty, the
value to the same place), with the decade carry (9.96 -> 10, not 10.0).
"""

import math
import re
from dataclasses import dataclass
from decimal import ROUND_UP, Context, Decimal

_SIGNIFICANT = 2
# EA-4/02 6.3: where rounding would lower U by more than 5 %, the rounded-up value is reported.
_LARGEST_LOSS = Decimal("0.05")
_MOST_DIGITS = 1000  # longer texts are no measured values, and cost time
_EXACT = Context(prec=4 * _MOST_DIGITS)  # holds every result exactly
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_MARKED = re.compile(r"(.*?)\s*[(（]([+-])[)）]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A rounded value that tells how it was rounded.

    mark: 1 when the size of the true value is larger than that of `value` (digits were dropped), printed (+); -1 when
    it is smaller (the last digit was raised), printed (-); 0 when nothing was lost. A negative value rounded to zero
    keeps its sign, -0.00(+), by which it still is below zero.
    """

    value: Decimal
    mark: int = 0

    def __str__(self) -> str:
        """Print as 16.50(+), 16.50(-) or 16.50."""
        return f"{self.value:f}" + {1: "(+)", -1: "(-)", 0: ""}[self.mark]


def round_to(value: str | Decimal, interval: str | Decimal) -> Decimal:
    """Round to the nearest multiple of an interval, a tie to the even multiple (GB/T 8170).

    value, interval: text or Decimal, in one unit; never float, whose digits are not the ones that were read.
    The result has as many decimals as the interval. Exact for every interval: the comparison is one of integers.
    Raises ValueError for a text that is not one plain number and for an interval that is not positive, TypeError for
    a float.

    >>> round_to("2.675", "0.01"), round_to("60.25", "0.5"), round_to("830", "20")
    (Decimal('2.68'), Decimal('60.0'), Decimal('840'))
    """
    return _rounded(decimal(value), decimal(interval), mark=0)


def marked(value: str | Decimal, interval: str | Decimal) -> Marked:
    """Round a value that somebody else will round or judge, and mark what was lost (GB/T 8170).

    The standard asks for the mark when the last digit that is not zero is a 5; here every value has it that is not
    exact, because the comparison by full value needs it too. Arguments and errors as of round_to.

    >>> str(marked("16.5003", "0.01")), str(marked("16.4996", "0.01")), str(marked("16.5", "0.01"))
    ('16.50(+)', '16.50(-)', '16.50')
    """
    number = decimal(value)
    rounded = round_to(number, interval)
    return _marked(rounded, int(number.copy_abs().compare(rounded.copy_abs())), negative=number.is_signed())


def round_marked(value: str | Marked, interval: str | Decimal) -> Marked:
    """Round a value that was rounded before, without rounding twice: at a tie (+) goes up and (-) down (GB/T 8170).

    value: as `marked` gave it, or its text, e.g. "16.50(+)"; one without a mark is taken as exact.

    >>> str(round_marked("15.5(-)", "1")), str(round_marked("16.5(+)", "1")), str(round_marked("17.5", "1"))
    ('15(+)', '17(-)', '18(-)')
    """
    before = value if isinstance(value, Marked) else read_marked(value)
    rounded = _rounded(before.value, decimal(interval), mark=before.mark)
    moved = int(before.value.copy_abs().compare(rounded.copy_abs()))
    return _marked(rounded, moved or before.mark, negative=before.value.is_signed())


def _marked(rounded: Decimal, mark: int, *, negative: bool) -> Marked:
    return Marked(value=rounded.copy_negate() if negative and mark and not rounded else rounded, mark=mark)


def read_marked(text: str) -> Marked:
    """Read a value as it was reported, with or without a mark.

    >>> read_marked("16.50(-)")
    Marked(value=Decimal('16.50'), mark=-1)
    """
    match = _MARKED.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        return Marked(value=decimal(text))
    return Marked(value=decimal(match[1]), mark=1 if match[2] == "+" else -1)


def decimal(value: str | Decimal) -> Decimal:
    """Read one plain number, written with digits, a point and perhaps an exponent; nothing else is guessed.

    Raises ValueError for anything else (no number, several, a unit, a comma, digits of another script, NaN, infinity),
    TypeError for what is neither text nor Decimal.
    """
    if isinstance(value, str):
        if len(value) > _MOST_DIGITS or not _NUMBER.fullmatch(value.strip()):
            raise ValueError(f"{value[:40]!r} is not one plain number; write it with digits and a point, e.g. 12.50.")
        number = Decimal(value.strip())
    elif isinstance(value, Decimal):
        number = value
    else:
        raise TypeError(f"round_to takes text or Decimal, not {type(value).__name__}; write the digits as text.")
    if not number.is_finite():
        raise ValueError(f"{number} is not a number that can be rounded; a missing value has to stay missing.")
    if len(number.as_tuple().digits) > _MOST_DIGITS or (number and abs(number.adjusted()) > _MOST_DIGITS):
        raise ValueError(f"a number with more than {_MOST_DIGITS} digits is no measured value; check it.")
    return number


def report(value: float, expanded_uncertainty: float, *, digits: int = _SIGNIFICANT) -> tuple[str, str]:
    """Give the printed digits of a value and its expanded uncertainty, both in the unit they come in.

    digits: significant ones of the uncertainty, two or one.
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
    if digits not in (1, 2):
        raise ValueError(f"an uncertainty is printed with one or two significant digits, not {digits}.")
    uncertainty = _significant(Decimal(repr(float(expanded_uncertainty))), digits)
    place = Decimal(1).scaleb(uncertainty.adjusted() - digits + 1)
    printed = round_to(Decimal(repr(float(value))), place)
    return f"{printed:f}", f"{uncertainty.quantize(min(place, Decimal(1)), context=_EXACT):f}"


def _significant(uncertainty: Decimal, digits: int) -> Decimal:
    place = Decimal(1).scaleb(uncertainty.adjusted() - digits + 1)
    rounded = round_to(uncertainty, place)
    if rounded < uncertainty * (1 - _LARGEST_LOSS):
        return uncertainty.quantize(place, rounding=ROUND_UP, context=_EXACT)
    return rounded


def _rounded(number: Decimal, step: Decimal, *, mark: int) -> Decimal:
    """Round to a multiple of step; at a tie by the mark, else to the even multiple. Never "-0"."""
    if not step > 0:
        raise ValueError(f"the rounding interval is {step}; give a positive number.")
    exponent = min(_exponent(number), _exponent(step))
    size, width = (int(each.copy_abs().scaleb(-exponent, context=_EXACT)) for each in (number, step))
    multiple, rest = divmod(size, width)
    tie = (multiple % 2 == 1) if mark == 0 else mark > 0
    multiple += 2 * rest > width or (2 * rest == width and tie)
    rounded = Decimal(multiple * width).scaleb(exponent, context=_EXACT)
    decimals = Decimal(1).scaleb(min(_exponent(step), 0))
    return (rounded.copy_negate() if number < 0 and multiple else rounded).quantize(decimals, context=_EXACT)


def _exponent(number: Decimal) -> int:
    return int(number.as_tuple().exponent)
