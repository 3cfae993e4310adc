"""The custody ledger: who put an item where, when and why. One line for each hand-over, never changed afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lims.errors import BadInput, Sentence
from lims.items import codes, queries, storage
from lims.items.models import GONE, CustodyEntry, Item
from lims.laboratory import Work
from lims.parties.queries import person_by_username
from lims.permissions import STAFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where an item goes: the words that stand in the ledger, and the place of the tree or the person they name."""

    words: str
    place_code: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An item that went somewhere, and what whoever moved it should know."""

    item: Item
    to: Destination
    warnings: tuple[Sentence, ...] = ()


def hand_over(work: Work, number: str, *, place: str, purpose: str) -> Moved:
    """The item changes hands or place: one more line in its custody, never changed afterwards.

    place: what was scanned or typed: a place's label or code, a person's badge, or words ("outdoor bench 3").
    """
    work.actor.require("item.handle")
    item = queries.by_number(work.session, codes.item_in(number) or number, work.actor)
    if not (place.strip() and purpose.strip()):
        raise BadInput("Say where the item goes and why.", "请填写样品去向和用途。")
    if item.state in GONE:
        raise BadInput(f"{item.number} has left the laboratory.", f"{item.number} 已不在本中心。")
    to = destination(work, place)
    if _is_there(item, to, purpose.strip()):
        there = Sentence(
            f"{item.number} is there already; nothing was entered.", f"{item.number} 已在该处；未重复登记。"
        )
        return Moved(item=item, to=to, warnings=(there,))
    warnings = tuple(_warnings(work, item, to))
    enter(work, item, to, purpose=purpose.strip())
    work.record("item", item.number, "hand_over", place=to.words, purpose=purpose.strip(), state=item.state)
    return Moved(item=item, to=to, warnings=warnings)


def _is_there(item: Item, to: Destination, purpose: str) -> bool:
    """A label scanned twice: the last line of the ledger says the same."""
    last = item.custody[-1] if item.custody else None
    return last is not None and (last.place, last.place_code, last.holder, last.purpose) == (
        to.words,
        to.place_code,
        to.holder,
        purpose,
    )


def destination(work: Work, text: str) -> Destination:
    """What a scanned or typed destination means; `BadInput` for an item's label, or a place or badge we do not have."""
    said = text.strip()
    if number := codes.item_in(said):
        raise BadInput(
            f"{number} is an item; scan the place or the person it goes to.",
            f"{number} 是样品编号；请扫描去向的库位或人员。",
        )
    if username := codes.person_in(said):
        return _hands(work, username)
    code = codes.place_in(said)
    place = storage.find(work.session, code) if code else None
    if place is None:
        if codes.is_address(said):
            raise BadInput("This label is no place of this laboratory.", "该标签不是本中心的库位标签。")
        return Destination(words=said[:120])
    if not place.in_use:
        raise BadInput(f"{place.code} is no longer in use; choose another place.", f"{place.code} 已停用；请另选库位。")
    return Destination(words=storage.words(place), place_code=place.code)


def _hands(work: Work, username: str) -> Destination:
    person = person_by_username(work.session, username)
    if person is None or not person.active or not person.roles & STAFF:
        raise BadInput(f"Nobody here has the badge '{username}'.", f"没有工牌为“{username}”的在岗人员。")
    return Destination(words=f"{person.name_zh} {person.name_en}"[:120], holder=person.username)


def _warnings(work: Work, item: Item, to: Destination) -> list[Sentence]:
    found = []
    if item.state == "in_test" and to.place_code:
        found.append(
            Sentence(
                f"{item.number} is in test; make sure that the test is interrupted or over.",
                f"{item.number} 正在检测中，现被移至库位；请确认检测已中断或结束。",
            )
        )
    if to.place_code and to.place_code != item.place_code and (full := storage.fullness(work.session, to.place_code)):
        found.append(full)
    return found


def fullness_told(work: Work, item: Item) -> Sentence | None:
    """What to say of the place an item was just put: more lies there than fits."""
    return storage.overfullness(work.session, item.place_code) if item.place_code else None


def enter(work: Work, item: Item, to: Destination, *, purpose: str) -> None:
    """One line of the ledger, and where the item lies now."""
    if work.actor.id is None:
        raise BadInput("A named person hands an item over.", "样品交接须由具名人员进行。")
    entry = CustodyEntry(
        item_id=item.id, at=work.now, person_id=work.actor.id, place=to.words, purpose=purpose[:200],
        place_code=to.place_code, holder=to.holder,
    )  # fmt: skip
    item.place_code, item.holder = to.place_code, to.holder
    work.session.add(entry)
    work.session.flush()
    work.session.refresh(item, ["custody"])


def chain(items: Sequence[Item]) -> list[tuple[Item, CustodyEntry]]:
    """Every hand-over of an item and its parts, in the order in which they happened."""
    lines = [(item, entry) for item in items for entry in item.custody]
    return sorted(lines, key=lambda line: line[1].id)
