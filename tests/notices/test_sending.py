"""The outbox against a real SMTP server: sent once, tried again, given up, unknown; whatever breaks, never twice."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lims.demonstration import journey, people
from lims.errors import BadInput, Forbidden, Refused
from lims.laboratory import Laboratory
from lims.notices import operations, sending
from lims.notices.models import Mail
from lims.notices.sending import LEASE, PAUSES, send_due
from lims.notices.server import password
from lims.parties import operations as parties
from lims.parties.models import Person

Post = Any  # the fixture of conftest.py


def unused() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # what the server does has nothing to do with the database


def write(laboratory: Laboratory, username: str = "technician") -> int:
    """A mail in the outbox: the administrator sets somebody's password, and that somebody is told."""
    with laboratory.work(journey.actor(laboratory, "admin")) as work:
        person = work.session.get_one(Person, people.person(laboratory, username).id)
        parties.set_password(work, person, "a new password")
    with laboratory.database.read() as session:
        return int(session.scalar(sa.select(sa.func.max(Mail.id))) or 0)


def mail(laboratory: Laboratory, mail_id: int) -> Mail:
    with laboratory.database.read() as session:
        return session.get_one(Mail, mail_id)


def test_a_mail_is_sent_once_with_text_and_html_in_the_readers_language(mailing: Laboratory, post: Post) -> None:
    written = write(mailing)
    assert send_due(mailing) == {"sent": 1}
    assert send_due(mailing) == {}
    (got,) = post.messages()
    sent = mail(mailing, written)
    assert (sent.state, sent.answer, sent.attempts) == ("sent", "250 kept as 12345", 1)
    assert got["Subject"] == "您的密码已更改"
    assert got["Message-ID"] == sent.message_id
    assert got["To"].addresses[0].addr_spec == "technician@laboratory.example.org"
    assert got["From"].addresses[0].addr_spec == "lims@laboratory.example.org"
    assert got["Auto-Submitted"] == "auto-generated"
    text, html = (got.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "陈立，您好" in text
    assert "https://lims.example.org/account" in text
    assert '<a href="https://lims.example.org/account">' in html


@ONE_KIND
@pytest.mark.parametrize(("step", "answer"), [("RCPT", "451 try later"), ("DATA", "451 try later"), ("RCPT", "cut")])
def test_what_fails_before_it_is_taken_is_tried_again_after_a_pause(
    mailing: Laboratory, post: Post, step: str, answer: str
) -> None:
    written, post.said[step] = write(mailing), [answer]
    assert send_due(mailing) == {"failed": 1}
    assert send_due(mailing) == {}
    if answer != "cut":
        assert mail(mailing, written).answer == answer
    mailing.clock.pass_by(seconds=PAUSES[0].total_seconds())
    assert send_due(mailing) == {"sent": 1}
    assert len(post.kept) == 1


@ONE_KIND
@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_what_the_server_refuses_for_good_is_given_up_with_its_words(
    mailing: Laboratory, post: Post, step: str
) -> None:
    written, post.said[step] = write(mailing), ["550 no such user here"]
    assert send_due(mailing) == {"given_up": 1}
    mailing.clock.pass_by(days=30)
    assert send_due(mailing) == {}
    assert mail(mailing, written).answer == "550 no such user here"
    assert post.kept == []


@ONE_KIND
def test_a_server_that_is_away_is_tried_with_growing_pauses_and_given_up_at_the_end(mailing: Laboratory) -> None:
    mailing.settings = replace(mailing.settings, mail_port=1)
    written, states = write(mailing), []
    for pause in (*PAUSES, timedelta()):
        states += list(send_due(mailing))
        assert send_due(mailing) == {}
        mailing.clock.pass_by(seconds=pause.total_seconds())
    assert states == ["failed"] * len(PAUSES) + ["given_up"]
    assert "refused" in mail(mailing, written).answer


@ONE_KIND
def test_a_line_cut_after_the_mail_was_handed_over_is_unknown_and_never_sent_again_by_itself(
    mailing: Laboratory, post: Post
) -> None:
    written, post.said["DATA"] = write(mailing), ["cut"]
    assert send_due(mailing) == {"unknown": 1}
    mailing.clock.pass_by(days=30)
    assert send_due(mailing) == {}
    assert len(post.kept) == 1
    assert "line broke" in mail(mailing, written).answer
    with pytest.raises(Forbidden), mailing.work(journey.actor(mailing, "technician")) as work:
        operations.send_again(work, written)
    with mailing.work(journey.actor(mailing, "office")) as work:
        operations.send_again(work, written)
    assert send_due(mailing) == {"sent": 1}
    first, second = post.messages()
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize(("state", "becomes"), [("sending", {"sent": 1}), ("handing_over", {})])
def test_a_sender_killed_in_the_middle_leaves_a_mail_that_is_sent_again_only_if_it_cannot_have_been_delivered(
    mailing: Laboratory, post: Post, state: str, becomes: dict[str, int]
) -> None:
    written = write(mailing)
    claimed = sending._claim(mailing)
    assert claimed is not None
    if state == "handing_over":
        assert sending._moved(mailing, claimed, "sending", state="handing_over")
    assert send_due(mailing) == {}  # still under the lease of whoever was killed
    mailing.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    assert send_due(mailing) == becomes
    assert len(post.kept) == len(becomes)
    assert mail(mailing, written).state == ("sent" if becomes else "unknown")


@ONE_KIND
@pytest.mark.parametrize(("step", "state"), [("RCPT", "sending"), ("DATA", "handing_over")])
def test_a_sending_process_killed_outright_is_found_out_by_its_lease(
    mailing: Laboratory, post: Post, step: str, state: str
) -> None:
    written, settings = write(mailing), mailing.settings
    given = {
        "INSTANCE": settings.instance, "MAIL_HOST": "127.0.0.1", "MAIL_PORT": str(post.port), "MAIL_SECURITY": "none",
        "MAIL_FROM": settings.mail_from,
    }  # fmt: skip
    environment = os.environ | {f"HELIOBENCH_{name}": value for name, value in given.items()}
    command = [str(Path(sys.executable).parent / "heliobench"), "notices", "send"]
    with subprocess.Popen(command, env=environment) as process:
        post.killing[step] = process.pid
        assert process.wait(timeout=60) == -signal.SIGKILL
    assert mail(mailing, written).state == state
    mailing.clock.now = datetime.now(UTC) + LEASE + timedelta(minutes=1)
    assert send_due(mailing) == ({"sent": 1} if state == "sending" else {})
    assert len(post.kept) == 1
    assert mail(mailing, written).state == ("sent" if state == "sending" else "unknown")


@ONE_KIND
def test_a_sender_that_slept_past_its_lease_hands_nothing_over(mailing: Laboratory, post: Post) -> None:
    write(mailing)
    sleeper = sending._claim(mailing)
    assert sleeper is not None
    mailing.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    assert send_due(mailing) == {"sent": 1}
    outcome = sending._attempt(mailing, sleeper)
    sending._conclude(mailing, sleeper, outcome)
    assert outcome.state == "lost"
    assert len(post.kept) == 1
    assert mail(mailing, sleeper.id).state == "sent"


def test_two_senders_at_once_send_each_mail_once(mailing: Laboratory, post: Post) -> None:
    written = [write(mailing, name) for name in ("technician", "reviewer", "signatory", "office", "quality", "shen")]
    together = Barrier(3)

    def send(_: int) -> int:
        together.wait()
        return send_due(mailing).total()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(send, range(3))) == len(written)
    assert len({one["Message-ID"] for one in post.messages()}) == len(post.kept) == len(written)


@ONE_KIND
def test_a_mail_of_a_change_that_was_taken_back_does_not_exist(mailing: Laboratory) -> None:
    def fail() -> None:
        with mailing.work(journey.actor(mailing, "admin")) as work:
            person = work.session.get_one(Person, people.person(mailing, "technician").id)
            parties.set_password(work, person, "a new password")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with mailing.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Mail)) == 0


@ONE_KIND
def test_names_cannot_become_headers(mailing: Laboratory, post: Post) -> None:
    with mailing.database.write() as session:
        session.execute(
            sa.update(Person)
            .where(Person.username == "technician")
            .values(name_zh="陈\r\nBcc: thief@example.org\r\n\r\n<script>alert(1)</script>")
        )
    write(mailing)
    assert send_due(mailing) == {"sent": 1}
    (got,) = post.messages()
    assert got["Bcc"] is None
    assert "<script>" not in got.get_body(("html",)).get_content()


@ONE_KIND
def test_without_a_server_mails_stay_in_the_outbox_until_somebody_sends_them(
    laboratory: Laboratory, post: Post
) -> None:
    written = write(laboratory)
    assert send_due(laboratory) == {}
    assert mail(laboratory, written).state == "no_server"
    office = journey.actor(laboratory, "office")
    with pytest.raises(Refused, match="No mail server"), laboratory.work(office) as work:
        operations.send_again(work, written)
    laboratory.settings = replace(
        laboratory.settings, mail_host="127.0.0.1", mail_port=post.port, mail_security="none", mail_from="a@b.example"
    )
    assert send_due(laboratory) == {}
    with laboratory.work(office) as work:
        operations.send_again(work, written)
    with pytest.raises(Refused, match="on its way"), laboratory.work(office) as work:
        operations.send_again(work, written)
    assert send_due(laboratory) == {"sent": 1}


# --- TLS and the password -----------------------------------------------------------------------------------------


def certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@ONE_KIND
def test_the_password_goes_over_tls_only_and_comes_from_a_secret_file(
    mailing: Laboratory, post: Post, tmp_path: Path
) -> None:
    pem, free = certificate(tmp_path), unused()
    typed: list[tuple[bytes, bytes]] = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)

    def know(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        typed.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    controller = Controller(
        post, hostname="127.0.0.1", port=free, tls_context=context, require_starttls=True, authenticator=know
    )
    controller.start()
    mailing.settings = replace(
        mailing.settings, mail_host="localhost", mail_port=free,
        mail_security="starttls", mail_user="lims", mail_ca_file=str(pem),
    )  # fmt: skip
    try:
        written = write(mailing)
        assert send_due(mailing) == {"failed": 1}
        assert "has no password" in mail(mailing, written).answer
        mailing.clock.pass_by(days=1)
        secret = mailing.settings.instance_path / "secrets" / "mail-password"
        secret.write_text("wrong\n")
        assert send_due(mailing) == {"failed": 1}
        mailing.clock.pass_by(days=1)
        secret.write_text("right\n")
        assert send_due(mailing) == {"sent": 1}
        assert set(typed) == {(b"lims", b"wrong"), (b"lims", b"right")}
        known = len(typed)
        write(mailing)
        mailing.settings = replace(mailing.settings, mail_ca_file="")
        assert send_due(mailing) == {"failed": 1}  # an authority nobody knows: no password for whoever that is
        assert len(typed) == known
    finally:
        controller.stop()


@ONE_KIND
def test_a_password_is_never_sent_without_tls(laboratory: Laboratory) -> None:
    with pytest.raises(BadInput, match="not sent without TLS"):
        password(replace(laboratory.settings, mail_security="none", mail_user="lims"))
