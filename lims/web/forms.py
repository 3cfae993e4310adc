"""Reading a form: text in, values out, and a sentence beside each field that cannot be used."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from lims.errors import BadInput, Sentence

LONGEST_LINE = 200
LONGEST_TEXT = 4000


class Form:
    """What was typed, kept as it was typed, with an error for each field that was asked for and cannot be used."""

    def __init__(self, typed: Mapping[str, Any]) -> None:
        self.typed: MultiDict[str, str] = MultiDict(typed)
        self.errors: dict[str, Sentence] = {}

    def text(self, name: str, *, longest: int = LONGEST_LINE) -> str:
        """A text without the spaces around it."""
        text = self.typed.get(name, "").strip()
        if any(ord(character) < 32 and character not in "\r\n\t" for character in text):
            self._wrong(name, "Remove the control characters.", "请删除其中的控制字符。")
            return ""
        if len(text) > longest:
            self._wrong(name, f"At most {longest} characters fit here.", f"此处最多 {longest} 个字符。")
        return text

    def number(self, name: str) -> float | None:
        """A number, or None for an empty field; a decimal comma is refused rather than guessed."""
        text = self.typed.get(name, "").strip()
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._wrong(name, "Give a number with a decimal point, e.g. 2.51.", "请填写数字，小数点用“.”，例如 2.51。")
            return None
        return value

    def pairs(self, name: str) -> tuple[tuple[float, float], ...]:
        """A table typed as two numbers a line; nothing for an empty field."""
        rows = [line.replace(",", " ").split() for line in self.typed.get(name, "").splitlines() if line.strip()]
        try:
            return tuple((float(first), float(second)) for first, second in rows)
        except ValueError:
            self._wrong(name, "Give two numbers on each line, e.g. 20.5 998.1.", "请每行填写两个数，例如 20.5 998.1。")
            return ()

    def moment(self, name: str, zone: str) -> datetime | None:
        """A time as 2026-11-30T14:05 in the site's zone, or None for an empty field."""
        text = self.typed.get(name, "").strip()
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or found.tzinfo is not None:
            self._wrong(name, "Give date and time as 2026-11-30 14:05.", "请按 2026-11-30 14:05 的格式填写日期和时间。")
            return None
        return found.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    def day(self, name: str) -> date | None:
        """A date as 2026-11-30, or None for an empty field."""
        text = self.typed.get(name, "").strip()
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._wrong(name, "Give a date as 2026-11-30.", "请按 2026-11-30 的格式填写日期。")
            return None

    def chosen(self, name: str, choices: Collection[str], default: str = "") -> str:
        """One of ``choices``; the default for an empty field."""
        text = self.typed.get(name, "") or default
        if text and text not in choices:
            self._wrong(name, "Choose one of the list.", "请从列表中选择。")
            return default
        return text

    def several(self, name: str, choices: Collection[str]) -> tuple[str, ...]:
        """Those of ``choices`` that are ticked, each once, in the order of the form."""
        texts = tuple(dict.fromkeys(text for text in self.typed.getlist(name) if text))
        if not set(texts) <= set(choices):
            self._wrong(name, "Choose from the list.", "请从列表中选择。")
            return ()
        return texts

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.typed.get(name, "") == "1"

    def require_clean(self) -> None:
        """Raise `BadInput` with the first field's sentence if any field cannot be used."""
        for sentence in self.errors.values():
            raise BadInput(sentence.en, sentence.zh)

    def _wrong(self, name: str, en: str, zh: str) -> None:
        self.errors.setdefault(name, Sentence(en, zh))
