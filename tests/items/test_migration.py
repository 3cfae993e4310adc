"""The migration that brought places, parts and the retention clock: down and up again with items in the house."""

from __future__ import annotations

import sqlalchemy as sa

from lims import migrate
from lims.items.models import CustodyEntry, Item
from lims.laboratory import Laboratory

BEFORE = "pa01"


def test_items_and_their_custody_survive_the_way_down_and_up(planned: Laboratory) -> None:
    with planned.database.read() as session:
        before = [(one.number, one.state, one.condition) for one in session.scalars(sa.select(Item))]
        places = [one.place for one in session.scalars(sa.select(CustodyEntry))]
    migrate.downgrade(planned.database, BEFORE)
    tables = sa.inspect(planned.database.engine).get_table_names()
    assert not {"item_finding", "storage_place"} & set(tables)
    migrate.upgrade(planned.database)
    with planned.database.read() as session:
        items = list(session.scalars(sa.select(Item)))
        assert [(one.number, one.state, one.condition) for one in items] == before
        assert {(one.role, one.pieces, one.place_code, one.keep_until) for one in items} == {("test", 1, "", None)}
        assert [one.place for one in session.scalars(sa.select(CustodyEntry))] == places
