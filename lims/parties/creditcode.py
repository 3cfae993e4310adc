"""The unified social credit code (统一社会信用代码) of GB 32100-2015: 18 characters, the last one checks the others."""

from __future__ import annotations

import unicodedata

from lims.errors import Sentence

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z, which are misread (GB 32100-2015, 4.2)
WEIGHTS = tuple(3**place % 31 for place in range(LENGTH - 1))


def normal(typed: str) -> str:
    """The code as it is kept: capitals of half width, without the spaces people type to read it better.

    >>> normal(" 9133 0100 7996 5505 8b ")
    '91330100799655058B'
    """
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper()


def check_character(first: str) -> str:
    """The eighteenth character of a code whose first seventeen are given.

    C18 = 31 − (Σ Ci · 3^(i−1) mod 31) mod 31, over the places of the characters in the alphabet.

    >>> check_character("91330100799655058")
    'B'
    """
    weighted = sum(ALPHABET.index(character) * weight for character, weight in zip(first, WEIGHTS, strict=True))
    return ALPHABET[-weighted % 31]


def refusal(code: str) -> Sentence | None:
    """What is wrong with a code; None for a right one."""
    if len(code) != LENGTH:
        return Sentence(
            f"A unified social credit code has 18 characters; this one has {len(code)}.",
            f"统一社会信用代码应为 18 位；您填写了 {len(code)} 位。",
        )
    for place, character in enumerate(code, start=1):
        if character not in ALPHABET:
            return Sentence(
                f"Character {place} is '{character}'; a unified social credit code has digits and capital letters "
                "without I, O, S, V and Z.",
                f"第 {place} 位为“{character}”；统一社会信用代码只含数字和大写英文字母，且不使用 I、O、S、V、Z。",
            )
    if code[-1] != check_character(code[:-1]):
        return Sentence(
            "The check character (the last one) does not fit the others; compare the code with the business licence.",
            "校验码（第 18 位）与前 17 位不符；请与营业执照核对。",
        )
    return None
