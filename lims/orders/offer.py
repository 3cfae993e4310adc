"""What this laboratory offers: every test, and what stands against taking an order for it today.

An order is taken for a method whose quantities one of the benches measures, and for which somebody is authorised to
test, to review and to authorise (ISO/IEC 17025 clauses 6.2.6 and 7.1.1 b). A manual test needs no bench; its standard's
file may say why it is not offered here.
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
from lims.repertoire import KnownTest, known_tests
from protocols.symbols import QUANTITIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A test, the benches that can measure for it, and what stands against it; nothing if it is offered.

    lacking: by bench, the quantities of the method that it does not measure; a manual test needs no bench.
    """

    test: KnownTest
    benches: tuple[str, ...]
    lacking: Mapping[str, tuple[str, ...]]
    against: tuple[Sentence, ...]


def offers(session: Session, day: date) -> dict[str, Offer]:
    """Every test by code; methods first."""
    authorised, there = party_queries.competences(session, day), benches()
    return {code: _offer(test, authorised, there) for code, test in known_tests().items()}


def method_offers(session: Session, day: date) -> dict[str, Offer]:
    """Those of methods, by id."""
    return {code: one for code, one in offers(session, day).items() if one.test.method}


def by_standard(given: Mapping[str, Offer]) -> dict[str, list[Offer]]:
    """The same in groups by standard and edition, e.g. "GB/T 4271-2021", as a form lists them."""
    groups: dict[str, list[Offer]] = {}
    for one in given.values():
        groups.setdefault(one.test.reference, []).append(one)
    return dict(sorted(groups.items()))


def _offer(test: KnownTest, authorised: Collection[tuple[str, str]], there: Sequence[Bench]) -> Offer:
    method = test.method
    if method is None:
        stands = (*_out_of_scope(test), *_unauthorised(test, authorised))
        return Offer(test=test, benches=(), lacking={}, against=stands)
    lacking = {one.name: tuple(symbol for symbol in method.inputs if symbol not in one.units) for one in there}
    able = tuple(name for name, symbols in lacking.items() if not symbols)
    against = (*_unable(able, lacking), *_unauthorised(test, authorised))
    return Offer(test=test, benches=able, lacking=lacking, against=against)


def _out_of_scope(test: KnownTest) -> Iterator[Sentence]:
    if test.procedure and test.procedure.scope_en:
        yield Sentence(test.procedure.scope_en, test.procedure.scope_zh)


def _unable(able: Collection[str], lacking: Mapping[str, tuple[str, ...]]) -> Iterator[Sentence]:
    if not lacking:
        yield Sentence("There is no bench.", "没有试验台。")
    elif not able:
        nearest = [QUANTITIES[symbol] for symbol in min(lacking.values(), key=len)]
        en, zh = (", ".join(one.name_en for one in nearest), "、".join(one.name_zh for one in nearest))
        yield Sentence(
            f"No bench measures all it needs; the nearest lacks: {en}.",
            f"没有试验台能测量所需的全部量；最接近的还缺：{zh}。",
        )


def _unauthorised(test: KnownTest, authorised: Collection[tuple[str, str]]) -> Iterator[Sentence]:
    needed = {activity: label for activity, label in ACTIVITIES.items() if activity != "sample"}  # only spot checks do
    nobody = [label for activity, label in needed.items() if (test.code, activity) not in authorised]
    if nobody:
        yield Sentence(
            f"Nobody is authorised to {', '.join(label.en for label in nobody)}.",
            f"无人获得授权进行：{'、'.join(label.zh for label in nobody)}。",
        )
