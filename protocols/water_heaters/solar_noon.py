"""When the sun stands in the meridian, and which day that is."""

from datetime import UTC, datetime

import numpy as np

from protocols.incidence import sun_position

DAY = 86400.0  # s
_SECONDS_PER_DEGREE = 240.0  # in which the earth turns one degree of longitude
_REACH = 1800  # s; the sun's noon lies within 17 min of the mean sun's


def solar_noon(*, day: float, latitude: float, longitude: float) -> float:
    """Give the moment of true solar noon in s since 1970-01-01 UTC, to the second.

    day: the number of the day in mean local solar time, counted from 1970-01-01.  latitude, longitude: deg, north and
    east positive. Noon is where the azimuth passes the meridian, protocols.incidence.sun_position.
    """
    mean = day * DAY + DAY / 2.0 - longitude * _SECONDS_PER_DEGREE
    seconds = mean + np.arange(-_REACH, _REACH + 1.0)
    elevation, azimuth = sun_position(time=seconds, latitude=latitude, longitude=longitude)
    east = np.cos(np.radians(elevation)) * np.sin(np.radians(azimuth))
    return float(seconds[np.argmin(np.abs(east))])


def local_day(*, time: float, longitude: float) -> int:
    """Give the number of the day in mean local solar time, from 1970-01-01.  time: s since then, UTC."""
    return int(np.floor((time + longitude * _SECONDS_PER_DEGREE) / DAY))


def date_of(day: int) -> str:
    """Write the number of a day as its date, e.g. 2026-07-01."""
    return datetime.fromtimestamp(day * DAY, tz=UTC).date().isoformat()
