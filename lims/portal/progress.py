"""Where an order stands: its stations with days, whether it is late and why, and what happens next in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from lims.clock import day_of
from lims.contracts import queries as contracts
from lims.errors import Sentence
from lims.labels import Label, state_label
from lims.orders.models import Request
from lims.permissions import Actor
from lims.portal.dossier import Dossier
from lims.portal.needed import Need
from lims.review.queries import Happening, history_of
from lims.workdays import calendar

ENDED = ("declined", "cancelled")
MEASURED = ("measured", "done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One stage of an order: the day it was reached, or the day it is expected. mark: done, now, ended or empty."""

    label: Label
    on: date | None
    expected: date | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """How many working days an order is behind the day agreed, and the reason as it stands in the record, if any."""

    due: date
    working_days: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where an order stands. turn: whose it is (company, laboratory or empty: nobody's)."""

    dossier: Dossier
    stations: Sequence[Station]
    report_by: date | None
    delay: Delay | None
    turn: str
    next: Sentence


def progress(
    session: Session, found: Dossier, reader: Actor, needs: Sequence[Need], today: date, zone: str
) -> Progress:
    """Where an order stands today; ``needs`` is what waits for the company in it."""
    by = report_by(found, zone)
    turn, sentence = _next(found, needs)
    return Progress(
        dossier=found,
        stations=_marked(found.request, _reached(session, found, reader, zone), by),
        report_by=by,
        delay=_delay(session, found, by, today),
        turn=turn,
        next=sentence,
    )


def report_by(found: Dossier, zone: str) -> date | None:
    """The day the report is due: as agreed, else the longest test's working days after the item came; None unknown."""
    if found.request.due_on:
        return found.request.due_on
    days = [line.working_days for line in found.request.tests]
    came = _arrived(found)
    if not days or came is None or None in days:
        return None
    return calendar().after(day_of(came, zone), max(day for day in days if day is not None))


def _arrived(found: Dossier) -> datetime | None:
    """When the last of the items came; None while one is awaited. An item refused at the door does not count."""
    came = [one.received_at for one in found.whole if one.received_at or one.state == "expected"]
    moments = [one for one in came if one]
    return max(moments) if moments and len(moments) == len(came) else None


def _reached(session: Session, found: Dossier, reader: Actor, zone: str) -> list[tuple[Label, date | None]]:
    """The stations in their order, each with the day it was reached."""
    events = history_of(session, [found.request.number, *(one.number for one in found.jobs)], reader)
    live = [one for one in found.jobs if one.state != "abandoned"]
    measured = bool(live) and all(one.state in MEASURED for one in live)
    issued = [one.issue.issued_at for one in found.reports if one.issue]
    moments = (
        (SUBMITTED, _last(events, "submit")),
        (ACCEPTED, _last(events, "accept")),
        (ARRIVED, _arrived(found)),
        (TESTED, _last(events, "measure", "use_record", "finish") if measured else None),
        (REPORTED, max(issued) if issued and all(one.state == "done" for one in live) else None),
        (COMPLETED, _last(events, "complete")),
    )
    reached = [(label, day_of(at, zone) if at else None) for label, at in moments]
    if found.request.state in ENDED:
        ended = _last(events, "decline", "cancel")
        reached = [one for one in reached if one[1]]
        return [*reached, (state_label("request", found.request.state), day_of(ended, zone) if ended else None)]
    return [(SUBMITTED, None), *reached[1:]] if found.request.state == "draft" else reached


def _last(events: Sequence[Happening], *actions: str) -> datetime | None:
    """When the newest of these events was; the newest comes first."""
    return next((one.at for one in events if one.action in actions and one.kind in ("request", "job")), None)


def _marked(request: Request, reached: Sequence[tuple[Label, date | None]], by: date | None) -> list[Station]:
    """What comes after the first station not reached is to come; an order that ended early has its end as the last."""
    if request.state in ENDED:
        *before, (label, on) = reached
        return [
            *(Station(label=one, on=day, mark="done") for one, day in before),
            Station(label=label, on=on, mark="ended"),
        ]
    first = next((place for place, (_, on) in enumerate(reached) if on is None), len(reached))
    return [
        Station(
            label=label, on=on, expected=by if label is REPORTED and on is None else None,
            mark="done" if on else "now" if place == first else "",
        )
        for place, (label, on) in enumerate(reached)
    ]  # fmt: skip


def _delay(session: Session, found: Dossier, by: date | None, today: date) -> Delay | None:
    if by is None or by >= today or found.reports or found.request.state not in ("accepted", "under_review"):
        return None
    moved = [one for one in contracts.amendments(session, found.request) if one.field == "due_on"]
    return Delay(due=by, working_days=calendar().between(by, today), reason=moved[0].reason if moved else "")


def _next(found: Dossier, needs: Sequence[Need]) -> tuple[str, Sentence]:
    """Whose turn it is, and the sentence that tells."""
    urgent = [one for one in needs if one.kind not in ("message", "objection", "item_kept")]
    if urgent:
        return "company", urgent[0].sentence
    if found.request.state != "accepted":
        return BY_STATE[found.request.state]
    return "laboratory", _in_test(found)


def _in_test(found: Dossier) -> Sentence:
    """What the laboratory does next with an accepted order."""
    if any(one.state == "expected" for one in found.whole):
        return Sentence("The samplers bring the sealed samples.", "封样样品由抽样人员送达。")
    if any(one.state == "received" and not one.is_backup for one in found.whole):
        return Sentence("The laboratory examines the item.", "本中心将检查样品。")
    live = [one for one in found.jobs if one.state != "abandoned"]
    if len(live) < len(found.request.tests):
        return Sentence("The laboratory plans the tests.", "本中心将安排检测。")
    if any(one.state == "running" for one in live):
        return Sentence("The test is under way.", "检测正在进行。")
    planned = [one.planned_on for one in live if one.state == "planned"]
    if planned:
        return Sentence(f"The next test is planned for {min(planned)}.", f"下一项检测计划于 {min(planned)} 进行。")
    if any(one.state == "measured" for one in live):
        return Sentence("The results are evaluated, reviewed and authorised.", "检测结果正在计算、审核和批准。")
    if not found.reports:
        return Sentence("The report is written, checked and signed.", "检测报告正在编制、校核和签发。")
    return Sentence("The reports are there; the laboratory closes the order.", "检测报告已签发；本中心将办结委托。")


SUBMITTED, ACCEPTED = Label("提交", "submitted"), Label("受理", "accepted")
ARRIVED, TESTED = Label("样品到达", "item arrived"), Label("测量完毕", "measured")
REPORTED, COMPLETED = Label("报告签发", "report issued"), Label("办结", "completed")
NOTHING = Sentence("Nothing more is to be done.", "无后续事项。")
BY_STATE: dict[str, tuple[str, Sentence]] = {
    "draft": ("company", Sentence("Complete the draft and submit it.", "请补充草稿并提交。")),
    "submitted": ("laboratory", Sentence("The laboratory begins the contract review.", "本中心将开始合同评审。")),
    "under_review": (
        "laboratory",
        Sentence("The laboratory checks whether it can do the tests as asked.", "本中心正在评审能否按要求检测。"),
    ),
    "asked_back": ("company", Sentence("Answer the laboratory's question.", "请答复本中心提出的问题。")),
    "declined": ("", Sentence("The laboratory declined this order; see the reason.", "本中心不受理该委托；请见理由。")),
    "cancelled": ("", Sentence("This order was cancelled.", "该委托已撤销。")),
    "completed": ("", NOTHING),
}
