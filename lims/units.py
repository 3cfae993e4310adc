"""Units at the boundary: the only module that knows pint.

Inside `protocols` and `instruments` numbers are plain float64 arrays in the unit of the symbol table. A file, a
form or a bench may speak another unit of the same quantity; here it is converted, or refused in a sentence.
"""

import re
import tokenize
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lims.errors import BadInput

# "m2" and "s-1" are how standards and instruments write powers; pint wants "m**2". A digit followed by a letter is
# part of a name ("mmH2O") and stays.
_POWER = re.compile(r"(?<=[A-Za-z])([+-]?[1-9])(?![0-9A-Za-z])")
_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*")
_LONGEST = 60  # characters of a unit; longer text is a mistake and would only slow the parser
# Between kelvin and degree Celsius a sum does, so that a record in kelvin need not wait for pint's registry.
_SHIFTS = {("K", "degC"): -273.15, ("degC", "K"): 273.15}


def convert(values: ArrayLike, from_unit: str, to_unit: str, *, difference: bool = False) -> NDArray[np.float64]:
    """The values in another unit of the same quantity; NaN stays NaN.

    values: numbers in from_unit; the answer is in to_unit, as a new float64 array.
    difference: the values are differences or uncertainties, so that 0.5 K is 0.5 degC and not -272.65 degC.

    Raises BadInput for a text that is no unit and for a unit of another quantity. Angles are a quantity of their
    own: 30 % is not an inclination.

    >>> convert([20.0], "degC", "K")
    array([293.15])
    >>> convert(36.0, "l/min", "m3/h").round(6).item()
    2.16
    """
    numbers = np.array(values, dtype=np.float64)
    if from_unit.strip() == to_unit:
        return numbers
    shift = _SHIFTS.get((from_unit.strip(), to_unit))
    if shift is not None:
        return numbers if difference else np.asarray(numbers + shift)
    source, target = _unit(from_unit), _unit(to_unit)
    registry = _registry()
    if registry.get_root_units(source)[1] != registry.get_root_units(target)[1]:
        raise _other_quantity(from_unit, to_unit)
    converted = np.asarray(registry.convert(numbers, source, target), dtype=np.float64)
    if difference:
        converted -= float(registry.convert(0.0, source, target))
    return converted


def split(text: str) -> tuple[float, str]:
    """Number and unit of a text such as "515.66 m2"; the unit is "" where none stands.

    Raises BadInput where the text does not begin with a number.

    >>> split("515.66 m2")
    (515.66, 'm2')
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise BadInput(
            f"“{text}” is not a number with a unit: write it like “515.66 m2”.",
            f"“{text}”不是带单位的数值：请写成“515.66 m2”的形式。",
            code="not-a-quantity",
        )
    return float(match[1]), match[2]


@cache
def _registry() -> Any:
    """One registry for the process: importing pint and building it takes a third of a second."""
    import pint

    return pint.UnitRegistry(cache_folder=None)


@cache
def _unit(text: str) -> Any:
    """The pint unit of a text as people write it; "1" is the unit of ratios."""
    stripped = text.strip()
    if stripped == "1":
        return _registry().dimensionless
    if not stripped or len(stripped) > _LONGEST or "//" in stripped:  # pint would read a floor division
        raise _no_unit(text)
    try:
        return _registry().parse_units(_POWER.sub(r"**\1", stripped))
    except _no_unit_errors() as error:
        raise _no_unit(text) from error


@cache
def _no_unit_errors() -> tuple[type[Exception], ...]:
    """What pint raises for texts that are no unit: its own errors, and those of its parser."""
    import pint

    own = (ArithmeticError, AssertionError, AttributeError, TypeError, ValueError)
    return (pint.errors.PintError, tokenize.TokenError, *own)


def _no_unit(text: str) -> BadInput:
    return BadInput(
        f"“{text[:_LONGEST]}” is not a unit: write it like W/m2, degC, m3/s or kg/(s m2), and 1 for a ratio.",
        f"“{text[:_LONGEST]}”不是单位：请写成 W/m2、degC、m3/s 或 kg/(s m2) 的形式，比值写 1。",
        code="not-a-unit",
    )


def _other_quantity(from_unit: str, to_unit: str) -> BadInput:
    return BadInput(
        f"The unit {from_unit} is of another quantity than {to_unit}: "
        f"give the values in a unit that converts to {to_unit}.",
        f"单位 {from_unit} 与 {to_unit} 不是同一种量：请用可换算为 {to_unit} 的单位给出数值。",
        code="other-quantity",
    )
