"""Averaging windows on the clock, and the sieve that keeps for each of them the first reason to refuse it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.method import Refusal
from protocols.refusals import NotEvaluable

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_CLAUSE = "Heliobench, averaging"
_JITTER = 0.25  # of the sample interval


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Windows aligned to 1970-01-01T00:00Z that hold at least one sample.

    start: s, of each window.  complete: whether every sample is there.  rows: (complete windows, samples) row
    numbers.  interval: s between samples.
    """

    start: Array
    complete: Flags
    rows: NDArray[np.intp]
    interval: float

    def spread(self, values: Array) -> Array:
        """Place one value for each complete window among all windows; NaN where a window is incomplete."""
        full = np.full(self.start.size, np.nan)
        full[self.complete] = values
        return full


def windows(*, time: Array, averaging_time: float) -> Windows:
    """Cut a record into windows.

    time: s, strictly increasing, the middle of each sample.  averaging_time: s. A sample less than a quarter of an
    interval before the edge of a window counts to the next one, so that a clock that trembles about the edge does
    not give one window a sample too many and its neighbour one too few.
    Raises NotEvaluable when the averaging time is not a whole number of sample intervals.
    """
    interval = sample_interval(time) if time.size > 1 else averaging_time
    samples = round(averaging_time / interval)
    if samples < 1 or abs(samples * interval - averaging_time) > 0.05 * interval:
        raise NotEvaluable(
            clause=_CLAUSE,
            sentence_en=f"The averaging time of {averaging_time:g} s is not a whole number of the sample interval of "
            f"{interval:g} s; choose a multiple of it.",
            sentence_zh=f"平均时间 {averaging_time:g} s 不是采样间隔 {interval:g} s 的整数倍；请选择其整数倍。",
        )
    number = np.floor((time + _JITTER * interval) / averaging_time)
    first = np.flatnonzero(np.diff(number, prepend=-np.inf))
    count = np.diff(first, append=time.size)
    complete = count == samples
    return Windows(
        start=number[first] * averaging_time,
        complete=complete,
        rows=first[complete][:, None] + np.arange(samples),
        interval=interval,
    )


def sample_interval(time: Array) -> float:
    """Give the time between neighbouring samples, even where many are lacking: the middle of the short steps."""
    step = np.diff(time)
    return float(np.median(step[step < 1.5 * np.quantile(step, 0.05)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a window is refused: code, clause and a sentence in both languages."""

    code: str
    clause: str
    sentence_en: str
    sentence_zh: str


class Sieve:
    """Windows pass a row of tests; each keeps the first reason that refused it."""

    def __init__(self, size: int) -> None:
        self._index = np.full(size, -1)
        self._reasons: list[Reason] = []

    def refuse(self, where: Flags, reason: Reason) -> None:
        """Refuse the windows marked that have not been refused before."""
        new = where & (self._index < 0)
        if new.any():
            self._index[new] = len(self._reasons)
            self._reasons.append(reason)

    @property
    def passed(self) -> Flags:
        """Mark the windows that nothing has refused."""
        return self._index < 0

    @property
    def index(self) -> Array:
        """Give for each window its place in `refusals`, or -1."""
        return self._index.astype(np.float64)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Give the reasons that refused something, each with its count."""
        counts = np.bincount(self._index[self._index >= 0], minlength=len(self._reasons))
        return tuple(
            Refusal(
                code=each.code,
                clause=each.clause,
                sentence_en=each.sentence_en,
                sentence_zh=each.sentence_zh,
                count=int(count),
            )
            for each, count in zip(self._reasons, counts, strict=True)
        )
