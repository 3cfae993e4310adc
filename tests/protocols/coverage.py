"""How often the intervals of a quasi-dynamic test hold the truth: thousands of simulated tests at once.

The design and its days stay, the noise differs, so that fit and day-block bootstrap of all tests are a few products of
matrices. test_quasidynamic_coverage.py shows that one of them is what the program computes.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from protocols.fluids import WATER
from protocols.incidence import cosine_of_incidence, sun_position
from protocols.quasidynamic.model import Plant, regression
from protocols.quasidynamic.terms import GLAZED, WIND_INFRARED, Model
from tests.protocols.simulated import ITEM, TRUTHS, made

Array = NDArray[np.float64]

MODELS = {"iso9806-2017-qdt": GLAZED, "iso9806-2017-qdt-wisc": WIND_INFRARED}
TESTS = 2000
NOISE = 5.0  # W/m2, of a window
_RESAMPLES = 250
_CHUNK = 250  # tests at once, for the memory


@dataclass(frozen=True)
class Simulation:
    """One design with the day of each window, and the truth."""

    model: Model
    design: Array
    day: NDArray[np.intp]
    truth: Array

    @property
    def linear(self) -> Array:
        """The true linear parameters."""
        of_peak = np.array([term.of_peak for term in self.model.terms])
        return np.where(of_peak, self.truth[0] * self.truth, self.truth)


@cache
def simulation(method: str, weeks: int) -> Simulation:
    """The windows up to 60 deg of eight simulated days, so many times."""
    model, truth = MODELS[method], TRUTHS[method]
    time, columns = made(truth, highest=28.0 if "wisc" in method else 62.0)
    shape = (-1, 10)
    blocks = {symbol: values.reshape(shape) for symbol, values in columns.items()}
    elevation, azimuth = sun_position(time=time, latitude=ITEM["latitude"], longitude=ITEM["longitude"])
    cosine = cosine_of_incidence(
        elevation=elevation, azimuth=azimuth, tilt=ITEM["tilt"], plane_azimuth=ITEM["azimuth"]
    ).reshape(shape)
    front = cosine.min(axis=1) > 0.5
    data = regression(
        model=model,
        blocks={symbol: block[front] for symbol, block in blocks.items()},
        cosine=cosine[front],
        plant=Plant(area=ITEM["A_G"], fluid=WATER, meter="inlet", interval=60.0),
    )
    day = np.repeat(np.arange(8), 60)[front]
    return Simulation(
        model=model,
        design=np.vstack([data.design] * weeks),
        day=np.concatenate([day + 8 * week for week in range(weeks)]),
        truth=np.array(list(truth.values())),
    )


def responses(made_of: Simulation, *, tests: int, by_day: float, seed: int) -> Array:
    """(windows, tests): truth, white noise, and noise that all windows of a day share, in units of the white."""
    rng = np.random.default_rng(seed)
    white = rng.normal(0.0, NOISE, (made_of.day.size, tests))
    shared = rng.normal(0.0, NOISE, (made_of.day.max() + 1, tests))[made_of.day]
    return (made_of.design @ made_of.linear)[:, None] + white + by_day * shared


def ordinary(made_of: Simulation, response: Array) -> tuple[Array, Array]:
    """Coefficients and standard errors of every test, (coefficients, tests), by ordinary least squares."""
    scale = np.linalg.norm(made_of.design, axis=0)
    scaled = made_of.design / scale
    inverse = np.linalg.inv(scaled.T @ scaled) / np.outer(scale, scale)
    linear = inverse @ (made_of.design.T @ response)
    residual = response - made_of.design @ linear
    variance = (residual**2).sum(axis=0) / (made_of.day.size - scale.size)
    return _coefficients(made_of, linear, inverse[:, :, None] * variance)


def by_bootstrap(made_of: Simulation, response: Array, *, seed: int) -> Array:
    """Standard uncertainties of every test by drawing days, (coefficients, tests)."""
    parts = [_bootstrapped(made_of, chunk, seed) for chunk in np.array_split(response, TESTS // _CHUNK, axis=1)]
    return np.concatenate(parts, axis=1)


def _bootstrapped(made_of: Simulation, response: Array, seed: int) -> Array:
    days = made_of.day.max() + 1
    scale = np.linalg.norm(made_of.design, axis=0)
    scaled = [made_of.design[made_of.day == day] / scale for day in range(days)]
    counts = np.random.default_rng(seed).multinomial(days, np.full(days, 1.0 / days), size=_RESAMPLES).astype(float)
    grams = np.tensordot(counts, np.stack([block.T @ block for block in scaled]), axes=1)
    sides = np.stack([block.T @ response[made_of.day == day] for day, block in enumerate(scaled)])
    drawn = np.linalg.solve(grams, np.tensordot(counts, sides, axes=1)) / scale[:, None]
    about = drawn - drawn.mean(axis=0)
    covariance = np.einsum("rit,rjt->ijt", about, about, optimize=True) / (_RESAMPLES - 1) * days / (days - 1)
    linear = np.linalg.lstsq(made_of.design / scale, response, rcond=None)[0] / scale[:, None]
    return _coefficients(made_of, linear, covariance)[1]


def _coefficients(made_of: Simulation, linear: Array, covariance: Array) -> tuple[Array, Array]:
    """Divide eta0b out of the modifiers; covariance: (parameters, parameters, tests)."""
    values, variances = linear.copy(), np.einsum("iit->it", covariance).copy()
    for row, term in enumerate(made_of.model.terms):
        if term.of_peak:
            ratio = linear[row] / linear[0]
            values[row] = ratio
            mixed = covariance[row, row] - 2.0 * ratio * covariance[row, 0] + ratio**2 * covariance[0, 0]
            variances[row] = mixed / linear[0] ** 2
    return values, np.sqrt(variances)


def share_covered(made_of: Simulation, values: Array, uncertainty: Array) -> Array:
    """Give for each coefficient the share of tests whose interval of two standard uncertainties holds the truth."""
    return np.asarray(np.mean(np.abs(values - made_of.truth[:, None]) <= 2.0 * uncertainty, axis=1))
