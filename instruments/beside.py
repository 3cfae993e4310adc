"""Work done in a thread of its own while a block runs: the block ends when the thread has."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from threading import Thread
from types import TracebackType
from typing import Self


class Beside(ABC):
    """with something that works beside the block; it is asked to stop at the end, and waited for."""

    def __init__(self, work: Callable[[], None], *, name: str) -> None:
        self._thread = Thread(target=work, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ask_to_stop()
        self._thread.join()
        self._end(error)

    @abstractmethod
    def _ask_to_stop(self) -> None:
        """Let the thread come to its end."""

    @abstractmethod
    def _end(self, error: BaseException | None) -> None:
        """Give back what it needed, and raise what it met; ``error``: what ended the block, if anything did."""
