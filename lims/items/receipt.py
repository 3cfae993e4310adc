"""Receipt at the goods-in door: what was announced, what came, in which condition, or why it was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lims.errors import BadInput, Refused
from lims.items import custody, operations, queries
from lims.items.choices import DOOR, Choice, chosen, in_words
from lims.items.models import ACCESSORY, BACKUP, BROKEN, INTACT, PART, SEALS, Item, ItemFinding
from lims.laboratory import Work
from lims.orders import queries as order_queries
from lims.orders.models import Request

MOST_ITEMS = 200  # of one order at once; ours
MOST_PIECES = 10_000
MOST_PARTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One item as it came. Empty identity means: as announced."""

    number: str
    manufacturer: str = ""
    model: str = ""
    serial_number: str = ""
    pieces: int | None = None
    conditions: Sequence[str] = ()  # ids of choices; empty with empty words: as of the delivery
    words: str = ""
    seal: str = ""
    seal_found: str = ""  # see SEALS; empty: not looked at yet
    backup: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came for one order in one go."""

    place: str
    arrivals: Sequence[Arrival]
    conditions: Sequence[str] = ()
    words: str = ""
    accessories: Mapping[str, str] = field(default_factory=dict)  # id of a choice, or words → "came" or "missing"


def receive(work: Work, request_number: str, delivery: Delivery) -> list[Item]:
    """Receive several items of an order at once; all or none."""
    work.actor.require("item.handle")
    request = order_queries.request_by_number(work.session, request_number, work.actor)
    if not delivery.arrivals:
        raise BadInput("Tick at least one item that came.", "请至少勾选一件到达的样品。")
    expected = {one.number: one for one in queries.of_request(work.session, request)}
    received = []
    for arrival in delivery.arrivals:
        if arrival.number not in expected:
            raise BadInput(
                f"{arrival.number} does not belong to {request_number}.", f"{arrival.number} 不属于 {request_number}。"
            )
        received.append(_receive(work, expected[arrival.number], arrival, delivery))
    return received


def _receive(work: Work, item: Item, arrival: Arrival, delivery: Delivery) -> Item:
    own = bool(arrival.conditions or arrival.words.strip())
    told = arrival if own else delivery
    condition = in_words("condition", told.conditions, told.words)
    operations.act(work, item.number, "receive", condition=condition, place=delivery.place)
    _identify(work, item, arrival)
    for what, state in delivery.accessories.items():
        if state in ("came", "missing"):
            _accessory(work, item, what, came=state == "came", place=delivery.place)
    return item


def _identify(work: Work, item: Item, arrival: Arrival) -> None:
    """Keep both what was announced and what was found; the item is what was found."""
    pieces = item.pieces if arrival.pieces is None else arrival.pieces
    if not 1 <= pieces <= MOST_PIECES:
        raise BadInput(f"Give 1 to {MOST_PIECES} pieces.", f"件数应为 1 至 {MOST_PIECES}。")
    found: dict[str, object] = {
        name: getattr(arrival, name).strip() or getattr(item, name)
        for name in ("manufacturer", "model", "serial_number")
    }
    for name, value in {**found, "pieces": pieces}.items():
        announced = getattr(item, name)
        if announced != value:
            if announced:
                find(work, item, name, announced=str(announced), found=str(value))
            setattr(item, name, value)
    told, seal = item.seal, arrival.seal.strip()[:60]
    item.seal = told or seal
    if told and (arrival.seal_found or seal not in ("", told)):
        check_seal(work, item.number, found=arrival.seal_found or BROKEN, number_seen=seal)
    item.role = BACKUP if arrival.backup else item.role
    if item.is_backup and not item.seal:
        raise BadInput(
            f"Give the seal number of the backup sample {item.number}.", f"请填写备样 {item.number} 的封签号。"
        )


def check_seal(work: Work, number: str, *, found: str, number_seen: str = "") -> Item:
    """How the seal of a spot check's sample was found on receipt: intact under its number, or not.

    Said once: whoever finds it broken has to tell so, and nobody takes it back.
    """
    work.actor.require("item.handle")
    item = queries.by_number(work.session, number, work.actor)
    if not operations.sealed_by_samplers(item) or item.state not in ("expected", "received"):
        raise Refused(f"{number} has no seal to look at now.", f"{number} 目前没有需要查验的封签。")
    if found not in SEALS:
        raise BadInput("Say whether the seal is intact or broken.", "请选择封签完好或破损。")
    if item.seal_found not in ("", found):
        raise Refused(
            f"The seal of {number} was found '{item.seal_found}' before; that stays.",
            f"{number} 的封签查验结果已记录，不能更改。",
        )
    seen = number_seen.strip()[:60]
    item.seal_found = INTACT if found == INTACT and seen in ("", item.seal) else BROKEN
    if item.seal_found == BROKEN:
        english, chinese = SEALS[BROKEN]
        find(work, item, "seal", announced=item.seal, found=seen or f"{chinese} {english}")
    work.record("item", number, "check_seal", seal=item.seal, found=item.seal_found, number_seen=seen)
    return item


def find(work: Work, item: Item, what: str, *, announced: str, found: str) -> None:
    """Something is not as announced: kept, told on the item's page, and asked of the company before the test."""
    if work.actor.id is None:
        raise BadInput("A named person receives an item.", "收样须由具名人员进行。")
    item.findings.append(
        ItemFinding(at=work.now, person_id=work.actor.id, what=what, announced=announced[:200], found=found[:200])
    )
    work.session.flush()
    work.record("item", item.number, "find", what=what, announced=announced, found=found)


def announce_more(work: Work, request_number: str, count: int) -> list[Item]:
    """Further items of the same product: more came than were announced, or the order names a quantity."""
    work.actor.require("item.handle")
    request = order_queries.request_by_number(work.session, request_number, work.actor)
    if request.state != "accepted":
        raise Refused(
            f"{request_number} is '{request.state}'; only an accepted order can have further items.",
            f"{request_number} 未处于已受理状态，不能增加样品。",
        )
    if not 1 <= count <= MOST_ITEMS:
        raise BadInput(f"Give 1 to {MOST_ITEMS} further items.", f"增加的样品数应为 1 至 {MOST_ITEMS}。")
    return [_further(work, request) for _ in range(count)]


def _further(work: Work, request: Request) -> Item:
    item = operations.expect(work, request)
    item.serial_number = ""  # the announced one belongs to the first item
    return item


def add_part(work: Work, number: str, *, name_zh: str, name_en: str = "", role: str = PART, pieces: int = 1) -> Item:
    """A sub-item or an accessory with a number of its own: YP-2026-00012-01; it starts where its whole is."""
    work.actor.require("item.handle")
    whole = queries.by_number(work.session, number, work.actor)
    if role not in (PART, ACCESSORY) or whole.parent_number:
        raise BadInput(f"{number} cannot have such a part.", f"{number} 不能再分出这样的子样。")
    if whole.state in ("returned", "disposed"):
        raise BadInput(f"{number} has left the laboratory.", f"{number} 已不在本中心。")
    if not name_zh.strip():
        raise BadInput("Give the part a Chinese name.", "请填写名称。")
    if not 1 <= pieces <= MOST_PIECES:
        raise BadInput(f"Give 1 to {MOST_PIECES} pieces.", f"件数应为 1 至 {MOST_PIECES}。")
    part = _part(work, whole, role, name_zh.strip()[:120], name_en.strip()[:120])
    part.pieces = pieces
    if whole.state != "expected":
        part.state = "received" if role == ACCESSORY or whole.state == "refused" else whole.state
        part.condition, part.received_at = whole.condition, work.now
        custody.enter(work, part, _same_place(whole), purpose=f"自 {whole.number} 分出 taken from {whole.number}")
    work.record("item", part.number, "add_part", target=part.state, of=whole.number, role=role)
    return part


def _same_place(whole: Item) -> custody.Destination:
    words = whole.custody[-1].place if whole.custody else DOOR.both
    return custody.Destination(words=words, place_code=whole.place_code, holder=whole.holder)


def _part(work: Work, whole: Item, role: str, name_zh: str, name_en: str) -> Item:
    used = len(queries.parts_of(work.session, whole))
    if used >= MOST_PARTS:
        raise BadInput(
            f"{whole.number} has {used} parts; that is the most.", f"{whole.number} 已有 {used} 个子样，不能再增加。"
        )
    part = Item(
        number=f"{whole.number}-{used + 1:02d}", request_id=whole.request_id, company_id=whole.company_id,
        parent_number=whole.number, role=role, name_zh=name_zh, name_en=name_en, manufacturer=whole.manufacturer,
        model=whole.model, serial_number="",
    )  # fmt: skip
    work.session.add(part)
    work.session.flush()
    return part


def _accessory(work: Work, item: Item, what: str, *, came: bool, place: str) -> None:
    known = _accessory_named(what)
    part = _part(work, item, ACCESSORY, known.zh[:120], known.en[:120])
    work.record("item", part.number, "expect", target=part.state, of=item.number)
    if came:
        operations.act(work, part.number, "receive", condition=item.condition, place=place)
    else:
        find(work, item, "missing", announced=f"{part.number} {known.both}".strip(), found="—")


def _accessory_named(what: str) -> Choice:
    try:
        return chosen("accessory", [what])[0]
    except BadInput:
        if not what.strip():
            raise
        return Choice(id=what, zh=what.strip(), en="")


def agree(work: Work, number: str, words: str) -> Item:
    """What the company said about an item that is not as announced (ISO/IEC 17025 clause 7.4.3)."""
    work.actor.require("item.handle")
    item = queries.by_number(work.session, number, work.actor)
    if not words.strip():
        raise BadInput("Say who of the company agreed to what, and when.", "请填写委托单位何人于何时同意了什么。")
    before, item.agreed = item.agreed, words.strip()
    work.record("item", number, "agree", before=before, after=item.agreed)
    return item


def refuse(work: Work, number: str, reasons: Sequence[str], words: str = "") -> Item:
    """Refuse an item at the door or after a closer look, with reasons the company reads in its letter."""
    return operations.act(work, number, "refuse", reason=in_words("refusal", reasons, words))
