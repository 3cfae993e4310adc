"""What a bench shows of a run before its segments arrive: a preview, kept beside the records and never in them.

One file a run, instance/live/RUN.json, replaced as a whole. It holds the scans of the segment still open, is bounded,
and goes when the run ends; nothing is evaluated from it. The file's time is that of the last word from the bench, so
that a beat without a new scan writes nothing.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from instruments.segment import seconds
from instruments.tail import MOST_SCANS, SCHEMA
from lims.errors import BadInput

KEPT = 2 * MOST_SCANS  # scans in the file, whatever a bench sends
LARGEST = 1 << 20  # bytes of one message
LOST_AFTER = 7.0  # s without a word from the bench (it speaks every two); ours
LATE_PERIODS, LATE_GRACE = 2.0, 3.0  # a scan older than so many periods and seconds is told to be late; ours
LONGEST_SENTENCE = 600


@dataclass(frozen=True, slots=True)
class LiveScan:
    """One scan of a preview: values by symbol with their unit as the instrument gave them, and faults in words."""

    seq: int
    time: float
    lag: float
    values: dict[str, tuple[float, str]]
    faults: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The preview of a run.

    heard: when the bench last spoke; scanned: when it began its last scan, on the clock of the LIMS [s since 1970
    UTC], None before the first.
    """

    scans: tuple[LiveScan, ...]
    heard: float
    scanned: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How things stand with a bench now.

    state: "never" (nothing was heard of this run), "waiting" (before the first scan), "live", "late" (it speaks, and
    has no new scan), "lost".  silent, age: s since the last word and since the last scan.
    """

    state: str
    silent: float | None
    age: float | None

    @property
    def values_are_live(self) -> bool:
        """Whether the last values may be shown as those of now."""
        return self.state == "live"


def contact(live: Live | None, *, now: float, period: float) -> Contact:
    """How things stand at ``now`` [s since 1970 UTC] with a bench that scans every ``period`` [s]."""
    if live is None:
        return Contact(state="never", silent=None, age=None)
    silent = max(now - live.heard, 0.0)
    age = None if live.scanned is None else max(now - live.scanned, 0.0)
    if silent > LOST_AFTER:
        state = "lost"
    elif age is None:
        state = "waiting"
    else:
        state = "late" if age > LATE_PERIODS * period + LATE_GRACE else "live"
    return Contact(state=state, silent=silent, age=age)


def take(folder: Path, run: str, data: bytes, *, symbols: Collection[str], stored: int, now: float) -> int:
    """Keep what a bench shows; gives the number of the last scan that is here, after which it should go on.

    ``symbols``: the bench's channels. ``stored``: number of the last scan in the run's segments. Raises `BadInput` for
    a message that is none.
    """
    after, age, scans = _message(data, symbols)
    known = _kept(folder, run)
    held = [one for one in known.scans if one.seq > stored] if known else []
    have = held[-1].seq if held else stored
    if scans and (after == have or not held or after < have):
        held = [*(one for one in held if one.seq <= after), *scans][-KEPT:]
        have = held[-1].seq
    scanned = now - age if age is not None else None
    if known is None or len(held) != len(known.scans) or held != list(known.scans):
        _write(folder, run, Live(scans=tuple(held), heard=now, scanned=scanned))
    os.utime(_path(folder, run), (now, now))
    return have


def read(folder: Path, run: str, *, stored: int) -> Live | None:
    """The preview of a run without the scans that have arrived in segments; None if there is none."""
    known = _kept(folder, run)
    if known is None:
        return None
    scans = tuple(one for one in known.scans if one.seq > stored)
    return Live(scans=scans, heard=known.heard, scanned=known.scanned)


def drop(folder: Path, run: str) -> None:
    """Forget the preview of a run that has ended."""
    _path(folder, run).unlink(missing_ok=True)


def _path(folder: Path, run: str) -> Path:
    return folder / f"{run}.json"


def _kept(folder: Path, run: str) -> Live | None:
    path = _path(folder, run)
    try:
        with path.open("rb") as file:
            content, heard = json.load(file), os.fstat(file.fileno()).st_mtime
    except (FileNotFoundError, ValueError):
        return None
    scans = tuple(
        LiveScan(one["seq"], one["time"], one["lag"], {k: (v[0], v[1]) for k, v in one["values"].items()},
                 tuple(one["faults"]))
        for one in content["scans"]
    )  # fmt: skip
    return Live(scans=scans, heard=heard, scanned=content["scanned"])


def _write(folder: Path, run: str, live: Live) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"scanned": live.scanned, "scans": [asdict(one) for one in live.scans]}, file)
        os.replace(temporary, _path(folder, run))
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _message(data: bytes, symbols: Collection[str]) -> tuple[int, float | None, list[LiveScan]]:
    if len(data) > LARGEST:
        raise _wrong("it is too large", "内容过大")
    try:
        told = json.loads(data)
        if told["schema"] != SCHEMA:
            raise _wrong(f"its schema is not {SCHEMA}", f"格式标识不是 {SCHEMA}")
        after, age = int(told["after"]), told["age"]
        age = None if age is None else _finite(age)
        scans = [_scan(one, symbols) for one in told["scans"]]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _wrong(f"it has not the form of one ({type(error).__name__})", "内容格式不符") from error
    if len(scans) > MOST_SCANS or [one.seq for one in scans] != list(range(after + 1, after + 1 + len(scans))):
        raise _wrong("its scans are too many or not numbered one after the other", "采样过多或编号不连续")
    return after, age, scans


def _scan(told: Mapping[str, Any], symbols: Collection[str]) -> LiveScan:
    values = {str(symbol): (_finite(one[0]), str(one[1])[:20]) for symbol, one in told["values"].items()}
    if not values.keys() <= set(symbols):
        raise ValueError("a symbol that is no channel of this bench")
    faults = tuple(
        {key: str(one[key])[:LONGEST_SENTENCE] for key in ("i", "kind", "sentence_en", "sentence_zh")}
        for one in told["faults"][: 4 * len(symbols) + 4]
    )
    return LiveScan(int(told["seq"]), seconds(told["time"]), _finite(told["lag"]), values, faults)


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a finite number")
    return float(value)


def _wrong(en: str, zh: str) -> BadInput:
    return BadInput(f"This preview cannot be shown: {en}.", f"无法显示该实时预览：{zh}。")
