"""Messages reach the other side with their files; notes stay in the laboratory; what is unread is told to one side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from lims.attachments.models import Attachment
from lims.contracts import messages
from lims.demonstration import journey, people
from lims.errors import BadInput, Forbidden, HeliobenchError, NotFound, Refused
from lims.laboratory import Laboratory, Work
from lims.notices.models import Notice
from lims.orders.operations import RequestForm
from lims.orders.queries import request_by_number
from lims.review.queries import history

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database
FORM = RequestForm(product="collector-flat", tests=(people.METHOD,), manufacturer="M", model="X", gross_area=2.5)
NOTE = messages.Sent(name="price.txt", data=b"internal price")
Verb = Callable[[Work], Any]


def _do(laboratory: Laboratory, by: str, verb: Verb) -> Any:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        return verb(work)


def _unread(laboratory: Laboratory, by: str) -> dict[str, int]:
    with laboratory.database.read() as session:
        return messages.unread(session, journey.actor(laboratory, by))


@pytest.fixture
def placed(laboratory: Laboratory) -> str:
    """A submitted request."""
    return journey.submit(laboratory, username="shen", form=FORM)


def test_what_one_side_writes_is_unread_for_the_other_until_it_reads_or_answers(
    laboratory: Laboratory, placed: str
) -> None:
    _do(laboratory, "shen", lambda work: messages.write(work, placed, "When?"))
    _do(laboratory, "shen", lambda work: messages.write(work, placed, "And where?"))
    assert (_unread(laboratory, "office"), _unread(laboratory, "shen")) == ({placed: 2}, {})
    _do(laboratory, "office", lambda work: messages.write(work, placed, "Tomorrow.", sent=[NOTE]))
    assert (_unread(laboratory, "office"), _unread(laboratory, "shen")) == ({}, {placed: 1})
    assert (_unread(laboratory, "lu"), _unread(laboratory, "technician")) == ({}, {})
    _do(laboratory, "shen", lambda work: messages.read(work, placed))
    assert _unread(laboratory, "shen") == {}


def test_a_note_and_its_file_stay_in_the_laboratory(laboratory: Laboratory, placed: str) -> None:
    with laboratory.database.read() as session:
        told = session.scalar(sa.select(sa.func.count(Notice.id)))
    note = _do(laboratory, "office", lambda work: messages.write(work, placed, "bad payer", internal=True, sent=[NOTE]))
    assert _unread(laboratory, "shen") == {}
    with laboratory.database.read() as session:
        office, company = (journey.actor(laboratory, name) for name in ("office", "shen"))
        request = request_by_number(session, placed, company)
        assert messages.of_request(session, request, company) == []
        assert [one.text for one in messages.of_request(session, request, office)] == ["bad payer"]
        assert "write_note" not in [one.action for one in history(session, placed, company)]
        assert "write_note" in [one.action for one in history(session, placed, office)]
        assert session.scalars(sa.select(Attachment.internal).where(Attachment.kind == "message")).all() == [True]
        assert session.scalar(sa.select(sa.func.count(Notice.id))) == told
        with pytest.raises(NotFound):
            messages.by_id(session, str(note.id), company)
        assert messages.by_id(session, str(note.id), office).internal


@ONE_KIND
def test_a_technician_kept_blind_and_another_company_read_no_message(laboratory: Laboratory, placed: str) -> None:
    said = _do(laboratory, "shen", lambda work: messages.write(work, placed, "We of Qingchuan"))
    blind = replace(journey.actor(laboratory, "technician"), blind=True)
    with laboratory.database.read() as session:
        request = request_by_number(session, placed, blind)
        assert list(messages.of_request(session, request, blind)) == []
        for reader, number in ((blind, str(said.id)), (journey.actor(laboratory, "lu"), str(said.id)), (blind, "x")):
            with pytest.raises(NotFound):
                messages.by_id(session, number, reader)


REFUSED: tuple[tuple[str, Callable[[Work, str], Any], type[HeliobenchError]], ...] = (
    ("shen", lambda work, number: messages.write(work, number, "secret", internal=True), Refused),
    ("shen", lambda work, number: messages.write(work, number, " "), BadInput),
    ("shen", lambda work, number: messages.write(work, number, "x" * 4001), BadInput),
    ("shen", lambda work, number: messages.write(work, number, "x", sent=[NOTE] * 11), BadInput),
    ("shen", lambda work, number: messages.write(work, number, "x", sent=[replace(NOTE, data=b"")]), BadInput),
    ("lu", lambda work, number: messages.write(work, number, "x"), NotFound),
    ("lu", lambda work, number: messages.read(work, number), NotFound),
    ("technician", lambda work, number: messages.write(work, number, "x"), Forbidden),
)


@ONE_KIND
def test_what_is_refused_keeps_nothing(laboratory: Laboratory, placed: str) -> None:
    for by, verb, error in REFUSED:
        with pytest.raises(error):
            _do(laboratory, by, lambda work, verb=verb: verb(work, placed))
    with laboratory.database.read() as session:
        request = request_by_number(session, placed, journey.actor(laboratory, "office"))
        assert messages.of_request(session, request, journey.actor(laboratory, "office")) == []
