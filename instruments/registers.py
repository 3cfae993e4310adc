"""What the registers of a Modbus device mean: a map of channels, and the pure reading of answers by it.

A map says for each channel where its number stands, how it is written (type, order of words and bytes) and how it
becomes a quantity: value = raw · scale + offset, divided by a scale register where the device has one. Status registers
say when a number must not be believed. What belongs together (a 32-bit number, its scale, its status) is asked in one
question, so that it is of one moment. A damaged answer is refused; an invalid number becomes a fault, never a value.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from instruments.driver import Decoded, Exchange, Fault, Reading
from instruments.errors import BadReply
from instruments.framing import expect_modbus, whole

HIGH_FIRST, LOW_FIRST = "high-first", "low-first"
DIVIDE, POWER_OF_TEN = "divide", "power-of-ten"
HOLDING, INPUT = 3, 4  # function codes that read registers
LARGEST_POWER = 9  # ours: a scale register beyond 10⁹ is not a scale
MOST_REGISTERS = 125  # of one question (Modbus application protocol V1.1b3, 6.3)

WORDS = {"u16": 1, "s16": 1, "u32": 2, "s32": 2, "u64": 4, "s64": 4, "f32": 2, "f64": 4}
_FLOATS = {"f32": ">f", "f64": ">d"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A number in the registers from PDU address `start`; `function` is the Modbus function that reads it."""

    start: int
    type: str = "u16"
    function: int = HOLDING
    word_order: str = HIGH_FIRST
    byte_order: str = HIGH_FIRST

    @property
    def count(self) -> int:
        """Number of registers."""
        return WORDS[self.type]

    @property
    def end(self) -> int:
        """PDU address after the last register."""
        return self.start + self.count

    def ordered(self, data: bytes) -> bytes:
        """The bytes with the highest first, or back again: the orders of words and of bytes are their own inverse."""
        words = [data[at : at + 2] for at in range(0, len(data), 2)]
        if self.byte_order == LOW_FIRST:
            words = [word[::-1] for word in words]
        return b"".join(words[::-1] if self.word_order == LOW_FIRST else words)

    def number(self, data: bytes) -> int | float:
        """The number that these bytes of the wire write."""
        if self.type in _FLOATS:
            return float(struct.unpack(_FLOATS[self.type], self.ordered(data))[0])
        return int.from_bytes(self.ordered(data), "big", signed=self.type[0] == "s")

    def pattern(self, data: bytes) -> int:
        """The bits as an unsigned number, as manuals print the codes for a missing value."""
        return int.from_bytes(self.ordered(data), "big")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A quantity: value = raw · scale + offset, its raw divided by the scale register or by 10 to its power.

    missing        bit patterns that say "no valid value"
    low, high      limits [unit]: a value beyond them is a fault
    """

    name: str
    unit: str
    register: Register
    scale: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)
    scale_register: Register | None = None
    scale_rule: str = DIVIDE
    missing: frozenset[int] = frozenset()
    low: float = -math.inf
    high: float = math.inf

    def value(self, raw: float, divisor: Fraction) -> float:
        """The value nearest to raw / divisor · scale + offset; infinite beyond what a float can hold."""
        if divisor == self.scale and not self.offset:
            return float(raw)
        try:
            return float(Fraction(raw) / divisor * self.scale + self.offset)
        except OverflowError:
            return math.copysign(math.inf, raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A register that says whether to believe: the bits of `mask` must be those of `expected`.

    channels       the channels it speaks of; none = the whole device
    of_one_moment  it must come in the same answer as the numbers it speaks of
    """

    register: Register
    mask: int
    expected: int = 0
    channels: tuple[str, ...] = ()
    of_one_moment: bool = True
    code: str = "bad-status"
    text_en: str = "not all well"
    text_zh: str = "状态异常"

    def speaks_of(self, channel: str) -> bool:
        """Whether a number of this channel depends on it."""
        return not self.channels or channel in self.channels

    def fault(self, found: int, channel: str) -> Fault | None:
        """The fault this status means, None when all is well."""
        if found & self.mask == self.expected:
            return None
        at = f"0x{found:0{4 * self.register.count}X}"
        return Fault(
            self.code,
            f"Register {self.register.start} reads {at}: {self.text_en}.",
            f"寄存器 {self.register.start} 读数为 {at}：{self.text_zh}。",
            channel,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterMap:
    """The channels of one kind of device.

    gap     how many registers that mean nothing to us may be read over to save a question
    most    how many registers one question may ask for
    serial  where the serial number stands, model where the type number stands, models what it means
    """

    channels: tuple[Channel, ...]
    statuses: tuple[Status, ...] = ()
    serial: Register | None = None
    model: Register | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    gap: int = 0
    most: int = MOST_REGISTERS

    @property
    def device_statuses(self) -> tuple[Status, ...]:
        """The statuses that speak of the whole device."""
        return tuple(one for one in self.statuses if not one.channels)

    @property
    def units(self) -> dict[str, str]:
        """{channel: unit}."""
        return {one.name: one.unit for one in self.channels}

    def statuses_of(self, channel: Channel) -> tuple[Status, ...]:
        """The statuses that speak of this channel alone."""
        return tuple(one for one in self.statuses if channel.name in one.channels)

    def together(self, channel: Channel) -> tuple[Register, ...]:
        """The registers that must be of one moment: the channel's number, its scale, its status and the device's."""
        statuses = [one for one in self.statuses if one.of_one_moment and one.speaks_of(channel.name)]
        scale = [] if channel.scale_register is None else [channel.scale_register]
        return (channel.register, *scale, *(one.register for one in statuses))

    def blocks(self) -> tuple[tuple[int, int, int], ...]:
        """The questions as (function, start, count), each channel whole in one of them."""
        spans = [_span(self.together(one)) for one in self.channels]
        spans += [_span((one.register,)) for one in self.statuses if not one.of_one_moment]
        return _merged(spans, gap=self.gap, most=self.most)

    def identity_blocks(self) -> tuple[tuple[int, int, int], ...]:
        """The questions that ask for type and serial number."""
        spans = [_span((one,)) for one in (self.model, self.serial) if one is not None]
        return _merged(spans, gap=0, most=self.most)


def _span(registers: Sequence[Register]) -> tuple[int, int, int]:
    start = min(one.start for one in registers)
    return registers[0].function, start, max(one.end for one in registers) - start


def _merged(spans: Sequence[tuple[int, int, int]], *, gap: int, most: int) -> tuple[tuple[int, int, int], ...]:
    """Spans that touch, overlap or lie at most `gap` registers apart as one, as long as it is not too long."""
    merged: list[tuple[int, int, int]] = []
    for function, start, count in sorted(set(spans)):
        if merged and merged[-1][0] == function:
            first, end = merged[-1][1], max(merged[-1][1] + merged[-1][2], start + count)
            if start <= first + merged[-1][2] + gap and end - first <= most:
                merged[-1] = (function, first, end - first)
                continue
        merged.append((function, start, count))
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class Block:
    """The registers of one answer."""

    function: int
    start: int
    data: bytes

    def holds(self, registers: Sequence[Register]) -> bool:
        """Whether all these registers are in this answer."""
        end = self.start + len(self.data) // 2
        return all(one.function == self.function and self.start <= one.start and one.end <= end for one in registers)

    def taken(self, register: Register) -> bytes:
        """The bytes of this register, as they came."""
        at = 2 * (register.start - self.start)
        return self.data[at : at + 2 * register.count]


def block(exchange: Exchange) -> Block:
    """The registers that a Modbus exchange brought. Raises BadReply when the bytes are not the answer."""
    sent = exchange.sent
    return Block(sent[1], int.from_bytes(sent[2:4], "big"), whole(exchange.received, expect=expect_modbus(sent)))


def decode(registers: RegisterMap, exchanges: Sequence[Exchange]) -> Decoded:
    """The readings [unit of each channel] of all channels whose registers were asked for, and faults for the others.

    Raises BadReply for damaged or foreign bytes, and when a number was asked for without its scale and status.
    """
    blocks = [block(one) for one in exchanges]
    asked = [one for one in registers.channels if any(each.holds((one.register,)) for each in blocks)]
    if not asked:
        raise _incomplete_question("any channel of the map", "任何通道")
    if faults := [fault for one in registers.device_statuses for fault in _status_faults(one, "", blocks)]:
        return Decoded((), tuple(faults))
    found = [_read(registers, one, blocks) for one in asked]
    return Decoded(
        tuple(one for one in found if isinstance(one, Reading)), tuple(one for one in found if isinstance(one, Fault))
    )


def _read(registers: RegisterMap, channel: Channel, blocks: Sequence[Block]) -> Reading | Fault:
    answer = _holding(registers.together(channel), blocks)
    for status in registers.statuses_of(channel):
        for fault in _status_faults(status, channel.name, blocks):
            return fault
    data = answer.taken(channel.register)
    if channel.register.pattern(data) in channel.missing:
        return _fault(channel, "invalid", "is marked invalid by the device", "被设备标为无效")
    divisor = Fraction(1) if channel.scale_register is None else _divisor(channel, channel.scale_register, answer)
    if divisor is None:
        return _fault(channel, "bad-scale", "has a scale register that holds no scale", "的量程寄存器内容无效")
    return _judged(channel, channel.register.number(data), divisor)


def _judged(channel: Channel, raw: float, divisor: Fraction) -> Reading | Fault:
    if math.isnan(raw):
        return _fault(channel, "invalid", "is not a number: the device has no valid value", "不是数字：设备没有有效值")
    value = raw if math.isinf(raw) else channel.value(raw, divisor)
    if value > channel.high or value == math.inf:
        return _fault(channel, "over-range", "is above the range of the device", "超出设备量程上限")
    if value < channel.low or value == -math.inf:
        return _fault(channel, "under-range", "is below the range of the device", "低于设备量程下限")
    return Reading(channel.name, value, channel.unit)


def _divisor(channel: Channel, register: Register, answer: Block) -> Fraction | None:
    found = register.number(answer.taken(register))
    if not math.isfinite(found):
        return None
    if channel.scale_rule == DIVIDE:
        return Fraction(found) if found > 0 else None
    return Fraction(10) ** int(found) if abs(found) <= LARGEST_POWER and found == int(found) else None


def _status_faults(status: Status, channel: str, blocks: Sequence[Block]) -> list[Fault]:
    _holding((status.register,), blocks)
    found = {status.register.pattern(one.taken(status.register)) for one in blocks if one.holds((status.register,))}
    return [fault for each in sorted(found) if (fault := status.fault(each, channel)) is not None]


def _holding(wanted: Sequence[Register], blocks: Sequence[Block]) -> Block:
    for one in blocks:
        if one.holds(wanted):
            return one
    names = ", ".join(str(one.start) for one in wanted)
    raise _incomplete_question(f"registers {names} together", f"寄存器 {names}")


def _incomplete_question(en: str, zh: str) -> BadReply:
    return BadReply(
        code="incomplete-question",
        sentence_en=f"The question did not ask for {en}; what belongs together must be of one moment.",
        sentence_zh=f"请求未同时读取{zh}；相关数据必须取自同一时刻。",
    )


def _fault(channel: Channel, kind: str, en: str, zh: str) -> Fault:
    return Fault(kind, f"Channel {channel.name} {en}.", f"通道 {channel.name} {zh}。", channel.name)
