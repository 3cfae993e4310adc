"""What an amended report says otherwise than the one it replaces (ISO/IEC 17025:2017 7.8.8.1). Pure.

Compared is what was printed, not what somebody remembers to have changed: whatever differs is named, in both readings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lims.certificates.facts import Change, Text

Content = Mapping[str, Any]
Row = tuple[str, Text, Text]  # what it is known by, what it is called, what is printed there

# What is new on every new report, what only names its program, and what follows from the rest.
NOT_TOLD = frozenset(
    {"schema", "number", "version", "verification", "persons", "correlation", "provenance", "demonstration", "windows"}
)
LANGUAGES = {
    "both": Text("中英文", "Chinese and English"),
    "zh": Text("中文", "Chinese"),
    "en": Text("英文", "English"),
}
NAMES: dict[str, Text] = {
    "title": Text("检测项目", "Title"),
    "kind": Text("检测类别", "Kind of test"),
    "laboratory.name": Text("检测机构名称", "Laboratory's name"),
    "laboratory.address": Text("检测机构地址", "Laboratory's address"),
    "laboratory.contact": Text("检测机构联系方式", "Laboratory's contact"),
    "laboratory.location": Text("检测地点", "Location of activities"),
    "laboratory.terms": Text("注意事项", "Notes"),
    "customer.name": Text("委托单位名称", "Customer's name"),
    "customer.address": Text("委托单位地址", "Customer's address"),
    "customer.contact": Text("委托单位联系方式", "Customer's contact"),
    "item.number": Text("样品编号", "Item's number"),
    "item.description": Text("样品名称", "Item"),
    "item.manufacturer": Text("生产单位", "Manufacturer"),
    "item.model": Text("型号规格", "Model"),
    "item.serial": Text("序列号", "Serial number"),
    "item.condition": Text("样品状态", "Condition of the item"),
    "method.reference": Text("检测依据", "Test method"),
    "method.clause": Text("检测依据条款", "Clause of the method"),
    "dates.received": Text("接收日期", "Date of receipt"),
    "dates.performed": Text("检测日期", "Date(s) of test"),
    "statements.sampling": Text("抽样", "Sampling"),
    "statements.deviations": Text("偏离与增减", "Deviations, additions, exclusions"),
    "statements.decision_rule": Text("判定规则", "Decision rule"),
    "statements.external": Text("外部供方结果", "External results"),
    "statements.reasons": Text("未填理由", "What is not stated, and why"),
    "notes": Text("评定说明", "Remarks of the evaluation"),
    "remarks": Text("备注", "Remarks"),
}
SKIPPED = frozenset(
    {"method.id", "method.title", "method.standard", "method.edition", "dates.issued", "dates.issued_long"}
    | {"dates.replayed", "statements.amendment", "method.clause_zh"}
)
LONGEST = 160  # characters of a reading; ours


def changes(before: Content, after: Content) -> tuple[Change, ...]:
    """Every difference between the contents of two reports, in the order in which a report tells them."""
    old, new = ({key: (what, told) for key, what, told in _rows(content)} for content in (before, after))
    nothing = Text("–", "–")
    found = []
    for key in dict.fromkeys((*new, *old)):
        what = (new.get(key) or old[key])[0]
        was, now = (rows[key][1] if key in rows else nothing for rows in (old, new))
        if was != now:
            found.append(Change(what=what, before=_short(was), after=_short(now)))
    return tuple(found)


def _rows(content: Content) -> Iterator[Row]:
    yield "language", Text("报告语言", "Language of the report"), LANGUAGES[content.get("language", "both")]
    for key, value in content.items():
        if key in TABLES:
            yield from TABLES[key](value)
        elif key == "item":
            yield from _named(key, {name: told for name, told in value.items() if name != "properties"})
            yield from _properties(value["properties"])
        elif key not in NOT_TOLD and key != "language":
            yield from _named(key, value)
    windows = content["windows"]
    counts = "{used} / {total}".format(**windows)
    yield "windows", Text("采用的数据点数 / 总数", "Data points used / of all"), Text(counts, counts)
    yield "program", Text("计算程序", "Program"), _program(content["provenance"])


def _named(key: str, value: Any) -> Iterator[Row]:
    """One thing, or the parts of one; what nobody has named yet is told by its own name rather than left out."""
    if isinstance(value, Mapping) and not value.keys() <= {"zh", "en"}:
        for name, part in value.items():
            if f"{key}.{name}" not in SKIPPED:
                yield from _named(f"{key}.{name}", part)
        return
    yield key, NAMES.get(key, Text(key, key)), _told(value)


def _told(value: Any) -> Text:
    """A value as text in both languages."""
    if isinstance(value, Mapping):
        if value.keys() >= {"zh", "en"}:
            return Text(value["zh"], value["en"]) if value["zh"] or value["en"] else Text("–", "–")
        return _told([part for part in value.values() if not isinstance(part, bool)])
    if isinstance(value, list | tuple):
        parts = [_told(part) for part in value]
        return Text("；".join(one.zh or one.en for one in parts), "; ".join(one.en or one.zh for one in parts))
    text = "–" if value in (None, "") else str(value)
    return Text(text, text)


def _program(provenance: Content) -> Text:
    told = f"{provenance['software']}, {provenance['method_id']} {provenance['method_sha256'][:12]}"
    return Text(told, told)


def _name(symbol: Mapping[str, str]) -> str:
    return f"{symbol['base']}_{symbol['sub']}" if symbol["sub"] else symbol["base"]


def _properties(rows: Any) -> Iterator[Row]:
    for row in rows:
        value = row["value"]
        if isinstance(value, str):  # a report of before: the same text in both languages
            value = {"zh": value, "en": value}
        more = f" {row['unit']}".rstrip() + (" ▲" if row["by_customer"] else "")
        name = _name(row["symbol"])
        what = Text(f"{row['name']['zh']}（{name}）", f"{row['name']['en']} ({name})")
        yield f"property {name}", what, Text(value["zh"] + more, (value["en"] or value["zh"]) + more)


def _results(rows: Any) -> Iterator[Row]:
    for row in rows:
        told = f"{row['value']} ± {row['U']} {row['unit']} (k = {row['k']})"
        name = _name(row["symbol"])
        yield f"result {row['key']}", Text(f"结果 {name}", f"Result {name}"), Text(told, told)


def _limits(rows: Any) -> Iterator[Row]:
    for row in rows:
        sure = Text("", "") if row["confirmed"] else Text("（未核对）", " (unconfirmed)")
        told = f"{row['value']} {row['unit']}".strip()
        name = row["symbol"]
        yield f"limit {name}", Text(f"限值 {name}", f"Limit {name}"), Text(told + sure.zh, told + sure.en)


def _equipment(rows: Any) -> Iterator[Row]:
    for row in rows:
        told, number = f"{row['serial']}, {row['calibrated']} – {row['due']}", row["number"]
        what = Text(
            f"设备 {number}，证书 {row['certificate']}", f"Equipment {number}, certificate {row['certificate']}"
        )
        yield f"equipment {number} {row['certificate']}", what, Text(told, told)


def _runs(rows: Any) -> Iterator[Row]:
    told = ", ".join(f"{row['number']} ({row['head'][:12]})" for row in rows)
    yield "runs", Text("原始记录", "Raw record"), Text(told, told)


def _conformity(rows: Any) -> Iterator[Row]:
    for row in rows:
        value = f"{row['value']} ± {row['U']}" if row["U"] != "–" else row["value"]
        limit = f"{value}; {row['sign']} {row['limit']} {row['unit']}".strip()
        what = Text(f"符合性声明：{row['name']['zh']}", f"Statement of conformity: {row['name']['en']}")
        yield f"conformity {row['id']}", what, Text(*(f"{row['outcome'][one]} ({limit})" for one in ("zh", "en")))
        for number, told in enumerate(row.get("told", ()), start=1):
            yield f"conformity {row['id']} {number}", what, Text(**told)


def _record(record: Any) -> Iterator[Row]:
    """Of a manual test: its verdict, every entry, and how many were changed and photographed."""
    yield "judgement", Text("判定", "Judgement"), Text(**record["judgement"]["verdict"])
    for row in record["entries"]:
        what = Text(f"{row['name']['zh']} {row['place']}".strip(), f"{row['name']['en']} {row['place']}".strip())
        told = f"{row['raw']} {row['unit']}".strip()
        yield f"entry {row['key']}", what, Text(told, told)
    changed, taken = (str(len(record[name])) for name in ("replaced", "photographs"))
    yield "replaced", Text("更改的记录数", "Changed entries"), Text(changed, changed)
    yield "photographs", Text("照片数", "Photographs"), Text(taken, taken)
    digest = record["sha256"][:12]
    yield "record", Text("试验记录", "Record of the test"), Text(digest, digest)


TABLES = {
    "conformity": _conformity,
    "results": _results,
    "limits": _limits,
    "equipment": _equipment,
    "runs": _runs,
    "record": _record,
}


def _short(text: Text) -> Text:
    return Text(*(one if len(one) <= LONGEST else one[: LONGEST - 1] + "…" for one in (text.zh, text.en)))
