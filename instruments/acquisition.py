"""Scan a bench: one thread per port, so that a scan takes as long as its slowest port.

A scan is never dropped and never filled with old values: an instrument that fails leaves a fault with a sentence where
its readings would be, and the others go on; one that goes on failing rests for a while, so that its neighbours on the
bus keep their pace. When the scans cannot keep pace, each says by how much it lags.

A device whose serial number the bench states is asked for it whenever its port was opened and whenever it comes back
from a rest; no reading of it is used before it has given the right one.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from queue import SimpleQueue
from threading import Lock, Thread
from types import TracebackType
from typing import Self, TypeVar
from zlib import crc32

from instruments.bench import Bench, Instrument
from instruments.clock import Clock
from instruments.driver import Exchange, Fault, Identity, Line, Reading
from instruments.errors import BenchRefused, ExchangeFailed, InstrumentError, PortUnavailable
from instruments.link import SerialLink
from instruments.patience import Patience

WRONG_DEVICE = "wrong-device"
SCAN, IDENTIFY = "scan", "identify"
Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Observation:
    """What one instrument contributed to a scan; `identity` where it was asked who it is."""

    instrument: Instrument
    exchanges: tuple[Exchange, ...]
    readings: tuple[Reading, ...]
    faults: tuple[Fault, ...]
    identity: Identity | None = None


Answer = tuple[int, Observation | BaseException]


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

    Raises PortUnavailable when a port cannot be opened at the start, and BenchRefused when a device gives another
    serial number than the bench states. A port lost later, or a device exchanged later, is a fault in the scans.
    """

    def __init__(self, bench: Bench, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.bench = bench
        core = core_of(bench.name)
        order = {one.name: number for number, one in enumerate(bench.instruments)}
        self._ports = [
            _PortWorker(
                port,
                bench.line(port),
                [_Device(one, order[one.name]) for one in on_port],
                monotonic,
                core,
            )
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
        try:
            self._refuse_strangers()
        except BaseException:
            self.close()
            raise
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
        return Scan(seq, at, lag, started, self._ask_all(SCAN))

    def between_scans(self, name: str, work: Callable[[Instrument, SerialLink], Outcome]) -> Outcome:
        """What `work` makes of the instrument of this name, done by the thread of its port between two scans.

        Raises what `work` raises, PortUnavailable when the port is lost, and KeyError for an unknown name.
        """
        port = next((one for one in self._ports if name in one.instruments), None)
        if port is None:
            raise KeyError(name)
        return port.between_scans(port.instruments[name], work)

    def _refuse_strangers(self) -> None:
        for one in self._ask_all(IDENTIFY):
            for fault in one.faults:
                if fault.kind == WRONG_DEVICE:
                    raise BenchRefused(code=WRONG_DEVICE, sentence_en=fault.sentence_en, sentence_zh=fault.sentence_zh)

    def _ask_all(self, job: str) -> tuple[Observation, ...]:
        gathered = _Gathering(len(self._ports))
        for port in self._ports:
            port.ask(job, gathered)
        found = gathered.wait()
        for _, answer in found:
            if isinstance(answer, BaseException):
                raise answer
        return tuple(answer for _, answer in sorted(found, key=itemgetter(0)) if isinstance(answer, Observation))


def poll(recorder: Recorder, clock: Clock, *, first: int = 1) -> Iterator[Scan]:
    """One scan for every tick of the clock, numbered from `first`."""
    for seq, tick in enumerate(clock.ticks(recorder.bench.period), first):
        yield recorder.scan(seq=seq, at=tick.time, lag=tick.lag)


def core_of(bench: str) -> int | None:
    """The core on which the threads of a bench's ports stay; other benches have others. None where that cannot be said.

    Threads of CPython take turns anyway. On one core a turn passes on without waking another core, which is a third of
    the processor time of 32 ports.
    """
    if not hasattr(os, "sched_getaffinity"):  # only Linux has it
        return None
    cores = sorted(os.sched_getaffinity(0))
    return cores[crc32(bench.encode()) % len(cores)]


def stay_on(core: int | None) -> None:
    """Keep the thread that asks on this core; where it may not, it stays as free as it was."""
    if core is not None:
        with suppress(OSError):  # the core has been taken from this process since
            os.sched_setaffinity(0, {core})


@dataclass(slots=True)
class _Device:
    """An instrument on its port: who it is known to be, what it was last heard to be, and how patient to be with it."""

    instrument: Instrument
    number: int
    known: bool = False
    identity: Identity | None = None
    patience: Patience = field(default_factory=Patience)


_Seen = tuple[tuple[Exchange, ...], tuple[Reading, ...], tuple[Fault, ...]]
_NOTHING: _Seen = ((), (), ())


class _Gathering:
    """What the ports contribute to one scan; whoever waits is woken once, when the last of them is done."""

    def __init__(self, ports: int) -> None:
        self._left, self._lock = ports, Lock()
        self._found: list[Answer] = []
        self._done: SimpleQueue[list[Answer]] = SimpleQueue()

    def add(self, answers: "list[Answer]") -> None:
        with self._lock:
            self._found += answers
            self._left -= 1
            last = self._left == 0
        if last:
            self._done.put(self._found)

    def wait(self) -> "list[Answer]":
        return self._done.get()


class _PortWorker:
    """The thread of one port: asks its instruments in turn, whenever a scan begins."""

    def __init__(
        self,
        port: str,
        line: Line,
        devices: Sequence[_Device],
        monotonic: Callable[[], float],
        core: int | None,
    ) -> None:
        self._port, self._line, self._devices = port, line, devices
        self._monotonic, self._core = monotonic, core
        self._settle = max(
            one.instrument.device.worst_response(deadline=one.instrument.deadline) for one in self._devices
        )
        self.instruments = {one.instrument.name: one.instrument for one in devices}
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()  # None: stop
        self._link: SerialLink | None = None
        self._thread = Thread(target=self._run, name=f"port {port}", daemon=True)

    def open(self) -> SerialLink:
        """The link, opened when it is not; nobody on a newly opened port is known."""
        if self._link is None:
            self._link = SerialLink(self._port, line=self._line, settle=self._settle)
            for device in self._devices:
                device.known = not device.instrument.serial_number
        return self._link

    def start(self) -> None:
        self._thread.start()

    def ask(self, job: str, gathered: _Gathering) -> None:
        self._jobs.put(partial(self._contribute, job, gathered))

    def between_scans(self, one: Instrument, work: Callable[[Instrument, SerialLink], Outcome]) -> Outcome:
        future: Future[Outcome] = Future()
        self._jobs.put(partial(self._do, one, work, future))
        return future.result()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()
        self._give_back()

    def _run(self) -> None:
        stay_on(self._core)
        while (job := self._jobs.get()) is not None:
            job()

    def _contribute(self, job: str, gathered: _Gathering) -> None:
        gathered.add([(device.number, self._answer(device, job)) for device in self._devices])

    def _do(
        self, one: Instrument, work: Callable[[Instrument, SerialLink], Outcome], future: "Future[Outcome]"
    ) -> None:
        try:
            future.set_result(work(one, self.open()))
        except BaseException as error:  # noqa: BLE001 - whoever ordered it is told
            if isinstance(error, PortUnavailable):
                self._give_back()
            future.set_exception(error)

    def _answer(self, device: _Device, job: str) -> Observation | BaseException:
        try:
            return self._observe(device, read=job == SCAN)
        except BaseException as error:  # noqa: BLE001 - a programming error must stop the recording, not hang it
            return error

    def _observe(self, device: _Device, *, read: bool) -> Observation:
        if resting := device.patience.resting(self._monotonic()):
            return Observation(device.instrument, (), (), (resting,))
        try:
            link = self.open()
            stranger = self._identify(device, link)
            seen = self._read(device, link) if read and not stranger else _NOTHING
        except ExchangeFailed as failed:
            device.patience.failed(self._monotonic())
            device.known = not device.instrument.serial_number
            return Observation(device.instrument, failed.exchanges, (), (_fault(failed),))
        except PortUnavailable as gone:
            self._give_back()
            return Observation(device.instrument, (), (), (_fault(gone),))
        device.patience.answered()
        exchanges, readings, faults = seen
        return Observation(
            device.instrument, exchanges, readings, stranger + faults, self._news(device) if read else None
        )

    def _identify(self, device: _Device, link: SerialLink) -> tuple[Fault, ...]:
        """The fault of a device that is not the one the bench states; nothing for the right one."""
        if device.known:
            return ()
        one = device.instrument
        device.identity = one.device.identify(link, deadline=one.deadline)
        device.known = device.identity.serial == one.serial_number
        return () if device.known else (_wrong_device(one, device.identity),)

    def _news(self, device: _Device) -> Identity | None:
        """What the device said of itself since the last scan."""
        identity, device.identity = device.identity, None
        return identity

    def _read(self, device: _Device, link: SerialLink) -> _Seen:
        one = device.instrument
        sample = one.device.read(link, deadline=one.deadline)
        # A channel that the bench does not use may well be disabled or open: that is no fault of the scan.
        faults = sample.faults and tuple(fault for fault in sample.faults if fault.channel in ("", *one.symbols))
        return sample.exchanges, sample.readings, faults

    def _give_back(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


def _wrong_device(one: Instrument, found: Identity) -> Fault:
    who = " ".join(part for part in (found.model, found.serial) if part) or "?"
    return Fault(
        WRONG_DEVICE,
        f"{one.name} on {one.port} says it is {who}; the bench states serial number {one.serial_number}. Nothing of it "
        "is recorded: check the cable and the bench file.",
        f"{one.port} 上的 {one.name} 自报为 {who}，台架文件规定的编号为 {one.serial_number}；其数据不予记录，"
        "请检查接线和台架文件。",
    )


def _fault(error: InstrumentError) -> Fault:
    return Fault(error.code, error.sentence_en, error.sentence_zh)
