"""Invitations, forgotten passwords, addresses: links for one use, of which the tables hold only the digest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from lims import audit
from lims.demonstration import journey, people
from lims.errors import BadInput, Forbidden, NotFound, Refused
from lims.laboratory import SYSTEM, Laboratory
from lims.notices.models import Mail
from lims.parties import account, invitations, links, operations, queries, resets
from lims.parties.companies import close_company
from lims.parties.models import Company, Invitation, MailedLink, Person, ResetRequest
from lims.permissions import Role

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])


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


def invite(laboratory: Laboratory, by: str, email: str, code: str = "", **given: object) -> int:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        company = queries.company_by_code(work.session, code) if code else None
        return invitations.invite(work, email=email, company=company, **given).id  # type: ignore[arg-type]


def token_of(laboratory: Laboratory, table: str, row_id: int) -> str:
    """The token as the mail would hold it."""
    with laboratory.database.read() as session:
        found = links.address(laboratory, session, table, row_id, laboratory.clock())
    assert found is not None
    return found.rsplit("/", 1)[1]


def accept(laboratory: Laboratory, token: str, username: str = "newcomer", password: str = "long enough") -> Person:
    with laboratory.work(SYSTEM) as work:
        return invitations.accept(work, token, username=username, name_zh="新人", name_en="", password=password)


def signs_in(laboratory: Laboratory, username: str, password: str) -> bool:
    with laboratory.work(SYSTEM) as work:
        return operations.sign_in(work, username=username, password=password, address="192.0.2.1") is not None


@pytest.mark.usefixtures("clock")
def test_an_invited_colleague_becomes_a_user_of_that_company_and_of_no_other(laboratory: Laboratory) -> None:
    sent = invite(laboratory, "shen", "New@Qingchuan.Example.org", "C-001")
    token = token_of(laboratory, "invitation", sent)
    person = accept(laboratory, token)
    with laboratory.database.read() as session:
        made = session.get_one(Person, person.id)
        assert (made.roles, made.company.code if made.company else "") == ({Role.COMPANY}, "C-001")
        assert (made.email, made.email_verified_at) == ("New@qingchuan.example.org", laboratory.clock())
        assert not made.company_admin
        assert audit.verify(session).wrong_at is None
    assert signs_in(laboratory, "newcomer", "long enough")
    with pytest.raises(NotFound, match="used already"):
        accept(laboratory, token, "second")


@ONE_KIND
@pytest.mark.usefixtures("clock")
def test_the_tables_and_the_mail_hold_no_token(laboratory: Laboratory) -> None:
    token = token_of(laboratory, "invitation", invite(laboratory, "office", "a@b.example.org", "C-002"))
    with laboratory.database.read() as session:
        for table in (Invitation, Mail, audit.Event):
            for row in session.scalars(sa.select(table)):
                assert token not in " ".join(str(value) for value in vars(row).values())


def test_an_invitation_expires_is_sent_again_with_another_link_and_can_be_withdrawn(
    laboratory: Laboratory, clock: Clock
) -> None:
    sent = invite(laboratory, "admin", "new@laboratory.example.org", roles=[Role.TECHNICIAN])
    first = token_of(laboratory, "invitation", sent)
    clock.now += timedelta(days=invitations.DAYS)
    with pytest.raises(NotFound, match="expired"):
        accept(laboratory, first)
    with laboratory.work(journey.actor(laboratory, "admin")) as work:
        invitations.send_again(work, sent)
    second = token_of(laboratory, "invitation", sent)
    with pytest.raises(NotFound):
        accept(laboratory, first)
    with pytest.raises(NotFound), laboratory.work(journey.actor(laboratory, "shen")) as work:
        invitations.revoke(work, sent)
    with laboratory.work(journey.actor(laboratory, "admin")) as work:
        invitations.revoke(work, sent)
    with pytest.raises(NotFound):
        accept(laboratory, second)
    with pytest.raises(Refused, match="withdrawn already"), laboratory.work(journey.actor(laboratory, "admin")) as work:
        invitations.send_again(work, sent)


@ONE_KIND
@pytest.mark.parametrize(
    ("by", "code", "given", "error"),
    [
        ("gu", "C-001", {}, Forbidden),  # of the company, but not appointed
        ("shen", "C-002", {}, Forbidden),  # another company
        ("shen", "", {"roles": [Role.OFFICE]}, Forbidden),
        ("office", "", {"roles": [Role.TECHNICIAN]}, Forbidden),
        ("technician", "C-001", {}, Forbidden),
        ("admin", "C-001", {}, Forbidden),  # companies are the office's
        ("admin", "", {"roles": [Role.ADMINISTRATOR, Role.SIGNATORY]}, Refused),
        ("admin", "", {"roles": []}, Refused),
        ("admin", "", {"roles": [Role.COMPANY]}, Refused),
    ],
)
def test_nobody_invites_whom_they_may_not(
    laboratory: Laboratory, by: str, code: str, given: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        invite(laboratory, by, "new@b.example.org", code, **given)


@ONE_KIND
def test_who_is_a_user_or_invited_already_is_not_invited_twice(laboratory: Laboratory) -> None:
    with pytest.raises(Refused, match="exists already"):
        invite(laboratory, "office", "SHEN@qingchuan.example.org", "C-001")
    invite(laboratory, "office", "a@b.example.org", "C-001")
    with pytest.raises(Refused, match="invited already"):
        invite(laboratory, "office", "a@b.example.org", "C-001")
    with pytest.raises(BadInput, match="no e-mail address"):
        invite(laboratory, "office", "a@b.example.org\nBcc: c@d.example.org", "C-001")


@ONE_KIND
def test_an_invitation_to_a_company_that_was_closed_since_opens_nothing(laboratory: Laboratory) -> None:
    token = token_of(laboratory, "invitation", invite(laboratory, "office", "a@b.example.org", "C-001"))
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        close_company(work, "C-001", "业务终止")
    with pytest.raises(Refused, match="company is closed"):
        accept(laboratory, token)


# --- a forgotten password -----------------------------------------------------------------------------------------


def ask(laboratory: Laboratory, typed: str, address: str = "192.0.2.1") -> None:
    with laboratory.work(SYSTEM) as work:
        resets.ask(work, typed=typed, address=address)


def link_of(laboratory: Laboratory) -> int:
    with laboratory.database.read() as session:
        return int(session.scalar(sa.select(sa.func.max(MailedLink.id))) or 0)


def test_a_forgotten_password_is_set_by_a_link_that_works_once_and_two_hours(
    laboratory: Laboratory, clock: Clock
) -> None:
    assert signs_in(laboratory, "technician", people.password(laboratory))
    ask(laboratory, " Technician@Laboratory.example.ORG ")
    assert resets.answer_requests(laboratory) == 1
    assert resets.answer_requests(laboratory) == 0
    token = token_of(laboratory, "link", link_of(laboratory))
    clock.now += timedelta(hours=resets.HOURS) - timedelta(seconds=1)
    with pytest.raises(BadInput, match="at least 10"), laboratory.work(SYSTEM) as work:
        resets.set_password_by_link(work, token, "short")
    with laboratory.work(SYSTEM) as work:
        person = resets.set_password_by_link(work, token, "a new password")
    with laboratory.database.read() as session:
        assert queries.open_sessions(session, person, clock.now) == []
    assert signs_in(laboratory, "technician", "a new password")
    with pytest.raises(NotFound), laboratory.work(SYSTEM) as work:
        resets.set_password_by_link(work, token, "another password")
    ask(laboratory, "technician")
    resets.answer_requests(laboratory)
    late = token_of(laboratory, "link", link_of(laboratory))
    clock.now += timedelta(hours=resets.HOURS)
    with pytest.raises(NotFound), laboratory.work(SYSTEM) as work:
        resets.set_password_by_link(work, late, "another password")


@ONE_KIND
@pytest.mark.usefixtures("clock")
def test_asking_writes_the_same_for_a_known_and_an_unknown_name(laboratory: Laboratory) -> None:
    with laboratory.database.read() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(audit.Event))
    for typed in ("technician", "nobody", "nobody@example.org"):
        ask(laboratory, typed)
    with laboratory.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(audit.Event)) == before
        assert session.scalar(sa.select(sa.func.count()).select_from(ResetRequest)) == 3
        assert session.scalar(sa.select(sa.func.count()).select_from(MailedLink)) == 0
    assert resets.answer_requests(laboratory) == 1


@ONE_KIND
@pytest.mark.usefixtures("clock")
def test_nobody_can_fill_anothers_letter_box(laboratory: Laboratory) -> None:
    for number in range(resets.MOST):
        ask(laboratory, "technician", f"192.0.2.{number}")
    with pytest.raises(Refused, match="too often"):
        ask(laboratory, "technician", "198.51.100.1")
    for number in range(resets.MOST_ADDRESS):
        ask(laboratory, f"guess{number}", "203.0.113.9")
    with pytest.raises(Refused, match="too often"):
        ask(laboratory, "reviewer", "203.0.113.9")


@ONE_KIND
@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("state", ["unproved", "left", "closed company"])
def test_no_link_goes_to_whom_could_not_sign_in_or_never_proved_the_address(laboratory: Laboratory, state: str) -> None:
    with laboratory.database.write() as session:
        person = session.scalars(sa.select(Person).where(Person.username == "lu")).one()
        if state == "unproved":
            person.email_verified_at = None
        elif state == "left":
            person.active = False
        else:
            session.execute(sa.update(Company).where(Company.code == "C-002").values(active=False))
    ask(laboratory, "lu")
    assert resets.answer_requests(laboratory) == 0


@ONE_KIND
@pytest.mark.usefixtures("clock")
def test_a_link_opens_nothing_for_somebody_who_left_since(laboratory: Laboratory) -> None:
    ask(laboratory, "technician")
    resets.answer_requests(laboratory)
    token = token_of(laboratory, "link", link_of(laboratory))
    with laboratory.database.write() as session:
        session.execute(sa.update(Person).where(Person.username == "technician").values(active=False))
    with pytest.raises(NotFound), laboratory.work(SYSTEM) as work:
        resets.set_password_by_link(work, token, "a new password")


# --- one's own account --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
def test_another_address_counts_when_its_link_was_opened_and_the_old_one_is_told(laboratory: Laboratory) -> None:
    with laboratory.work(journey.actor(laboratory, "shen")) as work:
        link = account.ask_address(work, "private@example.org")
    token = token_of(laboratory, "link", link.id)
    with pytest.raises(Refused, match="something else"), laboratory.work(SYSTEM) as work:
        resets.set_password_by_link(work, token, "a new password")
    assert people.person(laboratory, "shen").email == "shen@qingchuan.example.org"
    with laboratory.work(SYSTEM) as work:
        account.prove_address(work, token)
    assert people.person(laboratory, "shen").email == "private@example.org"
    with laboratory.database.read() as session:
        told = session.scalars(sa.select(Mail).where(Mail.topic == "person.change_address")).one()
    assert told.to_address == "shen@qingchuan.example.org"
    assert "private@example.org" not in told.body
    with pytest.raises(NotFound), laboratory.work(SYSTEM) as work:
        account.prove_address(work, token)


@ONE_KIND
@pytest.mark.usefixtures("clock")
def test_the_own_password_changes_after_the_old_one_and_ends_the_other_sessions(laboratory: Laboratory) -> None:
    word, me = people.password(laboratory), people.person(laboratory, "shen")
    with laboratory.work(SYSTEM) as work:
        here, there = (
            operations.sign_in(work, username="shen", password=word, address="192.0.2.1") or "" for _ in range(2)
        )
    with laboratory.database.read() as session:
        row = queries.sign_in_by_token(session, here)
        assert row is not None
    given = {"address": "192.0.2.1", "session_id": row.id}
    with pytest.raises(Refused, match="present password is wrong"):
        account.change_password(laboratory, me, old="wrong", new="a new password", **given)
    account.change_password(laboratory, me, old=word, new="a new password", **given)
    with laboratory.database.read() as session:
        assert queries.person_by_token(session, here, laboratory.clock()) is not None
        assert queries.person_by_token(session, there, laboratory.clock()) is None
    assert not signs_in(laboratory, "shen", word)
