"""What every statistical function asks of its data: finite numbers, enough of them, and said by name."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def sample(values: ArrayLike, *, name: str, least: int = 1) -> Array:
    """Give values as a one-dimensional array of at least `least` finite numbers.

    Raises ValueError, naming the data and the first position (from 0) that is wrong.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one row of numbers, not an array of {array.ndim} dimensions.")
    if array.size < least:
        raise ValueError(f"{name}: {array.size} values are too few; give at least {least}.")
    _refuse_gaps(array, name)
    return array


def table(values: ArrayLike, *, name: str, rows: int, columns: int) -> Array:
    """Give values as a two-dimensional array of finite numbers with at least so many rows and columns.

    Raises ValueError, naming the data, for rows of unequal length, too few of them, or a value that is no number.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except ValueError as error:
        raise ValueError(f"{name}: the rows are of unequal length; give as many values in each.") from error
    if array.ndim != 2 or array.shape[0] < rows or array.shape[1] < columns:
        raise ValueError(f"{name}: shape {array.shape}; give at least {rows} rows of at least {columns} values each.")
    _refuse_gaps(array, name)
    return array


def positive(value: float, *, name: str) -> float:
    """Give a value that is finite and above zero. Raises ValueError, naming it."""
    if not (np.isfinite(value) and value > 0):
        raise ValueError(f"{name} is {value}; give a finite number above zero.")
    return float(value)


def _refuse_gaps(array: Array, name: str) -> None:
    wrong = np.argwhere(~np.isfinite(array))
    if wrong.size:
        place = ", ".join(str(index) for index in wrong[0])
        raise ValueError(
            f"{name}: the value at position {place} (from 0) is not a finite number; correct or remove it."
        )
