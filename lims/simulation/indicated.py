"""A plant through the sensors of a bench: what each shows, in the unit in which its instrument speaks."""

from collections.abc import Mapping

import numpy as np

from instruments.simulation.plant import Plant
from instruments.simulation.sensor import Sensor
from lims.units import convert
from protocols.symbols import QUANTITIES


class Indicated:
    """What sensors indicate of a plant whose quantities are in the units of the glossary.

    units: {symbol: unit of the instrument}. Raises BadInput for a unit of another dimension.
    """

    def __init__(self, plant: Plant, *, sensors: Mapping[str, Sensor], units: Mapping[str, str]) -> None:
        self._plant, self._sensors = plant, sensors
        self._lines = {
            symbol: _line(QUANTITIES[symbol].unit, unit) for symbol, unit in units.items() if symbol in QUANTITIES
        }

    def value(self, symbol: str, *, at: float) -> float | None:
        """What is shown at a time [s UTC]; None for a quantity that the plant has not got."""
        true = self._plant.value(symbol, at=at)
        if true is None:
            return None
        shown = self._sensors[symbol].indicated(true, at=at) if symbol in self._sensors else true
        offset, slope = self._lines.get(symbol, (0.0, 1.0))
        return offset + slope * shown


def _line(ours: str, theirs: str) -> tuple[float, float]:
    """(value of 0, value of 1 more) of one unit in another."""
    zero, one = convert(np.array([0.0, 1.0]), ours, theirs).tolist()
    return zero, one - zero
