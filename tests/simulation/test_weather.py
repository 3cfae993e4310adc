"""The simulated weather: the clear sky as pvlib has it, and clouds that are the seed's alone."""

import numpy as np
import pandas as pd
import pvlib
import pytest

from lims.simulation.weather import BROKEN, CLEAR, Climate, Site, Weather, clear_sky

SITE = Site(latitude=39.9, longitude=116.4, tilt=40.0, azimuth=180.0, altitude=50.0)
BEGIN = 1_782_489_600.0  # 2026-06-26T16:00Z, midnight in Beijing
DAY = BEGIN + 20.0 * np.arange(3 * 4320)


def weather(sky=BROKEN, seed=1, **climate):
    return Weather(site=SITE, climate=Climate(**climate), sky=sky, seed=seed)


@pytest.mark.parametrize(("turbidity", "altitude"), [(2.0, 0.0), (3.0, 50.0), (5.0, 1600.0)])
def test_the_clear_sky_is_that_of_ineichen_and_perez_as_pvlib_has_it(turbidity, altitude):
    elevation = np.linspace(0.5, 85.0, 170)  # pvlib divides by zero below the horizon
    mass = pvlib.atmosphere.get_relative_airmass(90.0 - elevation, "kastenyoung1989")
    theirs = pvlib.clearsky.ineichen(
        90.0 - elevation,
        mass * np.exp(-altitude / 8434.5),
        turbidity,
        altitude=altitude,
        dni_extra=1361.0 * (1.0 + 0.033 * np.cos(2.0 * np.pi * BEGIN / (365.25 * 86400.0))),
    )
    beam, diffuse = clear_sky(
        elevation=elevation, time=np.full_like(elevation, BEGIN), turbidity=turbidity, altitude=altitude
    )
    assert beam == pytest.approx(theirs["dni"], rel=1e-9)
    assert diffuse == pytest.approx(theirs["dhi"], rel=1e-9)


def test_at_night_there_is_no_sun():
    night = np.linspace(-60.0, -0.01, 100)
    assert not np.any(clear_sky(elevation=night, time=np.full_like(night, BEGIN), turbidity=3.0, altitude=0.0))


def test_the_plane_sees_the_isotropic_sky_and_the_ground_as_pvlib_has_them():
    found = weather(CLEAR).at(DAY[:4320])
    index = pd.to_datetime(DAY[:4320], unit="s", utc=True)
    sun = pvlib.solarposition.get_solarposition(index, SITE.latitude, SITE.longitude)
    beam, diffuse = clear_sky(elevation=found["elevation"], time=DAY[:4320], turbidity=3.0, altitude=50.0)
    horizontal = beam * np.clip(np.sin(np.radians(found["elevation"])), 0, None) + diffuse
    theirs = pvlib.irradiance.get_total_irradiance(
        40.0, 180.0, sun["zenith"].to_numpy(), sun["azimuth"].to_numpy(), beam, horizontal, diffuse, albedo=0.2
    )
    assert found["G"] == pytest.approx(theirs["poa_global"], abs=0.2)  # the sun's position differs by up to 0.01 deg
    assert found["Gd"] == pytest.approx(theirs["poa_diffuse"], abs=0.01)
    assert 900.0 < found["G"].max() < 1050.0


def test_the_same_seed_is_the_same_weather_whoever_asks_in_whatever_order():
    one = weather().at(DAY)
    other = weather()
    for part in (DAY[5000:], DAY[:5000]):
        again = other.at(part)
        for symbol, values in again.items():
            assert np.array_equal(values, one[symbol][np.isin(DAY, part)]), symbol
    assert not np.array_equal(weather(seed=2).at(DAY)["G"], one["G"])
    noon, tomorrow = one["DNI"][1800:2400], one["DNI"][1800 + 4320 : 2400 + 4320]
    assert np.mean(np.abs(noon - tomorrow)) > 50.0  # other clouds


def test_broken_clouds_cover_the_share_of_time_that_was_asked_and_never_add_beam():
    clear, broken = (weather(sky, clear=300.0, cloud=150.0).at(DAY) for sky in (CLEAR, BROKEN))
    up = clear["DNI"] > 100.0
    share = broken["DNI"][up] / clear["DNI"][up]
    assert share.min() >= 0.0
    assert share.max() <= 1.0
    assert np.mean(share < 0.75) == pytest.approx(180.0 / 510.0, abs=0.08)  # spells are at least 30 s longer each
    assert (broken["Gd"] >= clear["Gd"] - 1e-9).all()
    assert (broken["G"] <= clear["G"] + 1e-9)[clear["theta"] < 70.0].all()  # the sun behind the plane lights clouds


def test_wind_keeps_its_mean_and_the_air_is_warmest_in_the_afternoon():
    time = BEGIN + 600.0 * np.arange(60 * 144)
    found = weather(CLEAR, wind=3.0).at(time)
    assert found["u"].min() > 0
    assert found["u"].mean() == pytest.approx(3.0, rel=0.05)
    by_hour = found["t_amb"].reshape(60, 24, 6).mean(axis=(0, 2))
    assert np.argmax(by_hour) in (14, 15)  # 15 h of mean solar time is 15.2 h in Beijing
    assert by_hour.max() - by_hour.min() == pytest.approx(10.0, abs=1.0)
