"""The item's properties as a form: what is typed in each field, and the values it means."""

from __future__ import annotations

import json
from typing import Any

from lims.items.models import Item, ItemProperty
from lims.web.forms import Form
from protocols.method import ItemField, Method

UNCERTAINTY = "u_"  # the field of a property's standard uncertainty is named after it


def typed(item: Item) -> dict[str, str]:
    """What stands in the fields at first: the properties as they are known."""
    shown = {one.symbol: _shown(one) for one in item.properties}
    uncertain = {f"{UNCERTAINTY}{one.symbol}": f"{one.standard_uncertainty:g}" for one in item.properties}
    return shown | {name: text for name, text in uncertain.items() if text != "0"}


def _shown(one: ItemProperty) -> str:
    if one.number is not None:
        return repr(one.number).removesuffix(".0")
    if one.text.startswith("["):
        return "\n".join(f"{first:g} {second:g}" for first, second in json.loads(one.text))
    return one.text


def read(form: Form, method: Method) -> tuple[dict[str, Any], dict[str, float]]:
    """(values, standard uncertainties) by symbol of the fields that are not empty; errors stay with the form."""
    values = {field.symbol: _value(form, field) for field in method.item}
    uncertain = {field.symbol: form.number(f"{UNCERTAINTY}{field.symbol}") for field in method.item if asked(field)}
    return (
        {symbol: value for symbol, value in values.items() if value not in (None, "", ())},
        {symbol: value for symbol, value in uncertain.items() if value is not None},
    )


def _value(form: Form, field: ItemField) -> float | str | tuple[tuple[float, float], ...] | None:
    if field.kind == "number":
        return form.number(field.symbol)
    return form.pairs(field.symbol) if field.kind == "pairs" else form.text(field.symbol)


def asked(field: ItemField) -> bool:
    """Whether the form asks for a standard uncertainty: only of a measured quantity, such as the area."""
    return field.kind == "number" and field.unit in ("m2", "m", "kg")
