"""Serve simulated devices on real pseudo-terminals: what opens them cannot tell them from serial ports."""

import os
import pty
import selectors
import tty
from collections.abc import Mapping, Sequence
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

from instruments.driver import Simulator

_STOP = ""


class PtyServer:
    """Puts each bus of simulators on a pseudo-terminal of its own; one thread serves them all.

    with PtyServer({"flow": [simulator]}) as server:
        SerialLink(server.ports["flow"], …)
    """

    def __init__(self, buses: Mapping[str, Sequence[Simulator]]) -> None:
        self._buses = {name: _Bus(simulators) for name, simulators in buses.items()}
        self.ports = {name: bus.port for name, bus in self._buses.items()}
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        for bus in self._buses.values():
            self._selector.register(bus.master, selectors.EVENT_READ, bus)
        self._commands: SimpleQueue[str] = SimpleQueue()
        self._done: SimpleQueue[str] = SimpleQueue()
        self._thread = Thread(target=self._serve, name="simulated instruments", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tell(_STOP)
        self._thread.join()
        for bus in self._buses.values():
            bus.close()
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def unplug(self, name: str) -> None:
        """Pull the cable: whoever has the port open loses it."""
        self._tell(self._buses[name].port)
        self._done.get()

    def _tell(self, command: str) -> None:
        self._commands.put(command)
        os.write(self._wake_write, b"!")

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if isinstance(key.data, _Bus):
                    key.data.serve()
                elif not self._obey():
                    return

    def _obey(self) -> bool:
        os.read(self._wake_read, 1)
        command = self._commands.get()
        for bus in self._buses.values():
            if bus.port == command:
                self._selector.unregister(bus.master)
                bus.close()
                self._done.put(command)
        return command != _STOP


class _Bus:
    def __init__(self, simulators: Sequence[Simulator]) -> None:
        self.master, self._slave = pty.openpty()
        # A fresh pseudo-terminal echoes and translates CR LF; and it hangs up when its last user closes it, unless one
        # end stays open here.
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._waiting = [(simulator, b"") for simulator in simulators]
        self._open = True

    def serve(self) -> None:
        """Let every device on the bus hear what came, and send what they answer."""
        heard = os.read(self.master, 4096)
        self._waiting = [(simulator, self._hear(simulator, waiting + heard)) for simulator, waiting in self._waiting]

    def _hear(self, simulator: Simulator, received: bytes) -> bytes:
        while received:
            reply, left = simulator.answer(received)
            if reply:
                os.write(self.master, reply)
            if left == received:
                break
            received = left
        return received

    def close(self) -> None:
        if self._open:
            self._open = False
            os.close(self.master)
            os.close(self._slave)
