"""The site's day, as the verbs see it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lims.web.access import laboratory


def today() -> date:
    """Today in the site's time zone."""
    return local_day(laboratory().clock())


def local_day(moment: datetime) -> date:
    """The day of a moment in the site's time zone."""
    return moment.astimezone(ZoneInfo(laboratory().settings.time_zone)).date()


def years_on(years: int) -> str:
    """The last day of so many years from today, as a form shows it: 2029-11-27 three years after 2026-11-28."""
    day = today() - timedelta(days=1)
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day).isoformat()
