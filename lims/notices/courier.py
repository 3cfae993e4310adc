"""The helper beside the web server: answers requests for new passwords, sends what the outbox holds, clears away."""

from __future__ import annotations

import logging
from threading import Event, Thread

from lims.attachments import held
from lims.laboratory import Laboratory
from lims.notices.sending import send_due
from lims.parties.resets import answer_requests

PAUSE = 5.0  # seconds between two looks
log = logging.getLogger(__name__)


def deliver(laboratory: Laboratory) -> dict[str, int]:
    """One round: requests for new passwords become mails, due mails are sent, files of abandoned forms go."""
    answer_requests(laboratory)
    held.clear(laboratory)
    return dict(send_due(laboratory))


class Courier:
    """A thread that delivers until it is told to stop."""

    def __init__(self, laboratory: Laboratory, pause: float = PAUSE) -> None:
        self._laboratory, self._pause = laboratory, pause
        self._stop = Event()
        self._thread = Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Begin; several couriers of several processes do not disturb each other."""
        self._thread.start()

    def stop(self, patience: float = 2.0) -> None:
        """Finish the mail at hand, if it does not take longer than ``patience`` seconds, and begin no other."""
        self._stop.set()
        self._thread.join(patience)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                deliver(self._laboratory)
            except Exception:
                log.exception("the courier could not deliver; trying again")
            self._stop.wait(self._pause)
