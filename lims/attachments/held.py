"""Files that wait for their record: sent with a form that is shown again, until it is kept or given up.

They lie beside the store and never in it, so that what nobody came back for is taken away without asking any record.
"""

from __future__ import annotations

import logging
import math
import os
from datetime import timedelta
from pathlib import Path

from lims.laboratory import Laboratory
from lims.store import Store

HELD_FOR = timedelta(days=3)  # ours: a form left over a weekend still finds its files
log = logging.getLogger(__name__)


def hold(laboratory: Laboratory, data: bytes) -> str:
    """Keep the bytes of a file until its form is sent again; returns their SHA-256. Sent once more, they wait anew."""
    waiting = _waiting(laboratory)
    digest, now = waiting.put(data), laboratory.clock().timestamp()
    os.utime(waiting.path_of(digest), (now, now))
    return digest


def is_held(laboratory: Laboratory, digest: str) -> bool:
    """Whether the file still waits."""
    return _waiting(laboratory).path_of(digest).exists()


def held(laboratory: Laboratory, digest: str) -> bytes:
    """The bytes of a file that waits; `Damaged` if they are gone or changed."""
    return _waiting(laboratory).get(digest)


def clear(laboratory: Laboratory) -> int:
    """Take away what has waited longer than HELD_FOR; how many files."""
    last = (laboratory.clock() - HELD_FOR).timestamp()
    left = [one for one in _waiting(laboratory).folder.glob("??/*") if _since(one) < last]
    for one in left:
        one.unlink(missing_ok=True)  # another process may have been quicker
    if left:
        log.warning("%d files of forms that nobody came back to for %d days are taken away", len(left), HELD_FOR.days)
    return len(left)


def _waiting(laboratory: Laboratory) -> Store:
    return Store(laboratory.settings.instance_path / "held")


def _since(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # taken away meanwhile
        return math.inf
