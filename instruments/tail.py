"""The scans of a segment that is still open, read from the disk beside the program that writes it.

They are a preview for whoever watches the bench: not checked by hashes, and never the original observation, which is
the sealed segment. The recorder is not asked and does not wait.
"""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from instruments.spool import segments

SCHEMA = "heliobench.live/1"
MOST_SCANS = 400  # in one message; ours: a whole segment of the usual size fits


class Tail:
    """The end of a run's spool: what was written since the last segment was begun."""

    def __init__(self, folder: Path, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._monotonic = folder, monotonic
        self._path, self._read = Path(), 0
        self._scans: list[Mapping[str, Any]] = []

    def message(self, *, after: int) -> dict[str, Any]:
        """The scans after number `after` as one message, schema heliobench.live/1.

        {"schema", "after": number before the first scan, "age": s since the last scan was begun or null,
        "scans": [{"seq", "time", "lag", "values": {symbol: [value, unit]}, "faults": [{"i", "kind", "sentence_en",
        "sentence_zh"}]}]}
        """
        self._follow()
        news = [one for one in self._scans if one["seq"] > after][-MOST_SCANS:]
        last = self._scans[-1] if self._scans else None
        return {
            "schema": SCHEMA,
            "after": news[0]["seq"] - 1 if news else max(after, 0),
            "age": None if last is None else round(max(self._monotonic() - last["monotonic"], 0.0), 3),
            "scans": [_shown(one) for one in news],
        }

    def _follow(self) -> None:
        """Read the whole lines that were added; a line being written waits for its end."""
        newest = segments(self._folder)[-1:]
        if not newest:
            return
        if newest[0] != self._path:
            self._path, self._read, self._scans = newest[0], 0, []
        with self._path.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        self._scans += filter(None, map(_scan, whole.splitlines()))


def _scan(line: bytes) -> Mapping[str, Any] | None:
    """A line's content if it is a whole scan; the reader of the sealed segment is who judges damage."""
    try:
        content = json.loads(line)
    except ValueError:
        return None
    return content if isinstance(content, dict) and content.get("kind") == "scan" else None


def _shown(scan: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "seq": scan["seq"],
        "time": scan["time"],
        "lag": scan["lag"],
        "values": {one["symbol"]: [one["value"], one["unit"]] for one in scan["readings"]},
        "faults": [{key: one[key] for key in ("i", "kind", "sentence_en", "sentence_zh")} for one in scan["faults"]],
    }
