"""Items from the door to disposal: receipt with differences, parts, custody, the storage tree, the retention clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from lims.demonstration import journey
from lims.errors import BadInput, Forbidden, Refused, Sentence
from lims.items import custody, keeping, operations, queries, receipt, storage
from lims.items.choices import Retention, retention, told
from lims.items.models import CustodyEntry, Item
from lims.items.receipt import Arrival, Delivery
from lims.items.storage import PlaceForm
from lims.laboratory import Laboratory, Work


class Undo(Exception):
    """Ends a transaction without keeping it."""


@contextmanager
def tried(laboratory: Laboratory, username: str = "technician") -> Iterator[Work]:
    """A verb's transaction that is thrown away at the end: one laboratory serves many tests."""
    with suppress(Undo), laboratory.work(journey.actor(laboratory, username)) as work:
        yield work
        raise Undo


def by(work: Work, laboratory: Laboratory, username: str) -> Work:
    """The same transaction in the name of somebody else."""
    return Work(session=work.session, actor=journey.actor(laboratory, username), laboratory=laboratory)


@pytest.fixture(scope="module")
def house(templates: Callable[..., object], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """One accepted order whose item has not come; tests leave it as it was (SQLite)."""
    with templates("sqlite", "people").copied(tmp_path_factory.mktemp("house") / "instance") as made:  # type: ignore[attr-defined]
        journey.order(made)
        yield made


@pytest.fixture
def order(number: Callable[[str], str]) -> str:
    return number("WT")


@pytest.fixture
def one(number: Callable[[str], str]) -> str:
    return number("YP")


def came(number: str, **found: object) -> Delivery:
    return Delivery(place="A-01", arrivals=[Arrival(number=number, **found)], conditions=["intact"])  # type: ignore[arg-type]


def item(work: Work, number: str) -> Item:
    return queries.by_number(work.session, number, work.actor)


def stored(work: Work, number: str, order: str, **found: object) -> Item:
    """Received, accepted, kept."""
    receipt.receive(work, order, came(number, **found))
    operations.act(work, number, "accept")
    return operations.act(work, number, "keep")


# --- receipt -----------------------------------------------------------------------------------------------------


def test_the_whole_way_on_each_kind_of_database(laboratory: Laboratory, order: str, one: str) -> None:
    """Received with a difference, agreed, accepted, moved, kept, back: every verb once."""
    journey.order(laboratory)
    with laboratory.work(journey.actor(laboratory, "technician")) as work:
        delivery = Delivery(
            place="a-01", arrivals=[Arrival(number=one, model="35/12")], conditions=["packaging"], words="一角压痕",
            accessories={"brackets": "came", "manual": "missing", "温度传感器": "came"},
        )  # fmt: skip
        (got,) = receipt.receive(work, order, delivery)
        assert (got.model, got.condition) == ("35/12", "包装破损 packaging damaged；一角压痕")
        with pytest.raises(Refused, match="Not as announced, model: HTHEATstore 35/10; found 35/12"):
            operations.act(work, one, "accept")
        receipt.agree(work, one, "沈晓岚 11-28 电话确认")
        operations.act(work, one, "accept")
        parts = {part.number[-2:]: (part.name_zh, part.state) for part in queries.parts_of(work.session, got)}
        assert parts == {
            "01": ("安装支架", "accepted"), "02": ("使用说明书", "expected"), "03": ("温度传感器", "accepted"),
        }  # fmt: skip
        moved = custody.hand_over(work, one, place="RY:senior", purpose="test")
        assert (moved.item.place_code, moved.item.holder) == ("", "senior")
        operations.act(work, one, "keep")
        keeping.start_clock(work, got, work.today - timedelta(days=100))
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        assert [i.number for i in work.session.scalars(keeping.due("return", work.today))] == [one]
        assert keeping.counts(work.session, work.today)["overdue"] == 1
        (gone,) = keeping.hand_back_many(work, [one], to="顺丰 SF123")
        assert isinstance(gone, Item)
        assert gone.state == "returned"
        assert {part.state for part in queries.parts_of(work.session, gone)} == {"returned", "expected"}


def test_what_was_announced_and_what_was_found_are_both_kept(house: Laboratory, order: str, one: str) -> None:
    with tried(house) as work:
        receipt.receive(work, order, came(one, serial_number="X-9", pieces=20, manufacturer="Arcon-Sunmark A/S"))
        got = item(work, one)
        told = [(f.what, f.announced, f.found) for f in got.findings]
        assert told == [("serial_number", "FHW-ARC-S", "X-9"), ("pieces", "1", "20")]
        assert (got.serial_number, got.pieces) == ("X-9", 20)


def test_an_item_as_announced_has_no_finding_and_is_accepted_at_once(house: Laboratory, order: str, one: str) -> None:
    with tried(house) as work:
        receipt.receive(work, order, came(one))
        assert operations.act(work, one, "accept").state == "accepted"


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        (Delivery(place="A-01", arrivals=[]), "Tick at least one item"),
        (Delivery(place="A-01", arrivals=[Arrival(number="YP-1999-00001")]), "does not belong"),
        (came("", pieces=0), "1 to 10000 pieces"),
        (came("", backup=True), "seal number"),
        (Delivery(place="A-01", arrivals=[Arrival(number="")]), "Describe the condition"),
        (Delivery(place=" ", arrivals=[Arrival(number="")], conditions=["intact"]), "where the item is stored"),
        (Delivery(place="A-01", arrivals=[Arrival(number="")], conditions=["splendid"]), "no choice 'splendid'"),
        (Delivery(place="https://x.example/storage/Z-9", arrivals=[Arrival(number="")], words="ok"), "is no place"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused_whole(
    house: Laboratory, order: str, one: str, delivery: Delivery, said: str
) -> None:
    arrivals = [Arrival(**{**_fields(a), "number": a.number or one}) for a in delivery.arrivals]
    whole = Delivery(place=delivery.place, arrivals=arrivals, conditions=delivery.conditions, words=delivery.words)
    with pytest.raises(Refused, match=said), house.work(journey.actor(house, "technician")) as work:
        receipt.receive(work, order, whole)
    with tried(house) as work:
        assert item(work, one).state == "expected"


def _fields(arrival: Arrival) -> dict[str, object]:
    return {name: getattr(arrival, name) for name in arrival.__slots__}


def test_several_items_of_one_order_come_in_one_go_each_in_its_own_condition(
    house: Laboratory, order: str, one: str
) -> None:
    with tried(house) as work:
        more = [got.number for got in receipt.announce_more(work, order, 2)]
        delivery = Delivery(
            place="A-01", conditions=["intact"],
            arrivals=[Arrival(number=one), Arrival(number=more[0], serial_number="B", words="缺一角")],
        )  # fmt: skip
        receipt.receive(work, order, delivery)
        states = {number: (item(work, number).state, item(work, number).condition[:4]) for number in (one, *more)}
        assert states == {one: ("received", "包装及外"), more[0]: ("received", "缺一角"), more[1]: ("expected", "")}
        assert item(work, more[0]).findings == []  # no serial number was announced for it


def test_an_item_is_refused_at_the_door_with_reasons(house: Laboratory, one: str) -> None:
    with tried(house) as work:
        with pytest.raises(Refused, match="Give a reason"):
            receipt.refuse(work, one, [])
        got = receipt.refuse(work, one, ["damaged", "seal"], "左侧")
        assert got.state == "refused"
        assert got.refusal == (
            "样品损坏，不能按方法检测 the item is damaged and cannot be tested by the method；"
            "封样破损或封签不符 the seal is broken or is not the one recorded；左侧"
        )
        assert [entry.place for entry in got.custody] == ["收样处 goods-in"]
        assert operations.act(work, one, "hand_back", place="司机").state == "returned"


def test_parts_are_numbered_within_their_item_and_have_none_themselves(house: Laboratory, order: str, one: str) -> None:
    with tried(house) as work:
        receipt.receive(work, order, came(one))
        parts = [receipt.add_part(work, one, name_zh="真空管", pieces=3) for _ in range(2)]
        assert [part.number for part in parts] == [f"{one}-01", f"{one}-02"]
        assert [(part.state, part.place_code) for part in parts] == [("received", "A-01")] * 2
        with pytest.raises(BadInput, match="cannot have such a part"):
            receipt.add_part(work, parts[0].number, name_zh="内管")


# --- custody and places --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scanned", "place", "holder"),
    [
        ("https://lab.example/storage/A-02", "A-02", ""),
        (" a-02 ", "A-02", ""),
        ("RY:office", "", "office"),
        ("室外试验台", "", ""),
        ("Z-99", "", ""),  # no such place: words
    ],
)
def test_a_destination_is_a_label_a_badge_or_words(
    house: Laboratory, order: str, one: str, scanned: str, place: str, holder: str
) -> None:
    with tried(house) as work:
        receipt.receive(work, order, came(one))
        got = custody.hand_over(work, f"https://lab.example/items/{one}", place=scanned, purpose="test").item
        assert (got.place_code, got.holder) == (place, holder)
        last = got.custody[-1]
        assert (last.place_code, last.holder, last.person.username) == (place, holder, "technician")


@pytest.mark.parametrize(
    ("scanned", "said"),
    [
        ("YP-2026-00007", "is an item"), ("RY:nobody", "badge 'nobody'"), ("RY:shen", "badge 'shen'"),
        ("http://elsewhere.example/x", "no place of this laboratory"),
    ],
)  # fmt: skip
def test_a_destination_that_cannot_be_is_told(house: Laboratory, order: str, one: str, scanned: str, said: str) -> None:
    with tried(house) as work:
        receipt.receive(work, order, came(one))
        with pytest.raises(BadInput, match=said):
            custody.hand_over(work, one, place=scanned, purpose="test")
        assert len(item(work, one).custody) == 1


def test_moving_an_item_in_test_to_a_full_place_warns_twice_and_still_moves(
    house: Laboratory, order: str, one: str
) -> None:
    with tried(house) as work:
        receipt.receive(work, order, came(one))
        operations.act(work, one, "accept")
        operations.act(work, one, "start_test")
        office = by(work, house, "office")
        storage.add(office, PlaceForm(code="C", name_zh="小间", kind="room", capacity=1))
        storage.add(office, PlaceForm(code="C-1", name_zh="架", parent="C"))
        part = receipt.add_part(work, one, name_zh="支架")
        assert custody.hand_over(work, part.number, place="C-1", purpose="x").warnings[0].en.endswith("over.")
        moved = custody.hand_over(work, one, place="C-1", purpose="x")
        assert [w.en for w in moved.warnings] == [
            f"{one} is in test; make sure that the test is interrupted or over.",
            "C is full (1 of 1); put the item there only if it fits.",
        ]
        assert item(work, one).place_code == "C-1"


def test_the_tree_counts_what_lies_in_a_place_and_below_it(house: Laboratory, order: str, one: str) -> None:
    with tried(house) as work:
        receipt.receive(work, order, came(one))
        custody.hand_over(work, one, place="A-02", purpose="storage")
        tree = {branch.place.code: (branch.here, branch.inside) for branch in storage.tree(work.session)}
        assert tree == {"A": (0, 1), "A-01": (0, 0), "A-02": (1, 1), "B": (0, 0)}


def test_a_label_scanned_twice_is_entered_once_and_told(house: Laboratory, order: str, one: str) -> None:
    with tried(house) as work:
        receipt.receive(work, order, came(one))
        custody.hand_over(work, one, place="A-02", purpose="storage")
        again = custody.hand_over(work, one, place="a-02", purpose="storage")
        assert [warning.en for warning in again.warnings] == [f"{one} is there already; nothing was entered."]
        assert len(item(work, one).custody) == 2
        custody.hand_over(work, one, place="A-02", purpose="look")  # another purpose is another line
        assert len(item(work, one).custody) == 3


def test_a_place_that_holds_more_than_fits_is_told_after_a_receipt(house: Laboratory, order: str, one: str) -> None:
    with tried(house) as work:
        office = by(work, house, "office")
        storage.add(office, PlaceForm(code="C", name_zh="小间", kind="room", capacity=1))
        more = receipt.announce_more(work, order, 1)[0].number
        arrivals = [Arrival(number=one), Arrival(number=more)]
        (first, _) = receipt.receive(work, order, Delivery(place="C", arrivals=arrivals, conditions=["intact"]))
        told = custody.fullness_told(work, first)
        assert told is not None
        assert told.en == "More lies in C than fits (2 of 1)."


def test_the_place_of_an_item_is_always_that_of_its_last_line(house: Laboratory, order: str, one: str) -> None:
    with tried(house) as work:
        stored(work, one, order)
        for to in ("A-02", "RY:office", "B", "走廊"):
            custody.hand_over(work, one, place=to, purpose="x")
            last = work.session.scalars(sa.select(CustodyEntry).order_by(CustodyEntry.id.desc())).first()
            got = item(work, one)
            assert last is not None
            assert (got.place_code, got.holder) == (last.place_code, last.holder)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (PlaceForm(code="A-01", name_zh="x"), "already"),
        (PlaceForm(code="架 1", name_zh="x"), "capital letters"),
        (PlaceForm(code="YP-2026-00001", name_zh="x"), "no item number"),
        (PlaceForm(code="N", name_zh=" "), "Chinese name"),
        (PlaceForm(code="N", name_zh="x", capacity=0), "capacity"),
        (PlaceForm(code="N", name_zh="x", kind="attic"), "site, room, rack"),
    ],
)
def test_a_place_that_cannot_be_is_refused(house: Laboratory, form: PlaceForm, said: str) -> None:
    with tried(house, "quality") as work, pytest.raises(BadInput, match=said):
        storage.add(work, form)


def test_a_place_is_not_put_into_itself_nor_closed_with_something_in_it(
    house: Laboratory, order: str, one: str
) -> None:
    with tried(house) as work:
        receipt.receive(work, order, came(one))
        office = by(work, house, "office")
        with pytest.raises(BadInput, match="lies inside"):
            storage.change(office, "A", PlaceForm(code="A", name_zh="库", parent="A-01"))
        with pytest.raises(BadInput, match="1 items still lie"):
            storage.change(office, "A-01", PlaceForm(code="A-01", name_zh="架", parent="A", in_use=False))
        with pytest.raises(Forbidden):
            storage.add(work, PlaceForm(code="N", name_zh="x"))  # a technician keeps no places


# --- the retention clock ------------------------------------------------------------------------------------------


ISSUED = date(2026, 3, 2)
RULE = Retention(
    objection_days=15, warn_days=7, overdue_days=14, confirmed=True,
    rule=[
        {"role": "backup", "request_kind": "", "days": 90, "objection": True},
        {"role": "", "request_kind": "spot_check", "days": 60, "objection": True},
        {"role": "", "request_kind": "", "days": 30, "objection": False},
    ],
)  # fmt: skip


@pytest.mark.parametrize(
    ("role", "kind", "until"),
    [
        ("test", "commissioned", date(2026, 4, 1)),
        ("test", "spot_check", date(2026, 5, 16)),
        ("backup", "spot_check", date(2026, 6, 15)),
        ("backup", "commissioned", date(2026, 6, 15)),
    ],
)
def test_an_item_is_kept_as_long_as_the_first_rule_that_fits_says(role: str, kind: str, until: date) -> None:
    assert RULE.until(role=role, request_kind=kind, issued_on=ISSUED) == until


@pytest.mark.parametrize(
    ("recorded", "en", "zh"),
    [
        ("收样 receipt", "receipt", "收样"),
        ("包装破损 packaging damaged；受潮、进水 wet inside", "packaging damaged; wet inside", "包装破损；受潮、进水"),
        ("包装破损 packaging damaged；角上 a corner", "packaging damaged；角上 a corner", "包装破损；角上 a corner"),
        ("完好 intact", "完好 intact", "完好 intact"),
    ],
)
def test_words_of_the_lists_are_told_in_one_language_and_typed_ones_as_they_are(
    recorded: str, en: str, zh: str
) -> None:
    assert (told(recorded, "en"), told(recorded, "zh")) == (en, zh)


def test_the_sites_rule_answers_for_every_kind() -> None:
    for role in ("test", "backup", "part", "accessory"):
        assert retention().until(role=role, request_kind="anything", issued_on=ISSUED) > ISSUED


def test_a_later_report_prolongs_and_never_shortens(house: Laboratory, order: str, one: str) -> None:
    with tried(house) as work:
        got = stored(work, one, order)
        keeping.start_clock(work, got, date(2026, 3, 2))
        first = got.keep_until
        keeping.start_clock(work, got, date(2026, 2, 2))
        assert got.keep_until == first
        keeping.start_clock(work, got, date(2026, 4, 2))
        assert got.keep_until is not None
        assert first is not None
        assert got.keep_until - first == timedelta(days=31)


def test_a_backup_sample_goes_before_its_date_only_by_two_people(house: Laboratory, order: str, one: str) -> None:
    with tried(house) as work:
        stored(work, one, order, backup=True, seal="F-1")
        with pytest.raises(Refused, match="second person"):
            operations.act(work, one, "dispose", reason="no room")
        keeping.ask_disposal(work, one, "no room")
        with pytest.raises(Refused, match=r"You asked for the disposal .* a second person"):
            operations.act(work, one, "dispose", reason="no room")
        assert operations.act(by(work, house, "office"), one, "dispose", reason="agreed").state == "disposed"


def test_a_backup_sample_whose_time_is_over_goes_by_one(house: Laboratory, order: str, one: str) -> None:
    with tried(house) as work:
        got = stored(work, one, order, backup=True, seal="F-1")
        got.keep_until = work.today
        with pytest.raises(Refused, match="second person"):
            operations.act(work, one, "dispose", reason="x")
        got.keep_until = work.today - timedelta(days=1)
        assert operations.act(work, one, "dispose", reason="x").state == "disposed"


def test_a_backup_samples_time_is_prolonged_and_never_shortened(house: Laboratory, order: str, one: str) -> None:
    with tried(house) as work:
        stored(work, one, order, backup=True, seal="F-1")
        keeping.set_until(work, one, date(2027, 1, 1), "objection")
        with pytest.raises(Refused, match="not shortened"):
            keeping.set_until(work, one, date(2026, 12, 31), "room")
        with pytest.raises(BadInput, match="reason"):
            keeping.set_until(work, one, date(2027, 2, 1), " ")


def test_many_of_a_kind_leave_in_one_go_and_one_that_cannot_says_why(house: Laboratory, order: str, one: str) -> None:
    with tried(house, "office") as work:
        numbers = [one, *(got.number for got in receipt.announce_more(work, order, 9))]
        arrivals = [Arrival(number=number) for number in numbers]
        receipt.receive(work, order, Delivery(place="A-01", arrivals=arrivals, conditions=["intact"]))
        for number in numbers[:-1]:
            operations.act(work, number, "accept")
            operations.act(work, number, "keep")
        with pytest.raises(BadInput, match="how the items"):
            keeping.dispose_many(work, numbers, how=" ")
        answers = keeping.dispose_many(work, numbers, how="报废")
        assert [isinstance(answer, Sentence) for answer in answers] == [False] * 9 + [True]
        assert "needs it to be 'refused or kept'" in str(answers[-1].en)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("until", "wanted_back", "tabs"),
    [
        (-20, True, {"return", "overdue"}), (-1, True, {"return"}), (-1, False, {"dispose"}),
        (0, True, {"soon", "kept"}),
        (7, False, {"soon", "kept"}), (8, True, {"kept"}), (None, True, {"kept"}),
    ],
)  # fmt: skip
def test_each_list_of_the_clock_holds_what_it_says(
    house: Laboratory, order: str, one: str, until: int | None, wanted_back: bool, tabs: set[str]
) -> None:
    with tried(house) as work:
        got = stored(work, one, order)
        got.keep_until = None if until is None else work.today + timedelta(days=until)
        got.request.return_item = wanted_back
        work.session.flush()
        assert {tab for tab, count in keeping.counts(work.session, work.today).items() if count} == tabs
