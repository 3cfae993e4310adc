"""Amendments: every change of an accepted request is dated, with reason, for both sides to see (clause 7.1.6).

What touches the agreement waits for the other side's consent and counts only then; whatever the company wishes to
change waits for the laboratory, which has to be able to do it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from lims.contracts.models import Amendment, AmendmentAnswer
from lims.contracts.operations import LONGEST
from lims.errors import NO_REASON, BadInput, NotFound, Refused
from lims.labels import Label
from lims.laboratory import Work
from lims.orders import lines
from lims.orders.models import LANGUAGES, Request
from lims.orders.queries import jobs_of, request_by_number
from lims.orders.rules import RULES
from lims.permissions import Role
from lims.repertoire import requirement_sets

MEASURED = ("measured", "done")  # states of a job whose measurement is finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Something of a request that can be amended. agreed: it is part of the agreement, so that consent is needed.

    choices: the values allowed; none: free text of at most ``longest`` characters.
    """

    label: Label
    agreed: bool
    choices: Callable[[], dict[str, Label]] | None = None
    longest: int = 300
    day: bool = False


def _yes_no() -> dict[str, Label]:
    return {"1": Label("是", "yes"), "0": Label("否", "no")}


FIELDS: dict[str, Field] = {
    "due_on": Field(label=Label("完成日期", "due date"), agreed=True, day=True),
    "decision_rule": Field(
        label=Label("判定规则", "decision rule"), agreed=True,
        choices=lambda: {one.name: Label(one.name_zh, one.name_en) for one in RULES.values()},
    ),
    "judged_by": Field(
        label=Label("判定所依据的产品要求", "requirements to judge by"), agreed=True,
        choices=lambda: {"": Label("无", "none")}
        | {one.id: Label(f"{one.edition} {one.name_zh}", f"{one.edition} {one.name_en}")
           for one in requirement_sets().values()},
    ),
    "report_language": Field(
        label=Label("报告语言", "language of the report"), agreed=True,
        choices=lambda: {key: Label(zh, en) for key, (en, zh) in LANGUAGES.items()},
    ),
    "subcontracting": Field(label=Label("同意分包", "subcontracting allowed"), agreed=True, choices=_yes_no),
    "return_item": Field(label=Label("退还样品", "item is sent back"), agreed=True, choices=_yes_no),
    "secrecy": Field(label=Label("保密要求", "to be kept secret"), agreed=True),
    "add_test": Field(label=Label("增加检测项目", "add a test"), agreed=True),
    "drop_test": Field(label=Label("取消检测项目", "drop a test"), agreed=True),
    "contact": Field(label=Label("联系人", "contact"), agreed=False, longest=120),
    "contact_telephone": Field(label=Label("联系电话", "telephone"), agreed=False, longest=40),
    "remarks": Field(label=Label("备注", "remarks"), agreed=False, longest=LONGEST),
}  # fmt: skip


def amend(work: Work, number: str, field: str, new: str, reason: str) -> Amendment:
    """Change one thing of an accepted request, or propose it where the other side has to agree."""
    work.actor.require("request.write")
    request = request_by_number(work.session, number, work.actor)
    new, told = new.strip(), _field(field)
    _require_accepted(request)
    if not reason.strip() or work.actor.id is None:
        raise BadInput(NO_REASON.en, NO_REASON.zh)
    old = current(request, field)
    _require_possible(work, request, field, told, new)
    if new == old:
        raise BadInput("That is what it says already.", "与现有内容相同。")
    amendment = Amendment(
        request_id=request.id, at=work.now, person_id=work.actor.id, field=field, old=old, new=new,
        reason=reason.strip()[:LONGEST], needs_consent=told.agreed or Role.COMPANY in work.actor.roles,
    )  # fmt: skip
    work.session.add(amendment)
    work.session.flush()
    work.record(
        "request", number, "amend", amendment=amendment.id, field=field, old=old, new=new,
        needs_consent=amendment.needs_consent,
    )  # fmt: skip
    if not amendment.needs_consent:
        _apply(work, request, field, new)
    return amendment


def answer_amendment(work: Work, number: str, amendment_id: int, *, agreed: bool, note: str = "") -> Amendment:
    """The other side answers an amendment, once; what is agreed is checked again and counts from now."""
    work.actor.require("request.write")
    request = request_by_number(work.session, number, work.actor)
    amendment = work.session.scalar(
        sa.select(Amendment).where(Amendment.id == amendment_id, Amendment.request_id == request.id)
    )
    if amendment is None:
        raise NotFound("There is no such amendment.", "没有该修改。")
    if not amendment.open or work.actor.id is None:
        raise Refused("The amendment needs no answer any more.", "该修改无需再答复。")
    if (Role.COMPANY in work.actor.roles) == (Role.COMPANY in amendment.person.roles):
        raise Refused(
            "The amendment is answered by the other side.", "该修改须由另一方答复。"
        )  # fmt: skip
    if agreed:
        _require_accepted(request)
        _require_possible(work, request, amendment.field, _field(amendment.field), amendment.new)
        _apply(work, request, amendment.field, amendment.new)
    answer = AmendmentAnswer(
        amendment_id=amendment.id, at=work.now, person_id=work.actor.id, agreed=agreed, note=note.strip()[:LONGEST]
    )
    work.session.add(answer)
    work.session.flush()
    work.session.refresh(amendment, ["answer"])
    work.record("request", number, "answer_amendment", amendment=amendment.id, agreed=agreed)
    return amendment


def current(request: Request, field: str) -> str:
    """What a request says now, as a form carries it; tests are added and dropped, so they have no value before."""
    if field in ("add_test", "drop_test"):
        return ""
    value = getattr(request, field)
    return ("1" if value else "0") if isinstance(value, bool) else "" if value is None else str(value)


def _field(name: str) -> Field:
    found = FIELDS.get(name)
    if found is None:
        raise BadInput(f"'{name}' cannot be amended.", f"“{name}”不能修改。")
    return found


def _require_accepted(request: Request) -> None:
    if request.state != "accepted":
        raise Refused(
            f"{request.number} is '{request.state}'; only an accepted request is amended.",
            f"{request.number} 当前状态不能修改；只有已受理的委托可以修改。",
        )


def _require_possible(work: Work, request: Request, name: str, field: Field, new: str) -> None:
    if len(new) > field.longest:
        raise BadInput(f"At most {field.longest} characters fit here.", f"此处最多 {field.longest} 个字符。")
    if field.choices and new not in field.choices():
        raise BadInput("Choose one of the list.", "请从列表中选择。")
    if field.day and _day(new) < work.today:
        raise BadInput("Give a day that has not passed.", "日期不得早于今天。")
    jobs = jobs_of(work.session, request)
    if name in ("decision_rule", "judged_by") and any(one.state in MEASURED for one in jobs):
        raise Refused(
            f"A measurement is finished: the {field.label.en} cannot be changed any more (17025, 7.1.3).",
            f"已有测量完成：{field.label.zh}不得再更改（17025，7.1.3）。",
        )
    if name == "add_test":
        lines.require_orderable(work, request, new)
    if name == "drop_test":
        lines.require_droppable(work, request, new)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("Give a date as 2026-11-30.", "请按 2026-11-30 的格式填写日期。") from error


def _apply(work: Work, request: Request, name: str, new: str) -> None:
    if name == "add_test":
        lines.add_test(work, request, new)
    elif name == "drop_test":
        lines.drop_test(request, new)
    else:
        setattr(request, name, _value(name, new))
    work.session.flush()


def _value(name: str, text: str) -> Any:
    if FIELDS[name].day:
        return _day(text)
    return text == "1" if FIELDS[name].choices is _yes_no else text
