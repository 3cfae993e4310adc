"""From the facts of a report to every string that is printed on it (ISO/IEC 17025:2017 7.8.2.1 a to p).

`compose` is pure. Numbers become text here and nowhere else, so that the page, the machine-readable attachment and a
later recomputation compare the same digits.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from lims.canonical import canonical_json
from lims.certificates import manual_document
from lims.certificates.facts import Amendment, Equipment, Item, Person, RawRun, ReportFacts, Text
from lims.clock import iso, local
from lims.notation import day_en, day_iso, day_zh, plain_number, symbol_parts, unit_text
from lims.results.conformity import manual_statement, statement
from lims.results.reading import printed
from protocols import rounding
from protocols.clauses import clause_zh
from protocols.method import reference
from protocols.symbols import QUANTITIES

SCHEMA = "heliobench.report/1"
RESULTS_SCHEMA = "heliobench.results/1"

Content = dict[str, Any]

ITEMS_ONLY = Text(
    "本报告的结果仅与被检测物品有关。",
    "The results relate only to the items tested.",
)
NOT_IN_PART = Text(
    "未经本机构书面批准，不得部分复制本报告（全文复制除外）。",
    "This report shall not be reproduced except in full without written approval of the laboratory.",
)
CUSTOMER_DATA = Text(
    "带 ▲ 的信息由客户提供，本机构对其真实性不承担责任。",
    "Data marked ▲ were supplied by the customer; the laboratory is not responsible for them.",
)
NO_EXTERNAL = Text("无外部供方结果。", "No result was supplied by an external provider.")
NO_CONFORMITY = Text("本报告不作符合性判定。", "This report makes no statement of conformity.")
UNCERTAINTY = Text(
    "U 为扩展不确定度，由合成标准不确定度乘以包含因子 k 得到；k = 2 时包含概率约为 95 %。"
    "合成标准不确定度包括数据离散引起的随机分量和所用传感器校准的共同分量，按 GUM（JJF 1059.1）评定。",
    "U is the expanded uncertainty: the combined standard uncertainty times the coverage factor k; for k = 2 the "
    "coverage probability is about 95 %. It combines the random part, from the scatter of the data, with the part "
    "common to all points, from the calibration of the sensors, evaluated according to the GUM (JCGM 100).",
)
_ROLES = {
    "tested": Text("主检", "Tested by"),
    "reviewed": Text("审核", "Reviewed by"),
    "authorised": Text("批准", "Authorised by"),
}


def compose(facts: ReportFacts) -> Content:
    """Everything that is printed, as text, Chinese and English side by side; nothing is computed after this."""
    return {
        "schema": SCHEMA,
        "number": facts.number,
        "version": str(facts.version),
        "title": _both(facts.title),
        "kind": _both(facts.kind),
        "language": facts.language,
        "demonstration": facts.laboratory.demonstration,
        "laboratory": _laboratory(facts),
        "customer": {
            "name": _both(facts.customer.name),
            "address": _both(facts.customer.address),
            "contact": facts.customer.contact,
        },
        "item": _item(facts.item),
        "method": _method(facts),
        "dates": _dates(facts),
        "statements": _statements(facts),
        **computed(facts.outcome, zone=facts.time_zone, agreed=facts.conformity, record=facts.record),
        "notes": [{"zh": n["sentence_zh"], "en": n["sentence_en"]} for n in _rows(facts.outcome, "notes")],
        "limits": [_limit(limit) for limit in _rows(facts.outcome, "limits")],
        "equipment": [_equipment(e) for e in facts.equipment],
        "runs": [_run(run, facts.time_zone) for run in facts.runs],
        "provenance": _provenance(facts),
        "verification": {"url": facts.verification_url, "code": facts.verification_code},
        "persons": [_person(p, facts.time_zone) for p in facts.persons],
        "remarks": [_both(remark) for remark in facts.remarks],
    }


def computed(
    outcome: Mapping[str, Any],
    *,
    zone: str,
    agreed: Mapping[str, Any] | None = None,
    record: Mapping[str, Any] | None = None,
) -> Content:
    """The part of the content that is computed: what `printed_digits` reads, and anyone can make again.

    record: of a manual test, whose judgement the outcome then is.
    """
    if record is not None:
        told = manual_document.told(record, outcome, zone=zone)
        told["judgement"]["would_be"] = None  # a report says nothing by limits that nobody has confirmed
        return {
            "results": [],
            "correlation": [],
            "windows": _windows({}, zone),
            "record": told | {"number": record["number"], "sha256": outcome_digest(record)},
            "conformity": manual_statement(agreed, record, outcome),
        }
    return {
        "results": [_coefficient(c) for c in _rows(outcome, "coefficients")],
        "correlation": _correlation(outcome),
        "windows": _windows(outcome, zone),
        "conformity": statement(agreed, outcome),
    }


def printed_digits(content: Content) -> dict[str, str]:
    """Every measured digit on the report by key, e.g. ``{"eta0b.value": "0.728", "eta0b.U": "0.012", …}``."""
    digits = {
        f"{row['key']}.{name}": row[name]
        for row in content["results"]
        for name in ("value", "U", "k", "random", "common", "t")
    }
    names = [row["key"] for row in content["results"]]
    for row_name, row in zip(names, content["correlation"], strict=bool(content["correlation"])):
        digits |= {f"r.{row_name}.{name}": text for name, text in zip(names, row, strict=True)}
    if "record" in content:
        digits |= manual_document.printed(content["record"]) | {"record.sha256": content["record"]["sha256"]}
    else:
        digits |= _windows_printed(content["windows"])
    return digits | {
        f"conformity.{row['id']}.{name}": row[name]
        for row in content.get("conformity", ())
        for name in ("sign", "limit", "value", "U", "verdict", "risk", "factor", "grade")
    }


def _windows_printed(windows: Content) -> dict[str, str]:
    digits = {f"windows.{name}": windows[name] for name in ("total", "used", "refused")}
    return digits | {f"refused.{row['code']}": row["count"] for row in windows["refusals"]}


def results_attachment(content: Content, outcome: Mapping[str, Any]) -> bytes:
    """The machine-readable ``results.json`` inside the PDF: the printed digits beside the full outcome."""
    amendment = content["statements"]["amendment"]
    return canonical_json(
        {
            "schema": RESULTS_SCHEMA,
            "report": content["number"],
            "version": content["version"],
            "printed": printed_digits(content),
            "outcome_sha256": content["provenance"]["outcome_sha256"],
            "outcome": outcome,
            "runs": [{name: run[name] for name in ("number", "segments", "head")} for run in content["runs"]],
        }
        | ({"replaces": _replaced(amendment)} if amendment else {})
    )


def outcome_digest(outcome: Mapping[str, Any]) -> str:
    """SHA-256 of the outcome's canonical JSON: the digest of the results that the report prints."""
    return hashlib.sha256(canonical_json(outcome)).hexdigest()


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _rows(outcome: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return list(outcome.get(name) or [])


def _laboratory(facts: ReportFacts) -> dict[str, Any]:
    laboratory = facts.laboratory
    return {
        "name": _both(laboratory.name),
        "address": _both(laboratory.address),
        "contact": laboratory.contact,
        "location": _both(laboratory.location),
        "terms": [_both(term) for term in laboratory.terms],
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "number": item.number,
        "description": _both(item.description),
        "manufacturer": _both(item.manufacturer),
        "model": item.model,
        "serial": item.serial,
        "condition": _both(item.condition),
        "properties": [
            {
                "symbol": _symbol(p.symbol),
                "name": _both(p.name),
                "value": _both(p.value),
                "unit": unit_text(p.unit),
                "by_customer": p.supplied_by == "customer",
            }
            for p in item.properties
        ],
    }


def _method(facts: ReportFacts) -> dict[str, Any]:
    method = facts.method
    return {
        "id": method.id,
        "standard": method.standard,
        "edition": method.edition,
        "clause": method.clause,
        "clause_zh": clause_zh(method.clause),
        "title": _both(method.title),
        "reference": reference(method.standard, method.edition),
    }


def _dates(facts: ReportFacts) -> dict[str, Any]:
    dates = facts.dates
    replayed = _period(dates.observed_from, dates.observed_to)
    told = Text(f"（回放实测记录，{replayed}）", f"(replaying a record of {replayed})") if replayed else Text("")
    return {
        "received": day_iso(dates.received),
        "performed": _period(dates.performed_from, dates.performed_to),
        "replayed": _both(told),
        "issued": day_iso(dates.issued),
        "issued_long": {"zh": day_zh(dates.issued), "en": day_en(dates.issued)},
    }


def _period(first: date | None, last: date | None) -> str:
    return " – ".join(sorted({day_iso(day) for day in (first, last) if day}))


def _statements(facts: ReportFacts) -> dict[str, Any]:
    amendment = facts.amendment
    return {
        "sampling": _both(facts.sampling),
        "deviations": _both(facts.deviations),
        "decision_rule": _both(facts.decision_rule or NO_CONFORMITY),
        "external": [
            _both(Text(f"{e.provider.zh}:{e.scope.zh}", f"{e.provider.en}: {e.scope.en}"))
            for e in facts.external_results
        ]
        or [_both(NO_EXTERNAL)],
        "items_only": _both(ITEMS_ONLY),
        "not_in_part": _both(NOT_IN_PART),
        "customer_data": _both(CUSTOMER_DATA),
        "uncertainty": _both(UNCERTAINTY),
        "amendment": _amendment(amendment) if amendment else None,
        "reasons": [{"letter": letter, **_both(text)} for letter, text in sorted(facts.reasons.items())],
    }


def _amendment(amendment: Amendment) -> dict[str, Any]:
    return {
        "replaces": amendment.replaces,
        "issued": day_iso(amendment.issued),
        "reason": _both(amendment.reason),
        "changes": [
            {"what": _both(one.what), "before": _both(one.before), "after": _both(one.after)}
            for one in amendment.changes
        ],
    }


def _replaced(amendment: Mapping[str, Any]) -> dict[str, Any]:
    return {"report": amendment["replaces"], "issued": amendment["issued"], "reason": amendment["reason"]}


def _symbol(symbol: str) -> dict[str, str]:
    base, subscript = symbol_parts(symbol)
    return {"base": base, "sub": subscript}


def _coefficient(row: Mapping[str, Any]) -> dict[str, Any]:
    symbol = row["symbol"]
    known = QUANTITIES.get(symbol)
    value, expanded = printed(row["value"], row["expanded_uncertainty"])
    return {
        "key": symbol,
        "symbol": _symbol(symbol),
        "name": {"zh": known.name_zh, "en": known.name_en} if known else {"zh": symbol, "en": symbol},
        "unit": unit_text(row["unit"]),
        "value": value,
        "U": expanded,
        "k": plain_number(round(row["coverage_factor"], 2)) if expanded != "–" else "–",
        "random": _two_digits(row["random_uncertainty"]),
        "common": _two_digits(row["common_uncertainty"]),
        "t": "–" if row["t_ratio"] is None else f"{row['t_ratio']:.1f}",
    }


def _two_digits(uncertainty: float | None) -> str:
    return rounding.report(uncertainty, uncertainty)[1] if uncertainty else "–"


def _correlation(outcome: Mapping[str, Any]) -> list[list[str]]:
    """The matrix of correlations; none where no two values are correlated, such as for a single one."""
    covariance = outcome["covariance"]
    size = len(_rows(outcome, "coefficients"))
    matrix = [[_correlation_text(covariance, i, j) for j in range(size)] for i in range(size)]
    told = any(text != "–" for i, row in enumerate(matrix) for j, text in enumerate(row) if i != j)
    return matrix if told else []


def _correlation_text(covariance: list[list[float | None]], i: int, j: int) -> str:
    product, first, second = covariance[i][j], covariance[i][i], covariance[j][j]
    if product is None or not first or not second:
        return "–"
    return f"{product / math.sqrt(first * second):.2f}".replace("-0.00", "0.00")


def _windows(outcome: Mapping[str, Any], zone: str) -> dict[str, Any]:
    points = outcome.get("points") or {}
    flags = points.get("used", [])
    used = sum(1 for flag in flags if flag)
    times = [t for t, flag in zip(points.get("time", []), flags, strict=True) if flag]
    return {
        "total": str(len(flags)),
        "used": str(used),
        "refused": str(len(flags) - used),
        "first": _moment(min(times), zone) if times else "–",
        "last": _moment(max(times), zone) if times else "–",
        "refusals": [
            {
                "code": r["code"],
                "clause": r["clause"],
                "clause_zh": clause_zh(r["clause"]),
                "zh": r["sentence_zh"],
                "en": r["sentence_en"],
                "count": str(r["count"]),
            }
            for r in _rows(outcome, "refusals")
            if r["count"]
        ],
    }


def _moment(seconds: float, zone: str) -> str:
    return local(datetime.fromtimestamp(seconds, UTC), zone)


def _limit(limit: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "symbol": limit["symbol"],
        "value": "–" if limit["value"] is None else plain_number(limit["value"]),
        "unit": unit_text(limit["unit"]),
        "clause": limit["clause"],
        "clause_zh": clause_zh(limit["clause"]),
        "source": limit["source"],
        "confirmed": limit["confirmed"],
        "found": limit["value"] is not None,
        "zh": limit["note_zh"],
        "en": limit["note_en"],
    }


def _equipment(equipment: Equipment) -> dict[str, Any]:
    return {
        "number": equipment.number,
        "name": _both(equipment.name),
        "serial": equipment.serial,
        "certificate": equipment.certificate,
        "calibrated": day_iso(equipment.calibrated_on),
        "due": day_iso(equipment.due_on),
    }


def _run(run: RawRun, zone: str) -> dict[str, Any]:
    return {
        "number": run.number,
        "bench": run.bench,
        "from": local(run.started, zone),
        "to": local(run.ended, zone),
        "scans": str(run.scans),
        "segments": list(run.segments),
        "head": run.head,
    } | ({"file": run.file} if run.file else {})


def _provenance(facts: ReportFacts) -> dict[str, str]:
    return {
        "software": f"Heliobench {facts.software_version}",
        "method_id": facts.method.id,
        "method_sha256": facts.method.digest,
        "outcome_sha256": outcome_digest(facts.outcome),
        "time_zone": facts.time_zone,
    }


def _person(person: Person, zone: str) -> dict[str, Any]:
    return {
        "role": _both(_ROLES[person.role]),
        "name": _both(person.name),
        "title": _both(person.title),
        "time": local(person.time, zone),
        "time_utc": iso(person.time),
    }
