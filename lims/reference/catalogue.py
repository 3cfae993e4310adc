"""What the laboratory works by: its methods and its manual tests, each with the limits it stands on."""

from __future__ import annotations

from collections.abc import Mapping

from lims import repertoire
from lims.errors import NotFound
from protocols.limits import Limit
from protocols.procedures.procedure import Procedure, confirmed_for


def confirmed(limit: Limit, edition: str) -> bool:
    """Whether a limit is confirmed, and for this edition if one is named."""
    return confirmed_for(limit, edition) if edition else limit.confirmed


def confirmed_of(limits: Mapping[str, Limit], edition: str = "") -> int:
    """How many of these limits are confirmed."""
    return sum(confirmed(one, edition) for one in limits.values())


def procedures(text: str = "") -> dict[str, list[Procedure]]:
    """The manual tests by edition, in their order; ``text`` looks in id, edition and titles."""
    groups: dict[str, list[Procedure]] = {}
    for one in repertoire.procedures().values():
        if has(text, one.id, one.edition, one.title_en, one.title_zh):
            groups.setdefault(one.edition, []).append(one)
    return {edition: sorted(group, key=lambda one: one.order) for edition, group in sorted(groups.items())}


def procedure(name: str) -> Procedure:
    """The manual test of this id; else `NotFound`."""
    found = repertoire.procedures().get(name)
    if found is None:
        raise NotFound(f"There is no manual test {name}.", f"没有人工试验 {name}。")
    return found


def has(text: str, *where: str) -> bool:
    """Whether every word of ``text`` stands in one of the texts, whatever the case."""
    whole = " ".join(where).casefold()
    return all(word in whole for word in text.casefold().split())
