"""Messages of a request: between both sides with files, notes that stay in the laboratory, and what is not read yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from lims.attachments import operations as attachments
from lims.attachments import queries as files
from lims.attachments.models import Attachment
from lims.contracts.models import MessageReading, RequestMessage
from lims.errors import BadInput, NotFound, Refused
from lims.laboratory import Work
from lims.orders.models import Request
from lims.orders.queries import request_by_number
from lims.parties.models import Person
from lims.parties.queries import WITH_ROLES
from lims.permissions import STAFF, Actor, visible

LONGEST = 4000  # characters of a message; ours
MOST_FILES = 10  # of one message; ours
KIND = "message"  # of the attachments


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A file that comes with a message."""

    name: str
    data: bytes


def write(work: Work, number: str, text: str, *, internal: bool = False, sent: Sequence[Sent] = ()) -> RequestMessage:
    """One message about a request, by the company or the office, with its files: all or nothing.

    internal: a note that only the laboratory reads; nobody is told of it. Who writes has read what was there.
    """
    work.actor.require("request.write")
    request = request_by_number(work.session, number, work.actor)
    if internal and not work.actor.roles & STAFF:
        raise Refused("Notes are for the laboratory's own people.", "内部备注仅供本中心人员使用。")
    if len(sent) > MOST_FILES:
        raise BadInput(f"At most {MOST_FILES} files with one message.", f"每条留言最多附 {MOST_FILES} 个文件。")
    message = say(work, request, text, internal=internal)
    for one in sent:
        attachments.add(
            work, kind=KIND, subject=str(message.id), name=one.name, data=one.data, purpose=KIND, internal=internal
        )
    if internal:
        work.record("note", number, "write_note", message=message.id)
    else:
        work.record("request", number, "message")
    return message


def say(work: Work, request: Request, text: str, *, internal: bool = False) -> RequestMessage:
    """Keep what somebody says; what happened is recorded by the caller."""
    if not text.strip() or len(text) > LONGEST:
        raise BadInput(f"Write 1 to {LONGEST} characters.", f"请填写 1 至 {LONGEST} 个字符。")
    person_id = _person(work)
    message = RequestMessage(
        request_id=request.id, at=work.now, person_id=person_id, text=text.strip(), internal=internal
    )
    work.session.add(message)
    work.session.flush()
    _read_to(work, request, message.id)
    return message


def read(work: Work, number: str) -> None:
    """The actor's side has read every message of a request."""
    request = request_by_number(work.session, number, work.actor)
    last = work.session.scalar(sa.select(sa.func.max(RequestMessage.id)).where(RequestMessage.request_id == request.id))
    if last is not None and not work.actor.blind:
        _read_to(work, request, last)


def _read_to(work: Work, request: Request, message_id: int) -> None:
    company = work.actor.company_id is not None
    reading = work.session.get(MessageReading, (request.id, company))
    if reading is None:
        reading = MessageReading(request_id=request.id, company=company)
        work.session.add(reading)
    reading.message_id, reading.at, reading.person_id = message_id, work.now, _person(work)
    work.session.flush()


def of_request(session: Session, request: Request, reader: Actor) -> Sequence[RequestMessage]:
    """The messages of a request that a reader may read, oldest first; a technician kept blind reads none."""
    if reader.blind:
        return ()
    select = sa.select(RequestMessage).where(RequestMessage.request_id == request.id)
    select = select.options(joinedload(RequestMessage.person).options(WITH_ROLES))
    return session.scalars(_readable(select, reader).order_by(RequestMessage.id)).all()


def by_id(session: Session, message_id: str, reader: Actor) -> RequestMessage:
    """One message, if the reader may read it; else `NotFound`."""
    number = int(message_id) if message_id.isascii() and message_id.isdigit() and len(message_id) < 10 else -1
    select = sa.select(RequestMessage).join(Request).where(RequestMessage.id == number)
    found = session.scalar(visible(_readable(select, reader), Request.company_id, reader))
    if found is None or reader.blind:
        raise NotFound("There is no such message.", "没有该留言。")
    return found  # type: ignore[no-any-return]


def _readable(select: Any, reader: Actor) -> Any:
    return select if reader.roles & STAFF else select.where(~RequestMessage.internal)


def files_of(session: Session, messages: Sequence[RequestMessage], reader: Actor) -> Mapping[int, Sequence[Attachment]]:
    """The files of messages by message."""
    found = {one.id: files.of(session, KIND, str(one.id), reader=reader) for one in messages}
    return {key: rows for key, rows in found.items() if rows}


def unread(session: Session, reader: Actor) -> dict[str, int]:
    """How many messages of the other side the reader's side has not read, by the request's number."""
    if reader.blind or not reader.may("request.write"):
        return {}
    company = reader.company_id is not None
    theirs = Person.company_id.is_(None) if company else Person.company_id.is_not(None)
    same = sa.and_(MessageReading.request_id == Request.id, MessageReading.company == sa.literal(company))
    select: Any = (
        sa.select(Request.number, sa.func.count(RequestMessage.id))
        .join(RequestMessage, RequestMessage.request_id == Request.id)
        .join(Person, RequestMessage.person_id == Person.id)
        .outerjoin(MessageReading, same)
        .where(theirs, ~RequestMessage.internal, RequestMessage.id > sa.func.coalesce(MessageReading.message_id, 0))
        .group_by(Request.number)
    )
    rows = session.execute(visible(select, Request.company_id, reader))
    return {str(number): int(count) for number, count in rows}


def _person(work: Work) -> int:
    if work.actor.id is None:
        raise Refused("A named person writes a message.", "留言须由具名人员填写。")
    return work.actor.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The messages of a request as a page shows them. unread: how many of the other side wait to be read."""

    rows: Sequence[RequestMessage]
    files: Mapping[int, Sequence[Attachment]]
    unread: int


def thread(session: Session, request: Request, reader: Actor) -> Thread:
    """What a reader may read of a request's messages, with their files."""
    rows = of_request(session, request, reader)
    return Thread(
        rows=rows, files=files_of(session, rows, reader), unread=unread(session, reader).get(request.number, 0)
    )
