"""What a scanner reads from our labels: the address of an item or a place, a person's badge, or a bare number."""

from __future__ import annotations

import re

ITEM = re.compile(r"YP[0-9-]*[0-9]")  # whatever the setting numbers makes of it, and its parts
PLACE = re.compile(r"[A-Z0-9](?:[A-Z0-9.-]{0,28}[A-Z0-9])?")
_ADDRESS = re.compile(r"https?://[^/\s]+/(items|storage)/([\w.%-]+)/?", re.IGNORECASE)
_BADGE = re.compile(r"RY:([\w.-]{1,60})", re.IGNORECASE)


def item_address(base_url: str, number: str) -> str:
    """What the QR code of an item says: its page, so that a telephone's camera finds it too."""
    return f"{base_url.rstrip('/')}/items/{number}"


def place_address(base_url: str, code: str) -> str:
    """What the QR code of a storage place says."""
    return f"{base_url.rstrip('/')}/storage/{code}"


def badge(username: str) -> str:
    """What the QR code of a person's badge says."""
    return f"RY:{username}"


def item_in(text: str) -> str | None:
    """The item number in what was scanned or typed; None if it is none.

    >>> item_in("https://lab.example/items/YP-2026-00012-01"), item_in("yp-2026-00012 "), item_in("A-01")
    ('YP-2026-00012-01', 'YP-2026-00012', None)
    """
    found = ITEM.fullmatch(_said(text, "items").upper())
    return found[0] if found else None


def place_in(text: str) -> str | None:
    """The code of a place in what was scanned or typed, whether or not there is such a place; None if it is none.

    >>> place_in("http://lab.example/storage/A-01"), place_in("a-01"), place_in("室外试验台"), place_in("YP-2026-00012")
    ('A-01', 'A-01', None, None)
    """
    said = _said(text, "storage").upper()
    return said if PLACE.fullmatch(said) and not ITEM.fullmatch(said) else None


def person_in(text: str) -> str | None:
    """The user name on a badge; None if this is no badge.

    >>> person_in("RY:chen.li"), person_in("chen.li")
    ('chen.li', None)
    """
    found = _BADGE.fullmatch(text.strip())
    return found[1] if found else None


def is_address(text: str) -> bool:
    """Whether something is a web address rather than words."""
    return text.strip().lower().startswith(("http://", "https://"))


def _said(text: str, kind: str) -> str:
    found = _ADDRESS.fullmatch(text.strip())
    if found is None:
        return text.strip()
    return found[2] if found[1].lower() == kind else ""
