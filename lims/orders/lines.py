"""The lines of a request: which tests, at what price, in what time."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from lims.errors import BadInput, Refused
from lims.laboratory import Work
from lims.offerings import queries as offering_queries
from lims.offerings.operations import DEAREST, LONGEST
from lims.orders import queries
from lims.orders.models import Request, RequestTest
from lims.orders.offer import offers
from lims.repertoire import known_test

UNDER_REVIEW = ("submitted", "under_review", "asked_back")  # states in which it is agreed what the order is


def set_tests(work: Work, request: Request, codes: Sequence[str]) -> None:
    """The lines of a request, each at today's price of the catalogue for its product."""
    before = {one.code: one for one in request.tests}
    request.tests = [before.get(code) or _line(code) for code in dict.fromkeys(codes)]
    for position, one in enumerate(request.tests, start=1):
        one.position = position
    price_tests(work, request)


def price_tests(work: Work, request: Request) -> None:
    """Today's price and working days of the catalogue for every line; nothing where the catalogue has none."""
    with work.session.no_autoflush:
        for one in request.tests:
            _price_line(work, request, one)


def _price_line(work: Work, request: Request, line: RequestTest) -> None:
    offered = offering_queries.offering(work.session, request.product_id, line.code)
    price = offered.price_on(work.today) if offered else None
    line.price, line.working_days = (price.yuan, price.working_days) if price else (None, None)


def _line(code: str) -> RequestTest:
    found = known_test(code)
    return RequestTest(method_id=found.method_id, procedure_id=found.procedure_id)


def set_line(
    work: Work, number: str, position: int, *, price: Decimal | None, working_days: int | None, note: str
) -> RequestTest:
    """What one test costs and how long it takes in this order, set while the contract is reviewed."""
    work.actor.require("request.review")
    request = queries.request_by_number(work.session, number, work.actor)
    if request.state not in UNDER_REVIEW:
        raise Refused(
            f"{number} is '{request.state}'; prices are set during its review.",
            f"{number} 当前状态不能定价；价格在合同评审期间设定。",
        )
    line = chosen_line(request, position)
    if price is not None and not (0 <= price < DEAREST and price == price.quantize(Decimal("0.01"))):
        raise BadInput("Give a price in yuan, 0 or more, with at most two decimals.", "价格应不小于 0，最多两位小数。")
    if working_days is not None and not 1 <= working_days <= LONGEST:
        raise BadInput(f"Give 1 to {LONGEST} working days.", f"工作日应为 1 至 {LONGEST}。")
    line.price, line.working_days, line.note = price, working_days, note.strip()[:200]
    work.record(
        "request", number, "price_line", test=line.code, price="" if price is None else f"{price:.2f}",
        working_days=working_days,
    )  # fmt: skip
    return line


def require_orderable(work: Work, request: Request, code: str) -> None:
    """Refuse a test that the request has already or that cannot be ordered today."""
    known_test(code)
    if code in {one.code for one in request.tests}:
        raise BadInput("The request has this test already.", "委托已包含该检测项目。")
    for why in offers(work.session, work.today)[code].against:
        raise Refused(why.en, why.zh)


def require_droppable(work: Work, request: Request, code: str) -> None:
    """Refuse to drop a test that is not there, the only one, or one whose job goes on or is done."""
    line = next((one for one in request.tests if one.code == code), None)
    if line is None or len(request.tests) == 1:
        raise BadInput(
            "The request does not have this test, or no other; cancel the request instead.",
            "委托不包含该检测项目，或仅有该项目；请改为撤销委托。",
        )
    for job in queries.jobs_of(work.session, request):
        if job.request_test_id == line.id:
            raise Refused(
                f"{job.number} is planned or was done for this test; it stays in the order.",
                f"该检测项目已有任务 {job.number}，须保留在委托中。",
            )


def add_test(work: Work, request: Request, code: str) -> None:
    """One more test at the end of an accepted request, at today's price of the catalogue."""
    line = _line(code)
    line.position = max((one.position for one in request.tests), default=0) + 1
    request.tests.append(line)
    _price_line(work, request, line)


def drop_test(request: Request, code: str) -> None:
    """One test less; the others keep their places."""
    request.tests = [one for one in request.tests if one.code != code]


def chosen_line(request: Request, position: int | None) -> RequestTest:
    """The line at a position; without one the only line there is."""
    lines = [one for one in request.tests if position in (None, one.position)]
    if len(lines) != 1:
        raise BadInput(
            f"Choose which test of {request.number} is planned; it has {len(request.tests)}.",
            f"请选择 {request.number} 中要排期的检测项目；共有 {len(request.tests)} 项。",
        )
    return lines[0]
