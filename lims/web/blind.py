"""Blind mode: technicians are kept from seeing whose item they test (ISO/IEC 17025 clause 4.1, impartiality).

It is the site's rule (setting blind_technicians) or asked for by an order (``Request.blind``), and then holds for all
of that company's records, for a name beside a code anywhere would give every other one away. What such a reader's
session loads from the database is changed as it is loaded, before any page, label, file or export sees it; the session
is for reading only, so nothing of it is ever written. Files that the company added, and documents that are letters to
it, are refused (`require_sighted`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from lims.attachments.models import Attachment
from lims.errors import Forbidden
from lims.items.models import Item
from lims.orders.models import Request
from lims.parties.models import Company, CompanyContact, Person
from lims.permissions import STAFF, Actor, Role
from lims.settings import Settings

HIDDEN = "—"
IN_ITS_PLACE = {"zh": "委托单位", "en": "the company"}
KEY = "hidden companies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Whose names a reader must not see: code by id, the words that would tell, and whether the brand is hidden too."""

    codes: Mapping[int, str]
    words: Mapping[int, tuple[str, ...]] = field(repr=False)
    manufacturer: bool

    def text(self, company_id: int, text: str) -> str:
        """A text without the company's name, address, contact and e-mail."""
        for word in self.words[company_id]:
            text = text.replace(word, self.codes[company_id])
        return text


def is_kept_blind(actor: Actor) -> bool:
    """Whether the rule is for this person: a technician who has no other part in the laboratory."""
    return actor.roles & STAFF == {Role.TECHNICIAN}


def hide(session: Session, actor: Actor, settings: Settings) -> bool:
    """Begin to hide, for a reader of whom the rule asks it; whether anything is hidden."""
    if not is_kept_blind(actor):
        return False
    columns = (Company.id, Company.code, Company.name_zh, Company.name_en, Company.contact, Company.email)
    more = (Company.address_zh, Company.address_en, Company.telephone)
    select = sa.select(*columns, *more)
    if not settings.blind_technicians:
        select = select.where(Company.id.in_(sa.select(Request.company_id).where(Request.blind)))
    rows = session.execute(select).all()
    if not rows:
        return False
    session.info[KEY] = Hidden(
        codes={row[0]: row[1] for row in rows},
        words={row[0]: tuple(sorted({w for w in row[2:] if w}, key=len, reverse=True)) for row in rows},
        manufacturer=settings.blind_manufacturer,
    )
    return True


def hidden(session: Session) -> Hidden | None:
    """What this session hides; None for nothing."""
    found: Hidden | None = session.info.get(KEY)
    return found


def is_sighted(session: Session, company_id: int | None) -> bool:
    """Whether the reader may see whose record this is."""
    found = hidden(session)
    return found is None or company_id not in found.codes


def require_sighted(session: Session, company_id: int | None) -> None:
    """`Forbidden` for a document that names a company whose name the reader must not see."""
    if not is_sighted(session, company_id):
        raise Forbidden(
            "This document tells whose item it is; technicians are kept from that. Ask the office.",
            "该文件会显示委托单位信息，检测员不得查看；请联系业务受理人员。",
        )


def _company(found: Hidden, company: Company) -> None:
    if company.id in found.codes:
        code = found.codes[company.id]
        _put(company, name_zh=code, name_en=code)
        _put(
            company,
            **dict.fromkeys(("credit_code", "address_zh", "address_en", "contact", "telephone", "email"), HIDDEN),
        )


def _person(found: Hidden, person: Person) -> None:
    if person.company_id in found.codes:
        _put(person, name_zh=IN_ITS_PLACE["zh"], name_en=IN_ITS_PLACE["en"], username="company", email="")


def _contact(found: Hidden, contact: CompanyContact) -> None:
    if contact.company_id in found.codes:
        _put(contact, name=HIDDEN, telephone=HIDDEN, email=HIDDEN)


def _record(found: Hidden, record: Request | Item) -> None:
    if record.company_id not in found.codes:
        return
    for name in list(record.__table__.columns.keys()):
        value = record.__dict__.get(name)
        if isinstance(value, str) and value:
            _put(record, **{name: found.text(record.company_id, value)})
    if isinstance(record, Request):
        _put(record, contact=HIDDEN, contact_telephone=HIDDEN)
    if found.manufacturer:
        _put(record, manufacturer=HIDDEN)


def _attachment(_found: Hidden, attachment: Attachment) -> None:
    """A file's name is whatever somebody called it."""
    ending = PurePosixPath(attachment.name).suffix[:10]
    _put(attachment, name=f"{attachment.purpose or 'file'}-{attachment.id}{ending}")


def _put(record: Any, **values: str) -> None:
    for name, value in values.items():
        set_committed_value(record, name, value)


MASKS: dict[type, Any] = {
    Company: _company,
    CompanyContact: _contact,
    Person: _person,
    Request: _record,
    Item: _record,
    Attachment: _attachment,
}


def _loaded(record: Any, session: Session) -> None:
    found = hidden(session)
    if found is not None:
        MASKS[type(record)](found, record)


def _refreshed(record: Any, context: Any) -> None:
    if context is not None:  # none: nothing was read; an UPDATE or a merge put the values into the object
        _loaded(record, context.session)


for _table in MASKS:
    event.listen(_table, "load", lambda record, context: _refreshed(record, context))
    event.listen(_table, "refresh", lambda record, context, _names: _refreshed(record, context))
