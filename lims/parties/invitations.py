"""Verbs about invitations: somebody is asked by e-mail to become a user, and sets name and password on a page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import BadInput, Forbidden, NotFound, Refused, refuse
from lims.laboratory import Work
from lims.parties import addresses, links, queries
from lims.parties.models import Company, Invitation, Person, PersonRole
from lims.parties.operations import new_person, roles_clash
from lims.parties.queries import token_digest
from lims.permissions import Role

DAYS = 7  # an invitation works so long
LANGUAGES = ("zh", "en")


def invite(
    work: Work, *, email: str, name: str = "", roles: Iterable[Role] = (), company: Company | None = None,
    company_admin: bool = False, language: str = "zh",
) -> Invitation:  # fmt: skip
    """Ask somebody to become a user: staff by the administrator, a company's by the office or the company's own.

    Raises `Forbidden` for whom the actor may not invite, `BadInput` for an address that cannot be, `Refused` for roles
    that do not go together or somebody who was invited already.
    """
    chosen = frozenset({Role.COMPANY} if company else roles)
    _require_may_invite(work, company)
    refuse(roles_clash(chosen, company))
    address = addresses.require(email)
    if company is not None and not company.active:
        raise Refused(f"{company.code} is closed; open it first.", f"{company.code} 已停用；请先恢复使用。")
    _require_new(work, address)
    invitation = Invitation(
        email=address, name=name.strip()[:60], roles=" ".join(sorted(chosen)),
        company_id=company.id if company else None,
        company_admin=company_admin and company is not None, language=language if language in LANGUAGES else "zh",
        invited_by_id=_id(work), created_at=work.now, expires_at=work.now, nonce="", token_sha256=links.fresh_nonce(),
    )  # fmt: skip
    work.session.add(invitation)
    work.session.flush()
    _mail(work, invitation)
    return invitation


def send_again(work: Work, invitation_id: int) -> Invitation:
    """A new link for an open or expired invitation; the one before stops working."""
    invitation = _open(work, invitation_id)
    _mail(work, invitation)
    return invitation


def revoke(work: Work, invitation_id: int) -> Invitation:
    """The link stops working at once."""
    invitation = _open(work, invitation_id)
    invitation.revoked_at = work.now
    work.record("invitation", str(invitation.id), "revoke", email=invitation.email)
    return invitation


def accept(work: Work, token: str, *, username: str, name_zh: str, name_en: str, password: str) -> Person:
    """The invited person becomes a user with a proved address; the link is used up.

    Raises `Refused` for a link of no use, `BadInput` for a name or password that cannot be.
    """
    invitation = links.open_invitation(work.session, token, work.now)
    if not name_zh.strip():
        raise BadInput("Give your name.", "请填写您的姓名。")
    if invitation.company is not None and not invitation.company.active:
        raise Refused("This company is closed; ask the laboratory.", "该委托单位已停用；请联系本中心。")
    person = new_person(
        work, username=username, name_zh=name_zh.strip(), name_en=name_en.strip() or name_zh.strip(), password=password,
        email=invitation.email,
    )  # fmt: skip
    person.company_id, person.company_admin = invitation.company_id, invitation.company_admin
    person.email_verified_at, person.language = work.now, invitation.language
    person.role_rows = [PersonRole(role=Role(role)) for role in invitation.roles.split()]
    work.session.flush()
    invitation.accepted_at, invitation.person_id = work.now, person.id
    company = invitation.company.code if invitation.company else ""
    work.record("person", person.username, "add", roles=invitation.roles.split(), company=company)
    work.record("invitation", str(invitation.id), "accept", email=invitation.email, username=person.username)
    return person


def proposed_username(session: Session, invitation: Invitation) -> str:
    """A free user name made of the address, for the form; the invited person may choose another."""
    start = "".join(c for c in invitation.email.partition("@")[0].lower() if c.isalnum() or c in "_-")[:50] or "user"
    names = [start, *(f"{start}{number}" for number in range(2, 100))]
    taken = set(session.scalars(sa.select(Person.username).where(Person.username.in_(names))))
    return next((name for name in names if name not in taken), "")


def _mail(work: Work, invitation: Invitation) -> None:
    invitation.nonce = links.fresh_nonce()
    invitation.expires_at = work.now + timedelta(days=DAYS)
    token = links.token(work.laboratory, "invitation", invitation.id, invitation.nonce)
    invitation.token_sha256 = token_digest(token)
    work.session.flush()
    work.record("invitation", str(invitation.id), "invite", email=invitation.email, roles=invitation.roles, days=DAYS)


def _open(work: Work, invitation_id: int) -> Invitation:
    invitation = work.session.get(Invitation, invitation_id)
    if invitation is None or not _mine(work, invitation):
        raise NotFound("There is no such invitation.", "没有该邀请。")
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise Refused("This invitation was accepted or withdrawn already.", "该邀请已被接受或撤销。")
    return invitation


def _mine(work: Work, invitation: Invitation) -> bool:
    try:
        _require_may_invite(work, invitation.company)
    except Forbidden:
        return False
    return True


def _require_may_invite(work: Work, company: Company | None) -> None:
    if company is None:
        work.actor.require("people.manage")
        return
    actor = work.session.get(Person, work.actor.id) if work.actor.id else None
    own = actor is not None and actor.company_id == company.id and actor.company_admin
    if not own:
        work.actor.require("company.manage")


def _require_new(work: Work, address: str) -> None:
    if queries.person_by_email(work.session, address) is not None:
        raise Refused(
            "A user with this e-mail address exists already; a forgotten password is set anew on the sign-in page.",
            "该邮箱已有用户；忘记密码可在登录页重置。",
        )
    waiting = sa.select(Invitation.id).where(
        Invitation.email == address, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None),
        Invitation.expires_at > work.now,
    )  # fmt: skip
    if work.session.scalar(waiting.limit(1)) is not None:
        raise Refused(
            "This address was invited already; send that invitation again.", "该邮箱已有邀请；请重新发送该邀请。"
        )


def _id(work: Work) -> int:
    if work.actor.id is None:
        raise Refused("A named person invites.", "邀请须由具名人员发出。")
    return work.actor.id
