"""Whom an event concerns, and the facts that are told about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from lims.audit import Event
from lims.certificates.models import Report
from lims.errors import Sentence
from lims.items.models import FINDINGS, Item
from lims.labels import ACTIVITIES, ROLES
from lims.laboratory import Work
from lims.manual.models import ManualTest
from lims.orders.models import Job, Request
from lims.parties import queries
from lims.parties.models import Invitation, MailedLink, Person, PersonRole
from lims.permissions import Role
from lims.repertoire import known_tests
from lims.results.models import Result
from lims.sampling import queries as sampling
from lims.sampling.models import Objection, SamplingTask

TABLES: dict[str, Any] = {
    "request": Request, "item": Item, "job": Job, "result": Result, "report": Report, "manual": ManualTest,
    "objection": Objection, "task": SamplingTask,
}  # fmt: skip
PATHS = {
    "request": "requests", "item": "items", "job": "jobs", "result": "results", "report": "reports", "manual": "manual",
    "task": "spot-checks",
}  # fmt: skip
TOLD_AS_THEY_ARE = ("days", "hours", "by", "announced", "found", "report", "received_on", "until")  # of a detail
SENT = Sentence("Please send the item.", "请寄送样品。")
BROUGHT = Sentence("The samplers bring the sealed samples.", "封样样品由抽样人员送达。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """One recipient: a person, or somebody who is not one yet; with a one-time link where there is one to open."""

    person: Person | None
    name: str
    address: str
    language: str
    link: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event with the record it is about and what else it says."""

    work: Work
    event: Event
    record: Any
    detail: dict[str, Any]

    @property
    def path(self) -> str:
        """The page of the record; of an objection, and of a result that is told, the page of both."""
        if self.event.kind == "objection" or self.event.action == "tell_result":
            return f"/requests/{_request(self).number}/objections"
        if self.event.kind in PATHS:
            return f"/{PATHS[self.event.kind]}/{self.event.subject}"
        return "/account"


def happened(work: Work, event: Event) -> Happened | None:
    """The event with its record; None if there is no such record (a kind of event that is told otherwise)."""
    detail = json.loads(event.detail)
    if event.kind in TABLES:
        table = TABLES[event.kind]
        record = work.session.scalar(sa.select(table).where(table.number == event.subject))
    elif event.kind == "invitation":
        record = work.session.get(Invitation, int(event.subject))
    else:
        record = queries.person_by_username(work.session, event.subject)
    return None if record is None else Happened(work=work, event=event, record=record, detail=detail)


def facts(one: Happened) -> dict[str, str]:
    """What the words of a notice may use; names of which two languages are known end in _zh and _en."""
    found = {"number": one.event.subject, "reason": one.event.reason}
    if one.event.kind == "task":
        found |= {"authority": one.record.authority, "document": one.record.document}
        found |= {"products": one.record.products, "end": one.record.last_day.isoformat()}
    elif one.event.kind in TABLES:
        request = _request(one)
        found |= {"product_zh": _text(request, "product_zh"), "product_en": _text(request, "product_en")}
        found |= {"company_zh": request.company.name_zh, "company_en": request.company.name_en}
        sending = BROUGHT if request.kind == "spot_check" else SENT
        found |= {"sending_zh": sending.zh, "sending_en": sending.en}
    if one.event.kind == "job":
        found |= {"bench": one.record.bench, "day": one.record.planned_on.isoformat()}
    if one.event.kind == "objection":
        found |= {"report": one.record.report.number, "body": one.record.body or "–"}
    if one.event.action == "find":
        found["what_en"], found["what_zh"] = FINDINGS[one.detail["what"]]
    if one.event.kind == "competence":
        activity = ACTIVITIES[one.detail["activity"]]
        found |= _test(one.detail["method"]) | {"activity_zh": activity.zh, "activity_en": activity.en}
        found |= {"start": one.detail.get("valid_from", ""), "end": one.detail.get("valid_to", "")}
    if one.event.kind == "invitation":
        names = [ROLES[role] for role in one.record.roles.split()]
        found |= {"roles_zh": "、".join(name.zh for name in names), "roles_en": ", ".join(name.en for name in names)}
    return found | {key: str(one.detail[key]) for key in TOLD_AS_THEY_ARE if key in one.detail}


def _request(one: Happened) -> Any:
    kind, record = one.event.kind, one.record
    if kind == "request":
        return record
    if kind in ("item", "job", "objection"):
        return record.request
    return record.job.request


def _test(code: str) -> dict[str, str]:
    known = known_tests().get(code)
    return {"method_zh": known.title_zh if known else code, "method_en": known.title_en if known else code}


def _text(record: Any, name: str) -> str:
    return str(getattr(record, name, "") or "")


def addressees(one: Happened, audience: str) -> list[Addressee]:
    """The recipients of an audience: active people, each once; never who did it, unless it concerns the account."""
    found = {each.person.id if each.person else 0: each for each in AUDIENCES[audience](one)}
    return list(found.values())


def _people(one: Happened, people: Iterable[Person], *, actor_too: bool = False) -> list[Addressee]:
    site = one.work.laboratory.settings.language
    return [
        Addressee(
            person=person, name=person.name_zh, address=person.email if person.email_verified_at else "",
            language=person.language or site,
        )
        for person in people
        if person.admitted and (actor_too or person.id != one.event.actor_id)
    ]  # fmt: skip


def _of_role(one: Happened, role: Role) -> list[Person]:
    select = sa.select(Person).join(PersonRole).where(Person.active, PersonRole.role == role)
    return list(one.work.session.scalars(select.order_by(Person.id)).unique())


def _office(one: Happened) -> list[Addressee]:
    return _people(one, _of_role(one, Role.OFFICE))


def _company(one: Happened) -> list[Addressee]:
    company = _request(one).company
    return _people(one, queries.users_of(one.work.session, company))


def _able(one: Happened, activity: str, permission_role: Role) -> list[Addressee]:
    """The people of a role who are authorised for the method or manual test today."""
    able = {
        each.person_id
        for each in queries.competent_for(one.work.session, one.record.job.code, one.work.today)
        if each.activity == activity
    }
    return _people(one, [person for person in _of_role(one, permission_role) if person.id in able])


def _handlers(one: Happened) -> list[Addressee]:
    return _people(one, [*_of_role(one, Role.OFFICE), *_of_role(one, Role.TECHNICIAN)])


def _concerned_with_item(one: Happened) -> list[Addressee]:
    """The office, who is to test the item, and its company."""
    jobs = one.work.session.scalars(sa.select(Job).where(Job.item_id == one.record.id).order_by(Job.id))
    testing = [job.assigned_to for job in jobs if job.assigned_to]
    return [*_office(one), *_people(one, testing), *_company(one)]


def _deciding(one: Happened) -> list[Addressee]:
    """Who receives an objection and who decides it."""
    return [*_office(one), *_people(one, _of_role(one, Role.QUALITY_MANAGER))]


def _signed(one: Happened) -> list[Addressee]:
    """Who authorised the report objected to."""
    return _people(one, [one.record.report.authorised_by] if one.record.report.authorised_by else [])


def _samplers(one: Happened) -> list[Addressee]:
    """Who may take the samples of a task today."""
    return _people(one, sampling.may_sample(one.work.session, one.record.codes, one.work.today))


def _tester(one: Happened) -> list[Addressee]:
    return _people(one, [one.record.tested_by])


def _person(one: Happened) -> list[Addressee]:
    return _people(one, [one.record], actor_too=one.event.kind == "person")


def _invited(one: Happened) -> list[Addressee]:
    invitation: Invitation = one.record
    link = ("invitation", invitation.id)
    return [
        Addressee(person=None, name=invitation.name, address=invitation.email, language=invitation.language, link=link)
    ]


def _linked(one: Happened) -> list[Addressee]:
    link = one.work.session.get_one(MailedLink, int(one.detail["link"]))
    whom = _people(one, [one.record], actor_too=True)
    return [replace(each, address=link.email, link=("link", link.id)) for each in whom]


def _old_address(one: Happened) -> list[Addressee]:
    old = str(one.detail.get("old", ""))
    site = one.work.laboratory.settings.language
    name, language = one.record.name_zh, one.record.language or site
    return [Addressee(person=one.record, name=name, address=old, language=language)] if old else []


AUDIENCES: dict[str, Callable[[Happened], list[Addressee]]] = {
    "office": _office,
    "company": _company,
    "quality manager": lambda one: _people(one, _of_role(one, Role.QUALITY_MANAGER)),
    "other side": lambda one: _office(one) if Role.COMPANY in one.work.actor.roles else _company(one),
    "office and company": lambda one: [*_office(one), *_company(one)],
    "handlers": _handlers,
    "concerned with the item": _concerned_with_item,
    "deciding and company": lambda one: [*_deciding(one), *_company(one)],
    "deciding, signatory and company": lambda one: [*_deciding(one), *_signed(one), *_company(one)],
    "samplers": _samplers,
    "assigned": lambda one: _people(one, [one.record.assigned_to]),
    "reviewers": lambda one: _able(one, "review", Role.REVIEWER),
    "signatories": lambda one: _able(one, "authorise", Role.SIGNATORY),
    "tester": _tester,
    "person": _person,
    "invited": _invited,
    "linked": _linked,
    "old address": _old_address,
}
