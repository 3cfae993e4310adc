"""Numbers of requests, items, jobs, runs, results and reports: drawn inside the transaction, gapless, unique."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from lims.db import Base


class NumberSeries(Base):
    """The last number drawn of one kind in one year."""

    __tablename__ = "number_series"

    prefix: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


def draw(session: Session, prefix: str, year: int) -> str:
    """The next number, e.g. ``R-2026-00017``; rolled back with the transaction, so no gap stays behind."""
    session.execute(_insert_if_missing(session, prefix, year))
    row = session.get(NumberSeries, (prefix, year), with_for_update=True, populate_existing=True)
    if row is None:
        raise RuntimeError(f"number series {prefix}-{year} vanished inside its own transaction")
    row.last += 1
    session.flush()
    return f"{prefix}-{year}-{row.last:05d}"


def _insert_if_missing(session: Session, prefix: str, year: int) -> sa.Executable:
    row = {"prefix": prefix, "year": year, "last": 0}
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(NumberSeries).values(row).on_conflict_do_nothing()
    return sqlite.insert(NumberSeries).values(row).on_conflict_do_nothing()
