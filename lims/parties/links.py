"""One-time links that are mailed: the token is made from the site's secret, the tables keep its digest.

token = HMAC-SHA-256(secret "links", purpose, number of the row, nonce of the row), so the sender of the mail makes it
again when it needs it, and neither the outbox nor a stolen database holds anything that opens a door.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import NotFound
from lims.laboratory import Laboratory
from lims.parties.models import Invitation, MailedLink
from lims.parties.queries import token_digest
from lims.settings import secret

PATHS = {"invitation": "/invitation/", "link": "/link/"}
PASSWORD, ADDRESS = "password", "address"


def fresh_nonce() -> str:
    """What makes a row's token another one each time it is mailed."""
    return secrets.token_urlsafe(24)


def token(laboratory: Laboratory, table: str, row_id: int, nonce: str) -> str:
    """The token of a row, the same each time it is asked for."""
    text = f"{table}\n{row_id}\n{nonce}".encode()
    made = hmac.new(secret(laboratory.settings, "links"), text, sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def open_invitation(session: Session, typed: str, now: datetime) -> Invitation:
    """The invitation of this token, if it can still be accepted; else `NotFound`, whatever is wrong."""
    select = sa.select(Invitation).where(Invitation.token_sha256 == token_digest(typed))
    found = session.scalar(select)
    if found is None or not usable(found, now):
        raise _useless()
    return found


def open_link(session: Session, typed: str, now: datetime) -> MailedLink:
    """The link of this token, if it can still be used; else `NotFound`."""
    found = session.scalar(sa.select(MailedLink).where(MailedLink.token_sha256 == token_digest(typed)))
    if found is None or not usable(found, now) or not found.person.admitted:
        raise _useless()
    return found


def usable(row: Invitation | MailedLink, now: datetime) -> bool:
    """Whether the row's link was neither used nor revoked and has not expired."""
    ended = (row.accepted_at or row.revoked_at) if isinstance(row, Invitation) else row.used_at
    return ended is None and now < row.expires_at


def address(laboratory: Laboratory, session: Session, table: str, row_id: int, now: datetime) -> str | None:
    """The address of a row's link under the setting base_url, never a host that a visitor named; None if useless."""
    row = session.get(Invitation, row_id) if table == "invitation" else session.get(MailedLink, row_id)
    if row is None or not usable(row, now):
        return None
    return laboratory.settings.base_url.rstrip("/") + PATHS[table] + token(laboratory, table, row_id, row.nonce)


def _useless() -> NotFound:
    return NotFound(
        "This link was used already, was withdrawn or has expired; ask for a new one.",
        "该链接已使用、已撤销或已过期；请重新申请。",
    )
