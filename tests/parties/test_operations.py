"""People: signing in, being locked out, roles that do not go together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from lims.demonstration import journey, people
from lims.errors import BadInput, Forbidden, Refused
from lims.laboratory import SYSTEM, Laboratory
from lims.parties import operations, queries
from lims.parties.models import Company, Competence, Person, SignIn, SignInAttempt
from lims.permissions import Role

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database
NOBODY = replace(SYSTEM, roles=frozenset())


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(laboratory: Laboratory) -> Clock:
    laboratory.clock = Clock()
    return laboratory.clock


def sign_in(laboratory: Laboratory, username: str, password: str, address: str = "192.0.2.1") -> str | None:
    with laboratory.work(NOBODY) as work:
        return operations.sign_in(work, username=username, password=password, address=address)


def who(laboratory: Laboratory, token: str) -> str | None:
    with laboratory.database.read() as session:
        found = queries.person_by_token(session, token, laboratory.clock())
        return found.username if found else None


@pytest.mark.usefixtures("clock")
def test_the_right_password_opens_a_session_of_that_person(laboratory: Laboratory) -> None:
    token = sign_in(laboratory, "technician", people.password(laboratory))
    assert token is not None
    assert who(laboratory, token) == "technician"
    assert who(laboratory, token + "x") is None
    assert who(laboratory, "") is None


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("username", ["technician", "nobody", "", "x" * 500, "nul\0", "'; drop table person; --"])
def test_a_wrong_password_and_an_unknown_name_are_answered_alike(laboratory: Laboratory, username: str) -> None:
    assert sign_in(laboratory, username, "wrong") is None
    assert sign_in(laboratory, username, "") is None


def test_an_unknown_name_costs_the_same_work_as_a_known_one(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    real = operations._fits
    monkeypatch.setattr(operations, "_fits", lambda hashed, typed: checked.append(hashed) or real(hashed, typed))
    for username in ("technician", "nobody"):
        sign_in(laboratory, username, "wrong")
    assert len(checked) == 2
    assert all(hashed.startswith("$argon2id$") for hashed in checked)


def test_the_table_holds_the_digest_of_a_token_and_never_the_token(laboratory: Laboratory) -> None:
    token = sign_in(laboratory, "technician", people.password(laboratory))
    assert token is not None
    with laboratory.database.read() as session:
        row = session.scalars(sa.select(SignIn)).one()
        assert row.token_sha256 == hashlib.sha256(token.encode()).hexdigest()
        stored = [str(value) for value in vars(row).values()]
    assert not any(token in value for value in stored)
    assert len(token) >= 43  # 256 random bits


def test_someone_who_left_cannot_sign_in_and_an_open_session_closes(laboratory: Laboratory) -> None:
    token = sign_in(laboratory, "technician", people.password(laboratory))
    with laboratory.database.write() as session:
        session.execute(sa.update(Person).where(Person.username == "technician").values(active=False))
    assert token is not None
    assert who(laboratory, token) is None
    assert sign_in(laboratory, "technician", people.password(laboratory)) is None


def test_a_session_ends_after_its_hours(laboratory: Laboratory, clock: Clock) -> None:
    token = sign_in(laboratory, "technician", people.password(laboratory))
    assert token is not None
    clock.now += timedelta(hours=laboratory.settings.session_hours) - timedelta(seconds=1)
    assert who(laboratory, token) == "technician"
    clock.now += timedelta(seconds=1)
    assert who(laboratory, token) is None


@pytest.mark.usefixtures("clock")
def test_signing_out_ends_this_session_and_no_other(laboratory: Laboratory) -> None:
    word = people.password(laboratory)
    here, there = (sign_in(laboratory, "technician", word) or "" for _ in range(2))
    with laboratory.work(NOBODY) as work:
        operations.sign_out(work, here)
        operations.sign_out(work, "no such token")
    assert (who(laboratory, here), who(laboratory, there)) == (None, "technician")


def _wrong(laboratory: Laboratory, times: int, *, username: str, address: str) -> None:
    for _ in range(times):
        assert sign_in(laboratory, username, "wrong", address) is None


def test_too_many_wrong_passwords_for_a_name_lock_it_from_every_address_until_the_window_is_over(
    laboratory: Laboratory, clock: Clock
) -> None:
    word, limit = people.password(laboratory), laboratory.settings.sign_in_attempts
    for number in range(limit):
        _wrong(laboratory, 1, username="technician", address=f"192.0.2.{number}")
    with pytest.raises(Refused, match=r"Too many wrong passwords; wait \d+ minutes"):
        sign_in(laboratory, "technician", word, "198.51.100.1")
    assert sign_in(laboratory, "reviewer", word, "198.51.100.1") is not None
    clock.now += timedelta(minutes=laboratory.settings.sign_in_window_minutes)
    assert sign_in(laboratory, "technician", word, "198.51.100.1") is not None


def test_too_many_wrong_passwords_from_an_address_lock_it_for_every_name(laboratory: Laboratory, clock: Clock) -> None:
    word, limit = people.password(laboratory), laboratory.settings.sign_in_attempts_address
    for number in range(limit):
        _wrong(laboratory, 1, username=f"guess{number}", address="192.0.2.9")
    with pytest.raises(Refused, match="Too many"):
        sign_in(laboratory, "technician", word, "192.0.2.9")
    assert sign_in(laboratory, "technician", word, "192.0.2.10") is not None
    clock.now += timedelta(minutes=laboratory.settings.sign_in_window_minutes)
    assert sign_in(laboratory, "technician", word, "192.0.2.9") is not None


@pytest.mark.usefixtures("clock")
def test_one_wrong_password_fewer_than_too_many_locks_nobody(laboratory: Laboratory) -> None:
    _wrong(laboratory, laboratory.settings.sign_in_attempts - 1, username="technician", address="192.0.2.1")
    assert sign_in(laboratory, "technician", people.password(laboratory)) is not None
    _wrong(laboratory, laboratory.settings.sign_in_attempts - 1, username="technician", address="192.0.2.1")
    assert sign_in(laboratory, "technician", people.password(laboratory)) is not None


def test_guesses_made_at_once_are_counted_one_by_one(laboratory: Laboratory) -> None:
    limit = laboratory.settings.sign_in_attempts
    together = Barrier(4 * limit)

    def guess() -> None:
        together.wait()
        try:
            sign_in(laboratory, "technician", "wrong")
        except Refused:
            return

    threads = [Thread(target=guess) for _ in range(4 * limit)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with laboratory.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SignInAttempt)) == limit


# --- passwords ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
def test_a_new_password_ends_every_open_session_of_that_person_alone(laboratory: Laboratory) -> None:
    word = people.password(laboratory)
    mine, other = sign_in(laboratory, "technician", word) or "", sign_in(laboratory, "reviewer", word) or ""
    technician = people.person(laboratory, "technician")
    with laboratory.work(technician.actor) as work:
        operations.set_password(work, work.session.get_one(Person, technician.id), "a new password")
    assert (who(laboratory, mine), who(laboratory, other)) == (None, "reviewer")
    assert sign_in(laboratory, "technician", word) is None
    assert sign_in(laboratory, "technician", "a new password") is not None


def test_nobody_but_the_administrator_sets_another_persons_password(laboratory: Laboratory) -> None:
    def change(by: str) -> None:
        with laboratory.work(journey.actor(laboratory, by)) as work:
            person = work.session.get_one(Person, people.person(laboratory, "signatory").id)
            operations.set_password(work, person, "a new password")

    for username in ("technician", "quality", "office", "shen"):
        with pytest.raises(Forbidden):
            change(username)
    change("admin")


def test_a_signature_asks_for_the_signers_own_password(laboratory: Laboratory) -> None:
    person = people.person(laboratory, "signatory")
    operations.confirm_password(laboratory, person, people.password(laboratory), address="10.0.0.1")
    for typed in ("", "wrong", people.password(laboratory) + " "):
        with pytest.raises(Refused, match="nothing was signed"):
            operations.confirm_password(laboratory, person, typed, address="10.0.0.1")


def test_guessing_a_signers_password_is_slowed_down_like_signing_in(laboratory: Laboratory) -> None:
    person = people.person(laboratory, "signatory")
    for _ in range(laboratory.settings.sign_in_attempts):
        with pytest.raises(Refused, match="nothing was signed"):
            operations.confirm_password(laboratory, person, "wrong", address="10.0.0.1")
    with pytest.raises(Refused, match="Too many wrong passwords"):
        operations.confirm_password(laboratory, person, people.password(laboratory), address="10.0.0.1")


# --- who may be registered as what ----------------------------------------------------------------------------


def _add(laboratory: Laboratory, **changed: object) -> Person:
    fields = {"username": "new", "name_zh": "新", "name_en": "New", "password": "long enough", "roles": [Role.OFFICE]}
    with laboratory.work(SYSTEM) as work:
        if changed.pop("of_company", False):
            changed["company"] = work.session.scalars(sa.select(Company)).first()
        return operations.add_person(work, **(fields | changed))


@ONE_KIND
@pytest.mark.parametrize(
    ("roles", "of_company", "said"),
    [
        ([], False, "at least one role"),
        ([Role.COMPANY], False, "belongs to a company"),
        ([Role.OFFICE], True, "staff belong to none"),
        ([Role.COMPANY, Role.OFFICE], True, "the role 'company' alone"),
        *(
            ([Role.ADMINISTRATOR, role], False, "stands alone")
            for role in Role
            if role not in (Role.COMPANY, Role.ADMINISTRATOR)
        ),
    ],
)
def test_roles_that_do_not_go_together_are_refused(
    laboratory: Laboratory, roles: list[Role], of_company: bool, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        _add(laboratory, roles=roles, of_company=of_company)


@ONE_KIND
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"password": "short"}, "at least 10 characters"),
        ({"username": "technician"}, "is taken"),
        ({"username": ""}, "user name"),
        ({"username": "with space"}, "user name"),
        ({"username": "x" * 61}, "user name"),
        ({"username": "张三"}, "user name"),
    ],
)
def test_a_name_or_password_that_cannot_be_is_refused_in_a_sentence(
    laboratory: Laboratory, changed: dict[str, str], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        _add(laboratory, **changed)


def test_someone_may_review_and_sign_but_never_the_same_result(laboratory: Laboratory) -> None:
    assert _add(laboratory, roles=[Role.REVIEWER, Role.SIGNATORY]).roles == {Role.REVIEWER, Role.SIGNATORY}


# --- competence -----------------------------------------------------------------------------------------------

DAY = timedelta(days=1)
TODAY = date(2026, 11, 22)


def _authorise(laboratory: Laboratory, by: str = "quality", **changed: object) -> Competence:
    fields = {
        "method_id": people.METHOD, "activity": "review", "valid_from": TODAY, "valid_to": TODAY + 9 * DAY,
    }  # fmt: skip
    with laboratory.work(journey.actor(laboratory, by)) as work:
        person = work.session.get_one(Person, people.person(laboratory, "technician").id)
        return operations.authorise_competence(work, person=person, **(fields | changed))


@ONE_KIND
@pytest.mark.parametrize(("day", "able"), [(-1, False), (0, True), (9, True), (10, False)])
def test_competence_holds_from_its_first_day_to_its_last(laboratory: Laboratory, day: int, able: bool) -> None:
    competence = _authorise(laboratory)
    asked = {"person_id": competence.person_id, "method_id": people.METHOD, "day": TODAY + day * DAY}
    with laboratory.database.read() as session:
        assert queries.is_competent(session, activity="review", **asked) == able
        assert not queries.is_competent(session, activity="authorise", **asked)
        assert not queries.is_competent(session, activity="review", **(asked | {"method_id": "other"}))
        assert not queries.is_competent(session, activity="review", **(asked | {"person_id": None}))


@ONE_KIND
@pytest.mark.parametrize("by", ["technician", "admin", "signatory", "office", "shen"])
def test_only_the_quality_manager_authorises_competence(laboratory: Laboratory, by: str) -> None:
    with pytest.raises(Forbidden):
        _authorise(laboratory, by=by)


@ONE_KIND
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"valid_to": TODAY - DAY}, "ends before it begins"),
        ({"activity": "revue"}, "no activity 'revue'"),
        ({"method_id": "iso-0"}, "no method 'iso-0'"),
    ],
)
def test_competence_that_cannot_be_is_refused_in_a_sentence(
    laboratory: Laboratory, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        _authorise(laboratory, **changed)


QUESTIONS: list[Callable[..., object]] = [queries.people, queries.companies, queries.technicians]


@ONE_KIND
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_lists_of_people_and_companies_are_filled(laboratory: Laboratory, question: Callable[..., list]) -> None:
    with laboratory.database.read() as session:
        assert len(question(session)) >= 1
