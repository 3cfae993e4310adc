"""Questions about saved views."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import NotFound
from lims.lists.models import ListView
from lims.permissions import STAFF, Actor


def views(session: Session, list_name: str, actor: Actor) -> Sequence[ListView]:
    """The actor's own views of a list and, for staff, those that colleagues share, by name."""
    mine: sa.ColumnElement[bool] = ListView.person_id == actor.id
    seen = sa.or_(mine, ListView.shared) if actor.roles & STAFF else mine
    select = sa.select(ListView).where(ListView.list_name == list_name, seen)
    return session.scalars(select.order_by(ListView.name, ListView.id)).all()


def own_view(session: Session, view_id: int, actor: Actor) -> ListView:
    """A view of the actor; `NotFound` for any other."""
    found = session.scalar(sa.select(ListView).where(ListView.id == view_id, ListView.person_id == actor.id))
    if found is None:
        raise NotFound("There is no such view of yours.", "您没有该视图。")
    return found
