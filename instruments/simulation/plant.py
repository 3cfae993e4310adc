"""The plant that all simulated instruments of a bench feel; here a real record, replayed.

Between two rows the last row holds (zero-order hold). Where the record has a gap (no row within `hold` seconds, or NaN
in it) there is nothing to measure: the instruments answer, and say in their own protocol that their value is invalid
(a status flag, an over-range mark, not-a-number, `#`). They do not fall silent: a real instrument does not know that a
record has a gap, and a silent one would only test the deadline.
"""

import math
from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from instruments.clock import Timepiece
from instruments.driver import Feel
from instruments.simulation.sensor import Sensor

Array = NDArray[np.float64]


class Plant(Protocol):
    """What simulated instruments can feel."""

    def value(self, symbol: str, *, at: float) -> float | None:
        """The quantity at a time [s UTC]: NaN where there is nothing to measure, None for a symbol it has not got."""


class RecordPlant:
    """A record: `time` [s UTC, strictly increasing, begin of each row], {symbol: values in the unit of the channel}.

    Raises ValueError when times are not increasing or a column has another length.
    """

    def __init__(self, *, time: Array, columns: Mapping[str, Array], hold: float = 60.0) -> None:
        if len(time) == 0 or np.any(np.diff(time) <= 0):
            raise ValueError("the plant needs at least one row, and its times must increase from row to row")
        for symbol, values in columns.items():
            if len(values) != len(time):
                raise ValueError(f"column {symbol} has {len(values)} rows, the times have {len(time)}")
        self._time = np.asarray(time, dtype=np.float64)
        self._columns = {symbol: np.asarray(values, dtype=np.float64) for symbol, values in columns.items()}
        self._hold = hold

    def value(self, symbol: str, *, at: float) -> float | None:
        """The quantity at a time [s UTC]: NaN in a gap, None for a symbol that the record does not have."""
        values = self._columns.get(symbol)
        if values is None:
            return None
        row = int(np.searchsorted(self._time, at, side="right")) - 1
        if row < 0 or at >= self._time[row] + self._hold:
            return math.nan
        return float(values[row])


def feeling(*, plant: Plant, clock: Timepiece, symbols: Mapping[str, str], errors: Mapping[str, Sensor]) -> Feel:
    """What an instrument with these {channel: symbol} feels in the plant at the clock's time, with its own errors."""

    def feel(channel: str) -> float | None:
        symbol, now = symbols.get(channel), clock.now()
        true = None if symbol is None else plant.value(symbol, at=now)
        if symbol is None or true is None:
            return None
        return errors[symbol].indicated(true, at=now) if symbol in errors else true

    return feel
