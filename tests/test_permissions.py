"""Who may do what: every permission in one table, and a company sees its own records through every query."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.certificates import queries as report_queries
from lims.certificates.models import Report
from lims.demonstration import journey
from lims.errors import Forbidden, NotFound
from lims.items import queries as item_queries
from lims.items.models import Item
from lims.laboratory import SYSTEM, Laboratory
from lims.orders import queries as order_queries
from lims.orders.models import Request
from lims.permissions import BENCH, PERMISSIONS, PUBLIC, SIGNED_IN, STAFF, Actor, Role
from lims.workflow import MACHINES

LIMS = Path(inspect.getfile(Actor)).parent

# As the laboratory's quality manual would print it, apart from the program: permission, roles.
SPECIFICATION = """
request.view     company office technician reviewer signatory quality_manager administrator
request.write    company office
request.review   office
invoice.view     company office quality_manager
invoice.write    office
catalogue.view   company office technician reviewer signatory quality_manager administrator
catalogue.write  office quality_manager
scope.write      quality_manager
item.view        company office technician reviewer signatory quality_manager administrator
item.handle      office technician
storage.view     office technician reviewer signatory quality_manager administrator
storage.write    office quality_manager
job.view         office technician reviewer signatory quality_manager administrator
job.plan         office technician
bench.view       office technician reviewer signatory quality_manager administrator
run.view         office technician reviewer signatory quality_manager administrator
run.record       technician
result.view      office technician reviewer signatory quality_manager administrator
result.record    technician
result.review    reviewer
result.authorise signatory
report.view      company office technician reviewer signatory quality_manager administrator
report.draft     office technician
report.check     reviewer
report.authorise signatory
report.amend     office signatory quality_manager
report.withdraw  signatory quality_manager
equipment.view   office technician reviewer signatory quality_manager administrator
equipment.write  quality_manager
limits.view      office technician reviewer signatory quality_manager administrator
limits.confirm   quality_manager
site_data.view     office technician reviewer signatory quality_manager administrator
site_data.confirm  office quality_manager
audit.view       reviewer signatory quality_manager administrator
objection.view   company office technician reviewer signatory quality_manager administrator
objection.raise  company office
objection.decide quality_manager
sampling.view    office technician reviewer signatory quality_manager administrator
sampling.order   office
sampling.write   office technician quality_manager
company.view     office reviewer signatory quality_manager administrator
company.manage   office
company.own      company
competence.view  office technician reviewer signatory quality_manager administrator
competence.manage quality_manager
people.view      office quality_manager administrator
mail.view        office administrator
mail.send        office
people.manage    administrator
"""


def actor(role: Role, company_id: int | None = None) -> Actor:
    return Actor(id=1, name="某人", roles=frozenset({role}), company_id=company_id)


@pytest.mark.parametrize("line", SPECIFICATION.strip().splitlines(), ids=lambda line: line.split()[0])
def test_each_permission_belongs_to_exactly_its_roles(line: str) -> None:
    permission, *roles = line.split()
    assert {role.value for role in Role if actor(role).may(permission)} == set(roles)


def test_there_is_no_permission_beside_those_specified() -> None:
    assert set(PERMISSIONS) == {line.split()[0] for line in SPECIFICATION.strip().splitlines()}


def _named() -> Iterator[tuple[str, str]]:
    """Every permission that code asks for by name: require(…), may(…) and @requires(…)."""
    for path in sorted(LIMS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in ("require", "may", "requires"):
                    yield path.relative_to(LIMS).as_posix(), str(node.args[0].value)


def test_every_permission_that_the_code_asks_for_is_known() -> None:
    named = list(_named())
    assert len(named) > 20
    assert {name for _, name in named} <= PERMISSIONS.keys() | {PUBLIC, SIGNED_IN, BENCH}
    assert {t.permission for machine in MACHINES.values() for t in machine.transitions} <= PERMISSIONS.keys()


def test_a_misspelt_permission_is_an_error_and_not_a_no() -> None:
    with pytest.raises(KeyError):
        actor(Role.OFFICE).may("request.veiw")


def test_require_refuses_with_the_permission_in_both_languages() -> None:
    with pytest.raises(Forbidden) as refused:
        actor(Role.COMPANY).require("result.view")
    assert "result.view" in refused.value.sentence_en
    assert "result.view" in refused.value.sentence_zh


def test_the_administrator_signs_nothing_and_changes_no_record() -> None:
    mine = {name for name, roles in PERMISSIONS.items() if Role.ADMINISTRATOR in roles}
    assert {name for name in mine if not name.endswith(".view")} == {"people.manage"}
    assert not [t for m in MACHINES.values() for t in m.transitions if actor(Role.ADMINISTRATOR).may(t.permission)]


def test_the_administrator_cannot_give_himself_a_second_role() -> None:
    assert not SYSTEM.may("result.authorise")


# --- whose records a company sees -----------------------------------------------------------------------------

Query = Callable[[Session, Actor], list[Any]]


def _all(select: Callable[..., sa.Select[Any]]) -> Query:
    return lambda session, who: list(session.scalars(select(who)))


def _one(get: Callable[[Session, str, Actor], Any], table: type) -> Query:
    def found(session: Session, who: Actor) -> list[Any]:
        number = session.scalars(sa.select(table.number)).one()
        try:
            return [get(session, number, who)]
        except NotFound:
            return []

    return found


def _of_request(session: Session, who: Actor) -> list[Any]:
    return list(report_queries.of_request(session, session.scalars(sa.select(Request)).one(), who))


def _awaited(session: Session, who: Actor) -> list[Any]:
    """As if the item were still to come."""
    session.execute(sa.update(Item).values(state="expected"))
    return _all(item_queries.awaited)(session, who)


QUERIES: dict[str, Query] = {
    "requests": _all(order_queries.requests),
    "request_by_number": _one(order_queries.request_by_number, Request),
    "items": _all(item_queries.items),
    "items awaited": _awaited,
    "item by_number": _one(item_queries.by_number, Item),
    "reports": _all(report_queries.reports),
    "report by_number": _one(report_queries.by_number, Report),
    "reports of_request": _of_request,
}


@pytest.fixture(scope="module")
def shared(templates: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """An issued report on SQLite, only read here."""
    with templates("sqlite", "issued").copied(tmp_path_factory.mktemp("shared") / "instance") as made:
        yield made


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(
    ("username", "seen"),
    [("shen", 1), ("gu", 1), ("lu", 0), ("office", 1), ("technician", 1), ("quality", 1), ("admin", 1)],
)
def test_a_company_sees_its_own_and_only_its_own(shared: Laboratory, query: str, username: str, seen: int) -> None:
    with shared.database.read() as session:
        assert len(QUERIES[query](session, journey.actor(shared, username))) == seen


@pytest.mark.parametrize("query", QUERIES)
def test_someone_without_a_company_and_without_a_role_sees_nothing(shared: Laboratory, query: str) -> None:
    with shared.database.read() as session:
        for roles in (frozenset[Role](), frozenset({Role.COMPANY})):
            assert QUERIES[query](session, Actor(id=None, name="?", roles=roles)) == []


def test_every_query_that_takes_an_actor_is_asked_above() -> None:
    modules = (order_queries, item_queries, report_queries)
    taking = [
        name
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and "actor" in inspect.signature(function).parameters
    ]
    assert len(taking) == len(QUERIES)


@pytest.mark.parametrize("state", ["drafted", "checked", "authorised", "discarded"])
def test_a_report_still_being_written_is_hidden_from_its_company(shared: Laboratory, state: str) -> None:
    with shared.database.read() as session:
        session.execute(sa.update(Report).values(state=state))
        for name in ("reports", "report by_number", "reports of_request"):
            assert QUERIES[name](session, journey.actor(shared, "shen")) == []
            assert len(QUERIES[name](session, journey.actor(shared, "office"))) == 1


@pytest.mark.parametrize("state", ["issued", "superseded", "withdrawn"])
def test_what_was_once_issued_stays_visible_to_its_company(shared: Laboratory, state: str) -> None:
    with shared.database.read() as session:
        session.execute(sa.update(Report).values(state=state))
        assert len(QUERIES["reports"](session, journey.actor(shared, "shen"))) == 1


def test_staff_is_everyone_but_companies() -> None:
    assert set(Role) - STAFF == {Role.COMPANY}
