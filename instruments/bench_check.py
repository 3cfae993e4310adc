"""Look at a bench before a test: open every port, ask every instrument who it is, and read each of them once.

Nothing is recorded, and one thing that is wrong does not hide the others.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from instruments.bench import Bench, Instrument
from instruments.driver import Fault, Identity, Reading
from instruments.errors import ExchangeFailed, InstrumentError, PortUnavailable
from instruments.link import SerialLink


@dataclass(frozen=True, slots=True)
class Checked:
    """One instrument: who it says it is (None: it was not asked or did not say), its readings, and what is wrong."""

    instrument: Instrument
    identity: Identity | None
    readings: tuple[Reading, ...]
    faults: tuple[Fault, ...]


def check_bench(bench: Bench) -> tuple[Checked, ...]:
    """Every instrument of the bench, in the order of the ports."""
    with ThreadPoolExecutor(max(len(bench.ports), 1)) as threads:
        found = threads.map(lambda port: tuple(_check_port(bench, port, bench.ports[port])), bench.ports)
        return tuple(one for on_port in found for one in on_port)


def strange(one: Instrument, identity: Identity, serial_number: str) -> Fault | None:
    """The fault of a device that says another serial number than is stated; None where either is not said."""
    if not serial_number or not identity.serial or identity.serial == serial_number:
        return None
    return Fault(
        "wrong-device",
        f"{one.name} on {one.port} says its serial number is {identity.serial}; stated is {serial_number}.",
        f"{one.port} 上的 {one.name} 自报编号为 {identity.serial}，规定为 {serial_number}。",
    )


def _check_port(bench: Bench, port: str, instruments: Sequence[Instrument]) -> Iterator[Checked]:
    settle = max(one.device.worst_response(deadline=one.deadline) for one in instruments)
    done = 0
    try:
        with SerialLink(port, line=bench.line(port), settle=settle) as link:
            for one in instruments:
                yield _check(one, link)
                done += 1
    except PortUnavailable as gone:
        for one in instruments[done:]:
            yield Checked(one, None, (), (_fault(gone),))


def _check(one: Instrument, link: SerialLink) -> Checked:
    identity, faults = None, []
    if one.device.identification():
        try:
            identity = one.device.identify(link, deadline=one.deadline)
        except ExchangeFailed as failed:
            faults.append(_fault(failed))
    if identity is not None and (fault := strange(one, identity, one.serial_number)):
        faults.append(fault)
    try:
        sample = one.device.read(link, deadline=one.deadline)
    except ExchangeFailed as failed:
        return Checked(one, identity, (), (*faults, _fault(failed)))
    seen = tuple(fault for fault in sample.faults if fault.channel in ("", *one.symbols))
    readings = tuple(reading for reading in sample.readings if reading.channel in one.symbols)
    return Checked(one, identity, readings, (*faults, *seen))


def _fault(error: InstrumentError) -> Fault:
    return Fault(error.code, error.sentence_en, error.sentence_zh)
