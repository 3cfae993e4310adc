"""Is this file a report of ours, signed by three of our people, and unchanged to the last byte?

`verify_pdf` answers for any bytes and never raises: what cannot be read is not valid, and the verdict says why.
Offline it proves that the three signatures are right; whether the report was since superseded or withdrawn only the
register knows, and equality with the register's file (``known_sha256``) is the strongest check of all.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from lims.certificates.container import (
    LastSignature,
    container_exact,
    last_signature,
    signature_right,
    signed_bytes_intact,
)
from lims.certificates.document import RESULTS_SCHEMA
from lims.certificates.facts import Role
from lims.certificates.revisions import RememberedChanges
from lims.certificates.sign import FIELD_NAMES, ROLES
from lims.errors import Sentence

log = logging.getLogger(__name__)
# What pyHanko cannot build or read ends in a verdict; its tracebacks on the screen would tell a person nothing.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

MOST_BYTES = 64 * 1024 * 1024
"""A report is under one megabyte; a larger file than this is not read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFound:
    """One signature in the file and what is known of it."""

    role: Role | None
    name: str
    reason: str
    time: datetime | None
    intact: bool
    trusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verification found.

    ``code`` is one of: valid, not-pdf, no-signatures, appended, truncated, changed, container, damaged, signers,
    unknown-authority, bad-signature, not-a-report, register.
    """

    valid: bool
    code: str
    sentence_en: str
    sentence_zh: str
    sha256: str
    signatures: tuple[SignatureFound, ...] = ()
    report_number: str | None = None
    version: str | None = None
    covers_whole_file: bool = False
    printed: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # run: SHA-256 of its raw segments
    replaces: Mapping[str, str] = field(default_factory=dict)  # of an amendment: number and day of what it replaces


class _Invalid(Exception):
    """Verification ends here, with this code and sentence."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(en)
        self.code, self.sentence = code, Sentence(en, zh)


@dataclass(slots=True)
class _Findings:
    """What has been learnt so far; an invalid file still tells its number and signers if they could be read."""

    signatures: tuple[SignatureFound, ...] = ()
    number: str | None = None
    version: str | None = None
    printed: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # run: SHA-256 of its raw segments
    replaces: Mapping[str, str] = field(default_factory=dict)
    covers_whole_file: bool = False


def verify_pdf(
    data: bytes,
    trust_roots: Sequence[bytes],
    *,
    known_sha256: str | None = None,
    moment: datetime | None = None,
) -> Verdict:
    """Judge a file. ``trust_roots`` are certificates in PEM or DER; ``known_sha256`` is the register's digest of it.

    ``moment`` is the time at which certificates must be in date (now, if not given). Never raises.
    """
    findings = _Findings()
    try:
        _check(data, trust_roots, known_sha256, moment, findings)
    except _Invalid as invalid:
        return _verdict(data, findings, invalid.code, invalid.sentence, valid=False)
    except Exception as error:  # noqa: BLE001 - a parser may fail in any way on a hostile file: that file is not valid
        log.info("verification stopped by %s: %s", type(error).__name__, error)
        return _verdict(data, findings, "damaged", _DAMAGED, valid=False)
    names, old = [s.name for s in findings.signatures], findings.replaces
    also_en = f" It replaces report {old['report']} of {old['issued']}." if old else ""
    also_zh = f"本报告替代 {old['issued']} 签发的报告 {old['report']}。" if old else ""
    sentence = Sentence(
        f"Valid: report {findings.number}, version {findings.version}, unchanged since {', '.join(names)} signed it."
        + also_en,
        f"有效：报告 {findings.number} 第 {findings.version} 版，自{'、'.join(names)}签名以来未被改动。{also_zh}",
    )
    return _verdict(data, findings, "valid", sentence, valid=True)


_DAMAGED = Sentence(
    "The file is damaged: its structure cannot be read as a signed PDF.",
    "文件已损坏：无法按已签名的 PDF 读取其结构。",
)


def _verdict(data: bytes, findings: _Findings, code: str, sentence: Sentence, *, valid: bool) -> Verdict:
    return Verdict(
        valid=valid,
        code=code,
        sentence_en=sentence.en,
        sentence_zh=sentence.zh,
        sha256=hashlib.sha256(data).hexdigest(),
        signatures=findings.signatures,
        report_number=findings.number,
        version=findings.version,
        covers_whole_file=findings.covers_whole_file,
        printed=findings.printed,
        segments=findings.segments,
        replaces=findings.replaces,
    )


def _check(
    data: bytes,
    trust_roots: Sequence[bytes],
    known_sha256: str | None,
    moment: datetime | None,
    findings: _Findings,
) -> None:
    _check_bytes(data, findings)
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    _read_results(reader, findings)
    embedded = list(reader.embedded_signatures)
    digest = hashlib.sha256(data).hexdigest()
    statuses = [_status(signature, trust_roots, moment, RememberedChanges(digest)) for signature in embedded]
    findings.signatures = tuple(_found(e, s) for e, s in zip(embedded, statuses, strict=True))
    _check_signatures(embedded, statuses, findings)
    _check_report(findings)
    if known_sha256 is not None and known_sha256.lower() != digest:
        raise _Invalid(
            "register",
            f"The signatures are right, but this is not the file that was issued as {findings.number}: "
            "its SHA-256 differs from the register.",
            f"签名正确，但本文件不是作为 {findings.number} 签发的文件：其 SHA-256 与登记不符。",
        )


def _check_bytes(data: bytes, findings: _Findings) -> None:
    """What can be said from the bytes alone, without trusting any PDF parser."""
    if not data.startswith(b"%PDF-"):
        raise _Invalid("not-pdf", "This is not a PDF file.", "这不是 PDF 文件。")
    if len(data) > MOST_BYTES:
        raise _Invalid(
            "not-a-report", "The file is too large to be a report of this system.", "文件过大，不是本系统的报告。"
        )
    where = last_signature(data)
    if where is None:
        raise _Invalid(
            "no-signatures",
            "The PDF carries no readable signature; ask for the file as it was issued.",
            "该 PDF 不含可读的签名；请索取签发的原文件。",
        )
    _check_extent(len(data), where)
    findings.covers_whole_file = True
    if not (signed_bytes_intact(data, where) and signature_right(data, where)):
        raise _Invalid(
            "changed",
            "At least one byte of the signed content or of its signature was changed after signing.",
            "签名后，已签名的内容或签名本身至少有一个字节被改动。",
        )
    if not container_exact(data, where):
        raise _Invalid(
            "container",
            "The signed content is unchanged, but the bytes that hold the last signature were altered.",
            "已签名的内容未变，但存放最后一个签名的字节被改动。",
        )


def _check_extent(size: int, where: LastSignature) -> None:
    if where.end < size:
        raise _Invalid(
            "appended",
            f"Something was appended after the last signature ({size - where.end} bytes).",
            f"最后一个签名之后被追加了 {size - where.end} 个字节。",
        )
    if where.end > size:
        raise _Invalid(
            "truncated",
            f"The file is cut off: {where.end - size} signed bytes are missing at its end.",
            f"文件不完整：末尾缺少 {where.end - size} 个已签名的字节。",
        )


def _read_results(reader: PdfFileReader, findings: _Findings) -> None:
    for reference in reader.root.get("/AF", ()):
        specification = reference.get_object()
        if str(specification["/UF"]) == "results.json":
            results = json.loads(specification["/EF"]["/F"].data)
            if results["schema"] == RESULTS_SCHEMA:
                findings.number, findings.version = str(results["report"]), str(results["version"])
                findings.printed = {str(k): str(v) for k, v in results["printed"].items()}
                if old := results.get("replaces"):
                    findings.replaces = {name: str(old[name]) for name in ("report", "issued")}
                findings.segments = {str(run["number"]): tuple(run["segments"]) for run in results["runs"]}


def _status(
    signature: EmbeddedPdfSignature, trust_roots: Sequence[bytes], moment: datetime | None, changes: RememberedChanges
) -> PdfSignatureStatus:
    roots = [certificate for pem in trust_roots for certificate in load_certs_from_pemder_data(pem)]
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment)
    return validate_pdf_signature(signature, signer_validation_context=context, diff_policy=changes)


def _found(embedded: EmbeddedPdfSignature, status: PdfSignatureStatus) -> SignatureFound:
    roles: dict[str, Role] = {name: role for role, name in FIELD_NAMES.items()}
    return SignatureFound(
        role=roles.get(embedded.field_name),
        name=str(status.signing_cert.subject.native.get("common_name", "")),
        reason=str(embedded.sig_object.get("/Reason", "")),
        time=status.signer_reported_dt,
        intact=bool(status.intact and status.valid),
        trusted=bool(status.trusted),
    )


def _check_signatures(
    embedded: Sequence[EmbeddedPdfSignature], statuses: Sequence[PdfSignatureStatus], findings: _Findings
) -> None:
    for bad, code, en, zh in _REASONS:
        wrong = [s.name or "?" for s, status in zip(findings.signatures, statuses, strict=True) if bad(status)]
        if wrong:
            raise _Invalid(code, en.format(", ".join(wrong)), zh.format("、".join(wrong)))
    people = {status.signing_cert.public_key.dump() for status in statuses}
    if tuple(s.role for s in findings.signatures) != ROLES or len(people) != len(ROLES):
        raise _Invalid(
            "signers",
            "The file does not carry the three signatures of tester, reviewer and authorised signatory.",
            "文件不具备主检、审核、批准三人的签名。",
        )
    if statuses[-1].coverage != SignatureCoverageLevel.ENTIRE_FILE or not embedded:
        findings.covers_whole_file = False
        raise _Invalid("appended", "The last signature does not cover the whole file.", "最后一个签名未覆盖整个文件。")


_REASONS: tuple[tuple[Callable[[PdfSignatureStatus], bool], str, str, str], ...] = (
    (
        lambda status: not (status.intact and status.valid),
        "changed",
        "Content signed by {} was changed after signing.",
        "由 {} 签名的内容在签名后被改动。",
    ),
    (
        lambda status: not status.trusted,
        "unknown-authority",
        "The signature of {} comes from an authority that is not this laboratory's, or its certificate is out of date.",
        "{} 的签名证书不是由本机构签发，或已过有效期。",
    ),
    (
        lambda status: not status.bottom_line,
        "bad-signature",
        "After {} signed, the document was changed in a way that the signature does not permit.",
        "{} 签名后，文件以该签名不允许的方式被改动。",
    ),
)


def _check_report(findings: _Findings) -> None:
    if not findings.number or not findings.printed:
        raise _Invalid(
            "not-a-report",
            "The file is signed, but it is not a Heliobench report: it carries no results.json of ours.",
            "文件已签名，但不是 Heliobench 报告：不含本系统的 results.json。",
        )


def as_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict for programs."""
    signatures = [
        {
            "role": s.role,
            "name": s.name,
            "time": s.time.isoformat() if s.time else None,
            "intact": s.intact,
            "trusted": s.trusted,
        }
        for s in verdict.signatures
    ]
    return {
        "valid": verdict.valid,
        "code": verdict.code,
        "sentence_en": verdict.sentence_en,
        "sentence_zh": verdict.sentence_zh,
        "sha256": verdict.sha256,
        "report": verdict.report_number,
        "version": verdict.version,
        "covers_whole_file": verdict.covers_whole_file,
        "signatures": signatures,
        "printed": dict(verdict.printed),
        "replaces": dict(verdict.replaces),
    }
