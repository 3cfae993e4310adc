"""A job of a manual test, planned and ready to begin."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lims.demonstration import journey
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.laboratory import Laboratory
from lims.orders import operations as orders
from lims.orders import queries as order_queries
from lims.parties import operations as parties
from lims.parties import queries as party_queries

PRESSURE = "gbt6424-2007-pressure"
CODE = f"procedure:{PRESSURE}"


def authorise(laboratory: Laboratory, *pairs: tuple[str, str]) -> None:
    """The quality manager authorises people for activities of the pressure test."""
    with laboratory.work(journey.actor(laboratory, "quality")) as work:
        for username, activity in pairs:
            person = party_queries.person_by_username(work.session, username)
            assert person is not None
            parties.authorise_competence(
                work, person=person, method_id=CODE, activity=activity, valid_from=work.today,
                valid_to=work.today + timedelta(days=5000), basis="考核合格",
            )  # fmt: skip


def plan(laboratory: Laboratory) -> str:
    """From the order of a pressure test to its planned job; returns the job's number."""
    form = orders.RequestForm(
        tests=(CODE,), product_zh="平板集热器", product_en="flat plate collector", manufacturer="晴川", model="QC-25",
        gross_area=2.51,
    )  # fmt: skip
    request = journey.submit(laboratory, username="shen", form=form)
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        journey.accept(work, request)
    technician = journey.actor(laboratory, "technician")
    with laboratory.work(technician) as work:
        found = order_queries.request_by_number(work.session, request, technician)
        item = item_queries.of_request(work.session, found)[0].number
        items.act(work, item, "receive", condition="完好", place="A-01")
        items.act(work, item, "accept")
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        return items.plan_job(
            work, request_number=request, item_number=item, bench="", planned_on=work.today,
            assigned_to_id=technician.id or 0,
        ).number  # fmt: skip


@pytest.fixture
def job(laboratory: Laboratory) -> str:
    """The number of a planned job, for which tester, reviewer and signatory are authorised."""
    authorise(laboratory, ("technician", "test"), ("reviewer", "review"), ("senior", "review"),
              ("signatory", "authorise"), ("senior", "authorise"))  # fmt: skip
    return plan(laboratory)
