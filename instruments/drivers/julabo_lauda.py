"""Julabo and Lauda circulators: the same words, another acknowledgement.

Facts (Julabo CF31/CF41 manual, remote control; Lauda Integral T, LRZ 912 and Proline manuals, serial interface): a
command and its parameter end with CR. `IN_PV_00` asks for the bath's temperature, `IN_PV_02` (Julabo) or `IN_PV_03`
(Lauda) for that of the external Pt100, `IN_SP_00` for the set point, `STATUS` for the state. `OUT_SP_00` orders a set
point: Julabo gives no answer, takes it in remote control only and wants 250 ms before the next command; Lauda answers
`OK`. Julabo's status is a number and words, negative for an alarm; Lauda's is 0 or -1, its errors are `ERR_n`. Answers
end with LF or CR LF. On RS-485 command and answer begin with `Annn_`.
No message carries a checksum or the name of what was asked: the link's quarantine alone keeps late answers apart.
Julabo sends 7 data bits with even parity (public drivers; check against the device's menu). Some answer nothing to the
first question after the port is opened: the first scan then has a fault.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from instruments.driver import Decoded, Exchange, Fault, Identity, Line, Question, Reading, Setting
from instruments.framing import Expect, whole
from instruments.framings_text import (
    bad_fields,
    decimal,
    expect_acknowledgement,
    expect_line,
    expect_nothing,
    is_decimal,
)
from instruments.simulation.thermostat import ThermostatSimulator
from instruments.thermostat import LIMITS, Thermostat

_LINE = expect_line(end=b"\n")
_NO_VALUE = re.compile(r"-{2,}[.-]*|ERR_\d+|-\d\d [A-Z0-9 ]+")
_DASHES = "---.--"
_STATUS = re.compile(r"(-?\d{1,2})(?: ([A-Z0-9 .:/-]+))?")


class Circulator(Thermostat):
    """What Julabo and Lauda share."""

    external: ClassVar[str]
    channels = {"bath_temperature": "degC", "external_temperature": "degC"}  # noqa: RUF012
    options: ClassVar[Mapping[str, Setting]] = {
        **LIMITS,
        "rs485": Setting(False, "RS-485 with address (Annn_)", "使用 RS-485 并带地址（Annn_）"),
        "external": Setting(True, "an external Pt100 is connected", "已连接外部 Pt100"),
    }
    checksum = False
    addresses = range(128)

    def ask(self, command: str, *, expect: Expect = _LINE) -> Question:
        """The command with the prefix of RS-485 where that is set."""
        return Question(f"{self.prefix}{command}\r".encode(), expect)

    @property
    def prefix(self) -> str:
        """`Annn_` on RS-485, nothing on RS-232."""
        return f"A{self.address:03d}_" if self.settings["rs485"] else ""

    def questions(self) -> tuple[Question, ...]:
        """State, bath and, where there is one, the external sensor."""
        values = ("IN_PV_00", self.external) if self.settings["external"] else ("IN_PV_00",)
        return tuple(self.ask(command) for command in ("STATUS", *values))

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """Temperatures [degC]; an alarm of the device is a fault beside them. Raises BadReply."""
        state, *values = (self.text(one.received) for one in exchanges)
        faults = self.alarms(state)
        readings = []
        for channel, text in zip(self.channels, values, strict=False):
            if is_decimal(text):
                readings.append(Reading(channel, decimal(text), "degC"))
            elif _NO_VALUE.fullmatch(text):
                faults.append(_without_value(channel, text))
            else:
                raise bad_fields(text, "a temperature", "温度")
        return Decoded(tuple(readings), tuple(faults))

    def text(self, reply: bytes) -> str:
        """The answer without prefix and line end. Raises BadReply, also for another device's prefix."""
        text = whole(reply, expect=_LINE).decode("ascii")
        if not text.startswith(self.prefix):
            raise bad_fields(text, f"the address {self.prefix}", f"地址 {self.prefix}")
        return text.removeprefix(self.prefix)

    def alarms(self, text: str) -> list[Fault]:
        """What the answer to STATUS complains about. Raises BadReply when it is no state."""
        match = _STATUS.fullmatch(text)
        if match is None:
            raise bad_fields(text, "a state", "状态")
        if not match[1].startswith("-"):
            return []
        return [
            Fault(
                "device-alarm",
                f"The circulator reports {text}; see its manual and display.",
                f"循环器报告 {text}；请查看其手册和显示屏。",
            )
        ]

    def set_point_question(self) -> Question:
        """`IN_SP_00`."""
        return self.ask("IN_SP_00")

    def decode_set_point(self, reply: bytes) -> float:
        """The set point [degC]."""
        return decimal(self.text(reply))


def _without_value(channel: str, text: str) -> Fault:
    return Fault(
        "no-value",
        f"Channel {channel}: the circulator answers {text} instead of a temperature; check the sensor.",
        f"通道 {channel}：循环器应答 {text} 而非温度；请检查传感器。",
        channel,
    )


class CirculatorSimulator(ThermostatSimulator):
    """A circulator in remote control; a sensor with nothing to measure shows dashes and an alarm."""

    driver: Circulator

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply to one command; silence for noise and for another address."""
        line, ended, rest = received.partition(b"\r")
        if not ended:
            return b"", received
        prefix = self.driver.prefix.encode()
        if not line.startswith(prefix):
            return b"", rest
        reply = self.reply(line.removeprefix(prefix).decode("latin-1"))
        return prefix + reply.encode() + b"\r\n" if reply else b"", rest

    def reply(self, command: str) -> str:
        """What this maker answers; "" is silence."""
        if command == "IN_SP_00":
            return f"{self.bath.set_point:.2f}"
        if command in ("IN_PV_00", self.driver.external):
            return self.temperature("bath_temperature" if command == "IN_PV_00" else "external_temperature")
        return ""

    def temperature(self, channel: str) -> str:
        """Two decimals, or dashes."""
        felt = self.feel(channel)
        return _DASHES if felt is None or not math.isfinite(felt) else f"{felt:.2f}"

    @property
    def sensor_well(self) -> bool:
        """Whether the bath's own sensor has something to measure."""
        return self.temperature("bath_temperature") != _DASHES

    def ordered(self, command: str, lead: str) -> bool:
        """Take `OUT_SP_00`; whether it was one."""
        if command.startswith(lead) and is_decimal(command.removeprefix(lead)):
            self.bath.set_point = decimal(command.removeprefix(lead))
            return True
        return False


class JulaboSimulator(CirculatorSimulator):
    """Says nothing to an order."""

    def reply(self, command: str) -> str:
        """State and version in Julabo's words."""
        if command == "STATUS":
            return "03 REMOTE START" if self.sensor_well else "-05 WORKING SENSOR ALARM"
        if command == "VERSION":
            return "JULABO CF41 VERSION 2.1"
        return "" if self.ordered(command, "OUT_SP_00 ") else super().reply(command)


class LaudaSimulator(CirculatorSimulator):
    """Acknowledges every order."""

    def reply(self, command: str) -> str:
        """State, type, `OK` and errors in Lauda's words."""
        if command == "STATUS":
            return "0" if self.sensor_well else "-1"
        if command == "TYPE":
            return "P10"
        if command.startswith("OUT_SP_00_"):
            return "OK" if self.ordered(command, "OUT_SP_00_") else "ERR_5"
        return super().reply(command) or "ERR_3"


class Julabo(Circulator, name="julabo"):
    """Julabo Economy, F, CF, HL, MS and newer ones with the same words."""

    title = "Julabo"
    external = "IN_PV_02"
    line = Line(baud=4800, parity="E", data_bits=7, flow="rtscts", pause=0.01)
    settle = 0.25
    simulator = JulaboSimulator

    def order(self, value: float) -> Question:
        """`OUT_SP_00 xxx.xx`, not acknowledged."""
        return self.ask(f"OUT_SP_00 {value:.2f}", expect=expect_nothing)

    def identification(self) -> tuple[Question, ...]:
        """`VERSION`."""
        return (self.ask("VERSION"),)

    def decode_identity(self, exchanges: Sequence[Exchange]) -> Identity:
        """Model and software version in the maker's words; no serial number."""
        return Identity(model=self.text(exchanges[0].received))


class Lauda(Circulator, name="lauda"):
    """Lauda ECO, Proline, Loop and Integral."""

    title = "Lauda"
    external = "IN_PV_03"
    line = Line(baud=9600)
    simulator = LaudaSimulator

    def order(self, value: float) -> Question:
        """`OUT_SP_00_xxx.xx`, acknowledged with `OK`."""
        return self.ask(f"OUT_SP_00_{value:.2f}", expect=expect_acknowledgement(f"{self.prefix}OK".encode(), end=b"\n"))

    def identification(self) -> tuple[Question, ...]:
        """`TYPE`."""
        return (self.ask("TYPE"),)

    def decode_identity(self, exchanges: Sequence[Exchange]) -> Identity:
        """The type; no serial number."""
        return Identity(model=self.text(exchanges[0].received))
