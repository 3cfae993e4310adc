"""Gross thermal yield of collectors: the heat of a year at a constant mean temperature, as ScenoCalc computes it.

Hour by hour, per gross area, without capacity:

    GT   = DNI cos(theta) + Gd Ai Rb + Gd (1 - Ai) (1 + cos(beta))/2 + G rho (1 - cos(beta))/2
    Ai   = DNI/(1367 (1 + 0.033 cos(360 n/365)))            Rb = cos(theta)/cos(theta_z), 0 behind plane or horizon
    GbT  = DNI cos(theta) + Gd Ai Rb                        GdT = GT - GbT
    q    = max(0, Q/A of the collector's model at GbT, GdT, tm - ta, wind)

Hay and Davies 1980, as the Solar Keymark's ScenoCalc takes it; its own text has not been read and no printed result of
it was found: the pieces come from secondary sources. The sun stands at the middle of the hour, with Cooper's
declination and Spencer's equation of time. The plane faces the equator at (latitude - 15 deg) rounded to 5 deg.

What is ours: the horizontal beam is taken as DNI cos(theta_z), which is the file's G - Gd where the file is consistent
and does not explode at sunrise; cos(theta_z) is at least cos(89 deg) in Rb, for the same reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.collectors.climate import HOURS, MONTH_DAYS, Climate, exact_sun
from protocols.collectors.collector import CollectorParameters, long_wave_balance
from protocols.collectors.modifier import Biaxial
from protocols.incidence import cosine_of_incidence, projected_angles

Array = NDArray[np.float64]

TEMPERATURES = (25.0, 50.0, 75.0)  # degC, mean temperatures of the Keymark sheet
WIND_FACTOR = 0.5  # of the weather file's wind at the collector
ALBEDO = 0.2
SUNS = ("scenocalc", "heliobench")

_SOLAR_CONSTANT = 1367.0  # W/m2
_LEAST_COSINE = 0.01745  # cos(89 deg), the digits that pvlib takes
_STEP = 5.0  # deg
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_STARTS = 24 * np.cumsum((0, *MONTH_DAYS[:-1]))


@dataclass(frozen=True, kw_only=True)
class PlaneYear:
    """A year on a fixed plane, hour by hour; arrays (8760,).

    tilt, azimuth: of the plane [deg].  beam: with the circumsolar share; diffuse: the rest [W/m2].  theta: angle of
    incidence, transversal and longitudinal: its projections [deg], NaN behind the plane.
    """

    climate: Climate
    tilt: float
    azimuth: float
    beam: Array
    diffuse: Array
    theta: Array
    elevation: Array
    sun_azimuth: Array

    @property
    def irradiation(self) -> float:
        """Give the irradiation of the year on the plane [kWh/m2]."""
        return float(np.sum(self.beam + self.diffuse)) / 1000.0

    def modifier(self, collector: CollectorParameters, tubes: str) -> Array:
        """Give Kb of a collector on this plane, hour by hour; 0 where the beam does not meet the front."""
        if not isinstance(collector.modifier, Biaxial):
            return collector.modifier.at(self.theta)
        transversal, longitudinal = projected_angles(
            elevation=self.elevation, azimuth=self.sun_azimuth, tilt=self.tilt, plane_azimuth=self.azimuth, tubes=tubes
        )
        angles = {"transversal": np.nan_to_num(transversal), "longitudinal": np.nan_to_num(longitudinal)}
        return collector.modifier.at(self.theta, **angles)


@dataclass(frozen=True, kw_only=True)
class Yields:
    """Yields of collectors in climates at mean temperatures, per gross area.

    monthly: (collectors, climates, temperatures, 12) [kWh/m2].  areas: of one module of each collector [m2].
    irradiation: on the plane, (climates, 12) [kWh/m2].  tilts: of the planes [deg].
    """

    collectors: tuple[str, ...]
    climates: tuple[str, ...]
    temperatures: tuple[float, ...]
    areas: tuple[float, ...]
    tilts: tuple[float, ...]
    monthly: Array
    irradiation: Array

    @property
    def annual(self) -> Array:
        """Give the yield of the year [kWh/m2]; (collectors, climates, temperatures)."""
        return np.asarray(self.monthly.sum(axis=-1))

    @property
    def per_module(self) -> Array:
        """Give the yield of the year of one module [kWh]; (collectors, climates, temperatures)."""
        return np.asarray(self.annual * np.asarray(self.areas)[:, None, None])

    @property
    def efficiency(self) -> Array:
        """Give yield over irradiation on the plane [1]; (collectors, climates, temperatures)."""
        return np.asarray(self.annual / self.irradiation.sum(axis=1)[None, :, None])


def keymark_tilt(latitude: float) -> float:
    """Give the tilt of the plane [deg]: |latitude| - 15 deg rounded to 5 deg, at least 0.

    >>> [keymark_tilt(x) for x in (37.9, 46.8, 59.3, 49.8)]  # Athens, Davos, Stockholm, Wuerzburg
    [25.0, 30.0, 45.0, 35.0]
    """
    return max(0.0, _STEP * float(np.round((abs(latitude) - 15.0) / _STEP)))


def simple_sun(climate: Climate) -> tuple[Array, Array]:
    """Give elevation and azimuth of the sun [deg] at the centre of every hour, as ScenoCalc does; (8760,).

        delta = 23.45 deg sin(360 (284 + n)/365)    (Cooper 1969)
        solar time = clock - offset + longitude/15 + E/60,  E in min by Spencer 1971

    n: day of the year from 1.  Spencer's constants are those of his paper, 0.0000075 and 0.040849; textbooks print
    0.000075 and 0.04089, which moves a yield by some 2e-6.  This sun strays from the true one by up to some 1.5 deg.
    """
    hour = np.arange(HOURS) + climate.centre
    day = np.floor(hour / 24.0)
    declination = np.radians(23.45) * np.sin(2.0 * np.pi * (285.0 + day) / 365.0)
    b = 2.0 * np.pi * day / 365.0
    equation = (720.0 / np.pi) * (
        0.0000075
        + 0.001868 * np.cos(b)
        - 0.032077 * np.sin(b)
        - 0.014615 * np.cos(2.0 * b)
        - 0.040849 * np.sin(2.0 * b)
    )
    solar = hour - climate.utc_offset + climate.longitude / 15.0 + equation / 60.0
    angle, phi = np.radians(15.0 * (solar - 12.0)), np.radians(climate.latitude)
    north = np.cos(phi) * np.sin(declination) - np.sin(phi) * np.cos(declination) * np.cos(angle)
    east = -np.cos(declination) * np.sin(angle)
    up = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(angle)
    return np.degrees(np.arcsin(np.clip(up, -1.0, 1.0))), np.degrees(np.arctan2(east, north)) % 360.0


def plane_year(
    climate: Climate,
    *,
    tilt: float | None = None,
    azimuth: float | None = None,
    albedo: float = ALBEDO,
    sun: str = "scenocalc",
) -> PlaneYear:
    """Bring the irradiances of a climate onto a plane by Hay and Davies; see the equations above.

    tilt, azimuth: of the plane [deg], None for the Keymark's.  albedo: of the ground [1].  sun: "scenocalc" for the
    simple one, "heliobench" for the exact one, as a check of the approximation.
    Raises ValueError for another sun.
    """
    if sun not in SUNS:
        raise ValueError(f"the sun {sun!r} is not known; say {' or '.join(SUNS)}.")
    slope = keymark_tilt(climate.latitude) if tilt is None else tilt
    facing = (180.0 if climate.latitude >= 0 else 0.0) if azimuth is None else azimuth
    elevation, sun_azimuth = simple_sun(climate) if sun == "scenocalc" else exact_sun(climate)
    vertical = np.sin(np.radians(elevation))
    cosine = cosine_of_incidence(elevation=elevation, azimuth=sun_azimuth, tilt=slope, plane_azimuth=facing)
    day = np.floor((np.arange(HOURS) + climate.centre) / 24.0) + 1.0
    front = np.where(vertical > 0, np.maximum(cosine, 0.0), 0.0)
    Rb = front / np.maximum(vertical, _LEAST_COSINE)
    Ai = climate.DNI / (_SOLAR_CONSTANT * (1.0 + 0.033 * np.cos(2.0 * np.pi * day / 365.0)))
    tilted = np.cos(np.radians(slope))
    isotropic = climate.DHI * (1.0 - Ai) * (1.0 + tilted) / 2.0
    return PlaneYear(
        climate=climate,
        tilt=slope,
        azimuth=facing,
        beam=climate.DNI * front + climate.DHI * Ai * Rb,
        diffuse=np.maximum(isotropic + climate.G_h * albedo * (1.0 - tilted) / 2.0, 0.0),
        theta=np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))),
        elevation=elevation,
        sun_azimuth=sun_azimuth,
    )


def hourly_yield(
    *,
    collector: CollectorParameters,
    year: PlaneYear,
    temperatures: Sequence[float],
    wind_factor: float = WIND_FACTOR,
    tubes: str = "along",
) -> Array:
    """Give the power per gross area of every hour [W/m2], floored at 0; (temperatures, 8760).

    temperatures: constant mean temperatures [degC].  wind_factor: of the climate's wind [1].  tubes: how they lie,
    for a modifier of two axes.  The long-wave irradiance is the one on the horizontal.
    Raises ValueError for parameters of the aperture, and for terms of wind or long-wave radiation in a climate that
    has none.
    """
    climate = year.climate
    _require(collector, climate)
    u = None if climate.u is None else wind_factor * climate.u
    long_wave: Array | float = 0.0
    if climate.EL is not None and (collector.a4 or collector.a7):
        long_wave = long_wave_balance(EL=climate.EL, t_amb=climate.t_amb)
    power = collector.power(
        Gb=year.beam,
        Gd=year.diffuse,
        rise=np.asarray(temperatures, dtype=np.float64)[:, None] - climate.t_amb,
        Kb=year.modifier(collector, tubes),
        u=u,
        long_wave=long_wave,
    )
    return np.maximum(np.broadcast_to(power, (len(temperatures), HOURS)), 0.0)


def _require(collector: CollectorParameters, climate: Climate) -> None:
    if collector.area_basis != "gross":
        raise ValueError(f"the parameters of {collector.name!r} refer to the aperture; convert them to the gross area.")
    if climate.u is None and (collector.a3 or collector.a6 or collector.a7):
        raise ValueError(f"{collector.name!r} depends on wind, of which the climate {climate.name!r} has none.")
    if climate.EL is None and (collector.a4 or collector.a7):
        raise ValueError(
            f"{collector.name!r} depends on long-wave radiation, of which the climate {climate.name!r} has none."
        )


def gross_thermal_yield(
    *,
    collectors: Sequence[CollectorParameters],
    climates: Sequence[Climate],
    temperatures: Sequence[float] = TEMPERATURES,
    wind_factor: float = WIND_FACTOR,
    albedo: float = ALBEDO,
    sun: str = "scenocalc",
    tubes: str = "along",
) -> Yields:
    """Give the gross thermal yield of collectors in climates at constant mean temperatures [degC].

    See `plane_year` and `hourly_yield` for the options and what they raise; ValueError also for nothing to compute.
    """
    if not (collectors and climates and temperatures):
        raise ValueError("give at least one collector, one climate and one temperature.")
    if not np.isfinite(temperatures).all():
        raise ValueError(f"a mean temperature is {min(temperatures, key=np.isfinite)}; give numbers, in degC.")
    years = [plane_year(climate, albedo=albedo, sun=sun) for climate in climates]
    monthly = np.array(
        [
            [
                _by_month(
                    hourly_yield(
                        collector=collector, year=year, temperatures=temperatures, wind_factor=wind_factor, tubes=tubes
                    )
                )
                for year in years
            ]
            for collector in collectors
        ]
    )
    return Yields(
        collectors=tuple(collector.name for collector in collectors),
        climates=tuple(climate.name for climate in climates),
        temperatures=tuple(float(t) for t in temperatures),
        areas=tuple(collector.area for collector in collectors),
        tilts=tuple(year.tilt for year in years),
        monthly=monthly,
        irradiation=np.array([_by_month(year.beam + year.diffuse) for year in years]),
    )


def _by_month(power: Array) -> Array:
    """Sum hours of W/m2 to months of kWh/m2, along the last axis."""
    return np.add.reduceat(power, _MONTH_STARTS, axis=-1) / 1000.0
