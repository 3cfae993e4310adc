"""The time between two moments of a record: means and integrals of its columns, with gaps refused."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from protocols.evaluation import OURS
from protocols.refusals import NotEvaluable
from protocols.symbols import quantity

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of time: begin, end, s since 1970-01-01 UTC.  time: s, of the record's samples, increasing."""

    time: Array
    begin: float
    end: float

    @property
    def duration(self) -> float:
        """Give its length in s."""
        return self.end - self.begin

    def integral(self, values: Array) -> float:
        """Give the integral over time, in the unit of the values times s; straight lines between valid samples.

        values: one for each time, NaN = missing. Beyond the first and last valid sample the nearest one holds.
        Raises ValueError when there is no valid sample.
        """
        valid = np.isfinite(values)
        if not valid.any():
            raise ValueError("a column without any value has no integral; leave it out.")
        time, known = self.time[valid], values[valid]
        inside = time[(time > self.begin) & (time < self.end)]
        moments = np.concatenate(([self.begin], inside, [self.end]))
        return float(np.trapezoid(np.interp(moments, time, known), moments))

    def mean(self, values: Array) -> float:
        """Give the mean over time, in the unit of the values; errors as of integral."""
        return self.integral(values) / self.duration

    def largest_gap(self, values: Array) -> float:
        """Give the longest time in s without a valid sample, from begin to end; all of it when there is none."""
        valid = np.isfinite(values) & (self.time >= self.begin) & (self.time <= self.end)
        return float(np.diff(np.concatenate(([self.begin], self.time[valid], [self.end]))).max())

    def parts(self, count: int) -> tuple["Span", ...]:
        """Cut it into parts of one length."""
        edges = np.linspace(self.begin, self.end, count + 1).tolist()
        return tuple(Span(time=self.time, begin=a, end=b) for a, b in pairwise(edges))


def require_no_gap(*, span: Span, symbol: str, values: Array, longest: float) -> None:
    """Raise NotEvaluable when a column is missing for more than `longest` s within a span."""
    gap = span.largest_gap(values)
    if gap > longest:
        known = quantity(symbol)
        raise NotEvaluable(
            clause=OURS,
            sentence_en=f"{symbol} ({known.name_en}) is missing for {gap:.0f} s within the test, more than the "
            f"{longest:g} s allowed; give a complete record.",
            sentence_zh=f"试验期间 {symbol}（{known.name_zh}）连续缺测 {gap:.0f} s，超过允许的 {longest:g} s；"
            "请提供完整记录。",
        )
