"""A link that plays back what once went over the wire, and complains about everything else.

    with Transcript([(b"question", b"answer")]) as link:
        driver.read(link, deadline=1.0)

Leaving the block with pairs not asked for is an error too.
"""

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from instruments.driver import Exchange, Question
from instruments.errors import BadReply
from instruments.framing import NeedMore
from instruments.link import silence


class TranscriptMismatch(AssertionError):
    """The driver asked something else than the transcript holds, or not all of it."""


class Transcript:
    """Plays (sent, answered) pairs in order; an empty answer is silence."""

    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        self._left = list(pairs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._left:
            raise TranscriptMismatch(f"{len(self._left)} questions of the transcript were never asked")

    def exchange(self, question: Question, *, deadline: float, slowest: float) -> Exchange:
        """The recorded answer to this question. Raises NoReply, BadReply, and TranscriptMismatch."""
        if not self._left:
            raise TranscriptMismatch(f"asked {question.sent!r} after the end of the transcript")
        sent, answer = self._left.pop(0)
        if sent != question.sent:
            raise TranscriptMismatch(f"asked {question.sent!r} where the transcript has {sent!r}")
        exchange = Exchange(sent, answer, 0.0, 0.0)
        try:
            if not isinstance(question.expect(answer), NeedMore):
                return exchange
        except BadReply as bad:
            bad.exchanges = (exchange,)
            raise
        failure = silence(answer, question)
        failure.exchanges = (exchange,)
        raise failure
