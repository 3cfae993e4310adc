"""The evidence bundle: one ZIP file with a report and everything from which its digits can be computed again.

    report.pdf  results.json  content.json            what was issued
    run/R-2026-00001/segment-00001.jsonl …            the raw spool, as the recorder wrote it (its SHA-256 is printed)
    run/R-2026-00002/file-00001.dat                   or the logger's file a run was imported from, as it was handed in
    inputs.json  root.pem                             what the evaluation used; whose signatures to expect
    events.json                                       of a manual test: its audit events; inputs.json is its record
    conformity.json                                   rule, requirements, limits of a statement of conformity
    README.txt                                        how to compute the digits again
    manifest.json                                     SHA-256 and size of every other member

Equal contents give equal bytes. Reading trusts nothing: every member must be in the manifest with its digest, no other
member may be there, and sizes are limited before anything is unpacked.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lims.canonical import canonical_json
from lims.errors import BadInput
from lims.manual.sealed import NEEDED
from lims.manual.sealed import SCHEMA as MANUAL

SCHEMA = "heliobench.bundle/1"
MOST_MEMBERS = 20_000
MOST_BYTES = 1 << 30
"""Together, unpacked: some forty days of one bench at one scan a second."""

INPUTS = frozenset(
    {"run", "segments", "calibrations", "item", "item_uncertainties", "limits", "method", "time_zone", "program_sha256"}
)
"""What the inputs of an evaluation must name."""

README = """\
证据包：报告及复算所需的全部数据。Evidence bundle: a report and everything its digits were computed from.

    heliobench reproduce BUNDLE.zip       复算报告中的每个数字 computes every printed digit again
    heliobench verify report.pdf --trust root.pem

run/*/segment-*.jsonl is the original observation: every scan with the raw bytes of every instrument, each line hashed
together with the line before it. Of an imported run it is run/*/file-*, as the logger wrote it. inputs.json names the
calibrations, the item, the limits and the method, and how an imported file is read. conformity.json, where there is
one, is what a statement of conformity rests on: the agreed rule, the requirements, and who confirmed their limits.
Of a manual test inputs.json is its record with every entry ever made and the digests of the photographs, and
events.json what the audit trail tells of it, each event with its hash.
原始观察记录为 run/*/segment-*.jsonl：每次采样含仪器的原始字节，逐行哈希相连；导入的试验记录为记录仪文件 run/*/file-*。
inputs.json 为校准、样品、限值和方法，以及导入文件的读取方式。
conformity.json（如有）为符合性声明的依据：约定的判定规则、产品要求及限值的确认情况。
人工试验的 inputs.json 为其记录（含全部填写内容及照片摘要），events.json 为审计记录中的相应事件及其散列。
"""

_MANIFEST = "manifest.json"
_FIXED = ("report.pdf", "results.json", "content.json", "inputs.json", "root.pem", "README.txt")
_SELDOM = ("conformity.json", "events.json")  # only where there is a statement of conformity, or a manual test
_SEGMENT = re.compile(r"run/([A-Za-z0-9._-]+)/(?:segment|file)-(\d{5})\.(?:jsonl|dat|csv|tdms)")
_SUFFIX = {"toa5": "dat", "keysight": "csv", "csv": "csv", "tdms": "tdms"}
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What a bundle holds.

    ``runs``: raw spool segments by run number, in order; how the bench was wired stands at the head of each. Of a run
    that was imported, its one file; how it is read stands in the inputs.
    ``inputs``: the document `heliobench.inputs/1` (calibrations, item, limits, method, program) of the evaluation.
    Of a manual test: its sealed record `heliobench.manual/1`, ``events`` what the audit trail tells of it, and no run.
    ``root``: the laboratory's root certificate (PEM).
    ``conformity``: rule, requirements and limits that a statement of conformity rests on; None without one.
    """

    report: bytes
    results: bytes
    content: Mapping[str, Any]
    runs: Mapping[str, tuple[bytes, ...]]
    inputs: Mapping[str, Any]
    root: bytes
    conformity: Mapping[str, Any] | None = None
    events: Sequence[Mapping[str, Any]] | None = None

    @property
    def outcome(self) -> Mapping[str, Any]:
        """The outcome as it was attached to the report."""
        outcome: Mapping[str, Any] = json.loads(self.results)["outcome"]
        return outcome


def write_bundle(bundle: Bundle) -> bytes:
    """The bundle as the bytes of a ZIP file, equal for equal contents."""
    members = dict(sorted(_members(bundle)))
    entries = {name: {"sha256": _digest(data), "size": len(data)} for name, data in members.items()}
    manifest = canonical_json({"schema": SCHEMA, "members": entries})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in {_MANIFEST: manifest, **members}.items():
            _add(archive, name, data)
    return out.getvalue()


def read_bundle(path: Path) -> Bundle:
    """Read a bundle file and check every member. Raises `BadInput` naming what is wrong."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"The bundle {path.name} cannot be read: {error.strerror}.",
            f"无法读取证据包 {path.name}：{error.strerror}。",
        ) from error
    return parse_bundle(data)


def parse_bundle(data: bytes) -> Bundle:
    """As `read_bundle`, from bytes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _checked(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise BadInput(
            f"The bundle is damaged and cannot be unpacked ({error}); ask for it again.",
            f"证据包已损坏，无法解压（{error}）；请重新索取。",
        ) from error
    return _bundle(members)


def _members(bundle: Bundle) -> Iterator[tuple[str, bytes]]:
    yield from (("report.pdf", bundle.report), ("results.json", bundle.results), ("root.pem", bundle.root))
    yield "content.json", canonical_json(bundle.content)
    yield "inputs.json", canonical_json(bundle.inputs)
    yield "README.txt", README.encode()
    if bundle.conformity is not None:
        yield "conformity.json", canonical_json(bundle.conformity)
    if bundle.events is not None:
        yield "events.json", canonical_json(list(bundle.events))
    for run, segments in bundle.runs.items():
        for index, segment in enumerate(segments, start=1):
            yield f"run/{run}/{_raw_name(bundle.inputs, index)}", segment


def _raw_name(inputs: Mapping[str, Any], index: int) -> str:
    """What a raw segment, or an imported file, is called in the bundle."""
    if "file" in inputs:
        return f"file-{index:05d}.{_SUFFIX[inputs['file']['layout']['reader']]}"
    return f"segment-{index:05d}.jsonl"


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o644 << 16
    archive.writestr(info, data, compresslevel=6)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _checked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Every member, after its name, size and digest were found right; the manifest itself is not among them."""
    infos = archive.infolist()
    _check_size(infos)
    names = [info.filename for info in infos]
    for name, times in Counter(names).items():
        if times > 1:
            raise _wrong(name, "is in the bundle more than once", "在证据包中重复出现")
    manifest = _manifest(archive, names)
    for name in names:
        if name not in manifest and name != _MANIFEST:
            raise _wrong(name, "is not in the manifest", "不在清单中")
    return {name: _member(archive, name, entry) for name, entry in manifest.items()}


def _check_size(infos: Sequence[zipfile.ZipInfo]) -> None:
    total = sum(info.file_size for info in infos)
    if len(infos) > MOST_MEMBERS or total > MOST_BYTES:
        raise BadInput(
            f"The bundle claims {len(infos)} members of {total} bytes; more than {MOST_MEMBERS} members or "
            f"{MOST_BYTES} bytes are not unpacked.",
            f"证据包声称有 {len(infos)} 个成员、共 {total} 字节；"
            f"超过 {MOST_MEMBERS} 个或 {MOST_BYTES} 字节的不予解压。",
        )


def _manifest(archive: zipfile.ZipFile, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    if _MANIFEST not in names:
        raise _wrong(_MANIFEST, "is missing", "缺失")
    try:
        manifest = json.loads(archive.read(_MANIFEST))
        entries: dict[str, dict[str, Any]] = {
            str(name): {"sha256": str(entry["sha256"]), "size": int(entry["size"])}
            for name, entry in manifest["members"].items()
        }
        schema = manifest["schema"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _wrong(_MANIFEST, "cannot be read", "无法读取") from error
    if schema != SCHEMA:
        raise _wrong(_MANIFEST, f"is not of schema {SCHEMA}", f"不是 {SCHEMA} 格式")
    for name in entries:
        if name not in (*_FIXED, *_SELDOM) and not _SEGMENT.fullmatch(name):
            raise _wrong(name, "does not belong into a bundle", "不属于证据包")
    return entries


def _member(archive: zipfile.ZipFile, name: str, entry: Mapping[str, Any]) -> bytes:
    if name not in archive.namelist():
        raise _wrong(name, "is missing", "缺失")
    with archive.open(name) as file:
        # One byte more than promised: a member that unpacks to more than it claims is found without unpacking it.
        data = file.read(entry["size"] + 1) if 0 <= entry["size"] <= MOST_BYTES else b""
    if len(data) != entry["size"] or _digest(data) != entry["sha256"]:
        raise _wrong(name, "does not match its digest in the manifest", "与清单中的摘要不符")
    return data


def _wrong(name: str, en: str, zh: str) -> BadInput:
    shown = name if len(name) <= 80 else name[:80] + "…"
    return BadInput(
        f"Bundle member {shown!r} {en}; the bundle is refused.", f"证据包成员 {shown!r} {zh}；证据包不予接受。"
    )


def _bundle(members: Mapping[str, bytes]) -> Bundle:
    for name in _FIXED:
        if name not in members:
            raise _wrong(name, "is missing", "缺失")
    inputs, content = _json(members, "inputs.json"), _json(members, "content.json")
    if not isinstance(inputs, dict) or not inputs.keys() >= (NEEDED if is_manual(inputs) else INPUTS):
        raise _wrong("inputs.json", "does not name all inputs of the evaluation", "未列全计算所用的输入")
    if not isinstance(content, dict) or "number" not in content:
        raise _wrong("content.json", "is not the content of a report", "不是报告内容")
    return Bundle(
        report=members["report.pdf"],
        results=members["results.json"],
        content=content,
        runs=_runs(members),
        inputs=inputs,
        root=members["root.pem"],
        conformity=_seldom(members, "conformity.json", dict),
        events=_seldom(members, "events.json", list),
    )


def is_manual(inputs: Mapping[str, Any]) -> bool:
    """Whether what a report rests on is the sealed record of a manual test."""
    return inputs.get("schema") == MANUAL


def _seldom(members: Mapping[str, bytes], name: str, kind: type) -> Any:
    if name not in members:
        return None
    found = _json(members, name)
    if not isinstance(found, kind):
        raise _wrong(name, "is not what its name says", "内容与名称不符")
    return found


def _json(members: Mapping[str, bytes], name: str) -> Any:
    try:
        return json.loads(members[name])
    except (ValueError, RecursionError) as error:
        raise _wrong(name, "is not JSON", "不是 JSON") from error


def _runs(members: Mapping[str, bytes]) -> dict[str, tuple[bytes, ...]]:
    found: dict[str, list[bytes]] = {}
    for name in sorted(members):
        match = _SEGMENT.fullmatch(name)
        if match:
            segments = found.setdefault(match[1], [])
            if int(match[2]) != len(segments) + 1:
                raise _wrong(name, "does not follow the segment before it", "与前一段不连续")
            segments.append(members[name])
    return {run: tuple(segments) for run, segments in found.items()}
