"""Verbs of spot checks: the task, the sampling record with its seals and signatures, the order made from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal

from lims.attachments import operations as attachments
from lims.attachments import queries as attachment_queries
from lims.attachments.content import IMAGES, PDF
from lims.errors import BadInput, Refused, Sentence
from lims.items import operations as items
from lims.items.models import BACKUP, TEST
from lims.laboratory import Work
from lims.orders import operations as orders
from lims.orders.models import Request
from lims.orders.operations import RequestForm
from lims.orders.sampled import RequestSample, RequestSampler
from lims.parties.companies import CompanyFacts, add_company
from lims.parties.models import Company, Person
from lims.repertoire import known_test
from lims.sampling import queries
from lims.sampling.models import COMPANY_SIGNS, DRAWN, PLACES, REFUSED, SamplingRecord, SamplingSeal, SamplingTask
from lims.workflow import SAMPLING, Facts

KIND = "sampling"  # of a record in the audit trail and of its files
SIGNATURE, SIGNED_SHEET = "signature", "signed-sheet"  # purposes of its files
MOST = 100_000  # of anything counted; ours: more is a slip of the keyboard
MOST_SEALS = 50
SEAL = re.compile(r"[0-9A-Za-z一-鿿/_-]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskForm:
    """What an authority's task order says."""

    authority: str
    document: str
    products: str
    tests: tuple[str, ...]
    companies: int
    samples: int
    first_day: date
    last_day: date
    budget: Decimal | None = None
    remarks: str = ""


def enter_task(work: Work, form: TaskForm) -> SamplingTask:
    """Keep an authority's task order. Raises `BadInput` for what a task order cannot say."""
    work.actor.require("sampling.order")
    if work.actor.id is None:
        raise Refused("A named person enters a task.", "抽查任务须由具名人员登记。")
    require_possible_task(form)
    task = SamplingTask(
        number=work.number("CC"), created_at=work.now, created_by_id=work.actor.id,
        **asdict(form) | {"tests": " ".join(dict.fromkeys(form.tests))},
    )  # fmt: skip
    work.session.add(task)
    work.session.flush()
    work.record("task", task.number, "add", authority=task.authority, document=task.document, tests=task.tests)
    return task


def require_possible_task(form: TaskForm) -> None:
    """Raise `BadInput` for what a task order cannot say."""
    if not (form.authority.strip() and form.document.strip() and form.products.strip() and form.tests):
        raise BadInput(
            "Give the authority, the number of its document, the products and at least one test.",
            "请填写任务下达单位、文号、产品，并至少选择一个检测项目。",
        )
    for code in form.tests:
        known_test(code)
    if not (1 <= form.companies <= MOST and form.companies <= form.samples <= MOST):
        raise BadInput(
            "Give how many companies and how many samples: at least one each, and a sample for every company.",
            "请填写受检单位数和抽样批次数：均不少于 1，且批次数不少于单位数。",
        )
    if form.last_day < form.first_day:
        raise BadInput("The period ends before it begins; swap the days.", "任务期限的结束日期早于开始日期；请调换。")
    if form.budget is not None and form.budget < 0:
        raise BadInput("The budget cannot be below zero.", "经费不能为负数。")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordForm:
    """What stands on a sampling record; a draft may leave everything empty."""

    company_id: int | None = None
    company_name: str = ""
    credit_code: str = ""
    company_address: str = ""
    company_contact: str = ""
    company_telephone: str = ""
    place_kind: str = "store"
    place: str = ""
    sampled_on: date | None = None
    sampler_1_id: int | None = None
    sampler_2_id: int | None = None
    product_zh: str = ""
    product_en: str = ""
    manufacturer: str = ""
    model: str = ""
    trademark: str = ""
    batch: str = ""
    gross_area: float | None = None
    base_quantity: int | None = None
    quantity: int | None = None
    backup_quantity: int = 0
    backup_place: str = ""
    remarks: str = ""
    seals: tuple[str, ...] = ()  # on the samples for the test
    backup_seals: tuple[str, ...] = ()


def begin(work: Work, task_number: str) -> SamplingRecord:
    """An empty sampling record of a task; whoever begins it is its first sampler if authorised to sample."""
    work.actor.require("sampling.write")
    if work.actor.id is None:
        raise Refused("A named person takes samples.", "抽样须由具名人员进行。")
    task = queries.task_by_number(work.session, task_number)
    if task.closed_on:
        raise Refused(
            f"{task_number} was closed on {task.closed_on}; nothing more is sampled for it.",
            f"{task_number} 已于 {task.closed_on} 办结，不再抽样。",
        )
    able = {one.id for one in queries.may_sample(work.session, task.codes, work.today)}
    record = SamplingRecord(
        number=work.number("CY"), task_id=task.id, sampled_on=work.today, created_at=work.now,
        created_by_id=work.actor.id, sampler_1_id=work.actor.id if work.actor.id in able else None,
    )  # fmt: skip
    work.session.add(record)
    work.session.flush()
    work.session.refresh(record)
    work.record(KIND, record.number, "draft", target=record.state, task=task.number)
    return record


def save(work: Work, number: str, form: RecordForm) -> SamplingRecord:
    """Keep what is filled in so far. Raises `BadInput` for what cannot stand there, `Refused` once somebody signed."""
    work.actor.require("sampling.write")
    record = queries.record_by_number(work.session, number)
    if record.state != "draft" or record.touched:
        raise Refused(
            f"{number} was signed; open it again with a reason before changing it.",
            f"{number} 已有人签字；如需修改，请先写明理由重新填写。",
        )
    _require_possible(work, record, form)
    stated = {name: value for name, value in asdict(form).items() if name not in ("seals", "backup_seals")}
    stated["sampled_on"] = form.sampled_on or record.sampled_on
    if company := work.session.get(Company, form.company_id) if form.company_id else None:
        stated |= _of_company(company)
    changed = {name: str(value) for name, value in stated.items() if getattr(record, name) != value}
    for name in changed:
        setattr(record, name, stated[name])
    sealed = [(TEST, one) for one in form.seals] + [(BACKUP, one) for one in form.backup_seals]
    if sealed != [(one.role, one.number) for one in record.seals]:
        record.seals.clear()
        work.session.flush()
        record.seals.extend(SamplingSeal(role=role, number=one) for role, one in sealed)
        changed["seals"] = ", ".join(one for _, one in sealed)
    if changed:
        work.session.flush()
        work.record(KIND, number, "change", changed=changed)
        work.session.refresh(record)
    return record


def _of_company(company: Company) -> dict[str, str]:
    return {
        "company_name": company.name_zh, "credit_code": company.credit_code, "company_address": company.address_zh,
        "company_contact": company.contact, "company_telephone": company.telephone,
    }  # fmt: skip


def _require_possible(work: Work, record: SamplingRecord, form: RecordForm) -> None:
    if form.place_kind not in PLACES:
        raise BadInput("Choose where the sample is taken.", "请选择抽样场所。")
    if form.sampled_on is not None and form.sampled_on > work.today:
        raise BadInput("The day of sampling lies in the future.", "抽样日期不能晚于今天。")
    counted = (form.base_quantity, form.quantity, form.backup_quantity)
    if any(one is not None and not 0 <= one <= MOST for one in counted):
        raise BadInput(f"Quantities are whole numbers from 0 to {MOST}.", f"数量应为 0 至 {MOST} 的整数。")
    _require_samplers(work, record, form)
    _require_seals(work, record, [*form.seals, *form.backup_seals])


def _require_samplers(work: Work, record: SamplingRecord, form: RecordForm) -> None:
    named = [one for one in (form.sampler_1_id, form.sampler_2_id) if one is not None]
    if len(set(named)) < len(named):
        raise BadInput(
            "The two samplers are two people; choose another second one.",
            "两名抽样人员不能是同一人；请另选第二名抽样人员。",
        )
    able = {one.id for one in queries.may_sample(work.session, record.task.codes, form.sampled_on or record.sampled_on)}
    for one in named:
        if one not in able:
            person = work.session.get(Person, one)
            zh, en = (person.name_zh, person.name_en or person.name_zh) if person else ("该人员", "This person")
            if person is not None and person.company_id is not None:
                raise BadInput(
                    f"{en} belongs to a company and cannot take samples for the laboratory.",
                    f"{zh} 是委托单位人员，不能作为抽样人员。",
                )
            raise BadInput(
                f"{en} is not authorised to take samples for these tests on that day; the quality manager can "
                "authorise (activity: sampling).",
                f"{zh} 当日未获得这些项目的抽样授权；质量负责人可以授权（活动：抽样）。",
            )


def _require_seals(work: Work, record: SamplingRecord, numbers: list[str]) -> None:
    if len(numbers) > MOST_SEALS:
        raise BadInput(f"At most {MOST_SEALS} seals fit on one record.", f"一份抽样单最多 {MOST_SEALS} 个封签。")
    for one in numbers:
        if not SEAL.fullmatch(one):
            raise BadInput(f"'{one[:60]}' is no number of a seal.", f"“{one[:60]}”不是有效的封签号。")
        if numbers.count(one) > 1:
            raise BadInput(f"The seal {one} stands here twice.", f"封签 {one} 重复填写。")
    used = queries.seal_used(work.session, numbers, but=record) if numbers else None
    if used is not None:
        raise BadInput(
            f"The seal {used.number} was used on another record already.",
            f"封签 {used.number} 已用于另一份抽样单。",
        )


def sign_for_company(
    work: Work, number: str, *, how: str, representative: str, words: str = "", drawn: bytes = b""
) -> SamplingRecord:
    """The company's part: drawn on the screen, on the printed sheet (added as a file before), or refused with words."""
    work.actor.require("sampling.write")
    record = queries.record_by_number(work.session, number)
    if record.state != "draft":
        raise Refused(f"{number} is '{record.state}'; nobody signs it now.", f"{number} 当前状态不能签字。")
    _require_filled(record)
    if how not in COMPANY_SIGNS or not representative.strip():
        raise BadInput(
            "Say who represented the company, and how this person signed.", "请填写受检单位代表姓名和签字方式。"
        )
    if how == REFUSED and not words.strip():
        raise BadInput("Say why the company does not sign.", "请填写受检单位拒绝签字的理由。")
    if how == DRAWN:
        _keep_drawn(work, number, drawn)
    elif how != REFUSED and not _has_sheet(work, number):
        raise BadInput("Add a scan or photograph of the signed sheet first.", "请先添加已签字抽样单的扫描件或照片。")
    record.company_signed, record.representative = how, representative.strip()[:60]
    record.company_words, record.company_signed_at = words.strip()[:2000], work.now
    work.record(KIND, number, "sign_company", how=how, representative=record.representative, words=record.company_words)
    return _finish(work, record)


def _keep_drawn(work: Work, number: str, drawn: bytes) -> None:
    if not drawn.startswith(b"\x89PNG"):
        raise BadInput("Sign in the field with a finger or pen first.", "请先在签字框内手写签名。")
    attachments.add(work, kind=KIND, subject=number, name="受检单位签字.png", data=drawn, purpose=SIGNATURE)


def _has_sheet(work: Work, number: str) -> bool:
    files = attachment_queries.of(work.session, KIND, number)
    return any(one.purpose == SIGNED_SHEET and one.media_type in {*IMAGES.values(), PDF} for one in files)


def sign(work: Work, number: str) -> SamplingRecord:
    """A sampler's own signature; the page asks for the password. The last missing one signs the record."""
    work.actor.require("sampling.write")
    record = queries.record_by_number(work.session, number)
    if record.state != "draft":
        raise Refused(f"{number} is '{record.state}'; nobody signs it now.", f"{number} 当前状态不能签字。")
    _require_filled(record)
    if work.actor.id is None or work.actor.id not in (record.sampler_1_id, record.sampler_2_id):
        raise Refused(
            f"{work.actor.name} is not a sampler of {number}.",
            f"{work.actor.name} 不是 {number} 的抽样人员，不能签字。",
        )
    which = "sampler_1_signed_at" if work.actor.id == record.sampler_1_id else "sampler_2_signed_at"
    if getattr(record, which) is not None:
        raise Refused(f"{work.actor.name} signed already.", f"{work.actor.name} 已签字。")
    setattr(record, which, work.now)
    work.record(KIND, number, "sign_sampler", sampler=work.actor.name)
    return _finish(work, record)


def _finish(work: Work, record: SamplingRecord) -> SamplingRecord:
    work.session.flush()
    if all((record.company_signed, record.sampler_1_signed_at, record.sampler_2_signed_at)):
        work.move(SAMPLING, "sign", record)
    return record


def _require_filled(record: SamplingRecord) -> None:
    for one in lacking(record):
        raise BadInput(one.en, one.zh)


def lacking(record: SamplingRecord) -> Iterator[Sentence]:
    """What a record lacks before anybody signs it."""
    named = (
        (record.company_name, "the company", "受检单位"), (record.place, "the place", "抽样地点"),
        (record.product_zh, "the product", "产品名称"), (record.manufacturer, "the manufacturer", "生产单位"),
        (record.model, "the model", "规格型号"), (record.base_quantity, "the base quantity", "抽样基数"),
        (record.quantity, "the quantity taken", "抽样数量"),
    )  # fmt: skip
    empty = [(en, zh) for value, en, zh in named if not value]
    if empty:
        en, zh = ", ".join(one[0] for one in empty), "、".join(one[1] for one in empty)
        yield Sentence(f"The record lacks {en}; fill it in before signing.", f"抽样单缺少{zh}；请填写后再签字。")
    if record.sampler_1_id is None or record.sampler_2_id is None:
        yield Sentence(
            "Two samplers take a sample together; name the second one.",
            "抽样须由两名以上人员共同进行；请填写第二名抽样人员。",
        )
    taken = (record.quantity or 0) + record.backup_quantity
    if record.base_quantity and taken > record.base_quantity:
        yield Sentence(
            f"{taken} were taken of {record.base_quantity}; that cannot be.",
            f"抽样数量与备样共 {taken}，超过抽样基数 {record.base_quantity}。",
        )
    yield from _seals_missing(record)


def _seals_missing(record: SamplingRecord) -> Iterator[Sentence]:
    for role, count, en, zh in (
        (TEST, record.quantity or 0, "samples", "样品"), (BACKUP, record.backup_quantity, "backup samples", "备样"),
    ):  # fmt: skip
        there = len(record.seals_of(role))
        if there != count:
            yield Sentence(
                f"{count} {en} need {count} seals, one each; {there} stand here.",
                f"{zh} {count} 件应各有一个封签，现填写 {there} 个。",
            )
    if record.backup_quantity and not record.backup_place:
        yield Sentence("Say where the backup sample is kept.", "请填写备样存放地点。")


def act(work: Work, number: str, action: str, reason: str = "") -> SamplingRecord:
    """Open again, decline (拒检) or cancel; signing and ordering have their own verbs."""
    record = queries.record_by_number(work.session, number)
    if action not in ("reopen", "decline", "cancel"):
        raise Refused("This step has its own form.", "此步骤请使用相应的表单。")
    if action == "decline":
        _require_visit(record)
    work.move(SAMPLING, action, record, Facts(reason=reason))
    if action == "reopen":
        record.company_signed = record.company_words = ""
        record.company_signed_at = record.sampler_1_signed_at = record.sampler_2_signed_at = None
    if action == "decline":
        record.company_words = reason.strip()[:2000]
    work.session.flush()
    return record


def _require_visit(record: SamplingRecord) -> None:
    if record.company_name and record.place and record.sampler_1_id and record.sampler_2_id:
        return
    raise BadInput(
        "A company that declines is recorded with its name, the place and both samplers.",
        "记录拒检须填写受检单位、地点和两名抽样人员。",
    )


def order(work: Work, number: str) -> Request:
    """The request made from a signed record: kind spot check, paid by the authority, its sealed samples announced.

    A company that is not registered yet is registered with what the record says of it.
    """
    record = queries.record_by_number(work.session, number)
    company = queries.company_of(work.session, record)
    work.move(SAMPLING, "order", record)
    if company is None:
        company = add_company(work, _facts_of(record))
    record.company_id = company.id
    made = orders.draft_request(work, _request_form(record), company_id=company.id)
    made.payer = record.task.authority
    work.session.add_all(
        [
            *(RequestSampler(request_id=made.id, person_id=one) for one in _samplers(record)),
            *(RequestSample(request_id=made.id, role=one.role, seal=one.number) for one in record.seals),
        ]
    )
    record.request_id = made.id
    work.session.flush()
    items.act_on_request(work, made.number, "submit")
    work.session.refresh(record)
    return made


def _samplers(record: SamplingRecord) -> list[int]:
    return [one for one in (record.sampler_1_id, record.sampler_2_id) if one is not None]


def _facts_of(record: SamplingRecord) -> CompanyFacts:
    return CompanyFacts(
        name_zh=record.company_name, credit_code=record.credit_code, address_zh=record.company_address,
        contact=record.company_contact, telephone=record.company_telephone,
    )  # fmt: skip


def _request_form(record: SamplingRecord) -> RequestForm:
    form = RequestForm(
        kind="spot_check", tests=record.task.codes, product_zh=record.product_zh, product_en=record.product_en,
        manufacturer=record.manufacturer, model=record.model, gross_area=record.gross_area,
        remarks=f"{record.task.authority} {record.task.document}\n{record.task.number} {record.number}",
    )  # fmt: skip
    return replace(form, return_item=False)
