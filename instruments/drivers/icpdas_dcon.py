"""ICP DAS I-7015 / M-7015 and relatives with DCON ASCII, engineering units, checksum required.

Facts (ICP DAS I-7000 manuals): as `adam4015`: `#AA` answers `>` and all channels in fields of seven characters, CR;
with checksum on (two hex digits before CR) everywhere. `$AAM` answers the module's name, `!AA…`. How a
module says over and under range is to be checked on it: both are settings.
The answer to `#AA` carries no address, so the checksum is required and the number of fields must be right. Resolution
depends on the module's range: for a temperature difference of a collector check it before trusting it.
"""

import math
import re
from collections.abc import Mapping, Sequence

from instruments.driver import Decoded, Driver, Exchange, Fault, Identity, Line, Question, Reading, Setting, Simulator
from instruments.framing import dcon_frame, expect_dcon, whole
from instruments.framings_text import bad_fields

_DATA, _NAME = expect_dcon(lead=b">"), expect_dcon(lead=b"!")
_NUMBER = r"[+-](?=[\d.]{6}(?!\d|\.))\d+\.\d+"


def fields(text: str, *, over: str, under: str) -> list[str] | None:
    """The fields of an answer, each a number of seven characters or a mark; None when it is not made of them.

    >>> fields("+025.12+9999.9-005.50", over="+9999.9", under="-9999.9")
    ['+025.12', '+9999.9', '-005.50']
    """
    one = f"(?:{re.escape(over)}|{re.escape(under)}|{_NUMBER})"
    return re.findall(one, text, re.ASCII) if re.fullmatch(f"(?:{one})+", text, re.ASCII) else None


class DconSimulator(Simulator):
    """A module with checksum on; over range where there is nothing to measure."""

    driver: "IcpDasDcon"

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply to `#AA` and `$AAM` with right checksum; silence for anything else."""
        line, ended, rest = received.partition(b"\r")
        if not ended:
            return b"", received
        if line + ended == self.driver.query:
            return dcon_frame(b">" + b"".join(self._field(channel) for channel in self.driver.channels)), rest
        named = line + ended == self.driver.name_query
        return (dcon_frame(f"!{self.driver.address:02X}7015".encode()) if named else b""), rest

    def _field(self, channel: str) -> bytes:
        felt = self.feel(channel)
        if felt is None or not math.isfinite(felt) or abs(felt) >= 999.0:
            return str(self.driver.settings["over_range"]).encode()
        return b"%+07.2f" % felt


class IcpDasDcon(Driver, name="icpdas_dcon"):
    """I-7015, M-7015 and relatives."""

    title = "ICP DAS I-7015 (DCON)"
    options = {  # noqa: RUF012
        "count": Setting(6, "channels of the module", "模块通道数"),
        "unit": Setting("degC", "engineering unit of the range that is set", "所设量程的工程单位", ("degC", "V", "mA")),
        "over_range": Setting("+9999.9", "mark for over range; check on the module", "超量程标记；请对照模块"),
        "under_range": Setting("-9999.9", "mark for under range; check on the module", "低于量程标记；请对照模块"),
    }
    line = Line(baud=9600)
    addresses = range(256)
    simulator = DconSimulator

    @property
    def query(self) -> bytes:
        """`#AA` with checksum."""
        return dcon_frame(f"#{self.address:02X}".encode())

    @property
    def name_query(self) -> bytes:
        """`$AAM` with checksum."""
        return dcon_frame(f"${self.address:02X}M".encode())

    def questions(self) -> tuple[Question, ...]:
        """All channels of one scan."""
        unit = str(self.settings["unit"])
        self.channels: Mapping[str, str] = {f"ch{number}": unit for number in range(int(self.settings["count"]))}
        return (Question(self.query, _DATA),)

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """One value for each channel; a mark of range is a fault. Raises BadReply."""
        text = whole(exchanges[0].received, expect=_DATA).decode("latin-1")
        over, under = str(self.settings["over_range"]), str(self.settings["under_range"])
        found = fields(text, over=over, under=under)
        if found is None or len(found) != len(self.channels):
            raise bad_fields(
                text, f"{len(self.channels)} fields of seven characters", f"{len(self.channels)} 个七字符字段"
            )
        pairs = list(zip(self.channels, found, strict=True))
        return Decoded(
            tuple(Reading(ch, float(one), self.channels[ch]) for ch, one in pairs if one not in (over, under)),
            tuple(_fault(ch, one, over) for ch, one in pairs if one in (over, under)),
        )

    def identification(self) -> tuple[Question, ...]:
        """`$AAM`."""
        return (Question(self.name_query, _NAME),)

    def decode_identity(self, exchanges: Sequence[Exchange]) -> Identity:
        """The module's name; it has no serial number to tell. Raises BadReply, also for another address."""
        text = whole(exchanges[0].received, expect=_NAME).decode("latin-1")
        own = f"{self.address:02X}"
        if not text.startswith(own):
            raise bad_fields(text, f"the address {own}", f"地址 {own}")
        return Identity(model=text.removeprefix(own))


def _fault(channel: str, field: str, over: str) -> Fault:
    kind, en, zh = (
        ("over-range", "over range or open", "超量程或断线")
        if field == over
        else (
            "under-range",
            "under range",
            "低于量程",
        )
    )
    return Fault(
        kind,
        f"Channel {channel} is {en} ({field}); check the sensor.",
        f"通道 {channel} {zh}（{field}）；请检查传感器。",
        channel,
    )
