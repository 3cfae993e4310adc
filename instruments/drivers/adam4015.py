"""Advantech ADAM-4015 six-channel Pt100 module, DCON ASCII over RS-485, checksum required.

Facts (ADAM-4000 manual): `#AA` reads all channels; the answer is `>` and the channels one after the other, seven
characters each, CR; a channel outside the configured range sends `+9999` or `-0000`, a disabled one blanks. The answer
carries no address and no channel numbers, so the checksum is required (the module's own setting, ADAM-4100 manual
appendix F) and the number of fields must be right: a field that is not a temperature loses its own reading only.
The module must be set to engineering units (degC).
"""

import math
import re
from collections.abc import Sequence

from instruments.driver import Decoded, Driver, Exchange, Fault, Line, Question, Reading, Simulator
from instruments.errors import BadReply
from instruments.framing import dcon_frame, expect_dcon, whole

CHANNELS = 6
_TEMPERATURE = re.compile(rb"[+-](?:\d{2}\.\d{3}|\d{3}\.\d{2})")
_FIELD = re.compile(rb"[+-](?:\d\.\d{4}|\d{2}\.\d{3}|\d{3}\.\d{2}|\d{4}\.\d)|[+-]9999|-0000| {7}")
_FIELDS = re.compile(b"(?:" + _FIELD.pattern + b"){%d}" % CHANNELS)
_EXPECT = expect_dcon(lead=b">")


def decode(reply: bytes) -> Decoded:
    """Six temperatures [degC] from the answer to `#AA`.

    Raises BadReply when it is not six fields with a right checksum.
    """
    text = whole(reply, expect=_EXPECT)
    if not _FIELDS.fullmatch(text):
        raise BadReply(
            code="bad-fields",
            sentence_en=f"The reply {text!r} is not {CHANNELS} fields of seven characters; set engineering units.",
            sentence_zh=f"应答 {text!r} 不是 {CHANNELS} 个七字符字段；请将模块设为工程单位。",
        )
    readings, faults = [], []
    for number, field in enumerate(_FIELD.findall(text)):
        channel = f"ch{number}"
        if _TEMPERATURE.fullmatch(field):
            readings.append(Reading(channel, float(field), "degC"))
        else:
            faults.append(_fault(channel, field.decode()))
    return Decoded(tuple(readings), tuple(faults))


def _fault(channel: str, field: str) -> Fault:
    if not field.strip():
        kind, en, zh = "channel-disabled", "is disabled in the module", "在模块中被禁用"
    elif field.startswith("-"):
        kind, en, zh = "under-range", f"is under range ({field})", f"低于量程（{field}）"
    else:
        kind, en, zh = "over-range", f"is over range or open ({field})", f"超量程或断线（{field}）"
    return Fault(kind, f"Channel {channel} {en}; check the sensor.", f"通道 {channel} {zh}；请检查传感器。", channel)


class Adam4015Simulator(Simulator):
    """A module set to Pt100 0 to 200 degC; a channel with nothing to measure is an open circuit (over range)."""

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply to `#AA` with its checksum; silence for anything else, as the module does."""
        line, ended, rest = received.partition(b"\r")
        if not ended:
            return b"", received
        if line + b"\r" != dcon_frame(f"#{self.driver.address:02X}".encode()):
            return b"", rest
        return dcon_frame(b">" + b"".join(self._field(f"ch{n}") for n in range(CHANNELS))), rest

    def _field(self, channel: str) -> bytes:
        value = self.feel(channel)
        if value is None:
            return b" " * 7
        if not math.isfinite(value) or value > 200.0:
            return b"+9999"
        return b"-0000" if value < -99.0 else b"%+07.2f" % value


class Adam4015(Driver, name="adam4015"):
    """Pt100 module ADAM-4015."""

    title = "Advantech ADAM-4015"
    channels = {f"ch{n}": "degC" for n in range(CHANNELS)}  # noqa: RUF012
    line = Line(baud=9600)
    addresses = range(256)
    simulator = Adam4015Simulator

    def questions(self) -> tuple[Question, ...]:
        """`#AA` with checksum: all channels of one scan."""
        return (Question(dcon_frame(f"#{self.address:02X}".encode()), _EXPECT),)

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """See the module's `decode`."""
        (exchange,) = exchanges
        return decode(exchange.received)
