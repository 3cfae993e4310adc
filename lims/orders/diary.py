"""Plans arranged for people: the grid of a week or a month, and a technician's day. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lims.orders.concerns import slot_of
from lims.orders.models import Job
from lims.parties.models import Person

WEEK = 7
SOON = timedelta(days=7)  # how far ahead a technician's day looks


@dataclass(frozen=True, slots=True)
class Entry:
    """A job on one day: in the morning, in the afternoon, or both."""

    job: Job
    morning: bool
    afternoon: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A bench or a person, and for each day what is planned. ``clash``: days on which a half-day is taken twice."""

    key: str
    thing: object
    cells: list[list[Entry]]
    clash: list[bool]


def days_of(day: date, *, month: bool) -> list[date]:
    """The days of the week (from Monday) or of the month that holds ``day``."""
    if not month:
        monday = day - timedelta(days=day.weekday())
        return [monday + timedelta(days=count) for count in range(WEEK)]
    first = day.replace(day=1)
    return [one for count in range(31) if (one := first + timedelta(days=count)).month == day.month]


def neighbours(first: date, *, month: bool) -> tuple[date, date]:
    """A day of the span before and of the span after the one that begins with ``first``."""
    if month:
        return first - timedelta(days=1), (first + timedelta(days=31)).replace(day=1)
    return first - timedelta(days=WEEK), first + timedelta(days=WEEK)


def by_bench(jobs: Sequence[Job], benches: Sequence[str], days: Sequence[date]) -> list[Row]:
    """A row for each bench, for benches that are gone but planned on, and for manual tests without one."""
    gone = sorted({job.bench for job in jobs} - set(benches) - {""})
    keys = [*benches, *gone, *([""] if any(not job.bench for job in jobs) else [])]
    return [_row(key, key, [job for job in jobs if job.bench == key], days, _other_item) for key in keys]


def by_person(jobs: Sequence[Job], people: Sequence[Person], days: Sequence[date]) -> list[Row]:
    """A row for each technician, and for others who have jobs."""
    everybody = {one.id: one for one in (*people, *(job.assigned_to for job in jobs))}
    return [
        _row(str(one.id), one, [job for job in jobs if job.assigned_to_id == one.id], days, _any)
        for one in everybody.values()
    ]


def _other_item(one: Job, other: Job) -> bool:
    return one.item_id != other.item_id


def _any(_one: Job, _other: Job) -> bool:
    return True


def _row(
    key: str, thing: object, jobs: Sequence[Job], days: Sequence[date], disturb: Callable[[Job, Job], bool]
) -> Row:
    cells = [[entry for job in jobs if (entry := _entry(job, day))] for day in days]
    return Row(key, thing, cells, [_twice(cell, disturb) for cell in cells])


def _entry(job: Job, day: date) -> Entry | None:
    morning, afternoon = slot_of(job).half_days(day)
    return Entry(job, morning, afternoon) if morning or afternoon else None


def _twice(cell: Sequence[Entry], disturb: Callable[[Job, Job], bool]) -> bool:
    return any(
        ((one.morning and other.morning) or (one.afternoon and other.afternoon)) and disturb(one.job, other.job)
        for place, one in enumerate(cell)
        for other in cell[place + 1 :]
    )


@dataclass(frozen=True, slots=True)
class Day:
    """A technician's open jobs by what to do about them."""

    today: list[Job]
    late: list[Job]
    measured: list[Job]
    coming: list[Job]


def my_day(jobs: Sequence[Job], today: date) -> Day:
    """Jobs of today, those whose time has passed, those measured that wait for their result, and those of next week."""
    to_do = [job for job in jobs if job.state in ("planned", "running")]
    return Day(
        today=[job for job in to_do if job.planned_on <= today <= job.planned_to],
        late=[job for job in to_do if job.planned_to < today],
        measured=[job for job in jobs if job.state == "measured"],
        coming=[job for job in to_do if today < job.planned_on <= today + SOON],
    )
