"""Sartorius balances with SBI.

Facts (manuals GC803S, LE2202S, Quintix): `ESC P CR LF` asks for one print of 16 characters with CR LF (22 with a
leading identification of six): position 1 the sign, 3 to 10 the value, 12 to 14 the unit; a blank unit says that the
weight is not stable. Instead of a value: H or High (overload), L or Low (underload), C (calibrating), Stat, Err.
The line differs between models (older ones 1200 7O1): baud rate, parity and data bits are to be checked in the
balance's menu. No checksum.
"""

import math
import re
from collections.abc import Sequence

from instruments.driver import Decoded, Driver, Exchange, Fault, Line, Question, Reading, Setting, Simulator
from instruments.framing import whole
from instruments.framings_text import bad_fields, expect_line

GRAMS = {"mg": 1e-3, "g": 1.0, "kg": 1e3}
_LINE = expect_line(end=b"\r\n")
_PRINT = re.compile(r"([ +-]) ([ .\d]{8}) ([A-Za-z ]{3})", re.ASCII)
_LENGTH = 14  # without CR LF
_VALUE = re.compile(r" *\d+(?:\.\d*)? *", re.ASCII)
_SPECIAL = {
    "H": ("over-range", "is overloaded", "过载"),
    "High": ("over-range", "is overloaded", "过载"),
    "L": ("under-range", "is underloaded", "欠载"),
    "Low": ("under-range", "is underloaded", "欠载"),
    "C": ("calibrating", "is calibrating", "正在校准"),
    "Stat": ("unstable", "shows a state instead of a weight", "显示状态而非重量"),
}
_ERROR = re.compile(r"Err\s+\d{1,3}", re.ASCII)


def decode(reply: bytes, *, dynamic: bool) -> Decoded:
    """The mass [g]; `dynamic`: without unit (not stable) it is taken as grams. Raises BadReply."""
    text = whole(reply, expect=_LINE).decode("ascii")
    if len(text) not in (_LENGTH, _LENGTH + 6):
        raise bad_fields(text, "a print of 16 or 22 characters", "16 或 22 个字符的打印行")
    text = text[-_LENGTH:]
    word = text.strip()
    if word in _SPECIAL:
        return Decoded((), (_fault(*_SPECIAL[word]),))
    if _ERROR.fullmatch(word):
        return Decoded((), (_fault("device-error", f"reports {word}; see its manual", f"报告 {word}；请查阅手册"),))
    match = _PRINT.fullmatch(text)
    if match is None or not _VALUE.fullmatch(match[2]):
        raise bad_fields(text, "a weight", "重量")
    return _weighed(float(match[2]) * (-1.0 if match[1] == "-" else 1.0), match[3].strip(), dynamic)


def _weighed(number: float, unit: str, dynamic: bool) -> Decoded:
    if not unit and not dynamic:
        return Decoded((), (_fault("unstable", "is not stable", "读数不稳定"),))
    if unit and unit not in GRAMS:
        return Decoded(
            (), (_fault("wrong-unit", f"shows {unit}; set it to g or kg", f"显示单位为 {unit}；请设为 g 或 kg"),)
        )
    return Decoded((Reading("mass", number * GRAMS[unit or "g"], "g"),))


def _fault(kind: str, en: str, zh: str) -> Fault:
    return Fault(kind, f"The balance {en}.", f"天平{zh}。", "mass")


class SartoriusSimulator(Simulator):
    """A balance of 32 kg; overloaded when there is nothing to measure."""

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """One print for `ESC P`; silence for other lines."""
        line, ended, rest = received.partition(b"\r\n")
        if not ended:
            return b"", received
        return (f"{self._print()}\r\n".encode() if line == b"\x1bP" else b""), rest

    def _print(self) -> str:
        felt = self.feel("mass")
        if felt is None or not math.isfinite(felt) or felt > 32000.0:
            return "      High    "
        return f"{'-' if felt < 0 else '+'} {abs(felt):8.2f} g  "


class Sartorius(Driver, name="sartorius"):
    """Balances with SBI."""

    title = "Sartorius (SBI)"
    channels = {"mass": "g"}  # noqa: RUF012
    options = {  # noqa: RUF012
        "dynamic": Setting(
            False, "take a weight that is not stable; it must be set to g", "接受未稳定的读数；天平须设为 g"
        ),
    }
    line = Line(baud=9600)
    checksum = False
    addresses = range(1, 2)
    simulator = SartoriusSimulator

    def questions(self) -> tuple[Question, ...]:
        """`ESC P`."""
        return (Question(b"\x1bP\r\n", _LINE),)

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """See the module's `decode`."""
        return decode(exchanges[0].received, dynamic=bool(self.settings["dynamic"]))
