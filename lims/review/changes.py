"""What is different between two results of one job: values, item, calibrations, limits, record, program. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lims.errors import Sentence
from lims.results.reading import printed

LONGEST = 80  # characters of a value that is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference: what, as it was, as it is."""

    what: Sentence
    before: str
    after: str


def changes(
    *, before: Mapping[str, Any], before_inputs: Mapping[str, Any], after: Mapping[str, Any], inputs: Mapping[str, Any]
) -> list[Change]:
    """Every difference between two outcomes and between their inputs, the values first."""
    return [
        *_differ(_values(before), _values(after), "Value of {}", "{} 的值"),
        *_differ(_shares(before), _shares(after), "Data points {}", "数据点：{}"),
        *_differ(before_inputs["item"], inputs["item"], "Property {} of the item", "样品参数 {}"),
        *_differ(_calibrations(before_inputs), _calibrations(inputs), "Calibration of {}", "{} 的校准"),
        *_differ(_limits(before_inputs), _limits(inputs), "Limit {}", "限值 {}"),
        *_differ(_record(before_inputs), _record(inputs), "{}", "{}"),
    ]


def _differ(before: Mapping[str, Any], after: Mapping[str, Any], en: str, zh: str) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old != new:
            yield Change(what=Sentence(en.format(name), zh.format(name)), before=_text(old), after=_text(new))


def _text(value: Any) -> str:
    if value is None:
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _values(outcome: Mapping[str, Any]) -> dict[str, str]:
    rows = {one["symbol"]: printed(one["value"], one["expanded_uncertainty"]) for one in outcome["coefficients"]}
    return {symbol: f"{value} ± {expanded}" for symbol, (value, expanded) in rows.items()}


def _shares(outcome: Mapping[str, Any]) -> dict[str, int]:
    refused = {one["code"]: int(one["count"]) for one in outcome["refusals"] if one["count"]}
    return {"used": sum(bool(flag) for flag in outcome["points"]["used"])} | refused


def _calibrations(inputs: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for one in inputs["calibrations"]:
        told = f"{one['certificate']} ({one['c0']} + {one['c1']}·x, {one['calibrated_on']}–{one['due_on']})"
        found.setdefault(f"{one['equipment']} {one['symbol']}", []).append(told)
    return {name: "; ".join(sorted(told)) for name, told in found.items()}


def _limits(inputs: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: f"{one['value']} {one['unit']}{'' if one['confirmed'] else ' (unconfirmed 未核对)'}"
        for name, one in inputs["limits"].items()
    }


def _record(inputs: Mapping[str, Any]) -> dict[str, str]:
    return {
        "Run 试验记录": str(inputs["run"]),
        "Raw data 原始数据": ", ".join(digest[:12] for digest in inputs["segments"]),
        "Method 方法": str(inputs["method"]),
        "Software 软件": str(inputs["software"]),
        "Program text 程序文本": str(inputs["program_sha256"])[:16],
    }
