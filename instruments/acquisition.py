"""Scan a bench: one thread per port, so that a scan takes as long as its slowest port.

A scan is never dropped and never filled with old values: an instrument that fails leaves a fault with a sentence where
its readings would be, and the others go on. When the scans cannot keep pace, each says by how much it lags.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

from instruments.bench import Bench, Instrument
from instruments.clock import Clock
from instruments.driver import Exchange, Fault, Reading, Sample
from instruments.errors import ExchangeFailed, InstrumentError, PortUnavailable
from instruments.link import SerialLink


@dataclass(frozen=True, slots=True)
class Observation:
    """What one instrument contributed to a scan."""

    instrument: Instrument
    exchanges: tuple[Exchange, ...]
    readings: tuple[Reading, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """All instruments once: `time` [s since 1970 UTC], `lag` [s] behind the schedule, `started` monotonic [s]."""

    seq: int
    time: float
    lag: float
    started: float
    observations: tuple[Observation, ...]

    @property
    def values(self) -> dict[str, float]:
        """{symbol: value} of the channels that the bench names; a missing reading is absent."""
        return {
            one.instrument.symbols[reading.channel]: reading.value
            for one in self.observations
            for reading in one.readings
            if reading.channel in one.instrument.symbols
        }

    @property
    def faults(self) -> tuple[tuple[str, Fault], ...]:
        """(instrument, fault) of this scan."""
        return tuple((one.instrument.name, fault) for one in self.observations for fault in one.faults)


class Recorder:
    """Owns the ports of a bench while it is open, and scans them.

    Raises PortUnavailable when a port cannot be opened at the start; one that is lost later is a fault in the scans
    until it can be opened again.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._answers: SimpleQueue[tuple[int, Observation | BaseException]] = SimpleQueue()
        order = {one.name: number for number, one in enumerate(bench.instruments)}
        self._ports = [
            _PortWorker(port, [(order[one.name], one) for one in on_port], self._answers)
            for port, on_port in bench.ports.items()
        ]

    def __enter__(self) -> Self:
        try:
            for port in self._ports:
                port.open()
        except PortUnavailable:
            self.close()
            raise
        for port in self._ports:
            port.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the threads and give the ports back."""
        for port in self._ports:
            port.stop()

    def scan(self, *, seq: int, at: float, lag: float = 0.0) -> Scan:
        """Ask every instrument once; `at` [s since 1970 UTC] is the time the scan gets."""
        started = time.monotonic()
        for port in self._ports:
            port.ask()
        found: list[Observation | None] = [None] * len(self.bench.instruments)
        for _ in found:
            number, answer = self._answers.get()
            if isinstance(answer, BaseException):
                raise answer
            found[number] = answer
        return Scan(seq, at, lag, started, tuple(one for one in found if one is not None))


def poll(recorder: Recorder, clock: Clock, *, first: int = 1) -> Iterator[Scan]:
    """One scan for every tick of the clock, numbered from `first`."""
    for seq, tick in enumerate(clock.ticks(recorder.bench.period), first):
        yield recorder.scan(seq=seq, at=tick.time, lag=tick.lag)


class _PortWorker:
    """The thread of one port: asks its instruments in turn, whenever a scan begins."""

    def __init__(
        self,
        port: str,
        instruments: Sequence[tuple[int, Instrument]],
        answers: "SimpleQueue[tuple[int, Observation | BaseException]]",
    ) -> None:
        self._port = port
        self._instruments = instruments
        self._line = instruments[0][1].device.wire()
        self._answers = answers
        self._asked: SimpleQueue[bool] = SimpleQueue()
        self._link: SerialLink | None = None
        self._thread = Thread(target=self._run, name=f"port {port}", daemon=True)

    def open(self) -> None:
        self._link = SerialLink(self._port, line=self._line)

    def start(self) -> None:
        self._thread.start()

    def ask(self) -> None:
        self._asked.put(True)

    def stop(self) -> None:
        if self._thread.is_alive():
            self._asked.put(False)
            self._thread.join()
        self._give_back()

    def _run(self) -> None:
        while self._asked.get():
            for number, instrument in self._instruments:
                try:
                    answer: Observation | BaseException = self._observe(instrument)
                except BaseException as error:  # noqa: BLE001 - a programming error must stop the recording, not hang it
                    answer = error
                self._answers.put((number, answer))

    def _observe(self, instrument: Instrument) -> Observation:
        try:
            sample = self._read(instrument)
        except ExchangeFailed as failed:
            return Observation(instrument, failed.exchanges, (), (_fault(failed),))
        except PortUnavailable as gone:
            self._give_back()
            return Observation(instrument, (), (), (_fault(gone),))
        # A channel that the bench does not use may well be disabled or open: that is no fault of the scan.
        faults = tuple(one for one in sample.faults if one.channel in ("", *instrument.symbols))
        return Observation(instrument, sample.exchanges, sample.readings, faults)

    def _read(self, instrument: Instrument) -> Sample:
        if self._link is None:
            self.open()
        assert self._link is not None
        return instrument.device.read(self._link, deadline=instrument.deadline)

    def _give_back(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


def _fault(error: InstrumentError) -> Fault:
    return Fault(error.code, error.sentence_en, error.sentence_zh)
