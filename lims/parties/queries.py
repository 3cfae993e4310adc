"""Questions about people and companies."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.parties.models import (
    Company,
    CompanyContact,
    Competence,
    Invitation,
    Person,
    PersonRole,
    SignIn,
    SignInAttempt,
)
from lims.permissions import Role

WITH_ROLES = selectinload(Person.role_rows)  # for people whose roles will be asked, as of who acts


def person_by_username(session: Session, username: str) -> Person | None:
    """The person of this user name."""
    return session.scalar(sa.select(Person).options(WITH_ROLES).where(Person.username == username))


def token_digest(token: str) -> str:
    """What the tables keep of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def person_by_token(session: Session, token: str, now: datetime) -> Person | None:
    """Whose session this token is, if it is open and the person active."""
    open_one = sa.select(SignIn).where(
        SignIn.token_sha256 == token_digest(token), SignIn.ended_at.is_(None), SignIn.expires_at > now
    )
    row = session.scalar(open_one.options(joinedload(SignIn.person).options(WITH_ROLES)))
    return row.person if row is not None and row.person.admitted else None


def person_by_email(session: Session, email: str) -> Person | None:
    """The person whose proved address this is."""
    same = sa.func.lower(Person.email) == email.lower()
    return session.scalar(sa.select(Person).where(same, Person.email_verified_at.is_not(None)).limit(1))


def sign_in_by_token(session: Session, token: str) -> SignIn | None:
    """The session of this token."""
    return session.scalar(sa.select(SignIn).where(SignIn.token_sha256 == token_digest(token)))


def language_of(session: Session, token: str) -> str:
    """The language that the person of a session chose; empty for none."""
    found = sign_in_by_token(session, token)
    return found.person.language if found else ""


def open_sessions(session: Session, person: Person, now: datetime) -> Sequence[SignIn]:
    """A person's sessions that are open, newest first."""
    select = sa.select(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
    return session.scalars(select.order_by(SignIn.id.desc())).all()


def last_sign_in(session: Session, person: Person) -> datetime | None:
    """When a person signed in last."""
    return session.scalar(sa.select(sa.func.max(SignIn.created_at)).where(SignIn.person_id == person.id))


def invitations(session: Session, *, company_id: int | None) -> Sequence[Invitation]:
    """The invitations to staff, or of one company, newest first."""
    of = Invitation.company_id.is_(None) if company_id is None else Invitation.company_id == company_id
    return session.scalars(sa.select(Invitation).where(of).order_by(Invitation.id.desc()).limit(50)).all()


def people_named(session: Session, usernames: Collection[str]) -> Sequence[Person]:
    """The people with these user names."""
    select = sa.select(Person).where(Person.username.in_(usernames)).order_by(Person.username)
    return session.scalars(select).unique().all()


def competences_of(session: Session, person: Person) -> Sequence[Competence]:
    """Every authorisation a person has or had, by method."""
    select = sa.select(Competence).where(Competence.person_id == person.id)
    return session.scalars(select.order_by(Competence.method_id, Competence.activity, Competence.valid_from)).all()


def every_competence(session: Session) -> Sequence[Competence]:
    """Every authorisation of the people who are here."""
    select = sa.select(Competence).join(Person, Competence.person_id == Person.id).where(Person.active)
    return session.scalars(select.order_by(Competence.id)).all()


def wrong_sign_ins(session: Session, *, username: str, address: str, since: datetime) -> tuple[int, int]:
    """Wrong tries since then: (for this name, from this address).

    Only those after the last right one count, so that a colleague's slip does not lock out a shared address.
    """
    counts = []
    for column, value in ((SignInAttempt.username, username[:60]), (SignInAttempt.address, address[:60])):
        last_right = sa.select(sa.func.coalesce(sa.func.max(SignInAttempt.id), 0)).where(
            column == value, SignInAttempt.succeeded
        )
        wrong = sa.select(sa.func.count()).where(
            column == value,
            SignInAttempt.at > since,
            sa.not_(SignInAttempt.succeeded),
            SignInAttempt.id > last_right.scalar_subquery(),
        )
        counts.append(session.scalar(wrong) or 0)
    return counts[0], counts[1]


def is_competent(session: Session, *, person_id: int | None, method_id: str, activity: str, day: date) -> bool:
    """Whether the person is authorised for this activity of this method on this day."""
    found = sa.select(Competence.id).where(
        Competence.person_id == person_id,
        Competence.method_id == method_id,
        Competence.activity == activity,
        *_holds(day),
    )
    return session.scalar(found.limit(1)) is not None


def _holds(day: date) -> tuple[sa.ColumnElement[bool], ...]:
    """What makes an authorisation hold on a day: begun, not ended, not withdrawn."""
    standing = sa.or_(Competence.withdrawn_on.is_(None), Competence.withdrawn_on > day)
    return Competence.valid_from <= day, Competence.valid_to >= day, standing


def competent_until(session: Session, *, person_id: int, method_id: str, activity: str, day: date) -> date | None:
    """The last day of the authorisations that are valid on this day; none if there is none."""
    found = sa.select(sa.func.max(Competence.valid_to)).where(
        Competence.person_id == person_id,
        Competence.method_id == method_id,
        Competence.activity == activity,
        Competence.valid_from <= day,
        Competence.valid_to >= day,
    )
    until: date | None = session.scalar(found)
    return until


def competences(session: Session, day: date) -> set[tuple[str, str]]:
    """For which (method, activity) somebody active is authorised on this day."""
    select = sa.select(Competence.method_id, Competence.activity).join(Person, Competence.person_id == Person.id)
    valid = select.where(Person.active, *_holds(day))
    return {(method, activity) for method, activity in session.execute(valid.distinct())}


def competent_for(session: Session, method_id: str, day: date) -> Sequence[Competence]:
    """The authorisations for a method that are valid on this day."""
    select = sa.select(Competence).join(Person, Competence.person_id == Person.id).where(Person.active)
    valid = select.where(Competence.method_id == method_id, *_holds(day))
    return session.scalars(valid.order_by(Competence.activity, Person.username)).all()


def people(session: Session) -> Sequence[Person]:
    """Everybody, staff first."""
    select = sa.select(Person).options(WITH_ROLES).order_by(Person.company_id.is_not(None), Person.username)
    return session.scalars(select).all()


def company(session: Session, company_id: int) -> Company:
    """The company of this id, which exists."""
    return session.get_one(Company, company_id)


def company_by_code(session: Session, code: str) -> Company | None:
    """The company of this code."""
    return session.scalar(sa.select(Company).where(Company.code == code))


def company_by_credit_code(session: Session, credit_code: str) -> Company | None:
    """The company of this unified social credit code."""
    return session.scalar(sa.select(Company).where(Company.credit_code == credit_code))


def contacts(session: Session, company: Company) -> Sequence[CompanyContact]:
    """A company's contacts besides the main one."""
    select = sa.select(CompanyContact).where(CompanyContact.company_id == company.id)
    return session.scalars(select.order_by(CompanyContact.id)).all()


def users_of(session: Session, company: Company) -> Sequence[Person]:
    """Everybody of a company, those who left last."""
    select = sa.select(Person).where(Person.company_id == company.id)
    return session.scalars(select.order_by(Person.active.desc(), Person.username)).all()


def companies(session: Session) -> Sequence[Company]:
    """Every company by code."""
    return session.scalars(sa.select(Company).order_by(Company.code)).all()


def technician_names(session: Session) -> list[tuple[int, str, str]]:
    """Identity, Chinese and English name of the same, without anything else of them."""
    select = sa.select(Person.id, Person.name_zh, Person.name_en).join(PersonRole)
    select = select.where(Person.active, PersonRole.role == Role.TECHNICIAN).order_by(Person.username)
    return [(row.id, row.name_zh, row.name_en) for row in session.execute(select)]


def technicians(session: Session) -> Sequence[Person]:
    """The active people a job can be assigned to."""
    select = sa.select(Person).join(PersonRole).where(Person.active, PersonRole.role == Role.TECHNICIAN)
    return session.scalars(select.order_by(Person.username)).all()
