"""A slave that now and then answers late: how many wrong values each master reads, with right checksums.

    python -m benchmarks.late_replies [--exchanges N] [--json]

Every register holds its own address, so an answer to another question is seen at once. Deadline 10 ms; one answer
in fifty comes 12 to 40 ms after its question, and none later than 50 ms (the slave is told when the question was really
sent, since a busy computer may let it wait); the worst response time is stated as 150 ms. Masters: ours, pymodbus
(synchronous, no retries) and minimalmodbus; the same slave on a pseudo-terminal at 115200 baud.
"""

import logging
import random
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

import minimalmodbus
from pymodbus.client import ModbusSerialClient
from pymodbus.exceptions import ModbusException

from benchmarks._timing import main, spent
from instruments.driver import Driver, Line, Question
from instruments.drivers.kipp_smp import KippSmp
from instruments.errors import ExchangeFailed
from instruments.framing import expect_modbus, modbus_read, whole
from instruments.link import SerialLink
from instruments.simulation.faults import Late
from instruments.simulation.modbus import ModbusSimulator
from instruments.simulation.pty import PtyServer

DEADLINE, BOUND, SLOWEST, SHARE = 0.010, 0.050, 0.150, 0.02
LINE = Line(baud=115200, modbus=True)
Read = Callable[[int], int | None]


@dataclass(frozen=True)
class Counted:
    """What one master read: values of its own question, values of another, and no value."""

    right: int
    wrong: int
    none: int
    seconds: float


class Timed(SerialLink):
    """Our link, which also notes when the last question was really sent."""

    last = 0.0

    def _write(self, data: bytes) -> None:
        Timed.last = time.monotonic()
        super()._write(data)


class Addressed(ModbusSimulator):
    """Register n holds n."""

    def registers(self, *, start: int, count: int) -> bytes:
        """The addresses themselves."""
        return struct.pack(f">{count}H", *range(start, start + count))


def delays(seed: int) -> Iterator[float]:
    """Mostly none, now and then late."""
    rng = random.Random(seed)
    while True:
        yield rng.uniform(0.012, 0.040) if rng.random() < SHARE else 0.0


def counted(read: Read, exchanges: int, *, seed: int = 2026) -> Counted:
    """Reads random registers and holds each value against its question."""
    rng, found = random.Random(seed), {True: 0, False: 0, None: 0}
    with spent() as one:
        for _ in range(exchanges):
            register = rng.randrange(1000)
            value = read(register)
            found[None if value is None else value == register] += 1
    return Counted(found[True], found[False], found[None], one.wall)


def with_ours(port: str, exchanges: int, *, slowest: float = SLOWEST) -> Counted:
    """Our link, in quarantine after a timeout until `slowest` [s] has passed."""
    with Timed(port, line=LINE) as link:

        def read(register: int) -> int | None:
            sent = modbus_read(address=1, function=3, start=register, count=1)
            question = Question(sent, expect_modbus(sent))
            try:
                exchange = link.exchange(question, deadline=DEADLINE, slowest=slowest)
            except ExchangeFailed:
                return None
            return int.from_bytes(whole(exchange.received, expect=question.expect), "big")

        return counted(read, exchanges)


def with_pymodbus(port: str, exchanges: int) -> Counted:
    """Its synchronous client."""
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    with closing(ModbusSerialClient(port, baudrate=LINE.baud, timeout=DEADLINE, retries=0)) as client:

        def read(register: int) -> int | None:
            if not client.connected:
                client.connect()
            try:
                answer = client.read_holding_registers(register, count=1, device_id=1)
            except ModbusException:
                return None
            return None if answer.isError() else answer.registers[0]

        return counted(read, exchanges)


def with_minimalmodbus(port: str, exchanges: int) -> Counted:
    """Its instrument."""
    instrument = minimalmodbus.Instrument(port, 1)
    instrument.serial.baudrate, instrument.serial.timeout = LINE.baud, DEADLINE
    with closing(instrument.serial):

        def read(register: int) -> int | None:
            try:
                return int(instrument.read_register(register))
            except minimalmodbus.ModbusException:
                return None

        return counted(read, exchanges)


MASTERS = {"ours": with_ours, "pymodbus": with_pymodbus, "minimalmodbus": with_minimalmodbus}


def against_late_slave(master: Callable[[str, int], Counted], exchanges: int) -> Counted:
    """The master against a fresh slave on a fresh pseudo-terminal."""
    driver: Driver = KippSmp(address=1)
    asked = (lambda: Timed.last) if master is with_ours else time.monotonic
    inner = Addressed(driver=driver, feel=lambda _: None)
    slave = Late(inner, delays=delays(7), slowest=BOUND, asked=asked)
    with PtyServer({"bus": [slave]}) as server:
        return master(server.ports["bus"], exchanges)


def measure(exchanges: int) -> dict[str, Any]:
    """{master: what it read}."""
    found = {name: against_late_slave(master, exchanges) for name, master in MASTERS.items()}
    return {"exchanges": exchanges, "goal": 0, "rows": {name: asdict(one) for name, one in found.items()}}


def table(found: dict[str, Any]) -> Iterator[str]:
    """Line by line."""
    yield f"{found['exchanges']} exchanges{'right':>12}{'wrong':>8}{'no value':>10}{'s':>8}"
    for name, one in found["rows"].items():
        yield f"{name:20}{one['right']:>8}{one['wrong']:>8}{one['none']:>10}{one['seconds']:>8.1f}"
    yield "goal: no wrong value"


if __name__ == "__main__":
    main(__doc__, measure, table, exchanges=(2000, "exchanges"))
