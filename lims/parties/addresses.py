"""What can be an e-mail address: one plain ASCII address, nothing that could become a second header or recipient."""

from __future__ import annotations

import re

from lims.errors import BadInput, Sentence

LONGEST = 200
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")


def refusal(address: str) -> Sentence | None:
    """What is wrong with an address; None for one that can be."""
    if len(address) <= LONGEST and ADDRESS.fullmatch(address) and ".." not in address:
        return None
    return Sentence(
        "This is no e-mail address; write one like name@company.cn.", "这不是有效的电子邮箱；请填写如 name@company.cn。"
    )


def require(address: str) -> str:
    """The address in lower case after the @, or `BadInput`."""
    typed = address.strip()
    if wrong := refusal(typed):
        raise BadInput(wrong.en, wrong.zh)
    local, _, domain = typed.rpartition("@")
    return f"{local}@{domain.lower()}"
