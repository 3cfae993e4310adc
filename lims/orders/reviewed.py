"""What an order is accepted on: a contract review that answers every line of its checklist (17025 clause 7.1.1).

The review itself and its checklist stand above this package (`lims.contracts`); the order asks only that it is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from lims.errors import Sentence
from lims.orders.models import Request

AGAINST = frozenset({"stop", "open"})  # outcomes of a line with which nothing is accepted
TICKED = "ticked"  # by a person: a list that only the system answered is no review


class Line(Protocol):
    """One line of a checklist, as it was decided."""

    @property
    def outcome(self) -> str:
        """How it was answered."""


class Review(Protocol):
    """A contract review as it was decided."""

    @property
    def request_id(self) -> int:
        """Of the request that was reviewed."""

    @property
    def decision(self) -> str:
        """How it ended."""

    @property
    def checks(self) -> Sequence[Line]:
        """The lines of its checklist."""


def against_accepting(request: Request, review: Review | None) -> Iterator[Sentence]:
    """Why a request cannot be accepted on this review; on none it never is."""
    outcomes = {line.outcome for line in review.checks} if review is not None else set()
    mine = review is not None and (review.request_id, review.decision) == (request.id, "accept")
    if not mine or TICKED not in outcomes or outcomes & AGAINST:
        yield Sentence(
            f"{request.number} is accepted on its contract review, with every line of the checklist answered; open the "
            "page of its review.",
            f"{request.number} 须经合同评审、逐项核实后方可受理；请打开其合同评审页面。",
        )
