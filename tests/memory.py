"""Where a run of the suite writes: in memory where there is room, in one folder that its workers share.

On a disk a new file costs a third of a millisecond and a durable one waits for the disk: a copy of a database of
PostgreSQL, which has seven hundred files, took half a second for each test. What a killed process leaves is the same
in memory; what a power cut leaves no test can know.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH = 2 * 1024**3  # bytes; a whole run on two cores keeps less than half of it at a time


def use_memory() -> None:
    """Temporary files of this process and its children go to memory, unless TMPDIR says where they shall go."""
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


@dataclass(frozen=True)
class Shared:
    """A folder of one run, in which each thing is made once, by the worker that needs it first."""

    folder: Path

    @classmethod
    def made(cls) -> Shared:
        """A new one; others may pass through it, because PostgreSQL serves under a name of its own."""
        folder = Path(tempfile.mkdtemp(prefix="heliobench-tests-"))
        folder.chmod(0o711)
        return cls(folder)

    def once(self, name: str, make: Callable[[Path], None]) -> Path:
        """The folder ``name`` as ``make(folder)`` left it; whoever comes meanwhile waits."""
        path, done = self.folder / name, self.folder / f"{name}.made"
        with _locked(self.folder / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(path, ignore_errors=True)  # what somebody began who could not finish
                path.mkdir()
                make(path)
                done.touch()
        return path

    def remove(self) -> None:
        """Throw everything away."""
        shutil.rmtree(self.folder)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
