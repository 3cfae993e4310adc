"""The item's properties as a form: what is typed in each field, and the values it means."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from lims.items.models import SUPPLIERS, Item, ItemProperty
from lims.web.forms import Form
from protocols.method import ItemField

UNCERTAINTY = "u_"  # the field of a property's standard uncertainty is named after it
SUPPLIER = "by_"  # likewise that of who says so


def typed(item: Item) -> dict[str, str]:
    """What stands in the fields at first: the properties as they are known."""
    shown = {one.symbol: _shown(one) for one in item.properties}
    uncertain = {f"{UNCERTAINTY}{one.symbol}": f"{one.standard_uncertainty:g}" for one in item.properties}
    suppliers = {f"{SUPPLIER}{one.symbol}": one.supplied_by for one in item.properties}
    return shown | suppliers | {name: text for name, text in uncertain.items() if text != "0"}


def _shown(one: ItemProperty) -> str:
    if one.number is not None:
        return repr(one.number).removesuffix(".0")
    if one.text.startswith("["):
        return "\n".join(f"{first:g} {second:g}" for first, second in json.loads(one.text))
    return one.text


def read(form: Form, fields: Sequence[ItemField]) -> tuple[dict[str, Any], dict[str, float]]:
    """(values, standard uncertainties) by symbol of the fields that are not empty; errors stay with the form."""
    values = {field.symbol: _value(form, field) for field in fields}
    uncertain = {field.symbol: form.number(f"{UNCERTAINTY}{field.symbol}") for field in fields if asked(field)}
    return (
        {symbol: value for symbol, value in values.items() if value not in (None, "", ())},
        {symbol: value for symbol, value in uncertain.items() if value is not None},
    )


def suppliers(form: Form, fields: Sequence[ItemField]) -> dict[str, str]:
    """Who says so, of the fields that are not empty and where the form asks it."""
    told = {field.symbol: form.chosen(f"{SUPPLIER}{field.symbol}", SUPPLIERS) for field in fields}
    return {symbol: by for symbol, by in told.items() if by and form.typed.get(symbol, "").strip()}


def _value(form: Form, field: ItemField) -> float | str | tuple[tuple[float, float], ...] | None:
    if field.kind == "number":
        return form.number(field.symbol)
    return form.pairs(field.symbol) if field.kind == "pairs" else form.text(field.symbol)


def asked(field: ItemField) -> bool:
    """Whether the form asks for a standard uncertainty: only of a measured quantity, such as the area."""
    return field.kind == "number" and field.unit in ("m2", "m", "kg")
