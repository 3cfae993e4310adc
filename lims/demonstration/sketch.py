"""A drawing for the demonstration's order, so that its page shows what a file looks like there."""

from __future__ import annotations

import io


def sketch() -> bytes:
    """PNG: a flat plate collector as a plan, with its risers and headers."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (640, 420), "#f4f7f9")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((60, 40, 580, 380), fill="#20394a", outline="#8fa3ad", width=10)
    for x in range(100, 560, 40):
        pen.line((x, 60, x, 360), fill="#c77b3a", width=5)
    for y in (60, 360):
        pen.line((40, y, 600, y), fill="#c77b3a", width=9)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
