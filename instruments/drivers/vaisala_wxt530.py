"""Vaisala WXT530 series weather transmitter, ASCII polled with CRC, wind only.

Facts (WXT530 user guide M211840EN, polling with CRC): `0r1` + CRC asks for the wind; the answer is
`0r1,Dn=236D,Dm=283D,Dx=031D,Sn=0.0M,Sm=1.0M,Sx=2.2M` + CRC. Lower-case `r` is used because a line without CRC that was
cut short still looks like an answer. The last letter of a field is its unit; `#` says invalid. Which fields are sent is
a setting of the transmitter, so they are found by name. The guide prints this answer with the CRC LFj, which does not
fit its text (J\\Y does); all its printed queries and its `0tX,Use chksum GoeIU~` are right.
"""

import math
import re
from collections.abc import Sequence

from instruments.driver import Decoded, Driver, Exchange, Fault, Line, Question, Reading, Simulator
from instruments.errors import BadReply
from instruments.framing import expect_vaisala, vaisala_frame, whole

FIELDS = {
    "Dm": ("wind_direction", "D", "deg"),
    "Sn": ("wind_speed_min", "M", "m/s"),
    "Sm": ("wind_speed", "M", "m/s"),
    "Sx": ("wind_speed_max", "M", "m/s"),
}
_FIELD = re.compile(r"([A-Z][a-z])=(-?\d+(?:\.\d+)?)([A-Za-z#])")


def decode(reply: bytes, *, address: int = 0) -> Decoded:
    """Mean wind speed, its extremes [m/s] and mean direction [deg] from the answer to `0r1`. Raises BadReply."""
    text = whole(reply, expect=expect_vaisala(lead=f"{address}r1,".encode())).decode("ascii", "replace")
    readings, faults = [], []
    for part in text.split(","):
        match = _FIELD.fullmatch(part)
        if not match:
            raise BadReply(
                code="bad-fields",
                sentence_en=f"The field {part!r} is not name=number and unit letter; check the transmitter's settings.",
                sentence_zh=f"字段 {part!r} 不是“名称=数值+单位字母”；请检查变送器设置。",
            )
        key, number, letter = match.groups()
        channel, wanted, unit = FIELDS.get(key, ("", "", ""))
        if channel and letter == wanted:
            readings.append(Reading(channel, float(number), unit))
        elif channel:
            faults.append(_fault(channel, letter, wanted))
    return Decoded(tuple(readings), tuple(faults))


def _fault(channel: str, letter: str, wanted: str) -> Fault:
    if letter == "#":
        kind, en, zh = "invalid", "is marked invalid by the transmitter", "被变送器标为无效"
    else:
        kind = "wrong-unit"
        en = f"comes in unit {letter}; set the transmitter to {wanted}"
        zh = f"单位为 {letter}；请将变送器设为 {wanted}"
    return Fault(kind, f"Channel {channel} {en}.", f"通道 {channel} {zh}。", channel)


class Wxt530Simulator(Simulator):
    """A transmitter that answers the wind query; fields with nothing to measure are invalid (`#`)."""

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply to `0r1` with CRC; the right CRC when it was wrong, as the manual says; silence for noise."""
        line, ended, rest = received.partition(b"\r\n")
        if not ended:
            return b"", received
        query = f"{self.driver.address}r1".encode()
        if line + ended == vaisala_frame(query):
            return vaisala_frame(query + b"," + self._fields()), rest
        if line.startswith(query):
            return vaisala_frame(query[:1] + b"tX,Use chksum " + vaisala_frame(query)[len(query) : -2]), rest
        return b"", rest

    def _fields(self) -> bytes:
        mean, direction = self.feel("wind_speed"), self.feel("wind_direction")
        speeds = [self.feel("wind_speed_min"), mean, self.feel("wind_speed_max")]
        turn = math.nan if mean is None or math.isnan(mean) else 180.0 if direction is None else direction
        parts = [f"{key}={_number(turn, '03.0f', 'D')}" for key in ("Dn", "Dm", "Dx")]
        for key, speed in zip(("Sn", "Sm", "Sx"), speeds, strict=True):
            parts.append(f"{key}={_number(mean if speed is None else speed, '.1f', 'M')}")
        return ",".join(parts).encode()


def _number(value: float | None, form: str, letter: str) -> str:
    if value is None or not math.isfinite(value):
        return f"{0:{form}}#"
    return f"{value:{form}}{letter}"


class Wxt530(Driver, name="vaisala_wxt530"):
    """Weather transmitter WXT530 series, wind."""

    title = "Vaisala WXT530"
    channels = {channel: unit for channel, _, unit in FIELDS.values()}  # noqa: RUF012
    line = Line(baud=19200)
    addresses = range(10)
    simulator = Wxt530Simulator

    def questions(self) -> tuple[Question, ...]:
        """The wind query with CRC."""
        query = f"{self.address}r1".encode()
        return (Question(vaisala_frame(query), expect_vaisala(lead=query + b",")),)

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """See the module's `decode`."""
        (exchange,) = exchanges
        return decode(exchange.received, address=self.address)
