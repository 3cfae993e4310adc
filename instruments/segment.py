"""A spool segment as bytes: pure functions that write a line and check every line. The layout: see spool.py."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

import numpy as np
import orjson
from numpy.typing import NDArray

from instruments.errors import DamagedSegment

FORMAT = 1
GENESIS = "0" * 64  # what the first line of a run carries in place of the hash of the line before

_HASH_KEY = b',"hash":"'
_TAIL = len(_HASH_KEY) + 64 + len(b'"}')


@dataclass(frozen=True)
class Segment:
    """A segment whose every line has been checked.

    `scans` and `bench` are the JSON objects as written; `previous` is the hash that the segment before must end with,
    `head_hash` the one that the next must begin with; `sealed` says that nothing can follow in this segment, `final`
    that nothing can follow in the run; `torn` are lines that a power cut tore.
    """

    run: str
    index: int
    bench: Mapping[str, Any]
    scans: tuple[Mapping[str, Any], ...]
    torn: tuple[bytes, ...]
    sealed: bool
    final: bool
    previous: str
    head_hash: str
    sha256: str

    @property
    def first(self) -> int:
        """Number of the first scan; 0 when there is none."""
        return int(self.scans[0]["seq"]) if self.scans else 0

    @property
    def last(self) -> int:
        """Number of the last scan; 0 when there is none."""
        return int(self.scans[-1]["seq"]) if self.scans else 0

    def times(self) -> NDArray[np.float64]:
        """The times of the scans [s since 1970 UTC]."""
        return np.array([seconds(scan["time"]) for scan in self.scans], dtype=np.float64)

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """{symbol: values in the unit of the reading}, one row per scan; NaN where a reading is missing."""
        symbols = [symbol for one in self.bench["instrument"] for symbol in one["channels"]]
        columns = {symbol: np.full(len(self.scans), np.nan) for symbol in symbols}
        for row, scan in enumerate(self.scans):
            for reading in scan["readings"]:
                columns[reading["symbol"]][row] = reading["value"]
        return columns


def with_hash(content: Mapping[str, Any]) -> tuple[bytes, str]:
    """(the line with its hash and line end, the hash). The content is JSON as it is: numbers in it are finite."""
    body = orjson.dumps(content)
    digest = hashlib.sha256(body).hexdigest()
    return body[:-1] + _HASH_KEY + digest.encode() + b'"}\n', digest


def stamp(seconds_utc: float) -> str:
    """Seconds since 1970 UTC as ISO 8601 with milliseconds.

    >>> stamp(1499061630.0)
    '2017-07-03T06:00:30.000Z'
    """
    moment = datetime.fromtimestamp(round(seconds_utc, 3), UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(text: str) -> float:
    """ISO 8601 as seconds since 1970 UTC.

    >>> seconds("2017-07-03T06:00:30.000Z")
    1499061630.0
    """
    return datetime.fromisoformat(text).timestamp()


def cut_torn_line(data: bytes) -> tuple[bytes, bytes]:
    """(the whole lines, the torn last line): what a power cut or a killed program leaves behind.

    A last line without its end is torn; so is one with NUL bytes, which is what a file system shows for a block of a
    grown file that never reached the disk. Any other damage is not for us to mend: `read_segment` names it.
    """
    end = data.rfind(b"\n") + 1
    if end == len(data) and b"\0" in data[data.rfind(b"\n", 0, end - 1) + 1 :]:
        end = data.rfind(b"\n", 0, end - 1) + 1
    return data[:end], data[end:]


def read_segment(data: bytes, *, previous: str | None = None) -> Segment:
    """Check every line of a segment and return what it holds.

    `previous`: the hash that the segment before ended with, when it is known. Raises DamagedSegment naming the line.
    """
    lines = data.split(b"\n")
    if lines.pop():
        _damaged(len(lines) + 1, "has no line end: it was torn by a power cut", "没有行结束符：因断电被截断")
    if not lines:
        _damaged(1, "is missing: the segment is empty", "缺失：段为空")
    head = _Checker(previous)
    for number, line in enumerate(lines, 1):
        try:
            head.take(number, line)
        except (KeyError, TypeError, ValueError, AttributeError):
            _damaged(number, "has the right hash but not the form of such a line", "哈希正确，但不是该类行的格式")
    return head.segment(hashlib.sha256(data).hexdigest())


class _Checker:
    """Holds each line against the one before it."""

    def __init__(self, previous: str | None) -> None:
        self._before = previous
        self._previous = self._hash = ""
        self._head: Mapping[str, Any] = {}
        self._seal: Mapping[str, Any] = {}
        self._scans: list[Mapping[str, Any]] = []
        self._torn: list[bytes] = []

    def take(self, number: int, line: bytes) -> None:
        content = _content(number, line)
        if self._before is None:
            self._before = content["prev"]
        if content["prev"] != self._before:
            _damaged(
                number,
                "does not follow the line before it: lines are missing or out of order",
                "与前一行不衔接：有行缺失或顺序错误",
            )
        self._previous = self._previous or content["prev"]
        self._before = self._hash = content["hash"]
        if number > 1 and content.get("run") != self._head["run"]:
            _damaged(number, "belongs to another run", "属于另一试验记录")
        if self._seal:
            _damaged(number, "follows the seal; nothing may", "位于封存行之后，不允许")
        self._sort(number, content)

    def _sort(self, number: int, content: Mapping[str, Any]) -> None:
        kind = content.get("kind")
        if (number == 1) != (kind == "head"):
            _damaged(number, "should be the head of the segment, once and first", "应为段首行，且仅出现在首行")
        if kind == "head":
            self._head = content
        elif kind == "scan":
            self._take_scan(number, content)
        elif kind == "torn":
            self._torn.append(bytes.fromhex(content["bytes"]))
        elif kind == "seal":
            self._take_seal(number, content)
        else:
            _damaged(number, f"is of unknown kind {kind!r}", f"类型未知：{kind!r}")

    def _take_scan(self, number: int, content: Mapping[str, Any]) -> None:
        if self._scans and content["seq"] != self._scans[-1]["seq"] + 1:
            _damaged(
                number,
                f"is scan {content['seq']} after scan {self._scans[-1]['seq']}",
                f"为第 {content['seq']} 次采样，前一次为第 {self._scans[-1]['seq']} 次",
            )
        self._scans.append(content)

    def _take_seal(self, number: int, content: Mapping[str, Any]) -> None:
        found = (len(self._scans), *((self._scans[0]["seq"], self._scans[-1]["seq"]) if self._scans else (0, 0)))
        if (content["scans"], content["first"], content["last"]) != found:
            _damaged(number, "seals another number of scans than there are", "封存行的采样数与实际不符")
        self._seal = content

    def segment(self, sha256: str) -> Segment:
        return Segment(
            run=self._head["run"],
            index=self._head["segment"],
            bench=self._head["bench"],
            scans=tuple(self._scans),
            torn=tuple(self._torn),
            sealed=bool(self._seal),
            final=bool(self._seal.get("final")),
            previous=self._previous,
            head_hash=self._hash,
            sha256=sha256,
        )


def _content(number: int, line: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(line[:-_TAIL] + b"}").hexdigest()
    if line[-_TAIL:] != _HASH_KEY + digest.encode() + b'"}':
        _damaged(number, "is damaged: its hash does not fit its bytes", "已损坏：哈希与内容不符")
    content = orjson.loads(line)
    if content.get("v") != FORMAT:
        _damaged(number, f"is of format {content.get('v')!r}; this program reads {FORMAT}", "格式版本不支持")
    return dict(content)


def _damaged(number: int, en: str, zh: str) -> NoReturn:
    raise DamagedSegment(
        code="segment-damaged",
        sentence_en=f"Line {number} of the spool segment {en}.",
        sentence_zh=f"原始记录段第 {number} 行{zh}。",
        line=number,
    )
