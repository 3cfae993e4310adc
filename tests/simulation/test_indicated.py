"""A plant through sensors, in the units in which instruments speak."""

import pytest

from instruments.simulation.sensor import Sensor
from lims.simulation.indicated import Indicated


class Steady:
    def value(self, symbol, *, at):
        return {"t_in": 50.0, "V_dot": 1e-4}.get(symbol)


def test_a_quantity_is_shown_in_the_unit_of_its_instrument_with_the_error_of_its_sensor():
    shown = Indicated(
        Steady(), sensors={"t_in": Sensor(c0=-0.5)}, units={"t_in": "K", "V_dot": "l/min", "G": "W/m2", "own": "V"}
    )
    assert shown.value("t_in", at=0.0) == pytest.approx(50.5 + 273.15)
    assert shown.value("V_dot", at=0.0) == pytest.approx(6.0)
    assert shown.value("G", at=0.0) is None
    assert shown.value("own", at=0.0) is None


def test_a_quantity_in_a_unit_of_another_one_is_not_connected():
    assert Indicated(Steady(), sensors={}, units={"t_in": "ohm"}).value("t_in", at=0.0) is None
