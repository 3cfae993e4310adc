"""`heliobench methods`: what can be evaluated, and what each method needs."""

import json
from collections.abc import Mapping

import click

from protocols.method import ItemField, Method
from protocols.method import methods as all_methods


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a program 供程序读取.")
def methods(as_json: bool) -> None:
    """List the methods and what they need 列出检测方法及其所需数据."""
    found = all_methods()
    if as_json:
        described = [_described(method) for method in found.values()]
        click.echo(json.dumps({"schema": "heliobench.methods/1", "methods": described}, ensure_ascii=False, indent=2))
        return
    for method in found.values():
        click.echo("\n".join(_lines(method)))


def _described(method: Method) -> dict[str, object]:
    return {
        "id": method.id,
        "standard": method.standard,
        "edition": method.edition,
        "clause": method.clause,
        "title_en": method.title_en,
        "title_zh": method.title_zh,
        "inputs": dict(method.inputs),
        "optional_inputs": dict(method.optional_inputs),
        "item": [_field(entry) for entry in method.item],
        "outputs": dict(method.outputs),
        "limit_table": method.limit_table,
    }


def _field(entry: ItemField) -> dict[str, object]:
    return {
        "symbol": entry.symbol,
        "kind": entry.kind,
        "unit": entry.unit,
        "required": entry.required,
        "default": entry.default,
        "choices": list(entry.choices),
        "name_en": entry.name_en,
        "name_zh": entry.name_zh,
    }


def _lines(method: Method) -> list[str]:
    fields = [f"{entry.symbol} [{entry.unit or entry.kind}]" + ("" if entry.required else "?") for entry in method.item]
    return [
        f"{method.id}",
        f"  {method.title_zh} {method.title_en}",
        f"  {method.reference}, {method.clause}",
        f"  columns 数据列: {_columns(method.inputs)}",
        f"  optional 可选: {_columns(method.optional_inputs) or '-'}",
        f"  item 试件 (? = optional 可选): {', '.join(fields)}",
        f"  gives 结果: {_columns(method.outputs)}",
    ]


def _columns(units: Mapping[str, str]) -> str:
    return ", ".join(f"{symbol} [{unit}]" for symbol, unit in units.items())
