"""Roles, names and who left: the administrator about others, never about themselves, and never the last one."""

from __future__ import annotations

import pytest

from lims.demonstration import journey, people
from lims.errors import BadInput, Forbidden, NotFound, Refused
from lims.laboratory import SYSTEM, Laboratory
from lims.parties import operations, queries, staff
from lims.permissions import Role

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])


def roles(laboratory: Laboratory, by: str, username: str, *chosen: Role) -> None:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        staff.change_roles(work, username, chosen)


def second_administrator(laboratory: Laboratory) -> None:
    with laboratory.work(SYSTEM) as work:
        operations.add_person(
            work, username="admin2", name_zh="二", name_en="Two", password="long enough", roles=[Role.ADMINISTRATOR]
        )


def test_other_roles_hold_at_once_and_end_the_sessions(laboratory: Laboratory) -> None:
    with laboratory.work(SYSTEM) as work:
        token = operations.sign_in(
            work, username="technician", password=people.password(laboratory), address="192.0.2.1"
        )
    roles(laboratory, "admin", "technician", Role.TECHNICIAN, Role.REVIEWER)
    assert people.person(laboratory, "technician").roles == {Role.TECHNICIAN, Role.REVIEWER}
    roles(laboratory, "admin", "technician", Role.REVIEWER)
    assert people.person(laboratory, "technician").roles == {Role.REVIEWER}
    with laboratory.database.read() as session:
        assert queries.person_by_token(session, token or "", laboratory.clock()) is None


@ONE_KIND
@pytest.mark.parametrize(
    ("by", "username", "chosen", "error"),
    [
        ("admin", "technician", (), Refused),
        ("admin", "technician", (Role.ADMINISTRATOR, Role.SIGNATORY), Refused),
        ("admin", "technician", (Role.COMPANY,), Refused),
        ("admin", "shen", (Role.OFFICE,), Refused),
        ("admin", "admin", (Role.ADMINISTRATOR, Role.SIGNATORY), Refused),  # oneself
        ("admin", "nobody", (Role.OFFICE,), NotFound),
        ("office", "technician", (Role.OFFICE,), Forbidden),
        ("quality", "quality", (Role.ADMINISTRATOR,), Forbidden),
        ("shen", "shen", (Role.OFFICE,), Forbidden),
    ],
)
def test_roles_that_cannot_be_are_refused_and_nothing_changes(
    laboratory: Laboratory, by: str, username: str, chosen: tuple[Role, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        roles(laboratory, by, username, *chosen)


@ONE_KIND
def test_the_last_administrator_cannot_be_locked_out(laboratory: Laboratory) -> None:
    second_administrator(laboratory)
    with laboratory.work(journey.actor(laboratory, "admin")) as work:
        staff.deactivate(work, "admin2", "已离职")
    with laboratory.work(journey.actor(laboratory, "admin")) as work:
        staff.reactivate(work, "admin2")
    with laboratory.work(journey.actor(laboratory, "admin2")) as work:
        staff.deactivate(work, "admin", "已离职")
    with pytest.raises(Refused, match="last administrator"), laboratory.work(SYSTEM) as work:
        staff.deactivate(work, "admin2", "已离职")
    with pytest.raises(Refused, match="last administrator"), laboratory.work(SYSTEM) as work:
        staff.change_roles(work, "admin2", [Role.OFFICE])


@ONE_KIND
def test_who_left_is_out_at_once_and_what_they_did_stays(laboratory: Laboratory) -> None:
    word = people.password(laboratory)
    with laboratory.work(SYSTEM) as work:
        token = operations.sign_in(work, username="technician", password=word, address="192.0.2.1")
    with pytest.raises(BadInput, match="reason"), laboratory.work(journey.actor(laboratory, "admin")) as work:
        staff.deactivate(work, "technician", " ")
    with laboratory.work(journey.actor(laboratory, "admin")) as work:
        staff.deactivate(work, "technician", "已离职")
    with laboratory.database.read() as session:
        assert queries.person_by_token(session, token or "", laboratory.clock()) is None
        assert queries.technicians(session) == []
    with pytest.raises(Refused, match="closed already"), laboratory.work(journey.actor(laboratory, "admin")) as work:
        staff.deactivate(work, "technician", "again")


@ONE_KIND
@pytest.mark.parametrize(
    ("by", "username", "error"),
    [("office", "gu", None), ("office", "technician", Forbidden), ("shen", "gu", Forbidden), ("admin", "gu", None),
     ("admin", "admin", Refused), ("quality", "technician", Forbidden)],
)  # fmt: skip
def test_the_office_closes_users_of_companies_and_only_the_administrator_staff(
    laboratory: Laboratory, by: str, username: str, error: type[Exception] | None
) -> None:
    def close() -> None:
        with laboratory.work(journey.actor(laboratory, by)) as work:
            staff.deactivate(work, username, "已离职")

    if error is None:
        close()
        assert not people.person(laboratory, username).active
        return
    with pytest.raises(error):
        close()
    assert people.person(laboratory, username).active


@ONE_KIND
def test_the_office_appoints_who_of_a_company_may_invite(laboratory: Laboratory) -> None:
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        staff.appoint_company_admin(work, "gu", True)
        with pytest.raises(Refused, match="Only a company's user"):
            staff.appoint_company_admin(work, "technician", True)
    assert people.person(laboratory, "gu").company_admin
    with pytest.raises(Forbidden), laboratory.work(journey.actor(laboratory, "shen")) as work:
        staff.appoint_company_admin(work, "gu", False)
