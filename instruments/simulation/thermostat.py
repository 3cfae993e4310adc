"""Simulated circulators: each has a bath, and an order on the wire moves it."""

from typing import Protocol

from instruments.driver import Driver, Feel, Simulator

POWER_UP = 20.0  # degC; ours: the set point after the mains come back


class Bath(Protocol):
    """What a circulator heats and cools: its set point [degC]."""

    set_point: float


class StillBath:
    """A bath that belongs to no plant: it only remembers."""

    set_point = POWER_UP


class ThermostatSimulator(Simulator):
    """A circulator; `bath` is its own until a simulated bench gives it the plant's."""

    def __init__(self, *, driver: Driver, feel: Feel) -> None:
        super().__init__(driver=driver, feel=feel)
        self.bath: Bath = StillBath()
