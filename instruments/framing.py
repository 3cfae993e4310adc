"""Where a message ends and whether it is whole: pure functions of bytes, without a port.

Each `expect_…` returns a function of the bytes received so far. It answers `Whole` (the message is complete and its
checksum right), `NeedMore` (so far nothing is wrong), or raises `BadReply` (no further byte can make it right). The
link calls it while bytes arrive; `decode` calls it again on stored bytes, so that a record is judged by the same rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from instruments.errors import BadReply


@dataclass(frozen=True, slots=True)
class Whole:
    """A complete message: `payload` is what is left when address, checksum and terminator are taken off."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class NeedMore:
    """At least this many further bytes are needed; `likely` as many when the answer is a plain one, 0 = not known."""

    at_least: int
    likely: int = 0


Progress = Whole | NeedMore
Expect = Callable[[bytes], Progress]


def whole(reply: bytes, *, expect: Expect) -> bytes:
    """The payload of a reply that must be exactly one whole message.

    Raises BadReply when bytes are missing, damaged or left over.
    """
    progress = expect(reply)
    if isinstance(progress, NeedMore):
        raise BadReply(
            code="incomplete-reply",
            sentence_en=f"The reply breaks off after {len(reply)} bytes; check cable, baud rate and parity.",
            sentence_zh=f"应答在 {len(reply)} 个字节后中断；请检查电缆、波特率和校验位。",
        )
    return progress.payload


# --- Modbus RTU (Modbus over serial line V1.02, 2.5.1) ------------------------------------------------------------

_MODBUS_EXCEPTIONS = {
    1: ("illegal function", "功能码不支持"),
    2: ("illegal data address", "寄存器地址不存在"),
    3: ("illegal data value", "数据值无效"),
    4: ("device failure", "设备故障"),
    5: ("acknowledge, still working", "已接收，处理中"),
    6: ("device busy", "设备忙"),
}


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        crc = value
        for _ in range(8):
            crc = (crc >> 1) ^ (0xA001 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_CRC_TABLE = _crc_table()


def crc16(data: bytes, *, start: int) -> int:
    """CRC-16 with the reflected polynomial 0xA001 (Modbus starts with 0xFFFF, SDI-12 and Vaisala with 0)."""
    crc = start
    for byte in data:
        crc = (crc >> 8) ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


def modbus_frame(body: bytes) -> bytes:
    """Body with its CRC appended, low byte first (Modbus over serial line V1.02, 6.2.2)."""
    return body + crc16(body, start=0xFFFF).to_bytes(2, "little")


def modbus_read(*, address: int, function: int, start: int, count: int) -> bytes:
    """The question for `count` registers from PDU address `start`; function 3 = holding, 4 = input registers.

    >>> modbus_read(address=1, function=4, start=2, count=8).hex(" ")
    '01 04 00 02 00 08 50 0c'
    """
    return modbus_frame(bytes((address, function)) + start.to_bytes(2, "big") + count.to_bytes(2, "big"))


@lru_cache(maxsize=1024)  # decode asks for the same rule again at every reading
def expect_modbus(question: bytes) -> Expect:
    """Expects the answer to a Modbus read: address, function and length as asked for; payload = data bytes."""
    address, function, size = question[0], question[1], 2 * int.from_bytes(question[4:6], "big")
    head, refusal = bytes((address, function, size)), bytes((address, function | 0x80))
    length = size + 5

    def expect(received: bytes) -> Progress:
        have = len(received)
        if have < 5:
            return NeedMore(5 - have, length - have)
        if received.startswith(head):
            if have < length:
                return NeedMore(length - have)
            _check_modbus(received, length)
            return Whole(received[3:-2])
        if received.startswith(refusal):
            _check_modbus(received, 5)
            raise _modbus_refusal(received)
        raise foreign_head(received[:3], head)

    return expect


def _check_modbus(received: bytes, length: int) -> None:
    if len(received) > length:
        raise left_over(len(received) - length)
    if crc16(received, start=0xFFFF) != 0:
        raise wrong_checksum("CRC-16")


def _modbus_refusal(received: bytes) -> BadReply:
    en, zh = _MODBUS_EXCEPTIONS.get(received[2], ("unknown exception", "未知异常"))
    return BadReply(
        code="device-refused",
        sentence_en=f"The device refused the question with Modbus exception {received[2]} ({en}).",
        sentence_zh=f"设备以 Modbus 异常码 {received[2]}（{zh}）拒绝了请求。",
    )


def foreign_head(seen: bytes, wanted: bytes) -> BadReply:
    """The refusal of a reply that begins like no answer to the question."""
    return BadReply(
        code="foreign-reply",
        sentence_en=f"The reply begins {seen.hex(' ')}, not {wanted.hex(' ')}: another device's or a damaged answer.",
        sentence_zh=f"应答以 {seen.hex(' ')} 开头，应为 {wanted.hex(' ')}：来自其他设备或已损坏。",
    )


def wrong_checksum(kind: str) -> BadReply:
    """The refusal of a reply whose checksum (of this kind) is not that of its bytes."""
    return BadReply(
        code="bad-checksum",
        sentence_en=f"The {kind} of the reply is wrong: damaged on the wire; check cable, termination and earth.",
        sentence_zh=f"应答的 {kind} 校验错误：传输中字节损坏；请检查电缆、终端电阻和接地。",
    )


def left_over(count: int) -> BadReply:
    """The refusal of a reply that is followed by `count` bytes more."""
    return BadReply(
        code="left-over",
        sentence_en=f"{count} bytes follow the end of the reply: two devices answer at once, or a late reply came in.",
        sentence_zh=f"应答结束后多出 {count} 个字节：两台设备同时应答，或迟到的应答混入。",
    )


def check_text(text: bytes) -> None:
    """Refuse what is not printable ASCII."""
    if not text.isascii() or not text.decode("ascii").isprintable():
        raise BadReply(
            code="not-text",
            sentence_en=f"The reply {text[:40]!r} holds bytes that are no text; check baud rate, parity and cable.",
            sentence_zh=f"应答 {text[:40]!r} 含有非文本字节；请检查波特率、校验位和电缆。",
        )


# --- DCON, the ASCII protocol of ADAM-4000 and ICP DAS modules, with checksum ------------------------------------


def dcon_frame(body: bytes) -> bytes:
    """Body, checksum (sum of all characters modulo 256, two upper-case hex digits), CR (ADAM-4100 manual, appendix F).

    >>> dcon_frame(b"$07RH")
    b'$07RH25\\r'
    """
    return body + f"{sum(body) & 0xFF:02X}".encode() + b"\r"


def expect_dcon(*, lead: bytes) -> Expect:
    """Expects a DCON answer beginning with `lead` (`>` data, `!` valid); payload = what lies before the checksum."""

    def expect(received: bytes) -> Progress:
        if received and received[:1] != lead:
            raise foreign_head(received[:1], lead)
        end = received.find(b"\r")
        if end < 0:
            return NeedMore(1)
        if end + 1 < len(received):
            raise left_over(len(received) - end - 1)
        if received != dcon_frame(received[: max(end - 2, 0)]):
            raise wrong_checksum("DCON sum")
        return Whole(received[1 : end - 2])

    return expect


# --- Vaisala WXT530 ASCII with CRC (the three characters of SDI-12) ----------------------------------------------


def vaisala_frame(body: bytes) -> bytes:
    """Body, CRC-16 as three characters 0x40 | six bits, CR LF (WXT530 user guide, polling with CRC).

    >>> vaisala_frame(b"0r1")
    b'0r1Goe\\r\\n'
    """
    crc = crc16(body, start=0)
    return body + bytes((0x40 | crc >> 12, 0x40 | crc >> 6 & 0x3F, 0x40 | crc & 0x3F)) + b"\r\n"


def expect_vaisala(*, lead: bytes) -> Expect:
    """Expects one WXT line beginning with `lead` (e.g. `0r1,`); payload = text without lead, CRC and line end."""

    def expect(received: bytes) -> Progress:
        if not lead.startswith(received[: len(lead)]):
            raise foreign_head(received[: len(lead)], lead)
        end = received.find(b"\r\n")
        if end < 0:
            return NeedMore(1)
        if end + 2 < len(received):
            raise left_over(len(received) - end - 2)
        if received != vaisala_frame(received[: max(end - 3, 0)]):
            raise wrong_checksum("CRC-16")
        check_text(received[: end - 3])  # a burst may change data into bytes that are no text, and the CRC with them
        return Whole(received[len(lead) : end - 3])

    return expect
