"""Where messages of text end: lines, definite-length blocks of SCPI, and lines with an XOR checksum; pure.

All answer as `framing` says: `Whole`, `NeedMore`, or `BadReply`. Text is printable ASCII; any other byte is damage.
"""

import re
from functools import reduce
from operator import xor

from instruments.errors import BadReply
from instruments.framing import (
    Expect,
    NeedMore,
    Progress,
    Whole,
    check_text,
    foreign_head,
    left_over,
    wrong_checksum,
)

STX, ETX = b"\x02", b"\x03"
_DECIMAL = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def expect_nothing(received: bytes) -> Progress:
    """Expects no answer, for orders that are not acknowledged."""
    if received:
        raise left_over(len(received))
    return Whole(b"")


def expect_line(*, end: bytes) -> Expect:
    """Expects one line of text; `end` is CR, LF or CR LF. Before LF alone a CR is accepted. Payload = the text."""

    def expect(received: bytes) -> Progress:
        text, ended, rest = received.partition(end)
        if rest:
            raise left_over(len(rest))
        text = text.removesuffix(b"\r") if end == b"\n" else text
        check_text(text if ended else _without_begun_end(text, end))
        return Whole(text) if ended else NeedMore(1)

    return expect


def expect_acknowledgement(text: bytes, *, end: bytes) -> Expect:
    """Expects exactly this line; any other whole line is the device's refusal of the order."""
    line = expect_line(end=end)

    def expect(received: bytes) -> Progress:
        progress = line(received)
        if isinstance(progress, Whole) and progress.payload != text:
            raise _not_acknowledged(progress.payload)
        return progress

    return expect


def expect_block(*, end: bytes) -> Expect:
    """Expects a definite-length block (IEEE 488.2, 8.7.9): `#`, n, n digits of length, data, `end`; payload = data.

    >>> expect_block(end=b"\\n")(b"#214(@101,102,103)\\n").payload
    b'(@101,102,103)'
    """

    def expect(received: bytes) -> Progress:
        if received and not received.startswith(b"#"):
            raise foreign_head(received[:1], b"#")
        if len(received) < 2:
            return NeedMore(2 - len(received))
        begin = 2 + _count(received[1:2])
        if len(received) < begin:
            return NeedMore(begin - len(received))
        stop = begin + _count(received[2:begin])
        return _ended_block(received, begin, stop, end)

    return expect


def _not_acknowledged(text: bytes) -> BadReply:
    seen = text.decode("ascii")
    return BadReply(
        code="device-refused",
        sentence_en=f"The device answered {seen!r} to the order: it was not carried out; see the device's manual.",
        sentence_zh=f"设备对指令应答 {seen!r}：指令未执行；请查阅设备手册。",
    )


def _ended_block(received: bytes, begin: int, stop: int, end: bytes) -> Progress:
    tail = received[stop : stop + len(end)]
    if len(received) > stop + len(end):
        raise left_over(len(received) - stop - len(end))
    if not end.startswith(tail):
        raise foreign_head(tail, end)
    if len(received) < stop + len(end):
        return NeedMore(stop + len(end) - len(received))
    return Whole(received[begin:stop])


def _count(digits: bytes) -> int:
    if not digits.isdigit():  # none at all after #0, a block of unknown length: nothing says where it ends
        raise bad_fields(digits.decode("latin-1"), "the length of a block", "数据块长度")
    return int(digits)


def xor_of(data: bytes) -> int:
    """All bytes linked by exclusive or."""
    return reduce(xor, data, 0)


def gill_frame(body: bytes) -> bytes:
    """STX, body, ETX, XOR of the body as two hex digits, CR LF (WindSonic manual 1405-PS-0019, section 9.1).

    >>> gill_frame(b"Q,229,002.74,M,00,")
    b'\\x02Q,229,002.74,M,00,\\x0316\\r\\n'
    """
    return STX + body + ETX + b"%02X\r\n" % xor_of(body)


def expect_gill(received: bytes) -> Progress:
    """Expects one Gill line; payload = what lies between STX and ETX."""
    if received and not received.startswith(STX):
        raise foreign_head(received[:1], STX)
    text, ended, rest = received[1:].partition(b"\r\n")
    if rest:
        raise left_over(len(rest))
    if not ended:
        return NeedMore(1)
    if gill_frame(text[:-3]) != received:
        raise wrong_checksum("XOR")
    return Whole(text[:-3])


def expect_gill_stream(received: bytes) -> Progress:
    """Expects the first whole Gill line of a stream; what comes before its STX is the end of an older line."""
    begin = received.find(STX)
    return NeedMore(1) if begin < 0 else expect_gill(received[begin:])


def thies_frame(body: bytes, *, with_stx: bool) -> bytes:
    """STX, body, `*`, XOR of the body (and STX where the model counts it) as two hex digits, CR ETX."""
    return STX + body + b"*%02X\r" % xor_of(STX + body if with_stx else body) + ETX


def expect_thies(*, with_stx: bool) -> Expect:
    """Expects one Thies telegram with checksum; payload = the text before `*`."""

    def expect(received: bytes) -> Progress:
        if received and not received.startswith(STX):
            raise foreign_head(received[:1], STX)
        text, ended, rest = received[1:].partition(b"\r" + ETX)
        if rest:
            raise left_over(len(rest))
        if not ended:
            return NeedMore(1)
        if thies_frame(text[:-3], with_stx=with_stx) != received:
            raise wrong_checksum("XOR")
        return Whole(text[:-3])

    return expect


def decimal(text: str) -> float:
    """The number that a field is; blanks around it do not count. Raises BadReply for anything but a decimal number."""
    if not _DECIMAL.fullmatch(text.strip(" ")):
        raise bad_fields(text, "a decimal number", "十进制数")
    return float(text)


def is_decimal(text: str) -> bool:
    """Whether `decimal` would take it."""
    return _DECIMAL.fullmatch(text.strip(" ")) is not None


def bad_fields(seen: str, wanted_en: str, wanted_zh: str) -> BadReply:
    """The refusal of an answer whose text is not what its model sends."""
    return BadReply(
        code="bad-fields",
        sentence_en=f"The reply has {seen!r} where {wanted_en} should stand; check model and settings.",
        sentence_zh=f"应答中 {seen!r} 处应为{wanted_zh}；请检查型号和设置。",
    )


def _without_begun_end(text: bytes, end: bytes) -> bytes:
    return text.removesuffix(end[:1]) if len(end) > 1 else text
