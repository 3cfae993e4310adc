"""Keysight (Agilent, HP) 34970A, 34972A and DAQ970A scanners: the scan list that is set on the instrument.

Facts (34970A and 34972A manuals): SCPI; a command ends with LF, an answer on RS-232 with CR LF. `ROUT:SCAN?` answers
the scan list as a definite-length block, `#214(@101,102,103)`. `READ?` scans once; with unit and channel switched on
(`FORM:READ:UNIT`, `FORM:READ:CHAN`) each reading is `+2.61400000E+01 C,101`. MEAS?, CONF and *RST switch both off, so
they are switched on in the line that reads. A sweep of 20 channels at 10 PLC takes 10 s: the bench file's
deadline must be longer than the sweep. Keysight's advice without flow control: at most 9600 baud and 128 unread
characters; the factory setting is XON/XOFF.
The factory's baud rate and the number that means overload (9.9E+37) were found in no manual: they are settings to be
checked against the front panel and the display.

The instrument is configured once by hand or by its own program; the driver changes nothing but what a reading shows.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from instruments.driver import Decoded, Driver, Exchange, Fault, Identity, Line, Question, Reading, Setting, Simulator
from instruments.framing import whole
from instruments.framings_text import bad_fields, decimal, expect_block, expect_line

QUANTITIES = {
    "temperature": ("degC", ("C",)),
    "voltage": ("V", ("VDC", "V")),
    "resistance": ("ohm", ("OHM", "OHM4W")),
    "current": ("A", ("ADC", "A")),
}
_LISTED = Question(b"ROUT:SCAN?\n", expect_block(end=b"\r\n"))
_LINE = expect_line(end=b"\r\n")
_READ = Question(b"FORM:READ:UNIT ON;CHAN ON;TIME OFF;ALAR OFF;:READ?\n", _LINE)
_READING = re.compile(r"([+-]\d\.\d{8}E[+-]\d\d)(?: ([A-Z0-9]+))?", re.ASCII)
_RANGE = re.compile(r"([1-8]\d\d)(?::([1-8]\d\d))?", re.ASCII)


def channel_numbers(text: str) -> tuple[int, ...] | None:
    """The channels of a list such as `101:104,201`; None for text that is no such list.

    >>> channel_numbers("101:103,201")
    (101, 102, 103, 201)
    """
    numbers: list[int] = []
    for part in text.replace(" ", "").split(",") if text.strip() else ():
        match = _RANGE.fullmatch(part)
        if match is None or int(match[2] or match[1]) < int(match[1]):
            return None
        numbers.extend(range(int(match[1]), int(match[2] or match[1]) + 1))
    return tuple(numbers) if len(set(numbers)) == len(numbers) else None


def decode_list(reply: bytes) -> tuple[int, ...]:
    """The scan list of the instrument. Raises BadReply."""
    text = whole(reply, expect=_LISTED.expect).decode("latin-1")
    inside = re.fullmatch(r"\(@([\d,:]*)\)", text, re.ASCII)
    numbers = None if inside is None else channel_numbers(inside[1])
    if numbers is None:
        raise bad_fields(text, "a channel list", "通道列表")
    return numbers


def decode_readings(reply: bytes) -> Iterator[tuple[int, float, str]]:
    """(channel, value, unit) for each reading of the answer to `READ?`. Raises BadReply."""
    text = whole(reply, expect=_LINE).decode("ascii")
    parts = text.split(",")
    if len(parts) % 2:
        raise bad_fields(text, "pairs of reading and channel", "“读数,通道”对")
    for reading, number in zip(parts[::2], parts[1::2], strict=True):
        match = _READING.fullmatch(reading)
        if match is None or not _RANGE.fullmatch(number) or ":" in number:
            raise bad_fields(f"{reading},{number}", "a reading and its channel", "读数及其通道")
        yield int(number), decimal(match[1]), match[2] or ""


class Keysight34970aSimulator(Simulator):
    """A scanner that is set to the channels of the bench file; nothing to measure reads as overload."""

    driver: "Keysight34970a"

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply to the scan list, to `READ?` and to `*IDN?`."""
        line, ended, rest = received.partition(b"\n")
        if not ended:
            return b"", received
        return (f"{reply}\r\n".encode() if (reply := self._reply(line + ended)) else b""), rest

    def _reply(self, command: bytes) -> str:
        if command == b"*IDN?\n":
            return "HEWLETT-PACKARD,34970A,0,9-1-2"
        if command == _LISTED.sent:
            text = f"(@{','.join(str(number) for number in self.driver.scanned)})"
            return f"#{len(str(len(text)))}{len(text)}{text}"
        if command == _READ.sent:
            return ",".join(self._reading(number, quantity) for number, quantity in self.driver.scanned.items())
        return ""

    def _reading(self, number: int, quantity: str) -> str:
        felt = self.feel(f"ch{number}")
        value = float(self.driver.settings["overload"]) if felt is None or not math.isfinite(felt) else felt
        return f"{value:+.8E} {QUANTITIES[quantity][1][0]},{number}"


class Keysight34970a(Driver, name="keysight_34970a"):
    """34970A family."""

    title = "Keysight 34970A / 34972A / DAQ970A"
    options = {  # noqa: RUF012
        "temperature": Setting("101,102", "channels set to temperature in degC", "设为温度（°C）的通道"),
        "voltage": Setting("", "channels set to DC voltage", "设为直流电压的通道"),
        "resistance": Setting("", "channels set to resistance", "设为电阻的通道"),
        "current": Setting("", "channels set to DC current", "设为直流电流的通道"),
        "overload": Setting(9.9e37, "number that means overload; check on the display", "表示过载的数值；请对照显示屏"),
    }
    line = Line(baud=9600, flow="xonxoff")
    slowest = 20.0
    checksum = False
    addresses = range(1, 2)
    simulator = Keysight34970aSimulator

    @property
    def scanned(self) -> dict[int, str]:
        """{channel: quantity} as the bench file states it, in the order of a scan. Raises BenchRefused."""
        stated = {quantity: self._numbers(quantity) for quantity in QUANTITIES}
        pairs = sorted((number, quantity) for quantity, numbers in stated.items() for number in numbers)
        if not pairs or len(dict(pairs)) < len(pairs):
            raise self._refused(
                "setting",
                "name at least one channel, and each in one quantity only",
                "至少列出一个通道，且每个通道只能属于一种量",
            )
        return dict(pairs)

    def _numbers(self, quantity: str) -> tuple[int, ...]:
        text = str(self.settings[quantity])
        numbers = channel_numbers(text)
        if numbers is None:
            raise self._refused(
                "setting",
                f"{quantity} = {text!r} is not a list of channels such as 101:104,201",
                f"{quantity} = {text!r} 不是形如 101:104,201 的通道列表",
            )
        return numbers

    def questions(self) -> tuple[Question, ...]:
        """The scan list, then one scan."""
        self.channels: Mapping[str, str] = {
            f"ch{number}": QUANTITIES[quantity][0] for number, quantity in self.scanned.items()
        }
        return (_LISTED, _READ)

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """The readings of the channels that the bench file states; each other one is a fault. Raises BadReply."""
        listed, read = exchanges
        stated = self.scanned
        if decode_list(listed.received) != tuple(stated):
            return Decoded((), (_other_list(tuple(stated)),))
        rows = list(decode_readings(read.received))
        if tuple(number for number, _, _ in rows) != tuple(stated):
            raise bad_fields(read.received.decode("latin-1"), "one reading of each channel", "每个通道一个读数")
        told = [self._told(f"ch{number}", stated[number], value, unit) for number, value, unit in rows]
        return Decoded(
            tuple(one for one in told if isinstance(one, Reading)), tuple(one for one in told if isinstance(one, Fault))
        )

    def _told(self, channel: str, quantity: str, value: float, unit: str) -> Reading | Fault:
        own, letters = QUANTITIES[quantity]
        if abs(value) >= float(self.settings["overload"]) * (1.0 - 1e-6):
            return Fault(
                "over-range",
                f"Channel {channel} is in overload: open or out of range; check the sensor.",
                f"通道 {channel} 过载：断路或超量程；请检查传感器。",
                channel,
            )
        if unit not in letters:
            return Fault(
                "wrong-unit",
                f"Channel {channel} comes in unit {unit or '(none)'}, the bench file says {own}; set them alike.",
                f"通道 {channel} 单位为 {unit or '（无）'}，台架文件为 {own}；请使两者一致。",
                channel,
            )
        return Reading(channel, value, own)

    def identification(self) -> tuple[Question, ...]:
        """`*IDN?`."""
        return (Question(b"*IDN?\n", _LINE),)

    def decode_identity(self, exchanges: Sequence[Exchange]) -> Identity:
        """Model and serial number; the 34970A says 0 for a number that it does not know. Raises BadReply."""
        text = whole(exchanges[0].received, expect=_LINE).decode("ascii")
        parts = text.split(",")
        if len(parts) != 4:
            raise bad_fields(text, "maker, model, serial number and firmware", "制造商、型号、序列号和固件版本")
        model, serial = parts[1].strip(), parts[2].strip()
        return Identity(model=model, serial="" if serial == "0" else serial)


def _other_list(stated: tuple[int, ...]) -> Fault:
    return Fault(
        "wrong-scan-list",
        f"The scan list of the instrument is not {', '.join(map(str, stated))} as the bench file says; set them alike.",
        f"仪器的扫描列表与台架文件（{'、'.join(map(str, stated))}）不一致；请使两者一致。",
    )
