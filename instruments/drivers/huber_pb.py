"""Huber thermostats (Pilot ONE, CC-Pilot), PB commands.

Facts (Huber, Data Communication V2.3.0en): a command is always ten characters, `{M`, two hex digits of the variable,
four of the value or `****` to read only, CR LF; the answer `{S`, the same variable, its value. Values are 16-bit two's
complement in 0.01 degC. 00 is the set point, 01 the internal, 07 the process temperature, 1B and 1C the serial number.
C504 (-151 degC) says no sensor, 7FFF that this model has not got the variable. Bad syntax gets no answer; the answer
may take 1 s. There is no checksum, but the answer names its variable, so that a late answer to another question is
refused. Point to point only. How 1B and 1C make the serial number is not stated in what we read: it is given as their
hex digits.
"""

import math
import re
from collections.abc import Sequence

from instruments.driver import Decoded, Exchange, Fault, Identity, Line, Question, Reading
from instruments.framing import Expect, NeedMore, Progress, Whole, foreign_head, left_over, whole
from instruments.framings_text import bad_fields, expect_line
from instruments.simulation.thermostat import ThermostatSimulator
from instruments.thermostat import LIMITS, Thermostat

SET_POINT, INTERNAL, PROCESS, SERIAL_HIGH, SERIAL_LOW = 0x00, 0x01, 0x07, 0x1B, 0x1C
NO_SENSOR, NOT_AVAILABLE = "C504", "7FFF"
_LINE = expect_line(end=b"\r\n")
_LENGTH = 10
_VALUE = re.compile(rb"[0-9A-F]{4}")
_NOTHING = {
    NO_SENSOR: ("no-sensor", "has no sensor", "未连接传感器"),
    NOT_AVAILABLE: ("not-available", "does not exist in this model", "该型号不提供"),
}


def pb_command(variable: int, value: float | None = None) -> bytes:
    """The command that writes `value` [degC], or only reads.

    >>> pb_command(0x00, -23.15)
    b'{M00F6F5\\r\\n'
    """
    digits = "****" if value is None else _hex(value)
    return f"{{M{variable:02X}{digits}\r\n".encode()


def _hex(value: float) -> str:
    return f"{round(100 * value) & 0xFFFF:04X}"


def expect_pb(variable: int) -> Expect:
    """Expects the answer for this variable; payload = its four hex digits."""
    head = f"{{S{variable:02X}".encode()

    def expect(received: bytes) -> Progress:
        if not head.startswith(received[:4]):
            raise foreign_head(received[:4], head)
        if len(received) > _LENGTH:
            raise left_over(len(received) - _LENGTH)
        progress = _LINE(received)
        if isinstance(progress, NeedMore):
            return progress
        digits = progress.payload[4:]
        if not _VALUE.fullmatch(digits):
            raise bad_fields(digits.decode("ascii"), "four hexadecimal digits", "四位十六进制数")
        return Whole(digits)

    return expect


def decode_value(reply: bytes, *, variable: int) -> str:
    """The four hex digits of the answer. Raises BadReply."""
    return whole(reply, expect=expect_pb(variable)).decode("ascii")


def degrees(digits: str) -> float:
    """16-bit two's complement in 0.01 degC.

    >>> degrees("FFCC")
    -0.52
    """
    number = int(digits, 16)
    return (number - 0x10000 if number & 0x8000 else number) / 100


class HuberSimulator(ThermostatSimulator):
    """A Pilot ONE; a sensor with nothing to measure is not connected."""

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply to one whole command; silence for bad syntax, as the manual says."""
        line, ended, rest = received.partition(b"\r\n")
        if not ended:
            return b"", received
        command = re.fullmatch(r"\{M([0-9A-F]{2})(\*{4}|[0-9A-F]{4})", line.decode("latin-1"))
        if command is None:
            return b"", rest
        return f"{{S{command[1]}{self._value(int(command[1], 16), command[2])}\r\n".encode(), rest

    def _value(self, variable: int, written: str) -> str:
        if variable == SET_POINT:
            if "*" not in written:
                self.bath.set_point = degrees(written)
            return _hex(self.bath.set_point)
        channel = {INTERNAL: "bath_temperature", PROCESS: "external_temperature"}.get(variable)
        if channel is None:
            return {SERIAL_HIGH: "0001", SERIAL_LOW: "E240"}.get(variable, NOT_AVAILABLE)
        felt = self.feel(channel)
        return NO_SENSOR if felt is None or not math.isfinite(felt) else _hex(felt)


class HuberPb(Thermostat, name="huber_pb"):
    """Huber with PB commands."""

    title = "Huber (PB)"
    channels = {"bath_temperature": "degC", "external_temperature": "degC"}  # noqa: RUF012
    options = LIMITS
    line = Line(baud=9600)
    checksum = False
    addresses = range(1, 2)
    simulator = HuberSimulator

    def questions(self) -> tuple[Question, ...]:
        """Internal and process temperature."""
        return tuple(_ask(variable) for variable in (INTERNAL, PROCESS))

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """Temperatures [degC]. Raises BadReply."""
        readings, faults = [], []
        for channel, variable, one in zip(self.channels, (INTERNAL, PROCESS), exchanges, strict=True):
            digits = decode_value(one.received, variable=variable)
            if digits in _NOTHING:
                kind, en, zh = _NOTHING[digits]
                faults.append(
                    Fault(kind, f"Channel {channel} {en} ({digits}).", f"通道 {channel} {zh}（{digits}）。", channel)
                )
            else:
                readings.append(Reading(channel, degrees(digits), "degC"))
        return Decoded(tuple(readings), tuple(faults))

    def identification(self) -> tuple[Question, ...]:
        """Both halves of the serial number."""
        return (_ask(SERIAL_HIGH), _ask(SERIAL_LOW))

    def decode_identity(self, exchanges: Sequence[Exchange]) -> Identity:
        """The serial number as hex digits; the protocol does not tell the model."""
        high, low = exchanges
        digits = decode_value(high.received, variable=SERIAL_HIGH) + decode_value(low.received, variable=SERIAL_LOW)
        return Identity(serial=digits)

    def order(self, value: float) -> Question:
        """The set point; the device answers with what it has taken."""
        return Question(pb_command(SET_POINT, value), expect_pb(SET_POINT))

    def set_point_question(self) -> Question:
        """The set point, read only."""
        return _ask(SET_POINT)

    def decode_set_point(self, reply: bytes) -> float:
        """The set point [degC]."""
        return degrees(decode_value(reply, variable=SET_POINT))


def _ask(variable: int) -> Question:
    return Question(pb_command(variable), expect_pb(variable))
