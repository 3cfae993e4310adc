"""The story of an order as both sides may read it: every step with its day, who did it, and what belongs to it.

Only what stands in `TOLD` is told: a kind of event that is added later stays inside until somebody writes its words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from lims.attachments import queries as attachments
from lims.attachments.models import Attachment
from lims.contracts import queries as contracts
from lims.contracts.amendments import FIELDS
from lims.contracts.models import Amendment
from lims.errors import Sentence
from lims.items.models import Item
from lims.labels import Label
from lims.parties.models import Person
from lims.permissions import STAFF, Actor
from lims.portal.dossier import Dossier
from lims.repertoire import known_tests
from lims.review.queries import Happening, history_of

NOBODY = Label("", "")
PHOTOGRAPHS = 6  # of a receipt, shown in the story; the item's page has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One step. who: a name the reader may know; empty: the laboratory. said: words of whoever did it.

    tone: as of labels (good, wait, stop, work or empty). link: endpoint, its arguments, and the text of the link.
    """

    at: datetime
    sentence: Sentence
    who: Label
    company: bool = False  # done by the company
    said: str = ""
    tone: str = ""
    link: tuple[str, Mapping[str, str], str] | None = None
    photographs: Sequence[Attachment] = field(default=())


TOLD: dict[tuple[str, str], tuple[Sentence, str]] = {
    ("request", "submit"): (Sentence("The request was submitted.", "已提交委托。"), ""),
    ("request", "start_review"): (Sentence("The contract review began.", "合同评审开始。"), "work"),
    ("request", "ask_back"): (Sentence("The laboratory asked a question.", "本中心提出问题，待委托单位答复。"), "wait"),
    ("request", "answer"): (Sentence("The question was answered.", "问题已答复。"), ""),
    ("request", "return"): (Sentence("The request was returned for changes.", "委托退回修改。"), "wait"),
    ("request", "accept"): (Sentence("The request was accepted.", "委托已受理。"), "good"),
    ("request", "decline"): (Sentence("The request was declined.", "委托不予受理。"), "stop"),
    ("request", "cancel"): (Sentence("The request was cancelled.", "委托已撤销。"), "stop"),
    ("request", "complete"): (Sentence("The order is completed.", "委托已办结。"), "good"),
    ("item", "receive"): (Sentence("The item arrived.", "样品已收到。"), "good"),
    ("item", "find"): (Sentence("Something is not as announced.", "样品与委托不符。"), "wait"),
    ("item", "accept"): (Sentence("The item was examined and can be tested.", "样品经检查，可以检测。"), ""),
    ("item", "refuse"): (Sentence("The item was refused.", "样品被拒收。"), "stop"),
    ("item", "keep"): (Sentence("The item is kept in store.", "样品已留样保存。"), ""),
    ("item", "hand_back"): (Sentence("The item was handed back.", "样品已退还。"), ""),
    ("item", "dispose"): (Sentence("The item was disposed of.", "样品已处置。"), ""),
    ("job", "plan"): (Sentence("A test was planned.", "检测已排期。"), ""),
    ("job", "start"): (Sentence("A test began.", "检测开始。"), "work"),
    ("job", "measure"): (Sentence("A measurement is finished.", "测量完毕。"), ""),
    ("job", "use_record"): (Sentence("A measurement is finished.", "测量完毕。"), ""),
    ("job", "finish"): (Sentence("A result was reviewed and authorised.", "检测结果经审核、批准。"), "good"),
    ("report", "issue"): (Sentence("The report was issued.", "检测报告已签发。"), "good"),
    ("report", "supersede"): (Sentence("An amended report replaces this one.", "检测报告已被替代。"), "past"),
    ("report", "withdraw"): (Sentence("The report was withdrawn.", "检测报告已撤回。"), "stop"),
}  # fmt: skip
# Steps whose reason is written for the other side; reasons of steps inside the laboratory stay there.
SAID = {("request", one) for one in ("ask_back", "answer", "return", "decline", "cancel", "accept")} | {
    ("item", "refuse"),
    ("report", "supersede"),
    ("report", "withdraw"),
}
PAGES = {"item": "items.page", "report": "certificates.page"}


def story(session: Session, dossier: Dossier, reader: Actor) -> list[Moment]:
    """Every step of an order that ``reader`` may know of, oldest first."""
    found = [*_events(session, dossier, reader)]
    found += [*_quotations(session, dossier, reader), *_deviations(session, dossier, reader)]
    found += _amendments(session, dossier, reader)
    return sorted(found, key=lambda moment: moment.at)


def _events(session: Session, dossier: Dossier, reader: Actor) -> Iterator[Moment]:
    whole = {one.number: one for one in dossier.items if not one.parent_number}
    subjects = [dossier.request.number, *whole, *(one.number for one in dossier.jobs)]
    subjects += [one.number for one in dossier.reports]
    for event in history_of(session, subjects, reader):
        told = TOLD.get((event.kind, event.action))
        if told is not None:
            yield Moment(
                at=event.at,
                sentence=told[0],
                who=event.who,
                company=bool(event.who.zh) and not reader.roles & STAFF,
                said=event.reason if (event.kind, event.action) in SAID else "",
                tone=told[1],
                link=_link(event),
                photographs=_photographs(session, whole.get(event.subject), event, reader),
            )


def _link(event: Happening) -> tuple[str, Mapping[str, str], str] | None:
    endpoint = PAGES.get(event.kind)
    return (endpoint, {"number": event.subject}, event.subject) if endpoint else None


def _photographs(session: Session, item: Item | None, event: Happening, reader: Actor) -> Sequence[Attachment]:
    if item is None or event.action not in ("receive", "refuse"):
        return ()
    files = attachments.of(session, "item", item.number, reader=reader)
    wanted = "refusal" if event.action == "refuse" else "receipt"
    fitting = [one for one in files if one.media_type.startswith("image/") and one.purpose in ("", wanted)]
    return fitting[:PHOTOGRAPHS]


def name_of(person: Person | None, reader: Actor) -> Label:
    """The name of whoever did it, if the reader may know it; a company reads its own people's only."""
    if person is None or (reader.blind and person.company_id is not None):
        return NOBODY
    known = reader.roles & STAFF or person.company_id == reader.company_id
    return Label(person.name_zh, person.name_en or person.name_zh) if known else NOBODY


def _quotations(session: Session, dossier: Dossier, reader: Actor) -> Iterator[Moment]:
    for one in contracts.quotations(session, dossier.request):
        link = ("contracts.quotation_pdf", {"number": dossier.request.number, "quotation": one.number}, one.number)
        yield Moment(at=one.made_at, sentence=QUOTED, who=NOBODY, link=link)
        if one.answer:
            sentence, tone = (ACCEPTED, "good") if one.answer.accepted else (NOT_ACCEPTED, "stop")
            yield Moment(
                at=one.answer.at,
                sentence=sentence,
                who=name_of(one.answer.person, reader),
                company=True,
                said=one.answer.note,
                tone=tone,
                link=link,
            )


def _deviations(session: Session, dossier: Dossier, reader: Actor) -> Iterator[Moment]:
    for one in contracts.deviations(session, dossier.request):
        yield Moment(at=one.asked_at, sentence=DEVIATION, who=NOBODY, said=one.text, tone="wait")
        if one.answer and one.answered_at:
            by = one.answered_by
            yield Moment(
                at=one.answered_at,
                sentence=DEVIATED[one.answer],
                who=name_of(by, reader),
                company=by is not None and by.company_id is not None,
                said=one.note,
                tone="good" if one.answer == "agreed" else "",
            )


def _amendments(session: Session, dossier: Dossier, reader: Actor) -> Iterator[Moment]:
    for one in contracts.amendments(session, dossier.request):
        told = _changed(one)
        sentence = Sentence(f"Amendment: {told.en}.", f"变更：{told.zh}。")
        if one.open:
            sentence = Sentence(f"Amendment proposed: {told.en}.", f"提出变更：{told.zh}，待对方同意。")
        company = one.person.company_id is not None
        yield Moment(
            at=one.at, sentence=sentence, who=name_of(one.person, reader), company=company, said=one.reason,
            tone="wait" if one.open else "", link=("orders.page", {"number": dossier.request.number}, ""),
        )  # fmt: skip
        if one.answer:
            yield Moment(
                at=one.answer.at,
                sentence=AGREED if one.answer.agreed else NOT_AGREED,
                who=name_of(one.answer.person, reader),
                company=not company,
                said=one.answer.note,
                tone="good" if one.answer.agreed else "stop",
            )


def _changed(one: Amendment) -> Label:
    """What is changed: from what to what, in words."""
    label, old, new = FIELDS[one.field].label, _value(one.field, one.old), _value(one.field, one.new)
    return Label(f"{label.zh}：{old.zh} → {new.zh}", f"{label.en}: {old.en} → {new.en}")


def _value(field: str, value: str) -> Label:
    choices, test = FIELDS[field].choices, known_tests().get(value)
    if choices is not None and value in choices():
        return choices()[value]
    return Label(test.title_zh, test.title_en) if test else Label(value or "–", value or "–")


QUOTED = Sentence("A quotation was given.", "已出具报价单。")
ACCEPTED = Sentence("The quotation was accepted.", "报价已接受。")
NOT_ACCEPTED = Sentence("The quotation was not accepted.", "报价未接受。")
DEVIATION = Sentence("A deviation from the method was proposed.", "提出方法偏离。")
DEVIATED = {
    "agreed": Sentence("The deviation was agreed.", "方法偏离已同意。"),
    "refused": Sentence("The deviation was refused.", "方法偏离未获同意。"),
    "withdrawn": Sentence("The deviation was withdrawn.", "方法偏离已撤回。"),
}
AGREED = Sentence("The amendment was agreed.", "变更已同意。")
NOT_AGREED = Sentence("The amendment was refused.", "变更未获同意。")
