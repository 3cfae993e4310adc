"""What this laboratory offers: every method, and what stands against taking an order for it today.

An order is taken for a method whose quantities one of the benches measures, and for which somebody is authorised to
test, to review and to authorise (ISO/IEC 17025 clauses 6.2.6 and 7.1.1 b).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from instruments.bench import Bench
from lims.equipment.benches import benches
from lims.errors import Sentence
from lims.labels import ACTIVITIES
from lims.parties import queries as party_queries
from protocols.method import Method, methods


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A method, the benches that can measure for it, and what stands against it; nothing if it is offered.

    lacking: by bench, the quantities of the method that it does not measure.
    """

    method: Method
    benches: tuple[str, ...]
    lacking: Mapping[str, tuple[str, ...]]
    against: tuple[Sentence, ...]


def offers(session: Session, day: date) -> dict[str, Offer]:
    """Every method by id."""
    authorised, there = party_queries.competences(session, day), benches()
    return {method.id: _offer(method, authorised, there) for method in methods().values()}


def by_standard(given: Mapping[str, Offer]) -> dict[str, list[Offer]]:
    """The same in groups by standard and edition, e.g. "GB/T 4271-2021", as a form lists them."""
    groups: dict[str, list[Offer]] = {}
    for one in given.values():
        groups.setdefault(one.method.reference, []).append(one)
    return dict(sorted(groups.items()))


def _offer(method: Method, authorised: Collection[tuple[str, str]], there: Sequence[Bench]) -> Offer:
    lacking = {one.name: tuple(symbol for symbol in method.inputs if symbol not in one.units) for one in there}
    able = tuple(name for name, symbols in lacking.items() if not symbols)
    against = (*_unable(able, lacking), *_unauthorised(method, authorised))
    return Offer(method=method, benches=able, lacking=lacking, against=against)


def _unable(able: Collection[str], lacking: Mapping[str, tuple[str, ...]]) -> Iterator[Sentence]:
    if not able:
        nearest = min(lacking.values(), key=lambda symbols: len(symbols), default=())
        symbols = ", ".join(nearest)
        yield Sentence(
            f"No bench measures all it needs; the nearest lacks {symbols}.",
            f"没有试验台能测量所需的全部量；最接近的还缺 {symbols}。",
        )


def _unauthorised(method: Method, authorised: Collection[tuple[str, str]]) -> Iterator[Sentence]:
    nobody = [label for activity, label in ACTIVITIES.items() if (method.id, activity) not in authorised]
    if nobody:
        yield Sentence(
            f"Nobody is authorised to {', '.join(label.en for label in nobody)}.",
            f"无人获得授权进行：{'、'.join(label.zh for label in nobody)}。",
        )
