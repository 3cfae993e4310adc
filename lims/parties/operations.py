"""Verbs about people and sign-ins."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import date, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lims.errors import BadInput, Refused, Sentence, refuse
from lims.laboratory import Laboratory, Work
from lims.parties import queries
from lims.parties.models import Company, Competence, Person, PersonRole, SignIn, SignInAttempt
from lims.parties.sessions import end_sessions
from lims.permissions import Role
from lims.repertoire import known_test

# OWASP's argon2id parameters with 46 MiB: about 60 ms a try.
HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
# Checked when the name is unknown, so that the answer takes as long as for a known one.
NOBODY = HASHER.hash(secrets.token_hex(16))
SHORTEST_PASSWORD = 10
USERNAME = re.compile(r"[A-Za-z0-9_-]{1,60}")  # it also names the file of the person's signing key
ACTIVITIES = ("sample", "test", "review", "authorise")


def add_person(
    work: Work,
    *,
    username: str,
    name_zh: str,
    name_en: str,
    password: str,
    roles: Iterable[Role],
    company: Company | None = None,
    email: str = "",
    email_proved: bool = False,
) -> Person:
    """Register a person with roles; a company's user has the role company and no other.

    ``email_proved``: the address is known to be the person's; otherwise it gets no mail before the person proved it.
    Raises `BadInput` for a short password or a user name that is taken or cannot be one, `Refused` for roles that do
    not go together.
    """
    work.actor.require("people.manage")
    chosen = frozenset(roles)
    refuse(roles_clash(chosen, company))
    person = new_person(work, username=username, name_zh=name_zh, name_en=name_en, password=password, email=email)
    person.company, person.role_rows = company, [PersonRole(role=role) for role in sorted(chosen)]
    person.email_verified_at = work.now if email and email_proved else None
    work.session.flush()
    work.record("person", username, "add", roles=sorted(chosen), company=company.code if company else "")
    return person


def new_person(work: Work, *, username: str, name_zh: str, name_en: str, password: str, email: str) -> Person:
    """A person without roles yet; `BadInput` for a user name or password that cannot be."""
    require_password(password)
    _require_free(work, username)
    person = Person(
        username=username, name_zh=name_zh, name_en=name_en, email=email, password_hash=HASHER.hash(password),
        created_at=work.now,
    )  # fmt: skip
    work.session.add(person)
    work.session.flush()
    return person


def _require_free(work: Work, username: str) -> None:
    if not USERNAME.fullmatch(username):
        raise BadInput(
            "A user name has 1 to 60 letters a to z, digits, - or _.",
            "用户名由 1 至 60 个英文字母、数字、- 或 _ 组成。",
        )
    if work.session.scalar(sa.select(Person.id).where(Person.username == username)):
        raise BadInput(
            f"The user name '{username}' is taken; choose another.", f"用户名“{username}”已被使用；请另选一个。"
        )


def roles_clash(roles: frozenset[Role], company: Company | None) -> Sentence | None:
    """Why these roles do not go together; None if they do."""
    if not roles:
        return Sentence("A person needs at least one role.", "人员至少需要一个角色。")
    if (roles == {Role.COMPANY}) != (company is not None) or (Role.COMPANY in roles and len(roles) > 1):
        return Sentence(
            "A company's user has the role 'company' alone and belongs to a company; staff belong to none.",
            "委托单位用户只能有“company”角色并须归属一家单位；本中心人员不归属任何委托单位。",
        )
    if Role.ADMINISTRATOR in roles and len(roles) > 1:
        return Sentence(
            "The administrator changes no result and signs nothing, so the role stands alone.",
            "系统管理员不得更改结果或签字，因此该角色不能与其他角色并存。",
        )
    return None


def require_password(password: str) -> None:
    """`BadInput` for a password that is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(
            f"The password must have at least {SHORTEST_PASSWORD} characters.",
            f"密码至少需要 {SHORTEST_PASSWORD} 个字符。",
        )


def set_password(work: Work, person: Person, password: str) -> None:
    """Give ``person`` a new password and end all their sign-ins; by themselves or by the administrator."""
    if work.actor.id != person.id:
        work.actor.require("people.manage")
    replace_password(work, person, password)


def replace_password(work: Work, person: Person, password: str) -> None:
    """The new password; every sign-in made with the old one ends."""
    require_password(password)
    person.password_hash = HASHER.hash(password)
    end_sessions(work, [person.id])
    work.record("person", person.username, "set_password")


def authorise_competence(
    work: Work,
    *,
    person: Person,
    method_id: str,
    activity: str,
    valid_from: date,
    valid_to: date,
    basis: str = "",
) -> Competence:
    """The quality manager authorises a person for one activity of one test (its code in `lims.repertoire`), from–to.

    Raises `BadInput` for an activity or method there is not, or dates the wrong way round.
    """
    work.actor.require("competence.manage")
    if work.actor.id is None:
        raise Refused("A named person has to authorise competence.", "人员能力须由具名人员授权。")
    _require_known(method_id, activity)
    if valid_to < valid_from:
        raise BadInput(
            f"The authorisation ends before it begins ({valid_from} to {valid_to}); swap the dates.",
            f"授权的结束日期早于开始日期（{valid_from} 至 {valid_to}）；请调换。",
        )
    competence = Competence(
        person=person, method_id=method_id, activity=activity, valid_from=valid_from, valid_to=valid_to,
        authorised_by_id=work.actor.id, basis=basis,
    )  # fmt: skip
    work.session.add(competence)
    work.session.flush()
    work.record(
        "competence", person.username, "authorise", method=method_id, activity=activity,
        valid_from=valid_from.isoformat(), valid_to=valid_to.isoformat(), basis=basis,
    )  # fmt: skip
    return competence


def _require_known(method_id: str, activity: str) -> None:
    if activity not in ACTIVITIES:
        raise BadInput(
            f"There is no activity '{activity}'; choose one of {', '.join(ACTIVITIES)}.",
            f"没有“{activity}”这项活动；可选：{'、'.join(ACTIVITIES)}。",
        )
    known_test(method_id)


def sign_in(work: Work, *, username: str, password: str, address: str) -> str | None:
    """Check name and password; returns the session's token, or None if they do not fit.

    Every try is kept. Too many wrong ones for the name or from the address raise `Refused`, right password or not.
    The answer does not tell whether the name exists, neither in words nor in time.
    """
    username = username if USERNAME.fullmatch(username) else ""  # nobody's; PostgreSQL takes no NUL, for one
    _require_few_wrong(work, username, address)
    person = queries.person_by_username(work.session, username)
    right = _fits(person.password_hash if person else NOBODY, password) and person is not None and person.admitted
    work.session.add(SignInAttempt(at=work.now, username=username, address=address[:60], succeeded=right))
    return _open_session(work, person) if right and person else None


def _require_few_wrong(work: Work, username: str, address: str) -> None:
    settings = work.laboratory.settings
    since = work.now - timedelta(minutes=settings.sign_in_window_minutes)
    named, placed = queries.wrong_sign_ins(work.session, username=username, address=address, since=since)
    if named >= settings.sign_in_attempts or placed >= settings.sign_in_attempts_address:
        minutes = settings.sign_in_window_minutes
        raise Refused(
            f"Too many wrong passwords; wait {minutes} minutes and try again.",
            f"密码错误次数过多；请等待 {minutes} 分钟后再试。",
        )


def _fits(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def confirm_password(laboratory: Laboratory, person: Person, password: str, *, address: str) -> None:
    """Ask for the password again before a signature; `Refused` if it is wrong, or was too often."""
    if not own_password(laboratory, person, password, address=address):
        raise Refused(
            "The password is wrong; nothing was signed. Type your own password to sign.",
            "密码错误，未签署任何内容。请输入您本人的密码以签字。",
        )


def own_password(laboratory: Laboratory, person: Person, password: str, *, address: str) -> bool:
    """Whether this is the person's password. Every try is kept and counts like one of signing in."""
    with laboratory.work(person.actor) as work:
        _require_few_wrong(work, person.username, address)
        right = _fits(person.password_hash, password)
        work.session.add(SignInAttempt(at=work.now, username=person.username, address=address[:60], succeeded=right))
    return right


def _open_session(work: Work, person: Person) -> str:
    token = secrets.token_urlsafe(32)
    expires = work.now + timedelta(hours=work.laboratory.settings.session_hours)
    work.session.add(
        SignIn(token_sha256=queries.token_digest(token), person_id=person.id, created_at=work.now, expires_at=expires)
    )
    return token


def sign_out(work: Work, token: str) -> None:
    """End the session of this token."""
    row = work.session.scalar(sa.select(SignIn).where(SignIn.token_sha256 == queries.token_digest(token)))
    if row is not None and row.ended_at is None:
        row.ended_at = work.now
