"""When the bytes that cross a serial line are there: a pseudo-terminal carries them at once, a wire does not."""

from instruments.driver import Line


class Wire:
    """The time that bytes need on a line of this speed.

    A character is a start bit, the data bits, a parity bit where there is one, and the stop bits. Both directions take
    their turn (half duplex, as on RS-485).
    """

    def __init__(self, line: Line) -> None:
        self.character = (1 + line.data_bits + (line.parity != "N") + line.stop_bits) / line.baud
        self._free = 0.0

    def carries(self, count: int, *, at: float) -> float:
        """When [s] the last of `count` bytes has arrived that are sent at `at` [s], or after those before them.

        >>> round(Wire(Line(baud=9600)).carries(8, at=0.0), 6)
        0.008333
        """
        self._free = max(at, self._free) + count * self.character
        return self._free
