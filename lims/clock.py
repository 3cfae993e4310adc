"""The time of the laboratory's records: UTC in the store, the site's zone on the screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC, cut to milliseconds so that both databases and every hash see the same value."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """``2017-07-03T06:00:30.000Z``: how a time is written into hashes, spools and files."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def local(moment: datetime, zone: str) -> str:
    """Time of day as people read it, in the site's time zone: ``2026-11-22 19:30``."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def day_of(moment: datetime, zone: str) -> date:
    """The day of a moment in the site's time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()
