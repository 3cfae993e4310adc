"""Columns and filters that the lists of several records share: whose it is, what was ordered, who tested it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from lims.labels import Label
from lims.lists.declaration import Column, Two, sighted
from lims.lists.filters import Choice, Through, person
from lims.orders.models import Job, Request
from lims.parties import queries as party_queries
from lims.parties.models import Company, Person
from lims.permissions import Actor

# Of a record of a job: the product that was ordered to be tested.
PRODUCT = Column(
    name="product", title=Label("产品", "Product"),
    value=lambda it: Two(it.job.request.product_zh, it.job.request.product_en),
)  # fmt: skip


def company_of(record: Any) -> Column:
    """Whose a record is, for those who may know it."""
    return Column(
        name="company", title=Label("委托单位", "Company"),
        value=lambda it: Two(it.company.name_zh, it.company.name_en), sort=Company.name_zh, along=(record.company,),
        shown=sighted,
    )  # fmt: skip


def words_of_company(record: Any) -> Through:
    """The names of a record's company, to search in."""
    return Through(record.company_id, Company.id, Company.name_zh, Company.name_en)


def due_of(record: Any) -> Column:
    """The day on which the request of a record's job is due."""
    return Column(
        name="due", title=Label("委托到期", "Request due"), value=lambda it: it.job.request.due_on, look="day",
        sort=Request.due_on, along=(record.job, Job.request), nullable=True,
    )  # fmt: skip


TESTED_BY = Label("检测人", "Tested by")


def tester_of(record: Any) -> Column:
    """Who tested."""
    return Column(
        name="tested_by", title=TESTED_BY, value=lambda it: Two(it.tested_by.name_zh, it.tested_by.name_en),
        sort=Person.name_zh, along=(record.tested_by,),
    )  # fmt: skip


def by_tester(record: Any) -> Choice:
    """The records of one who tests."""
    return person(record.tested_by_id, technicians, TESTED_BY)


def technicians(session: Session, _actor: Actor) -> Mapping[str, Label]:
    """The people a job can be assigned to, as choices of a filter."""
    return {str(one): Label(zh, en) for one, zh, en in party_queries.technician_names(session)}
