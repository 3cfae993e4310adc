"""How long a device that does not answer is left alone, so that it cannot starve its neighbours on the bus.

A silent device costs the bus its deadline and then the quarantine, scan after scan. After the second failure in a row
it rests, one second and then twice as long each time, at most half a minute: at a period of a minute no scan is left
out.
"""

from dataclasses import dataclass

from instruments.driver import Fault

FIRST_REST, LONGEST_REST = 1.0, 30.0  # seconds; ours


@dataclass(slots=True)
class Patience:
    """The failures in a row of one device, and until when [s, monotonic] it rests."""

    failures: int = 0
    until: float = 0.0

    def failed(self, now: float) -> None:
        """One more question without a usable answer."""
        self.failures += 1
        if self.failures > 1:
            self.until = now + min(FIRST_REST * 2.0 ** min(self.failures - 2, 10), LONGEST_REST)

    def answered(self) -> None:
        """All is well again."""
        self.failures, self.until = 0, 0.0

    def resting(self, now: float) -> Fault | None:
        """Why the device is not asked now; None when it is to be asked."""
        if now >= self.until:
            return None
        return Fault(
            "resting",
            f"Not asked this time: {self.failures} failures in a row; it is asked again in {self.until - now:.1f} s.",
            f"本次未询问：已连续失败 {self.failures} 次；{self.until - now:.1f} 秒后再询问。",
        )
