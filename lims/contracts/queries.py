"""Questions about what was agreed; whether the reader may know of the request is asked by the caller."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.contracts.models import Amendment, ContractReview, Deviation, Quotation
from lims.errors import NotFound
from lims.orders.models import Request
from lims.orders.queries import request_by_number
from lims.permissions import Actor


def reviews(session: Session, request: Request) -> Sequence[ContractReview]:
    """The contract reviews of a request, newest first."""
    select = sa.select(ContractReview).where(ContractReview.request_id == request.id)
    return session.scalars(select.order_by(ContractReview.id.desc())).all()


def deviations(session: Session, request: Request) -> Sequence[Deviation]:
    """The deviations proposed for a request."""
    return session.scalars(sa.select(Deviation).where(Deviation.request_id == request.id).order_by(Deviation.id)).all()


def quotations(session: Session, request: Request) -> Sequence[Quotation]:
    """The quotations of a request, newest first."""
    return session.scalars(
        sa.select(Quotation).where(Quotation.request_id == request.id).order_by(Quotation.id.desc())
    ).all()


def amendments(session: Session, request: Request) -> Sequence[Amendment]:
    """The amendments of a request, newest first."""
    return session.scalars(
        sa.select(Amendment).where(Amendment.request_id == request.id).order_by(Amendment.id.desc())
    ).all()


def quotation_by_number(session: Session, number: str, reader: Actor) -> Quotation:
    """The quotation of this number, if the reader may know of its request; else `NotFound`."""
    found = session.scalar(sa.select(Quotation).where(Quotation.number == number))
    if found is None:
        raise NotFound(f"There is no quotation {number}.", f"没有编号为 {number} 的报价单。")
    request_by_number(session, session.get_one(Request, found.request_id).number, reader)
    return found
