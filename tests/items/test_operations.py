"""Test items: received in a described condition, in somebody's hands, described for their method."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from lims.demonstration import journey, people
from lims.errors import BadInput, Forbidden, Refused
from lims.items import custody, operations, queries
from lims.items.models import Item
from lims.laboratory import Laboratory
from protocols.method import methods

METHOD = methods()[people.METHOD]
ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database


@pytest.fixture
def expected(laboratory: Laboratory, number: Callable[[str], str]) -> str:
    """The number of an item that is announced and has not come."""
    journey.order(laboratory)
    return number("YP")


def _item(laboratory: Laboratory, number: str) -> Item:
    with laboratory.database.read() as session:
        found = queries.by_number(session, number, journey.actor(laboratory, "office"))
        session.refresh(found, ["custody", "properties"])
        return found


def _do(laboratory: Laboratory, number: str, action: str, by: str = "technician", **told: str) -> None:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        operations.act(work, number, action, **told)


@pytest.fixture
def received(laboratory: Laboratory, expected: str) -> str:
    _do(laboratory, expected, "receive", condition="intact", place="A-01")
    return expected


@ONE_KIND
@pytest.mark.parametrize(
    ("told", "said"),
    [({}, "condition"), ({"condition": "intact"}, "where"), ({"condition": " ", "place": "A-01"}, "condition")],
)
def test_receiving_asks_for_condition_and_place(
    laboratory: Laboratory, expected: str, told: dict[str, str], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        _do(laboratory, expected, "receive", **told)
    assert _item(laboratory, expected).custody == []


def test_custody_tells_every_hand_in_order(laboratory: Laboratory, received: str) -> None:
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        custody.hand_over(work, received, place="bench 1", purpose="test")
    _do(laboratory, received, "accept")
    _do(laboratory, received, "keep", by="office")
    _do(laboratory, received, "dispose", by="office", reason="the company does not want it back")
    told = [(one.person.username, one.place, one.purpose) for one in _item(laboratory, received).custody]
    assert told == [
        ("technician", "A-01 1 号货架 rack 1", "收样 receipt"),
        ("office", "bench 1", "test"),
        ("office", "—", "处置 disposed of the company does not want it back"),
    ]


@ONE_KIND
@pytest.mark.parametrize(("place", "purpose"), [("", "test"), ("bench", " ")])
def test_a_hand_over_says_where_and_why(laboratory: Laboratory, received: str, place: str, purpose: str) -> None:
    with (
        pytest.raises(BadInput, match="where the item goes and why"),
        laboratory.work(journey.actor(laboratory, "technician")) as work,
    ):
        custody.hand_over(work, received, place=place, purpose=purpose)


@ONE_KIND
@pytest.mark.parametrize("by", ["shen", "reviewer", "signatory", "quality", "admin"])
def test_only_technician_and_office_handle_an_item(laboratory: Laboratory, received: str, by: str) -> None:
    actor = journey.actor(laboratory, by)
    with pytest.raises(Forbidden), laboratory.work(actor) as work:
        custody.hand_over(work, received, place="x", purpose="y")
    with pytest.raises(Forbidden), laboratory.work(actor) as work:
        operations.state_properties(work, received, {"A_G": 2.0})
    with pytest.raises(Refused, match="role"):
        _do(laboratory, received, "accept", by=by)


def _state(laboratory: Laboratory, number: str, values: dict[str, object], *more: object, **named: object) -> None:
    with laboratory.work(journey.actor(laboratory, "technician")) as work:
        operations.state_properties(work, number, values, *more, **named)


def test_what_the_company_stated_stays_its_own_until_the_laboratory_measures_otherwise(
    laboratory: Laboratory, received: str
) -> None:
    def supplier() -> str:
        return next(one.supplied_by for one in _item(laboratory, received).properties if one.symbol == "A_G")

    given = operations.as_method_input(_item(laboratory, received), METHOD)["A_G"]
    _state(laboratory, received, {"A_G": given})
    assert supplier() == "company"
    _state(laboratory, received, {"A_G": given + 0.01}, uncertainties={"A_G": 0.02})
    assert supplier() == "laboratory"
    (common,) = operations.uncertainties_of(_item(laboratory, received), METHOD)
    assert (common.symbol, common.absolute) == ("A_G", 0.02)


@ONE_KIND
def test_the_aperture_area_is_asked_where_the_order_is_judged_by_it_and_keeps_who_says_so(
    laboratory: Laboratory, received: str
) -> None:
    with pytest.raises(BadInput, match="asks for 'A_a'"):
        _state(laboratory, received, {"A_a": 1.8})
    with laboratory.database.write() as session:
        session.execute(sa.text("update request set judged_by = 'gbt6424-2021'"))
    with pytest.raises(BadInput, match="'neighbour' supplies no data"):
        _state(laboratory, received, {"A_a": 1.8}, supplied_by={"A_a": "neighbour"})
    _state(laboratory, received, {"A_a": 1.8}, {"A_a": 0.01}, supplied_by={"A_a": "company"})
    stated = next(one for one in _item(laboratory, received).properties if one.symbol == "A_a")
    assert (stated.number, stated.unit, stated.supplied_by) == (1.8, "m2", "company")
    assert "A_a" not in operations.as_method_input(_item(laboratory, received), METHOD)


def test_numbers_texts_and_tables_come_back_as_they_were_stated(laboratory: Laboratory, received: str) -> None:
    table = [[0.0, 1000.0], [100.0, 958.4]]
    _state(laboratory, received, {"fluid": "water", "fluid_density": table})
    found = operations.as_method_input(_item(laboratory, received), METHOD)
    assert (found["fluid"], found["fluid_density"]) == ("water", table)


@ONE_KIND
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"colour": "blue"}, "asks for 'colour'; asked are: A_G, "),
        ({"A_G": float("nan")}, "gross area"),
        ({"A_G": "two"}, "gross area"),
        ({"A_G": -1.0}, "gross area"),
        ({"fluid_density": "[[0, 1"}, "pairs of numbers"),
        ({"fluid_density": 7.0}, "pairs of numbers"),
    ],
)
def test_a_property_that_cannot_be_is_refused_when_it_is_stated(
    laboratory: Laboratory, received: str, values: dict[str, object], said: str
) -> None:
    before = operations.as_method_input(_item(laboratory, received), METHOD)
    with pytest.raises(BadInput, match=said):
        _state(laboratory, received, values)
    assert operations.as_method_input(_item(laboratory, received), METHOD) == before


@ONE_KIND
def test_a_text_that_begins_like_a_table_is_a_text(laboratory: Laboratory, received: str) -> None:
    _state(laboratory, received, {"fluid": "[glycol 40 %"})
    assert operations.as_method_input(_item(laboratory, received), METHOD)["fluid"] == "[glycol 40 %"


@ONE_KIND
@pytest.mark.parametrize("uncertainty", [-0.1, float("nan"), float("inf")])
def test_an_uncertainty_that_cannot_be_is_refused(laboratory: Laboratory, received: str, uncertainty: float) -> None:
    with pytest.raises(BadInput, match="uncertainty of A_G"):
        _state(laboratory, received, {}, uncertainties={"A_G": uncertainty})
