"""Sending the outbox: each mail claimed by one sender, handed to the server at most once.

A mail goes queued → sending → handing_over → sent. Everything that fails before `handing_over` is certain not to have
been delivered and is tried again with growing pauses; what the server refuses for good is given up. Whoever dies or
loses the line while the mail itself is being handed over leaves it *unknown*: the server may have it or not, and only a
person may send it again (with the same Message-ID, by which a mail program recognises a second copy). Every step is a
compare-and-set on state and number of the attempt, so that a sender that slept past its lease changes nothing.
"""

from __future__ import annotations

import logging
import smtplib
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from lims.errors import BadInput
from lims.laboratory import Laboratory
from lims.notices.message import LinkExpired, compose
from lims.notices.models import Mail
from lims.notices.server import connect

LEASE = timedelta(minutes=5)  # a sender that has not finished by then is taken for dead
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))  # then it is given up
DUE = ("queued", "failed")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: the mail's new state and the words of the server or of the line."""

    state: str
    answer: str


def send_due(laboratory: Laboratory, *, most: int = 500) -> Counter[str]:
    """Send what is due; returns how many mails ended in which state. Safe to run at several places at once."""
    done: Counter[str] = Counter()
    if not laboratory.settings.mail_host:
        return done
    _take_back(laboratory)
    while done.total() < most and (mail := _claim(laboratory)):
        outcome = _attempt(laboratory, mail)
        _conclude(laboratory, mail, outcome)
        done[outcome.state] += 1
    return done


def _take_back(laboratory: Laboratory) -> None:
    """Leases that ran out: what was not yet being handed over is queued again, the rest is unknown."""
    now = laboratory.clock()
    with laboratory.database.write() as session:
        late = sa.update(Mail).where(Mail.lease_until < now)
        session.execute(
            late.where(Mail.state == "sending").values(
                state="failed",
                due_at=now,
                lease_until=None,
                answer="The sender stopped before the mail was handed over.",
            )
        )
        session.execute(
            late.where(Mail.state == "handing_over").values(
                state="unknown", lease_until=None, answer="The sender stopped while the mail was being handed over."
            )
        )


def _claim(laboratory: Laboratory) -> Mail | None:
    """The mail that is due longest, claimed for this sender; None if nothing is due."""
    now = laboratory.clock()
    due = sa.select(Mail).where(Mail.state.in_(DUE), Mail.due_at <= now).order_by(Mail.due_at, Mail.id).limit(1)
    with laboratory.database.read() as session:  # most of the time there is nothing, and nobody has to wait for it
        if session.scalar(due) is None:
            return None
    with laboratory.database.write() as session:
        mail = session.scalar(due.with_for_update(skip_locked=True, of=Mail))
        if mail is not None:
            mail.state, mail.attempts, mail.lease_until = "sending", mail.attempts + 1, now + LEASE
        return mail


def _attempt(laboratory: Laboratory, mail: Mail) -> Outcome:
    try:
        message = compose(laboratory, mail)
    except LinkExpired as expired:
        return Outcome("given_up", str(expired))
    try:
        with connect(laboratory.settings) as server:
            return _converse(laboratory, mail, server, message.as_bytes())
    except BadInput as wrong:  # our own settings: told in the outbox, tried again
        return _again(mail, str(wrong.sentence))
    except smtplib.SMTPResponseException as refused:
        return _refused(mail, refused.smtp_code, refused.smtp_error, for_good=False)
    except (OSError, smtplib.SMTPException) as error:
        return _again(mail, str(error) or type(error).__name__)


def _converse(laboratory: Laboratory, mail: Mail, server: smtplib.SMTP, message: bytes) -> Outcome:
    """One delivery on an open line."""
    for code, words in (server.mail(laboratory.settings.mail_from), server.rcpt(mail.to_address)):
        if code // 100 != 2:
            return _refused(mail, code, words)
    if not _moved(laboratory, mail, "sending", state="handing_over"):
        return Outcome("lost", "")
    try:
        code, words = server.data(message)
    except smtplib.SMTPDataError as refused:  # refused before the first byte of the message
        return _refused(mail, refused.smtp_code, refused.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(
            "unknown", f"The line broke while the mail was being handed over: {error or type(error).__name__}"
        )
    if code // 100 != 2:
        return _refused(mail, code, words)
    return Outcome("sent", _text(code, words))


def _refused(mail: Mail, code: int, words: bytes | str, *, for_good: bool = True) -> Outcome:
    """A refusal with a code: 5xx is for good unless it is about us (signing in), 4xx is tried again."""
    return Outcome("given_up", _text(code, words)) if code >= 500 and for_good else _again(mail, _text(code, words))


def _again(mail: Mail, answer: str) -> Outcome:
    return Outcome("failed" if mail.attempts <= len(PAUSES) else "given_up", answer)


def _text(code: int, words: bytes | str) -> str:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(said.split())}"[:1000]


def _conclude(laboratory: Laboratory, mail: Mail, outcome: Outcome) -> None:
    if outcome.state == "lost":  # another sender has taken this mail over: it is that one's to conclude
        return
    now = laboratory.clock()
    values: dict[str, object] = {"state": outcome.state, "answer": outcome.answer, "lease_until": None}
    if outcome.state == "sent":
        values["sent_at"] = now
    if outcome.state == "failed":
        values["due_at"] = now + PAUSES[mail.attempts - 1]
    _moved(laboratory, mail, "sending", "handing_over", "unknown", **values)
    if outcome.state != "sent":
        log.warning("mail %s to %s: %s (%s)", mail.id, mail.to_address, outcome.state, outcome.answer)


def _moved(laboratory: Laboratory, mail: Mail, *sources: str, **values: object) -> bool:
    """Compare-and-set: only this attempt's row in one of these states."""
    with laboratory.database.write() as session:
        row = sa.update(Mail).where(Mail.id == mail.id, Mail.attempts == mail.attempts, Mail.state.in_(sources))
        moved: bool = session.execute(row.values(**values)).rowcount == 1  # type: ignore[attr-defined]
    return moved
