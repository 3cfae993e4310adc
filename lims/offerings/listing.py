"""What somebody choosing tests reads: each test of a product with price, time, accreditation, and why not, if not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lims.errors import Sentence
from lims.offerings.models import Offering, Product
from lims.repertoire import KnownTest, known_tests

Against = Mapping[str, tuple[Sentence, ...]]
UNKNOWN = Sentence("This program has no such test any more.", "本程序已无此检测项目。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One test of a product as it is offered on a day.

    against: what stands against ordering it today; empty if it can be ordered.
    """

    test: KnownTest
    price: Decimal | None
    working_days: int | None
    schemes: tuple[str, ...]
    against: tuple[Sentence, ...]


def choices(product: Product, day: date, against: Against) -> list[Choice]:
    """The tests of a product that are offered, in the order of the catalogue; one the program lacks is left out."""
    known = known_tests()
    return [
        choice(known[one.test], one, day, against.get(one.test, (UNKNOWN,)))
        for one in product.offerings
        if one.active and one.test in known
    ]


def choice(test: KnownTest, offering: Offering | None, day: date, against: tuple[Sentence, ...]) -> Choice:
    """One test; without price and scope where the product's catalogue does not have it."""
    price = offering.price_on(day) if offering else None
    return Choice(
        test=test,
        price=price.yuan if price else None,
        working_days=price.working_days if price else None,
        schemes=tuple(dict.fromkeys(one.scheme for one in offering.schemes_on(day))) if offering else (),
        against=against,
    )


def total(lines: Sequence[Decimal | None]) -> Decimal | None:
    """The sum; None while one of them has no price, for a sum of some would be read as the sum of all."""
    priced = [one for one in lines if one is not None]
    return sum(priced, Decimal("0.00")) if len(priced) == len(lines) else None
