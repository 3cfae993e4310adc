"""The laboratory's authority and its signers: private files, made once."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from lims.certificates.keys import Authority, open_authority
from lims.errors import Refused

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return open_authority(tmp_path / "keys", laboratory="太阳能检测中心", now=NOW)


def test_private_keys_are_readable_by_their_owner_only(authority: Authority) -> None:
    authority.signer(person="li-ming", name="李明", now=NOW)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in authority.directory.glob("*.key")}
    assert modes == {"root.key": 0o600, "signer-li-ming.key": 0o600}
    assert stat.S_IMODE(authority.directory.stat().st_mode) == 0o700


def test_opening_again_uses_what_is_there(authority: Authority) -> None:
    first = authority.signer(person="1", name="李明 LI Ming", now=NOW)
    again = open_authority(authority.directory, laboratory="另一名称", now=NOW + timedelta(days=400))
    assert again.root_pem == authority.root_pem
    second = again.signer(person="1", name="李明 LI Ming", now=NOW + timedelta(days=400))
    assert second.certificate == first.certificate


def test_a_signer_certificate_is_of_the_kind_that_signs_documents(authority: Authority) -> None:
    signer = authority.signer(person="1", name="李明 LI Ming", now=NOW)
    signer.certificate.verify_directly_issued_by(authority.root.certificate)
    usage = signer.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment
    assert not usage.key_cert_sign
    assert isinstance(signer.key.curve, ec.SECP256R1)
    assert signer.name == "李明 LI Ming"


def test_a_new_name_gets_a_new_certificate_for_the_same_key(authority: Authority) -> None:
    before = authority.signer(person="1", name="陈静", now=NOW)
    after = authority.signer(person="1", name="陈静 CHEN Jing", now=NOW)
    assert after.name == "陈静 CHEN Jing"
    assert after.certificate.public_key() == before.certificate.public_key()


def test_a_name_longer_than_x509_allows_is_cut_and_not_certified_anew_each_time(authority: Authority) -> None:
    name = "阿卜杜拉·" * 12
    first = authority.signer(person="1", name=name, now=NOW)
    assert name.startswith(first.name)
    assert authority.signer(person="1", name=name, now=NOW).certificate == first.certificate


def test_an_expired_certificate_is_replaced(authority: Authority) -> None:
    first = authority.signer(person="1", name="李明", now=NOW)
    later = NOW + timedelta(days=365 * 16)
    assert authority.signer(person="1", name="李明", now=later).certificate.not_valid_after_utc > later
    assert first.certificate.not_valid_after_utc < later


@pytest.mark.parametrize("person", ["", "../root", "a/b", "李明", "x" * 65, "a\n"])
def test_a_signer_id_that_is_no_plain_file_name_is_refused(person: str, authority: Authority) -> None:
    with pytest.raises(Refused, match="cannot name a signer"):
        authority.signer(person=person, name="李明", now=NOW)


def test_a_private_key_that_others_can_read_is_refused(authority: Authority) -> None:
    (authority.directory / "root.key").chmod(0o640)
    with pytest.raises(Refused, match="can be read by others"):
        open_authority(authority.directory, laboratory="太阳能检测中心", now=NOW)


def test_a_root_certificate_of_another_key_is_refused(authority: Authority, tmp_path: Path) -> None:
    other = open_authority(tmp_path / "other", laboratory="另一机构", now=NOW)
    (authority.directory / "root.pem").write_bytes(other.root_pem)
    with pytest.raises(Refused, match="does not belong to"):
        open_authority(authority.directory, laboratory="太阳能检测中心", now=NOW)
