"""PolyScience PD circulators, RS-232.

Facts (public driver tested on a PD15R-30, as told in its text): 57600 8N1, CR ends command and answer. `SE0` switches
the echo off and answers `!`; `RT` is the bath, `RR` the external probe, `RS` the set point; `SS25.00` orders one and is
answered `!`, or `?` when the bath is in stand-by. Echo is switched off with every reading, because the bath forgets it
when its power fails. No checksum and no name in the answers: the link's quarantine alone keeps late answers apart.
"""

import math
from collections.abc import Sequence

from instruments.driver import Decoded, Exchange, Fault, Line, Question, Reading
from instruments.framing import whole
from instruments.framings_text import decimal, expect_acknowledgement, expect_line, is_decimal
from instruments.simulation.thermostat import ThermostatSimulator
from instruments.thermostat import LIMITS, Thermostat

_LINE = expect_line(end=b"\r")
_DONE = expect_acknowledgement(b"!", end=b"\r")
_QUIET = Question(b"SE0\r", _DONE)


class PolyScienceSimulator(ThermostatSimulator):
    """A bath that is running; a probe with nothing to measure is answered with `?`."""

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply to one command."""
        line, ended, rest = received.partition(b"\r")
        if not ended:
            return b"", received
        return f"{self._reply(line.decode('latin-1'))}\r".encode(), rest

    def _reply(self, command: str) -> str:
        if command == "SE0":
            return "!"
        if command == "RS":
            return f"{self.bath.set_point:.2f}"
        if command.startswith("SS") and is_decimal(command[2:]):
            self.bath.set_point = decimal(command[2:])
            return "!"
        channel = {"RT": "bath_temperature", "RR": "external_temperature"}.get(command)
        felt = None if channel is None else self.feel(channel)
        return "?" if felt is None or not math.isfinite(felt) else f"{felt:.2f}"


class PolyScience(Thermostat, name="polyscience"):
    """PolyScience PD."""

    title = "PolyScience PD"
    channels = {"bath_temperature": "degC", "external_temperature": "degC"}  # noqa: RUF012
    options = LIMITS
    line = Line(baud=57600)
    checksum = False
    addresses = range(1, 2)
    simulator = PolyScienceSimulator

    def questions(self) -> tuple[Question, ...]:
        """Echo off, bath, external probe."""
        return (_QUIET, Question(b"RT\r", _LINE), Question(b"RR\r", _LINE))

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """Temperatures [degC]; `?` is a fault. Raises BadReply."""
        quiet, *values = exchanges
        whole(quiet.received, expect=_DONE)
        readings, faults = [], []
        for channel, one in zip(self.channels, values, strict=True):
            text = whole(one.received, expect=_LINE).decode("ascii")
            if text == "?":
                faults.append(_refused(channel))
            else:
                readings.append(Reading(channel, decimal(text), "degC"))
        return Decoded(tuple(readings), tuple(faults))

    def order(self, value: float) -> Question:
        """`SSxx.xx`, answered `!`."""
        return Question(f"SS{value:.2f}\r".encode(), _DONE)

    def set_point_question(self) -> Question:
        """`RS`."""
        return Question(b"RS\r", _LINE)

    def decode_set_point(self, reply: bytes) -> float:
        """The set point [degC]."""
        return decimal(whole(reply, expect=_LINE).decode("ascii"))


def _refused(channel: str) -> Fault:
    return Fault(
        "no-value",
        f"Channel {channel}: the bath answers ?; it is in stand-by, or has no such probe.",
        f"通道 {channel}：恒温槽应答“?”；处于待机状态或无此探头。",
        channel,
    )
