"""What a report must state before it may be issued: ISO/IEC 17025:2017 7.8.2.1 a to p, and rules of our own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

from lims.certificates.facts import ReportFacts
from lims.errors import Sentence
from protocols.clauses import clause_zh

_LETTERS: tuple[tuple[str, str, str, Callable[[ReportFacts], bool]], ...] = (
    ("a", "the title", "标题", lambda f: bool(f.title)),
    (
        "b",
        "the name and address of the laboratory",
        "检测机构的名称和地址",
        lambda f: bool(f.laboratory.name and f.laboratory.address),
    ),
    (
        "c",
        "the location of the laboratory activities",
        "实施检测活动的地点",
        lambda f: bool(f.laboratory.location),
    ),
    ("d", "the report number", "报告编号", lambda f: bool(f.number.strip())),
    (
        "e",
        "the name and contact of the customer",
        "客户的名称和联系信息",
        lambda f: bool(f.customer.name and f.customer.contact.strip()),
    ),
    (
        "f",
        "the method with its standard and edition",
        "所用方法（标准及其版本）",
        lambda f: all(part.strip() for part in (f.method.id, f.method.standard, f.method.edition)),
    ),
    (
        "g",
        "the number, description and condition of the item",
        "物品的编号、描述和状态",
        lambda f: bool(f.item.number.strip() and f.item.description and f.item.condition),
    ),
    ("h", "the date of receipt of the item", "物品的接收日期", lambda f: f.dates.received is not None),
    (
        "i",
        "the dates on which the test was performed",
        "检测活动的日期",
        lambda f: f.dates.performed_from is not None and f.dates.performed_to is not None,
    ),
    ("j", "the date of issue", "报告的发布日期", lambda f: f.dates.issued is not None),
    ("k", "the sampling statement", "抽样说明", lambda f: bool(f.sampling)),
    ("m", "the results with their units", "结果及其单位", lambda f: _has_results(f)),
    (
        "n",
        "additions to, deviations from or exclusions from the method (or that there are none)",
        "对方法的补充、偏离或删减（或声明无）",
        lambda f: bool(f.deviations),
    ),
    (
        "o",
        "the person who authorises the report",
        "报告批准人",
        lambda f: any(p.role == "authorised" and p.name for p in f.persons),
    ),
    (
        "p",
        "the provider and scope of each external result",
        "外部供方结果的来源和范围",
        lambda f: all(e.provider and e.scope for e in f.external_results),
    ),
)
"""Letter, what it asks in English and Chinese, and whether the facts state it. Letter l is a fixed sentence."""


def missing(facts: ReportFacts) -> list[Sentence]:
    """Every reason why this report must not be issued yet; an empty list allows it.

    A letter of 7.8.2.1 is excused only by a recorded reason (``facts.reasons``), and that reason is printed.
    """
    return [*_empty_letters(facts), *_own_rules(facts)]


def _has_results(facts: ReportFacts) -> bool:
    if facts.record is not None:
        return bool(facts.outcome.get("verdict"))
    coefficients = facts.outcome.get("coefficients") or []
    return bool(coefficients) and all(
        c["unit"].strip() and c["value"] is not None and math.isfinite(c["value"]) for c in coefficients
    )


def _empty_letters(facts: ReportFacts) -> Iterator[Sentence]:
    for letter, what_en, what_zh, stated in _LETTERS:
        if not stated(facts) and not facts.reasons.get(letter):
            yield Sentence(
                f"ISO/IEC 17025 7.8.2.1 {letter}) {what_en}: not stated; enter it or record a reason.",
                f"ISO/IEC 17025 7.8.2.1 {letter}) 缺少{what_zh}；请填写，或记录不填的理由。",
            )


def _own_rules(facts: ReportFacts) -> Iterator[Sentence]:
    yield from _persons(facts)
    yield from _days(facts)
    yield from _equipment(facts)
    yield from _provenance(facts)
    yield from _limits(facts)
    if facts.version > 1 and facts.amendment is None:
        yield Sentence(
            f"Version {facts.version} of {facts.number} does not say what it replaces and why (7.8.8).",
            f"{facts.number} 第 {facts.version} 版未说明其替代的报告及修改原因（7.8.8）。",
        )


def _persons(facts: ReportFacts) -> Iterator[Sentence]:
    for role, en, zh in (("tested", "tested", "主检"), ("reviewed", "reviewed", "审核")):
        if not any(p.role == role and p.name for p in facts.persons):
            yield Sentence(f"Nobody is named who {en} this report.", f"未注明本报告的{zh}人员。")


def _days(facts: ReportFacts) -> Iterator[Sentence]:
    d = facts.dates
    named = (
        ("receipt", "接收", d.received),
        ("start of the test", "检测开始", d.performed_from),
        ("end of the test", "检测结束", d.performed_to),
        ("issue", "签发", d.issued),
    )
    known = [(en, zh, day) for en, zh, day in named if day is not None]
    for (en_1, zh_1, day_1), (en_2, zh_2, day_2) in pairwise(known):
        if day_2 < day_1:
            yield Sentence(
                f"The date of {en_2} ({day_2}) lies before the date of {en_1} ({day_1}); correct one of them.",
                f"{zh_2}日期（{day_2}）早于{zh_1}日期（{day_1}），请更正。",
            )


def _equipment(facts: ReportFacts) -> Iterator[Sentence]:
    if not facts.equipment and facts.record is None:  # some manual tests need only eyes
        yield Sentence("No equipment is listed.", "未列出所用仪器设备。")
    first = facts.dates.observed_from or facts.dates.performed_from
    last = facts.dates.observed_to or facts.dates.performed_to
    for e in facts.equipment:
        if not e.certificate.strip():
            yield Sentence(f"Equipment {e.number} has no calibration certificate.", f"设备 {e.number} 没有校准证书。")
        elif first and last and not (e.calibrated_on <= first and last <= e.due_on):
            yield Sentence(
                f"Equipment {e.number} was not in calibration from {first} to {last} "
                f"(calibrated {e.calibrated_on}, due {e.due_on}).",
                f"设备 {e.number} 在 {first} 至 {last} 期间不在校准有效期内"
                f"（校准 {e.calibrated_on}，到期 {e.due_on}）。",
            )


def _provenance(facts: ReportFacts) -> Iterator[Sentence]:
    if facts.record is None and not (facts.runs and all(run.segments and run.head for run in facts.runs)):
        yield Sentence(
            "The raw record of the test is not named by its digests; seal the run first.",
            "缺少原始记录的摘要；请先封存试验记录。",
        )
    if not (facts.verification_url and facts.verification_code):
        yield Sentence("The verification address or code is missing.", "缺少验真网址或验证码。")


def _limits(facts: ReportFacts) -> Iterator[Sentence]:
    if facts.laboratory.demonstration:
        return
    for limit in facts.outcome.get("limits") or []:
        if not limit["confirmed"]:
            yield Sentence(
                f"Limit {limit['symbol']} ({limit['clause']}) is not confirmed against the text of the standard; "
                "the quality manager must confirm it before the report is issued.",
                f"限值 {limit['symbol']}（{clause_zh(limit['clause'])}）尚未与标准原文核对确认；"
                "签发前须由质量负责人确认。",
            )
