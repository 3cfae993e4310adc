"""The site's day, as the verbs see it."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from lims.web.access import laboratory


def today() -> date:
    """Today in the site's time zone."""
    site = laboratory()
    return site.clock().astimezone(ZoneInfo(site.settings.time_zone)).date()
