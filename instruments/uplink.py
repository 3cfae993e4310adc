"""Hand the sealed segments of a spool to the LIMS over HTTP, in order, as often as it takes.

    GET {base}/api/runs/{run}/segments           → {"segments": [{"index": 1, "sha256": "…"}, …]}: what the LIMS holds
    PUT {base}/api/runs/{run}/segments/{index}   body = the segment's bytes, `Content-Digest` (RFC 9530), bearer token
    PUT {base}/api/runs/{run}/live               body = scans of the segment still open, a preview (tail.py)

The LIMS is asked first what it holds: nothing is sent twice, and what a restored back-up has lost is sent again.
An outage (no connection, 5xx, 408, 429) is waited out with growing pauses; any other refusal is a sentence.
"""

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import httpx

from instruments.errors import Outage, UplinkRefused
from instruments.segment import read_segment
from instruments.spool import index_of, segments

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds; ours: doubled from the first to the longest
Answer = TypeVar("Answer")
_TRY_LATER = {408, 425, 429}


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one push did: numbers of the segments sent, those the LIMS already held, and the attempts that failed."""

    sent: tuple[int, ...]
    held: tuple[int, ...]
    failures: int


def content_digest(data: bytes) -> str:
    """The value of the header `Content-Digest` for a body (RFC 9530, section 2).

    >>> content_digest(b'{"hello": "world"}\\n')
    'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:'
    """
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


class Uplink:
    """The way of segments into the LIMS. `attempts` None: for ever; else so many in a row before Outage is raised."""

    def __init__(
        self,
        *,
        base_url: str,
        token: str,
        sleep: Callable[[float], None] = time.sleep,
        attempts: int | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = timeout
        self._sleep = sleep
        self._attempts = attempts
        self._failures = 0
        self._kept: httpx.Client | None = None
        self._compared: set[tuple[Path, int, str]] = set()

    def push(self, folder: Path, *, run: str) -> Pushed:
        """Send every sealed segment of a run that the LIMS does not hold; idempotent.

        Raises UplinkRefused when the LIMS says no or holds other bytes under the same number, DamagedSegment when the
        spool itself is damaged, Outage when the LIMS stays away for all attempts.
        """
        self._failures = 0
        with httpx.Client(timeout=self._timeout, headers=self._headers) as client:
            return self._push(client, folder, run)

    def _push(self, client: httpx.Client, folder: Path, run: str) -> Pushed:
        held = self._patiently(partial(self._held, client, run))
        sent: list[int] = []
        for path in segments(folder):
            index = index_of(path)
            if (path, index, held.get(index, "")) in self._compared:
                continue
            data = path.read_bytes()
            if index in held:
                self._must_be_same(run, index, data, held[index])
                self._compared.add((path, index, held[index]))
            elif data.endswith(b"\n") and read_segment(data).sealed:
                self._patiently(partial(self._put, client, run, index, data))
                sent.append(index)
        return Pushed(tuple(sent), tuple(sorted(held)), self._failures)

    def preview(self, run: str, message: Mapping[str, Any]) -> int:
        """Show the LIMS scans of the segment still open, once; gives the number of the last scan it has.

        Raises Outage when the LIMS is away and UplinkRefused when it says no.
        """
        if self._kept is None:  # one connection for all previews: a new one costs more than the preview
            self._kept = httpx.Client(timeout=self._timeout, headers=self._headers)
        answer = self._send(
            self._kept,
            "PUT",
            f"{self._base}/api/runs/{run}/live",
            what_en=f"the preview of run {run}",
            what_zh=f"试验记录 {run} 的实时预览",
            json=message,
        )
        try:
            return int(answer.json()["have"])
        except (ValueError, KeyError, TypeError) as error:
            raise self._not_the_lims() from error

    def close(self) -> None:
        """End the connection of the previews."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _held(self, client: httpx.Client, run: str) -> dict[int, str]:
        answer = self._send(
            client, "GET", f"{self._base}/api/runs/{run}/segments", what_en=f"run {run}", what_zh=f"试验记录 {run}"
        )
        try:
            return {int(one["index"]): str(one["sha256"]) for one in answer.json()["segments"]}
        except (ValueError, KeyError, TypeError) as error:
            raise self._not_the_lims() from error

    def _not_the_lims(self) -> UplinkRefused:
        return _refused(
            "answer",
            f"What answers at {self._base} is not the LIMS; check the address.",
            f"{self._base} 处应答的不是 LIMS；请检查地址。",
        )

    def _put(self, client: httpx.Client, run: str, index: int, data: bytes) -> None:
        self._send(
            client,
            "PUT",
            f"{self._base}/api/runs/{run}/segments/{index}",
            what_en=f"segment {index} of run {run}",
            what_zh=f"试验记录 {run} 的第 {index} 段",
            content=data,
            headers={"Content-Digest": content_digest(data), "Content-Type": "application/jsonl"},
        )

    def _send(
        self, client: httpx.Client, verb: str, url: str, *, what_en: str, what_zh: str, **more: Any
    ) -> httpx.Response:
        try:
            answer = client.request(verb, url, **more)
        except httpx.TransportError as error:
            raise self._away(str(error), str(error)) from error
        if answer.status_code >= 500 or answer.status_code in _TRY_LATER:
            raise self._away(f"it answers {answer.status_code}", f"返回 {answer.status_code}")
        if not answer.is_success:
            _say_why(answer, what_en, what_zh)
        return answer

    def _patiently(self, action: Callable[[], Answer]) -> Answer:
        pause, failed = FIRST_PAUSE, 0
        while True:
            try:
                return action()
            except Outage:
                failed, self._failures = failed + 1, self._failures + 1
                if failed == self._attempts:
                    raise
                self._sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _away(self, why_en: str, why_zh: str) -> Outage:
        return Outage(
            code="uplink-outage",
            sentence_en=f"The LIMS at {self._base} cannot be reached ({why_en}); the spool keeps everything.",
            sentence_zh=f"无法连接 {self._base} 处的 LIMS（{why_zh}）；恢复前所有数据保存在本地。",
        )

    def _must_be_same(self, run: str, index: int, data: bytes, digest: str) -> None:
        if hashlib.sha256(data).hexdigest() != digest:
            raise _refused(
                "conflict",
                f"Segment {index} of run {run} is not the same in the LIMS and in this spool; one was changed.",
                f"试验记录 {run} 第 {index} 段在 LIMS 中的内容与本地原始记录不同；其中之一被改动过。",
            )


def _say_why(answer: httpx.Response, what_en: str, what_zh: str) -> NoReturn:
    try:
        reasons = answer.json()
    except ValueError:
        reasons = {}
    if not isinstance(reasons, dict):
        reasons = {}
    status = f"{answer.status_code} {answer.reason_phrase}"
    raise _refused(
        str(answer.status_code),
        f"The LIMS refused {what_en} ({status}): {reasons.get('sentence_en', 'no reason given')}",
        f"LIMS 拒绝了{what_zh}（{status}）：{reasons.get('sentence_zh', '未说明原因')}",
    )


def _refused(code: str, en: str, zh: str) -> UplinkRefused:
    return UplinkRefused(code=f"uplink-{code}", sentence_en=en, sentence_zh=zh)
