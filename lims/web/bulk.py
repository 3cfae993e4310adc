"""What can be done to many rows of a list at once: each row is answered on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lims.contracts import operations as contracts
from lims.errors import HeliobenchError, NotFound, Sentence
from lims.items import operations as items
from lims.labels import Label, action_label
from lims.laboratory import Work
from lims.lists.declaration import SIZES
from lims.notices import operations as notices
from lims.orders import operations as orders
from lims.parties import competence, staff
from lims.permissions import SIGNED_IN
from lims.results import operations as results
from lims.web import access
from lims.workflow import ITEM, JOB, REQUEST, RESULT, Facts, Machine, needs_reason

MOST = SIZES[-1]  # rows of the largest page
Verb = Callable[[Work, str, str, str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """One action for many rows: ``verb`` does it to one of them, given number, action and reason.

    permission: whoever may do it to one may do it to many. label: as the button of one record is called. reason:
    whether one must be given. brief: where every row was done, the list is shown again instead of what became of each.
    """

    action: str
    label: Label
    permission: str
    verb: Verb
    reason: bool = False
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row; ``why`` is the sentence of a refusal."""

    number: str
    why: Sentence | None


def _step(machine: Machine, action: str, verb: Verb) -> Bulk:
    """An action of a workflow."""
    return Bulk(
        action=action, label=action_label(machine.kind, action), permission=machine.transition(action).permission,
        verb=verb, reason=needs_reason(machine, action),
    )  # fmt: skip


def _request(work: Work, number: str, action: str, reason: str) -> object:
    return contracts.act(work, number, action, reason)


def _item(work: Work, number: str, action: str, reason: str) -> object:
    return items.act(work, number, action, reason=reason)


def _job(work: Work, number: str, action: str, reason: str) -> object:
    return orders.act_on_job(work, number, action, Facts(reason=reason))


def _result(work: Work, number: str, action: str, reason: str) -> object:
    return results.act(work, number, action, reason)


def _mail(work: Work, number: str, _action: str, _reason: str) -> object:
    return notices.send_again(work, _index(number))


def _notice(work: Work, number: str, _action: str, _reason: str) -> object:
    return notices.read(work, _index(number))


def _renew(work: Work, number: str, _action: str, reason: str) -> object:
    return competence.renew_ending(work, number, basis=reason)


def _close(work: Work, number: str, _action: str, reason: str) -> object:
    return staff.deactivate(work, number, reason)


def _index(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound(f"There is no row '{text[:40]}'.", f"没有“{text[:40]}”这一行。")
    return int(text)


# By the name of the list. What asks for a signature, a checklist or for more than a reason is done one by one.
BULK: dict[str, tuple[Bulk, ...]] = {
    "requests": tuple(_step(REQUEST, action, _request) for action in ("submit", "start_review", "complete", "decline")),
    "items": tuple(_step(ITEM, action, _item) for action in ("accept", "keep", "hand_back", "dispose")),
    "jobs": (_step(JOB, "abandon", _job),),
    "results": (_step(RESULT, "submit", _result),),
    "people": (
        Bulk(
            action="renew",
            label=Label("续期即将到期的授权", "Renew authorisations that end soon", "primary"),
            permission="competence.manage",
            verb=_renew,
            reason=True,
        ),
        Bulk(
            action="close",
            label=Label("停用账户", "Close the account", "danger"),
            permission="people.manage",
            verb=_close,
            reason=True,
        ),
    ),
    "mails": (
        Bulk(
            action="send_again",
            label=Label("再次发送", "Send again", "primary"),
            permission="mail.send",
            verb=_mail,
            brief=True,
        ),
    ),
    "notices": (
        Bulk(
            action="read",
            label=Label("标为已读", "Mark as read", "primary"),
            permission=SIGNED_IN,
            verb=_notice,
            brief=True,
        ),
    ),
}


def offered(list_name: str) -> list[Bulk]:
    """The actions for many rows of a list that the reader may do."""
    actor = access.actor()
    return [one for one in BULK.get(list_name, ()) if one.permission == SIGNED_IN or actor.may(one.permission)]


def do(what: Bulk, numbers: Iterable[str], reason: str) -> Iterator[Outcome]:
    """Each row in a transaction of its own: a refusal leaves the others as they are."""
    for number in numbers:
        try:
            with access.work() as work:
                what.verb(work, number, what.action, reason)
        except HeliobenchError as refused:
            yield Outcome(number, refused.sentence)
        else:
            yield Outcome(number, None)
