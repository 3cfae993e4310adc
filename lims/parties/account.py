"""What a person does with the own account: password, language, address; everything else is the administrator's."""

from __future__ import annotations

import sqlalchemy as sa

from lims.errors import BadInput, Refused
from lims.laboratory import Laboratory, Work
from lims.parties import addresses, links, queries
from lims.parties.models import MailedLink, Person
from lims.parties.operations import HASHER, own_password, require_password
from lims.parties.resets import send_link
from lims.parties.sessions import end_sessions

HOURS = 24  # a link that proves an address works so long
LANGUAGES = ("zh", "en")


def change_password(
    laboratory: Laboratory, person: Person, *, old: str, new: str, address: str, session_id: int | None
) -> None:
    """The own password, after the old one; every other session ends, this one goes on."""
    if not own_password(laboratory, person, old, address=address):
        raise Refused("The present password is wrong; nothing was changed.", "当前密码错误，未作任何更改。")
    with laboratory.work(person.actor) as work:
        require_password(new)
        mine = work.session.get_one(Person, person.id)
        mine.password_hash = HASHER.hash(new)
        end_sessions(work, [person.id], but=session_id)
        work.record("person", person.username, "set_password")


def set_language(work: Work, language: str) -> None:
    """The language of the pages and mails the actor reads."""
    if language not in LANGUAGES:
        raise BadInput("Choose Chinese or English.", "请选择中文或英文。")
    person = _me(work)
    person.language = language


def set_names(work: Work, *, name_zh: str, name_en: str) -> None:
    """A company's user corrects the own name; staff's names stand on reports and are the administrator's."""
    if work.actor.company_id is None:
        raise Refused("Names of staff are kept by the administrator.", "本中心人员的姓名由系统管理员维护。")
    if not name_zh.strip():
        raise BadInput("Give your name.", "请填写您的姓名。")
    person, given = _me(work), {"name_zh": name_zh.strip(), "name_en": name_en.strip() or name_zh.strip()}
    changed = {key: [getattr(person, key), value] for key, value in given.items() if getattr(person, key) != value}
    for key, (_, value) in changed.items():
        setattr(person, key, value)
    if changed:
        work.record("person", person.username, "change", changed=changed)


def ask_address(work: Work, email: str) -> MailedLink:
    """Another e-mail address: it counts as soon as the link mailed to it was opened."""
    person, address = _me(work), addresses.require(email)
    other = queries.person_by_email(work.session, address)
    if other is not None and other.id == person.id:
        raise Refused("This is your address already.", "这已是您的邮箱。")
    return send_link(work, person, links.ADDRESS, address, "ask_address", HOURS)


def prove_address(work: Work, token: str) -> Person:
    """The link was opened: the address is the person's. The old one is told."""
    link = links.open_link(work.session, token, work.now)
    if link.purpose != links.ADDRESS:
        raise Refused("This link is for something else.", "该链接用于其他用途。")
    if queries.person_by_email(work.session, link.email) not in (None, link.person):
        raise Refused("Another user has this address.", "该邮箱已被其他用户使用。")
    person, old = link.person, link.person.email if link.person.email_verified_at else ""
    person.email, person.email_verified_at, link.used_at = link.email, work.now, work.now
    others = sa.update(MailedLink).where(MailedLink.person_id == person.id, MailedLink.used_at.is_(None))
    work.session.execute(others.values(used_at=work.now))  # links mailed to the old address open nothing any more
    work.record("person", person.username, "change_address", old=old, new=person.email)
    return person


def _me(work: Work) -> Person:
    if work.actor.id is None:
        raise Refused("Sign in first.", "请先登录。")
    return work.session.get_one(Person, work.actor.id)
