"""Verbs about companies and their contacts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from lims.errors import BadInput, Forbidden, NotFound, Refused, Sentence
from lims.labels import CONTACTS
from lims.laboratory import Work
from lims.parties import addresses, creditcode, queries
from lims.parties.models import Company, CompanyContact
from lims.parties.sessions import end_sessions_of_company

NUMBERED = re.compile(r"C-(\d+)")
SAME_NAME = "same-name"  # code of the refusal that a second look can overrule
OWN = ("address_zh", "address_en", "contact", "telephone", "email")  # what a company keeps itself


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyFacts:
    """What the laboratory keeps of a company; name and credit code are checked, the rest is as stated."""

    name_zh: str
    name_en: str = ""
    credit_code: str = ""
    address_zh: str = ""
    address_en: str = ""
    contact: str = ""
    telephone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """One more person to ask at a company."""

    name: str
    role: str
    telephone: str = ""
    email: str = ""


def add_company(work: Work, facts: CompanyFacts, *, code: str = "", same_name: bool = False) -> Company:
    """Register a company under its own code; an empty ``code`` draws the next C-001, C-002, …

    Raises `BadInput` for a code, credit code, name or address that cannot be or is another company's. The same name
    is refused once: ``same_name`` says that somebody looked and it is another company.
    """
    work.actor.require("company.manage")
    code = code or _next_code(work)
    if queries.company_by_code(work.session, code):
        raise BadInput(
            f"The company code '{code}' is taken; choose another.", f"委托单位代码“{code}”已被使用；请另选一个。"
        )
    values = _checked(work, facts, company=None, same_name=same_name)
    company = Company(code=code, active=True, **values)
    work.session.add(company)
    work.session.flush()
    work.record("company", code, "add", name=company.name_zh, credit_code=company.credit_code)
    return company


def change_company(work: Work, code: str, facts: CompanyFacts, *, same_name: bool = False) -> Company:
    """Change what is kept of a company; the trail keeps old and new."""
    work.actor.require("company.manage")
    company = _named(work, code)
    _change(work, company, _checked(work, facts, company=company, same_name=same_name))
    return company


def change_own(work: Work, *, address_zh: str, address_en: str, contact: str, telephone: str, email: str) -> Company:
    """A company's user keeps its address and main contact; name and credit code are the office's to change."""
    work.actor.require("company.own")
    company = queries.company(work.session, work.actor.company_id or -1)
    given = {"address_zh": address_zh, "address_en": address_en, "contact": contact, "telephone": telephone}
    stated = {name: value.strip() for name, value in given.items()} | {"email": _address(email)}
    _change(work, company, stated)
    return company


def _change(work: Work, company: Company, values: dict[str, Any]) -> None:
    changed = {
        name: [getattr(company, name), value] for name, value in values.items() if getattr(company, name) != value
    }
    for name, (_, value) in changed.items():
        setattr(company, name, value)
    if changed:
        work.record("company", company.code, "change", changed=changed)


def close_company(work: Work, code: str, reason: str) -> Company:
    """The company's users cannot sign in any more, from this moment; everything of it stays."""
    work.actor.require("company.manage")
    if not reason.strip():
        raise BadInput("Give a reason: it is kept with the company.", "请填写理由：理由将随委托单位一并保存。")
    company = _named(work, code)
    if not company.active:
        raise Refused(f"{code} is closed already.", f"{code} 已停用。")
    company.active = False
    end_sessions_of_company(work, company)
    work.record("company", code, "close", reason=reason.strip())
    return company


def open_company(work: Work, code: str) -> Company:
    """The company's users may sign in again."""
    work.actor.require("company.manage")
    company = _named(work, code)
    if company.active:
        raise Refused(f"{code} is open already.", f"{code} 未停用。")
    company.active = True
    work.record("company", code, "open")
    return company


def add_contact(work: Work, code: str, facts: ContactFacts) -> CompanyContact:
    """One more contact of a company, by the office or by the company itself."""
    company = _kept(work, code)
    contact = CompanyContact(company_id=company.id, **_checked_contact(facts))
    work.session.add(contact)
    work.session.flush()
    work.record("company", company.code, "add_contact", contact=contact.name, changed={"contact": ["", contact.name]})
    return contact


def change_contact(work: Work, code: str, contact_id: int, facts: ContactFacts) -> CompanyContact:
    """Change a contact."""
    company = _kept(work, code)
    contact = _contact(work, company, contact_id)
    values = _checked_contact(facts)
    changed = {name: [getattr(contact, name), value] for name, value in values.items()}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    for name, (_, value) in changed.items():
        setattr(contact, name, value)
    if changed:
        work.record("company", company.code, "change_contact", contact=contact.name, changed=changed)
    return contact


def remove_contact(work: Work, code: str, contact_id: int) -> None:
    """A contact who left; the trail keeps the name."""
    company = _kept(work, code)
    contact = _contact(work, company, contact_id)
    was = {name: [getattr(contact, name), ""] for name in asdict(_EMPTY)}
    work.session.delete(contact)
    work.record("company", company.code, "remove_contact", contact=contact.name, changed=was)


_EMPTY = ContactFacts(name="", role="")


def _named(work: Work, code: str) -> Company:
    found = queries.company_by_code(work.session, code)
    if found is None:
        raise NotFound(f"There is no company '{code}'.", f"没有代码为“{code}”的委托单位。")
    return found


def _kept(work: Work, code: str) -> Company:
    """The company whose contacts the actor may keep: any for the office, a company's user only the own one."""
    if work.actor.may("company.manage"):
        return _named(work, code)
    if not work.actor.may("company.own"):
        raise Forbidden("Contacts are kept by the office or the company.", "联系人由业务受理人员或委托单位维护。")
    company = _named(work, code)
    if company.id != work.actor.company_id:
        raise NotFound(f"There is no company '{code}'.", f"没有代码为“{code}”的委托单位。")
    return company


def _contact(work: Work, company: Company, contact_id: int) -> CompanyContact:
    contact = work.session.get(CompanyContact, contact_id)
    if contact is None or contact.company_id != company.id:
        raise NotFound("There is no such contact; somebody may have removed it.", "没有该联系人；可能已被删除。")
    return contact


def _checked_contact(facts: ContactFacts) -> dict[str, str]:
    if facts.role not in CONTACTS:
        raise BadInput("Choose what the contact is for.", "请选择联系人的职责。")
    if not facts.name.strip():
        raise BadInput("Give the contact's name.", "请填写联系人姓名。")
    if not (facts.telephone.strip() or facts.email.strip()):
        raise BadInput("Give a telephone number or an e-mail address.", "请填写电话或电子邮箱。")
    return {
        "name": facts.name.strip(), "role": facts.role, "telephone": facts.telephone.strip(),
        "email": _address(facts.email),
    }  # fmt: skip


def _address(typed: str) -> str:
    return addresses.require(typed) if typed.strip() else ""


def _next_code(work: Work) -> str:
    used = (NUMBERED.fullmatch(code) for code in work.session.scalars(sa.select(Company.code)))
    return f"C-{max((int(one[1]) for one in used if one), default=0) + 1:03d}"


def _checked(work: Work, facts: CompanyFacts, *, company: Company | None, same_name: bool) -> dict[str, str]:
    """The columns as they are kept; `BadInput` for what cannot be."""
    values = {name: str(value).strip() for name, value in asdict(facts).items()}
    values["credit_code"] = creditcode.normal(values["credit_code"])
    values["email"] = _address(values["email"])
    if not values["name_zh"]:
        raise BadInput("Give the company's name as on its business licence.", "请按营业执照填写单位名称。")
    changed = company is None or company.credit_code != values["credit_code"]
    if values["credit_code"] and changed:  # one kept from before this rule is not a reason to refuse a new telephone
        _require_credit_code(work, values["credit_code"], company)
    if not same_name and (company is None or folded(company.name_zh) != folded(values["name_zh"])):
        _require_new_name(work, values["name_zh"], company)
    return values


def _require_credit_code(work: Work, code: str, company: Company | None) -> None:
    if wrong := creditcode.refusal(code):
        raise BadInput(wrong.en, wrong.zh, code="credit_code")
    other = queries.company_by_credit_code(work.session, code)
    if other is not None and other is not company:
        raise BadInput(
            f"{other.code} {other.name_en or other.name_zh} has this credit code already; use that company.",
            f"{other.code} {other.name_zh} 已登记该统一社会信用代码；请直接使用该单位。",
            code="credit_code",
        )


def _require_new_name(work: Work, name: str, company: Company | None) -> None:
    for other in queries.companies(work.session):
        if other is not company and folded(other.name_zh) == folded(name):
            told = Sentence(
                f"{other.code} has the same name; use that company, or tick that this is another one.",
                f"{other.code} 单位名称相同；请直接使用该单位，或勾选“确为另一家单位”。",
            )
            raise BadInput(told.en, told.zh, code=SAME_NAME)


def folded(name: str) -> str:
    """A name without what people write now so, now so: spaces, width, brackets, case.

    >>> folded("晴川 （海宁）") == folded("晴川(海宁)")
    True
    """
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
