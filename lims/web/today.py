"""The site's day, as the verbs see it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from lims.web.access import laboratory


def today() -> date:
    """Today in the site's time zone."""
    return local_day(laboratory().clock())


def local_day(moment: datetime) -> date:
    """The day of a moment in the site's time zone."""
    return moment.astimezone(ZoneInfo(laboratory().settings.time_zone)).date()
