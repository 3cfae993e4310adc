"""A new password by e-mail: asked for by anybody, answered later and only to a proved address.

The page only writes down what was typed, the same for a known and an unknown name, and says the same; the courier
looks the name up afterwards. So neither words nor time tell whether somebody has an account.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from lims.errors import Refused
from lims.laboratory import SYSTEM, Laboratory, Work
from lims.parties import links
from lims.parties.models import MailedLink, Person, ResetRequest
from lims.parties.operations import replace_password
from lims.parties.queries import token_digest

HOURS = 2  # a link for a new password works so long
MOST, MOST_ADDRESS = 3, 20  # requests an hour for one name, and from one address of the net


def ask(work: Work, *, typed: str, address: str) -> None:
    """Write down that somebody asked; `Refused` if it was too often for this name or from this address."""
    typed, address, since = typed.strip().lower()[:200], address[:60], work.now - timedelta(hours=1)
    for column, value, most in ((ResetRequest.typed, typed, MOST), (ResetRequest.address, address, MOST_ADDRESS)):
        count = sa.select(sa.func.count()).where(column == value, ResetRequest.at > since)
        if (work.session.scalar(count) or 0) >= most:
            raise Refused(
                "A new password was asked for too often; wait an hour and try again.",
                "申请过于频繁；请一小时后再试。",
            )
    work.session.add(ResetRequest(at=work.now, typed=typed, address=address))


def answer_requests(laboratory: Laboratory) -> int:
    """Mail a link to each active person of a name or proved address that was asked for; returns how many."""
    with laboratory.database.read() as session:
        if session.scalar(sa.select(ResetRequest.id).where(ResetRequest.answered_at.is_(None)).limit(1)) is None:
            return 0
    with laboratory.work(SYSTEM) as work:
        waiting = sa.select(ResetRequest).where(ResetRequest.answered_at.is_(None)).order_by(ResetRequest.id)
        mailed = 0
        for request in work.session.scalars(waiting).all():
            request.answered_at = work.now
            for person in _people(work, request.typed):
                send_link(work, person, links.PASSWORD, person.email, "send_reset", HOURS)
                mailed += 1
        return mailed


def _people(work: Work, typed: str) -> list[Person]:
    named = sa.or_(sa.func.lower(Person.username) == typed, sa.func.lower(Person.email) == typed)
    found = work.session.scalars(sa.select(Person).where(named, Person.email_verified_at.is_not(None))).unique()
    return [person for person in found if person.admitted and person.email]


def send_link(work: Work, person: Person, purpose: str, email: str, action: str, hours: int) -> MailedLink:
    """A one-time link for a person, mailed by the event that tells of it."""
    nonce = links.fresh_nonce()
    link = MailedLink(
        purpose=purpose, person_id=person.id, email=email, created_at=work.now,
        expires_at=work.now + timedelta(hours=hours), nonce=nonce, token_sha256=nonce,
    )  # fmt: skip
    work.session.add(link)
    work.session.flush()
    link.token_sha256 = token_digest(links.token(work.laboratory, "link", link.id, nonce))
    work.session.flush()
    work.record("person", person.username, action, link=link.id, hours=hours)
    return link


def set_password_by_link(work: Work, token: str, password: str) -> Person:
    """The new password; the link and every other one for a password is used up, every session ends."""
    link = links.open_link(work.session, token, work.now)
    if link.purpose != links.PASSWORD:
        raise Refused("This link is for something else.", "该链接用于其他用途。")
    others = sa.update(MailedLink).where(
        MailedLink.person_id == link.person_id, MailedLink.purpose == links.PASSWORD, MailedLink.used_at.is_(None)
    )
    replace_password(work, link.person, password)
    work.session.execute(others.values(used_at=work.now))
    return link.person
