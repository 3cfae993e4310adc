"""Signing, and every way in which a signed report can be tampered with."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.diff_analysis import StandardDiffPolicy
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lims.certificates import facts as f
from lims.certificates.container import LastSignature, last_signature
from lims.certificates.document import Content, compose, printed_digits, results_attachment
from lims.certificates.keys import Authority, open_authority
from lims.certificates.render import render, results_file
from lims.certificates.revisions import RememberedChanges
from lims.certificates.sign import Signer, sign_report
from lims.certificates.verify import Verdict, verify_pdf
from lims.errors import Refused

Signers = Callable[[Authority], list[Signer]]


@pytest.fixture(scope="module")
def roots(authority: Authority) -> list[bytes]:
    return [authority.root_pem]


@pytest.fixture(scope="module")
def gap(signed: bytes) -> LastSignature:
    found = last_signature(signed)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return open_authority(tmp_path_factory.mktemp("stranger"), laboratory="假冒机构", now=datetime.now(UTC))


def with_byte(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + bytes([value]) + data[at + 1 :]


def refused(verdict: Verdict, code: str) -> bool:
    return not verdict.valid and verdict.code == code and bool(verdict.sentence_zh)


def test_a_report_as_issued_is_valid_and_names_its_three_signers(
    signed: bytes, roots: list[bytes], content: Content
) -> None:
    verdict = verify_pdf(signed, roots, known_sha256=hashlib.sha256(signed).hexdigest())
    assert verdict.valid
    assert verdict.code == "valid"
    assert verdict.covers_whole_file
    assert (verdict.report_number, verdict.version) == ("HB-2026-00001", "1")
    assert [(s.role, s.name) for s in verdict.signatures] == [
        ("tested", "李明 LI Ming"),
        ("reviewed", "陈静 CHEN Jing"),
        ("authorised", "周建国 ZHOU Jianguo"),
    ]
    assert all(s.intact and s.trusted and s.time for s in verdict.signatures)
    assert verdict.printed == printed_digits(content)


def test_signing_leaves_the_typeset_file_untouched_at_its_beginning(signed: bytes, unsigned: bytes) -> None:
    assert signed.startswith(unsigned)


def test_signatures_are_set_in_order_by_three_different_people(
    unsigned: bytes, authority: Authority, signers: Signers
) -> None:
    tester, reviewer, signatory = signers(authority)
    with pytest.raises(Refused, match="in this order"):
        sign_report(unsigned, [reviewer, tester, signatory])
    with pytest.raises(Refused, match="in this order"):
        sign_report(unsigned, [tester, reviewer])
    with pytest.raises(Refused, match="three different people"):
        sign_report(unsigned, [tester, Signer(role="reviewed", identity=tester.identity), signatory])


def test_the_changes_between_revisions_are_looked_for_once_for_a_file_and_anew_for_another(
    signed: bytes, roots: list[bytes], authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Any] = []
    asked = StandardDiffPolicy.review_file
    monkeypatch.setattr(RememberedChanges, "_known", {})
    monkeypatch.setattr(
        StandardDiffPolicy, "review_file", lambda self, *what, **spec: looked.append(what) or asked(self, *what, **spec)
    )
    first = verify_pdf(signed, roots)
    assert len(looked) == 2  # after the first and the second signature; nothing follows the third
    assert verify_pdf(signed, roots) == first
    assert len(looked) == 2
    assert refused(verify_pdf(_signed_once_more(_updated(signed), authority), roots), "bad-signature")
    assert len(looked) == 5


def test_a_file_that_differs_from_the_register_is_not_valid(signed: bytes, roots: list[bytes]) -> None:
    assert refused(verify_pdf(signed, roots, known_sha256="0" * 64), "register")


def test_signatures_of_another_authority_are_not_valid(signed: bytes, stranger: Authority) -> None:
    verdict = verify_pdf(signed, [stranger.root_pem])
    assert refused(verdict, "unknown-authority")
    assert verdict.report_number == "HB-2026-00001"
    assert refused(verify_pdf(signed, []), "unknown-authority")


def test_certificates_out_of_date_are_not_valid(signed: bytes, roots: list[bytes]) -> None:
    later = datetime.now(UTC) + timedelta(days=365 * 40)
    assert refused(verify_pdf(signed, roots, moment=later), "unknown-authority")


def test_bytes_appended_after_the_last_signature_are_found(signed: bytes, roots: list[bytes]) -> None:
    assert refused(verify_pdf(signed + b"\n", roots), "appended")


def test_an_incremental_update_over_the_signed_pages_is_found(signed: bytes, roots: list[bytes]) -> None:
    assert refused(verify_pdf(_updated(signed), roots), "appended")


def test_an_update_signed_again_by_a_stranger_is_found(signed: bytes, roots: list[bytes], stranger: Authority) -> None:
    assert refused(verify_pdf(_signed_once_more(_updated(signed), stranger), roots), "unknown-authority")


def test_an_update_signed_again_by_one_of_us_is_found(signed: bytes, roots: list[bytes], authority: Authority) -> None:
    assert refused(verify_pdf(_signed_once_more(_updated(signed), authority), roots), "bad-signature")


def test_a_fourth_signature_of_one_of_us_makes_it_no_report(
    signed: bytes, roots: list[bytes], authority: Authority
) -> None:
    assert refused(verify_pdf(_signed_once_more(signed, authority), roots), "signers")


def test_a_report_cut_back_to_two_signatures_lacks_its_signatory(signed: bytes, roots: list[bytes]) -> None:
    cut = signed[: _ends(signed)[1]]
    verdict = verify_pdf(cut, roots)
    assert refused(verdict, "signers")
    assert [s.role for s in verdict.signatures] == ["tested", "reviewed"]


def test_a_truncated_file_says_so(signed: bytes, roots: list[bytes]) -> None:
    assert refused(verify_pdf(signed[:-1], roots), "truncated")


def test_an_unsigned_report_has_no_signatures(unsigned: bytes, roots: list[bytes]) -> None:
    assert refused(verify_pdf(unsigned, roots), "no-signatures")


def test_a_signed_file_of_another_kind_is_no_report(
    content: Content, authority: Authority, signers: Signers, roots: list[bytes]
) -> None:
    other = sign_report(render(content), signers(authority))
    assert refused(verify_pdf(other, roots), "not-a-report")


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04 zip", "报告".encode(), b"\x00" * 4096])
def test_what_is_no_pdf_is_called_so(data: bytes, roots: list[bytes]) -> None:
    assert refused(verify_pdf(data, roots), "not-pdf")


def test_a_digit_exchanged_in_the_attached_results_is_found(
    facts: f.ReportFacts, outcome: dict[str, Any], authority: Authority, signers: Signers, roots: list[bytes]
) -> None:
    content = compose(facts)
    attached = results_attachment(content, outcome)
    signed = sign_report(render(content, attachments=[results_file(attached)]), signers(authority))
    forged = bytearray(signed)
    forged[len(signed) // 3] ^= 1
    assert refused(verify_pdf(bytes(forged), roots), "changed")


def test_the_case_of_a_digit_in_the_signature_container_is_found(
    signed: bytes, gap: LastSignature, roots: list[bytes]
) -> None:
    letter = next(i for i in range(gap.gap_start, gap.gap_end) if chr(signed[i]) in "ABCDEF")
    assert refused(verify_pdf(with_byte(signed, letter, signed[letter] | 0x20), roots), "container")


def test_the_padding_of_the_signature_container_is_found(signed: bytes, gap: LastSignature, roots: list[bytes]) -> None:
    assert refused(verify_pdf(with_byte(signed, gap.gap_end - 2, ord("1")), roots), "container")


def test_no_byte_of_the_container_can_be_changed(signed: bytes, gap: LastSignature, roots: list[bytes]) -> None:
    for at in range(gap.gap_start, gap.gap_end, 61):
        for value in {signed[at] ^ 1, signed[at] ^ 0x20, ord(" "), ord("0")} - {signed[at]}:
            assert not verify_pdf(with_byte(signed, at, value), roots).valid


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_one_changed_byte_anywhere_is_never_valid(signed: bytes, roots: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(signed) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda byte: byte != signed[at]))
    verdict = verify_pdf(with_byte(signed, at, value), roots)
    assert not verdict.valid
    assert verdict.sentence_en
    assert verdict.sentence_zh


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_piece_cut_out_or_put_in_is_never_valid(signed: bytes, roots: list[bytes], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(signed) - 1))
    stop = data.draw(st.integers(start, len(signed)))
    piece = data.draw(st.binary(max_size=40))
    made = signed[:start] + piece + signed[stop:]
    assert verify_pdf(made, roots).valid == (made == signed)


@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=400), prefix=st.sampled_from([b"", b"%PDF-1.7\n"]))
def test_no_bytes_whatever_make_verification_raise(data: bytes, prefix: bytes, roots: list[bytes]) -> None:
    claim = b"/ByteRange [0 9 11 5]" if len(data) % 3 == 0 else b""
    assert not verify_pdf(prefix + claim + data, roots).valid


def test_a_root_that_is_no_certificate_makes_nothing_valid(signed: bytes) -> None:
    assert not verify_pdf(signed, [b"no certificate"]).valid


def _updated(data: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page = writer.root["/Pages"]["/Kids"][0]
    page[pdf_name("/Fake")] = pdf_string("0.999")
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _signed_once_more(data: bytes, authority: Authority) -> bytes:
    authority.signer(person="9", name="第四人", now=datetime.now(UTC))
    folder: Path = authority.directory
    signer = SimpleSigner(
        signing_cert=next(load_certs_from_pemder_data((folder / "signer-9.pem").read_bytes())),
        signing_key=load_private_key_from_pemder_data((folder / "signer-9.key").read_bytes(), passphrase=None),
        cert_registry=SimpleCertificateStore(),
        embed_roots=False,
    )
    metadata = PdfSignatureMetadata(field_name="Extra")
    return PdfSigner(metadata, signer=signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data))).getvalue()


def _ends(data: bytes) -> list[int]:
    ends, start = [], 0
    while (found := data.find(b"/ByteRange", start)) >= 0:
        numbers = data[found : found + 80].split(b"[")[1].split(b"]")[0].split()
        ends.append(int(numbers[2]) + int(numbers[3]))
        start = found + 10
    return ends
