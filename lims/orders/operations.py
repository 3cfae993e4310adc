"""Verbs about requests and jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from lims.errors import BadInput, Refused, Sentence
from lims.laboratory import Work
from lims.offerings import queries as offering_queries
from lims.offerings.models import Product
from lims.orders import queries, sampled
from lims.orders.lines import price_tests, set_tests
from lims.orders.models import KINDS, LANGUAGES, Job, Request, RequestTest
from lims.orders.offer import offers
from lims.orders.reviewed import Review, against_accepting
from lims.orders.rules import RULES
from lims.parties.models import Company
from lims.permissions import Role
from lims.repertoire import known_test, requirement_sets
from lims.workdays import calendar
from lims.workflow import JOB, REQUEST, Facts
from protocols.method import methods

LARGEST_AREA = 10_000  # m2; ours: more is a slip of the keyboard


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """What a company states in a request; checked for completeness when it is submitted."""

    kind: str = "commissioned"
    product: str = ""  # code in the catalogue; empty: a product that is not in it
    tests: tuple[str, ...] = ()  # codes of lims.repertoire, in the order of the lines
    product_zh: str = ""
    product_en: str = ""
    manufacturer: str = ""
    model: str = ""
    serial_number: str = ""
    gross_area: float | None = None
    item_number: str = ""
    due_on: date | None = None
    return_item: bool = True
    decision_rule: str = "none"
    judged_by: str = ""  # the requirements of a product standard; empty: none named
    report_language: str = "both"
    subcontracting: bool = False
    secrecy: str = ""
    contact: str = ""
    contact_telephone: str = ""
    remarks: str = ""


def draft_request(work: Work, form: RequestForm, *, company_id: int | None = None) -> Request:
    """A new request of the actor's own company, or of ``company_id`` when the office writes it."""
    work.actor.require("request.write")
    owner = work.actor.company_id if Role.COMPANY in work.actor.roles else company_id
    company = work.session.get(Company, owner) if owner is not None else None
    if company is None or work.actor.id is None:
        raise BadInput("Choose the company this request is for.", "请选择委托单位。")
    _require_known(form)
    request = Request(
        number=work.number("WT"), company_id=company.id, created_by_id=work.actor.id,
        created_at=work.now, **_stated(work, form),
    )  # fmt: skip
    set_tests(work, request, form.tests)
    work.session.add(request)
    work.session.flush()
    work.record("request", request.number, "draft", target=request.state)
    return request


def change_request(work: Work, number: str, form: RequestForm) -> Request:
    """Change a draft; what was submitted is changed by returning it first."""
    work.actor.require("request.write")
    request = queries.request_by_number(work.session, number, work.actor)
    if request.state != "draft":
        raise BadInput(
            f"{number} was submitted; ask the office to return it before changing it.",
            f"{number} 已提交；修改前请业务受理人员将其退回。",
        )
    _require_known(form)
    changed = {key: value for key, value in _stated(work, form).items() if getattr(request, key) != value}
    for key, value in changed.items():
        setattr(request, key, value)
    if form.tests != tuple(one.code for one in request.tests) or "product_id" in changed:
        changed["tests"] = ", ".join(form.tests)
        set_tests(work, request, form.tests)
    work.record("request", number, "change", changed={key: str(value) for key, value in changed.items()})
    return request


def _stated(work: Work, form: RequestForm) -> dict[str, Any]:
    """The columns of a request that its form fills; the tests are lines of their own."""
    product = offering_queries.product(work.session, form.product) if form.product else None
    if product and not product.active:
        raise Refused(_withdrawn(product).en, _withdrawn(product).zh)
    named = {key: value for key, value in asdict(form).items() if key not in ("tests", "product")}
    if product:  # its name is what the item is called, unless the company calls it something else
        named |= {
            key: named[key] or name for key, name in (("product_zh", product.name_zh), ("product_en", product.name_en))
        }
    return named | {"product_id": product.id if product else None}


def _withdrawn(product: Product) -> Sentence:
    return Sentence(
        f"{product.name_en} ({product.code}) is no longer offered; choose another product.",
        f"“{product.name_zh}”（{product.code}）已停止提供；请选择其他产品。",
    )


def _require_known(form: RequestForm) -> None:
    if form.kind not in KINDS:
        raise BadInput(f"There is no kind of test '{form.kind}'.", f"没有“{form.kind}”这种检验类别。")
    if form.decision_rule not in RULES:
        raise BadInput(
            f"There is no decision rule '{form.decision_rule}'.", f"没有“{form.decision_rule}”这种判定规则。"
        )
    if form.judged_by and form.judged_by not in requirement_sets():
        raise BadInput(f"There are no requirements '{form.judged_by}'.", f"没有“{form.judged_by}”这组产品要求。")
    if form.report_language not in LANGUAGES:
        raise BadInput(f"There is no report in '{form.report_language}'.", f"报告没有“{form.report_language}”文本。")
    for code in form.tests:
        known_test(code)
    if form.gross_area is not None and not 0 < form.gross_area < LARGEST_AREA:
        raise BadInput(
            f"The gross area must be above 0 and below {LARGEST_AREA} m².",
            f"总面积应大于 0 且小于 {LARGEST_AREA} m²。",
        )


def set_blind(work: Work, number: str, blind: bool) -> Request:
    """Keep from technicians, or let them know, whose order this is; the office decides."""
    work.actor.require("request.review")
    request = queries.request_by_number(work.session, number, work.actor)
    if request.blind != blind:
        request.blind = blind
        work.record("request", number, "set_blind", blind=blind)
    return request


def act_on_request(work: Work, number: str, action: str, reason: str = "", *, review: Review | None = None) -> Request:
    """Any action of the request's machine; what follows for its item is in `lims.items.operations.act_on_request`.

    review: the contract review on which a request is accepted, needed for that and nothing else.
    """
    request = queries.request_by_number(work.session, number, work.actor)
    missing = tuple(_missing(work, request)) if action in ("submit", "accept") else ()
    if action == "submit" and request.product and not request.product.active:
        missing = (_withdrawn(request.product), *missing)
    if action == "submit" and request.state == "draft" and not missing:
        price_tests(work, request)
        request.due_on = request.due_on or _due(work, request)
    if action == "accept" and not missing:
        missing = (*_against(work, request), *against_accepting(request, review))
    if action == "complete":
        missing = unfinished(request, queries.jobs_of(work.session, request))
    if action == "cancel":
        missing = running(queries.jobs_of(work.session, request))
    work.move(REQUEST, action, request, Facts(reason=reason, missing=missing))
    if action == "cancel":
        _call_off(work, request, reason)
    return request


def running(jobs: Iterable[Job]) -> tuple[Sentence, ...]:
    """A measurement under way is stopped by whoever measures before the order can be cancelled."""
    return tuple(
        Sentence(
            f"{job.number} is being measured; its technician aborts the run and abandons the job first.",
            f"{job.number} 正在检测；须先由检测员中止试验记录并放弃任务。",
        )
        for job in jobs
        if job.state == "running"
    )


def _call_off(work: Work, request: Request, reason: str) -> None:
    """The jobs of a cancelled request that are not done end with it; what is done stays, and so does its item."""
    for job in queries.jobs_of(work.session, request):
        if job.state in ("planned", "measured"):
            work.move(JOB, "call_off", job, Facts(reason=reason))


def _against(work: Work, request: Request) -> Iterator[Sentence]:
    """What stands against taking the order, test by test."""
    offered = offers(work.session, work.today)
    for line in request.tests:
        yield from offered[line.code].against if line.code in offered else [_unknown(line)]


def _unknown(line: RequestTest) -> Sentence:
    return Sentence(f"This program has no test '{line.code}'.", f"本程序没有检测项目“{line.code}”。")


def _missing(work: Work, request: Request) -> Iterator[Sentence]:
    named = (
        (request.tests, "the test method", "检测方法"),
        (request.product_zh, "the product's name in Chinese", "产品名称"),
        (request.manufacturer, "the manufacturer", "生产单位"),
        (request.model, "the model", "规格型号"),
        (request.gross_area or not _asks_area(request), "the gross area", "总面积"),
    )
    lacking = [(en, zh) for value, en, zh in named if not value]
    if lacking:
        en, zh = (", ".join(one[0] for one in lacking), "、".join(one[1] for one in lacking))
        yield Sentence(f"The request lacks {en}; fill it in.", f"委托缺少{zh}；请填写。")
    if request.due_on and request.due_on < work.today and request.state == "draft":
        yield Sentence(
            f"The request is wanted by {request.due_on}, which has passed; give a later day.",
            f"委托要求的完成日期 {request.due_on} 已过；请填写更晚的日期。",
        )


def _asks_area(request: Request) -> bool:
    """Whether a method of the request needs the gross area of the item."""
    asked = [methods()[line.method_id].item for line in request.tests if line.method_id in methods()]
    return any(field.symbol == "A_G" for fields in asked for field in fields)


def _due(work: Work, request: Request) -> date | None:
    """The day that follows from the longest of the tests; none while one of them has no time."""
    days = [one.working_days for one in request.tests]
    known = [one for one in days if one is not None]
    return calendar().after(work.today, max(known)) if known and len(known) == len(days) else None


def unfinished(request: Request, jobs: Iterable[Job]) -> tuple[Sentence, ...]:
    """What stands against calling a request completed: nothing was tested, or a job is still under way."""
    states = {job.number: job.state for job in jobs}
    under_way = [number for number, state in states.items() if state not in ("done", "abandoned")]
    if under_way:
        en, zh = ", ".join(under_way), "、".join(under_way)
        return (
            Sentence(
                f"{en} is still under way; finish or abandon it first.",
                f"{zh} 尚未结束；请先完成或放弃该任务。",
            ),
        )
    if "done" not in states.values():
        return (
            Sentence(
                f"{request.number} has no finished test; it cannot be completed.",
                f"{request.number} 没有已完成的检测，不能办结。",
            ),
        )
    return ()


def require_method(job: Job) -> None:
    """Refuse a manual test where a bench's record is asked for: people record it on its own page."""
    if job.procedure_id:
        raise Refused(
            f"{job.number} is a manual test: nothing is recorded on a bench for it.",
            f"{job.number} 是人工试验，不在试验台上记录。",
        )


def act_on_job(work: Work, number: str, action: str, facts: Facts | None = None, **detail: object) -> Job:
    """Any action of the job's machine."""
    job = queries.job_by_number(work.session, number)
    work.move(JOB, action, job, sampled.told(work.session, job, work.actor.id, facts or Facts()), **detail)
    return job
