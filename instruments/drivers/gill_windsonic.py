"""Gill WindSonic ultrasonic anemometer, Gill polar format with checksum, polled or continuous.

Facts (manual 1405-PS-0019, issues 25 and 28): a line is STX, unit letter, direction, speed, unit letter of speed,
status, ETX, XOR of what lies between STX and ETX in hex, CR LF: `Q,229,002.74,M,00,`. Below 0.05 m/s the direction is
left out. Status 00 says well. Polled, the unit letter alone asks and the answer comes within 130 ms; `?` switches to
polled mode and is not answered. The factory's mode is continuous. Its line (9600 8N1) is to be checked.

Polled (recommended): `?` and the letter with every reading, so that a power failure does not leave it talking.
Continuous: nothing is asked; the next whole line that comes is the reading, so it is never older than the wait for it.
"""

import math
import re
from collections.abc import Sequence

from instruments.driver import Decoded, Driver, Exchange, Fault, Line, Question, Reading, Setting, Simulator
from instruments.errors import BadReply
from instruments.framing import whole
from instruments.framings_text import (
    bad_fields,
    expect_gill,
    expect_gill_stream,
    expect_nothing,
    gill_frame,
)

_FIELDS = re.compile(r"([A-Z]),(\d{3})?,(\d{3}\.\d{2}),([A-Z]),([0-9A-F]{2}),", re.ASCII)
METRES_PER_SECOND, WELL = "M", "00"
POLLED, CONTINUOUS = "polled", "continuous"


def decode(reply: bytes, *, unit: str, stream: bool) -> Decoded:
    """Wind speed [m/s] and direction [deg] of one line from the anemometer named `unit`. Raises BadReply."""
    text = whole(reply, expect=expect_gill_stream if stream else expect_gill).decode("latin-1")
    match = _FIELDS.fullmatch(text)
    if match is None:
        raise bad_fields(text, "unit letter, direction, speed, unit and status", "单元字母、风向、风速、单位和状态")
    letter, direction, speed, speed_unit, status = match.groups()
    if letter != unit:
        raise _foreign_unit(letter, unit)
    if status != WELL:
        return Decoded((), (_bad_status(status),))
    if speed_unit != METRES_PER_SECOND:
        return Decoded((), (_wrong_unit(speed_unit),))
    wind = Reading("wind_speed", float(speed), "m/s")
    if direction is None:
        return Decoded((wind,), (_calm(),))
    return Decoded((wind, Reading("wind_direction", float(direction), "deg")))


def _foreign_unit(seen: str, wanted: str) -> BadReply:
    return BadReply(
        code="foreign-reply",
        sentence_en=f"The line comes from unit {seen}, not {wanted}; set `unit` to the letter of the anemometer.",
        sentence_zh=f"数据来自单元 {seen} 而非 {wanted}；请将 unit 设为该风速仪的字母。",
    )


def _bad_status(status: str) -> Fault:
    return Fault(
        "bad-status",
        f"The anemometer reports status {status}, not 00: a transducer is blocked or faulty; look at it.",
        f"风速仪状态为 {status} 而非 00：换能器被遮挡或故障；请检查。",
    )


def _wrong_unit(letter: str) -> Fault:
    return Fault(
        "wrong-unit",
        f"The speed comes in unit {letter}; set the anemometer to M (m/s).",
        f"风速单位为 {letter}；请将风速仪设为 M（m/s）。",
        "wind_speed",
    )


def _calm() -> Fault:
    return Fault(
        "calm",
        "Channel wind_direction: the air is too calm for a direction, none is given.",
        "通道 wind_direction：风速过低，未给出风向。",
        "wind_direction",
    )


class WindSonicSimulator(Simulator):
    """An anemometer in polled mode; a blocked transducer when there is nothing to measure."""

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """One line for each poll; silence for `?` and for anything else."""
        unit = str(self.driver.settings["unit"])
        heard, rest = received[:1], received[1:]
        return (gill_frame(self._body(unit)) if heard == unit.encode() else b""), rest

    def _body(self, unit: str) -> bytes:
        speed, direction = self.feel("wind_speed"), self.feel("wind_direction")
        if speed is None or not math.isfinite(speed):
            return f"{unit},000,000.00,M,04,".encode()
        turn = "" if direction is None or not math.isfinite(direction) else f"{direction % 360:03.0f}"
        return f"{unit},{turn},{speed:06.2f},M,{WELL},".encode()


class WindSonic(Driver, name="gill_windsonic"):
    """WindSonic."""

    title = "Gill WindSonic"
    channels = {"wind_speed": "m/s", "wind_direction": "deg"}  # noqa: RUF012
    options = {  # noqa: RUF012
        "mode": Setting(POLLED, "polled, or continuous (factory)", "轮询，或连续输出（出厂）", (POLLED, CONTINUOUS)),
        "unit": Setting("Q", "unit letter", "单元字母", tuple("QRSTUVWXYZGHIJLO")),
    }
    line = Line(baud=9600)
    addresses = range(1, 2)
    simulator = WindSonicSimulator

    def questions(self) -> tuple[Question, ...]:
        """Polled mode on and one poll; or only listening."""
        if self.settings["mode"] == CONTINUOUS:
            return (Question(b"", expect_gill_stream),)
        return (Question(b"?", expect_nothing), Question(str(self.settings["unit"]).encode(), expect_gill))

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """See the module's `decode`."""
        stream = self.settings["mode"] == CONTINUOUS
        for order in exchanges[:-1]:
            whole(order.received, expect=expect_nothing)
        return decode(exchanges[-1].received, unit=str(self.settings["unit"]), stream=stream)
