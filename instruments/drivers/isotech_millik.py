"""Isotech milliK precision thermometer, resistance channels 1 and 2.

Facts (public driver of a metrology institute): CR ends both directions. `MILLIK:REMOTE` is not answered. One reading is
one compound line that selects channel, function, range, wires and current and ends with `READ?`; the answer is the
resistance in ohm. Identity: maker, model, serial number and firmware with commas. The factory's line (9600 8N1) is to
be checked on the instrument. The answer names no channel and has no checksum: each channel is selected in the line
that asks for it, and the link's quarantine keeps late answers apart.

The instrument gives resistance, and that is recorded. Where the certificate's coefficients are stated, the temperature
computed from them stands beside it: `cvd R0=100.0021 A=3.9083e-3 B=-5.775e-7 C=-4.183e-12` or
`its90 Rtpw=25.4879 a=-1.2e-4 b=-1.9e-5 a_below=… b_below=…`.
"""

import math
import re
from collections.abc import Mapping, Sequence

from instruments.driver import Decoded, Driver, Exchange, Fault, Identity, Line, Question, Reading, Setting, Simulator
from instruments.framing import whole
from instruments.framings_text import bad_fields, decimal, expect_line, expect_nothing
from instruments.thermometry import CallendarVanDusen, Its90, Thermometer

NUMBERS = (1, 2)
_LINE = expect_line(end=b"\r")
_TERM = re.compile(r"(\w+)=([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)", re.ASCII)
_CVD = {"R0": "r0", "A": "a", "B": "b", "C": "c"}
_ITS90 = {"Rtpw": "rtpw", "a": "a", "b": "b", "c": "c", "a_below": "a_below", "b_below": "b_below"}


def thermometer(text: str) -> Thermometer | None:
    """The certificate's coefficients as they stand in the bench file; None for text that is no such line."""
    kind, *terms = text.split() or [""]
    names = {"cvd": _CVD, "its90": _ITS90}.get(kind, {})
    found = [_TERM.fullmatch(term) for term in terms]
    given = {names.get(match[1], ""): float(match[2]) for match in found if match}
    if "" in given or len(given) != len(terms) or not math.isfinite(sum(given.values())):
        return None
    if names is _CVD and set(given) == set(_CVD.values()) and given["r0"] > 0.0:
        return CallendarVanDusen(**given)
    if names is _ITS90 and {"rtpw", "a"} <= set(given) and given["rtpw"] > 0.0:
        return Its90(**given)
    return None


def decode_resistance(reply: bytes) -> float:
    """The resistance [ohm]. Raises BadReply."""
    return decimal(whole(reply, expect=_LINE).decode("ascii"))


class MilliKSimulator(Simulator):
    """A milliK in remote mode; an open circuit reads far above the range."""

    driver: "MilliK"

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply to a compound line that ends with `READ?`, and to `*IDN?`."""
        line, ended, rest = received.partition(b"\r")
        if not ended:
            return b"", received
        command = line.decode("latin-1")
        if command == "*IDN?":
            return b"Isothermal Technology,milliK,21-P2460,4.0.0\r", rest
        selected = re.fullmatch(r"SENSE:CHANNEL (\d+);.*;READ\?", command)
        return (f"{self._resistance(int(selected[1])):.6f}\r".encode() if selected else b""), rest

    def _resistance(self, number: int) -> float:
        known = self.driver.thermometers.get(number)
        felt = self.feel(f"temperature_{number}" if known else f"resistance_{number}")
        if felt is None or not math.isfinite(felt):
            return 9.9e6
        return known.resistance(felt) if known else felt


class MilliK(Driver, name="isotech_millik"):
    """milliK with resistance thermometers."""

    title = "Isotech milliK"
    options = {  # noqa: RUF012
        "inputs": Setting("12", "inputs to read", "要读取的输入通道", ("1", "2", "12")),
        "thermometer_1": Setting("", "certificate's coefficients, input 1", "证书系数，输入 1"),
        "thermometer_2": Setting("", "certificate's coefficients, input 2", "证书系数，输入 2"),
        "range": Setting(115, "range in ohm", "量程（欧姆）", (115, 460, 500_000)),
        "wires": Setting(4, "wires", "线数", (3, 4)),
        "current": Setting(
            "NORMAL", "measuring current; NORMAL = 1 mA", "测量电流；NORMAL = 1 mA", ("NORMAL", "ROOT2")
        ),
    }
    line = Line(baud=9600)
    slowest = 5.0
    checksum = False
    addresses = range(1, 2)
    simulator = MilliKSimulator

    @property
    def numbers(self) -> tuple[int, ...]:
        """The inputs that are read."""
        return tuple(number for number in NUMBERS if str(number) in str(self.settings["inputs"]))

    @property
    def thermometers(self) -> dict[int, Thermometer]:
        """The thermometers whose coefficients are stated, by input. Raises BenchRefused for a line that is none."""
        stated = {number: str(self.settings[f"thermometer_{number}"]) for number in self.numbers}
        return {number: self._thermometer(number, text) for number, text in stated.items() if text}

    def _thermometer(self, number: int, text: str) -> Thermometer:
        known = thermometer(text)
        if known is None:
            raise self._refused(
                "setting",
                f"thermometer_{number} = {text!r} is not `cvd R0= A= B= C=` or `its90 Rtpw= a= b= …` with numbers",
                f"thermometer_{number} = {text!r} 应为“cvd R0= A= B= C=”或“its90 Rtpw= a= b= …”并带数值",
            )
        return known

    def questions(self) -> tuple[Question, ...]:
        """Remote mode, then one compound line for each input."""
        self.channels = self._channels()
        return (Question(b"MILLIK:REMOTE\r", expect_nothing), *(self._asked(number) for number in self.numbers))

    def _channels(self) -> Mapping[str, str]:
        return {
            **{f"resistance_{number}": "ohm" for number in self.numbers},
            **{f"temperature_{number}": "degC" for number in self.thermometers},
        }

    def _asked(self, number: int) -> Question:
        own = self.settings
        return Question(
            f"SENSE:CHANNEL {number};SENSE:FUNCTION RESISTANCE;SENSE:RESISTANCE:RANGE {own['range']};"
            f"SENSE:RESISTANCE:WIRES {own['wires']};SENSE:CURRENT {own['current']};READ?\r".encode(),
            _LINE,
        )

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """Resistance [ohm] and, with coefficients, temperature [degC]. Raises BadReply."""
        order, *answers = exchanges
        whole(order.received, expect=expect_nothing)
        readings: list[Reading] = []
        faults: list[Fault] = []
        for number, one in zip(self.numbers, answers, strict=True):
            resistance = decode_resistance(one.received)
            if not 0.0 < resistance <= 1.1 * float(self.settings["range"]):
                faults.append(_out_of_range(number, resistance))
                continue
            readings.append(Reading(f"resistance_{number}", resistance, "ohm"))
            if number in self.thermometers:
                self._temperature(number, resistance, readings, faults)
        return Decoded(tuple(readings), tuple(faults))

    def _temperature(self, number: int, resistance: float, readings: list[Reading], faults: list[Fault]) -> None:
        temperature = self.thermometers[number].temperature(resistance)
        if temperature is None:
            faults.append(_not_covered(number, resistance))
        else:
            readings.append(Reading(f"temperature_{number}", temperature, "degC"))

    def identification(self) -> tuple[Question, ...]:
        """`*IDN?`."""
        return (Question(b"*IDN?\r", _LINE),)

    def decode_identity(self, exchanges: Sequence[Exchange]) -> Identity:
        """Model and serial number. Raises BadReply."""
        text = whole(exchanges[0].received, expect=_LINE).decode("ascii")
        parts = text.split(",")
        if len(parts) != 4:
            raise bad_fields(text, "maker, model, serial number and firmware", "制造商、型号、序列号和固件版本")
        return Identity(model=parts[1].strip(), serial=parts[2].strip())


def _out_of_range(number: int, resistance: float) -> Fault:
    return Fault(
        "over-range",
        f"Input {number} reads {resistance:g} ohm, outside its range: open or short circuit; check the thermometer.",
        f"输入 {number} 读数 {resistance:g} 欧姆，超出量程：断路或短路；请检查温度计。",
        f"resistance_{number}",
    )


def _not_covered(number: int, resistance: float) -> Fault:
    return Fault(
        "not-covered",
        f"Input {number}: the certificate's coefficients do not cover {resistance:g} ohm; no temperature is given.",
        f"输入 {number}：证书系数不覆盖 {resistance:g} 欧姆；不给出温度。",
        f"temperature_{number}",
    )
