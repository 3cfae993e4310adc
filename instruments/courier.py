"""While a run is recorded: its sealed segments to the LIMS as they come, and a preview of the segment still open.

The courier reads what the recorder has written and runs in a thread of its own: the recorder never waits for it, and a
LIMS that is away costs nothing but the preview. It beats also when there is no new scan, so that a lost bench shows
within seconds. What it could not send is sent by the push after the recording.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Event

from instruments.beside import Beside
from instruments.errors import InstrumentError, Outage, UplinkRefused
from instruments.spool import segments
from instruments.tail import Tail
from instruments.uplink import LONGEST_PAUSE, Uplink

BEAT = 2.0  # s between two messages; ours: a lost bench is told after three missing ones
Tell = Callable[[str, str], None]  # English, Chinese


class Courier(Beside):
    """Carries one run's spool to the LIMS until its block ends; tells when the LIMS goes away and comes back."""

    def __init__(self, uplink: Uplink, folder: Path, *, run: str, tell: Tell, beat: float = BEAT) -> None:
        self._uplink, self._folder, self._run = uplink, folder, run
        self._tell, self._beat = tell, beat
        self._tail, self._have, self._segments, self._failures = Tail(folder), 0, 0, 0
        self._stop = Event()
        super().__init__(self._carry, name=f"courier {run}")

    def _ask_to_stop(self) -> None:
        self._stop.set()

    def _end(self, error: BaseException | None) -> None:
        self._uplink.close()

    def _carry(self) -> None:
        pause = self._beat
        while not self._stop.wait(pause):
            try:
                self._once()
            except Outage as away:
                if not self._failures:
                    self._tell(away.sentence_en, away.sentence_zh)
                self._failures += 1
                pause = min(self._beat * 2.0**self._failures, LONGEST_PAUSE)
            except (UplinkRefused, InstrumentError) as refused:
                self._tell(refused.sentence_en, refused.sentence_zh)
                return  # the push after the recording says it again, and the spool keeps everything
            else:
                if self._failures:
                    self._tell("The LIMS can be reached again.", "已恢复与 LIMS 的连接。")
                pause, self._failures = self._beat, 0

    def _once(self) -> None:
        present = len(segments(self._folder))
        if present != self._segments:
            self._uplink.push(self._folder, run=self._run)
            self._segments = present
        self._have = self._uplink.preview(self._run, self._tail.message(after=self._have))
