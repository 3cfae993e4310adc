"""Words sought in a list: the same rows on both databases, however many they are."""

from __future__ import annotations

from itertools import product

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from lims.db import Database
from lims.lists import words
from lims.lists.words import holding


class Base(DeclarativeBase):
    """Tables of these tests."""


class Row(Base):
    """A row with a name and, perhaps, a note."""

    __tablename__ = "row"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40))
    note: Mapped[str | None] = mapped_column(sa.String(40))


ROWS = [
    (1, "QC-25", None),
    (2, "平板集热器", "qc_25"),
    (3, "100 % Kupfer/Übergang", "集热"),
    (4, "器 qc", "-25"),
]


FOUND = {
    "Qc-2": [1], "qc": [1, 2, 4], "c_2": [2], "集热": [2, 3], "热器": [2], "0 % k": [3], "r/Ü": [3], "%": [3],
    "qc-25": [1], "器 QC-25": [], "\\": [], "x": [],
}  # fmt: skip


def test_what_stands_in_one_of_the_columns_is_found_whether_few_have_it_or_many(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    Base.metadata.create_all(database.engine)
    with Session(database.engine) as session:
        session.add_all(Row(id=id_, name=name, note=note) for id_, name, note in ROWS)
        session.flush()
        for few, (text, rows) in product((0, 2, 9), FOUND.items()):
            monkeypatch.setattr(words, "FEW", few)
            narrowed = words.found(session, sa.select(Row), holding(text, Row.name, Row.note), Row.id)
            assert [one.id for one in session.scalars(narrowed.order_by(Row.id))] == rows, (few, text)
