"""The list of companies."""

from __future__ import annotations

import sqlalchemy as sa

from lims.labels import Label
from lims.lists.declaration import Column, Link, List, Named, Two
from lims.lists.filters import Choice, Text, Through
from lims.parties.models import Company, CompanyContact

OPEN = {True: Named("open", Label("启用", "active", "good")), False: Named("closed", Label("已停用", "closed", "past"))}

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
                Through(Company.id, CompanyContact.company_id, CompanyContact.name, CompanyContact.email),
            ),
            placeholder=Label("代码、信用代码、名称、联系人或邮箱", "Code, credit code, name, contact or e-mail"),
        ),
        Choice(
            name="state", title=Label("状态", "State"),
            choices=lambda _session, _actor: {one.key: one.label for one in OPEN.values()},
            where=lambda chosen, _reader: Company.active.is_(chosen == "open"),
        ),
    ),
    hint=Label("业务受理人员在首份委托之前登记委托单位。", "The office registers a company before its first request."),
)  # fmt: skip
