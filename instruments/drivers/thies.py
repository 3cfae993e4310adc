"""Thies 2D ultrasonic anemometer (and Meteoclima), telegram VDT, asked for.

Facts (manuals 021537/06/10 and FS6002): `TR2` behind a two-digit id asks for one telegram VDT: STX, speed, direction,
temperature, status, `*`, checksum (XOR, two hex digits), CR ETX: `gg.g ddd ttt.t ss`. Fields of `F` say a measuring
error. Bit 0 of the status says invalid data (manual 021511/10/06, status version 1).
Not certain, so settings to be checked against the manual of the unit: whether the checksum begins with STX (the tables
of 021537 count from position 1, which is STX) and which bits of the status make a telegram invalid. The factory's line
(9600 8N1) is to be checked on the instrument.
"""

import math
import re
from collections.abc import Sequence

from instruments.driver import Decoded, Driver, Exchange, Fault, Line, Question, Reading, Setting, Simulator
from instruments.framing import whole
from instruments.framings_text import bad_fields, expect_thies, thies_frame

CHANNELS = {"wind_speed": "m/s", "wind_direction": "deg", "temperature": "degC"}
_VDT = re.compile(r" ?(\d{2,3}\.\d|F+\.F) (\d{3}|F{3}) ([+-]?\d{2,3}\.\d|[+-]?F+\.F) ([0-9A-F]{2})", re.ASCII)
WITH_STX, AFTER_STX = "with-stx", "after-stx"


def decode(reply: bytes, *, with_stx: bool, invalid: int) -> Decoded:
    """Wind speed [m/s], direction [deg] and temperature [degC] of one telegram. Raises BadReply.

    `invalid`: the bits of the status byte that make the whole telegram a fault.
    """
    text = whole(reply, expect=expect_thies(with_stx=with_stx)).decode("latin-1")
    match = _VDT.fullmatch(text)
    if match is None:
        raise bad_fields(text, "a telegram VDT", "VDT 报文")
    *values, status = match.groups()
    if int(status, 16) & invalid:
        return Decoded((), (_bad_status(status),))
    pairs = list(zip(CHANNELS, values, strict=True))
    return Decoded(
        tuple(Reading(channel, float(value), CHANNELS[channel]) for channel, value in pairs if "F" not in value),
        tuple(_measuring_error(channel) for channel, value in pairs if "F" in value),
    )


def _bad_status(status: str) -> Fault:
    return Fault(
        "bad-status",
        f"The anemometer reports status {status}: its data are invalid; look at its transducers.",
        f"风速仪状态 {status}：数据无效；请检查换能器。",
    )


def _measuring_error(channel: str) -> Fault:
    return Fault(
        "measuring-error",
        f"Channel {channel}: the anemometer sends F, a measuring error.",
        f"通道 {channel}：风速仪发送 F，表示测量错误。",
        channel,
    )


class ThiesSimulator(Simulator):
    """An anemometer that answers `TR2`; F where there is nothing to measure."""

    driver: "Thies"

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """One telegram for its own id; silence for others."""
        line, ended, rest = received.partition(b"\r")
        if not ended:
            return b"", received
        if line + ended != self.driver.query:
            return b"", rest
        texts = (
            self._text("wind_speed", "04.1f"),
            self._text("wind_direction", "03.0f"),
            self._text("temperature", "+05.1f"),
        )
        return thies_frame(f"{' '.join(texts)} 40".encode(), with_stx=self.driver.with_stx), rest

    def _text(self, channel: str, form: str) -> str:
        felt = self.feel(channel)
        if felt is None or not math.isfinite(felt):
            return re.sub(r"\d", "F", f"{0.0:{form}}")
        return f"{felt:{form}}"


class Thies(Driver, name="thies"):
    """2D ultrasonic anemometer."""

    title = "Thies 2D"
    channels = CHANNELS
    options = {  # noqa: RUF012
        "checksum_from": Setting(
            AFTER_STX,
            "whether the checksum counts STX; check against the manual",
            "校验和是否包含 STX；请对照手册",
            (AFTER_STX, WITH_STX),
        ),
        "invalid_status": Setting(
            1, "status bits that say invalid; check against the manual", "表示无效的状态位；请对照手册"
        ),
    }
    line = Line(baud=9600)
    addresses = range(100)
    simulator = ThiesSimulator

    @property
    def with_stx(self) -> bool:
        """Whether the checksum counts STX."""
        return self.settings["checksum_from"] == WITH_STX

    @property
    def query(self) -> bytes:
        """`iiTR2`."""
        return f"{self.address:02d}TR2\r".encode()

    def questions(self) -> tuple[Question, ...]:
        """One telegram VDT."""
        return (Question(self.query, expect_thies(with_stx=self.with_stx)),)

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """See the module's `decode`."""
        return decode(exchanges[0].received, with_stx=self.with_stx, invalid=int(self.settings["invalid_status"]))
