"""Competence kept by the quality manager: granted on a basis, renewed without a gap, withdrawn at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lims.demonstration import journey, people
from lims.errors import BadInput, Forbidden, Refused
from lims.laboratory import Laboratory
from lims.parties import competence, queries, staff
from lims.parties.models import Competence, Person

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])
DAY = timedelta(days=1)
MANUAL = "procedure:iso9806-2017-freeze"


def grant(laboratory: Laboratory, by: str = "quality", **changed: object) -> list[int]:
    today = laboratory.today
    given = {
        "tests": [MANUAL], "activities": ["test"], "valid_from": today, "valid_to": today + 9 * DAY,
        "basis": "培训记录 12",
    }  # fmt: skip
    with laboratory.work(journey.actor(laboratory, by)) as work:
        person = work.session.get_one(Person, people.person(laboratory, "technician").id)
        return [one.id for one in competence.grant(work, person=person, **(given | changed))]  # type: ignore[arg-type]


def able(laboratory: Laboratory, day: date, test: str = MANUAL) -> bool:
    person = people.person(laboratory, "technician").id
    with laboratory.database.read() as session:
        return queries.is_competent(session, person_id=person, method_id=test, activity="test", day=day)


def one(laboratory: Laboratory, competence_id: int) -> Competence:
    with laboratory.database.read() as session:
        return session.get_one(Competence, competence_id)


def test_several_tests_and_activities_are_granted_at_once_with_their_basis(laboratory: Laboratory) -> None:
    made = grant(laboratory, tests=[MANUAL, "iso9806-2017-qdt"], activities=["test", "review"])
    assert len(made) == 4
    assert {one(laboratory, number).basis for number in made} == {"培训记录 12"}
    assert able(laboratory, laboratory.today)


def test_a_renewal_follows_without_a_gap_and_the_old_one_stays(laboratory: Laboratory) -> None:
    (first,) = grant(laboratory)
    today = laboratory.today
    with laboratory.work(journey.actor(laboratory, "quality")) as work:
        second = competence.renew(work, first, valid_to=today + 99 * DAY, basis="考核 3").id
    assert one(laboratory, first).valid_to == today + 9 * DAY
    assert one(laboratory, second).valid_from == today + 10 * DAY
    assert all(able(laboratory, today + number * DAY) for number in (0, 9, 10, 99))
    assert not able(laboratory, today + 100 * DAY)
    with laboratory.database.read() as session:
        rows = queries.every_competence(session)
    assert first not in {late.id for late in competence.ending_soon(rows, today)}


@ONE_KIND
def test_one_that_has_ended_is_renewed_from_today(laboratory: Laboratory) -> None:
    today = laboratory.today
    (first,) = grant(laboratory, valid_from=today - 20 * DAY, valid_to=today - 10 * DAY)
    with laboratory.work(journey.actor(laboratory, "quality")) as work:
        assert competence.renew(work, first, valid_to=today + DAY, basis="考核").valid_from == today


def test_what_is_withdrawn_does_not_hold_from_that_day_on_and_keeps_its_past(laboratory: Laboratory) -> None:
    today = laboratory.today
    (made,) = grant(laboratory, valid_from=today - 5 * DAY)
    with pytest.raises(BadInput, match="reason"), laboratory.work(journey.actor(laboratory, "quality")) as work:
        competence.withdraw(work, made, " ")
    with laboratory.work(journey.actor(laboratory, "quality")) as work:
        competence.withdraw(work, made, "比对不满意")
    assert able(laboratory, today - DAY)
    assert not able(laboratory, today)
    with laboratory.database.read() as session:
        assert (MANUAL, "test") not in queries.competences(session, today)
        assert not list(queries.competent_for(session, MANUAL, today))
    with (
        pytest.raises(Refused, match="withdrawn already"),
        laboratory.work(journey.actor(laboratory, "quality")) as work,
    ):
        competence.withdraw(work, made, "again")
    with pytest.raises(Refused, match="not renewed"), laboratory.work(journey.actor(laboratory, "quality")) as work:
        competence.renew(work, made, valid_to=today + DAY, basis="x")


@ONE_KIND
@pytest.mark.parametrize("by", ["technician", "admin", "office", "signatory", "shen"])
def test_only_the_quality_manager_keeps_competence(laboratory: Laboratory, by: str) -> None:
    (made,) = grant(laboratory)
    with pytest.raises(Forbidden):
        grant(laboratory, by=by)
    for verb in (
        lambda work: competence.renew(work, made, valid_to=work.today, basis="x"),
        lambda work: competence.withdraw(work, made, "x"),
    ):
        with pytest.raises(Forbidden), laboratory.work(journey.actor(laboratory, by)) as work:
            verb(work)


@ONE_KIND
@pytest.mark.parametrize(
    ("changed", "said"),
    [({"basis": " "}, "rests on"), ({"tests": []}, "at least one"), ({"tests": ["procedure:none"]}, "no manual test"),
     ({"activities": ["sign"]}, "no activity")],
)  # fmt: skip
def test_what_cannot_be_granted_is_refused_in_a_sentence(
    laboratory: Laboratory, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        grant(laboratory, **changed)


@ONE_KIND
@pytest.mark.parametrize(("left", "tone"), [(-1, "past"), (0, "wait"), (59, "wait"), (60, "good")])
def test_the_matrix_tells_what_ends_within_sixty_days(laboratory: Laboratory, left: int, tone: str) -> None:
    today = laboratory.today
    (made,) = grant(laboratory, valid_from=today - 90 * DAY, valid_to=today + left * DAY)
    person = people.person(laboratory, "technician").id
    with laboratory.database.read() as session:
        rows = queries.every_competence(session)
    (cell,) = competence.matrix(rows, today)[MANUAL, person]
    assert (cell.tone, cell.until) == (tone, today + left * DAY)
    assert (made in {late.id for late in competence.ending_soon(rows, today)}) == (tone == "wait")


def test_what_ends_soon_of_a_person_is_renewed_on_one_basis_and_nothing_else(laboratory: Laboratory) -> None:
    today = laboratory.today
    grant(laboratory)
    grant(laboratory, activities=["review"], valid_to=today + competence.SOON_DAYS * DAY)
    with laboratory.work(journey.actor(laboratory, "quality")) as work:
        made = competence.renew_ending(work, "technician", basis="年度评价 2026")
        told = [(one.activity, one.valid_from, one.valid_to, one.basis) for one in made]
    end = competence.last_day(today)
    assert told == [("test", today + 10 * DAY, end, "年度评价 2026")]
    with (
        pytest.raises(Refused, match="No authorisation of technician ends within 60 days") as refused,
        laboratory.work(journey.actor(laboratory, "quality")) as work,
    ):
        competence.renew_ending(work, "technician", basis="年度评价 2026")
    assert refused.value.sentence_zh == "technician 没有在 60 天内到期的授权。"


@ONE_KIND
def test_nobody_else_renews_and_nobody_who_left_is_renewed(laboratory: Laboratory) -> None:
    grant(laboratory)
    with pytest.raises(Forbidden), laboratory.work(journey.actor(laboratory, "admin")) as work:
        competence.renew_ending(work, "technician", basis="评价")
    with laboratory.work(journey.actor(laboratory, "admin")) as work:
        staff.deactivate(work, "technician", "离职")
    with pytest.raises(Refused, match="is closed"), laboratory.work(journey.actor(laboratory, "quality")) as work:
        competence.renew_ending(work, "technician", basis="评价")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 11, 28), date(2029, 11, 27)), (date(2024, 3, 1), date(2027, 2, 28)),
        (date(2027, 1, 1), date(2029, 12, 31)),
    ],
)  # fmt: skip
def test_an_authorisation_is_proposed_for_three_years(first: date, last: date) -> None:
    assert competence.last_day(first) == last
