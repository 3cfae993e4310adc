"""What can be done to many rows of a list at once: each row is answered on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lims.contracts import operations as contracts
from lims.errors import HeliobenchError, Sentence
from lims.items import operations as items
from lims.labels import Label, action_label
from lims.laboratory import Work
from lims.lists.declaration import SIZES
from lims.orders import operations as orders
from lims.results import operations as results
from lims.web import access
from lims.workflow import ITEM, JOB, REQUEST, RESULT, Facts, Machine, needs_reason

MOST = SIZES[-1]  # rows of the largest page
Verb = Callable[[Work, str, str, str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """One action for many rows: ``verb`` does it to one of them, given number, action and reason."""

    machine: Machine
    action: str
    verb: Verb

    @property
    def permission(self) -> str:
        """Whoever may do it to one may do it to many."""
        return self.machine.transition(self.action).permission

    @property
    def label(self) -> Label:
        """As the button of one record is called."""
        return action_label(self.machine.kind, self.action)

    @property
    def reason(self) -> bool:
        """Whether a reason must be given."""
        return needs_reason(self.machine, self.action)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row; ``why`` is the sentence of a refusal."""

    number: str
    why: Sentence | None


def _request(work: Work, number: str, action: str, reason: str) -> object:
    return contracts.act(work, number, action, reason)


def _item(work: Work, number: str, action: str, reason: str) -> object:
    return items.act(work, number, action, reason=reason)


def _job(work: Work, number: str, action: str, reason: str) -> object:
    return orders.act_on_job(work, number, action, Facts(reason=reason))


def _result(work: Work, number: str, action: str, reason: str) -> object:
    return results.act(work, number, action, reason)


# By the name of the list. What asks for a signature, a checklist or for more than a reason is done one by one.
BULK: dict[str, tuple[Bulk, ...]] = {
    "requests": tuple(
        Bulk(machine=REQUEST, action=action, verb=_request)
        for action in ("submit", "start_review", "complete", "decline")
    ),
    "items": tuple(
        Bulk(machine=ITEM, action=action, verb=_item) for action in ("accept", "keep", "hand_back", "dispose")
    ),
    "jobs": (Bulk(machine=JOB, action="abandon", verb=_job),),
    "results": (Bulk(machine=RESULT, action="submit", verb=_result),),
}


def offered(list_name: str) -> list[Bulk]:
    """The actions for many rows of a list that the reader may do."""
    return [one for one in BULK.get(list_name, ()) if access.actor().may(one.permission)]


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
