"""When the answer to a question will be there, learnt: a thread then sleeps once and does not wake at every character.

A thread that listens is woken by each character of an answer, and every waking costs more than all else of an exchange.
One that sleeps until the answer must be there costs nothing, and loses the time it sleeps too long. So the time is
learnt: an answer that lay there whole makes the next sleep shorter, and ever more so while that goes on; one that was
still to be waited for tells exactly how long it took. A time that is only a guess (the first answer, one far off the
last ones) is halved until an answer has to be waited for.
"""

from dataclasses import dataclass

_FINE = 0.001  # ours: part of a known time by which a sleep is shortened at first; each further one doubles it
_COARSE = 0.5  # ours: part by which a guess is shortened
_LENGTHEN = 4.0  # ours: at most so many times as long: a device that was slow once is not waited for again
_FOLLOW = 0.25  # ours: so much of the way to a slower answer: a sleep too long costs the wire more than one too short
_NEAR = 2.0  # ours: an answer that took more than so many times as long as thought makes the time a guess


@dataclass(slots=True)
class AnswerTime:
    """Of one question: `rest` [s] after asking, before which nobody need look for the whole answer."""

    rest: float
    step: float = _COARSE

    @classmethod
    def guessed(cls, elapsed: float) -> "AnswerTime":
        """From a first answer, which may have been the device's slowest [s]."""
        return cls(elapsed / _LENGTHEN)

    def lay_there(self) -> None:
        """The whole answer was there at the first look."""
        self.rest *= 1.0 - self.step
        self.step = min(2.0 * self.step, _COARSE)

    def was_waited_for(self, elapsed: float) -> None:
        """The last byte came `elapsed` [s] after the question."""
        near = elapsed <= _NEAR * self.rest
        if near and self.step != _COARSE:
            self.rest += _FOLLOW * (elapsed - self.rest)  # answers differ: keep to the quicker ones
        else:
            self.rest = min(elapsed, _LENGTHEN * self.rest)
        self.step = _FINE if near else _COARSE
