"""The checklist of a contract review (ISO/IEC 17025 clause 7.1.1): what the system knows, and what a person decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lims.confirmations.queries import unsure
from lims.contracts import queries
from lims.equipment import queries as equipment_queries
from lims.equipment.benches import bench_named
from lims.errors import Sentence
from lims.labels import Label
from lims.offerings import queries as offering_queries
from lims.orders.models import Request, RequestTest
from lims.orders.offer import Offer, offers
from lims.parties import queries as party_queries
from lims.repertoire import KnownTest, known_tests
from lims.workdays import calendar

OK, WARN, STOP = "ok", "warn", "stop"
CHECKS: dict[str, Label] = {
    "capability": Label("能力：试验台与人员（今天）", "capability: bench and people today"),
    "people": Label("完成日前有人获授权", "people authorised until the due date"),
    "equipment": Label("完成日前设备在校准有效期内", "equipment in calibration until the due date"),
    "scope": Label("资质范围", "accredited scope"),
    "edition": Label("标准版本有效", "edition of the standard"),
    "price": Label("价格", "price"),
    "due": Label("完成日期可行", "due date feasible"),
    "deviations": Label("偏离已答复", "deviations answered"),
    "quotation": Label("报价已接受", "quotation accepted"),
}
FINE: dict[str, Sentence] = {  # what is told where nothing stands against it
    "capability": Sentence("Benches and people are there today.", "今天具备试验台和人员。"),
    "people": Sentence("For every test somebody is.", "各检测项目均有授权人员。"),
    "equipment": Sentence("A bench for every method is.", "各方法均有试验台满足。"),
    "scope": Sentence("Every test lies within CMA.", "所有检测项目均在 CMA 范围内。"),
    "edition": Sentence("No newer edition is known to this program.", "本程序未收录更新的版本。"),
    "price": Sentence("Every test has its price.", "所有检测项目均已定价。"),
    "due": Sentence("It leaves the working days of the longest test.", "满足最长检测项目所需的工作日。"),
    "deviations": Sentence("None is open.", "没有未答复的偏离。"),
    "quotation": Sentence("None is open.", "没有待答复的报价。"),
}
PERSONAL: dict[str, Label] = {
    "understood": Label("要求明确、形成文件并被双方理解", "the requirements are defined, documented and understood"),
    "suitable": Label("所选方法适合委托方的要求", "the methods chosen meet what the company needs"),
    "resources": Label("本机构有资源按期完成", "the laboratory has the resources to do it in time"),
    "impartial": Label("不存在影响公正性的情况", "nothing stands against impartiality"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the system found. outcome: OK, WARN (a person decides) or STOP (cannot be accepted)."""

    check: str
    outcome: str
    sentence: Sentence


def findings(session: Session, request: Request, today: date) -> list[Finding]:
    """Every check of the system, in the order of the list."""
    offered, known = offers(session, today), known_tests()
    due = request.due_on or today
    return [
        _finding("capability", STOP, _incapable(request, offered, known)),
        _finding("people", WARN, _unauthorised_later(session, request, known, due)),
        _finding("equipment", WARN, _uncalibrated(session, request, offered, due)),
        _finding("scope", WARN, _outside(session, request, known, today)),
        _finding("edition", WARN, _outdated(request, known)),
        _finding("price", WARN, _unpriced(request, known)),
        _finding("due", WARN, _late(session, request, today)),
        _finding("deviations", STOP, _unanswered(session, request)),
        _finding("quotation", STOP, _unquoted(session, request, today)),
    ]


def _finding(check: str, otherwise: str, against: Iterator[Sentence]) -> Finding:
    found = list(dict.fromkeys(against))
    if not found:
        return Finding(check=check, outcome=OK, sentence=FINE[check])
    told = Sentence(" ".join(one.en for one in found), "".join(one.zh for one in found))
    return Finding(check=check, outcome=otherwise, sentence=told)


def _incapable(request: Request, offered: Mapping[str, Offer], known: Mapping[str, KnownTest]) -> Iterator[Sentence]:
    for line in request.tests:
        if line.code not in offered:
            yield Sentence(f"This program has no test '{line.code}'.", f"本程序没有检测项目“{line.code}”。")
            continue
        for why in offered[line.code].against:
            yield _of(line, known, why)


def _of(line: RequestTest, known: Mapping[str, KnownTest], why: Sentence) -> Sentence:
    test = known[line.code]
    return Sentence(f"{test.title_en}: {why.en}", f"{test.title_zh}：{why.zh}")


def _unauthorised_later(
    session: Session, request: Request, known: Mapping[str, KnownTest], due: date
) -> Iterator[Sentence]:
    there = party_queries.competences(session, due)
    for line in request.tests:
        if line.code in known and (line.code, "test") not in there:
            yield _of(
                line, known, Sentence(f"on {due} nobody is authorised to test.", f"{due} 无人获得检测授权。")
            )  # fmt: skip


def _uncalibrated(session: Session, request: Request, offered: Mapping[str, Offer], due: date) -> Iterator[Sentence]:
    """One bench that can do it, wholly in calibration until the due date, is enough for a method."""
    for line in request.tests:
        able = offered[line.code].benches if line.code in offered else ()
        unfit = [list(_unfit(session, bench, due)) for bench in able]
        if unfit and all(unfit):
            yield from min(unfit, key=len)


def _unfit(session: Session, bench: str, day: date) -> Iterator[Sentence]:
    for instrument in bench_named(bench).instruments:
        for found in equipment_queries.of_numbers(session, [instrument.equipment]):
            if sentence := equipment_queries.unfit(found, instrument.channels, day):
                yield sentence


def _outside(session: Session, request: Request, known: Mapping[str, KnownTest], day: date) -> Iterator[Sentence]:
    for line in request.tests:
        offering = offering_queries.offering(session, request.product_id, line.code)
        held = {one.scheme for one in offering.schemes_on(day)} if offering else set()
        if "CMA" not in held and line.code in known:
            yield _of(
                line, known, Sentence("outside CMA; its report bears no mark.", "不在 CMA 范围内，报告不使用标志。")
            )  # fmt: skip


def _outdated(request: Request, known: Mapping[str, KnownTest]) -> Iterator[Sentence]:
    editions = {one.reference for one in known.values()}
    for line in request.tests:
        test = known.get(line.code)
        newer = sorted(one for one in editions if test and _newer(one, test.reference))
        if test and newer:
            en, zh = f"{newer[-1]} is newer than {test.reference}.", f"{newer[-1]} 比 {test.reference} 更新。"
            yield _of(line, known, Sentence(en, zh))


def _newer(one: str, than: str) -> bool:
    """Of one standard and a later year: "GB/T 17049-2024" than "GB/T 17049-2005"."""
    separator = ":" if ":" in than else "-"
    standard, _, year = one.rpartition(separator)
    return (standard, year > than.rpartition(separator)[2]) == (than.rpartition(separator)[0], True)


def _unpriced(request: Request, known: Mapping[str, KnownTest]) -> Iterator[Sentence]:
    for line in request.tests:
        if line.price is None and line.code in known:
            yield _of(line, known, Sentence("no price yet.", "尚未定价。"))


def _late(session: Session, request: Request, today: date) -> Iterator[Sentence]:
    days = [one.working_days for one in request.tests if one.working_days is not None]
    soonest = calendar().after(today, max(days)) if days else today
    if request.due_on is None:
        yield Sentence("No due date is agreed.", "尚未约定完成日期。")
    elif request.due_on < soonest:
        yield Sentence(
            f"{request.due_on} is wanted; the longest test takes until {soonest}.",
            f"要求 {request.due_on} 完成；最长的检测项目需到 {soonest}。",
        )
    for year in unsure(session, today, max(soonest, request.due_on or today)):
        yield Sentence(f"The holidays of {year} are not confirmed.", f"{year} 年的节假日安排尚未确认。")


def _unanswered(session: Session, request: Request) -> Iterator[Sentence]:
    for one in queries.deviations(session, request):
        if one.answer == "":
            yield Sentence("A deviation waits for the company's answer.", "有偏离等待委托单位答复。")
        if one.answer == "refused":
            yield Sentence(
                "The company refused a deviation; withdraw it or decline the request.",
                "委托单位不同意某项偏离；请撤回该偏离或不受理委托。",
            )


def _unquoted(session: Session, request: Request, today: date) -> Iterator[Sentence]:
    latest = next(iter(queries.quotations(session, request)), None)
    if latest is None:
        return
    if latest.answer is None and latest.valid_until < today:
        yield Sentence(f"{latest.number} has expired; make another.", f"{latest.number} 已过有效期；请重新报价。")
    elif latest.answer is None:
        yield Sentence(f"{latest.number} waits for the company's answer.", f"{latest.number} 等待委托单位答复。")
    elif not latest.answer.accepted:
        yield Sentence(
            f"The company did not accept {latest.number}; make another.",
            f"委托单位未接受 {latest.number}；请重新报价。",
        )
