"""A simulated Modbus RTU slave: finds its questions in the bytes and frames its answers."""

import struct

from instruments.driver import Simulator
from instruments.framing import crc16, modbus_frame

_QUESTION = 8  # bytes of a read request
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS = 1, 2


class ModbusSimulator(Simulator):
    """Answers reads of registers; a model says which with `registers`."""

    functions: tuple[int, ...] = (3, 4)

    def registers(self, *, start: int, count: int) -> bytes | None:
        """The data bytes of these registers, or None when the device has no such registers."""
        raise NotImplementedError

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply to the first whole question for this address; silence for noise and for other addresses."""
        while len(received) >= _QUESTION:
            question = received[:_QUESTION]
            if crc16(question, start=0xFFFF):
                received = received[1:]  # not the beginning of a question: look one byte further
                continue
            received = received[_QUESTION:]
            if question[0] == self.driver.address:
                return self._reply(question), received
        return b"", received

    def _reply(self, question: bytes) -> bytes:
        address, function, start, count = struct.unpack(">BBHH", question[:6])
        if function not in self.functions:
            return modbus_frame(bytes((address, function | 0x80, _ILLEGAL_FUNCTION)))
        data = self.registers(start=start, count=count)
        if data is None:
            return modbus_frame(bytes((address, function | 0x80, _ILLEGAL_ADDRESS)))
        return modbus_frame(bytes((address, function, len(data))) + data)
