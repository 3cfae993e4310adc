"""Correcting what an item is called: with a reason, old and new kept in the trail (ISO/IEC 17025:2017 7.5.2).

A report that was issued still says what it said; an amendment of it says the corrected words.
"""

from __future__ import annotations

from lims.errors import BadInput, Refused, require_reason
from lims.items import queries
from lims.items.models import Item
from lims.labels import Label
from lims.laboratory import Work

FIELDS: dict[str, tuple[Label, int]] = {  # what can be corrected, and how long it may be
    "name_zh": (Label("样品名称", "name in Chinese"), 120),
    "name_en": (Label("样品英文名称", "name in English"), 120),
    "manufacturer": (Label("生产单位", "manufacturer"), 200),
    "model": (Label("规格型号", "model"), 120),
    "serial_number": (Label("出厂编号", "serial number"), 120),
}
LONGEST = 2000


def correct(work: Work, number: str, field: str, value: str, reason: str) -> Item:
    """Write an item's name, manufacturer, model or serial number anew; before receipt the receipt itself does that."""
    work.actor.require("item.handle")
    item = queries.by_number(work.session, number, work.actor)
    if field not in FIELDS:
        raise BadInput(f"'{field}' of an item cannot be corrected here.", f"此处不能更正样品的“{field}”。")
    if item.state == "expected":
        raise Refused(
            f"{number} is not here yet; what it is called is noted when it is received.",
            f"{number} 尚未收到；收样时登记实际信息。",
        )
    (label, longest), new = FIELDS[field], value.strip()
    require_reason(reason)
    if len(new) > longest or (not new and field in ("name_zh", "model")):
        raise BadInput(
            f"The {label.en} has 1 to {longest} characters.", f"{label.zh}须为 1 至 {longest} 个字符。"
        )  # fmt: skip
    before = str(getattr(item, field))
    if before == new:
        raise BadInput("That is what it says already.", "与现有内容相同。")
    setattr(item, field, new)
    work.session.flush()
    work.record(
        "item", number, "correct", reason=reason.strip()[:LONGEST], changed=[label.en], field=field, before=before,
        after=new,
    )  # fmt: skip
    return item
