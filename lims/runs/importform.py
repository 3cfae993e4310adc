"""What was typed on the page "Import a file", as `Stated`: text in, values out, a sentence for what cannot be used."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence

from instruments.loggers.encoding import ENCODINGS
from instruments.loggers.moments import ORDERS
from lims.errors import BadInput
from lims.runs.dryrun import STAMPS, Stated
from lims.runs.filemap import Assigned

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
DECIMALS = {"point": ".", "comma": ","}
LONGEST = 200


def stated(form: Mapping[str, str], symbols: Sequence[str]) -> Stated:
    """What the form states; nothing but wishes if it was not shown yet. Raises `BadInput` for what cannot be used."""
    wishes: dict[str, str | int] = {
        "encoding": _chosen(form, "encoding", ENCODINGS),
        "separator": SEPARATORS.get(_chosen(form, "separator", SEPARATORS), ""),
        "decimal": DECIMALS.get(_chosen(form, "decimal", DECIMALS), ""),
        "order": _chosen(form, "order", ORDERS),
        "first_line": _line(form, "first_line"),
        "last_line": _line(form, "last_line"),
    }
    if form.get("stated") != "1":
        return Stated(wishes=wishes)
    return Stated(
        wishes=wishes,
        time=tuple(int(part) for part in re.findall(r"\d{1,6}", _text(form, "time")))[:2],
        zone=_text(form, "zone"),
        stamp=_chosen(form, "stamp", STAMPS),
        missing=tuple(dict.fromkeys(_text(form, "missing").split())),
        columns={symbol: _assigned(form, symbol) for symbol in symbols},
    )


def _assigned(form: Mapping[str, str], symbol: str) -> Assigned | None:
    index, colon, name = form.get(f"c-{symbol}", "").partition(":")
    if not (colon and index.isdecimal() and len(index) < 7):
        return None
    return Assigned(
        symbol=symbol, column=int(index), name=name, unit=_text(form, f"u-{symbol}"),
        equipment=_text(form, f"e-{symbol}"), corrected_by=_text(form, f"s-{symbol}"),
        uncertainty_absolute=_number(form, f"ua-{symbol}", symbol),
        uncertainty_relative=_number(form, f"ur-{symbol}", symbol) / 100.0,
    )  # fmt: skip


def _text(form: Mapping[str, str], name: str) -> str:
    text = form.get(name, "").strip()
    if len(text) > LONGEST or not text.isprintable():
        raise BadInput(
            f"At most {LONGEST} characters on one line fit here: “{text[:20]!r}…”.",
            f"此处最多为一行 {LONGEST} 个字符：“{text[:20]!r}…”。",
        )
    return text


def _chosen(form: Mapping[str, str], name: str, choices: Collection[str]) -> str:
    text = form.get(name, "")
    return text if text in choices else ""


def _line(form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "").strip()
    if not text:
        return 0
    if not (text.isdecimal() and text.isascii() and len(text) < 10):
        raise BadInput(f"“{text[:20]}” is not the number of a line.", f"“{text[:20]}”不是行号。")
    return int(text)


def _number(form: Mapping[str, str], name: str, symbol: str) -> float:
    text = form.get(name, "").strip()
    if not text:
        return 0.0
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise BadInput(
            f"{symbol}: “{text[:20]}” is not a standard uncertainty; give a number that is not negative.",
            f"{symbol}：“{text[:20]}”不是标准不确定度；请填写非负数。",
        )
    return value
