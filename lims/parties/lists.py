"""The lists of companies and of people."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, raiseload

from lims.labels import ROLES, Label
from lims.lists.declaration import Column, Link, List, Named, Two, choices_of
from lims.lists.filters import Choice, Text, Through
from lims.parties.models import Company, CompanyContact, Person, PersonRole
from lims.parties.queries import WITH_ROLES

OPEN = {True: Named("open", Label("启用", "active", "good")), False: Named("closed", Label("已停用", "closed", "past"))}
UNPROVED = Named("no", Label("未确认", "not confirmed"))

COMPANIES = List(
    name="companies",
    title=Label("委托单位", "Companies"),
    endpoint="companies.every",
    permission="company.view",
    select=lambda _actor: sa.select(Company),
    id=Company.id,
    order="code",
    key=lambda row: str(row.code),
    columns=(
        Column(
            name="code", title=Label("代码", "Code"), value=lambda it: it.code, look="id", sort=Company.code,
            link=lambda it: Link("companies.page", {"code": it.code}),
        ),
        Column(
            name="name", title=Label("名称", "Name"), value=lambda it: Two(it.name_zh, it.name_en),
            sort=Company.name_zh,
        ),
        Column(
            name="credit_code", title=Label("统一社会信用代码", "Credit code"), value=lambda it: it.credit_code,
            sort=Company.credit_code,
        ),
        Column(name="contact", title=Label("联系人", "Contact"), value=lambda it: it.contact),
        Column(name="telephone", title=Label("电话", "Telephone"), value=lambda it: it.telephone),
        Column(name="email", title=Label("电子邮箱", "E-mail"), value=lambda it: it.email, under="contact"),
        Column(
            name="state", title=Label("状态", "State"), value=lambda it: OPEN[it.active], look="chip",
            sort=Company.active,
        ),
    ),
    filters=(
        Text(
            columns=(
                Company.code, Company.credit_code, Company.name_zh, Company.name_en, Company.contact, Company.email,
            ),
            through=(Through(Company.id, CompanyContact.company_id, CompanyContact.name, CompanyContact.email),),
            placeholder=Label("代码、信用代码、名称、联系人或邮箱", "Code, credit code, name, contact or e-mail"),
        ),
        Choice(
            name="state", title=Label("状态", "State"),
            choices=choices_of(OPEN.values()),
            where=lambda chosen, _reader: Company.active.is_(chosen == "open"),
        ),
    ),
    hint=Label("业务受理人员在首份委托之前登记委托单位。", "The office registers a company before its first request."),
)  # fmt: skip

COMPANY_OPEN = sa.or_(
    Person.company_id.is_(None), Person.company_id.in_(sa.select(Company.id).where(Company.active))
)  # fmt: skip
ADMITTED = sa.and_(Person.active, COMPANY_OPEN)


def _roles(person: Person) -> Two:
    """What a person is here for, in words."""
    labels = [ROLES[role] for role in ROLES if role in person.roles]
    return Two("、".join(one.zh for one in labels), ", ".join(one.en for one in labels))


PEOPLE = List(
    name="people",
    title=Label("人员", "People"),
    endpoint="people.people",
    permission="people.view",
    select=lambda _actor: sa.select(Person),
    options=(joinedload(Person.company), WITH_ROLES, raiseload("*")),
    id=Person.id,
    order="username",
    key=lambda row: str(row.username),
    page=("people.person", "username"),
    columns=(
        Column(
            name="username", title=Label("用户名", "User name"), value=lambda it: it.username, look="id",
            sort=Person.username, link=lambda it: Link("people.person", {"username": it.username}),
        ),
        Column(
            name="name", title=Label("姓名", "Full name"), value=lambda it: Two(it.name_zh, it.name_en),
            sort=Person.name_zh,
        ),
        Column(name="roles", title=Label("角色", "Roles"), value=_roles),
        Column(
            name="company", title=Label("委托单位", "Company"),
            value=lambda it: Two(it.company.name_zh, it.company.name_en) if it.company else None,
            sort=sa.select(Company.name_zh).where(Company.id == Person.company_id).scalar_subquery(), nullable=True,
        ),
        Column(name="email", title=Label("电子邮箱", "E-mail"), value=lambda it: it.email, sort=Person.email),
        Column(
            name="proved", title=Label("邮箱已确认", "E-mail confirmed"), under="email",
            value=lambda it: UNPROVED if it.email and it.email_verified_at is None else None,
        ),
        Column(
            name="since", title=Label("登记时间", "Since"), value=lambda it: it.created_at, sort=Person.created_at,
            look="moment",
        ),
        Column(
            name="state", title=Label("状态", "State"), value=lambda it: OPEN[it.admitted], look="chip",
            sort=Person.active,
        ),
    ),
    filters=(
        Text(
            columns=(Person.username, Person.name_zh, Person.name_en, Person.email),
            through=(Through(Person.company_id, Company.id, Company.name_zh, Company.name_en),),
            placeholder=Label("用户名、姓名、邮箱或委托单位", "User name, name, e-mail or company"),
        ),
        Choice(
            name="role", title=Label("角色", "Role"), choices=lambda _session, _actor: ROLES,
            where=lambda chosen, _reader: Person.id.in_(
                sa.select(PersonRole.person_id).where(sa.cast(PersonRole.role, sa.String) == chosen)
            ),
        ),
        Choice(
            name="state", title=Label("状态", "State"),
            choices=choices_of(OPEN.values()),
            where=lambda chosen, _reader: ADMITTED if chosen == "open" else sa.not_(ADMITTED),
        ),
    ),
    hint=Label("受邀并设置密码的人员会显示在这里。", "Whoever was invited and set a password appears here."),
)  # fmt: skip
