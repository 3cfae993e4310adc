"""Views of lists that people keep."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lims.db import Base


class ListView(Base):
    """Filters and order of a list under a name: one person's, or shared with all staff."""

    __tablename__ = "list_view"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_name: Mapped[str] = mapped_column(sa.String(40))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    owner: Mapped[str] = mapped_column(sa.String(60))  # name of the person, for colleagues who see a shared view
    name: Mapped[str] = mapped_column(sa.String(60))
    query: Mapped[str] = mapped_column(sa.String(1000))  # the part of the address behind "?"
    shared: Mapped[bool] = mapped_column(default=False)
    opens_first: Mapped[bool] = mapped_column(default=False)  # what the person sees when opening the list

    __table_args__ = (
        sa.UniqueConstraint("person_id", "list_name", "name"),
        sa.Index(None, "list_name", "shared"),
    )
