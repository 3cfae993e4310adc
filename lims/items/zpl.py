"""Stickers as ZPL II for a label printer of 203 dpi: the printer draws the QR code itself, so its modules stay whole.

Chinese words are sent as a picture (^GFA), for hardly any printer has such letters; the number is printed by the
printer's own font. One label is one ^XA … ^XZ.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

from lims.errors import BadInput
from lims.items.label import MOST_LABELS, Sticker, label_qr

DOTS_PER_MM = 8  # 203 dpi
WIDTH, HEIGHT = 50 * DOTS_PER_MM, 30 * DOTS_PER_MM
QR_DOTS = 168  # 21 mm
LEFT = 184  # where the words begin


def label_zpl(labels: Sequence[Sticker]) -> bytes:
    """One ^XA … ^XZ for each sticker; `BadInput` for none or too many."""
    if not 1 <= len(labels) <= MOST_LABELS:
        raise BadInput(
            f"{len(labels)} labels were asked for; print 1 to {MOST_LABELS} at once.",
            f"要求打印 {len(labels)} 张标签；一次可打印 1 至 {MOST_LABELS} 张。",
        )
    return "".join(_label(one) for one in labels).encode("ascii")


def _label(label: Sticker) -> str:
    code = _plain(label.code)
    size = 28 if len(code) <= 14 else 22 if len(code) <= 18 else 16
    return "\n".join(
        (
            f"^XA^PW{WIDTH}^LL{HEIGHT}^LH0,0^CI28",
            f"^FO8,20^BQN,2,{_magnification(label.qr)}^FH^FDMA,{_plain(label.qr)}^FS",
            f"^FO{LEFT},24^A0N,{size},{size}^FH^FD{code}^FS",
            f"^FO{LEFT},58^GB{WIDTH - LEFT - 10},2,2^FS",
            f"^FO{LEFT},68{_picture(label)}^FS",
            "^PQ1^XZ\n",
        )
    )


def _plain(text: str) -> str:
    r"""Printable ASCII; whatever ZPL would take for a command, and all else, as _hex (^FH).

    >>> _plain("YP-1^XZ~_")
    'YP-1_5EXZ_7E_5F'
    """
    kept = (c if " " <= c <= "~" and c not in "^~_\\" else "".join(f"_{b:02X}" for b in c.encode()) for c in text)
    return "".join(kept)


def _magnification(text: str) -> int:
    """Dots of a module, so that the code with its quiet zone fits into 21 mm."""
    modules = len(label_qr(text).matrix)
    return max(2, min(10, QR_DOTS // (modules + 4)))


def _picture(label: Sticker) -> str:
    """Name and facts as a picture of one bit a dot."""
    width, height = (WIDTH - LEFT - 8) // 8 * 8, HEIGHT - 68 - 8
    image = Image.new("1", (width, height), 1)
    draw, at = ImageDraw.Draw(image), 0
    for text, size in [*((one, 20) for one in _lines(label.name, width)), *((f"{a} {b}", 15) for a, b in label.facts)]:
        draw.text((0, at), text, font=_font(size), fill=0)
        at += size + 5
    data = bytes(byte ^ 0xFF for byte in image.tobytes())  # ZPL: a set bit is black
    return f"^GFA,{len(data)},{len(data)},{width // 8},{data.hex().upper()}"


def _lines(text: str, width: int, most: int = 3) -> list[str]:
    lines = [""]
    for character in text.replace("\n", " "):
        if _font(20).getlength(lines[-1] + character) > width:
            lines.append("")
        lines[-1] += character
    return lines[:most]


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), size)
