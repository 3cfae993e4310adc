"""Vaisala HMP155 and HMT330 humidity and temperature transmitters, polled with SEND.

Facts (HMT330 and HMP230 user guides): 4800 baud, 7 data bits, even parity. `SEND` (on RS-485 `SEND aa`) asks for one
line whose form is set by the user, by the factory `RH=  98.4 %RH T=  31.1 'C`. So values are found by their tags and
their units are checked. Anything but a number behind a tag is a fault. No checksum unless FORM adds one, which is not
read here; the form must give tags and units.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from instruments.driver import Decoded, Driver, Exchange, Fault, Line, Question, Reading, Setting, Simulator
from instruments.framing import whole
from instruments.framings_text import bad_fields, decimal, expect_line, is_decimal

Tags = Mapping[str, tuple[str, str, str]]
_LINE = expect_line(end=b"\r\n")
_FIELD = re.compile(r" *([A-Z][A-Za-z0-9]*)= *([^ =]+)(?: +([^ =]+))?", re.ASCII)


def decode(reply: bytes, *, tags: Tags) -> Decoded:
    """What the line says of the tagged quantities {tag: (channel, unit on the wire, unit)}. Raises BadReply."""
    text = whole(reply, expect=_LINE).decode("ascii").rstrip(" ")
    fields = [_FIELD.fullmatch(part) for part in re.split(r"(?<=[^ =]) +(?=[A-Z][A-Za-z0-9]*=)", text)]
    found = {match[1]: match for match in fields if match}
    if len(found) < len(fields):
        raise bad_fields(text, "tags with values and units, each once", "各出现一次的“标签=数值 单位”")
    told = [_told(channel, wire, unit, found.get(tag)) for tag, (channel, wire, unit) in tags.items()]
    return Decoded(
        tuple(one for one in told if isinstance(one, Reading)), tuple(one for one in told if isinstance(one, Fault))
    )


def _told(channel: str, wire: str, unit: str, match: "re.Match[str] | None") -> Reading | Fault:
    if match is None:
        return _fault("missing", channel, "is not in the line; add it with FORM", "不在输出行中；请用 FORM 加入")
    if not is_decimal(match[2]):
        return _fault("no-value", channel, f"reads {match[2]}; check the probe", f"读数为 {match[2]}；请检查探头")
    if match[3] != wire:
        seen = match[3] or "-"
        return _fault("wrong-unit", channel, f"comes in unit {seen}; set {wire}", f"单位为 {seen}；请设为 {wire}")
    return Reading(channel, decimal(match[2]), unit)


def _fault(kind: str, channel: str, en: str, zh: str) -> Fault:
    return Fault(kind, f"Channel {channel} {en}.", f"通道 {channel} {zh}。", channel)


class VaisalaSend(Driver):
    """What transmitters polled with SEND share."""

    tags: ClassVar[Tags]
    options = {"rs485": Setting(False, "RS-485: SEND with the address", "RS-485：SEND 带地址")}  # noqa: RUF012
    line = Line(baud=4800, parity="E", data_bits=7)
    checksum = False
    addresses = range(100)

    @property
    def query(self) -> bytes:
        """`SEND`, on RS-485 with the address."""
        return f"SEND {self.address}\r\n".encode() if self.settings["rs485"] else b"SEND\r\n"

    def questions(self) -> tuple[Question, ...]:
        """One line."""
        return (Question(self.query, _LINE),)

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """See the module's `decode`."""
        return decode(exchanges[0].received, tags=self.tags)


class VaisalaSendSimulator(Simulator):
    """A transmitter in the form of the tags; stars where there is nothing to measure."""

    driver: VaisalaSend

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """One line for its own SEND; silence for others."""
        line, ended, rest = received.partition(b"\r\n")
        if not ended:
            return b"", received
        if line + ended != self.driver.query:
            return b"", rest
        texts = (f"{tag}={self._number(channel)} {wire}" for tag, (channel, wire, _) in self.driver.tags.items())
        return f"{' '.join(texts)} \r\n".encode(), rest

    def _number(self, channel: str) -> str:
        felt = self.feel(channel)
        return " *****" if felt is None or not math.isfinite(felt) else f"{felt:6.1f}"


class VaisalaHmp(VaisalaSend, name="vaisala_hmp"):
    """HMP155, HMT330."""

    title = "Vaisala HMP155 / HMT330"
    tags = {"RH": ("humidity", "%RH", "%"), "T": ("temperature", "'C", "degC")}  # noqa: RUF012
    channels = {channel: unit for channel, _, unit in tags.values()}  # noqa: RUF012
    simulator = VaisalaSendSimulator
