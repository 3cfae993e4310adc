"""Clocks that a recorder can be given: the real one, or the own time of a record that is replayed.

Times are seconds since 1970-01-01 UTC.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tick:
    """A scan is due: `time` [s UTC] that it gets, `lag` [s] by which it comes late."""

    time: float
    lag: float


class Timepiece(Protocol):
    """What tells the time."""

    def now(self) -> float:
        """The time [s UTC]."""


class Clock(Timepiece, Protocol):
    """What tells a recorder when to scan."""

    def ticks(self, period: float) -> Iterator[Tick]:
        """Waits for each scan that is due every `period` [s]."""


class SystemClock:
    """The computer's clock. Steady: the schedule is monotonic, so a step of the wall clock moves no scan.

    A scan that takes longer than the period makes the next ones late; none is left out, and each tells its lag.
    """

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wall, self._monotonic, self._sleep = wall, monotonic, sleep

    def now(self) -> float:
        """The time [s UTC]."""
        return self._wall()

    def ticks(self, period: float) -> Iterator[Tick]:
        """A tick at every whole multiple of the period after the epoch, without end."""
        wait = -self._wall() % period
        due = self._monotonic() + wait
        while True:
            pause = due - self._monotonic()
            if pause > 0:
                self._sleep(pause)
            yield Tick(self._wall(), max(self._monotonic() - due, 0.0))
            due += period


class RunningClock:
    """A clock that was set to `start` [s UTC] and runs `speed` times as fast as the computer's."""

    def __init__(self, start: float, *, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._start, self._speed, self._monotonic = start, speed, monotonic
        self._begun = monotonic()

    def now(self) -> float:
        """The time [s UTC]."""
        return self._start + self._speed * (self._monotonic() - self._begun)


class ReplayClock:
    """The own clock of a record: it stands still during a scan and jumps to the next time of the record.

    `speed` None: as fast as the ports answer; 1.0: real time; 60.0: sixty times real time.
    """

    def __init__(
        self,
        times: Iterable[float],
        *,
        speed: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._times = [float(one) for one in times]
        self._now = self._times[0] if self._times else math.nan
        self._speed, self._monotonic, self._sleep = speed, monotonic, sleep

    def __len__(self) -> int:
        return len(self._times)

    def now(self) -> float:
        """The time of the scan under way [s UTC]."""
        return self._now

    def ticks(self, period: float) -> Iterator[Tick]:
        """A tick at every time of the record, in order."""
        begun = self._monotonic()
        for one in self._times:
            lag = 0.0
            if self._speed is not None:
                late = self._monotonic() - begun - (one - self._times[0]) / self._speed
                if late < 0:
                    self._sleep(-late)
                lag = max(late, 0.0)
            self._now = one
            yield Tick(one, lag)
