"""Keller bus, the own protocol of Keller's transmitters: Modbus's CRC, but with its high byte first.

That order costs it a promise which Modbus keeps: a burst of up to 16 damaged bits that reaches from the data into the
CRC is not always found. Bursts in the data or in the CRC are. Where a transmitter speaks Modbus too, take `keller_33x`.
"""

from instruments.errors import BadReply
from instruments.framing import Expect, NeedMore, Progress, Whole, crc16, foreign_head, left_over, wrong_checksum

_ERROR = 0x80  # added to the function in a refusal
_ERRORS = {
    1: ("function not implemented", "功能未实现"),
    2: ("wrong parameter or length", "参数或长度错误"),
    3: ("wrong data", "数据错误"),
    32: ("switched on and not initialised since", "上电后尚未初始化"),
}


def keller_frame(body: bytes) -> bytes:
    """Body with its CRC, high byte first (series 30 protocol description, 3.2).

    >>> keller_frame(bytes((250, 73, 1))).hex(" ")
    'fa 49 01 a1 a7'
    """
    return body + crc16(body, start=0xFFFF).to_bytes(2, "big")


def expect_keller(question: bytes, *, size: int) -> Expect:
    """Expects the answer to a question: the same address and function, `size` bytes of data; payload = the data.

    A transparent question (address 250) is answered with that address. Raises BadReply with the device's own refusal.
    """
    address, function = question[0], question[1]

    def expect(received: bytes) -> Progress:
        if len(received) < 2:
            return NeedMore(5 - len(received))
        refused = received[:2] == bytes((address, function | _ERROR))
        if not refused and received[:2] != question[:2]:
            raise foreign_head(received[:2], question[:2])
        length = 5 if refused else size + 4
        if len(received) < length:
            return NeedMore(length - len(received))
        if len(received) > length:
            raise left_over(len(received) - length)
        if keller_frame(received[:-2]) != received:
            raise wrong_checksum("CRC-16")
        if refused:
            raise _refusal(received[2])
        return Whole(received[2:-2])

    return expect


def _refusal(code: int) -> BadReply:
    en, zh = _ERRORS.get(code, ("unknown error", "未知错误"))
    return BadReply(
        code="device-refused",
        sentence_en=f"The device refused the question with Keller bus error {code} ({en}).",
        sentence_zh=f"设备以 Keller 总线错误 {code}（{zh}）拒绝了请求。",
    )
