"""What a person is told: sentences in both languages, and the few exceptions that carry them.

HeliobenchError
├── Refused          a rule says no; nothing was changed         (409 on the web, exit 2 on the command line)
│   ├── BadInput     what was handed in cannot be used           (400, exit 2)
│   └── Stale        somebody changed the record meanwhile       (409)
├── NotFound         no such thing, or not yours to see          (404)
├── Forbidden        your role does not include this             (403)
└── Damaged          a stored record does not match its digest   (500 page with a sentence, exit 1)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence for a person, in English and in Chinese; both must be given."""

    en: str
    zh: str

    def __post_init__(self) -> None:
        if not (self.en.strip() and self.zh.strip()):
            raise ValueError("a sentence needs both its English and its Chinese text")

    def in_language(self, language: str) -> str:
        """The text in ``language`` ("zh…" is Chinese, all else English)."""
        return self.zh if language.startswith("zh") else self.en

    def __str__(self) -> str:
        return f"{self.zh} {self.en}"


class HeliobenchError(Exception):
    """Root of our own exceptions; carries the sentence."""

    def __init__(self, en: str, zh: str, *, code: str = "") -> None:
        self.sentence = Sentence(en, zh)
        self.code = code
        super().__init__(en)

    @property
    def sentence_en(self) -> str:
        """The English text."""
        return self.sentence.en

    @property
    def sentence_zh(self) -> str:
        """The Chinese text."""
        return self.sentence.zh


class Refused(HeliobenchError):
    """A rule of the laboratory says no; nothing was changed."""


class BadInput(Refused):
    """What was handed in cannot be used; the sentence says where and what to do."""


class Stale(Refused):
    """The record was changed since the page that asks was opened; the sentence says by whom and what."""


class NotFound(HeliobenchError):
    """There is no such thing, or the asker may not know of it."""


class Forbidden(HeliobenchError):
    """The asker's roles do not include this permission."""


class Damaged(HeliobenchError):
    """A stored record no longer matches the digest written when it was made."""


def refuse(sentence: Sentence | None) -> None:
    """Raise `Refused` if there is a sentence that refuses."""
    if sentence is not None:
        raise Refused(sentence.en, sentence.zh)


NO_REASON = Sentence("Give a reason: it is kept with the record.", "请填写理由：理由将随记录一并保存。")


def require_reason(reason: str) -> None:
    """Raise `BadInput` where somebody gives no reason in words."""
    if not reason.strip():
        raise BadInput(NO_REASON.en, NO_REASON.zh)
