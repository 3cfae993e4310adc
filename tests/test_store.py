"""The store: a file is kept once under its SHA-256, and never given out changed."""

from __future__ import annotations

import gzip
import hashlib
import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.errors import Damaged
from lims.store import Store

DATA = b"what the bench sent\n" * 50
NAME = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=[False, True], ids=["plain", "compressed"])
def compress(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def _files(store: Store) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


def test_bytes_come_back_under_their_own_digest(store: Store, compress: bool) -> None:
    assert store.put(DATA, compress=compress) == NAME
    assert store.get(NAME) == DATA


def test_the_same_bytes_twice_are_one_file(store: Store, compress: bool) -> None:
    assert store.put(DATA, compress=compress) == store.put(DATA, compress=compress)
    assert len(_files(store)) == 1


def test_writers_of_the_same_bytes_at_once_do_not_disturb_each_other(store: Store, compress: bool) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _: store.put(DATA, compress=compress), range(32)))
    assert names == {NAME}
    assert store.get(NAME) == DATA
    assert len(_files(store)) == 1


def test_a_stored_file_is_read_only(store: Store, compress: bool) -> None:
    store.put(DATA, compress=compress)
    assert [stat.S_IMODE(path.stat().st_mode) for path in _files(store)] == [0o444]


def test_compressed_bytes_are_smaller_on_the_disk(store: Store) -> None:
    store.put(DATA, compress=True)
    assert _files(store)[0].stat().st_size < len(DATA) / 5


@settings(max_examples=25)
@given(data=st.binary(max_size=200), compress=st.booleans())
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, data: bytes, compress: bool) -> None:
    store = Store(tmp_path_factory.mktemp("any"))
    assert store.get(store.put(data, compress=compress)) == data


def test_a_missing_file_is_told_with_what_to_do(store: Store) -> None:
    with pytest.raises(Damaged) as refused:
        store.get(NAME)
    assert refused.value.sentence_en == f"The stored file {NAME[:16]}… is missing; restore it from the backup."
    assert "备份" in refused.value.sentence_zh


def test_every_changed_bit_of_a_plain_file_is_found(store: Store) -> None:
    store.put(DATA)
    _damage_and_expect(store, DATA[:-1], DATA + b"x", bytes([DATA[0] ^ 1]) + DATA[1:], b"")


def test_a_damaged_compressed_file_is_found_however_it_is_damaged(store: Store) -> None:
    store.put(DATA, compress=True)
    packed = _files(store)[0].read_bytes()
    _damage_and_expect(store, packed[:-1], packed[:5], b"", b"no gzip", gzip.compress(b"other"))


def test_no_flipped_bit_of_a_compressed_file_lets_changed_bytes_out(store: Store) -> None:
    """Some bits of a gzip file say nothing about the data (its time, padding); all others must be noticed."""
    store.put(DATA, compress=True)
    path = _files(store)[0]
    packed = path.read_bytes()
    path.chmod(0o644)
    silent = 0
    for bit in range(8 * len(packed)):
        changed = bytearray(packed)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with suppress(Damaged):
            assert store.get(NAME) == DATA
            silent += 1
    assert silent < 8 * 10 + 8


def _damage_and_expect(store: Store, *damaged: bytes) -> None:
    path = _files(store)[0]
    for data in damaged:
        path.chmod(0o644)
        path.write_bytes(data)
        with pytest.raises(Damaged, match="was changed on disk"):
            store.get(NAME)


KILLED = """
import os, signal, sys
from pathlib import Path
from lims import store
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
setattr(store.os, sys.argv[2], die)
store.Store(Path(sys.argv[1])).put(b"data")
"""


@pytest.mark.parametrize("moment", ["fsync", "chmod", "replace"])
def test_a_program_killed_while_writing_leaves_nothing_under_the_name(store: Store, moment: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, store.folder, moment], check=False)
    assert killed.returncode == -signal.SIGKILL
    name = hashlib.sha256(b"data").hexdigest()
    with pytest.raises(Damaged, match="is missing"):
        store.get(name)
    assert store.put(b"data") == name
    assert store.get(name) == b"data"


def test_a_full_disk_leaves_nothing_behind(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("lims.store.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.put(DATA)
    assert _files(store) == []


def test_a_new_folder_is_on_the_disk_before_its_file_counts_as_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power cut a file is found only if every folder on its way was written too."""
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{handle}"))
        real(handle)

    monkeypatch.setattr("lims.store.os.fsync", fsync)
    store.put(DATA)
    assert {str(store.folder / NAME[:2]), str(store.folder)} <= set(synced)
