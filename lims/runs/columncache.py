"""Columns of stored segments on the disk: after a restart a long run is looked at in a moment, not in seconds.

`instance/columns/` is a cache and may be thrown away at any time. Pages draw from it and the live watch counts from it;
no result is evaluated from it. A file that cannot be read is made again from the segment.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from instruments.segment import Segment
from lims.store import Store

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """What the channels of a bench indicated: time [s since 1970 UTC], values by symbol, NaN where one is missing."""

    time: Array
    values: dict[str, Array]


def load(store: Store, digest: str) -> Columns | None:
    """The columns of the segment of this SHA-256; None where they are not kept, or not readable any more."""
    try:
        with _path(store, digest).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            table, names = kept["table"], kept["names"].tolist()
    except (FileNotFoundError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if table.ndim != 2 or len(table) != len(names) + 1:
        return None
    return Columns(table[0], dict(zip(names, table[1:], strict=True)))


def keep(store: Store, digest: str, segment: Segment) -> Columns:
    """The columns of a segment that was just read, kept for the next look."""
    columns = Columns(segment.times(), segment.columns())
    path = _path(store, digest)
    with contextlib.suppress(OSError):  # only a cache: a full disk is told by what has to be written
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".new")
        try:
            with os.fdopen(handle, "wb") as file:
                table = np.array([columns.time, *columns.values.values()])
                np.savez(file, table=table, names=np.array([*columns.values], dtype=str))
            os.replace(temporary, path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    return columns


def _path(store: Store, digest: str) -> Path:
    return store.folder.parent / "columns" / digest[:2] / f"{digest}.npz"
