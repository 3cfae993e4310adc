"""When a job is planned: from a half-day to a half-day. Outdoor tests are planned by mornings and afternoons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from lims.errors import BadInput, Sentence

LONGEST = 366  # days; ours: the longest exposure is planned for months, never for years
MORNING, AFTERNOON = Sentence("morning", "上午"), Sentence("afternoon", "下午")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """From the morning of ``first`` (at noon: its afternoon) to the evening of ``last`` (at noon: its morning)."""

    first: date
    last: date
    begins_noon: bool = False
    ends_noon: bool = False

    def __post_init__(self) -> None:
        if self._end < self._begin:
            raise BadInput(
                f"The job would end ({self.last}) before it begins ({self.first}); correct the days.",
                f"结束时间（{self.last}）早于开始时间（{self.first}）；请更正。",
            )
        if self.last - self.first > timedelta(days=LONGEST):
            raise BadInput(
                f"A job lasts at most {LONGEST} days; from {self.first} to {self.last} is longer.",
                f"检测任务最长 {LONGEST} 天；{self.first} 至 {self.last} 超出该限。",
            )

    @classmethod
    def day(cls, day: date) -> Slot:
        """One whole day."""
        return cls(first=day, last=day)

    @property
    def _begin(self) -> int:
        return 2 * self.first.toordinal() + self.begins_noon

    @property
    def _end(self) -> int:
        return 2 * self.last.toordinal() + (not self.ends_noon)

    def meets(self, other: Slot) -> bool:
        """Whether the two share a half-day."""
        return self._begin <= other._end and other._begin <= self._end

    def half_days(self, day: date) -> tuple[bool, bool]:
        """Whether the morning and the afternoon of a day are taken."""
        morning = 2 * day.toordinal()
        return self._begin <= morning <= self._end, self._begin <= morning + 1 <= self._end

    @property
    def days(self) -> list[date]:
        """Every day it touches."""
        return [self.first + timedelta(days=count) for count in range((self.last - self.first).days + 1)]

    @property
    def words(self) -> Sentence:
        """As people read it, e.g. "2026-12-01 afternoon – 2026-12-03"."""
        if self.first == self.last and self.begins_noon != self.ends_noon:
            half = AFTERNOON if self.begins_noon else MORNING
            return Sentence(f"{self.first} {half.en}", f"{self.first} {half.zh}")
        begin = Sentence(f"{self.first} {AFTERNOON.en}", f"{self.first} {AFTERNOON.zh}") if self.begins_noon else None
        end = Sentence(f"{self.last} {MORNING.en}", f"{self.last} {MORNING.zh}") if self.ends_noon else None
        if self.first == self.last:
            return Sentence(f"{self.first}", f"{self.first}")
        return Sentence(
            f"{begin.en if begin else self.first} – {end.en if end else self.last}",
            f"{begin.zh if begin else self.first} 至 {end.zh if end else self.last}",
        )
