"""A whole bench of simulated instruments on pseudo-terminals, all feeling one plant."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from instruments.bench import Bench, Instrument
from instruments.clock import Timepiece
from instruments.driver import Exchange, Feel, Simulator
from instruments.simulation.faulty import Faulty
from instruments.simulation.links import Links
from instruments.simulation.plant import Plant, feeling
from instruments.simulation.pty import PtyServer
from instruments.simulation.schedule import UNPLUG, Episode, Schedule
from instruments.simulation.sensor import Sensor
from instruments.simulation.thermostat import Bath, ThermostatSimulator

_OF_BATH = {"bath_temperature": "t_bath", "external_temperature": "t_in"}  # what a circulator feels unless told


class SimulatedBench:
    """The instruments of a bench, answering while it is open; `bench` is that bench on the ports that were made.

    errors: {symbol: sensor}, how each instrument errs.  schedule: what goes wrong when; `tend` must be called now and
    then for it.  pace: bytes take their time on the wire.  links: folder for stable names of the ports.  bath: what
    circulators set.  seed: of the damage to damaged answers.
    Raises PortUnavailable when the links cannot be made.
    """

    def __init__(
        self,
        bench: Bench,
        *,
        plant: Plant,
        clock: Timepiece,
        errors: Mapping[str, Sensor] | None = None,
        schedule: Schedule | None = None,
        pace: bool = False,
        links: Path | None = None,
        bath: Bath | None = None,
        seed: int = 0,
    ) -> None:
        self._plant, self._clock, self._errors, self._bath = plant, clock, errors or {}, bath
        self._schedule, self._seed = schedule, seed
        self._wrong: tuple[Episode, ...] = ()
        self._port_of = {one.name: one.port for one in bench.instruments}
        self._devices = {one.name: self._device(one) for one in bench.instruments}
        self._links = None if links is None else Links(links, bench.ports)
        self._server = PtyServer(
            {port: [self._devices[one.name] for one in on_port] for port, on_port in bench.ports.items()},
            lines={port: bench.line(port) for port in bench.ports} if pace else {},
        )
        named = replace(bench, instruments=tuple(self._introduced(one) for one in bench.instruments))
        self.bench = named.with_ports(self._server.ports if self._links is None else self._links.paths)

    def __enter__(self) -> Self:
        self._server.__enter__()
        try:
            for port, path in self._server.ports.items():
                self._link(port, path)
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._links is not None:
            self._links.close()
        self._server.__exit__(kind, error, trace)

    def tend(self) -> tuple[tuple[Episode, ...], tuple[Episode, ...]]:
        """Pull and push cables, cut and restore power as the schedule wants; (what began, what ended) since last time.

        The cable of an instrument is that of all instruments on its port.
        """
        before, self._wrong = self._wrong, self._now()
        for port in {self._port_of[one.instrument] for one in (*before, *self._wrong) if one.kind == UNPLUG}:
            self._see_to_cable(port)
        self._server.run(lambda: [one.notice() for one in self._devices.values() if isinstance(one, Faulty)])
        return tuple(one for one in self._wrong if one not in before), tuple(
            one for one in before if one not in self._wrong
        )

    def _see_to_cable(self, port: str) -> None:
        pulled = any(one.kind == UNPLUG and self._port_of[one.instrument] == port for one in self._wrong)
        plugged = port in self._server.ports
        if pulled and plugged:
            self._server.unplug(port)
            if self._links is not None:
                self._links.remove(port)
        elif not pulled and not plugged:
            self._link(port, self._server.plug(port))

    def _link(self, port: str, path: str) -> None:
        if self._links is not None:
            self._links.point(port, path)

    def _device(self, one: Instrument) -> Simulator:
        symbols = {**(_OF_BATH if self._bath else {}), **one.symbols}
        feel = feeling(plant=self._plant, clock=self._clock, symbols=symbols, errors=self._errors)
        if self._schedule is None:
            return self._make(one, feel)
        return Faulty(
            partial(self._make, one),
            feel=feel,
            episodes=self._episodes_of(one.name),
            # After the deadline, and before the time from which nobody waits for it any more.
            delay=(one.deadline + one.device.worst_response(deadline=one.deadline)) / 2.0,
            seed=self._seed + zlib.crc32(one.name.encode()),
        )

    def _make(self, one: Instrument, feel: Feel) -> Simulator:
        simulator = one.device.simulator(driver=one.device, feel=feel)
        if self._bath is not None and isinstance(simulator, ThermostatSimulator):
            simulator.bath = self._bath
        return simulator

    def _episodes_of(self, name: str) -> Callable[[], tuple[Episode, ...]]:
        return lambda: tuple(one for one in self._now() if one.instrument == name)

    def _now(self) -> tuple[Episode, ...]:
        return () if self._schedule is None else self._schedule.at(self._clock.now())

    def _introduced(self, one: Instrument) -> Instrument:
        """The instrument with the serial number of its simulated device, where the bench states one."""
        if not one.serial_number:
            return one
        device = self._make(one, lambda _: None)
        asked = [(question.sent, device.answer(question.sent)[0]) for question in one.device.identification()]
        told = one.device.decode_identity([Exchange(sent, reply, 0.0, 0.0) for sent, reply in asked])
        return replace(one, serial_number=told.serial)


@contextmanager
def simulated(
    bench: Bench, *, plant: Plant, clock: Timepiece, errors: Mapping[str, Sensor] | None = None
) -> Iterator[Bench]:
    """The bench with its ports replaced by pseudo-terminals on which its instruments answer, and nothing wrong."""
    with SimulatedBench(bench, plant=plant, clock=clock, errors=errors) as made:
        yield made.bench
