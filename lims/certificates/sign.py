"""Three PAdES signatures on a report: tester, reviewer, authorised signatory, each covering all that came before.

Signatures are invisible: names, functions and times stand in the typeset table, so that no font or picture is added to
the PDF/A file after it was made. The first one certifies the document and permits nothing but further signatures.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lims.certificates.facts import Role
from lims.certificates.keys import Identity
from lims.errors import Refused

ROLES: tuple[Role, ...] = ("tested", "reviewed", "authorised")
FIELD_NAMES: dict[Role, str] = {
    "tested": "HeliobenchTested",
    "reviewed": "HeliobenchReviewed",
    "authorised": "HeliobenchAuthorised",
}
REASONS: dict[Role, str] = {
    "tested": "主检 Tested",
    "reviewed": "审核 Reviewed",
    "authorised": "批准 Authorised",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """One signature to be set: in which role, by whom."""

    role: Role
    identity: Identity


def sign_report(pdf: bytes, signers: Sequence[Signer]) -> bytes:
    """The report with its three signatures, in the order tested, reviewed, authorised.

    Raises `Refused` when a role is missing or doubled, or when one person would sign twice.
    """
    if tuple(signer.role for signer in signers) != ROLES:
        raise Refused(
            "A report is signed by tester, reviewer and authorised signatory, once each, in this order.",
            "报告须依次由主检、审核、批准三人各签名一次。",
        )
    if len({signer.identity.key.public_key().public_numbers() for signer in signers}) != len(ROLES):
        raise Refused(
            "One person cannot sign a report in two roles; three different people must sign.",
            "同一人不得以两种职责签署报告；须由三个不同的人签名。",
        )
    for signer in signers:
        pdf = _sign(pdf, signer)
    return pdf


def _sign(pdf: bytes, signer: Signer) -> bytes:
    metadata = PdfSignatureMetadata(
        field_name=FIELD_NAMES[signer.role],
        name=signer.identity.name,
        reason=REASONS[signer.role],
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        certify=signer.role == ROLES[0],
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    signed = PdfSigner(metadata, signer=_simple_signer(signer.identity)).sign_pdf(writer)
    return bytes(signed.getbuffer())


def _simple_signer(identity: Identity) -> SimpleSigner:
    key = identity.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(
        signing_cert=next(load_certs_from_pemder_data(identity.certificate.public_bytes(Encoding.DER))),
        signing_key=load_private_key_from_pemder_data(key, passphrase=None),
        # Nothing but the signer's own certificate goes into the file: every byte of it is then checked.
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
        embed_roots=False,
    )
