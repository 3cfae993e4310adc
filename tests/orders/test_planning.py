"""Plans: half-days, what stands against a plan in words, plans changed with a reason, the calendar, a day."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from lims.audit import Event
from lims.demonstration import journey, people
from lims.equipment import operations as equipment_operations
from lims.equipment import queries as equipment_queries
from lims.errors import BadInput, Forbidden, Refused
from lims.items import operations as items
from lims.laboratory import Laboratory
from lims.lists.filters import Reader
from lims.orders import diary, planning
from lims.orders.concerns import between, slot_of
from lims.orders.lists import JOBS
from lims.orders.models import Job
from lims.orders.slots import Slot
from lims.parties.models import Competence

MONDAY, TUESDAY = date(2026, 11, 30), date(2026, 12, 1)  # working days of the calendar as published
FREE = (date(2026, 12, 5), date(2026, 12, 6))  # a weekend


# --- half-days ---------------------------------------------------------------------------------------------------

days = st.dates(date(2026, 1, 1), date(2026, 1, 12))
slots = st.builds(
    lambda first, more, begins, ends: Slot(
        first=first, last=first + timedelta(more), begins_noon=begins, ends_noon=ends and (more > 0 or not begins)
    ),
    days, st.integers(0, 5), st.booleans(), st.booleans(),
)  # fmt: skip


def halves(slot: Slot) -> set[tuple[date, int]]:
    return {(day, half) for day in slot.days for half, taken in enumerate(slot.half_days(day)) if taken}


@given(slots, slots)
def test_two_slots_meet_when_they_share_a_half_day(one: Slot, other: Slot) -> None:
    assert one.meets(other) == other.meets(one) == bool(halves(one) & halves(other))


@pytest.mark.parametrize(
    ("slot", "count", "en"),
    [
        (Slot.day(MONDAY), 2, "2026-11-30"),
        (Slot(first=MONDAY, last=MONDAY, begins_noon=True), 1, "2026-11-30 afternoon"),
        (Slot(first=MONDAY, last=MONDAY, ends_noon=True), 1, "2026-11-30 morning"),
        (
            Slot(first=MONDAY, last=TUESDAY, begins_noon=True, ends_noon=True), 2,
            "2026-11-30 afternoon – 2026-12-01 morning",
        ),
    ],
)  # fmt: skip
def test_a_slot_is_so_many_half_days_and_says_so(slot: Slot, count: int, en: str) -> None:
    assert (len(halves(slot)), slot.words.en) == (count, en)


@pytest.mark.parametrize(
    ("first", "last", "begins", "ends"),
    [(TUESDAY, MONDAY, False, False), (MONDAY, MONDAY, True, True), (MONDAY, MONDAY + timedelta(400), False, False)],
)
def test_a_slot_that_cannot_be_is_refused(first: date, last: date, begins: bool, ends: bool) -> None:
    with pytest.raises(BadInput):
        Slot(first=first, last=last, begins_noon=begins, ends_noon=ends)


# --- what stands against a plan ----------------------------------------------------------------------------------


def plan(laboratory: Laboratory, number: str, item: str, slot: Slot, **more: Any) -> Job:
    technician = people.person(laboratory, "technician").id
    given: dict[str, Any] = {"bench": journey.BENCH, "assigned_to_id": technician, "stop_at_warnings": True} | more
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        return items.plan_job(work, request_number=number, item_number=item, planned_on=slot, **given)


def refused(laboratory: Laboratory, number: str, item: str, slot: Slot, **more: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        plan(laboratory, number, item, slot, **more)
    return caught.value


def events(laboratory: Laboratory, action: str) -> list[Event]:
    with laboratory.database.read() as session:
        return list(session.scalars(sa.select(Event).where(Event.action == action).order_by(Event.position)))


def test_what_stands_against_a_plan_is_told_before_and_kept_when_it_is_set_aside(laboratory: Laboratory) -> None:
    first = journey.receive(laboratory, journey.order(laboratory))
    other_order = journey.order(laboratory)
    other = journey.receive(laboratory, other_order)
    week = Slot(first=MONDAY, last=TUESDAY, begins_noon=True)
    # Nothing is planned yet then: no clash; somebody set the receipt's own jobs on today.
    made = plan(laboratory, first.request, first.item, week, stop_at_warnings=False)
    before = len(events(laboratory, "plan"))
    clash = refused(laboratory, other.request, other.item, Slot(first=TUESDAY, last=TUESDAY, ends_noon=True))
    assert isinstance(clash, planning.Warned)
    assert f"{journey.BENCH} is taken by {made.number} (2026-11-30 afternoon – 2026-12-01)" in clash.sentence.en
    assert f"已有 {made.number}（2026-11-30 下午 至 2026-12-01）" in clash.sentence.zh
    assert len(events(laboratory, "plan")) == before
    weekend = refused(laboratory, other.request, other.item, Slot(first=FREE[0], last=FREE[1]))
    assert "2026-12-05 (weekend), 2026-12-06 (weekend)" in weekend.sentence.en
    assert made.number not in weekend.sentence.en
    kept = plan(
        laboratory, other.request, other.item, Slot(first=TUESDAY, last=TUESDAY, ends_noon=True), stop_at_warnings=False
    )
    assert kept.planned_on == TUESDAY
    told = json.loads(events(laboratory, "plan")[-1].detail)
    assert any(made.number in one for one in told["warnings"])


def test_who_is_not_competent_on_a_day_of_the_plan_is_refused_whatever_is_ticked(planned: Laboratory) -> None:
    with planned.database.write() as session:
        session.execute(sa.update(Competence).where(Competence.activity == "test").values(valid_to=MONDAY))
        job = session.scalars(sa.select(Job)).one()
        number, technician = job.number, job.assigned_to_id
    with pytest.raises(Refused, match=f"is not authorised for this test on {TUESDAY}"):
        replan(planned, number, technician, Slot(first=MONDAY, last=TUESDAY))
    assert replan(planned, number, technician, Slot.day(MONDAY)).planned_to == MONDAY


def test_an_instrument_out_of_service_and_a_calibration_that_runs_out_are_told(planned: Laboratory) -> None:
    with planned.work(journey.actor(planned, "quality")) as work:
        found = equipment_queries.by_number(work.session, "HB-EQ-0001")
        due = max(one.due_on for one in found.calibrations)
    number, technician = _job(planned)
    far = due + timedelta(days=3)
    with planned.database.write() as session:
        session.execute(sa.update(Competence).values(valid_to=far + timedelta(days=9)))
    with pytest.raises(planning.Warned, match=f"HB-EQ-0001 .* valid on {far}"):
        replan(planned, number, technician, Slot.day(far), stop_at_warnings=True)
    with planned.work(journey.actor(planned, "quality")) as work:
        found = equipment_queries.by_number(work.session, "HB-EQ-0001")
        equipment_operations.set_in_service(work, found, in_service=False, reason="dropped")
    with pytest.raises(planning.Warned, match=r"HB-EQ-0001 .* out of service"):
        replan(planned, number, technician, Slot.day(MONDAY), stop_at_warnings=True)


# --- planned anew ------------------------------------------------------------------------------------------------


def _job(laboratory: Laboratory) -> tuple[str, int]:
    with laboratory.database.read() as session:
        job = session.scalars(sa.select(Job)).one()
        return job.number, job.assigned_to_id


def replan(laboratory: Laboratory, number: str, technician: int, slot: Slot, **more: Any) -> Job:
    given: dict[str, Any] = {"bench": journey.BENCH, "reason": "rain 下雨", "who": "office"} | more
    with laboratory.work(journey.actor(laboratory, given.pop("who"))) as work:
        return planning.replan_job(work, number, slot=slot, assigned_to_id=technician, **given)


def test_a_plan_is_changed_with_its_reason_and_what_it_was_is_kept(planned: Laboratory) -> None:
    number, technician = _job(planned)
    with planned.database.read() as session:
        was = slot_of(session.scalars(sa.select(Job)).one()).words.zh
    later = Slot(first=MONDAY, last=TUESDAY, ends_noon=True)
    with pytest.raises(BadInput, match="Give a reason"):
        replan(planned, number, technician, later, reason=" ")
    with pytest.raises(Forbidden):
        replan(planned, number, technician, later, who="reviewer")
    changed = replan(planned, number, technician, later)
    assert slot_of(changed) == later
    event = events(planned, "replan")[-1]
    assert (event.reason, json.loads(event.detail)["changed"]) == ("rain 下雨", {"when": f"{was} → {later.words.zh}"})
    with pytest.raises(BadInput, match="Nothing is different"):
        replan(planned, number, technician, later)
    with planned.database.write() as session:
        session.execute(sa.update(Job).values(state="running"))
    with pytest.raises(Refused, match="has not begun"):
        replan(planned, number, technician, Slot.day(TUESDAY))


# --- calendar and day --------------------------------------------------------------------------------------------


def test_the_calendar_shows_each_half_day_and_marks_what_is_taken_twice(planned: Laboratory) -> None:
    number, technician = _job(planned)
    replan(planned, number, technician, Slot(first=MONDAY, last=TUESDAY, begins_noon=True, ends_noon=True))
    span = diary.days_of(TUESDAY, month=False)
    assert (span[0], len(span)) == (MONDAY, 7)
    with planned.database.read() as session:
        jobs = between(session, span[0], span[-1])
        rows = diary.by_bench(jobs, [journey.BENCH, "idle"], span)
        mine = diary.by_person(jobs, [], span)
    assert [row.key for row in rows] == [journey.BENCH, "idle"]
    assert [(one.morning, one.afternoon) for cell in rows[0].cells for one in cell] == [(False, True), (True, False)]
    assert not any(rows[1].cells)
    assert [row.key for row in mine] == [str(technician)]
    twice = diary.by_person([*jobs, *jobs], [], span)[0]
    assert twice.clash == [True, True, False, False, False, False, False]
    same_item = diary.by_bench([*jobs, *jobs], [journey.BENCH], span)[0]
    assert not any(same_item.clash)


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2028, 2, 29), date(2026, 12, 31)])
def test_a_month_has_its_days_and_its_neighbours_are_months(day: date) -> None:
    span = diary.days_of(day, month=True)
    assert (span[0].day, {one.month for one in span}, day in span) == (1, {day.month}, True)
    assert (span[-1] + timedelta(1)).day == 1
    before, after = diary.neighbours(span[0], month=True)
    assert (before, after) == (span[0] - timedelta(1), span[-1] + timedelta(1))


def test_a_technicians_day_sorts_jobs_by_what_to_do_about_them() -> None:
    def job(state: str, first: date, last: date) -> Job:
        return Job(state=state, planned_on=first, planned_to=last, begins_noon=False, ends_noon=False)

    yesterday, tomorrow = MONDAY - timedelta(1), TUESDAY
    jobs = [
        job("planned", MONDAY, MONDAY), job("running", yesterday, tomorrow), job("planned", yesterday, yesterday),
        job("measured", yesterday, yesterday), job("planned", tomorrow, tomorrow),
        job("planned", MONDAY + timedelta(8), MONDAY + timedelta(8)),
    ]  # fmt: skip
    found = diary.my_day(jobs, MONDAY)
    assert (found.today, found.late, found.measured, found.coming) == (jobs[:2], [jobs[2]], [jobs[3]], [jobs[4]])


def test_jobs_whose_time_has_passed_are_listed_as_overdue(planned: Laboratory) -> None:
    number, technician = _job(planned)
    replan(planned, number, technician, Slot.day(MONDAY))
    office = journey.actor(planned, "office")
    reader = Reader(actor=office, language="en", zone="Asia/Shanghai", today=MONDAY)
    late = next(one for one in JOBS.filters if one.name == "late")
    with planned.database.read() as session:
        for today, count in ((MONDAY, 0), (TUESDAY, 1)):
            condition = late.condition({"late": "1"}, replace(reader, today=today))
            assert condition is not None
            assert len(session.scalars(JOBS.select(office).where(condition)).all()) == count
