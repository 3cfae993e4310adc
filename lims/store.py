"""Content-addressed files of the instance: raw segments, outcomes, figures, signed PDFs, bundles.

A file is written once under its SHA-256, made read-only, and checked every time it is read. Raw segments are
kept gzipped; their name is still the SHA-256 of what the bench sent.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import zlib
from pathlib import Path

from lims.errors import Damaged


class Store:
    """Bytes by digest below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes, *, compress: bool = False) -> str:
        """Keep ``data``; returns its SHA-256. Safe against a power cut: written aside, fsynced, then renamed."""
        name = hashlib.sha256(data).hexdigest()
        path = self.path_of(name).with_suffix(".gz" if compress else "")
        if not path.exists():
            _make_folder(path.parent)
            _write_durably(path, gzip.compress(data, mtime=0) if compress else data)
        return name

    def get(self, name: str) -> bytes:
        """The bytes of SHA-256 ``name``; `Damaged` if they are gone or changed."""
        try:
            data = _read(self.path_of(name))
        except FileNotFoundError:
            raise Damaged(
                f"The stored file {name[:16]}… is missing; restore it from the backup.",
                f"存储文件 {name[:16]}… 丢失；请从备份中恢复。",
            ) from None
        if data is None or hashlib.sha256(data).hexdigest() != name:
            raise Damaged(
                f"The stored file {name[:16]}… was changed on disk; restore it from the backup.",
                f"存储文件 {name[:16]}… 在磁盘上被更改；请从备份中恢复。",
            )
        return data

    def path_of(self, name: str) -> Path:
        """Where the file of a SHA-256 lies, if it is not zipped."""
        return self.folder / name[:2] / name


def _read(path: Path) -> bytes | None:
    """The bytes, unzipped if they were zipped; None if they can no longer be unzipped."""
    if path.exists():
        return path.read_bytes()
    try:
        return gzip.decompress(path.with_suffix(".gz").read_bytes())
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return None


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def _write_durably(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o444)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # A new name is only safe when its folder is on the disk as well.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
