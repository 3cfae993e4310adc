"""Reading ten Modbus registers: ours beside raw pyserial, minimalmodbus and pymodbus (synchronous and asynchronous).

    python -m benchmarks.wire [--exchanges 2000] [--repeat 5] [--seconds 2] [--json]

Processor time per exchange on a pseudo-terminal without a wire (silence of 115200 baud: 1.75 ms), and exchanges per
second with processor time on wires paced to 9600 and 19200 baud, in percent of what the wire allows. The slave is a
process of its own; the masters take turns; medians. `raw pyserial` is the least that a right master does: the silence,
write, read of 25 bytes, head and CRC (with our `crc16`; without a checksum anything would be faster), ten integers.
pymodbus's asynchronous client keeps no silence between messages, so it can exceed 100 %.
"""

import asyncio
import statistics
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import minimalmodbus
import serial
from pymodbus.client import AsyncModbusSerialClient, ModbusSerialClient

from benchmarks._slaves import REGISTERS, VALUES, slaves, theory
from benchmarks._timing import Spent, main, spent
from instruments.driver import Line, Question
from instruments.framing import crc16, expect_modbus, modbus_read, whole
from instruments.link import SerialLink

FREE, BAUDS = 115200, (9600, 19200)
GOALS = {"percent of the wire": 98.0, "ours over raw": 1.3}
Reads = Callable[[int], None]


@contextmanager
def raw(port: str, baud: int) -> Iterator[Reads]:
    """pyserial and nothing else."""
    question, gap = modbus_read(address=1, function=4, start=0, count=REGISTERS), Line(baud=baud, modbus=True).gap
    with serial.Serial(port, baud, timeout=1.0, exclusive=True) as device:

        def reads(times: int) -> None:
            last = time.monotonic()
            for _ in range(times):
                left = last + gap - time.monotonic()
                if left > 0:
                    time.sleep(left)
                device.write(question)
                answer = device.read(25)
                last = time.monotonic()
                assert answer[:3] == b"\x01\x04\x14"
                assert crc16(answer, start=0xFFFF) == 0
                assert struct.unpack(">10H", answer[3:23]) == VALUES

        yield reads


@contextmanager
def ours(port: str, baud: int) -> Iterator[Reads]:
    """The link, with every exchange traced."""
    sent = modbus_read(address=1, function=4, start=0, count=REGISTERS)
    question = Question(sent, expect_modbus(sent))
    with SerialLink(port, line=Line(baud=baud, modbus=True)) as link:

        def reads(times: int) -> None:
            for _ in range(times):
                exchange = link.exchange(question, deadline=1.0, slowest=1.0)
                assert struct.unpack(">10H", whole(exchange.received, expect=question.expect)) == VALUES

        yield reads


@contextmanager
def minimal(port: str, baud: int) -> Iterator[Reads]:
    """minimalmodbus."""
    instrument = minimalmodbus.Instrument(port, 1)
    instrument.serial.baudrate, instrument.serial.timeout = baud, 1.0

    def reads(times: int) -> None:
        for _ in range(times):
            assert tuple(instrument.read_registers(0, REGISTERS, functioncode=4)) == VALUES

    yield reads
    instrument.serial.close()


@contextmanager
def pymodbus(port: str, baud: int) -> Iterator[Reads]:
    """pymodbus's synchronous client."""
    client = ModbusSerialClient(port, baudrate=baud, timeout=1, retries=0)
    client.connect()

    def reads(times: int) -> None:
        for _ in range(times):
            assert tuple(client.read_input_registers(0, count=REGISTERS, device_id=1).registers) == VALUES

    yield reads
    client.close()


@contextmanager
def pymodbus_async(port: str, baud: int) -> Iterator[Reads]:
    """pymodbus's asynchronous client."""
    with asyncio.Runner() as runner:

        async def connected() -> AsyncModbusSerialClient:
            client = AsyncModbusSerialClient(port, baudrate=baud, timeout=1, retries=0)
            await client.connect()
            return client

        client = runner.run(connected())

        async def read(times: int) -> None:
            for _ in range(times):
                answer = await client.read_input_registers(0, count=REGISTERS, device_id=1)
                assert tuple(answer.registers) == VALUES

        yield lambda times: runner.run(read(times))
        client.close()


MASTERS = {
    "raw pyserial": raw, "heliobench": ours, "minimalmodbus": minimal, "pymodbus sync": pymodbus,
    "pymodbus async": pymodbus_async,
}  # fmt: skip


def compared(baud: int, *, exchanges: int, repeat: int, paced: bool) -> dict[str, dict[str, float]]:
    """{master: exchanges per second, processor microseconds of one}, the medians of `repeat` turns."""
    found: dict[str, list[Spent]] = {name: [] for name in MASTERS}
    with slaves(len(MASTERS), baud=baud if paced else 0) as ports, ExitStack() as stack:
        reads = {
            name: stack.enter_context(master(port, baud))
            for (name, master), port in zip(MASTERS.items(), ports, strict=True)
        }
        for _ in range(repeat):
            for name, read in reads.items():
                read(1)
                with spent() as one:
                    read(exchanges)
                found[name].append(one)
    return {
        name: {
            "per_s": exchanges / statistics.median(one.wall for one in each),
            "cpu_us": 1e6 * statistics.median(one.cpu for one in each) / exchanges,
        }
        for name, each in found.items()
    }


def measure(exchanges: int, repeat: int, seconds: int) -> dict[str, Any]:
    """Without a wire, then on each paced wire."""
    found: dict[str, Any] = {"free": compared(FREE, exchanges=exchanges, repeat=repeat, paced=False)}
    for baud in BAUDS:
        rows = compared(baud, exchanges=round(seconds / theory(baud)), repeat=repeat, paced=True)
        for row in rows.values():
            row["percent of the wire"] = 100.0 * row["per_s"] * theory(baud)
        found[str(baud)] = rows
    found["goals"] = GOALS
    found["ours over raw"] = found["free"]["heliobench"]["cpu_us"] / found["free"]["raw pyserial"]["cpu_us"]
    return found


def table(found: dict[str, Any]) -> list[str]:
    """One row for each master."""
    lines = [f"{'10 registers':16}{'no wire':>11}" + "".join(f"{baud:>10} baud: of wire, CPU" for baud in BAUDS)]
    for name in MASTERS:
        line = f"{name:16}{found['free'][name]['cpu_us']:>8.0f} us"
        for baud in BAUDS:
            row = found[str(baud)][name]
            line += f"{row['percent of the wire']:>20.1f} % {row['cpu_us']:>5.0f} us"
        lines.append(line)
    wire = ", ".join(f"{1 / theory(baud):.1f}/s at {baud}" for baud in BAUDS)
    lines.append(f"processor time per exchange; the wire allows {wire} (goal {GOALS['percent of the wire']:g} %)")
    lines.append(f"heliobench / raw pyserial, no wire = {found['ours over raw']:.2f} (goal {GOALS['ours over raw']})")
    return lines


if __name__ == "__main__":
    main(
        __doc__, measure, table, exchanges=(2000, "exchanges without a wire in a turn"), repeat=(5, "turns"),
        seconds=(2, "seconds of a turn on a paced wire"),
    )  # fmt: skip
