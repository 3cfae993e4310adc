"""Means over clock hours (or another interval of the clock) of samples of which some are missing."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from protocols.windows import sample_interval

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Intervals of the clock that hold at least one sample.

    start: [s].  rows: the samples that count, by number.  index: the interval of each of them.  missing: part of the
    samples that are missing [1].  gap: longest time without one, as part of the interval [1].
    """

    start: Array
    rows: NDArray[np.intp]
    index: NDArray[np.intp]
    missing: Array
    gap: Array
    time: Array

    def mean(self, values: Array) -> Array:
        """Give the mean of each interval [the values' unit], NaN where no sample counts; values: one for each row."""
        means = np.full(self.start.size, np.nan)
        if values.size:
            means[self._held] = np.add.reduceat(values, self._first) / self._count
        return means

    def any(self, flags: Flags) -> Flags:
        """Mark the intervals in which a row is marked; flags: one for each row."""
        marked = np.zeros(self.start.size, dtype=bool)
        marked[self.index[flags]] = True
        return marked

    def rate(self, values: Array) -> Array:
        """Give the change from the first to the last row of each interval over the time between them [unit/s]."""
        first = self._first
        last = np.append(first, values.size)[1:] - 1
        span = self.time[last] - self.time[first]
        change = np.full(self.start.size, np.nan)
        change[self._held] = (values[last] - values[first]) / np.where(span > 0, span, np.nan)
        return change

    @cached_property
    def _first(self) -> NDArray[np.intp]:
        """The first row of each interval that has one."""
        return np.flatnonzero(np.diff(self.index, prepend=-1))

    @cached_property
    def _count(self) -> NDArray[np.intp]:
        """How many rows each interval has that has one."""
        return np.diff(self._first, append=self.index.size)

    @cached_property
    def _held(self) -> NDArray[np.intp]:
        """The intervals that have a row."""
        return self.index[self._first]

    def among(self, chosen: Flags) -> "Hours":
        """Keep the samples of the intervals marked; the others stay, without samples."""
        kept = chosen[self.index]
        return Hours(
            start=self.start,
            rows=self.rows[kept],
            index=self.index[kept],
            missing=self.missing,
            gap=self.gap,
            time=self.time[kept],
        )


def clock_hours(*, time: Array, valid: Flags, length: float) -> Hours:
    """Sort samples into intervals of the clock, aligned to 1970-01-01T00:00Z.

    time: middle of each sample [s], strictly increasing.  valid: whether every value of a sample is there.
    length: of the intervals [s].
    """
    interval = sample_interval(time) if time.size > 1 else length
    number = np.floor(time / length)
    first = np.flatnonzero(np.diff(number, prepend=-np.inf))
    start = number[first] * length
    member = np.cumsum(np.diff(number, prepend=number[0]) > 0, dtype=np.intp)
    rows = np.flatnonzero(valid)
    index = member[rows]
    count = np.bincount(index, minlength=start.size)
    expected = max(round(length / interval), 1)
    return Hours(
        start=start,
        rows=rows,
        index=index,
        missing=1.0 - count / expected,
        gap=_longest(time[rows], index, start, length, interval) / length,
        time=time[rows],
    )


def _longest(time: Array, index: NDArray[np.intp], start: Array, length: float, interval: float) -> Array:
    """The longest time within each interval in which no sample lies, s: 0 where all are there."""
    longest = np.full(start.size, length)
    if not time.size:
        return longest
    begin = np.flatnonzero(np.diff(index, prepend=-1))
    step = np.diff(time, prepend=time[0]) - interval
    step[begin] = time[begin] - interval / 2.0 - start[index[begin]]
    longest[index[begin]] = np.maximum.reduceat(step, begin)
    end = np.append(begin[1:], time.size) - 1
    tail = start[index[end]] + length - time[end] - interval / 2.0
    longest[index[end]] = np.maximum(longest[index[end]], tail)
    return np.asarray(np.maximum(longest, 0.0))
