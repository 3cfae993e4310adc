"""How a simulated sensor errs: by its calibration, by drift and by noise; each a function of time and seed alone."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_DAY, _HOUR = 86400.0, 3600


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor whose calibration says: corrected = c0 + c1 · indicated. It errs by exactly the inverse.

    noise: standard deviation, in the unit of the quantity, anew every second.  drift: per day, since `begin` [s UTC].
    seed: the same seed gives the same noise at the same time, whoever asks and how often.
    """

    c0: float = 0.0
    c1: float = 1.0
    noise: float = 0.0
    drift: float = 0.0
    begin: float = 0.0
    seed: int = 0

    def indicated(self, true: float, *, at: float) -> float:
        """What it shows at a time [s UTC]: (true − c0) / c1 + drift (at − begin) + noise."""
        shown = (true - self.c0) / self.c1
        if self.drift:
            shown += self.drift * (at - self.begin) / _DAY
        if self.noise:
            shown += self.noise * standard_normal(seed=self.seed, at=at)
        return shown


def standard_normal(*, seed: int, at: float) -> float:
    """Noise of the second in which `at` [s UTC] lies; mean 0, standard deviation 1."""
    hour, second = divmod(int(at // 1), _HOUR)
    return float(_noise_of(seed, hour)[second])


@lru_cache(maxsize=256)
def _noise_of(seed: int, hour: int) -> NDArray[np.float64]:
    return np.random.default_rng([seed, hour % 2**32]).standard_normal(_HOUR)
