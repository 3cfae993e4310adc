"""A plant through the sensors of a bench: what each shows, in the unit in which its instrument speaks."""

from collections.abc import Mapping

import numpy as np

from instruments.simulation.plant import Plant
from instruments.simulation.sensor import Sensor
from lims.errors import BadInput
from lims.units import convert
from protocols.symbols import QUANTITIES


class Indicated:
    """What sensors indicate of a plant whose quantities are in the units of the glossary.

    units: {symbol: unit of the instrument}. A quantity that an instrument gives in a unit of another one (a temperature
    in ohm, an irradiance in volt) is not connected: what lies between is not known here.
    """

    def __init__(self, plant: Plant, *, sensors: Mapping[str, Sensor], units: Mapping[str, str]) -> None:
        self._plant, self._sensors = plant, sensors
        self._lines = {
            symbol: _line(QUANTITIES[symbol].unit, unit) for symbol, unit in units.items() if symbol in QUANTITIES
        }

    def value(self, symbol: str, *, at: float) -> float | None:
        """What is shown at a time [s UTC]; None for a quantity that the plant has not got."""
        true, line = self._plant.value(symbol, at=at), self._lines.get(symbol, (0.0, 1.0))
        if true is None or line is None:
            return None
        shown = self._sensors[symbol].indicated(true, at=at) if symbol in self._sensors else true
        return line[0] + line[1] * shown


def _line(ours: str, theirs: str) -> tuple[float, float] | None:
    """(value of 0, value of 1 more) of one unit in another; None between units of different quantities."""
    try:
        zero, one = convert(np.array([0.0, 1.0]), ours, theirs).tolist()
    except BadInput:
        return None
    return zero, one - zero
