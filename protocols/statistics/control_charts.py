"""Control charts: individuals and moving ranges, means with ranges or standard deviations, EWMA and CUSUM.

Limits come from a baseline, a number of first points; the points after it are judged by the same limits. A signal is a
point beyond a limit, by its position from 0; rules on runs of points are in `protocols.statistics.control_rules`.
Constants are computed (`protocols.statistics.chart_constants`); a rounded d2 = 1.128 moves limits of individuals by
4e-4 of their width.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.statistics.chart_constants import ChartConstants, chart_constants
from protocols.statistics.samples import positive, sample, table

Array = NDArray[np.float64]

_WIDTH = 3.0  # standard deviations from the centre to a limit (ISO 7870-2:2013)
_LEAST = 2  # points of a baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart, everything in the unit of the values.

    points: what is drawn.  lower, upper: the limits at each point.  sigma: standard deviation of one value that the
    limits rest on.  signals: positions (from 0) of points beyond a limit.
    """

    name: str
    points: Array
    centre: float
    lower: Array
    upper: Array
    sigma: float
    signals: tuple[int, ...]

    @property
    def z(self) -> Array:
        """Give the points as distances from the centre, in thirds of the way to the upper limit, for run rules."""
        return _WIDTH * (self.points - self.centre) / (self.upper - self.centre)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cusum:
    """A two-sided tabular CUSUM, in the unit of the values.

    upper, lower: C+ and C- after each value, both from zero upwards.  upper_run, lower_run: N+ and N-, how many values
    ago each left zero.  reference: K.  decision: H.  signals: positions (from 0) where C+ or C- is above H.
    """

    upper: Array
    lower: Array
    upper_run: NDArray[np.int_]
    lower_run: NDArray[np.int_]
    target: float
    reference: float
    decision: float
    signals: tuple[int, ...]


def individuals(
    values: ArrayLike, *, baseline: int | None = None, span: int = 2, d2: float | None = None
) -> tuple[Chart, Chart]:
    """Give the charts of individual values and of their moving ranges (I-MR; ISO 7870-2:2013).

    values: (points,).  baseline: number of first values that set the limits; None for all.
    span: values that a moving range takes, 2 as a rule; the chart of ranges is shorter by span - 1 points.
    Centre mean(x), sigma = mean(MR)/d2(span), limits centre +- 3 sigma; of the ranges D3 and D4 times their mean.
    d2: a value to use in place of the exact one, e.g. 1.128 to follow a printed example.
    Raises ValueError for NaN, fewer values than span + 1, or a baseline that does not vary.
    """
    x = sample(values, name="values", least=span + 1)
    size = _baseline(x.size, baseline, least=span + 1)
    constants = chart_constants(span)
    ranges = np.ptp(np.lib.stride_tricks.sliding_window_view(x, span), axis=1)
    mean_range = _varying(float(ranges[: size - span + 1].mean()))
    sigma = mean_range / (constants.d2 if d2 is None else positive(d2, name="d2"))
    chart = _chart("individuals", x, centre=float(x[:size].mean()), half=_WIDTH * sigma, sigma=sigma)
    return chart, _ranges("moving ranges", ranges, mean_range, constants, sigma)


def means_and_ranges(samples: ArrayLike, *, baseline: int | None = None) -> tuple[Chart, Chart]:
    """Give the charts of sample means and of sample ranges (x-bar and R; ISO 7870-2:2013).

    samples: (samples, n values each), n >= 2.  baseline: number of first samples that set the limits; None for all.
    Means: centre +- A2 mean(R); ranges: D3 mean(R) to D4 mean(R); sigma = mean(R)/d2.
    Raises ValueError for NaN, samples of unequal size, fewer than two, or a baseline that does not vary.
    """
    x, size, constants = _samples(samples, baseline)
    ranges = np.ptp(x, axis=1)
    mean_range = _varying(float(ranges[:size].mean()))
    sigma = mean_range / constants.d2
    means = _chart("means", x.mean(axis=1), centre=float(x[:size].mean()), half=constants.A2 * mean_range, sigma=sigma)
    return means, _ranges("ranges", ranges, mean_range, constants, sigma)


def means_and_deviations(samples: ArrayLike, *, baseline: int | None = None) -> tuple[Chart, Chart]:
    """Give the charts of sample means and of sample standard deviations (x-bar and s; ISO 7870-2:2013).

    As `means_and_ranges`, with centre +- A3 mean(s), B3 mean(s) to B4 mean(s), and sigma = mean(s)/c4.
    """
    x, size, constants = _samples(samples, baseline)
    s = np.std(x, axis=1, ddof=1)
    mean_s = _varying(float(s[:size].mean()))
    sigma = mean_s / constants.c4
    means = _chart("means", x.mean(axis=1), centre=float(x[:size].mean()), half=constants.A3 * mean_s, sigma=sigma)
    lower, upper = np.full(s.size, constants.B3 * mean_s), np.full(s.size, constants.B4 * mean_s)
    return means, _drawn("standard deviations", s, mean_s, lower, upper, sigma)


def ewma(
    values: ArrayLike, *, target: float, sigma: float, weight: float, width: float = _WIDTH, steady: bool = False
) -> Chart:
    """Give the chart of exponentially weighted moving averages z_i = lambda x_i + (1 - lambda) z_(i-1), z_0 = target.

    values: (points,).  target, sigma: of the process, in the unit of the values.  weight: lambda, above 0 up to 1.
    width: L. Limits target +- L sigma sqrt(lambda/(2 - lambda) (1 - (1 - lambda)^(2 i))); steady = True draws
    their limit for large i at every point, as the NIST/SEMATECH e-Handbook, 6.3.2.4 does.
    """
    x, s = sample(values, name="values"), positive(sigma, name="sigma")
    if not np.isfinite(target):
        raise ValueError(f"the target is {target}; give a finite number.")
    if not 0.0 < weight <= 1.0:
        raise ValueError(f"the weight lambda is {weight}; give a number above 0, up to 1.")
    step = _blend(weight)
    z = np.array(list(accumulate(x.tolist(), step, initial=float(target)))[1:])
    age = np.inf if steady else np.arange(1, x.size + 1)
    grown = np.broadcast_to(-np.expm1(2.0 * age * np.log1p(-weight)) if weight < 1.0 else 1.0, z.shape)
    half = positive(width, name="the width") * s * np.sqrt(weight / (2.0 - weight) * grown)
    return _drawn("EWMA", z, float(target), target - half, target + half, s)


def cusum(values: ArrayLike, *, target: float, reference: float, decision: float, headstart: float = 0.0) -> Cusum:
    """Give the two-sided tabular CUSUM C+_i = max(0, x_i - target - K + C+_(i-1)), C-_i likewise downwards.

    values: (points,).  target, reference (K), decision (H), headstart (C+_0 = C-_0, H/2 for a fast initial response):
    in the unit of the values; of standardised values K = 0.5 and H = 5 are usual.
    Not reset after a signal. Raises ValueError for NaN, a negative K or headstart, or H not above zero.
    """
    x, H = sample(values, name="values"), positive(decision, name="the decision interval H")
    if not (np.isfinite([target, reference, headstart]).all() and reference >= 0.0 and headstart >= 0.0):
        raise ValueError("the target must be a finite number, K and the headstart finite and not below zero.")
    upper, upper_run = _one_sided(x - target - reference, headstart)
    lower, lower_run = _one_sided(target - reference - x, headstart)
    return Cusum(
        upper=upper,
        lower=lower,
        upper_run=upper_run,
        lower_run=lower_run,
        target=float(target),
        reference=float(reference),
        decision=H,
        signals=_positions((upper > H) | (lower > H)),
    )


def _one_sided(steps: Array, headstart: float) -> tuple[Array, NDArray[np.int_]]:
    sums = np.array(list(accumulate(steps.tolist(), lambda c, d: max(0.0, c + d), initial=headstart)))
    place = np.arange(sums.size)
    last_zero = np.maximum.accumulate(np.where(sums == 0.0, place, 0))
    return sums[1:], (place - last_zero)[1:]


def _blend(weight: float) -> Callable[[float, float], float]:
    return lambda z, x: weight * x + (1.0 - weight) * z


def _samples(samples: ArrayLike, baseline: int | None) -> tuple[Array, int, ChartConstants]:
    x = table(samples, name="samples", rows=_LEAST, columns=2)
    return x, _baseline(x.shape[0], baseline, least=_LEAST), chart_constants(x.shape[1])


def _baseline(size: int, baseline: int | None, *, least: int) -> int:
    chosen = size if baseline is None else baseline
    if not least <= chosen <= size:
        raise ValueError(f"a baseline of {chosen} points does not go with {size}; give {least} to {size}.")
    return chosen


def _varying(spread: float) -> float:
    if not spread > 0.0:
        raise ValueError("the baseline does not vary: limits of zero width mean nothing; record more digits.")
    return spread


def _ranges(name: str, ranges: Array, mean_range: float, constants: ChartConstants, sigma: float) -> Chart:
    lower, upper = (np.full(ranges.size, factor * mean_range) for factor in (constants.D3, constants.D4))
    return _drawn(name, ranges, mean_range, lower, upper, sigma)


def _chart(name: str, points: Array, *, centre: float, half: float, sigma: float) -> Chart:
    return _drawn(name, points, centre, np.full(points.size, centre - half), np.full(points.size, centre + half), sigma)


def _drawn(name: str, points: Array, centre: float, lower: Array, upper: Array, sigma: float) -> Chart:
    return Chart(
        name=name,
        points=points,
        centre=centre,
        lower=np.asarray(lower),
        upper=np.asarray(upper),
        sigma=sigma,
        signals=_positions((points < lower) | (points > upper)),
    )


def _positions(where: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(place) for place in np.flatnonzero(where))
