"""Every state machine of the laboratory as one table, and the two functions that read it.

`refusal` asks whether an action is possible and answers None or *the sentence the user reads*; `move` asks
the same and then does it. Buttons, tool tips, the 409 page and the tests all use `refusal`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from lims import audit
from lims.errors import NO_REASON, Sentence, refuse
from lims.labels import action_label, state_label
from lims.permissions import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a guard may ask beside the record itself; gathered by the operation."""

    reason: str = ""
    competent: bool = True  # the actor is authorised for this method and activity today
    sampled: bool = False  # the actor took the item as a sample of a spot check
    missing: tuple[Sentence, ...] = ()  # what still has to be given before this step


Guard = Callable[[Any, Actor, Facts], Sentence | None]


def reason_given(_subject: Any, _actor: Actor, facts: Facts) -> Sentence | None:
    """The step needs a reason in words."""
    if facts.reason.strip():
        return None
    return NO_REASON


def competent(_subject: Any, actor: Actor, facts: Facts) -> Sentence | None:
    """The actor is authorised for this method and activity (ISO/IEC 17025 clause 6.2.6)."""
    if facts.competent:
        return None
    return Sentence(
        f"{actor.name} is not authorised for this method and activity today; the quality manager can authorise.",
        f"{actor.name} 目前未获得该方法和该项活动的授权；质量负责人可以授权。",
    )


def not_the_sampler(_subject: Any, actor: Actor, facts: Facts) -> Sentence | None:
    """Who took a sample of a spot check may not test it (Zhejiang regulation on inspection bodies, article 36)."""
    if not facts.sampled:
        return None
    return Sentence(
        f"{actor.name} took this sample for the spot check and may not test it; another colleague has to.",
        f"{actor.name} 是该监督抽查样品的抽样人员，不得承担其检测；须由其他人员进行。",
    )


def complete(_subject: Any, _actor: Actor, facts: Facts) -> Sentence | None:
    """Nothing that this step needs is missing."""
    return facts.missing[0] if facts.missing else None


def the_tester(subject: Any, actor: Actor, _facts: Facts) -> Sentence | None:
    """A result is submitted by the one who evaluated it, so that the four-eyes rule knows who tested."""
    if actor.id == subject.tested_by_id:
        return None
    return Sentence(
        f"{subject.number} is a colleague's, who has to submit it; you can evaluate the run, or do the test, yourself.",
        f"{subject.number} 由另一位同事完成，须由其本人提交；您也可以自行计算该试验记录或重做该试验。",
    )


def _tested(subject: Any) -> frozenset[int | None]:
    """Everybody who tested: the one who submits, and on a record that several wrote, each of them."""
    return frozenset({subject.tested_by_id, *getattr(subject, "writers", ())})


def not_the_tester(subject: Any, actor: Actor, _facts: Facts) -> Sentence | None:
    """Four eyes: who tested may not review."""
    if actor.id is None or actor.id not in _tested(subject):
        return None
    return Sentence(
        f"{actor.name} submitted this result and cannot also review it; another reviewer has to.",
        f"{actor.name} 提交了该结果，不能再审核；须由另一位审核人审核。",
    )


def neither_tester_nor_reviewer(subject: Any, actor: Actor, _facts: Facts) -> Sentence | None:
    """Six eyes: who tested or reviewed may not authorise."""
    if actor.id is None or actor.id not in {*_tested(subject), subject.reviewed_by_id}:
        return None
    return Sentence(
        f"{actor.name} tested or reviewed this and cannot also authorise it; another signatory has to.",
        f"{actor.name} 已参与检测或审核，不能再批准；须由另一位授权签字人批准。",
    )


def not_the_amender(subject: Any, actor: Actor, _facts: Facts) -> Sentence | None:
    """Four eyes: who opened an amendment wrote its reason and may neither check nor authorise it."""
    if actor.id is None or actor.id not in getattr(subject, "amenders", ()):
        return None
    return Sentence(
        f"{actor.name} opened this amendment and can neither check nor authorise it; a colleague has to.",
        f"{actor.name} 开具了该修改报告，不能再校核或批准；须由其他人员进行。",
    )


class Transition(NamedTuple):
    """One arrow of a machine."""

    action: str
    sources: tuple[str, ...]
    target: str
    permission: str
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of record and its arrows."""

    kind: str
    initial: str
    transitions: tuple[Transition, ...]

    def transition(self, action: str) -> Transition:
        """The arrow of this name; `KeyError` if the machine has none."""
        for transition in self.transitions:
            if transition.action == action:
                return transition
        raise KeyError(f"{self.kind} has no action '{action}'")

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order of the table."""
        arrows = [state for t in self.transitions for state in (*t.sources, t.target)]
        return tuple(dict.fromkeys([self.initial, *arrows]))


T = Transition
# fmt: off
REQUEST = Machine("request", "draft", (
    T("submit",       ("draft",),                    "submitted",    "request.write",  (complete,)),
    T("start_review", ("submitted",),                "under_review", "request.review"),
    T("accept",       ("under_review",),             "accepted",     "request.review", (complete,)),
    T("ask_back",     ("submitted", "under_review"), "asked_back",   "request.review", (reason_given,)),
    T("answer",       ("asked_back",),               "under_review", "request.write",  (reason_given,)),
    T("decline",      ("submitted", "under_review", "asked_back"), "declined", "request.review", (reason_given,)),
    T("return",       ("submitted", "under_review", "asked_back"), "draft", "request.review", (reason_given,)),
    T("complete",     ("accepted",),                 "completed",    "request.review", (complete,)),
    T("cancel",       ("draft", "submitted", "under_review", "asked_back", "accepted"), "cancelled", "request.write",
      (reason_given, complete)),
))
ITEM = Machine("item", "expected", (
    T("receive",      ("expected",),                 "received",     "item.handle",    (complete,)),
    T("accept",       ("received",),                 "accepted",     "item.handle",    (complete,)),
    T("refuse",       ("expected", "received"),      "refused",      "item.handle",    (reason_given,)),
    T("start_test",   ("accepted",),                 "in_test",      "run.record"),
    T("keep",         ("accepted", "in_test"),       "kept",         "item.handle"),
    T("hand_back",    ("refused", "kept"),           "returned",     "item.handle"),
    T("dispose",      ("refused", "kept"),           "disposed",     "item.handle",    (reason_given, complete)),
))
JOB = Machine("job", "planned", (
    T("start",        ("planned",),                  "running",      "run.record",
      (not_the_sampler, competent, complete)),
    T("measure",      ("running",),                  "measured",     "run.record"),
    T("use_record",   ("planned",),                  "measured",     "run.record",     (not_the_sampler, competent)),
    T("finish",       ("measured",),                 "done",         "result.authorise"),
    T("reopen",       ("done",),                     "measured",     "result.authorise", (reason_given,)),
    T("take_back",    ("measured",),                 "done",         "result.authorise", (reason_given, complete)),
    T("abandon",      ("planned", "running", "measured"), "abandoned", "job.plan",     (reason_given,)),
    T("call_off",     ("planned", "measured"),       "abandoned",    "request.write",  (reason_given,)),
))
RUN = Machine("run", "prepared", (
    T("record",       ("prepared",),                 "recording",    "run.record"),
    T("seal",         ("recording",),                "sealed",       "run.record",     (complete,)),
    T("abort",        ("prepared", "recording"),     "aborted",      "run.record",     (reason_given,)),
))
RESULT = Machine("result", "recorded", (
    T("submit",       ("recorded",),                 "submitted",    "result.record",
      (the_tester, not_the_sampler, competent)),
    T("review",       ("submitted",),                "reviewed",     "result.review",
      (not_the_tester, not_the_sampler, competent)),
    T("authorise",    ("reviewed",),                 "authorised",   "result.authorise",
      (neither_tester_nor_reviewer, competent)),
    T("send_back",    ("submitted",),                "recorded",     "result.review",  (reason_given,)),
    T("refer_back",   ("reviewed",),                 "recorded",     "result.authorise", (reason_given,)),
    T("void",         ("recorded", "submitted", "reviewed"), "void", "result.record",  (reason_given,)),
))
MANUAL = Machine("manual", "open", (
    T("submit",       ("open",),                     "submitted",    "result.record",
      (the_tester, not_the_sampler, competent, complete)),
    T("review",       ("submitted",),                "reviewed",     "result.review",
      (not_the_tester, not_the_sampler, competent)),
    T("authorise",    ("reviewed",),                 "authorised",   "result.authorise",
      (neither_tester_nor_reviewer, competent, complete)),
    T("send_back",    ("submitted",),                "open",         "result.review",  (reason_given,)),
    T("refer_back",   ("reviewed",),                 "open",         "result.authorise", (reason_given,)),
    T("void",         ("open", "submitted", "reviewed"), "void",     "result.record",  (reason_given,)),
))
REPORT = Machine("report", "drafted", (
    T("check",        ("drafted",),                  "checked",      "report.check",
      (not_the_tester, not_the_amender, competent)),
    T("authorise",    ("checked",),                  "authorised",   "report.authorise",
      (neither_tester_nor_reviewer, not_the_amender, competent, complete)),
    T("issue",        ("authorised",),               "issued",       "report.authorise", (complete,)),
    T("send_back",    ("drafted", "checked", "authorised"), "discarded", "report.check", (reason_given,)),
    T("supersede",    ("issued",),                   "superseded",   "report.authorise", (reason_given,)),
    T("withdraw",     ("issued",),                   "withdrawn",    "report.withdraw", (reason_given,)),
))
SAMPLING = Machine("sampling", "draft", (
    T("sign",         ("draft",),                    "signed",       "sampling.write", (complete,)),
    T("reopen",       ("draft", "signed"),           "draft",        "sampling.write", (reason_given,)),
    T("decline",      ("draft",),                    "declined",     "sampling.write", (reason_given,)),
    T("cancel",       ("draft", "signed"),           "cancelled",    "sampling.write", (reason_given,)),
    T("order",        ("signed",),                   "ordered",      "request.review", (complete,)),
))
OBJECTION = Machine("objection", "raised", (
    T("accept",       ("raised",),                   "accepted",     "objection.decide", (reason_given,)),
    T("refuse",       ("raised",),                   "refused",      "objection.decide", (reason_given,)),
    T("withdraw",     ("raised", "accepted"),        "withdrawn",    "objection.raise", (reason_given,)),
    T("hand_over",    ("accepted",),                 "retesting",    "item.handle",    (complete,)),
    T("confirm",      ("retesting",),                "confirmed",    "objection.decide", (reason_given,)),
    T("overturn",     ("retesting",),                "overturned",   "objection.decide", (reason_given,)),
    T("settle",       ("accepted", "overturned"),    "settled",      "report.withdraw", (reason_given, complete)),
))
# fmt: on
MACHINES = {machine.kind: machine for machine in (REQUEST, ITEM, JOB, RUN, RESULT, MANUAL, REPORT, SAMPLING, OBJECTION)}


def _zh(machine: Machine, state: str) -> str:
    return state_label(machine.kind, state).zh


def _en(machine: Machine, state: str) -> str:
    return state_label(machine.kind, state).en


def refusal(machine: Machine, action: str, subject: Any, actor: Actor, facts: Facts = Facts()) -> Sentence | None:
    """Why ``actor`` cannot do ``action`` to ``subject`` now; None if nothing stands against it."""
    transition = machine.transition(action)
    if not actor.may(transition.permission):
        return Sentence(
            f"Your role does not include '{action.replace('_', ' ')}' for a {machine.kind}.",
            f"您的角色无权对此记录执行“{action_label(machine.kind, action).zh}”操作。",
        )
    if subject.state not in transition.sources:
        return Sentence(
            f"{subject.number} is '{_en(machine, subject.state)}'; '{action.replace('_', ' ')}' needs it to be "
            f"'{' or '.join(_en(machine, one) for one in transition.sources)}'.",
            f"{subject.number} 当前状态为“{_zh(machine, subject.state)}”，"
            f"该操作要求状态为“{'/'.join(_zh(machine, one) for one in transition.sources)}”。",
        )
    sentences = (guard(subject, actor, facts) for guard in transition.guards)
    return next((sentence for sentence in sentences if sentence is not None), None)


def move(
    session: Session,
    machine: Machine,
    action: str,
    subject: Any,
    actor: Actor,
    *,
    at: datetime,
    facts: Facts = Facts(),
    detail: dict[str, object] | None = None,
) -> None:
    """Do ``action`` to ``subject`` and append the event, or raise `Refused` with the sentence and change nothing.

    The row is locked and read again first: of two clicks at once the second meets the state the first left.
    """
    session.flush()
    # "of": PostgreSQL locks no row on the nullable side of a join, and a record brings its people and company along.
    session.refresh(subject, with_for_update={"of": type(subject)})
    refuse(refusal(machine, action, subject, actor, facts))
    source, subject.state = subject.state, machine.transition(action).target
    audit.record(
        session, at=at, actor=actor, kind=machine.kind, subject=subject.number, action=action,
        source=source, target=subject.state, reason=facts.reason.strip(), detail=detail,
    )  # fmt: skip


def possible(machine: Machine, subject: Any, actor: Actor) -> list[tuple[str, Sentence | None]]:
    """The actions of ``subject``'s state that the actor's role includes, each with what stands against it.

    Reasons are asked for in the form itself, so a missing reason does not disable a button here.
    """
    facts = Facts(reason="asked for in the form")
    here = [t for t in machine.transitions if subject.state in t.sources and actor.may(t.permission)]
    return [(t.action, refusal(machine, t.action, subject, actor, facts)) for t in here]


def needs_reason(machine: Machine, action: str) -> bool:
    """Whether the form of this action asks for a reason."""
    return reason_given in machine.transition(action).guards
