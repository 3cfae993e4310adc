"""Ending sessions: of a person, of a company's users, one of one's own."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from lims.errors import NotFound
from lims.laboratory import Work
from lims.parties.models import Company, Person, SignIn


def end_sessions(work: Work, person_ids: Sequence[int], *, but: int | None = None) -> None:
    """End every open session of these people, except the one of this number."""
    open_ones = sa.update(SignIn).where(SignIn.person_id.in_(person_ids), SignIn.ended_at.is_(None))
    if but is not None:
        open_ones = open_ones.where(SignIn.id != but)
    work.session.execute(open_ones.values(ended_at=work.now))


def end_sessions_of_company(work: Work, company: Company) -> None:
    """Everybody of this company is out at once."""
    users = work.session.scalars(sa.select(Person.id).where(Person.company_id == company.id)).all()
    end_sessions(work, users)


def end_own_session(work: Work, session_id: int) -> None:
    """The actor ends one of their own sessions; another's is not there."""
    row = work.session.get(SignIn, session_id)
    if row is None or row.person_id != work.actor.id or row.ended_at is not None:
        raise NotFound("There is no such session.", "没有该会话。")
    row.ended_at = work.now
