"""A task is changed while nothing was sampled, closed with a reason; who pays a spot check; its sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from lims.contracts import invoices
from lims.contracts.lists import FIGURES
from lims.demonstration import people, spot_check
from lims.demonstration.journey import actor
from lims.errors import BadInput, Forbidden, Refused
from lims.laboratory import Laboratory
from lims.orders.models import Request
from lims.parties.models import Company
from lims.portal.documents import documents
from lims.portal.dossier import dossier
from lims.sampling import operations, tasks
from lims.sampling.models import SamplingTask
from lims.sampling.operations import TaskForm

pytestmark = pytest.mark.parametrize("kind", ["sqlite"])


def form(laboratory: Laboratory, **changed: Any) -> TaskForm:
    stated = TaskForm(
        authority="某局", document="8 号", products="集热器", tests=(people.METHOD,), companies=1, samples=1,
        first_day=laboratory.today, last_day=laboratory.today,
    )  # fmt: skip
    return replace(stated, **changed)


def close(laboratory: Laboratory, number: str, reason: str = "") -> SamplingTask:
    with laboratory.work(actor(laboratory, "office")) as work:
        return tasks.close(work, number, reason)


def test_a_task_is_changed_while_nothing_was_sampled(laboratory: Laboratory) -> None:
    spot_check.authorise(laboratory)
    number = spot_check.task(laboratory)
    with laboratory.work(actor(laboratory, "office")) as work:
        assert tasks.change(work, number, form(laboratory)).document == "8 号"
        with pytest.raises(BadInput, match="ends before it begins"):
            tasks.change(work, number, form(laboratory, first_day=laboratory.today.replace(year=2999)))
    with laboratory.work(actor(laboratory, "technician")) as work, pytest.raises(Forbidden):
        tasks.change(work, number, form(laboratory))
    record = spot_check.signed(laboratory, spot_check.taken(laboratory, number))
    with laboratory.work(actor(laboratory, "office")) as work, pytest.raises(Refused, match=record) as error:
        tasks.change(work, number, form(laboratory, document="9 号"))
    assert error.value.sentence_zh.endswith("。")


def test_an_incomplete_task_is_closed_with_a_reason_and_nothing_more_is_sampled(laboratory: Laboratory) -> None:
    spot_check.authorise(laboratory)
    number = spot_check.task(laboratory)
    draft = spot_check.taken(laboratory, number)
    with pytest.raises(Refused, match="still a draft"):
        close(laboratory, number, "x")
    spot_check.signed(laboratory, draft)
    with pytest.raises(Refused, match="1 of 4 companies and 1 of 6 samples"):
        close(laboratory, number, " ")
    assert close(laboratory, number, "其余企业停产").closed_because == "其余企业停产"
    for again in (lambda: close(laboratory, number, "x"), lambda: spot_check.taken(laboratory, number)):
        with pytest.raises(Refused, match="was closed on"):
            again()


def test_the_authority_pays_the_company_reads_no_price_and_finds_its_sheet(laboratory: Laboratory) -> None:
    record = spot_check.load(laboratory)
    with laboratory.work(actor(laboratory, "office")) as work:
        number = operations.order(work, record).number
    lu, office = actor(laboratory, "lu"), actor(laboratory, "office")  # lu is of the company sampled
    with laboratory.database.read() as session:
        request = session.scalars(sa.select(Request)).one()
        assert session.get_one(Company, request.company_id).name_zh != invoices.payer(request)
        assert invoices.payer(request) == "浙江省演示市场监督管理局"
        assert [invoices.shown_to(request, reader) for reader in (lu, office)] == [False, True]
        assert [len(session.scalars(FIGURES.select(reader)).all()) for reader in (lu, office)] == [0, 1]
        found = documents(session, dossier(session, number, lu), lu)
        assert [(one.kind.en, one.name) for one in found] == [("sampling sheet", record)]
