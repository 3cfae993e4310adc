"""Columns kept beside the records: the same numbers, or they are read from the segment again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from instruments.segment import read_segment
from lims.runs import columncache
from lims.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_columns_come_back_to_the_last_bit_with_their_gaps(store: Store, segments: list[bytes]) -> None:
    segment = read_segment(segments[0])
    assert columncache.load(store, "ab" * 32) is None
    columncache.keep(store, "ab" * 32, segment)
    again = columncache.load(store, "ab" * 32)
    assert again is not None
    assert again.time.tobytes() == segment.times().tobytes()
    assert again.values.keys() == segment.columns().keys()
    for name, values in segment.columns().items():
        np.testing.assert_array_equal(again.values[name], values)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda _: b"",
    "another file": lambda _: b"not an archive",
    "a bit changed": lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_as_none(store: Store, segments: list[bytes], tmp_path: Path, damage: str) -> None:
    columncache.keep(store, "ab" * 32, read_segment(segments[0]))
    (path,) = (tmp_path / "columns").rglob("*.npz")
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert columncache.load(store, "ab" * 32) is None


def test_where_nothing_can_be_kept_the_columns_are_given_all_the_same(
    store: Store, segments: list[bytes], tmp_path: Path
) -> None:
    (tmp_path / "columns").write_text("in the way")
    segment = read_segment(segments[0])
    assert columncache.keep(store, "ab" * 32, segment).time.tolist() == segment.times().tolist()
