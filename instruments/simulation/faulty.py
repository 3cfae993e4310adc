"""A simulated device in which something goes wrong by a schedule."""

from collections.abc import Callable
from itertools import repeat

import numpy as np

from instruments.driver import Feel, Simulator
from instruments.simulation.faults import Echo, Late, Noisy, Silent
from instruments.simulation.schedule import BROWN_OUT, ECHO, GARBAGE, LATE, SILENCE, STUCK, Episode
from instruments.simulation.thermostat import POWER_UP, ThermostatSimulator


class Faulty(Simulator):
    """The device that `make` builds, as the episodes of `now` let it answer.

    `make` is called again when the mains come back. `episodes` tells what is wrong now; `delay` [s] is that of late
    answers of which nobody said how late.
    """

    def __init__(
        self,
        make: Callable[[Feel], Simulator],
        *,
        feel: Feel,
        episodes: Callable[[], tuple[Episode, ...]],
        delay: float,
        seed: int,
    ) -> None:
        self._make, self._true, self._episodes, self._delay = make, feel, episodes, delay
        self._rng = np.random.default_rng(seed)
        self._held: dict[str, float | None] = {}
        self._dark = False
        self._device = make(self._felt)
        self._now: Simulator = self._device
        super().__init__(driver=self._device.driver, feel=self._felt)

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """What the device answers, and what becomes of it."""
        self._now = self.notice()
        return self._now.answer(received)

    def lateness(self) -> tuple[float, float]:
        """Of the reply just given."""
        return self._now.lateness()

    def notice(self) -> Simulator:
        """The device as it is now: what begins begins, what ends ends, also while nobody asks."""
        wrong = {one.kind: one for one in self._episodes()}
        if STUCK not in wrong:
            self._held.clear()
        if self._dark and BROWN_OUT not in wrong:
            self._restart()
        self._dark = BROWN_OUT in wrong
        device: Simulator = self._device
        if GARBAGE in wrong:
            device = Noisy(device, noise=self._damaged)
        if LATE in wrong:
            device = Late(device, delays=repeat(wrong[LATE].delay or self._delay))
        if ECHO in wrong:
            device = Echo(device)
        return Silent(device) if self._dark or SILENCE in wrong else device

    def _restart(self) -> None:
        """Power-up values; a circulator heats to its power-up set point from now on."""
        before, self._device = self._device, self._make(self._felt)
        if isinstance(before, ThermostatSimulator) and isinstance(self._device, ThermostatSimulator):
            self._device.bath = before.bath
            self._device.bath.set_point = POWER_UP

    def _felt(self, channel: str) -> float | None:
        if not any(one.kind == STUCK for one in self._episodes()):
            return self._true(channel)
        if channel not in self._held:
            self._held[channel] = self._true(channel)
        return self._held[channel]

    def _damaged(self, reply: bytes) -> bytes:
        """One byte is another one."""
        place = int(self._rng.integers(len(reply)))
        return reply[:place] + bytes((reply[place] ^ int(self._rng.integers(1, 256)),)) + reply[place + 1 :]
