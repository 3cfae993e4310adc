"""A barcode scanner at a browser: keys that say themselves when they were pressed, however busy the computer is."""

from __future__ import annotations

import time

from playwright.sync_api import Page

GAP = 0.004  # seconds between two keys; a scanner on USB types one every 2 to 8 ms
ENTER = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}


def scan(page: Page, code: str, *, gaps: dict[int, float] | None = None) -> None:
    """Type ``code`` and Enter; ``gaps`` gives the seconds before some of the keys (by place) that came later."""
    session = page.context.new_cdp_session(page)
    keys = [{"key": key, "text": key} for key in code] + [{**ENTER, "text": "\r"}]
    waits = [(gaps or {}).get(place, GAP) for place in range(len(keys))]
    moment = time.time()  # never before the page was there, which would count as its beginning
    for key, wait in zip(keys, waits, strict=True):
        moment += wait
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", "timestamp": moment, **key})
    session.detach()
