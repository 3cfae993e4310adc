"""The laboratory's own certificate authority and its signers: EC P-256 keys in a private directory.

    root.key   root.pem            the authority; root.pem is what verifiers trust and what the laboratory publishes
    signer-<id>.key   signer-<id>.pem     one pair per person who signs

Private keys are PKCS#8 with mode 0600 in a directory of mode 0700. Everything here is idempotent: what exists is used.
A certificate lives long because reports are kept for years and carry no independent time stamp.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lims.errors import Refused

ROOT_YEARS, SIGNER_YEARS = 30, 15
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
_CLOCK_SLACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def name(self) -> str:
        """The common name: a person's or the authority's."""
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


@dataclass(frozen=True, slots=True)
class Authority:
    """The laboratory's certificate authority, open for issuing."""

    directory: Path
    root: Identity

    @property
    def root_pem(self) -> bytes:
        """The root certificate, to be published."""
        return self.root.certificate.public_bytes(Encoding.PEM)

    def signer(self, *, person: str, name: str, now: datetime) -> Identity:
        """The signer with this id; made, or certified again under a new name, when needed.

        ``person`` becomes a file name: letters, digits, ``-`` and ``_``. Raises `Refused` for any other.
        """
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", person):
            raise Refused(
                f"{person!r} cannot name a signer; use letters, digits, - and _.",
                f"{person!r} 不能用作签名人标识；只可用字母、数字、- 和 _。",
            )
        key = _key(self.directory / f"signer-{person}.key")
        path = self.directory / f"signer-{person}.pem"
        certificate = _certificate(path)
        if certificate is None or not _fits(certificate, key, name, self.root.certificate, now):
            certificate = _issue_signer(key, name, self.root, now)
            _write(path, certificate.public_bytes(Encoding.PEM), 0o644)
        return Identity(certificate, key)


def open_authority(directory: Path, *, laboratory: str, now: datetime) -> Authority:
    """The authority kept in ``directory``, made for ``laboratory`` on the first call.

    Raises `Refused` when a private key can be read by others, or when key and certificate do not belong together.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = _key(directory / "root.key")
    path = directory / "root.pem"
    certificate = _certificate(path)
    if certificate is None:
        certificate = _issue_root(key, laboratory, now)
        _write(path, certificate.public_bytes(Encoding.PEM), 0o644)
    if certificate.public_key() != key.public_key():
        raise Refused(
            f"{path.name} does not belong to root.key; restore both from the same backup.",
            f"{path.name} 与 root.key 不匹配；请从同一备份恢复两者。",
        )
    return Authority(directory, Identity(certificate, key))


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write(path, pem, 0o600)
        return key
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Refused(
            f"The private key {path.name} can be read by others; set its mode to 0600 and consider it compromised.",
            f"私钥 {path.name} 可被他人读取；请将权限改为 0600，并视其为已泄露。",
        )
    loaded = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise Refused(f"{path.name} holds no EC private key.", f"{path.name} 中不是 EC 私钥。")
    return loaded


def _certificate(path: Path) -> x509.Certificate | None:
    return x509.load_pem_x509_certificate(path.read_bytes()) if path.exists() else None


def _write(path: Path, data: bytes, mode: int) -> None:
    """Write by rename: a crash leaves the old file or the new one; the mode holds from the first byte."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)


def _fits(
    certificate: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    name: str,
    root: x509.Certificate,
    now: datetime,
) -> bool:
    in_time = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc
    ours = certificate.issuer == root.subject and certificate.public_key() == key.public_key()
    return in_time and ours and Identity(certificate, key).name == _fitting(name)


def _subject(name: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _fitting(organisation)),
            x509.NameAttribute(NameOID.COMMON_NAME, _fitting(name)),
        ]
    )


def _fitting(text: str) -> str:
    """As much of a name as X.509 takes: 64 bytes of UTF-8, cut between characters."""
    return text.encode()[:64].decode(errors="ignore")


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, years: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(now + timedelta(days=365 * years))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _issue_root(key: ec.EllipticCurvePrivateKey, laboratory: str, now: datetime) -> x509.Certificate:
    name = _subject(f"Root CA {laboratory}", laboratory)
    return (
        _builder(name, name, key, now, ROOT_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certify=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _issue_signer(key: ec.EllipticCurvePrivateKey, name: str, root: Identity, now: datetime) -> x509.Certificate:
    organisation = str(root.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value)
    public = root.key.public_key()
    return (
        _builder(_subject(name, organisation), root.certificate.subject, key, now, SIGNER_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certify=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(root.key, hashes.SHA256())
    )


def _usage(*, certify: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certify,
        content_commitment=not certify,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certify,
        crl_sign=certify,
        encipher_only=False,
        decipher_only=False,
    )
