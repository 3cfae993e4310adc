"""Where the sun is, at what angles its beam meets a plane, and the regressor of the simplest modifier."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_J2000 = 946_728_000.0  # 2000-01-01T12:00:00Z in seconds since 1970-01-01
# TT - UTC in s. It has grown from 64 to 69 s in this century; 5 s move the sun by 6e-5 deg.
_DELTA_T = 69.0
_PARALLAX = 8.794 / 3600.0  # of the sun, deg
# What Venus (2), Jupiter, the Moon and a long period add to the sun's longitude: amplitude in deg, phase in deg at
# J2000, deg per Julian century (J. Meeus, Astronomical Formulae for Calculators, chapter 18, moved to J2000).
_PERTURBATIONS = (
    (0.00134, 351.98 + 90.0, 22518.7541),
    (0.00154, 254.08 + 90.0, 45037.5082),
    (0.00200, 157.05 + 90.0, 32964.3577),
    (0.00179, 297.85, 445267.1114),
    (0.00178, 251.39, 20.20),
)


def sun_position(*, time: Array, latitude: float, longitude: float) -> tuple[Array, Array]:
    """Give the geometric elevation and the azimuth of the sun, both in deg (no refraction).

    time: seconds since 1970-01-01 UTC.  latitude, longitude: deg, north and east positive.
    Azimuth is counted from north over east. Apparent ecliptic longitude and sidereal time after
    J. Meeus, Astronomical Algorithms, 2nd ed., chapters 12, 22 and 25 (low accuracy), with the parallax
    in altitude of chapter 40; within 0.01 deg of NREL's SPA from 2000 to 2060 (see the tests).
    """
    days = (time - _J2000) / 86400.0
    ascension, declination, nutation = _equatorial((days + _DELTA_T / 86400.0) / 36525.0)
    sidereal = 280.46061837 + 360.98564736629 * days + 0.000387933 * (days / 36525.0) ** 2 + nutation
    hour = np.radians(sidereal + longitude) - ascension
    phi = np.radians(latitude)
    north = np.cos(phi) * np.sin(declination) - np.sin(phi) * np.cos(declination) * np.cos(hour)
    east = -np.cos(declination) * np.sin(hour)
    up = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour)
    elevation = np.degrees(np.arctan2(up, np.hypot(north, east)))
    return elevation - _PARALLAX * np.cos(np.radians(elevation)), np.degrees(np.arctan2(east, north)) % 360.0


def _equatorial(century: Array) -> tuple[Array, Array, Array]:
    """Right ascension and declination in rad, nutation in right ascension in deg; Meeus 25.2 to 25.8."""
    anomaly = np.radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    centre = (
        (1.914602 - 0.004817 * century) * np.sin(anomaly)
        + 0.019993 * np.sin(2 * anomaly)
        + 0.000289 * np.sin(3 * anomaly)
    )
    node = np.radians(125.04 - 1934.136 * century)
    mean = 280.46646 + century * (36000.76983 + 0.0003032 * century)
    moved = np.zeros_like(century)
    for size, phase, speed in _PERTURBATIONS:
        moved += size * np.sin(np.radians(phase + speed * century))
    nutation = -0.00478 * np.sin(node) - 0.00037 * np.sin(2 * np.radians(mean))
    apparent = np.radians(mean + centre + moved - 0.00569 + nutation)
    obliquity = np.radians(23.439291 - 0.0130042 * century + 0.00256 * np.cos(node))
    ascension = np.arctan2(np.cos(obliquity) * np.sin(apparent), np.cos(apparent))
    declination = np.arcsin(np.sin(obliquity) * np.sin(apparent))
    return ascension, declination, nutation * np.cos(obliquity)


def cosine_of_incidence(*, elevation: Array, azimuth: Array, tilt: float, plane_azimuth: float) -> Array:
    """Give cos(theta) between the beam and the normal of a plane; negative when the sun is behind it.

    elevation, azimuth: of the sun, deg.  tilt: of the plane from horizontal, deg.  plane_azimuth: where it
    looks, deg from north over east (180 = south).
    """
    height, slope = np.radians(elevation), np.radians(tilt)
    turned: Array = np.cos(np.radians(azimuth - plane_azimuth))
    return np.asarray(np.sin(height) * np.cos(slope) + np.cos(height) * np.sin(slope) * turned)


TUBES = ("along", "across")
TUBES_EN = ("along the slope", "across the slope")
TUBES_ZH = ("顺坡（上下）", "横向（水平）")


def projected_angles(
    *, elevation: Array, azimuth: Array, tilt: float, plane_azimuth: float, tubes: str = "along"
) -> tuple[Array, Array]:
    """Give the transversal and the longitudinal angle of incidence, theta_T and theta_L, both in deg from 0 to 90.

        theta_T = |atan(sx/sz)|,  theta_L = |atan(sy/sz)|

    with the sun's vector in the collector's axes: x across the tubes, y along them, z normal to the plane.
    elevation, azimuth, tilt, plane_azimuth: as for `cosine_of_incidence`. tubes: how they lie, "along" the slope (up
    and down) or "across" it (horizontal). NaN where the beam does not meet the front.
    SunPeek instead turns theta by the difference of the horizontal azimuths, tan(theta_T) = tan(theta) cos(dgamma)
    after S. Hess and V. I. Hanby, Energy Procedia 48 (2014) 87, equations 4 and 5. That takes tubes to lie across and
    is exact only on a horizontal plane and at noon, so that it is not followed here.
    Raises ValueError for another direction of the tubes.
    """
    if tubes not in TUBES:
        raise ValueError(f"the tubes lie {tubes!r}; say {' or '.join(TUBES)} the slope.")
    height, slope, turn = np.radians(elevation), np.radians(tilt), np.radians(azimuth - plane_azimuth)
    normal = np.sin(height) * np.cos(slope) + np.cos(height) * np.sin(slope) * np.cos(turn)
    uphill = np.sin(height) * np.sin(slope) - np.cos(height) * np.cos(slope) * np.cos(turn)
    sideways = np.cos(height) * np.sin(turn)
    front = np.where(normal > 0, normal, np.nan)
    x, y = (sideways, uphill) if tubes == "along" else (uphill, sideways)
    return np.degrees(np.arctan2(np.abs(x), front)), np.degrees(np.arctan2(np.abs(y), front))


def modifier_excess(cosine: Array) -> Array:
    """Give 1/cos(theta) - 1, the regressor of b0 in Kb = 1 - b0 (1/cos(theta) - 1).

    Where the beam does not meet the front of the plane it is NaN.
    """
    return 1.0 / np.where(cosine > 0, cosine, np.nan) - 1.0


def modifier_b0(*, cosine: Array, b0: float) -> Array:
    """Give Kb = 1 - b0 (1/cos(theta) - 1) (Souka and Safwat 1966; ISO 9806), NaN behind the plane."""
    return 1.0 - b0 * modifier_excess(cosine)


def horizon_elevation(*, azimuth: Array, horizon: ArrayLike) -> Array:
    """Interpolate a surveyed horizon, pairs (azimuth, elevation) in deg, linearly around the circle.

    Raises ValueError for a horizon without pairs.
    """
    pairs = np.asarray(horizon, dtype=np.float64).reshape(-1, 2)
    if not pairs.size:
        raise ValueError("the horizon has no pairs (azimuth, elevation); give at least one or leave it out.")
    return np.asarray(np.interp(azimuth, pairs[:, 0], pairs[:, 1], period=360.0))
