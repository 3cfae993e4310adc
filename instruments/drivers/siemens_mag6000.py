"""Siemens SITRANS F M MAG 5000/6000 magnetic flow meter, Modbus RTU.

Facts (MAGFLO Modbus manual): holding register 3002 (PDU address 3001) holds the volume flow as a float in m3/s, two
registers, high word first; units cannot be changed. Not a number means that the meter has no valid flow (empty pipe).
The order of the words was not seen in print: it is a setting, to be checked once against the display.
"""

import math
import struct
from collections.abc import Sequence

from instruments.driver import Decoded, Driver, Exchange, Fault, Line, Question, Reading, Setting
from instruments.framing import expect_modbus, modbus_read, whole
from instruments.simulation.modbus import ModbusSimulator

VOLUME_FLOW = 3002 - 1
READ_HOLDING_REGISTERS = 3


def decode(sent: bytes, reply: bytes, *, word_order: str = "high-first") -> Decoded:
    """Volume flow [m3/s] from the answer to the question for register 3002. Raises BadReply."""
    data = whole(reply, expect=expect_modbus(sent))
    (flow,) = struct.unpack(">f", data if word_order == "high-first" else data[2:] + data[:2])
    if math.isfinite(flow):
        return Decoded((Reading("volume_flow", flow, "m3/s"),))
    return Decoded(
        (),
        (
            Fault(
                "invalid-flow",
                "The meter reports no valid flow (not a number); check that the pipe is full.",
                "流量计报告流量无效（非数字）；请检查管道是否满管。",
                "volume_flow",
            ),
        ),
    )


class Mag6000Simulator(ModbusSimulator):
    """A flow meter that knows its flow only; NaN when there is nothing to measure."""

    def registers(self, *, start: int, count: int) -> bytes | None:
        """The two registers of the flow only."""
        if (start, count) != (VOLUME_FLOW, 2):
            return None
        flow = self.feel("volume_flow")
        data = struct.pack(">f", math.nan if flow is None else flow)
        return data if self.driver.settings["word_order"] == "high-first" else data[2:] + data[:2]


class Mag6000(Driver, name="siemens_mag6000"):
    """Magnetic flow meter MAG 5000/6000 with Modbus module."""

    title = "Siemens SITRANS F M MAG 5000/6000"
    channels = {"volume_flow": "m3/s"}  # noqa: RUF012
    options = {  # noqa: RUF012
        "word_order": Setting(
            "high-first",
            "order of the two registers of a float; check against the display",
            "浮点数两个寄存器的顺序；请与显示值核对",
            ("high-first", "low-first"),
        )
    }
    line = Line(baud=19200, parity="E", modbus=True)
    simulator = Mag6000Simulator

    def questions(self) -> tuple[Question, ...]:
        """The volume flow."""
        sent = modbus_read(address=self.address, function=READ_HOLDING_REGISTERS, start=VOLUME_FLOW, count=2)
        return (Question(sent, expect_modbus(sent)),)

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """See the module's `decode`."""
        (exchange,) = exchanges
        return decode(exchange.sent, exchange.received, word_order=str(self.settings["word_order"]))
