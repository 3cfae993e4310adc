"""The storage tree: site, room, rack, shelf; what lies where, and whether there is room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lims.errors import BadInput, NotFound, Sentence
from lims.items import codes
from lims.items.models import GONE, PLACES, Item, StoragePlace
from lims.laboratory import Work

MOST_ITEMS = 100_000  # capacity; ours: more is a slip of the keyboard


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A place with what lies in it and below it."""

    place: StoragePlace
    depth: int
    here: int
    inside: int  # with everything below

    @property
    def full(self) -> bool:
        """Whether as many items lie here as fit, or more."""
        return self.place.capacity is not None and self.inside >= self.place.capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceForm:
    """What the office says of a place."""

    code: str
    kind: str = "shelf"
    name_zh: str = ""
    name_en: str = ""
    capacity: int | None = None
    parent: str = ""
    in_use: bool = True


def find(session: Session, code: str) -> StoragePlace | None:
    """The place of this code."""
    return session.scalar(sa.select(StoragePlace).where(StoragePlace.code == code))


def by_code(session: Session, code: str) -> StoragePlace:
    """The place of this code; `NotFound` if there is none."""
    found = find(session, code.upper())
    if found is None:
        raise NotFound(f"There is no storage place {code}.", f"没有库位 {code}。")
    return found


def words(place: StoragePlace) -> str:
    """How a place stands in the ledger."""
    return " ".join(part for part in (place.code, place.name_zh, place.name_en) if part)[:120]


def tree(session: Session) -> list[Branch]:
    """Every place below its own parent, in the order of codes, with what lies there; two queries."""
    below: defaultdict[int | None, list[StoragePlace]] = defaultdict(list)
    for place in session.scalars(sa.select(StoragePlace).order_by(StoragePlace.code)):
        below[place.parent_id].append(place)
    counts = _counts(session)

    def walk(parent: int | None, depth: int) -> list[Branch]:
        found: list[Branch] = []
        for place in below[parent]:
            inner = walk(place.id, depth + 1)
            here = counts.get(place.code, 0)
            inside = here + sum(one.here for one in inner)
            found += [Branch(place=place, depth=depth, here=here, inside=inside), *inner]
        return found

    return walk(None, 0)


def _counts(session: Session) -> dict[str, int]:
    lying = sa.select(Item.place_code, sa.func.count()).where(Item.place_code != "", Item.state.not_in(GONE))
    return {str(row[0]): int(row[1]) for row in session.execute(lying.group_by(Item.place_code))}


def branch(session: Session, place: StoragePlace) -> Branch:
    """One place of the tree."""
    return next(one for one in tree(session) if one.place.code == place.code)


def fullness(session: Session, code: str) -> Sentence | None:
    """What to say before one more item goes to a place: it, or one it stands in, is full. A warning, not a wall."""
    branches = {one.place.id: one for one in tree(session)}
    at = next(one for one in branches.values() if one.place.code == code)
    while not at.full and at.place.parent_id is not None:
        at = branches[at.place.parent_id]
    if not at.full:
        return None
    return Sentence(
        f"{at.place.code} is full ({at.inside} of {at.place.capacity}); put the item there only if it fits.",
        f"{at.place.code} 已满（{at.inside}/{at.place.capacity}）；确认放得下再存放。",
    )


def overfullness(session: Session, code: str) -> Sentence | None:
    """What to say after items were put into a place: more lie in it, or in one it stands in, than fit."""
    branches = {one.place.id: one for one in tree(session)}
    at: Branch | None = next(one for one in branches.values() if one.place.code == code)
    while at is not None:
        if at.place.capacity is not None and at.inside > at.place.capacity:
            return Sentence(
                f"More lies in {at.place.code} than fits ({at.inside} of {at.place.capacity}).",
                f"{at.place.code} 存放已超出容量（{at.inside}/{at.place.capacity}）。",
            )
        at = branches.get(at.place.parent_id or 0)
    return None


def lying_in(session: Session, place: StoragePlace) -> Sequence[Item]:
    """What lies in a place itself."""
    select = sa.select(Item).where(Item.place_code == place.code, Item.state.not_in(GONE))
    return session.scalars(select.order_by(Item.number)).all()


def add(work: Work, form: PlaceForm) -> StoragePlace:
    """A new place, below another or on its own."""
    work.actor.require("storage.write")
    code = form.code.strip().upper()
    if codes.place_in(code) is None:
        raise BadInput(
            "A place's code is of capital letters, digits, points and hyphens, e.g. A-01-3, and no item number.",
            "库位编码由大写字母、数字、点和连字符组成，例如 A-01-3，且不得与样品编号相同。",
        )
    if find(work.session, code):
        raise BadInput(f"There is a place {code} already.", f"库位 {code} 已存在。")
    place = StoragePlace(code=code, kind=form.kind)
    _state(work, place, form)
    work.session.add(place)
    work.session.flush()
    work.record("place", code, "add", facts=_facts(place))
    return place


def change(work: Work, code: str, form: PlaceForm) -> StoragePlace:
    """Change a place's names, capacity, parent, or whether it is used; its code stays, for labels carry it."""
    work.actor.require("storage.write")
    place = by_code(work.session, code)
    before = _facts(place)
    _state(work, place, form)
    if not place.in_use and (left := branch(work.session, place).inside):
        raise BadInput(
            f"{left} items still lie in {place.code}; move them first.",
            f"{place.code} 中仍有 {left} 件样品；请先移走。",
        )
    work.session.flush()
    work.record("place", place.code, "change", before=before, after=_facts(place))
    return place


def _state(work: Work, place: StoragePlace, form: PlaceForm) -> None:
    if form.kind not in PLACES:
        raise BadInput("Choose site, room, rack or shelf.", "请选择场地、房间、货架或层位。")
    if not form.name_zh.strip():
        raise BadInput("Give the place a Chinese name.", "请填写库位中文名称。")
    if form.capacity is not None and not 1 <= form.capacity <= MOST_ITEMS:
        raise BadInput(f"A capacity is 1 to {MOST_ITEMS} items.", f"容量应为 1 至 {MOST_ITEMS} 件。")
    parent = by_code(work.session, form.parent) if form.parent else None
    if parent is not None and place.code in _way_up(work.session, parent):
        raise BadInput(
            f"{parent.code} lies inside {place.code}.", f"{parent.code} 在 {place.code} 之内，不能作为其上级。"
        )
    place.kind, place.parent_id, place.capacity = form.kind, parent.id if parent else None, form.capacity
    place.name_zh, place.name_en, place.in_use = form.name_zh.strip(), form.name_en.strip(), form.in_use


def _way_up(session: Session, place: StoragePlace) -> list[str]:
    way = [place.code]
    while place.parent_id is not None:
        place = session.get_one(StoragePlace, place.parent_id)
        way.append(place.code)
    return way


def path(session: Session, place: StoragePlace) -> list[str]:
    """The codes from the site down to a place."""
    return _way_up(session, place)[::-1]


def _facts(place: StoragePlace) -> dict[str, object]:
    names = ("kind", "parent_id", "name_zh", "name_en", "capacity", "in_use")
    return {name: getattr(place, name) for name in names}
