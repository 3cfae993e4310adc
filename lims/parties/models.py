"""Companies, people, their roles and competence, and their sign-ins."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base, sorted_by
from lims.permissions import Actor, Role


class Company(Base):
    """A customer of the laboratory (委托单位)."""

    __tablename__ = "company"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    credit_code: Mapped[str] = mapped_column(sa.String(18), default="")  # 统一社会信用代码
    name_zh: Mapped[str] = mapped_column(sa.String(200))
    name_en: Mapped[str] = mapped_column(sa.String(200))
    address_zh: Mapped[str] = mapped_column(sa.String(300))
    address_en: Mapped[str] = mapped_column(sa.String(300))
    contact: Mapped[str] = mapped_column(sa.String(120))
    telephone: Mapped[str] = mapped_column(sa.String(40))
    email: Mapped[str] = mapped_column(sa.String(200))
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())  # closed: its users cannot sign in

    __table_args__ = sorted_by("company", "name_zh")


class CompanyContact(Base):
    """Somebody at a company besides its main contact: for technical questions, invoices, reports."""

    __tablename__ = "company_contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(sa.ForeignKey("company.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    role: Mapped[str] = mapped_column(sa.String(20))  # see labels.CONTACTS
    telephone: Mapped[str] = mapped_column(sa.String(40))
    email: Mapped[str] = mapped_column(sa.String(200))


class Person(Base):
    """Someone who signs in: staff, or a user of a company."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name_zh: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(60))
    email: Mapped[str] = mapped_column(sa.String(200), default="", index=True)
    email_verified_at: Mapped[datetime | None]  # no mail goes to an address that was never proved
    language: Mapped[str] = mapped_column(sa.String(5), default="", server_default="")  # empty: the site's
    company_admin: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # may invite colleagues
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    active: Mapped[bool] = mapped_column(default=True)
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"), index=True)
    created_at: Mapped[datetime]

    company: Mapped[Company | None] = relationship()  # not joined: with every person on a row it would come along
    # Neither: of all people on a page it is one whose roles are asked (lims.parties.queries.WITH_ROLES).
    role_rows: Mapped[list[PersonRole]] = relationship(cascade="all, delete-orphan")

    __table_args__ = sorted_by("person", "name_zh")

    @property
    def roles(self) -> frozenset[Role]:
        """What this person is here for."""
        return frozenset(row.role for row in self.role_rows)

    @property
    def admitted(self) -> bool:
        """Whether this person may be signed in at all: active, and so is the company."""
        return self.active and (self.company is None or self.company.active)

    @property
    def actor(self) -> Actor:
        """This person as the one who does something."""
        return Actor(id=self.id, name=self.name_zh, roles=self.roles, company_id=self.company_id)


class PersonRole(Base):
    """One role of one person."""

    __tablename__ = "person_role"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)


class Competence(Base):
    """An authorisation to do one activity of one method (ISO/IEC 17025 clause 6.2.6), with its dates."""

    __tablename__ = "competence"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    method_id: Mapped[str] = mapped_column(sa.String(60))
    activity: Mapped[str] = mapped_column(sa.String(20))  # test, review, authorise
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    authorised_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    basis: Mapped[str] = mapped_column(
        sa.Text, default="", server_default=""
    )  # training, supervised tests, examination
    withdrawn_on: Mapped[date | None]  # no longer valid from this day on
    withdrawn_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    withdrawn_reason: Mapped[str] = mapped_column(sa.Text, default="", server_default="")

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    authorised_by: Mapped[Person] = relationship(foreign_keys=[authorised_by_id])
    withdrawn_by: Mapped[Person | None] = relationship(foreign_keys=[withdrawn_by_id])


class SignIn(Base):
    """A session: the cookie holds a random token, the table its SHA-256, so a stolen table opens nothing."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")


class SignInAttempt(Base):
    """One try to sign in; wrong ones are counted by name and by address to slow guessing down."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    username: Mapped[str] = mapped_column(sa.String(60), index=True)
    address: Mapped[str] = mapped_column(sa.String(60), index=True)
    succeeded: Mapped[bool]


class Invitation(Base):
    """Somebody was asked by e-mail to become a user; the table holds the digest of the link's token, not the token."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(200), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    roles: Mapped[str] = mapped_column(sa.String(200))  # names separated by spaces
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"), index=True)
    company_admin: Mapped[bool]
    language: Mapped[str] = mapped_column(sa.String(5))
    invited_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    nonce: Mapped[str] = mapped_column(sa.String(64))
    token_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    company: Mapped[Company | None] = relationship()  # not joined: with every person on a row it would come along
    invited_by: Mapped[Person] = relationship(foreign_keys=[invited_by_id])


class MailedLink(Base):
    """A link that was mailed to a person for one use: a new password, or the proof of an address."""

    __tablename__ = "mailed_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(20))  # password or address
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    email: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    nonce: Mapped[str] = mapped_column(sa.String(64))
    token_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")


class ResetRequest(Base):
    """Somebody typed a name or address to get a new password; answered later, so that waiting tells nothing."""

    __tablename__ = "reset_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    typed: Mapped[str] = mapped_column(sa.String(200), index=True)
    address: Mapped[str] = mapped_column(sa.String(60), index=True)
    answered_at: Mapped[datetime | None]
