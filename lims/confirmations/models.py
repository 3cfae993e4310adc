"""What the laboratory has confirmed of its site's data: holidays of a year, retention periods. By whom and when."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lims.confirmations.standing import Confirmation
from lims.db import Base


class DataConfirmation(Confirmation, Base):
    """That somebody confirmed site data as they stand, or took that back. Append-only; the last of a subject counts."""

    __tablename__ = "data_confirmation"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(60), index=True)  # "holidays.2027" or "retention"
    digest: Mapped[str] = mapped_column(sa.String(64))  # SHA-256 of the data: data changed later are not confirmed
