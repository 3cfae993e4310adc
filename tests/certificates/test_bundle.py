"""The evidence bundle: equal bytes for equal contents, and no damaged, missing or foreign member is taken."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.certificates import bundle as b
from lims.errors import BadInput

INPUTS: dict[str, Any] = {name: f"{name} 值" for name in b.INPUTS}


@pytest.fixture(scope="module")
def made() -> b.Bundle:
    return b.Bundle(
        report=b"%PDF-1.7 report",
        results='{"outcome":{"温度":1.5}}'.encode(),
        content={"number": "HB-2026-00001", "title": "检测报告"},
        runs={"R-2026-00001": (b'{"seq":1}\n' * 50, b'{"seq":2}\n'), "R-2026-00002": (b'{"seq":1}\n',)},
        inputs=INPUTS,
        root=b"-----BEGIN CERTIFICATE-----",
    )


@pytest.fixture(scope="module")
def packed(made: b.Bundle) -> bytes:
    return b.write_bundle(made)


def repacked(packed: bytes, **changes: bytes | None) -> bytes:
    """The bundle with members replaced, added, or (None) left out; digests and manifest stay as they were."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        members: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**members, **changes}.items():
            if data is not None:
                archive.writestr(name, data)
    return out.getvalue()


def manifest_of(packed: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return manifest


def test_what_was_written_is_read_again(made: b.Bundle, packed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "证据包.zip"
    path.write_bytes(packed)
    assert b.read_bundle(path) == made
    assert b.read_bundle(path).outcome == {"温度": 1.5}


def test_equal_contents_give_equal_bytes(made: b.Bundle, packed: bytes) -> None:
    assert b.write_bundle(made) == packed


def test_the_manifest_names_the_digest_that_the_report_prints_for_a_segment(made: b.Bundle, packed: bytes) -> None:
    entry = manifest_of(packed)["members"]["run/R-2026-00001/segment-00001.jsonl"]
    segment = made.runs["R-2026-00001"][0]
    assert entry == {"sha256": hashlib.sha256(segment).hexdigest(), "size": len(segment)}


MEMBERS = [
    "report.pdf",
    "results.json",
    "content.json",
    "inputs.json",
    "root.pem",
    "run/R-2026-00001/segment-00002.jsonl",
]


@pytest.mark.parametrize("name", [*MEMBERS, "manifest.json"])
def test_a_missing_member_is_named(name: str, packed: bytes) -> None:
    with pytest.raises(BadInput, match=f"'{name}' is missing"):
        b.parse_bundle(repacked(packed, **{name: None}))


@pytest.mark.parametrize("name", MEMBERS)
def test_a_changed_member_is_named(name: str, packed: bytes) -> None:
    with pytest.raises(BadInput, match=f"'{name}' does not match its digest"):
        b.parse_bundle(repacked(packed, **{name: b"changed"}))


@pytest.mark.parametrize("name", ["extra.txt", "../../etc/passwd", "/etc/passwd", "run/R-1/segment-00001.jsonl"])
def test_a_member_that_the_manifest_does_not_name_is_named(name: str, packed: bytes) -> None:
    with pytest.raises(BadInput, match="is not in the manifest"):
        b.parse_bundle(repacked(packed, **{name: b"x"}))


@pytest.mark.parametrize("name", ["../evil", "/evil", "run/../evil", "extra.txt"])
def test_a_foreign_member_is_refused_even_if_the_manifest_names_it(name: str, packed: bytes) -> None:
    manifest = manifest_of(packed)
    manifest["members"][name] = {"sha256": hashlib.sha256(b"x").hexdigest(), "size": 1}
    forged = repacked(packed, **{name: b"x", "manifest.json": json.dumps(manifest).encode()})
    with pytest.raises(BadInput, match="does not belong into a bundle"):
        b.parse_bundle(forged)


def test_a_member_twice_is_refused(packed: bytes) -> None:
    out = io.BytesIO(packed)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("report.pdf", b"another")
    with pytest.raises(BadInput, match="more than once"):
        b.parse_bundle(out.getvalue())


def test_a_gap_between_segments_is_refused(made: b.Bundle, packed: bytes) -> None:
    manifest = manifest_of(packed)
    del manifest["members"]["run/R-2026-00001/segment-00001.jsonl"]
    changes = {"run/R-2026-00001/segment-00001.jsonl": None, "manifest.json": json.dumps(manifest).encode()}
    with pytest.raises(BadInput, match="does not follow the segment before it"):
        b.parse_bundle(repacked(packed, **changes))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema":"heliobench.bundle/1"}', "{" * 5000, '{"members":{"a":1}}']
)
def test_a_manifest_that_cannot_be_read_is_refused(text: str, packed: bytes) -> None:
    with pytest.raises(BadInput, match=r"'manifest\.json' cannot be read"):
        b.parse_bundle(repacked(packed, **{"manifest.json": text.encode()}))


def test_a_bundle_of_another_schema_is_refused(packed: bytes) -> None:
    manifest = {**manifest_of(packed), "schema": "heliobench.bundle/9"}
    with pytest.raises(BadInput, match="is not of schema"):
        b.parse_bundle(repacked(packed, **{"manifest.json": json.dumps(manifest).encode()}))


def test_a_bundle_that_would_unpack_to_too_much_is_refused_unopened(
    packed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(b, "MOST_BYTES", 100_000)
    with pytest.raises(BadInput, match="are not unpacked"):
        b.parse_bundle(repacked(packed, **{"report.pdf": b"0" * 1_000_000}))


def test_a_member_that_is_larger_than_it_claims_is_refused(packed: bytes) -> None:
    bomb = repacked(packed, **{"report.pdf": b"0" * 1_000_000})
    claimed = bomb.replace((1_000_000).to_bytes(4, "little"), (15).to_bytes(4, "little"))
    assert claimed != bomb
    with pytest.raises(BadInput):
        b.parse_bundle(claimed)


def test_a_missing_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nothing\.zip cannot be read"):
        b.read_bundle(tmp_path / "nothing.zip")


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_bundle_is_refused_or_means_the_same(made: b.Bundle, packed: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(packed) - 1))
    value = data.draw(st.integers(0, 255))
    try:
        read = b.parse_bundle(packed[:at] + bytes([value]) + packed[at + 1 :])
    except BadInput:
        return
    assert read == made


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=300))
def test_bytes_that_are_no_bundle_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        b.parse_bundle(data)
