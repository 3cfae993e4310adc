"""Weather on a tilted plane as a function of time and seed alone: whoever asks, in whatever order, finds the same.

* **Clear sky** after P. Ineichen and R. Perez, Solar Energy 73 (2002) 151, with the Linke turbidity of the site and the
  air mass of F. Kasten and A. T. Young, Applied Optics 28 (1989) 4735. Extraterrestrial irradiance 1361 W/m2 with the
  eccentricity 1 + 0.033 cos(2 pi day / 365).
* **On the plane** the sky is isotropic (B. Y. H. Liu and R. C. Jordan, Solar Energy 7 (1963) 53), the ground reflects.
* **Broken clouds** are ours, made to look like a day of cumulus and to exercise a test: clear spells and clouds follow
  each other, each as long as an exponential distribution says; a cloud lets through a uniform share of the beam between
  0 and `_THICKEST`, its edge takes `_EDGE` seconds, and `_SCATTERED` of the beam it takes away comes as diffuse light.
  Each local day (mean solar time) is drawn by itself from the seed.
* **Air temperature** is a daily wave with its maximum at 15 h, and slow swings; **wind** is lognormal swings about a
  mean; both swing as sums of sine waves with seeded phases. **Long-wave irradiance** is Swinbank's clear sky,
  5.31e-13 T^6 (W. C. Swinbank, Q. J. R. Meteorol. Soc. 89 (1963) 339), and under a cloud most of a black body's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from protocols.collectors.collector import STEFAN_BOLTZMANN
from protocols.incidence import cosine_of_incidence, projected_angles, sun_position

Array = NDArray[np.float64]

CLEAR, BROKEN = "clear", "broken"
_SOLAR_CONSTANT = 1361.0  # W/m2
_DAY, _YEAR = 86400.0, 365.25 * 86400.0
_CLOUDS, _AIR, _WIND = range(3)  # streams of random numbers
# Ours: what a cloud does.
_THICKEST, _EDGE, _SHORTEST, _SCATTERED = 0.5, 10.0, 30.0, 0.3
_CLOUD_LONGWAVE = 0.8
_WARMEST = 15.0  # h, mean solar time
_WAVES = 12


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where the collector stands and how: degrees, north, east and from north over east; altitude [m]."""

    latitude: float
    longitude: float
    tilt: float
    azimuth: float
    altitude: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Climate:
    """turbidity: Linke [1].  albedo [1].  t_mean, t_swing: air, mean and half the daily range [degC, K].  wind: mean
    [m/s].  clear, cloud: mean length of a clear spell and of a cloud [s]."""

    turbidity: float = 3.0
    albedo: float = 0.2
    t_mean: float = 20.0
    t_swing: float = 5.0
    wind: float = 2.0
    clear: float = 480.0
    cloud: float = 240.0


class Weather:
    """The weather of a site; `sky` is CLEAR or BROKEN."""

    def __init__(self, *, site: Site, climate: Climate, sky: str = CLEAR, seed: int = 0) -> None:
        self.site, self.climate, self._sky, self._seed = site, climate, sky, seed
        self._air = _Swings(seed, _AIR, shortest=3600.0, longest=10 * _DAY)
        self._gusts = _Swings(seed, _WIND, shortest=60.0, longest=7200.0)
        self._clouds_of = lru_cache(maxsize=8)(self._drawn)

    def at(self, time: Array) -> Mapping[str, Array]:
        """What there is to measure at these times [s UTC], by symbol in the units of the glossary.

        G and Gd lie in the plane of the collector; Gb = G - Gd; theta is the angle of incidence, elevation and azimuth
        those of the sun [deg].
        """
        site, climate = self.site, self.climate
        elevation, azimuth = sun_position(time=time, latitude=site.latitude, longitude=site.longitude)
        cosine = cosine_of_incidence(
            elevation=elevation, azimuth=azimuth, tilt=site.tilt, plane_azimuth=site.azimuth
        )  # fmt: skip
        beam, diffuse = clear_sky(
            elevation=elevation, time=time, turbidity=climate.turbidity, altitude=site.altitude
        )  # fmt: skip
        open_sky = self._open(time)
        up = np.clip(np.sin(np.radians(elevation)), 0.0, None)
        diffuse = diffuse + _SCATTERED * (1.0 - open_sky) * beam * up
        beam = beam * open_sky
        slope = np.cos(np.radians(site.tilt))
        Gd = diffuse * (1.0 + slope) / 2.0 + climate.albedo * (beam * up + diffuse) * (1.0 - slope) / 2.0
        Gb = beam * np.clip(cosine, 0.0, None)
        t_amb = self._temperature(time)
        return {
            "G": Gb + Gd,
            "Gd": Gd,
            "Gb": Gb,
            "DNI": beam,
            "elevation": elevation,
            "azimuth": azimuth,
            "theta": np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))),
            "t_amb": t_amb,
            "u": climate.wind * np.exp(0.4 * self._gusts.at(time) - 0.08),  # 0.08 = 0.4^2/2: the mean stays
            "EL": _longwave(t_amb, open_sky),
        }

    def projected(self, weather: Mapping[str, Array]) -> tuple[Array, Array]:
        """The transversal and longitudinal angle of incidence [deg] of tubes along the slope; NaN behind the plane."""
        return projected_angles(
            elevation=weather["elevation"],
            azimuth=weather["azimuth"],
            tilt=self.site.tilt,
            plane_azimuth=self.site.azimuth,
        )

    def _temperature(self, time: Array) -> Array:
        hour = (time / 3600.0 + self.site.longitude / 15.0) % 24.0
        daily = np.cos(2.0 * np.pi * (hour - _WARMEST) / 24.0)
        return np.asarray(self.climate.t_mean + self.climate.t_swing * daily + self._air.at(time))

    def _open(self, time: Array) -> Array:
        """The share of the beam that the clouds let through."""
        if self._sky == CLEAR:
            return np.ones_like(time)
        local = time + self.site.longitude / 360.0 * _DAY
        found = np.empty_like(time)
        for day in np.unique(local // _DAY):
            here = local // _DAY == day
            found[here] = np.interp(local[here] % _DAY, *self._clouds_of(int(day)))
        return found

    def _drawn(self, day: int) -> tuple[Array, Array]:
        """One day's clouds as a line: (seconds of the day, share of the beam)."""
        rng = np.random.default_rng([self._seed, _CLOUDS, day])
        clear, cloud = self.climate.clear, self.climate.cloud
        most = int(_DAY / (2 * _SHORTEST)) + 1
        lengths = _SHORTEST + np.column_stack([rng.exponential(clear, most), rng.exponential(cloud, most)])
        begin = np.cumsum(lengths.sum(axis=1)) - lengths[:, 1]
        end = begin + lengths[:, 1]
        share = rng.uniform(0.0, _THICKEST, most)
        knots = np.column_stack([begin - _EDGE / 2, begin + _EDGE / 2, end - _EDGE / 2, end + _EDGE / 2])
        return knots.ravel(), np.column_stack([np.ones(most), share, share, np.ones(most)]).ravel()


def clear_sky(*, elevation: Array, time: Array, turbidity: float, altitude: float) -> tuple[Array, Array]:
    """Give the direct normal and the diffuse horizontal irradiance [W/m2] of a clear sky; the module says whose.

    elevation: of the sun [deg].  time [s UTC]: for the distance of the sun.  turbidity: Linke [1].  altitude [m].
    """
    up = np.sin(np.radians(np.clip(elevation, 0.0, None)))
    mass = _air_mass(np.clip(elevation, 0.0, None)) * np.exp(-altitude / 8434.5)
    extra = _SOLAR_CONSTANT * (1.0 + 0.033 * np.cos(2.0 * np.pi * time / _YEAR))
    low, high = np.exp(-altitude / 8000.0), np.exp(-altitude / 1250.0)
    first, second = 5.09e-5 * altitude + 0.868, 3.92e-5 * altitude + 0.0387
    whole = first * extra * up * np.exp(-second * mass * (low + high * (turbidity - 1.0)))
    beam = extra * (0.664 + 0.163 / low) * np.exp(-0.09 * mass * (turbidity - 1.0))
    share = 1.0 - (0.1 - 0.2 * np.exp(-turbidity)) / (0.1 + 0.882 / low)
    beam = np.minimum(beam, whole * share / np.where(up > 0.0, up, np.inf))
    return beam, whole - beam * up


def _air_mass(elevation: Array) -> Array:
    """Kasten and Young; elevation in deg, not negative."""
    return np.asarray(1.0 / (np.sin(np.radians(elevation)) + 0.50572 * (elevation + 6.07995) ** -1.6364))


def _longwave(t_amb: Array, open_sky: Array) -> Array:
    kelvin = t_amb + 273.15
    clear, black = 5.31e-13 * kelvin**6, STEFAN_BOLTZMANN * kelvin**4
    return np.asarray(clear + _CLOUD_LONGWAVE * (1.0 - open_sky) * (black - clear))


class _Swings:
    """A sum of sine waves of seeded phases and periods from `shortest` to `longest` [s]; mean 0, variance 1."""

    def __init__(self, seed: int, stream: int, *, shortest: float, longest: float) -> None:
        rng = np.random.default_rng([seed, stream])
        self._periods = np.geomspace(shortest, longest, _WAVES) * rng.uniform(0.9, 1.1, _WAVES)
        self._phases = rng.uniform(0.0, 2.0 * np.pi, _WAVES)

    def at(self, time: Array) -> Array:
        angles = 2.0 * np.pi * time[..., None] / self._periods + self._phases
        return np.asarray(np.sqrt(2.0 / _WAVES) * np.sin(angles).sum(axis=-1))
