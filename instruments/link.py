"""One serial port, one owner, one question at a time.

Four rules make a wrong value impossible as far as the protocols allow it:

* **One total deadline** for an answer, however many pieces it comes in.
* **Quarantine**: after a question without a good answer the line is only listened to until the device's worst response
  time has passed. Modbus RTU and DCON answers carry no number of their question, so a late answer would otherwise be
  taken, with a correct checksum, for the answer to the next question.
* **An answer that could belong to two questions belongs to none.** A device may be slower than its worst response time
  is stated. As long as a question is without its answer, an answer that would also fit that one (in Modbus: same
  address, function and length) is put to the discarded bytes, the line is listened to for another worst response time,
  and the question is asked again. Orders are never sent twice; their set point is read back.
* **Silence between messages** as the protocol demands, kept per bus and not per device.

A port that has just been opened is in quarantine too: the program before may have been killed in the middle of a
question. Every byte that comes in is either in `Exchange.received` or in `Exchange.discarded`; only an echo (a setting
of the line), which is equal to the question, is taken off.
"""

import errno
import fcntl
import os
import select
import termios
import time
from types import TracebackType
from typing import Self

import serial

from instruments.answer_time import AnswerTime
from instruments.driver import Exchange, Line, Question
from instruments.errors import BadReply, ExchangeFailed, NoReply, PortUnavailable
from instruments.framing import NeedMore, Whole, whole

_CHUNK = 4096
_SHORT = 0.02  # s; ours: poll() counts in whole milliseconds, too coarse for the silence between messages
_BABBLE = 1.0  # s; ours: so long may a line go on talking unasked before it is told
_REMEMBERED = 10.0  # ours: so many worst response times a question without an answer stays suspect
_ANSWERED = {"bad-checksum", "device-refused", "left-over"}  # no good answer, but the whole of one
_SELECTABLE = 1024  # select() knows no greater number of a file
_EARLY = 1.2  # ours: so many characters before its end an answer is listened for: no sleep costs the wire a pause
_NOTICEABLE = 0.001  # s; ours: a sleep costs more than it saves below
_ECHO_COMES = NeedMore(1)
_UNPLUGGED = (errno.EIO, errno.ENODEV, errno.ENXIO)


class SerialLink:
    """The only owner of a serial port, for as long as it is open.

    `settle` [s]: the worst response time of the devices on the bus, waited before the first question.
    Raises PortUnavailable when the port is missing, not permitted, in use by another program, or not a serial port.
    """

    def __init__(self, port: str, *, line: Line, settle: float = 0.0) -> None:
        self.port = port
        self._serial = _open(port, line)
        self._fd = self._serial.fileno()
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        self._gap, self._echo, self._character = line.gap, line.echo, line.character
        self._fds = (self._fd,)
        self._fine = _SHORT if self._fd < _SELECTABLE else 0.0
        self._times: dict[bytes, AnswerTime] = {}  # by question
        self._overdue: list[tuple[Question, float]] = []
        self._last_byte = 0.0
        self._quarantine_until = time.monotonic() + settle

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the port back."""
        if self._serial.is_open:
            _release(self._fd)
            self._serial.close()

    def exchange(self, question: Question, *, deadline: float, slowest: float) -> Exchange:
        """Ask, and wait at most `deadline` [s] for the whole answer.

        Raises NoReply or BadReply with the exchange; the line is then in quarantine until `slowest` [s] after the
        question. Raises PortUnavailable when the port goes away.
        """
        discarded = self._quiet_line()
        if self._overdue:
            self._settle(discarded)
        exchange = self._ask(question, deadline, slowest, discarded)
        if self._overdue and self._is_suspect(question, exchange.received):
            self._quarantine_until = exchange.started + slowest
            heard = discarded + exchange.received + self._quiet_line()
            exchange = self._ask(question, deadline, slowest, heard)
            self._overdue.clear()
        return exchange

    def _ask(self, question: Question, deadline: float, slowest: float, discarded: bytes) -> Exchange:
        started = time.monotonic()
        self._write(question.sent)
        received, failure = self._collect(question, started, started + deadline)
        self._last_byte = ended = time.monotonic()
        exchange = Exchange(question.sent, received, started, ended - started, discarded)
        if failure is None:
            return exchange
        self._quarantine_until = started + slowest
        if self._overdue or failure.code not in _ANSWERED:
            self._overdue.append((question, started + _REMEMBERED * slowest))
        failure.exchanges = (exchange,)
        raise failure

    def _settle(self, heard: bytes) -> None:
        """Forget the questions long past, and the one that what was heard late can only have answered."""
        now = time.monotonic()
        self._overdue = [one for one in self._overdue if one[1] > now]
        answered = [one for one in self._overdue if _answers(one[0], heard)]
        if len(answered) == 1:
            self._overdue.remove(answered[0])

    def _is_suspect(self, question: Question, reply: bytes) -> bool:
        """Whether the reply would also be one to a question that was never answered, so that its owner is unknown."""
        if question.order or not question.sent:
            return False
        return any(_answers(one, reply) for one, _ in self._overdue)

    def _collect(self, question: Question, started: float, limit: float) -> tuple[bytes, ExchangeFailed | None]:
        """(answer, nothing) or (what was heard, why it is no answer)."""
        heard, reply = b"", None if self._echo else b""
        known = self._times.get(question.sent)
        waited = False
        try:
            if known is None and isinstance(question.expect(b""), Whole):
                return b"", None  # a question that has no answer
            chunk = self._take() if known and self._rest(known.rest - _EARLY * self._character, limit) else b""
            while True:
                if not chunk:
                    waited = True
                    if not self._comes(limit - time.monotonic()):
                        return _fell_silent(heard, reply, question)
                    chunk = self._take()
                heard += chunk
                reply = after_echo(heard, question.sent) if self._echo else heard
                progress = _ECHO_COMES if reply is None else question.expect(reply)
                if isinstance(progress, Whole):
                    self._learn(question, known, started, waited=waited)
                    return reply or b"", None
                # A wire brings the missing characters no faster than its baud rate; the last one is listened for.
                self._rest((max(progress.at_least, progress.likely) - 1) * self._character, limit)
                chunk = b""
        except BadReply as bad:
            return heard, bad

    def _learn(self, question: Question, known: AnswerTime | None, started: float, *, waited: bool) -> None:
        if known is None:
            self._times[question.sent] = AnswerTime.guessed(time.monotonic() - started)
        elif waited:
            known.was_waited_for(time.monotonic() - started)
        else:
            known.lay_there()

    def _rest(self, wait: float, limit: float) -> bool:
        """Sleep while nothing that matters can come, if that is worth it; whether it was."""
        if wait < _NOTICEABLE:
            return False
        wait = min(wait, limit - time.monotonic())
        if wait > 0:
            time.sleep(wait)
        return True

    def _quiet_line(self) -> bytes:
        """Wait until a question may be asked; what is heard meanwhile belongs to no question any more."""
        heard, limit = b"", 0.0
        while True:
            now = time.monotonic()
            left = max(self._quarantine_until, self._last_byte + self._gap) - now
            if not self._comes(left):
                return heard
            limit = limit or now + max(left, 0.0) + _BABBLE
            heard += self._take()
            self._last_byte = time.monotonic()  # the silence begins anew
            if now > limit:
                raise _never_quiet(heard, now)

    def _comes(self, wait: float) -> bool:
        """Whether something is there or arrives within `wait` [s]."""
        if wait < self._fine:
            return bool(select.select(self._fds, (), (), wait if wait > 0 else 0)[0])
        return bool(self._poll.poll(wait * 1000))

    def _take(self) -> bytes:
        """What is there."""
        try:
            chunk = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise _lost(self.port, error) from error
        if not chunk:
            raise _lost(self.port, None)
        return chunk

    def _write(self, data: bytes) -> None:
        try:
            # pyserial's write looks with select first; a question nearly always fits at once.
            written = os.write(self._fd, data)
        except BlockingIOError:
            written = 0
        except OSError as error:
            raise _lost(self.port, error) from error
        if written < len(data):
            self._write_slowly(data[written:])

    def _write_slowly(self, data: bytes) -> None:
        """The rest of a question that the port does not take at once: flow control holds the line."""
        try:
            self._serial.write(data)
        except serial.SerialTimeoutException as error:
            raise _blocked(self.port) from error
        except (OSError, termios.error) as error:
            raise _lost(self.port, error) from error


def _answers(question: Question, reply: bytes) -> bool:
    try:
        return isinstance(question.expect(reply), Whole)
    except BadReply:
        return False


def after_echo(heard: bytes, sent: bytes) -> bytes | None:
    """What follows the echo of a question; None while the echo is still coming.

    Some converters swallow the first byte of an echo, so content is compared and not only length. Raises BadReply when
    what is heard is not the echo: two masters spoke at once, or there is none.

    >>> after_echo(b"#01|>+25.0", b"#01|"), after_echo(b"01|>+25.0", b"#01|"), after_echo(b"#0", b"#01|")
    (b'>+25.0', b'>+25.0', None)
    """
    for echo in (sent, sent[1:] or sent):
        if heard.startswith(echo):
            return heard[len(echo) :]
        if echo.startswith(heard):
            return None
    raise _wrong_echo()


def _fell_silent(heard: bytes, reply: bytes | None, question: Question) -> tuple[bytes, ExchangeFailed]:
    """(received, failure) when the deadline passed."""
    if reply is None and heard:
        return heard, _wrong_echo()
    return reply or b"", silence(reply or b"", question)


def _wrong_echo() -> BadReply:
    return BadReply(
        code="wrong-echo",
        sentence_en="The line did not echo the question; two masters spoke at once, or set echo = false.",
        sentence_zh="线路未按原样回送请求；可能有两个主站同时发送，或应设置 echo = false。",
    )


def _never_quiet(heard: bytes, now: float) -> BadReply:
    return BadReply(
        code="never-quiet",
        sentence_en="The line is never quiet: a device talks unasked; set it to polled mode or find the noise.",
        sentence_zh="线路始终不静默：有设备在主动发送；请设为查询模式或排查干扰。",
        exchanges=(Exchange(b"", b"", now, 0.0, heard),),
    )


def silence(received: bytes, question: Question) -> ExchangeFailed:
    """The failure when the deadline passed: nothing at all, or a beginning without an end."""
    if received:
        try:
            whole(received, expect=question.expect)
        except BadReply as bad:
            return bad
    return NoReply(
        code="no-reply",
        sentence_en="No reply within the deadline; check power, cable, address, baud rate and parity.",
        sentence_zh="在规定时间内无应答；请检查电源、电缆、地址、波特率和校验位。",
    )


def _open(port: str, line: Line) -> serial.Serial:
    # A pseudo-terminal knows only eight bits without parity: asking for more fails with termios.error on the second
    # opening, which is not an OSError.
    plain = os.path.realpath(port).startswith("/dev/pts/")
    try:
        opened = serial.Serial(
            port,
            baudrate=line.baud,
            bytesize=8 if plain else line.data_bits,
            parity="N" if plain else line.parity,
            stopbits=1 if plain else line.stop_bits,
            timeout=0,
            write_timeout=1.0,
            xonxoff=line.flow == "xonxoff",
            rtscts=line.flow == "rtscts",
            exclusive=True,
        )
        _return_at_once_only_when_empty(opened.fileno())
        # The lock of `exclusive` only stops programs that ask for it as well; TIOCEXCL stops the others. On a
        # pseudo-terminal it would outlive a killed process, because the other end keeps the terminal alive.
        if not plain:
            fcntl.ioctl(opened.fileno(), termios.TIOCEXCL)
    except (OSError, ValueError, termios.error) as error:
        raise _cannot_open(port, error) from error
    return opened


def _return_at_once_only_when_empty(fd: int) -> None:
    """Let `read` say "nothing yet" (EAGAIN) and "gone" (no bytes) differently: pyserial's VMIN 0 says both alike."""
    attributes = termios.tcgetattr(fd)
    attributes[6][termios.VMIN] = 1
    termios.tcsetattr(fd, termios.TCSANOW, attributes)


def _release(fd: int) -> None:
    try:
        fcntl.ioctl(fd, termios.TIOCNXCL)
    except OSError as error:
        if error.errno not in _UNPLUGGED:  # then there is nothing left to release
            raise


def _cannot_open(port: str, error: Exception) -> PortUnavailable:
    number = getattr(error, "errno", None)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        code, en, zh = "port-missing", "does not exist; check the cable and the name", "不存在；请检查电缆和端口名"
    elif number in (errno.EAGAIN, errno.EBUSY, errno.EWOULDBLOCK):
        code, en, zh = (
            "port-in-use",
            "is in use by another program; one port has one owner: stop the other program",
            "正被其他程序占用；一个端口只能有一个使用者，请先停止另一程序",
        )
    elif number in (errno.EACCES, errno.EPERM):
        code, en, zh = (
            "port-not-permitted",
            "may not be opened by this user; add the user to the port's group",
            "当前用户无权打开；请将用户加入该端口所属的组",
        )
    else:
        code, en, zh = (
            "port-refused",
            "is not a serial port or refuses the settings; check name, baud rate and parity",
            "不是串口或不接受所设参数；请检查端口名、波特率和校验位",
        )
    return PortUnavailable(code=code, sentence_en=f"Port {port} {en}.", sentence_zh=f"端口 {port} {zh}。")


def _blocked(port: str) -> PortUnavailable:
    return PortUnavailable(
        code="port-blocked",
        sentence_en=f"Port {port} takes no more bytes: flow control holds the line; check cable and power.",
        sentence_zh=f"端口 {port} 无法继续发送：设备以流控占住线路；请检查电缆和电源。",
    )


def _lost(port: str, error: Exception | None) -> PortUnavailable:
    detail = f" ({error})" if error else ""
    return PortUnavailable(
        code="port-lost",
        sentence_en=f"Port {port} was lost{detail}: unplugged, or a second program reads from it; check both.",
        sentence_zh=f"端口 {port} 已丢失{detail}：被拔出，或有第二个程序在读取；请检查两者。",
    )
