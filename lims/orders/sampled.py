"""Who took the samples of a spot check, and under which seals they come.

Who took a sample may not test it (Zhejiang regulation on inspection bodies, article 36). The people are kept with the
request, so that the rule holds for every item and part that came with it, whatever request it is tested for later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from lims.db import Base
from lims.errors import Sentence
from lims.orders.models import Job
from lims.parties.models import Person
from lims.workflow import Facts


class RequestSampler(Base):
    """One of the two people who took the samples that a request is about."""

    __tablename__ = "request_sampler"

    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)


class RequestSample(Base):
    """One sealed sample that a request announces; an item is expected for it when the request is accepted."""

    __tablename__ = "request_sample"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("request.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))  # test or backup: see lims.items.models.ROLES
    seal: Mapped[str] = mapped_column(sa.String(60))


ITEM = sa.table("item", sa.column("id"), sa.column("request_id"))  # its model stands above this package


def samplers(session: Session, item_id: int) -> frozenset[int]:
    """The ids of the people who took this item as a sample; empty for an item that a company sent."""
    came_with = sa.select(ITEM.c.request_id).where(ITEM.c.id == item_id).scalar_subquery()
    return frozenset(session.scalars(sa.select(RequestSampler.person_id).where(RequestSampler.request_id == came_with)))


def samplers_of_request(session: Session, request_id: int) -> frozenset[int]:
    """The ids of the people who took the samples of a request."""
    found = sa.select(RequestSampler.person_id).where(RequestSampler.request_id == request_id)
    return frozenset(session.scalars(found))


def announced(session: Session, request_id: int) -> Sequence[RequestSample]:
    """The sealed samples that a request announces, in the order of its sampling record."""
    found = sa.select(RequestSample).where(RequestSample.request_id == request_id).order_by(RequestSample.id)
    return session.scalars(found).all()


def told(session: Session, job: Job, actor_id: int | None, facts: Facts) -> Facts:
    """``facts`` with whether the actor took the job's item as a sample."""
    return replace(facts, sampled=actor_id in samplers(session, job.item_id))


def planning_refused(session: Session, item_id: int, person: Person) -> Sentence | None:
    """Why a test of this item cannot be planned for this person; None if nothing stands against it."""
    if person.id not in samplers(session, item_id):
        return None
    return Sentence(
        f"{person.name_en or person.name_zh} took this sample and may not test it; choose another technician.",
        f"{person.name_zh} 是该样品的抽样人员，不得承担其检测；请另选检测员。",
    )
