"""Verbs of the administrator about people: roles, names, who left; nobody about themselves."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from lims.errors import BadInput, NotFound, Refused, refuse
from lims.laboratory import Work
from lims.parties import queries
from lims.parties.models import Person, PersonRole
from lims.parties.operations import roles_clash
from lims.parties.sessions import end_sessions
from lims.permissions import Role


def change_roles(work: Work, username: str, roles: Iterable[Role]) -> Person:
    """Give a person other roles; all their sessions end, so that nothing is done with the old ones any more.

    Nobody changes their own roles, roles that clash are refused, and the last administrator stays one.
    """
    work.actor.require("people.manage")
    person, chosen = _other(work, username), frozenset(roles)
    refuse(roles_clash(chosen, person.company))
    if Role.ADMINISTRATOR in person.roles and Role.ADMINISTRATOR not in chosen:
        _require_another_administrator(work, person)
    if chosen == person.roles:
        return person
    old = sorted(person.roles)
    person.role_rows = [row for row in person.role_rows if row.role in chosen] + [
        PersonRole(role=role) for role in sorted(chosen - person.roles)
    ]
    work.session.flush()
    end_sessions(work, [person.id])
    work.record("person", username, "change_roles", changed={"roles": [old, sorted(chosen)]})
    return person


def change_names(work: Work, username: str, *, name_zh: str, name_en: str) -> Person:
    """How a person is called from now on; what was signed keeps the name it was signed with."""
    work.actor.require("people.manage")
    if not (name_zh.strip() and name_en.strip()):
        raise BadInput("Give the name in Chinese and in Latin letters.", "请填写姓名和拼音。")
    person = _person(work, username)
    given = {"name_zh": name_zh.strip(), "name_en": name_en.strip()}
    changed = {key: [getattr(person, key), value] for key, value in given.items() if getattr(person, key) != value}
    for key, (_, value) in changed.items():
        setattr(person, key, value)
    if changed:
        work.record("person", username, "change", changed=changed)
    return person


def deactivate(work: Work, username: str, reason: str) -> Person:
    """Somebody who left: out at once, everything they did stays. The office does it for companies' users."""
    person = _keeper_of(work, username)
    if not reason.strip():
        raise BadInput("Give a reason: it is kept with the person.", "请填写理由：理由将随人员记录一并保存。")
    if not person.active:
        raise Refused(f"{username} is closed already.", f"{username} 已停用。")
    if Role.ADMINISTRATOR in person.roles:
        _require_another_administrator(work, person)
    person.active = False
    end_sessions(work, [person.id])
    work.record("person", username, "close", reason=reason.strip())
    return person


def reactivate(work: Work, username: str) -> Person:
    """Somebody who came back."""
    person = _keeper_of(work, username)
    if person.active:
        raise Refused(f"{username} is active already.", f"{username} 未停用。")
    person.active = True
    work.record("person", username, "open")
    return person


def appoint_company_admin(work: Work, username: str, appointed: bool) -> Person:
    """The office says who of a company may invite its colleagues."""
    work.actor.require("company.manage")
    person = _person(work, username)
    if person.company is None:
        raise Refused("Only a company's user can invite its colleagues.", "只有委托单位用户可以邀请本单位同事。")
    if person.company_admin != appointed:
        person.company_admin = appointed
        work.record("person", username, "appoint" if appointed else "dismiss", company=person.company.code)
    return person


def _person(work: Work, username: str) -> Person:
    person = queries.person_by_username(work.session, username)
    if person is None:
        raise NotFound(f"There is no person '{username}'.", f"没有用户名为“{username}”的人员。")
    return person


def _other(work: Work, username: str) -> Person:
    person = _person(work, username)
    if person.id == work.actor.id:
        raise Refused(
            "Nobody changes their own roles or closes their own account; another administrator can.",
            "任何人不得更改自己的角色或停用自己的账户；请由另一位系统管理员操作。",
        )
    return person


def _keeper_of(work: Work, username: str) -> Person:
    """Another person whose account the actor keeps: the administrator everybody's, the office those of companies."""
    person = _other(work, username)
    if person.company is None or not work.actor.may("company.manage"):
        work.actor.require("people.manage")
    return person


def _require_another_administrator(work: Work, person: Person) -> None:
    others = sa.select(Person.id).join(PersonRole).where(
        Person.active, PersonRole.role == Role.ADMINISTRATOR, Person.id != person.id
    )  # fmt: skip
    if work.session.scalar(others.limit(1)) is None:
        raise Refused(
            "This is the last administrator; appoint another one first.", "这是最后一位系统管理员；请先任命另一位。"
        )
