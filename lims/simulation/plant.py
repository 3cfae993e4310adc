"""A collector in its loop: the quasi-dynamic equation of ISO 9806, integrated in time.

    a5 dtm/dt = eta0b (Kb Gb + Kd Gd) - a1 D - a2 D^2 - a3 u' D + a4 L - a6 u' G - a7 u' L - a8 D^4 - Q/A
    Q = V rho(t_in) c_p(tm) (t_out - t_in),   t_out = 2 tm - t_in,   D = tm - ta

The collector is the one node that the standard's equation describes, so its coefficients are the truth that an
evaluation must find again; what the standard leaves out (the time a slug of fluid takes through it) is left out here.
c_p at tm instead of its mean between inlet and outlet is right within 1e-4. Where a temperature leaves the range in
which the fluid is known, its properties are taken at the end of that range.

A bath keeps the inlet: it follows its set point with a time constant and at most so fast; a pipe follows the bath.

Steps are of fixed length from the begin, so that the state does not depend on who looks how often: each is exponential
(Rosenbrock-Euler), stable for any flow and capacity, with the mean of the weather at its two ends.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instruments.clock import Timepiece
from instruments.simulation.sensor import Sensor
from lims.simulation.weather import Weather
from protocols.collectors.collector import CollectorParameters, long_wave_balance
from protocols.fluids import Fluid

Array = NDArray[np.float64]

_CHUNK = 600  # steps whose weather is computed at once
_DEGREE = 5  # of the polynomials that stand for the fluid's tables in the loop


@dataclass(frozen=True, kw_only=True)
class Loop:
    """The fluid and how it goes round.

    flow: volume flow through all modules [m3/s].  modules: in the test.  bath_time: time constant of the bath [s];
    bath_rate: its fastest change [K/s].  pipe_time: from the bath to the inlet [s].
    """

    fluid: Fluid
    flow: float
    modules: int = 1
    bath_time: float = 120.0
    bath_rate: float = 0.05
    pipe_time: float = 15.0


@dataclass(frozen=True)
class Programme:
    """Set points one after the other: (seconds, degC); it begins anew at its end."""

    steps: tuple[tuple[float, float], ...]

    def at(self, elapsed: float) -> float:
        """The set point [degC] so many seconds after the begin."""
        left = elapsed % sum(seconds for seconds, _ in self.steps) if elapsed > 0 else 0.0
        for seconds, value in self.steps:
            if left < seconds:
                return value
            left -= seconds
        return self.steps[-1][1]


class CollectorPlant:
    """What instruments on a collector feel, from `begin` [s UTC] on, by symbol in the units of the glossary.

    Beside the weather's G, Gd, DNI, t_amb, u and EL: t_in, t_out, V_dot and t_bath. The state is only known forwards: a
    time that lies before the last one asked for gives the last one's.
    """

    def __init__(
        self,
        *,
        collector: CollectorParameters,
        loop: Loop,
        weather: Weather,
        begin: float,
        inlet: Programme,
        step: float = 1.0,
    ) -> None:
        if not collector.a5 > 0.0:
            raise ValueError(f"a5 of collector {collector.name!r} must be positive, or it has no state; give it.")
        self.collector, self.loop, self.weather, self.begin = collector, loop, weather, begin
        self._inlet, self._step = inlet, step
        self._ordered: float | None = None
        self._number = 0
        self._bath = self._t_in = self._tm = inlet.at(0.0)
        self._density = _polynomial(loop.fluid, loop.fluid.density)
        self._heat = _polynomial(loop.fluid, loop.fluid.heat_capacity)
        self._weathers = self._chunks()
        self._now, self._drive = next(self._weathers)

    def value(self, symbol: str, *, at: float) -> float | None:
        """The quantity at a time [s UTC]; None for one that this plant has not got."""
        self._reach(at)
        own = {"t_in": self._t_in, "t_out": 2.0 * self._tm - self._t_in, "t_bath": self._bath, "V_dot": self.loop.flow}
        return own.get(symbol, self._now.get(symbol))

    def set_point(self, *, at: float) -> float:
        """What the bath is set to [degC]: the last order, else the programme."""
        return self._inlet.at(at - self.begin) if self._ordered is None else self._ordered

    def order(self, value: float, *, at: float) -> None:
        """Set the bath to `value` [degC] from a time on; the programme is over."""
        self._reach(at)
        self._ordered = value

    def _reach(self, at: float) -> None:
        for _ in range(math.floor((at - self.begin) / self._step) - self._number):
            self._advance()

    def _advance(self) -> None:
        step, loop, before = self._step, self.loop, self._drive
        wanted = (self.set_point(at=self.begin + self._number * step) - self._bath) / loop.bath_time
        self._now, self._drive = next(self._weathers)
        self._tm += self._rise(*((before[key] + self._drive[key]) / 2.0 for key in ("sun", "loss", "t_amb")))
        self._t_in += (self._bath - self._t_in) * -math.expm1(-step / loop.pipe_time)
        self._bath += step * min(max(wanted, -loop.bath_rate), loop.bath_rate)
        self._number += 1

    def _rise(self, sun: float, loss: float, t_amb: float) -> float:
        """The change of tm [K] in one step."""
        one, tm, above = self.collector, self._tm, self._tm - t_amb
        area = self.loop.modules * one.area
        carried = 2.0 * self.loop.flow * self._density(self._t_in) * self._heat(tm) / area
        power = sun - loss * above - one.a2 * above**2 - one.a8 * above**4 - carried * (tm - self._t_in)
        stiffness = (loss + 2.0 * one.a2 * above + 4.0 * one.a8 * above**3 + carried) / one.a5
        if abs(stiffness) * self._step < 1e-9:
            return power / one.a5 * self._step
        return power / one.a5 * -math.expm1(-stiffness * self._step) / stiffness

    def _chunks(self) -> Iterator[tuple[Mapping[str, float], Mapping[str, float]]]:
        """(what is to be measured, what drives the equation) of every step, without end."""
        first = 0
        while True:
            time = self.begin + self._step * np.arange(first, first + _CHUNK, dtype=np.float64)
            weather = self.weather.at(time)
            rows = {symbol: weather[symbol].tolist() for symbol in ("G", "Gd", "DNI", "t_amb", "u", "EL")}
            drive = {key: values.tolist() for key, values in self._driven(weather).items()} | {"t_amb": rows["t_amb"]}
            for row in range(_CHUNK):
                yield {key: of[row] for key, of in rows.items()}, {key: of[row] for key, of in drive.items()}
            first += _CHUNK

    def _driven(self, weather: Mapping[str, Array]) -> dict[str, Array]:
        """sun: Q/A at tm = ta and steady [W/m2].  loss: what is lost per K, but for a2 and a8 [W/(m2 K)]."""
        across, along = self.weather.projected(weather)
        modifier = self.collector.modifier.at(weather["theta"], transversal=across, longitudinal=along)
        driven = {
            "Gb": weather["Gb"],
            "Gd": weather["Gd"],
            "Kb": np.nan_to_num(modifier),  # no angles behind the plane, and no beam either
            "u": weather["u"],
            "long_wave": long_wave_balance(EL=weather["EL"], t_amb=weather["t_amb"]),
        }
        one_kelvin = self.collector.terms(rise=1.0, **driven)
        return {
            "sun": self.collector.power(rise=0.0, **driven),
            "loss": np.zeros_like(modifier)
            - self.collector.a1 * one_kelvin["a1"]
            - self.collector.a3 * one_kelvin["a3"],
        }


class PlantBath:
    """The bath of a plant for simulated circulators: reads and orders its set point [degC] at the clock's time."""

    def __init__(self, plant: CollectorPlant, clock: Timepiece) -> None:
        self._plant, self._clock = plant, clock

    @property
    def set_point(self) -> float:
        """The set point [degC]."""
        return self._plant.set_point(at=self._clock.now())

    @set_point.setter
    def set_point(self, value: float) -> None:
        self._plant.order(value, at=self._clock.now())


def measured(plant: CollectorPlant, *, times: Array, sensors: Mapping[str, Sensor]) -> dict[str, Array]:
    """What sensors indicate at these increasing times [s UTC], {symbol: values}: a record without instruments.

    Raises KeyError for a symbol that the plant has not got.
    """
    rows = [
        [sensor.indicated(_known(plant.value(symbol, at=time), symbol), at=time) for symbol, sensor in sensors.items()]
        for time in times.tolist()
    ]
    return dict(zip(sensors, np.array(rows).T, strict=True))


def _known(value: float | None, symbol: str) -> float:
    if value is None:
        raise KeyError(f"the plant has no {symbol}")
    return value


def _polynomial(fluid: Fluid, known: Callable[[Array], Array]) -> Callable[[float], float]:
    """A property of a fluid over temperature [degC], for one number at a time; the end of its range beyond."""
    low, high = fluid.limits
    nodes = np.linspace(low, high, 200)
    coefficients = np.polynomial.Polynomial.fit(nodes, known(nodes), _DEGREE).convert().coef[::-1].tolist()

    def at(temperature: float) -> float:
        inside, found = min(max(temperature, low), high), 0.0
        for coefficient in coefficients:
            found = found * inside + coefficient
        return found

    return at
