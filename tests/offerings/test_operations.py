"""The catalogue: what is offered, at which price from which day, within which accreditation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lims.demonstration import journey, people
from lims.errors import BadInput, Forbidden, HeliobenchError, NotFound, Refused
from lims.laboratory import Laboratory, Work
from lims.offerings import operations, queries
from lims.offerings.listing import choices, total
from lims.offerings.models import Product
from lims.orders import operations as orders
from lims.orders import queries as order_queries
from lims.orders.operations import RequestForm
from lims.workdays import calendar

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database
RAIN, FLAT = "procedure:iso9806-2017-rain", "collector-flat"
DAY = timedelta(days=1)


def _do(laboratory: Laboratory, verb: Callable[[Work, Product], Any], by: str = "office") -> Any:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        return verb(work, queries.product(work.session, FLAT))


def _price(laboratory: Laboratory, yuan: str, first: date, by: str = "office", days: int = 9, test: str = RAIN) -> Any:
    def verb(work: Work, product: Product) -> Any:
        return operations.set_price(
            work, product, test, yuan=Decimal(yuan), working_days=days, valid_from=first
        )  # fmt: skip

    return _do(laboratory, verb, by)


def test_a_price_counts_from_its_day_and_the_earlier_one_until_then(laboratory: Laboratory) -> None:
    today = laboratory.today
    _price(laboratory, "1700.50", today + 10 * DAY)
    _price(laboratory, "1650", today + 5 * DAY)
    with laboratory.database.read() as session:
        found = queries.offering(session, queries.product(session, FLAT).id, RAIN)
    assert found is not None
    on = [found.price_on(today + count * DAY) for count in (-1, 0, 4, 5, 9, 10, 400)]
    assert [one and one.yuan for one in on] == [
        None,
        *map(Decimal, ("1500", "1500", "1650", "1650", "1700.5", "1700.5")),
    ]


IMPOSSIBLE = (
    ("-1", 0, 9, RAIN, "0 or more"),
    ("1.005", 0, 9, RAIN, "two decimals"),
    ("99999999", 0, 9, RAIN, "0 or more"),
    ("1", -1, 9, RAIN, "valid from today"),
    ("1", 0, 0, RAIN, "working days"),
    ("1", 0, 9, "iso24194-2022", "not offered for collector-flat"),
)


@ONE_KIND
def test_a_price_that_cannot_be_is_refused(laboratory: Laboratory) -> None:
    for yuan, ahead, days, test, said in IMPOSSIBLE:
        with pytest.raises(BadInput, match=said):
            _price(laboratory, yuan, laboratory.today + ahead * DAY, days=days, test=test)


@ONE_KIND
def test_only_office_and_quality_manager_keep_the_catalogue(laboratory: Laboratory) -> None:
    for by in ("shen", "technician", "reviewer", "signatory", "admin"):
        with pytest.raises(Forbidden):
            _price(laboratory, "1", laboratory.today, by)


@ONE_KIND
def test_the_office_keeps_prices_and_only_the_quality_manager_the_scope(laboratory: Laboratory) -> None:
    def scope(work: Work, product: Product) -> Any:
        return operations.add_scope(
            work, product, RAIN, scheme="CNAS", certificate="L0001", valid_from=work.today - 9 * DAY,
            valid_to=work.today + DAY,
        )  # fmt: skip

    with pytest.raises(Forbidden):
        _do(laboratory, scope)
    _do(laboratory, scope, "quality")
    with laboratory.database.read() as session:
        found = queries.offering(session, queries.product(session, FLAT).id, RAIN)
    assert found is not None
    held = [{one.scheme for one in found.schemes_on(laboratory.today + count * DAY)} for count in (-9, 0, 1, 2)]
    assert held == [{"CNAS"}, {"CMA", "CNAS"}, {"CMA", "CNAS"}, {"CMA"}]


@ONE_KIND
def test_what_is_withdrawn_is_no_longer_shown_and_can_be_offered_again(laboratory: Laboratory) -> None:
    def shown() -> bool:
        with laboratory.database.read() as session:
            rows = choices(queries.product(session, FLAT), laboratory.today, {})
        return RAIN in {one.test.code for one in rows}

    assert shown()
    _do(laboratory, lambda work, product: operations.withdraw_test(work, product, RAIN))
    assert not shown()
    _do(laboratory, lambda work, product: operations.offer_test(work, product, RAIN))
    assert shown()


WRONG: tuple[tuple[Callable[[Work, Product], Any], str], ...] = (
    (lambda work, _: operations.add_product(work, code="No!", name_zh="甲", name_en="a"), "small letters"),
    (lambda work, _: operations.add_product(work, code=FLAT, name_zh="甲", name_en="a"), "already"),
    (lambda work, _: operations.add_product(work, code="x", name_zh=" ", name_en="a"), "Chinese and an English"),
    (lambda work, product: operations.offer_test(work, product, "iso-0"), "no method 'iso-0'"),
    (lambda work, product: operations.offer_test(work, product, RAIN), "already"),
    (
        lambda work, product: operations.set_package(work, product, code="p", name_zh="甲", name_en="a", tests=[]),
        "Choose the tests",
    ),
    (
        lambda work, product: operations.set_package(
            work, product, code="label-gb26969", name_zh="甲", name_en="a", tests=[RAIN]
        ),
        "another product's",
    ),
    (lambda work, _: queries.product(work.session, "none"), "no product none"),
)


@ONE_KIND
def test_what_cannot_stand_in_the_catalogue_is_refused(laboratory: Laboratory) -> None:
    for verb, said in WRONG:
        with pytest.raises(HeliobenchError, match=said):
            _do(laboratory, verb)


def test_a_package_is_replaced_as_a_whole(laboratory: Laboratory) -> None:
    for tests in (["iso9806-2017-qdt", RAIN], [RAIN, "iso9806-2017-sst"]):
        _do(
            laboratory,
            lambda work, product, tests=tests: operations.set_package(
                work, product, code="two", name_zh="二", name_en="two", tests=tests
            ),
        )
    with laboratory.database.read() as session:
        found = queries.package(session, "two")
    assert found is not None
    assert found.tests == (RAIN, "iso9806-2017-sst")


def test_an_order_takes_today_s_prices_and_its_due_date_from_the_longest_test(laboratory: Laboratory) -> None:
    form = RequestForm(product=FLAT, tests=(people.METHOD, RAIN), manufacturer="M", model="X", gross_area=2.5)
    number = journey.submit(laboratory, username="shen", form=form)
    _price(laboratory, "1800", laboratory.today)
    with laboratory.database.read() as session:
        found = orders.queries.request_by_number(session, number, journey.actor(laboratory, "shen"))
        priced = [(one.price, one.working_days) for one in found.tests]
    assert priced == [(Decimal(18600), 30), (Decimal(1500), 8)]
    assert (found.product_zh, found.product_en) == ("平板型太阳能集热器", "flat-plate solar collector")
    assert found.due_on == calendar().after(laboratory.today, 30)
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        orders.act_on_request(work, number, "return", "again")
    with laboratory.work(journey.actor(laboratory, "shen")) as work:
        orders.act_on_request(work, number, "submit")
    with laboratory.database.read() as session:
        found = orders.queries.request_by_number(session, number, journey.actor(laboratory, "shen"))
        again = [one.price for one in found.tests]
    assert again == [Decimal(18600), Decimal(1800)]


@ONE_KIND
def test_a_day_that_has_passed_and_a_product_there_is_not_are_refused(laboratory: Laboratory) -> None:
    form = RequestForm(product=FLAT, tests=(RAIN,), manufacturer="M", model="X", due_on=laboratory.today - DAY)
    with pytest.raises(HeliobenchError, match="has passed"):
        journey.submit(laboratory, username="shen", form=form)
    with pytest.raises(NotFound):
        journey.submit(laboratory, username="shen", form=replace(form, product="none"))


def test_a_sum_is_none_while_a_price_is_missing() -> None:
    assert total([Decimal("0.10"), Decimal("0.20")]) == Decimal("0.30")
    assert total([Decimal(1), None]) is None
    assert total([]) == 0


@ONE_KIND
def test_a_product_withdrawn_is_ordered_no_more_and_orders_that_name_it_go_on(planned: Laboratory) -> None:
    form = RequestForm(
        product=FLAT, tests=(people.METHOD,), product_zh="集热器", manufacturer="晴川", model="QC", gross_area=2.0
    )
    with planned.work(journey.actor(planned, "shen")) as work:
        numbers = [orders.draft_request(work, form).number for _ in range(2)]
        orders.act_on_request(work, numbers[0], "submit")
    with planned.work(journey.actor(planned, "technician")) as work, pytest.raises(Forbidden):
        operations.withdraw_product(work, queries.product(work.session, FLAT))
    _do(planned, operations.withdraw_product)
    with pytest.raises(Refused, match="withdrawn already"):
        _do(planned, operations.withdraw_product)
    with planned.work(journey.actor(planned, "shen")) as work:
        for refused in (
            lambda: orders.draft_request(work, form), lambda: orders.act_on_request(work, numbers[1], "submit"),
            lambda: orders.change_request(work, numbers[1], form),
        ):  # fmt: skip
            with pytest.raises(Refused, match="no longer offered") as error:
                refused()
            assert "已停止提供" in error.value.sentence_zh
    with planned.work(journey.actor(planned, "office")) as work:
        journey.accept(work, numbers[0])
        assert order_queries.request_by_number(work.session, numbers[0], work.actor).state == "accepted"
    _do(planned, operations.offer_product)
    with planned.work(journey.actor(planned, "shen")) as work:
        assert orders.act_on_request(work, numbers[1], "submit").state == "submitted"
