"""When something goes wrong on a simulated bench: at times that were told, or at random from a seed."""

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

SILENCE, LATE, GARBAGE, ECHO, STUCK, BROWN_OUT, UNPLUG = (
    "silence", "late", "garbage", "echo", "stuck", "brown-out", "unplug",
)  # fmt: skip
KINDS = {
    SILENCE: ("no answer", "无应答"),
    LATE: ("late answers", "应答迟到"),
    GARBAGE: ("damaged answers", "应答损坏"),
    ECHO: ("questions echoed", "请求被回送"),
    STUCK: ("stuck values", "数值不变"),
    BROWN_OUT: ("power lost, then power-up values", "断电，恢复后为上电初始值"),
    UNPLUG: ("cable unplugged", "电缆拔出"),
}
_HOUR = 3600.0
_SHORTEST, _LONGEST = 5.0, 60.0  # s; ours: how long a random one lasts
_STREAM = zlib.crc32(b"faults")


@dataclass(frozen=True, slots=True)
class Episode:
    """Something is wrong with one instrument from `begin` to `end` [s UTC]; `delay` [s] of late answers.

    A delay of 0 is half way from the instrument's deadline to its worst response time.
    """

    instrument: str
    kind: str
    begin: float = -math.inf
    end: float = math.inf
    delay: float = 0.0


class Schedule:
    """The episodes of a bench: those told, and at random `rate` per hour among these instruments."""

    def __init__(
        self, told: Sequence[Episode] = (), *, rate: float = 0.0, instruments: Sequence[str] = (), seed: int = 0
    ) -> None:
        self._told = tuple(told)
        self._rate, self._instruments, self._seed = rate, tuple(instruments), seed
        self._of_hour: Callable[[int], tuple[Episode, ...]] = lru_cache(maxsize=8)(self._drawn)

    def at(self, now: float) -> tuple[Episode, ...]:
        """The episodes at a time [s UTC]."""
        hour = int(now // _HOUR)
        drawn = (*self._of_hour(hour - 1), *self._of_hour(hour)) if self._rate else ()
        return tuple(one for one in (*self._told, *drawn) if one.begin <= now < one.end)

    def _drawn(self, hour: int) -> tuple[Episode, ...]:
        rng = np.random.default_rng([self._seed, _STREAM, hour % 2**32])  # before 1970 too
        return tuple(self._one(rng, hour * _HOUR) for _ in range(rng.poisson(self._rate)))

    def _one(self, rng: np.random.Generator, hour: float) -> Episode:
        begin = hour + rng.uniform(0.0, _HOUR)
        instrument = self._instruments[rng.integers(len(self._instruments))]
        kind = tuple(KINDS)[rng.integers(len(KINDS))]
        return Episode(instrument, kind, begin, begin + rng.uniform(_SHORTEST, _LONGEST))
