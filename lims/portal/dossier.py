"""Everything of one order that a reader may see, read once: for its story, its stations and its documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims.certificates import queries as reports
from lims.certificates.models import Report
from lims.items import queries as items
from lims.items.models import Item
from lims.orders import queries as orders
from lims.orders.models import Job, Request
from lims.permissions import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One order with its items, jobs and the reports its reader may see."""

    request: Request
    items: Sequence[Item]
    jobs: Sequence[Job]
    reports: Sequence[Report]

    @property
    def whole(self) -> list[Item]:
        """The items without their parts and accessories."""
        return [one for one in self.items if not one.parent_number]


def dossier(session: Session, number: str, reader: Actor) -> Dossier:
    """The order of this number, if the reader may know of it; else `NotFound`."""
    return of(session, orders.request_by_number(session, number, reader), reader)


def of(session: Session, request: Request, reader: Actor) -> Dossier:
    """The dossier of an order that the reader may know of."""
    return Dossier(
        request=request,
        items=[one for one in items.of_request(session, request) if _own(one, reader)],
        jobs=orders.jobs_of(session, request),
        reports=reports.of_request(session, request, reader),
    )


def _own(item: Item, reader: Actor) -> bool:
    """An order may name an item that was here already: only a company's own is shown to it."""
    return reader.company_id is None or item.company_id == reader.company_id
