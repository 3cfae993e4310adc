"""What an event of a story was about: the test and activity authorised or taken away, roles, name, an entry written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from lims.audit import Event
from lims.labels import ACTIVITIES, ROLES, Label
from lims.manual import record as records
from lims.repertoire import known_tests, procedures

NOTHING = Label("", "")
LONGEST = 60  # characters of an entry that a line of a story shows; a list of photographs is longer


def about(event: Event) -> Label:
    """The words that stand below what happened; empty where the action says everything."""
    detail: dict[str, Any] = json.loads(event.detail)
    if event.kind == "competence":
        return _competence(detail)
    if event.kind == "manual" and event.action == "write":
        return _entry(detail)
    if event.kind != "person":
        return NOTHING
    changed = detail.get("changed", {})
    if "roles" in changed:
        return _from_to(*(_roles(roles) for roles in changed["roles"]))
    if event.action == "add":
        return _roles(detail.get("roles", ()))
    if event.action == "change_address":
        return _from_to(Label(detail["old"], detail["old"]), Label(detail["new"], detail["new"]))
    names = [changed[name] for name in ("name_zh", "name_en") if name in changed]
    return _joined((_from_to(Label(old, old), Label(new, new)) for old, new in names), "；", "; ")


def _competence(detail: Mapping[str, str]) -> Label:
    """Test, activity, and from when to when where it was granted."""
    test, activity = known_tests().get(detail["method"]), detail["activity"]
    parts = [
        Label(test.title_zh, test.title_en) if test else Label(detail["method"], detail["method"]),
        ACTIVITIES.get(activity) or Label(activity, activity),
    ]
    if "valid_from" in detail:
        term = f"{detail['valid_from']} – {detail['valid_to']}"
        parts.append(Label(term, term))
    return _joined(parts, " · ", " · ")


def _entry(detail: Mapping[str, Any]) -> Label:
    """The entry of a manual record and what was written; the value of a number read twice stays blind here.

    Events of before the procedure was told name the symbol alone.
    """
    symbol, place = str(detail["symbol"]), f" {detail['row']}" if detail["row"] else ""
    procedure = procedures().get(detail.get("procedure", ""))
    entry = records.entry_of(procedure, symbol) if procedure else None
    called = records.name_of(procedure, symbol)
    name = Label(called.zh + place, called.en + place)
    text = str(detail["text"])
    if entry is None or entry.double or not 0 < len(text) <= LONGEST:
        return name
    return Label(f"{name.zh}：{entry.in_chinese(text)}", f"{name.en}: {text}")


def _roles(roles: Iterable[str]) -> Label:
    return _joined((ROLES.get(role) or Label(role, role) for role in roles), "、", ", ")


def _from_to(old: Label, new: Label) -> Label:
    return Label(f"{old.zh or '–'} → {new.zh or '–'}", f"{old.en or '–'} → {new.en or '–'}")


def _joined(parts: Iterable[Label], zh: str, en: str) -> Label:
    told = list(parts)
    return Label(zh.join(one.zh for one in told), en.join(one.en for one in told))
