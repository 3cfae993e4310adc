"""Verbs about test items: expected, received, handed over, measured, returned."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from lims.errors import BadInput, NotFound, Refused, Sentence
from lims.items import queries
from lims.items.models import CustodyEntry, Item, ItemProperty
from lims.laboratory import Work
from lims.orders import operations as orders
from lims.orders import queries as order_queries
from lims.orders.models import Job, Request
from lims.orders.operations import RequestForm
from lims.workflow import ITEM, Facts
from protocols.method import ItemField, Method, NotEvaluable, complete_item
from protocols.record import Common

GROSS_AREA = "A_G"


def expect(work: Work, request: Request) -> Item:
    """The item an accepted request announces, with what the company says of it."""
    item = Item(
        number=work.number("YP"), request_id=request.id, company_id=request.company_id, name_zh=request.product_zh,
        name_en=request.product_en, manufacturer=request.manufacturer, model=request.model,
        serial_number=request.serial_number,
    )  # fmt: skip
    item.properties = [ItemProperty(symbol=GROSS_AREA, number=request.gross_area, unit="m2", supplied_by="company")]
    work.session.add(item)
    work.session.flush()
    work.record("item", item.number, "expect", target=item.state, request=request.number)
    return item


def act(work: Work, number: str, action: str, *, reason: str = "", condition: str = "", place: str = "") -> Item:
    """Any action of the item's machine; receiving asks for the condition and the place."""
    item = queries.by_number(work.session, number, work.actor)
    missing = tuple(_missing_on_receipt(condition, place)) if action == "receive" else ()
    work.move(ITEM, action, item, Facts(reason=reason, missing=missing))
    if action == "receive":
        item.condition, item.received_at = condition.strip(), work.now
        _hand_over(work, item, place=place.strip(), purpose="收样 receipt")
    elif action in ("hand_back", "dispose"):
        _hand_over(work, item, place=place.strip() or "—", purpose=f"{action} {reason}".strip())
    return item


def _missing_on_receipt(condition: str, place: str) -> list[Sentence]:
    asked = (
        (condition, "Describe the condition of the item on receipt.", "请描述收样时的样品状态。"),
        (place, "Say where the item is stored.", "请填写样品存放地点。"),
    )
    return [Sentence(en, zh) for value, en, zh in asked if not value.strip()]


def hand_over(work: Work, number: str, *, place: str, purpose: str) -> Item:
    """The item changes hands or place: one more line in its custody, never changed afterwards."""
    work.actor.require("item.handle")
    item = queries.by_number(work.session, number, work.actor)
    if not (place.strip() and purpose.strip()):
        raise BadInput("Say where the item goes and why.", "请填写样品去向和用途。")
    _hand_over(work, item, place=place.strip(), purpose=purpose.strip())
    work.record("item", number, "hand_over", place=place.strip(), purpose=purpose.strip())
    return item


def _hand_over(work: Work, item: Item, *, place: str, purpose: str) -> None:
    if work.actor.id is None:
        raise BadInput("A named person hands an item over.", "样品交接须由具名人员进行。")
    entry = CustodyEntry(item_id=item.id, at=work.now, person_id=work.actor.id, place=place, purpose=purpose)
    work.session.add(entry)
    work.session.flush()
    work.session.refresh(item, ["custody"])


def state_properties(
    work: Work, number: str, values: Mapping[str, Any], uncertainties: Mapping[str, float] | None = None
) -> Item:
    """What the laboratory states about the item for its methods: numbers in the method's unit, texts, or tables.

    uncertainties: symbol → standard uncertainty, in the same unit.

    A value the company gave is replaced only by another: the laboratory's own measurement, marked as such.
    Raises `BadInput` for a symbol that no method of the item asks for, and for a value or an uncertainty that cannot
    be.
    """
    work.actor.require("item.handle")
    item = queries.by_number(work.session, number, work.actor)
    fields = queries.fields_for(work.session, item)
    for symbol, value in values.items():
        if symbol not in fields:
            raise BadInput(
                f"No method of {number} asks for '{symbol}'; asked are: {', '.join(sorted(fields))}.",
                f"{number} 的检测方法不需要“{symbol}”；需要的有：{', '.join(sorted(fields))}。",
            )
        _require_possible(fields[symbol], value)
        _state(item, symbol, value, fields[symbol].unit)
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
    text = "" if number is not None else value if isinstance(value, str) else json.dumps(value)
    if given is None:
        item.properties.append(
            ItemProperty(
                symbol=symbol, number=number, text=text, unit=unit, standard_uncertainty=0.0, supplied_by="laboratory"
            )
        )
    elif (given.number, given.text) != (number, text):
        given.number, given.text, given.supplied_by = number, text, "laboratory"


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
    planned_on: date,
    assigned_to_id: int,
    position: int | None = None,
) -> Job:
    """Plan a job for an item of a request; see `lims.orders.operations.plan_job`."""  # fmt: skip
    request = order_queries.request_by_number(work.session, request_number, work.actor)
    item = queries.by_number(work.session, item_number, work.actor)
    if item not in queries.of_request(work.session, request):
        raise BadInput(
            f"{item_number} does not belong to {request_number}.", f"{item_number} 不属于 {request_number}。"
        )
    return orders.plan_job(
        work, request=request, item_id=item.id, item_state=item.state, bench=bench, planned_on=planned_on,
        assigned_to_id=assigned_to_id, position=position,
    )  # fmt: skip


def act_on_request(work: Work, number: str, action: str, reason: str = "") -> Request:
    """Any action of the request's machine; accepting a request announces its item, unless it names one."""
    request = order_queries.request_by_number(work.session, number, work.actor)
    if request.item_number and action in ("submit", "accept"):
        _require_here(work, request.item_number, request.company_id)
    request = orders.act_on_request(work, number, action, reason)
    if action == "accept" and not request.item_number:
        expect(work, request)
    return request


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
    if item.state not in ("received", *orders.TESTABLE):
        raise Refused(
            f"{number} is '{item.state}' and cannot be tested again; send an item with the request.",
            f"{number} 当前状态不能再次检测；请随委托另送样品。",
        )
