"""The audit trail: one event for every change, chained so that no event can be changed, lost or slipped in unseen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims import audit
from lims.audit import ChainHead, Event, Verdict
from lims.certificates.models import Report
from lims.demonstration import journey
from lims.items.models import Item
from lims.laboratory import SYSTEM, Laboratory
from lims.orders.models import Job, Request
from lims.parties import operations as parties
from lims.permissions import Role
from lims.results.models import Result
from lims.runs.models import Run
from lims.workflow import MACHINES

Tamper = Callable[..., None]
TABLES = {"request": Request, "item": Item, "job": Job, "run": Run, "result": Result, "report": Report}


def verdict(laboratory: Laboratory) -> Verdict:
    with laboratory.database.read() as session:
        return audit.verify(session)


@pytest.fixture
def tamper(laboratory: Laboratory, disarmed: Callable[[Session, str], None]) -> Callable[..., None]:
    """What someone with the database's password would do: first the triggers off, then the change."""

    def change(*statements: str) -> None:
        with laboratory.database.write() as session:
            disarmed(session, "event")
            for told in ("mail", "notice"):  # they point at events; whoever forges the trail forgets them first
                session.execute(sa.text(f"delete from {told}"))
            for statement in statements:
                session.execute(sa.text(statement))

    return change


def test_an_untouched_trail_verifies_to_its_last_event(laboratory: Laboratory) -> None:
    found = verdict(laboratory)
    with laboratory.database.read() as session:
        assert found.events == session.scalar(sa.select(sa.func.count()).select_from(Event)) > 30
        assert found.head == session.get_one(ChainHead, audit.CHAIN).hash
    assert found.wrong_at is None
    assert "complete" in found.sentence_en
    assert "完整" in found.sentence_zh


def test_an_empty_trail_verifies(laboratory: Laboratory, tamper: Tamper) -> None:
    tamper("delete from event", "delete from chain_head")
    assert verdict(laboratory) == Verdict(events=0, head=audit.GENESIS)


COLUMNS = ("at", "actor_id", "actor_name", "kind", "subject", "action", "source", "target", "reason", "detail")


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("column", [*COLUMNS, "previous", "hash"])
def test_a_change_of_any_column_of_an_event_is_found_and_the_event_named(
    laboratory: Laboratory, tamper: Tamper, column: str
) -> None:
    changed = {"at": "'2020-01-01 00:00:00'", "actor_id": "1"}.get(column, "'x'")
    tamper(f"update event set {column} = {changed} where position = 25")
    found = verdict(laboratory)
    assert (found.wrong_at, found.events) == (25, 24)
    assert found.sentence_en == "Event 25 was changed."
    assert found.sentence_zh == "第 25 条事件已被更改。"


@pytest.mark.parametrize("position", [1, 7])
def test_a_deleted_event_is_named_as_missing(laboratory: Laboratory, tamper: Tamper, position: int) -> None:
    tamper(f"delete from event where position = {position}")
    assert verdict(laboratory).sentence_en == f"Event {position} is missing."


def test_a_deleted_event_is_found_when_the_later_ones_move_up(laboratory: Laboratory, tamper: Tamper) -> None:
    tamper(
        "delete from event where position = 7",
        "update event set position = -position where position > 7",
        "update event set position = -position - 1 where position < 0",
    )
    assert verdict(laboratory).wrong_at == 7


def test_two_events_that_changed_places_are_found(laboratory: Laboratory, tamper: Tamper) -> None:
    tamper(
        "update event set position = 0 where position = 5",
        "update event set position = 5 where position = 6",
        "update event set position = 6 where position = 0",
    )
    assert verdict(laboratory).wrong_at == 5


def test_a_cut_tail_is_found(laboratory: Laboratory, tamper: Tamper) -> None:
    last = verdict(laboratory).events
    tamper(f"delete from event where position > {last - 3}")
    found = verdict(laboratory)
    assert found.wrong_at == last - 2
    assert found.sentence_en == f"Event {last - 2} was cut off the end of the trail."


def test_a_whole_trail_cut_away_is_found(laboratory: Laboratory, tamper: Tamper) -> None:
    tamper("delete from event")
    assert verdict(laboratory).wrong_at == 1


def test_an_event_slipped_in_at_the_end_is_named_as_slipped_in(laboratory: Laboratory) -> None:
    """Inserting needs no trigger to be dropped: a right hash is not enough, the head must know of it."""
    with laboratory.database.write() as session:
        head = session.get_one(ChainHead, audit.CHAIN)
        position, last_hash = head.position, head.hash
        audit.record(session, at=laboratory.clock(), actor=SYSTEM, kind="person", subject="x", action="add")
        session.execute(sa.update(ChainHead).values(position=position, hash=last_hash))
    found = verdict(laboratory)
    assert found.wrong_at == position + 1
    assert found.sentence_en == f"Event {position + 1} was slipped in after the end of the trail."


def test_a_last_event_put_in_the_place_of_another_is_named(laboratory: Laboratory, tamper: Tamper) -> None:
    last = verdict(laboratory).events
    with laboratory.database.read() as session:
        event = session.get_one(Event, last)
        event.action = "forged"
        forged = audit.digest(event)
    tamper(f"update event set action = 'forged', hash = '{forged}' where position = {last}")
    found = verdict(laboratory)
    assert (found.wrong_at, found.events) == (last, last - 1)
    assert found.sentence_en == f"Event {last} was put in the place of another."


def test_sixteen_writers_at_once_leave_one_chain_without_a_gap(laboratory: Laboratory) -> None:
    before = verdict(laboratory).events

    def write(number: int) -> None:
        with laboratory.work(SYSTEM) as work:
            work.record("person", f"p{number}", "change")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(64)))
    found = verdict(laboratory)
    assert (found.events, found.wrong_at) == (before + 64, None)


def test_the_trail_verifies_at_every_moment_while_others_write(laboratory: Laboratory) -> None:
    def write(number: int) -> None:
        with laboratory.work(SYSTEM) as work:
            work.record("person", f"p{number}", "change")

    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(write, number) for number in range(60)]
        while not all(one.done() for one in writing):
            assert verdict(laboratory).wrong_at is None
        for one in writing:
            one.result()


def test_an_event_stands_or_falls_with_the_change_it_tells_of(laboratory: Laboratory) -> None:
    before = verdict(laboratory)
    with pytest.raises(ZeroDivisionError), laboratory.work(SYSTEM) as work:  # noqa: PT012 (both lines are the test)
        parties.add_person(
            work, username="new", name_zh="新", name_en="New", password="long enough", roles=[Role.OFFICE]
        )
        raise ZeroDivisionError
    assert verdict(laboratory) == before


def test_the_events_of_every_record_replayed_give_its_state(issued: Laboratory) -> None:
    """After the whole journey: each event begins where the one before it ended, and the last one is the state."""
    with issued.database.read() as session:
        told = defaultdict(list)
        for event in session.scalars(sa.select(Event).where(Event.kind.in_(MACHINES)).order_by(Event.position)):
            told[event.subject].append(event)
        for kind, table in TABLES.items():
            rows = session.scalars(sa.select(table)).all()
            assert rows, kind
            for row in rows:
                assert _replayed(MACHINES[kind].initial, told[row.number]) == row.state, row.number


def _replayed(state: str, events: list[Event]) -> str:
    assert events[0].source == ""
    assert events[0].target == state
    for event in events[1:]:
        if event.target:
            assert event.source == state, event.action
            state = event.target
    return state


def test_an_event_tells_who_did_what_when_and_to_what(issued: Laboratory) -> None:
    with issued.database.read() as session:
        event = session.scalars(sa.select(Event).where(Event.kind == "result", Event.action == "authorise")).one()
    who = journey.actor(issued, "signatory")
    assert (event.actor_id, event.actor_name, event.source, event.target) == (
        who.id, "周正", "reviewed", "authorised",
    )  # fmt: skip
    assert event.at.utcoffset() is not None
    assert '"outcome":"' in event.detail
