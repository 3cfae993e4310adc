"""Both databases keep what they are given: times in UTC, append-only rows, one writer after the other."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, StatementError

from lims import migrate, models, numbers
from lims.db import Database, Yuan
from lims.errors import Refused
from lims.laboratory import Laboratory
from lims.parties.models import Person, SignInAttempt
from lims.permissions import Role
from lims.settings import load_settings


def test_an_order_of_one_test_becomes_a_line_and_its_jobs_go_with_it(database: Database) -> None:
    migrate.upgrade(database, "f0a2")
    with database.write() as session:
        for statement in ORDERED:
            session.execute(sa.text(statement))
    migrate.upgrade(database, "a301")
    lines = "select request_id, position, method_id, procedure_id from request_test order by request_id"
    jobs = (
        "select job.method_id, request_test.request_id from job join request_test on request_test_id = request_test.id"
    )
    with database.read() as session:
        assert session.execute(sa.text(lines)).all() == [(1, 1, "iso-1", ""), (2, 1, "iso-2", "")]
        assert session.execute(sa.text(jobs)).all() == [("iso-2", 2)]
        assert session.scalar(sa.text("select job_id from run")) == 1
    migrate.upgrade(database, "a303")  # the catalogue, which orders of before do not name
    stated = "select product_id, report_language, subcontracting, secrecy, contact from request where id = 2"
    with database.read() as session:
        assert session.execute(sa.text(stated)).one() == (None, "both", False, "", "")
        assert session.scalar(sa.text("select request_id from item")) == 2
    for lost in MORE:
        with database.write() as session:
            session.execute(sa.text(lost))
        with pytest.raises(Refused, match=r"no place for .*nothing was changed"):
            migrate.downgrade(database, "f0a2")
        with database.write() as session:
            assert session.scalar(sa.text("select count(*) from request_test")) == 3
            session.execute(sa.text("delete from request_test where id = 9"))
    migrate.downgrade(database, "f0a2")
    with database.read() as session:
        found = session.execute(sa.text("select id, method_id from request order by id")).all()
        assert found == [(1, "iso-1"), (2, "iso-2"), (3, "")]


REQUEST = (
    "insert into request values ({id}, 'WT-{id}', 'draft', 1, 1, '2026-11-22', 'commissioned', '{method}', 'P', 'P', "
    "'M', 'X', '', 2.5, null, true, 'none', '', '', '')"
)
ORDERED = (
    "insert into company values (1, 'C', '', 'A', 'A', '', '', '', '', '')",
    "insert into person values (1, 'u', 'U', 'U', '', '', true, null, '2026-11-22')",
    *(REQUEST.format(id=id_, method=method) for id_, method in ((1, "iso-1"), (2, "iso-2"), (3, ""))),
    "insert into item values (1, 'YP-1', 'accepted', 2, 1, 'P', 'P', 'M', 'X', '', '', null)",
    "insert into job values (1, 'RW-1', 'running', 2, 1, 'iso-2', 'bench', '2026-11-22', 1)",
    "insert into run values (1, 'YX-1', 'sealed', 1, 'bench', 'system', '', '', 1, '2026-11-22', null, null, null, 0, "
    "0, '')",
)


MORE = (  # tests of an order that the older schema has no place for: a second one, one done by hand
    "insert into request_test values (9, 2, 2, 'iso-3', '', null, null, '')",
    "insert into request_test values (9, 3, 1, '', 'rain', null, null, '')",
)


def test_money_is_kept_to_the_fen_and_a_fraction_of_one_is_refused(laboratory: Laboratory) -> None:
    kind = Yuan()
    with laboratory.database.read() as session:
        given = [Decimal("0.10"), Decimal("0.20"), Decimal("12345678901.23"), Decimal(-5)]
        back = [session.scalar(sa.select(sa.literal(one, kind))) for one in given]
        assert back == given
        assert [str(one) for one in back[:2]] == ["0.10", "0.20"]
        with pytest.raises(StatementError, match="no whole number of fen"):
            session.scalar(sa.select(sa.literal(Decimal("0.005"), kind)))


def test_models_and_migrations_agree(laboratory: Laboratory) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with laboratory.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, models.Base.metadata) == []


def test_an_old_schema_is_refused_with_what_to_do(database: Database) -> None:
    with pytest.raises(Refused, match="heliobench db upgrade"):
        migrate.require_current(database)


def test_every_constraint_has_a_name(laboratory: Laboratory) -> None:
    inspector = sa.inspect(laboratory.database.engine)
    for table in models.Base.metadata.tables:
        named = [*inspector.get_foreign_keys(table), *inspector.get_unique_constraints(table)]
        assert all(constraint["name"] for constraint in named), table
        assert inspector.get_pk_constraint(table)["name"] == f"pk_{table}"


def test_times_come_back_in_utc_and_naive_ones_are_refused(laboratory: Laboratory) -> None:
    shanghai = datetime(2026, 11, 22, 23, 30, 0, 123000, tzinfo=timezone(timedelta(hours=8)))
    with laboratory.database.write() as session:
        session.add(SignInAttempt(at=shanghai, username="x", address="y", succeeded=False))
    with laboratory.database.read() as session:
        found = session.scalars(sa.select(SignInAttempt)).one()
        assert found.at == datetime(2026, 11, 22, 15, 30, 0, 123000, tzinfo=UTC)
        assert found.at.utcoffset() == timedelta(0)
    with pytest.raises(StatementError, match="no time zone"), laboratory.database.write() as session:
        session.add(SignInAttempt(at=datetime(2026, 11, 22), username="x", address="y", succeeded=False))  # noqa: DTZ001


def test_enums_are_stored_by_value(laboratory: Laboratory) -> None:
    with laboratory.database.read() as session:
        stored = set(session.scalars(sa.text("select distinct role from person_role")))
    assert stored == {role.value for role in Role}


@pytest.mark.parametrize("table", models.APPEND_ONLY)
def test_the_database_itself_refuses_to_change_append_only_rows(laboratory: Laboratory, table: str) -> None:
    columns = models.Base.metadata.tables[table].columns
    with laboratory.database.read() as session:
        triggers = session.scalar(
            sa.text(
                "select count(*) from sqlite_master where type = 'trigger' and tbl_name = :t"
                if session.get_bind().dialect.name == "sqlite"
                else "select count(*) from pg_trigger where tgrelid = cast(:t as regclass) and not tgisinternal"
            ),
            {"t": table},
        )
        assert triggers == 2
        filled = session.scalar(sa.select(sa.func.count()).select_from(sa.table(table)))
    if not filled:
        return
    column = list(columns)[-1].name
    for statement in (f"update {table} set {column} = {column}", f"delete from {table}"):
        with pytest.raises(DBAPIError, match="append-only"), laboratory.database.write() as session:
            session.execute(sa.text(statement))


def test_sqlite_is_set_to_survive_a_power_cut(tmp_path_factory: pytest.TempPathFactory) -> None:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('pragma') / 'x.sqlite'}")
    with database.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_number_drawn_in_a_failed_transaction_is_drawn_again(laboratory: Laboratory) -> None:
    with pytest.raises(ZeroDivisionError), laboratory.database.write() as session:
        assert 1 / (int(numbers.draw(session, "X", 2026)[-1]) - 1)
    with laboratory.database.write() as session:
        assert numbers.draw(session, "X", 2026) == "X-2026-00001"


def test_every_thread_of_a_server_can_read_and_write_at_once(database: Database) -> None:
    threads = load_settings({}).threads
    with ExitStack() as stack:
        for _ in range(2 * threads):
            stack.enter_context(database.read()).execute(sa.text("select 1"))
        with database.write() as session:
            assert session.scalar(sa.text("select 1")) == 1


def test_reading_changes_nothing(laboratory: Laboratory) -> None:
    with laboratory.database.read() as session:
        person = session.scalars(sa.select(Person)).first()
        assert person is not None
        person.name_zh = "改"
    with laboratory.database.read() as session:
        assert "改" not in set(session.scalars(sa.select(Person.name_zh)))
