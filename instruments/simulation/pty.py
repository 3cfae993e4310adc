"""Serve simulated devices on real pseudo-terminals: what opens them cannot tell them from serial ports."""

import heapq
import os
import pty
import selectors
import time
import tty
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from queue import SimpleQueue

from instruments.beside import Beside
from instruments.driver import Line, Simulator
from instruments.simulation.wire import Wire

_TURN = 0.001  # s; ours: a late device needs a moment between its answers, and they do not stick together


class PtyServer(Beside):
    """Puts each bus of simulators on a pseudo-terminal of its own; one thread serves them all.

    with PtyServer({"flow": [simulator]}) as server:
        SerialLink(server.ports["flow"], …)

    `lines` {bus: its line}: bytes then take the time that they need on a wire of that speed; else they are there at
    once. `monotonic` [s] is the clock of the wire.
    """

    def __init__(
        self,
        buses: Mapping[str, Sequence[Simulator]],
        *,
        lines: Mapping[str, Line] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._lines = lines or {}
        self._simulators = dict(buses)
        self._buses = {name: self._bus(name) for name in buses}
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        for bus in self._buses.values():
            self._selector.register(bus.master, selectors.EVENT_READ, bus)
        self._jobs: SimpleQueue[Callable[[], bool]] = SimpleQueue()
        self._done: SimpleQueue[bool] = SimpleQueue()
        self._broken: BaseException | None = None
        super().__init__(self._serve_until_stopped, name="simulated instruments")

    def _ask_to_stop(self) -> None:
        if self._broken is None:
            self._do(lambda: False)

    def _end(self, error: BaseException | None) -> None:
        for bus in self._buses.values():
            bus.close()
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)
        if self._broken is not None and error is None:
            raise self._broken

    @property
    def ports(self) -> dict[str, str]:
        """{bus: path of its pseudo-terminal}; of those that are plugged in."""
        return {name: bus.port for name, bus in self._buses.items() if bus.plugged}

    def unplug(self, name: str) -> None:
        """Pull the cable: whoever has the port open loses it."""
        self.run(lambda: self._pull(self._buses[name]))

    def plug(self, name: str) -> str:
        """Put the cable back: the same devices on another pseudo-terminal, whose path is returned."""
        self.run(lambda: self._push(name))
        return self.ports[name]

    def run(self, job: Callable[[], object]) -> None:
        """Do something to the devices while none of them is answering."""

        def and_go_on() -> bool:
            job()
            return True

        self._do(and_go_on)

    def _do(self, job: Callable[[], bool]) -> None:
        if self._broken is None:
            self._jobs.put(job)
            os.write(self._wake_write, b"!")
            self._done.get()
        if self._broken is not None:
            raise self._broken

    def _bus(self, name: str) -> "_Bus":
        line = self._lines.get(name)
        return _Bus(self._simulators[name], None if line is None else Wire(line))

    def _pull(self, bus: "_Bus") -> None:
        if bus.plugged:
            self._selector.unregister(bus.master)
            bus.close()

    def _push(self, name: str) -> None:
        self._pull(self._buses[name])
        self._buses[name] = self._bus(name)
        self._selector.register(self._buses[name].master, selectors.EVENT_READ, self._buses[name])

    def _serve_until_stopped(self) -> None:
        try:
            self._serve()
        except BaseException as error:  # noqa: BLE001 - our mistake must reach whoever tends the devices, not hang them
            self._broken = error
            self._done.put(False)

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select(self._patience()):
                if isinstance(key.data, _Bus):
                    key.data.serve(self._monotonic())
                elif not self._obey():
                    return
            for bus in self._buses.values():
                bus.send(self._monotonic())

    def _patience(self) -> float | None:
        """How long [s] there is nothing to send."""
        due = min((bus.due for bus in self._buses.values()), default=float("inf"))
        return None if due == float("inf") else max(due - self._monotonic(), 0.0)

    def _obey(self) -> bool:
        os.read(self._wake_read, 1)
        go_on = self._jobs.get()()
        self._done.put(go_on)
        return go_on


class _Bus:
    def __init__(self, simulators: Sequence[Simulator], wire: Wire | None) -> None:
        self.master, self._slave = pty.openpty()
        # A fresh pseudo-terminal echoes and translates CR LF; and it hangs up when its last user closes it, unless one
        # end stays open here.
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self.plugged = True
        self._wire = wire
        self._waiting = [(simulator, b"") for simulator in simulators]
        self._busy = dict.fromkeys(map(id, simulators), 0.0)
        self._order = count()
        self._leaving: list[tuple[float, int, float, bytes]] = []  # due, order, too late, bytes

    @property
    def due(self) -> float:
        """When [s] the next bytes are to be sent."""
        return self._leaving[0][0] if self._leaving else float("inf")

    def serve(self, now: float) -> None:
        """Let every device on the bus hear what came, and answer."""
        heard = os.read(self.master, 4096)
        at = now if self._wire is None else self._wire.carries(len(heard), at=now)
        self._waiting = [
            (simulator, self._hear(simulator, waiting + heard, at)) for simulator, waiting in self._waiting
        ]

    def _hear(self, simulator: Simulator, received: bytes, at: float) -> bytes:
        while received:
            reply, left = simulator.answer(received)
            if reply:
                self._answer(simulator, reply, at)
            if left == received:
                break
            received = left
        return received

    def _answer(self, simulator: Simulator, reply: bytes, at: float) -> None:
        """A device answers one question after the other."""
        delay, too_late = simulator.lateness()
        begin = max(at, self._busy[id(simulator)]) + delay
        self._busy[id(simulator)] = begin + _TURN if delay else begin
        if self._wire is None:
            heapq.heappush(self._leaving, (begin, next(self._order), too_late, reply))
            return
        for byte in reply:
            due = self._wire.carries(1, at=begin)
            heapq.heappush(self._leaving, (due, next(self._order), too_late, bytes((byte,))))

    def send(self, now: float) -> None:
        """Send what is due."""
        while self._leaving and self._leaving[0][0] <= now:
            _, _, too_late, reply = heapq.heappop(self._leaving)
            if self.plugged and now <= too_late:
                os.write(self.master, reply)

    def close(self) -> None:
        if self.plugged:
            self.plugged = False
            self._leaving.clear()
            os.close(self.master)
            os.close(self._slave)
