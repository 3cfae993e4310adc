"""Questions about what was confirmed of the site's data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.confirmations.models import DataConfirmation
from lims.confirmations.standing import counting
from lims.workdays import calendar, digest_of


def history(session: Session, subject: str) -> Sequence[DataConfirmation]:
    """Every confirmation of a subject and every one taken back, oldest first."""
    found = sa.select(DataConfirmation).where(DataConfirmation.subject == subject).order_by(DataConfirmation.id)
    return session.scalars(found).all()


def standing(session: Session, subject: str, digest: str) -> DataConfirmation | None:
    """The confirmation that counts for the data as they are now; none once the data were changed."""
    found = counting(history(session, subject))
    return found if found and found.digest == digest else None


def holidays_of(year: int) -> str:
    """What the holidays of a year are called here."""
    return f"holidays.{year}"


def unsure(session: Session, first: date, last: date) -> tuple[int, ...]:
    """The years from ``first`` to ``last`` whose holidays nobody confirmed, neither in their file nor here."""
    return tuple(
        year
        for year in calendar().unsure(first, last)
        if not (digest := digest_of(year)) or standing(session, holidays_of(year), digest) is None
    )
