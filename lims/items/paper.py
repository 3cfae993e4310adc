"""Letters and notes of the goods-in door and the store, Chinese with English beside it, on A4."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from lims.clock import local
from lims.errors import Refused
from lims.items.models import ROLES, Item
from lims.laboratory import Laboratory
from lims.typesetting import typeset

_TEMPLATE = Path(__file__).with_name("paper.typ")
Pair = tuple[str, str]  # Chinese, English


def refusal_letter(laboratory: Laboratory, item: Item) -> bytes:
    """The letter that tells a company why its item was refused; `Refused` if it was not."""
    if item.refused_at is None:
        raise Refused(f"{item.number} was not refused.", f"{item.number} 未被拒收。")
    day = local(item.refused_at, laboratory.settings.time_zone)[:10]
    return _paper(
        laboratory,
        [
            {
                "title": ("样品拒收通知", "Refusal of a test item"),
                "to": _company(item),
                "facts": [
                    (("样品编号", "Item"), item.number),
                    (("委托编号", "Request"), item.request.number),
                    (("样品名称", "Name"), _name(item)),
                    (("规格型号", "Model"), item.model or "—"),
                    (("出厂编号", "Serial number"), item.serial_number or "—"),
                    (("到样状态", "Condition found"), item.condition or "—"),
                    (("日期", "Date"), day),
                ],
                "words": [
                    (
                        "贵单位送检的上述样品，本中心不能接收，原因如下：",
                        "We could not receive the item named above, because:",
                    ),
                    (item.refusal, ""),
                    (
                        "请与本中心业务受理人员联系：可另送符合要求的样品，或取回该样品，或变更委托内容。",
                        "Please speak with our office: send another item, have this one back, or change the order.",
                    ),
                ],
                "rows": [],
                "signs": [("经办人（签字）", "For the laboratory"), ("日期", "Date")],
            }
        ],
    )


def return_note(laboratory: Laboratory, items: Sequence[Item], day: date) -> bytes:
    """A note of items handed back, a page for each company; who takes them signs it."""
    in_house = [one.number for one in items if one.state not in ("kept", "refused", "returned")]
    if in_house:
        raise Refused(f"{in_house[0]} is not going back yet.", f"{in_house[0]} 尚未进入退样环节。")
    by_company = groupby(
        sorted(items, key=lambda one: (one.company.code, one.number)), key=lambda one: one.company.code
    )
    return _paper(laboratory, [_note(list(group), day) for _, group in by_company])


def _note(items: list[Item], day: date) -> dict[str, Any]:
    return {
        "title": ("退样单", "Return of test items"),
        "to": _company(items[0]),
        "facts": [(("日期", "Date"), day.isoformat()), (("样品数", "Items"), str(len(items)))],
        "words": [("下列样品已完成检测或不再检测，现予退还。", "The items below are handed back.")],
        "head": [
            ("样品编号", "Item"), ("委托编号", "Request"), ("名称", "Name"), ("规格型号", "Model"),
            ("出厂编号", "Serial"), ("件数", "Pieces"),
        ],
        "rows": [
            [one.number, one.request.number, _name(one), one.model or "—", one.serial_number or "—", str(one.pieces)]
            for one in items
        ],
        "signs": [
            ("发放人（签字）", "Handed over by"), ("领取人（签字）", "Received by"),
            ("证件或运单号", "Identity or waybill"), ("日期", "Date"),
        ],
    }  # fmt: skip


def _name(item: Item) -> str:
    role = "" if item.role == "test" else f"（{ROLES[item.role][1]}）"
    return f"{item.name_zh}{role} {item.name_en}".strip()


def _company(item: Item) -> dict[str, str]:
    company = item.company
    return {
        "zh": company.name_zh, "en": company.name_en, "address": company.address_zh,
        "contact": f"{company.contact} {company.telephone}".strip(),
    }  # fmt: skip


def _paper(laboratory: Laboratory, pages: list[dict[str, Any]]) -> bytes:
    inputs = {
        "pages": json.dumps(pages, ensure_ascii=False),
        "laboratory": json.dumps(laboratory.identity, ensure_ascii=False),
        "demonstration": "true" if laboratory.settings.demonstration else "false",
    }
    return typeset(_TEMPLATE, inputs)
