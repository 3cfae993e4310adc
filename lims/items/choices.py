"""What people choose from at the goods-in door and how long items are kept: data of the site (config/receipt.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from lims.canonical import canonical_json
from lims.errors import BadInput, Sentence
from lims.settings import ROOT

PATH = ROOT / "config" / "receipt.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One word to tick."""

    id: str
    zh: str
    en: str
    good: bool = False

    @property
    def sentence(self) -> Sentence:
        """Both languages."""
        return Sentence(self.en, self.zh)

    @property
    def both(self) -> str:
        """As it stands in a record."""
        return f"{self.zh} {self.en}"


# Words of the ledger that nobody chooses: the program enters them.
RECEIPT = Choice(id="receipt", zh="收样", en="receipt")
HANDED_BACK = Choice(id="handed_back", zh="退样", en="handed back")
DISPOSED = Choice(id="disposed", zh="处置", en="disposed of")

DOOR = Choice(id="door", zh="收样处", en="goods-in")


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads(PATH.read_text(encoding="utf-8"))


def choices(kind: str) -> tuple[Choice, ...]:
    """The words of a kind: condition, refusal, accessory, purpose, disposal."""
    return tuple(Choice(**row) for row in _told()[kind])


def chosen(kind: str, ids: Iterable[str]) -> list[Choice]:
    """The choices of these ids, in the order of the list; `BadInput` for one that is not in it."""
    wanted, known = set(ids), {one.id: one for one in choices(kind)}
    if unknown := wanted - known.keys():
        raise BadInput(f"There is no choice '{min(unknown)}'.", f"没有“{min(unknown)}”这个选项。")
    return [one for key, one in known.items() if key in wanted]


def in_words(kind: str, ids: Iterable[str], words: str) -> str:
    """Ticked words and free ones as one text for the record."""
    return "；".join([*(one.both for one in chosen(kind, ids)), *([words.strip()] if words.strip() else [])])


@cache
def _known() -> dict[str, Choice]:
    listed = [one for kind in ("condition", "refusal", "accessory", "purpose", "disposal") for one in choices(kind)]
    return {one.both: one for one in (*listed, RECEIPT, HANDED_BACK, DISPOSED, DOOR)}


def told(text: str, language: str) -> str:
    """A recorded text in one language as far as its parts are words of the lists; the rest as it was recorded."""
    parts = [_known().get(part) for part in text.split("；")]
    zh = language.startswith("zh")
    words = [(one.zh if zh else one.en) if one else said for one, said in zip(parts, text.split("；"), strict=True)]
    return ("；" if zh or not all(parts) else "; ").join(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long items are kept, as the site's rule says."""

    objection_days: int
    warn_days: int
    overdue_days: int
    confirmed: bool
    rule: Sequence[dict[str, Any]]

    def until(self, *, role: str, request_kind: str, issued_on: date) -> date:
        """The last day on which an item of a report issued that day is kept."""
        for row in self.rule:
            if row["role"] in ("", role) and row["request_kind"] in ("", request_kind):
                days = row["days"] + (self.objection_days if row["objection"] else 0)
                return issued_on + timedelta(days=days)
        raise LookupError("config/receipt.toml has no retention rule that fits everything")


def retention_digest() -> str:
    """What the rule says, as SHA-256: a confirmation counts for this rule and no other."""
    return sha256(canonical_json(_told()["retention"])).hexdigest()


@cache
def retention() -> Retention:
    """The site's rule."""
    return Retention(**_told()["retention"])
