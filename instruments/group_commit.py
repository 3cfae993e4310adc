"""Scans on their way to the disk: written by a thread of its own, as many with one fdatasync as wait for it.

Who waits for what:

* A scan is *acknowledged* only after fdatasync has put its line, and every line before it, on the disk. Only then is it
  told to anybody.
* Whoever records waits for that too, but at most `patience` [s]. With a healthy disk (fdatasync in milliseconds) every
  scan is on the disk before the next is asked for, as with `Spool.append`.
* A disk that stalls longer does not make the next scan late. The scans wait in memory, not acknowledged, at most
  `waiting` of them; then the recording waits for the disk, and the scans say by how much they lag.
* What waits together is written together, with one fdatasync: the slower the disk, the larger the groups.
* A disk that refuses stops the recording: the refusal is raised to whoever records, at the latest with the next scan.
  What waited behind it was never acknowledged, and is not written out of order later.
"""

from collections.abc import Callable
from queue import Empty, Queue
from threading import Event

from instruments.acquisition import Scan
from instruments.beside import Beside
from instruments.spool import Spool

WAITING = 1000  # ours: half a minute at thirty scans a second, some megabytes
_Entry = tuple[Scan | None, Event]


class GroupCommit(Beside):
    """The writing thread of an open spool; nobody else may write to it meanwhile.

    `acknowledged` is called in the thread with every scan that is on the disk, in order. Raises at `put` and at the end
    what the spool or `acknowledged` raised: SpoolRefused for a full disk.
    """

    def __init__(
        self,
        spool: Spool,
        *,
        acknowledged: Callable[[Scan], None] = lambda _: None,
        patience: float = 0.0,
        waiting: int = WAITING,
    ) -> None:
        self._spool, self._acknowledged, self._patience = spool, acknowledged, patience
        self._queue: Queue[_Entry] = Queue(waiting)
        self._failure: BaseException | None = None
        super().__init__(self._run, name="spool")

    def _ask_to_stop(self) -> None:
        self._queue.put((None, Event()))

    def _end(self, error: BaseException | None) -> None:
        if error is not self._failure:
            self._raise_failure()

    def put(self, scan: Scan) -> None:
        """Hand over the next scan; returns when it is on the disk, or after `patience` [s]."""
        self._raise_failure()
        done = Event()
        self._queue.put((scan, done))
        if self._patience > 0:
            done.wait(self._patience)
            self._raise_failure()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        stopped = False
        while not stopped:
            entries = self._all_that_wait()
            scans = [scan for scan, _ in entries if scan is not None]
            stopped = len(scans) < len(entries)
            if scans and self._failure is None:
                self._commit(scans)
            for _, done in entries:
                done.set()

    def _all_that_wait(self) -> list[_Entry]:
        entries = [self._queue.get()]
        try:
            while True:
                entries.append(self._queue.get_nowait())
        except Empty:
            return entries

    def _commit(self, scans: list[Scan]) -> None:
        try:
            try:
                self._spool.append_all(scans)
            finally:
                for scan in scans:
                    if scan.seq <= self._spool.last_seq:
                        self._acknowledged(scan)
        except BaseException as error:  # noqa: BLE001 - belongs to the thread that records, which raises it
            self._failure = error
