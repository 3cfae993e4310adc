"""A year of hourly weather: what a yield needs of it, and whether its irradiances go with its clock and place."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from protocols.incidence import sun_position

Array = NDArray[np.float64]

HOURS = 8760
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
NEEDED = ("G_h", "DNI", "DHI", "t_amb")
OPTIONAL = ("u", "EL")
_SHIFTS = tuple(0.25 * quarter for quarter in range(-12, 13))  # h
_CLOSED = 0.1  # of the mean irradiance; half an hour of error gives 0.11, a consistent file 0.003
_LEAST_SHIFT = 0.5  # h; hourly means around sunrise and sunset move the best moment by less
_COMMON_YEAR = datetime(2018, 1, 1, tzinfo=UTC).timestamp()  # any year without a leap day


@dataclass(frozen=True, kw_only=True)
class Climate:
    """Hourly weather of one place; arrays are (8760,), from the first hour of January.

    latitude, longitude: [deg], north and east positive.  elevation: [m].  utc_offset: of the file's clock [h].
    centre: where in the hour the irradiances stand, counted from its begin [h]; 0.5 for means over the hour.
    G_h, DHI: hemispherical and diffuse irradiance on the horizontal [W/m2].  DNI: beam at normal incidence [W/m2].
    t_amb: air [degC].  u: wind as the file has it, mostly at 10 m [m/s].  EL: long-wave irradiance on the horizontal
    [W/m2].  u and EL are None where the file has none.  leap_hours: hours of 29 February that were left out.
    """

    name: str
    latitude: float
    longitude: float
    elevation: float
    utc_offset: float
    G_h: Array
    DNI: Array
    DHI: Array
    t_amb: Array
    u: Array | None = None
    EL: Array | None = None
    centre: float = 0.5
    leap_hours: int = 0
    source: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        for symbol in (*NEEDED, *OPTIONAL):
            values = getattr(self, symbol)
            if values is not None and (values.shape != (HOURS,) or not np.isfinite(values).all()):
                raise ValueError(f"{symbol} of the climate {self.name!r} must be {HOURS} numbers; correct the file.")
        place = abs(self.latitude) <= 90 and abs(self.longitude) <= 180 and abs(self.utc_offset) <= 14
        if not (place and 0.0 <= self.centre <= 1.0):
            raise ValueError(f"the place of the climate {self.name!r} is impossible; correct its head.")


def in_step(climate: Climate) -> Climate:
    """Give the climate back. Raises ValueError when its irradiances contradict its clock or place (`clock_error`)."""
    error = clock_error(climate)
    if error:
        raise ValueError(
            f"the irradiances of the climate {climate.name!r} go with a sun that stands {abs(error):g} h "
            f"{'later' if error > 0 else 'earlier'} than its clock and place say; correct the time zone, the longitude "
            "or the irradiance time offset in its head."
        )
    return climate


def clock_error(climate: Climate) -> float:
    """Give by how much the sun of the irradiances stands later than the file's clock and place say [h]; 0 if alike.

    The hemispherical irradiance is DNI sin(elevation) + DHI at the right moment only: where these differ by a tenth of
    the mean or more, the moment of least squares within 3 h is sought. It counts from half an hour, and only if it
    halves the deviation: a climate that is not consistent in itself has no such moment. Files of typical years whose
    head names another time zone than that of their hours are known.
    """
    own = _closure(climate, 0.0)
    if own < _CLOSED * np.mean(climate.G_h):
        return 0.0
    deviation = [_closure(climate, shift) for shift in _SHIFTS]
    best = int(np.argmin(deviation))
    return _SHIFTS[best] if abs(_SHIFTS[best]) >= _LEAST_SHIFT and deviation[best] < own / 2.0 else 0.0


def _closure(climate: Climate, shift: float) -> float:
    """The root of the mean square of DNI sin(elevation) + DHI - G_h [W/m2], the sun later by `shift` [h]."""
    elevation, _ = exact_sun(climate, later=shift)
    vertical = np.maximum(np.sin(np.radians(elevation)), 0.0)
    return float(np.sqrt(np.mean((climate.DNI * vertical + climate.DHI - climate.G_h) ** 2)))


def exact_sun(climate: Climate, *, later: float = 0.0) -> tuple[Array, Array]:
    """Give elevation and azimuth of the sun [deg] where the irradiances stand in every hour, or `later` [h]."""
    hours = np.arange(HOURS, dtype=np.float64) + climate.centre - climate.utc_offset + later
    seconds = _COMMON_YEAR + 3600.0 * hours
    return sun_position(time=seconds, latitude=climate.latitude, longitude=climate.longitude)
