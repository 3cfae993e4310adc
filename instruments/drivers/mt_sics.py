"""Mettler Toledo balances with MT-SICS.

Facts (operating instructions of L/L-S balances, MT-SICS reference): a line ends with CR LF. `SI` asks for the weight at
once: `S S     100.00 g` stable, `S D …` dynamic; `S I` cannot now, `S +` overload, `S -` underload. `ES`, `ET` and `EL`
refuse a command. `I4` answers the serial number, `I4 A "…"`. The factory's line is 9600 8N1. No checksum.
A dynamic weight is a fault unless the bench file takes it: a tank that is being filled is never stable.
"""

import math
import re
from collections.abc import Sequence

from instruments.driver import Decoded, Driver, Exchange, Fault, Identity, Line, Question, Reading, Setting, Simulator
from instruments.errors import BadReply
from instruments.framing import whole
from instruments.framings_text import bad_fields, expect_line

GRAMS = {"mg": 1e-3, "g": 1.0, "kg": 1e3}
_LINE = expect_line(end=b"\r\n")
_WEIGHT = re.compile(r"S ([SD]) +(-?\d+(?:\.\d+)?) ([A-Za-z]{1,5})", re.ASCII)
_SERIAL = re.compile(r'I4 A "([^"]*)"')
_STATES = {
    "S I": ("not-executable", "cannot weigh now", "当前无法称量"),
    "S +": ("over-range", "is overloaded", "过载"),
    "S -": ("under-range", "is underloaded", "欠载"),
}


def decode(reply: bytes, *, dynamic: bool) -> Decoded:
    """The mass [g]; a weight that is not stable only where `dynamic` allows it. Raises BadReply."""
    text = _text(reply)
    if text in _STATES:
        return Decoded((), (_fault(*_STATES[text]),))
    match = _WEIGHT.fullmatch(text)
    if match is None:
        raise bad_fields(text, "a weight", "重量")
    stability, number, unit = match.groups()
    if unit not in GRAMS:
        return Decoded(
            (), (_fault("wrong-unit", f"shows {unit}; set it to g or kg", f"显示单位为 {unit}；请设为 g 或 kg"),)
        )
    if stability == "D" and not dynamic:
        return Decoded((), (_fault("unstable", "is not stable", "读数不稳定"),))
    return Decoded((Reading("mass", float(number) * GRAMS[unit], "g"),))


def _text(reply: bytes) -> str:
    text = whole(reply, expect=_LINE).decode("ascii")
    if text in ("ES", "ET", "EL"):
        raise BadReply(
            code="device-refused",
            sentence_en=f"The balance answers {text}: it does not take the command; check its interface settings.",
            sentence_zh=f"天平应答 {text}：不接受该指令；请检查接口设置。",
        )
    return text


def _fault(kind: str, en: str, zh: str) -> Fault:
    return Fault(kind, f"The balance {en}.", f"天平{zh}。", "mass")


class MtSicsSimulator(Simulator):
    """A balance of 32 kg; overloaded when there is nothing to measure."""

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply to `SI` and `I4`; `ES` for other lines."""
        line, ended, rest = received.partition(b"\r\n")
        if not ended:
            return b"", received
        replies = {b"SI": self._weight(), b"I4": 'I4 A "B021002593"'}
        return f"{replies.get(line, 'ES')}\r\n".encode(), rest

    def _weight(self) -> str:
        felt = self.feel("mass")
        return "S +" if felt is None or not math.isfinite(felt) or felt > 32000.0 else f"S S {felt:10.2f} g"


class MtSics(Driver, name="mt_sics"):
    """Balances with MT-SICS level 0."""

    title = "Mettler Toledo (MT-SICS)"
    channels = {"mass": "g"}  # noqa: RUF012
    options = {"dynamic": Setting(False, "take a weight that is not stable", "接受未稳定的读数")}  # noqa: RUF012
    line = Line(baud=9600)
    checksum = False
    addresses = range(1, 2)
    simulator = MtSicsSimulator

    def questions(self) -> tuple[Question, ...]:
        """`SI`."""
        return (Question(b"SI\r\n", _LINE),)

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """See the module's `decode`."""
        return decode(exchanges[0].received, dynamic=bool(self.settings["dynamic"]))

    def identification(self) -> tuple[Question, ...]:
        """`I4`."""
        return (Question(b"I4\r\n", _LINE),)

    def decode_identity(self, exchanges: Sequence[Exchange]) -> Identity:
        """The serial number. Raises BadReply."""
        text = _text(exchanges[0].received)
        match = _SERIAL.fullmatch(text)
        if match is None:
            raise bad_fields(text, "the serial number", "序列号")
        return Identity(serial=match[1])
