"""A page that was overtaken: what somebody did to a record since it was opened, and a refusal that tells it.

The version of a record is the position of its last event in the audit trail. A form sends back the version its page had
seen; a verb that finds a later event is refused before it changes anything. All verbs take turns (`audit.take_turn`),
so nothing can slip in between the question and the change. What benches and the laboratory itself do does not count:
it follows from what people did, or goes on all the time.
"""

from __future__ import annotations

import json
import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.audit import Event
from lims.clock import local
from lims.errors import Sentence, Stale
from lims.labels import COMPANY_FIELDS, Label, action_label
from lims.laboratory import Work
from lims.parties.models import Person
from lims.permissions import Actor
from lims.review.queries import who

MARK = re.compile(r"([a-z_]{1,40}) (\S{1,60}) (\d{1,12})")
TOLD = 3  # of several changes, so many of the last are told


def mark(session: Session, kind: str, number: str) -> str:
    """The version of a record as a form carries it, e.g. ``request WT-2026-00001 154``."""
    last = session.scalar(sa.select(sa.func.max(Event.position)).where(*_of(kind, number)))
    return f"{kind} {number} {last or 0}"


def require_fresh(work: Work, seen: str) -> None:
    """Raise `Stale` if a person changed the record of ``seen`` after it was seen; an empty mark asks nothing."""
    found = MARK.fullmatch(seen)
    if found is None:
        return
    kind, number, position = found[1], found[2], int(found[3])
    later = (
        sa.select(Event, Person)
        .join(Person, Event.actor_id == Person.id)
        .where(*_of(kind, number), Event.position > position)
        .order_by(Event.position)
    )
    zone = work.laboratory.settings.time_zone
    told = [_told(event, person, work.actor, zone) for event, person in work.session.execute(later).unique()]
    if told:
        en, zh = "; ".join(one.en for one in told[-TOLD:]), "；".join(one.zh for one in told[-TOLD:])
        raise Stale(
            f"{number} was changed since you opened this page ({en}). Nothing was done; look at it again, then repeat.",
            f"您打开此页面后，{number} 已被更改（{zh}）。本次未作任何操作；请查看最新内容后再试。",
            code="stale",
        )


def _of(kind: str, number: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Event.kind == kind, Event.subject == number, Event.actor_id.is_not(None)


def _told(event: Event, person: Person, reader: Actor, zone: str) -> Sentence:
    did, label = _who(event, person, reader), action_label(event.kind, event.action)
    fields = [COMPANY_FIELDS.get(one, Label(one, one)) for one in json.loads(event.detail).get("changed", ())]
    en, zh = ", ".join(one.en for one in fields), "、".join(one.zh for one in fields)
    more = Label(f"（{zh}）", f" ({en})") if fields else Label("", "")
    time = local(event.at, zone)
    return Sentence(f"{did.en}: {label.en}{more.en}, {time}", f"{did.zh}：{label.zh}{more.zh}，{time}")


def _who(event: Event, person: Person, reader: Actor) -> Label:
    if event.actor_id == reader.id:
        return Label("您本人", "you")
    known = who(event, person, reader)
    return known if known.zh else Label("检测机构", "the laboratory")
