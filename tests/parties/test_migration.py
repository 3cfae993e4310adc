"""The tables of parties and notices come and go around records that are there already."""

from __future__ import annotations

import sqlalchemy as sa

from lims import migrate
from lims.db import Database

BEFORE = "a401"
ROWS = (
    "insert into company (id, code, credit_code, name_zh, name_en, address_zh, address_en, contact, telephone, email) "
    "values (1, 'C-001', '', '晴川', '', '', '', '', '', '')",
    "insert into person (id, username, name_zh, name_en, email, password_hash, active, company_id, created_at) "
    "values (1, 'wang', '王', 'Wang', 'w@example.org', 'x', true, 1, '2026-01-01 00:00:00+00:00')",
    "insert into competence (id, person_id, method_id, activity, valid_from, valid_to, authorised_by_id) "
    "values (1, 1, 'm', 'test', '2026-01-01', '2027-01-01', 1)",
)


def test_records_from_before_keep_what_they_said_and_come_back_whole(database: Database) -> None:
    migrate.upgrade(database, BEFORE)
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(sa.text(row))
    migrate.upgrade(database, "pa01")
    with database.engine.begin() as connection:
        assert connection.execute(sa.text("select active from company")).scalar_one()
        person = connection.execute(sa.text("select language, company_admin, email_verified_at from person")).one()
        assert (person[0], bool(person[1]), person[2]) == ("", False, None)
        held = connection.execute(sa.text("select method_id, basis, withdrawn_on from competence")).one()
        assert tuple(held) == ("m", "", None)
        connection.execute(sa.text("update competence set withdrawn_on = '2026-06-01', withdrawn_by_id = 1"))
    migrate.downgrade(database, BEFORE)
    with database.engine.connect() as connection:
        assert connection.execute(sa.text("select count(*) from competence")).scalar_one() == 1
        assert connection.execute(sa.text("select code from company")).scalar_one() == "C-001"
