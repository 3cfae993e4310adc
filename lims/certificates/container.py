"""The last signature's own bytes: the one part of a signed PDF that no signature covers.

A PDF signature covers the whole file except the hexadecimal text of its own CMS container. Inside that text, the case
of the digits, the zero padding and several fields of the container may change without any cryptographic check failing.
So the container is built again from the parts that *are* protected (certificate, signed attributes, signature value),
and the text must be exactly what `lims.certificates.sign` writes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from asn1crypto import cms  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_certificate

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSignature:
    """Where the last signature of a file stands: signed are [0, gap_start) and [gap_end, end)."""

    gap_start: int
    gap_end: int
    end: int


def last_signature(data: bytes) -> LastSignature | None:
    """The last byte range written in the file, or None if there is none that makes sense."""
    matches = _BYTE_RANGE.findall(data)
    if not matches:
        return None
    start, length, resume, rest = (int(number) for number in matches[-1])
    if start != 0 or not 0 < length < resume:
        return None
    return LastSignature(gap_start=length, gap_end=resume, end=resume + rest)


def signed_bytes_intact(data: bytes, where: LastSignature) -> bool:
    """Whether the signed bytes have the digest that stands in the container; False if there is no container."""
    container = _container(data, where)
    if container is None:
        return False
    digest = hashlib.sha256(data[: where.gap_start])
    digest.update(data[where.gap_end : where.end])
    return digest.digest() in [value.native for value in _values(container, "message_digest")]


def signature_right(data: bytes, where: LastSignature) -> bool:
    """Whether the container's own certificate (whoever issued it) made its signature, and is the one signed for."""
    container = _container(data, where)
    if container is None:
        return False
    signer = container["signer_infos"][0]
    try:
        certificate = container["certificates"][0].chosen.dump()
        key = load_der_x509_certificate(certificate).public_key()
        named = _values(container, "signing_certificate_v2")[0]["certs"][0]["cert_hash"].native
        if not isinstance(key, ec.EllipticCurvePublicKey) or named != hashlib.sha256(certificate).digest():
            return False
        key.verify(signer["signature"].native, signer["signed_attrs"].untag().dump(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, LookupError):
        return False
    return True


def container_exact(data: bytes, where: LastSignature) -> bool:
    """Whether the hexadecimal text is, byte for byte, the only one we would write for this signature."""
    container = _container(data, where)
    if container is None:
        return False
    text = data[where.gap_start : where.gap_end]
    expected = _rebuilt(container).hex().upper().encode().ljust(len(text) - 2, b"0")
    return text == b"<" + expected + b">"


def _container(data: bytes, where: LastSignature) -> cms.SignedData | None:
    text = data[where.gap_start : where.gap_end]
    if not re.fullmatch(rb"<(?:[0-9a-fA-F]{2})+>", text):
        return None
    try:
        info = cms.ContentInfo.load(bytes.fromhex(text[1:-1].decode()))
        _ = info["content"]["signer_infos"][0]["signed_attrs"].native, info["content"]["certificates"].native
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        return None  # Damaged beyond reading; the caller says so.
    return info["content"] if info["content_type"].native == "signed_data" else None


def _values(container: cms.SignedData, attribute: str) -> list[Any]:
    """The values of one signed attribute of the signer."""
    attributes = container["signer_infos"][0]["signed_attrs"]
    return [value for each in attributes if each["type"].native == attribute for value in each["values"]]


def _rebuilt(container: cms.SignedData) -> bytes:
    signer, certificate = container["signer_infos"][0], container["certificates"][0].chosen
    algorithm = {"algorithm": "sha256"}
    identifier = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    fresh = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": identifier}),
            "digest_algorithm": algorithm,
            "signed_attrs": signer["signed_attrs"],
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": signer["signature"].native,
        }
    )
    content = {
        "version": "v1",
        "digest_algorithms": [algorithm],
        "encap_content_info": {"content_type": "data"},
        "certificates": [certificate],
        "signer_infos": [fresh],
    }
    info = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(content)})
    return bytes(info.dump())
