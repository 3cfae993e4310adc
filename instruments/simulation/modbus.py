"""A simulated Modbus RTU slave: finds its questions in the bytes and frames its answers."""

import math
import struct
from fractions import Fraction
from typing import TYPE_CHECKING

from instruments.driver import Feel, Simulator
from instruments.framing import crc16, modbus_frame
from instruments.registers import DIVIDE, POWER_OF_TEN, Channel, Register, RegisterMap, Status

if TYPE_CHECKING:
    from instruments.modbus import MapDriver

_QUESTION = 8  # bytes of a read request
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _DEVICE_FAILURE = 1, 2, 4
_SCALES = {DIVIDE: 100, POWER_OF_TEN: 1}  # what a simulated scale register holds
_SERIAL = 4711  # of every simulated device that has one
_LARGEST_F32 = 3.4028234663852886e38


class ModbusSimulator(Simulator):
    """Answers reads of registers; a model says which with `registers`."""

    functions: tuple[int, ...] = (3, 4)

    def registers(self, *, start: int, count: int) -> bytes | None:
        """The data bytes of these registers, or None when the device has no such registers."""
        raise NotImplementedError

    def answered(self, *, function: int, start: int, count: int) -> bytes | int:
        """The data bytes of these registers, or the exception with which the device refuses them."""
        if function not in self.functions:
            return _ILLEGAL_FUNCTION
        data = self.registers(start=start, count=count)
        return _ILLEGAL_ADDRESS if data is None else data

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
        data = self.answered(function=function, start=start, count=count)
        if isinstance(data, int):
            return modbus_frame(bytes((address, function | 0x80, data)))
        return modbus_frame(bytes((address, function, len(data))) + data)


class MapSimulator(ModbusSimulator):
    """A device with the registers of its driver's map; those between them read 0, those outside do not exist.

    With nothing valid to measure a channel shows the map's code for that, or the status bit; failing both it refuses.
    """

    def __init__(self, *, driver: "MapDriver", feel: Feel) -> None:
        super().__init__(driver=driver, feel=feel)
        self._map = driver.registers

    def answered(self, *, function: int, start: int, count: int) -> bytes | int:
        """The registers of one question, all of one moment."""
        blocks = [one for one in (*self._map.blocks(), *self._map.identity_blocks()) if one[0] == function]
        if not blocks:
            return _ILLEGAL_FUNCTION
        if not any(count and first <= start and start + count <= first + length for _, first, length in blocks):
            return _ILLEGAL_ADDRESS
        felt = {one.name: _valid(one, self.feel(one.name)) for one in self._map.channels}
        if any(math.isnan(felt[one.name]) and not _says(self._map, one) for one in self._map.channels):
            return _DEVICE_FAILURE
        words: dict[int, bytes] = {}
        for register, written in self._image(felt):
            if register.function == function:
                words |= {register.start + at: written[2 * at : 2 * at + 2] for at in range(register.count)}
        return b"".join(words.get(address, b"\0\0") for address in range(start, start + count))

    def _image(self, felt: dict[str, float]) -> list[tuple[Register, bytes]]:
        image = [(one.register, _status(self._map, one, felt)) for one in self._map.statuses]
        for channel in self._map.channels:
            image.append((channel.register, _written(channel, felt[channel.name])))
            if channel.scale_register is not None:
                image.append((channel.scale_register, _number(channel.scale_register, _SCALES[channel.scale_rule])))
        named = ((self._map.model, min(map(int, self._map.models), default=0)), (self._map.serial, _SERIAL))
        return image + [(register, _number(register, number)) for register, number in named if register is not None]


def _valid(channel: Channel, felt: float | None) -> float:
    """What the channel feels; nothing connected is nothing valid where the channel has a code for that, else 0."""
    if felt is None:
        return math.nan if _has_code(channel) else 0.0
    return felt


def _has_code(channel: Channel) -> bool:
    return bool(channel.missing) or channel.register.type.startswith("f")


def _says(registers: RegisterMap, channel: Channel) -> bool:
    """Whether the device can say that this channel has nothing valid."""
    return _has_code(channel) or any(one.mask and one.speaks_of(channel.name) for one in registers.statuses)


def _status(registers: RegisterMap, status: Status, felt: dict[str, float]) -> bytes:
    """What is expected; its lowest bit turned when a channel has nothing valid and no code of its own to say so."""
    dumb = any(
        math.isnan(felt[one.name]) and status.speaks_of(one.name) and not _has_code(one) for one in registers.channels
    )
    return _number(status.register, status.expected ^ (status.mask & -status.mask if dumb else 0))


def _written(channel: Channel, value: float) -> bytes:
    register = channel.register
    if math.isnan(value) and channel.missing:
        return register.ordered(min(channel.missing).to_bytes(2 * register.count, "big"))
    if not math.isfinite(value):
        return _number(register, value)
    scale = Fraction(1) if channel.scale_register is None else Fraction(_SCALES[channel.scale_rule])
    divisor = scale if channel.scale_rule == DIVIDE else Fraction(10) ** int(scale)
    return _number(register, float((Fraction(value) - channel.offset) / channel.scale * divisor))


def _number(register: Register, number: float) -> bytes:
    """The number as the register writes it; one that does not fit stops at the end of the range."""
    size = 2 * register.count
    if register.type.startswith("f"):
        fits = size == 8 or not abs(number) > _LARGEST_F32
        return register.ordered(
            struct.pack(">f" if size == 4 else ">d", number if fits else math.copysign(math.inf, number))
        )
    bits = 8 * size
    lowest, highest = (-(1 << bits - 1), (1 << bits - 1) - 1) if register.type[0] == "s" else (0, (1 << bits) - 1)
    nearest = 0 if math.isnan(number) else round(max(lowest, min(highest, number)))
    return register.ordered((nearest & (1 << bits) - 1).to_bytes(size, "big"))
