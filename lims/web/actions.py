"""The buttons of a record: what its state and the reader's role allow, and the sentence that stands against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import flash, request
from flask_babel import gettext

from lims import workflow
from lims.errors import Sentence
from lims.labels import Label, action_label, state_label
from lims.parties.operations import confirm_password
from lims.web.access import actor, laboratory, seen_mark, signed_in
from lims.web.language import language, msgid

# A signature: whoever signs types the password again (the meaning of the signature is the action's name).
SIGNED = frozenset(
    {
        ("result", "review"),
        ("result", "authorise"),
        ("manual", "review"),
        ("manual", "authorise"),
        ("report", "check"),
        ("report", "authorise"),
        ("report", "issue"),
    }
)
ASKS = {("request", "ask_back"): msgid("Question"), ("request", "answer"): msgid("Answer")}  # instead of a reason
SLOW = frozenset({("report", "issue")})  # about two seconds: the button shows that work is under way
NOTE = "note:"  # a field's name begins with it: what a reviewer notes on one line
LONGEST_REASON = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One action as it is offered."""

    action: str
    label: Label
    refusal: Sentence | None
    reason: bool
    password: bool
    slow: bool
    seen: str
    asks: str

    @property
    def opens(self) -> bool:
        """Whether the button opens a small form first."""
        return self.reason or self.password


def buttons(
    machine: workflow.Machine, subject: Any, against: Mapping[str, Sequence[Sentence]] = MappingProxyType({})
) -> list[Button]:
    """The actions offered to the reader, the signing and forward ones first.

    against: by action, what else is known to stand against it.
    """
    found = [
        Button(
            action=action,
            label=action_label(machine.kind, action),
            refusal=refusal or next(iter(against.get(action, ())), None),
            reason=workflow.needs_reason(machine, action),
            password=(machine.kind, action) in SIGNED,
            slow=(machine.kind, action) in SLOW,
            asks=ASKS.get((machine.kind, action), ""),
            seen=seen_mark(machine.kind, subject.number),
        )
        for action, refusal in workflow.possible(machine, subject, actor())
    ]
    return sorted(found, key=lambda button: button.label.tone != "primary")


def tell_done(machine: workflow.Machine, number: str, action: str) -> None:
    """Say on the next page what was done, and what the record is now."""
    done, now = action_label(machine.kind, action), state_label(machine.kind, machine.transition(action).target)
    code = language()
    flash(f"{number}{gettext(': ')}{done.in_language(code)} → {now.in_language(code)}", "good")


def confirm_signature(machine: workflow.Machine, action: str) -> None:
    """Ask for the password of a signing action; `Refused` if it is missing or wrong."""
    if (machine.kind, action) in SIGNED:
        typed, address = request.form.get("password", ""), request.remote_addr or ""
        confirm_password(laboratory(), signed_in(), typed, address=address)


def reason_given() -> str:
    """The reason of the form, with the notes that stand beside its lines: ``a1: too wide``."""
    form = request.form
    notes = [f"{name.removeprefix(NOTE)}: {text.strip()}" for name, text in form.items() if name.startswith(NOTE)]
    told = [form.get("reason", "").strip(), *(note for note in notes if not note.endswith(": "))]
    return "\n".join(one for one in told if one)[:LONGEST_REASON]
