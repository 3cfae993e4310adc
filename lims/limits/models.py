"""What the laboratory has read in the text of a standard: a limit's number, by whom and when."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lims.confirmations.standing import Confirmation
from lims.db import Base


class LimitConfirmation(Confirmation, Base):
    """That somebody compared a limit with the text of its standard, or took that back. Append-only; the last counts."""

    __tablename__ = "limit_confirmation"

    id: Mapped[int] = mapped_column(primary_key=True)
    limit_table: Mapped[str] = mapped_column(sa.String(60), index=True)
    symbol: Mapped[str] = mapped_column(sa.String(60))
    edition: Mapped[str] = mapped_column(sa.String(60))  # the standard that was read, e.g. "GB/T 19141-2011"
    value: Mapped[float]  # as the standard states it
    unit: Mapped[str] = mapped_column(sa.String(40))
    clause: Mapped[str] = mapped_column(sa.String(200))
    area: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")  # that it rests on; empty: unread
    temperature: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")  # likewise
