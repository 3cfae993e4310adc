"""Verbs about test items: expected, received, handed over, measured, returned."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from lims.errors import BadInput, NotFound, Refused, Sentence
from lims.items import custody, queries
from lims.items.choices import DISPOSED, DOOR, HANDED_BACK, RECEIPT
from lims.items.models import BACKUP, BROKEN, SUPPLIERS, Item, ItemProperty
from lims.laboratory import Work
from lims.orders import operations as orders
from lims.orders import planning, sampled
from lims.orders import queries as order_queries
from lims.orders import repeats as repetition
from lims.orders.models import Job, Request
from lims.orders.operations import RequestForm
from lims.orders.reviewed import Review
from lims.orders.slots import Slot
from lims.parties.models import Person
from lims.workflow import ITEM, Facts
from protocols.method import ItemField, Method, NotEvaluable, complete_item
from protocols.record import Common
from protocols.requirements import declared

GROSS_AREA = "A_G"
DECLARED = frozenset(field.symbol for field in declared.ITEM)  # whoever writes it down, the company says so
LEAVING = {"hand_back": HANDED_BACK.both, "dispose": DISPOSED.both}  # action: purpose in the ledger


def expect(work: Work, request: Request) -> Item:
    """The item an accepted request announces, with what the company says of it."""
    item = Item(
        number=work.number("YP"), request_id=request.id, company_id=request.company_id, name_zh=request.product_zh,
        name_en=request.product_en, manufacturer=request.manufacturer, model=request.model,
        serial_number=request.serial_number,
    )  # fmt: skip
    if request.gross_area is not None:
        item.properties = [ItemProperty(symbol=GROSS_AREA, number=request.gross_area, unit="m2", supplied_by="company")]
    work.session.add(item)
    work.session.flush()
    work.record("item", item.number, "expect", target=item.state, request=request.number)
    return item


def act(work: Work, number: str, action: str, *, reason: str = "", condition: str = "", place: str = "") -> Item:
    """Any action of the item's machine, with its parts; receiving asks for the condition and the place."""
    item = queries.by_number(work.session, number, work.actor)
    came_in = item.state != "expected"
    work.move(ITEM, action, item, Facts(reason=reason, missing=tuple(_missing(work, item, action, condition, place))))
    if action == "receive":
        item.condition, item.received_at = condition.strip(), work.now
        _enter(work, item, place, RECEIPT.both)
    elif action == "refuse":
        item.refusal, item.refused_at = reason.strip(), work.now
        if not came_in:
            _enter(work, item, DOOR.both, f"拒收 refused: {reason.strip()}")
    elif action in LEAVING:
        _enter(work, item, place or "—", f"{LEAVING[action]} {reason}".strip())
    if action != "receive":
        _along(work, item, action, reason=reason, place=place)
    return item


def _along(work: Work, item: Item, action: str, *, reason: str, place: str) -> None:
    """The parts that can go the same way go with their whole."""
    for part in queries.parts_of(work.session, item):
        if part.state in ITEM.transition(action).sources and not (action == "refuse" and part.state == "expected"):
            act(work, part.number, action, reason=reason, place=place)


def _missing(work: Work, item: Item, action: str, condition: str, place: str) -> Iterator[Sentence]:
    if action == "receive":
        if not condition.strip():
            yield Sentence("Describe the condition of the item on receipt.", "请描述收样时的样品状态。")
        if not place.strip():
            yield Sentence("Say where the item is stored.", "请填写样品存放地点。")
    elif action == "accept":
        yield from _seal_against(item)
        for one in queries.open_differences(item)[:1]:
            yield Sentence(
                f"{one.en} Keep on the item's page what the company says, then accept it.",
                f"{one.zh}请先在样品页面记录委托单位的意见，再确认可检测。",
            )
    elif action == "dispose" and item.is_backup and not _may_go(work, item):
        if item.disposal_asked_by:
            yield Sentence(
                f"You asked for the disposal of {item.number} yourself; a second person has to carry it out.",
                f"{item.number} 的处置由您本人申请；须由另一人执行。",
            )
        yield Sentence(
            f"{item.number} is a backup sample kept until {item.keep_until or 'its report is issued'}; "
            "before that a second person has to ask for its disposal.",
            f"{item.number} 为备样，须保留至{item.keep_until or '报告签发后'}；提前处置须另一人先提出申请。",
        )


def sealed_by_samplers(item: Item) -> bool:
    """Whether the item came under a seal whose state decides if it may be tested."""
    return bool(item.seal) and item.request.kind == "spot_check"


def _seal_against(item: Item) -> Iterator[Sentence]:
    if not sealed_by_samplers(item) or item.seal_found == "intact":
        return
    if item.seal_found == BROKEN:
        yield Sentence(
            f"The seal {item.seal} of {item.number} was not intact: the item cannot be tested; refuse it with the "
            "reason and tell the authority.",
            f"{item.number} 的封签 {item.seal} 不完好，不得检测；请写明原因拒收，并报告任务下达单位。",
        )
    else:
        yield Sentence(
            f"Look at the seal {item.seal} of {item.number} first and say whether it is intact.",
            f"请先查验 {item.number} 的封签 {item.seal}，并记录是否完好。",
        )


def _may_go(work: Work, item: Item) -> bool:
    """A backup sample goes when its time is over, or when somebody else than the actor has asked for it."""
    if item.keep_until is not None and item.keep_until < work.today:
        return True
    return item.disposal_asked_by not in ("", username(work))


def username(work: Work) -> str:
    """The user name of whoever acts; `BadInput` for the program itself."""
    person = work.session.get(Person, work.actor.id) if work.actor.id is not None else None
    if person is None:
        raise BadInput("A named person handles an item.", "样品须由具名人员经手。")
    return person.username


def _enter(work: Work, item: Item, place: str, purpose: str) -> None:
    custody.enter(work, item, custody.destination(work, place), purpose=purpose)


def state_properties(
    work: Work,
    number: str,
    values: Mapping[str, Any],
    uncertainties: Mapping[str, float] | None = None,
    supplied_by: Mapping[str, str] | None = None,
) -> Item:
    """What is stated about the item for its methods and its statement: numbers in the unit asked, texts, or tables.

    uncertainties: symbol → standard uncertainty, in the same unit.  supplied_by: symbol → one of SUPPLIERS, where the
    laboratory writes down what the company says.

    A value the company gave is replaced only by another: the laboratory's own measurement, marked as such.
    Raises `BadInput` for a symbol that nothing ordered for the item asks for, and for a value, an uncertainty or a
    supplier that cannot be.
    """
    work.actor.require("item.handle")
    item = queries.by_number(work.session, number, work.actor)
    fields = queries.fields_for(work.session, item)
    for symbol, value in values.items():
        if symbol not in fields:
            raise BadInput(
                f"Nothing ordered for {number} asks for '{symbol}'; asked are: {', '.join(sorted(fields))}.",
                f"{number} 的检测与判定不需要“{symbol}”；需要的有：{', '.join(sorted(fields))}。",
            )
        _require_possible(fields[symbol], value)
        _state(item, symbol, value, fields[symbol].unit)
    for symbol, supplier in (supplied_by or {}).items():
        _supplied(item, symbol, supplier)
    for known in item.properties:
        known.standard_uncertainty = _possible_uncertainty(known, uncertainties or {})
    work.session.flush()
    work.record("item", number, "state_properties", values={key: repr(value) for key, value in values.items()})
    return item


def _require_possible(field: ItemField, value: Any) -> None:
    try:
        complete_item((field,), {field.symbol: value})
    except NotEvaluable as refused:
        raise BadInput(refused.sentence_en, refused.sentence_zh, code=refused.clause) from refused


def _possible_uncertainty(known: ItemProperty, given: Mapping[str, float]) -> float:
    value = given.get(known.symbol, known.standard_uncertainty)
    if not 0.0 <= value < math.inf:
        raise BadInput(
            f"The standard uncertainty of {known.symbol} is {value}; give 0 or a positive number.",
            f"{known.symbol} 的标准不确定度为 {value}；请填写 0 或正数。",
        )
    return value


def _state(item: Item, symbol: str, value: Any, unit: str) -> None:
    given = next((known for known in item.properties if known.symbol == symbol), None)
    number = float(value) if isinstance(value, int | float) else None
    supplier = "company" if symbol in DECLARED else "laboratory"
    text = "" if number is not None else value if isinstance(value, str) else json.dumps(value)
    if given is None:
        item.properties.append(
            ItemProperty(
                symbol=symbol, number=number, text=text, unit=unit, standard_uncertainty=0.0, supplied_by=supplier
            )
        )
    elif (given.number, given.text) != (number, text):
        given.number, given.text, given.supplied_by = number, text, supplier


def _supplied(item: Item, symbol: str, supplier: str) -> None:
    if supplier not in SUPPLIERS:
        raise BadInput(f"'{supplier}' supplies no data; say company or laboratory.", f"“{supplier}”不是数据提供方。")
    for known in item.properties:
        if known.symbol == symbol:
            known.supplied_by = supplier


def as_method_input(item: Item, method: Method) -> dict[str, Any]:
    """The item's properties that ``method`` asks for, as its ``evaluate`` takes them."""
    kinds = {field.symbol: field.kind for field in method.item}
    return {
        known.symbol: _value(known, kinds[known.symbol] == "pairs")
        for known in item.properties
        if known.symbol in kinds
    }


def uncertainties_of(item: Item, method: Method) -> list[Common]:
    """The standard uncertainties of the properties that ``method`` asks for: errors common to all points."""
    asked = {field.symbol for field in method.item}
    return [
        Common(symbol=known.symbol, absolute=known.standard_uncertainty, source=f"{item.number} {known.supplied_by}")
        for known in item.properties
        if known.standard_uncertainty > 0 and known.symbol in asked
    ]


def _value(known: ItemProperty, is_table: bool) -> Any:
    if known.number is not None:
        return known.number
    return json.loads(known.text) if is_table else known.text


def plan_job(
    work: Work,
    *,
    request_number: str,
    item_number: str,
    bench: str,
    planned_on: date | Slot,
    assigned_to_id: int,
    position: int | None = None,
    stop_at_warnings: bool = False,
    repeats: str = "",
    reason: str = "",
) -> Job:
    """Plan a job for an item of a request; see `lims.orders.planning.plan_job`.

    repeats: the job that it repeats, with the reason; see `lims.orders.repeats`.
    """  # fmt: skip
    earlier = repetition.require_repeatable(work, repeats, reason) if repeats else None
    request = order_queries.request_by_number(work.session, request_number, work.actor)
    item = queries.by_number(work.session, item_number, work.actor)
    if item not in queries.of_request(work.session, request):
        raise BadInput(
            f"{item_number} does not belong to {request_number}.", f"{item_number} 不属于 {request_number}。"
        )
    if item.role == BACKUP and sealed_by_samplers(item):
        raise Refused(
            f"{item_number} is the backup sample of a spot check: it stays sealed for a retest.",
            f"{item_number} 为监督抽查备样，须保持封存以备复检，不得安排检测。",
        )
    job = planning.plan_job(
        work, request=request, item_id=item.id, item_state=item.state, bench=bench, planned_on=planned_on,
        assigned_to_id=assigned_to_id, position=position, stop_at_warnings=stop_at_warnings,
    )  # fmt: skip
    if earlier is not None:
        repetition.keep_repeat(work, job, earlier, reason)
    return job


def act_on_request(work: Work, number: str, action: str, reason: str = "", *, review: Review | None = None) -> Request:
    """Any action of the request's machine; accepting a request announces its item, unless it names one.

    review: the contract review on which it is accepted; see `lims.orders.reviewed`.
    """
    request = order_queries.request_by_number(work.session, number, work.actor)
    if request.item_number and action in ("submit", "accept"):
        _require_here(work, request.item_number, request.company_id)
    request = orders.act_on_request(work, number, action, reason, review=review)
    if action == "accept" and not request.item_number:
        _expect_all(work, request)
    return request


def _expect_all(work: Work, request: Request) -> None:
    """The item that a company sends, or each sealed sample that a spot check's request announces."""
    samples = sampled.announced(work.session, request.id)
    if not samples:
        expect(work, request)
    for one in samples:
        item = expect(work, request)
        item.role, item.seal = one.role, one.seal


def completed(work: Work, form: RequestForm) -> RequestForm:
    """A request for an item that is here already, with what is known of the item in the place of empty fields."""
    if not form.item_number:
        return form
    item = queries.by_number(work.session, form.item_number, work.actor)
    area = next((one.number for one in item.properties if one.symbol == GROSS_AREA), None)
    known: dict[str, Any] = {
        "product_zh": item.name_zh, "product_en": item.name_en, "manufacturer": item.manufacturer, "model": item.model,
        "serial_number": item.serial_number, "gross_area": area,
    }  # fmt: skip
    return replace(form, **{name: value for name, value in known.items() if not getattr(form, name)})


def _require_here(work: Work, number: str, company_id: int) -> None:
    item = queries.by_number(work.session, number, work.actor)
    if item.company_id != company_id:
        raise NotFound(f"There is no item {number}.", f"没有编号为 {number} 的样品。")
    if item.state not in ("received", *planning.TESTABLE):
        raise Refused(
            f"{number} is '{item.state}' and cannot be tested again; send an item with the request.",
            f"{number} 当前状态不能再次检测；请随委托另送样品。",
        )
