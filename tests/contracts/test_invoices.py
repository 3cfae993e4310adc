"""Invoices are kept with their order, paid or cancelled once; the figures are exact and each company's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from lims.contracts import invoices, operations, quotations
from lims.contracts.lists import FIGURES, Figure, money, sums
from lims.contracts.models import Invoice
from lims.demonstration import journey, people
from lims.errors import BadInput, Forbidden, HeliobenchError, NotFound, Refused
from lims.laboratory import Laboratory, Work
from lims.orders.operations import RequestForm

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database
FORM = RequestForm(product="collector-flat", tests=(people.METHOD,), manufacturer="M", model="X", gross_area=2.5)
Verb = Callable[[Work], Any]


def _do(laboratory: Laboratory, by: str, verb: Verb) -> Any:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        return verb(work)


def _figures(laboratory: Laboratory, by: str) -> list[Figure]:
    with laboratory.database.read() as session:
        return list(session.scalars(FIGURES.select(journey.actor(laboratory, by)).order_by(Figure.id)))


@pytest.fixture
def quoted(laboratory: Laboratory) -> str:
    """A request that was quoted."""
    number = journey.submit(laboratory, username="shen", form=FORM)
    _do(laboratory, "office", lambda work: operations.act(work, number, "start_review"))
    _do(laboratory, "office", lambda work: quotations.quote(work, number))
    return number


def _enter(work: Work, number: str, invoice: str, total: str, **more: Any) -> Any:
    return invoices.enter(
        work, number, number=invoice, issued_on=more.get("on", work.today), total=Decimal(total)
    )  # fmt: skip


def test_the_figures_add_up_what_was_invoiced_paid_and_not_cancelled(laboratory: Laboratory, quoted: str) -> None:
    for invoice, total in (("25110001", "10000.10"), ("25110002", "0.20"), ("25110003", "5000.00")):
        _do(laboratory, "office", lambda work, i=invoice, t=total: _enter(work, quoted, i, t))
    _do(laboratory, "office", lambda work: invoices.pay(work, quoted, "25110001", work.today))
    _do(laboratory, "office", lambda work: invoices.cancel(work, quoted, "25110003", "wrong tax number"))
    (row,) = _figures(laboratory, "shen")
    assert sorted(str(row.invoices).split(", ")) == ["25110001", "25110002"]
    assert (row.invoiced, row.paid, money(row)) == (Decimal("10000.30"), Decimal("10000.10"), "open")
    assert row.quoted_net == row.net
    assert row.accepted is None
    with laboratory.database.read() as session:
        found = sums(session, FIGURES.select(journey.actor(laboratory, "shen")))
    assert (found.orders, found.invoiced, found.paid, found.open) == (
        1, Decimal("10000.30"), Decimal("10000.10"), Decimal("0.20"),
    )  # fmt: skip
    assert _figures(laboratory, "lu") == []
    assert len(_figures(laboratory, "office")) == 1


@ONE_KIND
def test_an_order_with_a_test_that_has_no_price_has_no_sum(laboratory: Laboratory, quoted: str) -> None:
    _do(laboratory, "office", lambda work: work.session.execute(sa.text("update request_test set price = null")))
    (row,) = _figures(laboratory, "shen")
    assert row.net is None
    assert row.quoted_net is not None
    assert money(row) == "not_invoiced"


REFUSED: tuple[tuple[str, Verb, type[HeliobenchError]], ...] = (
    ("shen", lambda work: _enter(work, "WT", "1", "5"), Forbidden),
    ("technician", lambda work: _enter(work, "WT", "1", "5"), Forbidden),
    ("office", lambda work: _enter(work, "WT-1999-99999", "1", "5"), NotFound),
    ("office", lambda work: _enter(work, "WT", " ", "5"), BadInput),
    ("office", lambda work: _enter(work, "WT", "1", "0"), BadInput),
    ("office", lambda work: _enter(work, "WT", "1", "0.005"), BadInput),
    ("office", lambda work: _enter(work, "WT", "1", "5", on=work.today + timedelta(days=1)), BadInput),
    ("office", lambda work: _enter(work, "WT", "KEPT", "5"), Refused),
    ("office", lambda work: invoices.pay(work, "WT", "KEPT", work.today - timedelta(days=1)), BadInput),
    ("office", lambda work: invoices.pay(work, "WT", "OTHER", work.today), NotFound),
    ("office", lambda work: invoices.cancel(work, "WT", "KEPT", " "), BadInput),
    ("shen", lambda work: invoices.pay(work, "WT", "KEPT", work.today), Forbidden),
)


@ONE_KIND
def test_what_is_refused_changes_nothing(laboratory: Laboratory, quoted: str, monkeypatch: Any) -> None:
    _do(laboratory, "office", lambda work: _enter(work, quoted, "KEPT", "5"))
    find = invoices.request_by_number

    def named(session: Any, number: str, actor: Any) -> Any:
        return find(session, quoted if number == "WT" else number, actor)

    monkeypatch.setattr(invoices, "request_by_number", named)
    for by, verb, error in REFUSED:
        with pytest.raises(error):
            _do(laboratory, by, verb)
    (row,) = _figures(laboratory, "office")
    assert (row.invoices, row.invoiced, row.paid) == ("KEPT", Decimal("5.00"), Decimal("0.00"))


@ONE_KIND
def test_an_invoice_is_paid_once_and_one_that_is_cancelled_is_not_paid(laboratory: Laboratory, quoted: str) -> None:
    _do(laboratory, "office", lambda work: _enter(work, quoted, "A", "5"))
    _do(laboratory, "office", lambda work: invoices.pay(work, quoted, "A", work.today))
    with pytest.raises(Refused):
        _do(laboratory, "office", lambda work: invoices.pay(work, quoted, "A", work.today))
    _do(laboratory, "office", lambda work: invoices.cancel(work, quoted, "A", "red-lettered"))
    with pytest.raises(Refused):
        _do(laboratory, "office", lambda work: invoices.cancel(work, quoted, "A", "again"))
    (row,) = _figures(laboratory, "shen")
    assert (row.invoices, row.invoiced) == (None, Decimal("0.00"))


# State × action: what an invoice becomes, or None where the step is refused. Only the office takes any of them.
INVOICE = {
    ("issued", "pay"): "paid", ("issued", "cancel"): "cancelled", ("paid", "pay"): None,
    ("paid", "cancel"): "cancelled", ("cancelled", "pay"): None, ("cancelled", "cancel"): None,
}  # fmt: skip


@ONE_KIND
@pytest.mark.parametrize(("state", "action"), INVOICE)
def test_the_states_of_an_invoice_and_who_may_move_it(
    laboratory: Laboratory, quoted: str, state: str, action: str
) -> None:
    steps: dict[str, Verb] = {
        "pay": lambda work: invoices.pay(work, quoted, "A", work.today),
        "cancel": lambda work: invoices.cancel(work, quoted, "A", "red-lettered"),
    }
    _do(laboratory, "office", lambda work: _enter(work, quoted, "A", "5"))
    for before in {"issued": (), "paid": ("pay",), "cancelled": ("cancel",)}[state]:
        _do(laboratory, "office", steps[before])
    for username in ("shen", "technician", "reviewer", "signatory", "quality", "admin"):
        with pytest.raises(Forbidden):
            _do(laboratory, username, steps[action])
    becomes = INVOICE[state, action]
    if becomes is None:
        with pytest.raises(Refused) as refused:
            _do(laboratory, "office", steps[action])
        assert refused.value.sentence.en.endswith(".")
        assert refused.value.sentence.zh.endswith("。")
        becomes = state
    else:
        _do(laboratory, "office", steps[action])
    with laboratory.database.read() as session:
        assert session.scalars(sa.select(Invoice)).one().state == becomes
