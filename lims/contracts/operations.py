"""Verbs about what is agreed with a company: contract review, questions and answers, deviations."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from lims.contracts import messages
from lims.contracts.checklist import PERSONAL, STOP, Finding, findings
from lims.contracts.models import ContractReview, Deviation, ReviewCheck
from lims.errors import BadInput, NotFound, Refused
from lims.items import operations as items
from lims.laboratory import Work
from lims.orders.lines import UNDER_REVIEW
from lims.orders.models import Request
from lims.orders.queries import request_by_number
from lims.permissions import Role

LONGEST = 4000  # characters of a message; ours
REVIEWED = ("accept", "decline")
OPEN = UNDER_REVIEW


def decide(
    work: Work,
    number: str,
    decision: str,
    *,
    ticked: Collection[str] = (),
    remarks: Mapping[str, str] | None = None,
    reason: str = "",
) -> ContractReview:
    """Accept or decline a request after its contract review, and keep the review as it stood.

    Accepting needs every line a person decides ticked, and nothing found that stops it. Raises `Refused` with the
    first sentence that stands against it; nothing is kept then.
    """
    work.actor.require("request.review")
    request = request_by_number(work.session, number, work.actor)
    found, said = findings(work.session, request, work.today), remarks or {}
    if decision not in REVIEWED:
        raise BadInput(f"A review ends with one of {', '.join(REVIEWED)}.", "合同评审的结论应为受理或不受理。")
    if decision == "accept":
        _require_acceptable(found, ticked)
    review = ContractReview(
        request_id=request.id, at=work.now, person_id=_person(work), decision=decision, reason=reason.strip()
    )
    review.checks = [*_found(found, said), *_ticked(ticked, said, len(found))]
    items.act_on_request(work, number, decision, reason, review=review)
    work.session.add(review)
    work.session.flush()
    work.record("request", number, "review", decision=decision, ticked=sorted(ticked))
    return review


def _require_acceptable(found: Collection[Finding], ticked: Collection[str]) -> None:
    for one in found:
        if one.outcome == STOP:
            raise Refused(one.sentence.en, one.sentence.zh)
    missing = [label for name, label in PERSONAL.items() if name not in ticked]
    if missing:
        raise BadInput(
            f"Tick what you checked before accepting: {'; '.join(one.en for one in missing)}.",
            f"受理前请勾选已核实的事项：{'；'.join(one.zh for one in missing)}。",
        )


def _found(found: Collection[Finding], said: Mapping[str, str]) -> list[ReviewCheck]:
    return [
        ReviewCheck(
            position=position, name=one.check, outcome=one.outcome, finding_en=one.sentence.en,
            finding_zh=one.sentence.zh, remark=said.get(one.check, "").strip()[:500],
        )
        for position, one in enumerate(found, start=1)
    ]  # fmt: skip


def _ticked(ticked: Collection[str], said: Mapping[str, str], before: int) -> list[ReviewCheck]:
    return [
        ReviewCheck(
            position=position, name=name, outcome="ticked" if name in ticked else "open", finding_en=label.en,
            finding_zh=label.zh, remark=said.get(name, "").strip()[:500],
        )
        for position, (name, label) in enumerate(PERSONAL.items(), start=before + 1)
    ]  # fmt: skip


def act(work: Work, number: str, action: str, reason: str = "") -> Request:
    """Any action of a request but accepting, which needs the checklist; a question and its answer are messages too."""
    if action == "accept":
        raise Refused(
            f"{number} is accepted on the page of its contract review.", f"请在 {number} 的合同评审页面受理。"
        )
    if action == "decline":
        decide(work, number, action, reason=reason)
        return request_by_number(work.session, number, work.actor)
    request = items.act_on_request(work, number, action, reason)
    if action in ("ask_back", "answer"):
        messages.say(work, request, reason)
    return request


def propose_deviation(work: Work, number: str, text: str) -> Deviation:
    """The laboratory proposes to depart from a method; it counts when the company agrees."""
    work.actor.require("request.review")
    request = request_by_number(work.session, number, work.actor)
    if request.state not in (*OPEN, "accepted"):
        raise Refused(
            f"{number} is '{request.state}'; nothing is agreed any more.", f"{number} 当前状态不能再约定偏离。"
        )
    if not text.strip() or len(text) > LONGEST:
        raise BadInput("Describe the deviation.", "请描述偏离内容。")
    deviation = Deviation(request_id=request.id, text=text.strip(), asked_at=work.now, asked_by_id=_person(work))
    work.session.add(deviation)
    work.session.flush()
    work.record("request", number, "propose_deviation", deviation=deviation.id, text=deviation.text)
    return deviation


def answer_deviation(work: Work, number: str, deviation_id: int, answer: str, note: str = "") -> Deviation:
    """The company agrees or refuses; the laboratory may withdraw what is not agreed. An answer is given once."""
    request = request_by_number(work.session, number, work.actor)
    deviation = work.session.scalar(
        sa.select(Deviation).where(Deviation.id == deviation_id, Deviation.request_id == request.id)
    )
    if deviation is None:
        raise NotFound("There is no such deviation.", "没有该偏离。")
    if answer == "withdrawn":
        work.actor.require("request.review")
    elif answer in ("agreed", "refused"):
        require_company(work)
    else:
        raise BadInput("Agree or refuse.", "请选择同意或不同意。")
    if deviation.answer not in (("", "refused") if answer == "withdrawn" else ("",)):
        raise Refused("The deviation is answered already.", "该偏离已答复。")
    deviation.answer, deviation.answered_at, deviation.answered_by_id = answer, work.now, _person(work)
    deviation.note = note.strip()[:LONGEST]
    if answer == "agreed":
        request.deviations = "\n".join(filter(None, (request.deviations, deviation.text)))
    work.record("request", number, "answer_deviation", deviation=deviation.id, answer=answer)
    return deviation


def require_company(work: Work) -> None:
    """Consent is the company's own: nobody of the laboratory gives it in its place."""
    if Role.COMPANY not in work.actor.roles:
        raise Refused(
            "Only the company itself can answer this; it does so on its page of the request.",
            "须由委托单位本身答复；委托单位可在该委托页面上答复。",
        )


def _person(work: Work) -> int:
    if work.actor.id is None:
        raise Refused("A named person agrees on a contract.", "合同事项须由具名人员处理。")
    return work.actor.id
