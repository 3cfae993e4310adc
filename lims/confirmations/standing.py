"""What every confirmation says beside its subject: who compared it with which text and when, or took that back.

Confirmations are append-only, and the last of a subject counts, until it is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from lims.errors import Refused, Sentence
from lims.laboratory import Work
from lims.parties.models import Person


class Confirmation:
    """The columns that confirmations of every kind have."""

    withdrawn: Mapped[bool] = mapped_column(default=False)  # it holds no longer; why stands in reason
    source: Mapped[str] = mapped_column(sa.String(400))  # which copy of the text, which notice or decision was read
    reason: Mapped[str] = mapped_column(sa.Text, default="")  # why it replaces an earlier one, or takes it back
    at: Mapped[datetime]
    day: Mapped[date]  # of the laboratory
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))

    @declared_attr
    def person(self) -> Mapped[Person]:
        """Who confirmed it or took it back."""
        return relationship(lazy="joined")


Kind = TypeVar("Kind", bound=Confirmation)


def counting(history: Sequence[Kind]) -> Kind | None:
    """The last of a subject's confirmations, oldest first, if it was not taken back."""
    return history[-1] if history and not history[-1].withdrawn else None


def keep(work: Work, made: Kind, *, nameless: Sentence) -> Kind:
    """Keep a confirmation in the name of whoever is at work, today; ``nameless``: what is said to nobody."""
    if work.actor.id is None:
        raise Refused(nameless.en, nameless.zh)
    made.at, made.day, made.person_id = work.now, work.today, work.actor.id
    work.session.add(made)
    work.session.flush()
    return made
