"""Modbus slaves on pseudo-terminals in a process of their own, so that their processor time is not the master's.

    with slaves(32, baud=19200) as ports: …

Every port is a wire of its own, paced byte by byte as real wires are: a question takes its eight characters, the slave
waits the silence that ends it (t3.5), answers at once, and every character of the answer comes when its stop bit would
be over. `baud` 0: no wire at all, answers as fast as the computer can. Ten registers of a Kipp & Zonen SMP, 8N1.
"""

import ctypes
import heapq
import os
import pty
import select
import subprocess
import sys
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager

from instruments.drivers.kipp_smp import KippSmp
from instruments.framing import modbus_read

REGISTERS, QUESTION, BITS = 10, 8, 10  # bits of a character: 8N1
DEVICE = KippSmp(address=1)
SENT = modbus_read(address=1, function=4, start=0, count=REGISTERS)
ANSWER, _ = DEVICE.simulator(driver=DEVICE, feel=lambda _: 800.5).answer(SENT)
VALUES = tuple(int.from_bytes(ANSWER[at : at + 2], "big") for at in range(3, 3 + 2 * REGISTERS, 2))


def silence(baud: int) -> float:
    """The silent interval t3.5 [s] (Modbus over serial line V1.02, 2.5.1.1)."""
    return 0.00175 if baud > 19200 else 3.5 * 11 / baud


def theory(baud: int) -> float:
    """The shortest time of one exchange on the wire [s]: question, silence, answer, silence."""
    return (QUESTION + len(ANSWER)) * BITS / baud + 2 * silence(baud)


@contextmanager
def slaves(count: int, *, baud: int) -> Iterator[list[str]]:
    """Names of `count` ports on which such slaves answer."""
    command = [sys.executable, "-m", "benchmarks._slaves", str(count), str(baud)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()
        process.communicate()  # closing its input ends it


def serve(count: int, baud: int) -> None:
    """Answer until the input is closed."""
    ctypes.CDLL(None).prctl(29, 1, 0, 0, 0)  # PR_SET_TIMERSLACK: wake up within microseconds, as a wire would
    pairs = [pty.openpty() for _ in range(count)]
    for _, slave in pairs:
        tty.setraw(slave)
    print(*(os.ttyname(slave) for _, slave in pairs), flush=True)
    poll, due, heard = select.epoll(), [], {}
    for master, _ in pairs:
        poll.register(master, select.EPOLLIN)
        heard[master] = b""
    poll.register(sys.stdin, select.EPOLLIN)
    character, wait = (BITS / baud, silence(baud)) if baud else (0.0, 0.0)
    while True:
        pause = max(due[0][0] - time.monotonic(), 0.0) if due else None
        if pause is not None and 0 < pause < 0.001:
            time.sleep(pause)  # epoll counts in whole milliseconds
            pause = 0.0
        for ready, _ in poll.poll(pause and pause - 0.001):
            if ready == sys.stdin.fileno():
                return
            heard[ready] += os.read(ready, 4096)
            if len(heard[ready]) < QUESTION:
                continue
            heard[ready] = heard[ready][QUESTION:]
            if baud:
                begin = time.monotonic() + QUESTION * character + wait
                heapq.heappush(due, (begin + character, ready, 0, begin))
            else:
                os.write(ready, ANSWER)
        while due and due[0][0] <= time.monotonic():
            _, port, at, begin = heapq.heappop(due)
            os.write(port, ANSWER[at : at + 1])
            if at + 1 < len(ANSWER):
                heapq.heappush(due, (begin + (at + 2) * character, port, at + 1, begin))


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
