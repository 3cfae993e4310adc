"""What goes wrong on a wire, put around a simulated device: late answers, none, noise, an echo."""

import math
import time
from collections.abc import Callable, Iterator

from instruments.driver import Simulator


class Wrapped(Simulator):
    """A device with something wrong; by itself it only passes everything on."""

    def __init__(self, inner: Simulator) -> None:
        super().__init__(driver=inner.driver, feel=inner.feel)
        self.inner = inner

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """What the device answers."""
        return self.inner.answer(received)

    def lateness(self) -> tuple[float, float]:
        """As late as the device."""
        return self.inner.lateness()


class Late(Wrapped):
    """Answers correctly after the next of `delays` [s], but never later than `slowest` [s]: then not at all.

    `asked` tells when [s, monotonic] the question was sent: on a busy computer it is heard later than that.
    """

    def __init__(
        self,
        inner: Simulator,
        *,
        delays: Iterator[float],
        slowest: float = math.inf,
        asked: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(inner)
        self.delays, self.slowest, self.asked = delays, slowest, asked
        self._lateness = (0.0, math.inf)

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply, for which the device will take its time."""
        begun = self.asked()
        reply, left = self.inner.answer(received)
        if reply:
            self._lateness = (next(self.delays), begun + self.slowest)
        return reply, left

    def lateness(self) -> tuple[float, float]:
        """The delay of the reply just given."""
        return self._lateness


class Silent(Wrapped):
    """Hears everything and says nothing; `questions` counts what it heard for its address."""

    questions = 0

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """Silence."""
        reply, left = self.inner.answer(received)
        self.questions += bool(reply)
        return b"", left


class Noisy(Wrapped):
    """Each reply goes through `noise`, which damages it or not."""

    def __init__(self, inner: Simulator, *, noise: Callable[[bytes], bytes]) -> None:
        super().__init__(inner)
        self.noise = noise

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply as the noise leaves it."""
        reply, left = self.inner.answer(received)
        return (self.noise(reply) if reply else b""), left


class Echo(Wrapped):
    """Behind a converter that sends every question back; `lost`: so many first bytes of the echo are swallowed."""

    def __init__(self, inner: Simulator, *, lost: int = 0) -> None:
        super().__init__(inner)
        self.lost = lost

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The question and then the reply."""
        reply, left = self.inner.answer(received)
        asked = received[: len(received) - len(left)]
        return asked[self.lost :] + reply, left
