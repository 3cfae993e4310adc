"""The gross thermal yield agrees with an independent way, and behaves as energy does."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.collectors.climate import Climate, clock_error, in_step
from protocols.collectors.collector import CollectorParameters
from protocols.collectors.file import read_collector
from protocols.collectors.modifier import Biaxial, Unity, ten_degree_table
from protocols.collectors.yields import (
    Yields,
    gross_thermal_yield,
    hourly_yield,
    keymark_tilt,
    plane_year,
    simple_sun,
)
from tests.protocols.conftest import ROOT
from tests.protocols.made_climates import greensboro, peer_plane, peer_yields, shipped

CHAPPEE = read_collector(ROOT / "config" / "collectors" / "km3663_chappee_sol_200_lh.toml")
PERFECT = CollectorParameters(name="perfect", area=2.0, eta0b=0.8, Kd=1.0, a1=0.0, modifier=Unity())
# WISC with every term of wind and long-wave radiation
BARE = replace(CHAPPEE, name="bare", a1=12.0, a2=0.0, a3=1.7, a4=0.44, a6=0.003, a7=0.001)


def annual(collector: CollectorParameters, climate: Climate, **how: float) -> float:
    found = gross_thermal_yield(collectors=[collector], climates=[climate], temperatures=(50.0,), **how)
    return float(found.annual[0, 0, 0])


@pytest.mark.parametrize("climate", [shipped(), greensboro()], ids=["pvgis", "tmy3"])
def test_irradiances_on_the_plane_are_those_of_pvlib(climate: Climate) -> None:
    year = plane_year(climate)
    beam, diffuse, theta = peer_plane(climate, year.tilt)
    np.testing.assert_allclose(year.beam, beam, atol=1e-6)
    np.testing.assert_allclose(year.diffuse, diffuse, atol=1e-6)
    up = year.elevation > 0
    np.testing.assert_allclose(year.theta[up], theta[up], atol=1e-5)


@pytest.mark.parametrize("temperature", [25.0, 50.0, 75.0])
@pytest.mark.parametrize("climate", [shipped(), greensboro()], ids=["pvgis", "tmy3"])
def test_the_yield_is_that_of_pvlib_and_pandas(climate: Climate, temperature: float) -> None:
    found = gross_thermal_yield(collectors=[CHAPPEE], climates=[climate], temperatures=[temperature])
    (expected,) = peer_yields(climate, CHAPPEE, keymark_tilt(climate.latitude), [temperature])
    assert found.annual[0, 0, 0] == pytest.approx(expected, rel=1e-9)


def test_the_simple_sun_strays_from_the_true_one_by_less_than_it_says() -> None:
    simple, exact = plane_year(shipped()), plane_year(shipped(), sun="heliobench")
    day = exact.elevation > 5.0
    assert np.abs(simple.elevation - exact.elevation)[day].max() < 1.5
    assert simple.irradiation == pytest.approx(exact.irradiation, rel=0.003)


def test_without_losses_the_yield_is_eta0_times_the_irradiation() -> None:
    found = gross_thermal_yield(collectors=[PERFECT], climates=[shipped()], temperatures=(25.0, 75.0))
    np.testing.assert_allclose(found.monthly[0, 0], np.stack([0.8 * found.irradiation[0]] * 2), rtol=1e-12)
    np.testing.assert_allclose(found.efficiency, 0.8, rtol=1e-12)
    np.testing.assert_allclose(found.per_module, 2.0 * found.annual)


def test_a_horizontal_plane_keeps_the_energy_of_the_horizontal() -> None:
    climate = shipped()
    year = plane_year(climate, tilt=0.0)
    up = year.elevation > 1.0
    vertical = np.sin(np.radians(year.elevation))
    np.testing.assert_allclose((year.beam + year.diffuse)[up], (climate.DNI * vertical + climate.DHI)[up], rtol=1e-9)


def test_months_sum_up_to_the_year_and_collectors_stand_side_by_side() -> None:
    collectors = [CHAPPEE, replace(CHAPPEE, name="worse", a1=5.0)]
    found = gross_thermal_yield(collectors=collectors, climates=[shipped(), greensboro()])
    assert found.monthly.shape == (2, 2, 3, 12)
    for i, collector in enumerate(collectors):
        for j, climate in enumerate((shipped(), greensboro())):
            alone = gross_thermal_yield(collectors=[collector], climates=[climate])
            np.testing.assert_array_equal(found.annual[i, j], alone.annual[0, 0])
    hours = hourly_yield(collector=CHAPPEE, year=plane_year(shipped()), temperatures=[25.0])
    assert hours.sum() / 1000.0 == pytest.approx(found.annual[0, 0, 0])
    assert hours[0, : 31 * 24].sum() / 1000.0 == pytest.approx(found.monthly[0, 0, 0, 0])


@settings(max_examples=20, deadline=None)
@given(st.floats(0.0, 90.0), st.floats(0.1, 30.0))
def test_a_warmer_collector_yields_less_and_never_less_than_nothing(temperature: float, more: float) -> None:
    found = gross_thermal_yield(
        collectors=[CHAPPEE], climates=[shipped()], temperatures=(temperature, temperature + more)
    )
    assert 0.0 <= found.annual[0, 0, 1] < found.annual[0, 0, 0]


def test_the_floor_acts_on_hours_and_not_on_months() -> None:
    year = plane_year(shipped())
    hours = hourly_yield(collector=CHAPPEE, year=year, temperatures=[75.0])
    assert hours.min() == 0.0
    rise = 75.0 - shipped().t_amb
    losses = CHAPPEE.power(Gb=year.beam, Gd=year.diffuse, rise=rise, Kb=CHAPPEE.modifier.at(year.theta))
    assert hours.sum() > np.maximum(np.add.reduceat(losses, np.arange(0, 8760, 730)), 0.0).sum()


def test_wind_at_the_collector_is_half_of_the_weather_files() -> None:
    climate = shipped()
    assert climate.u is not None
    half = replace(climate, u=climate.u / 2.0)
    assert annual(BARE, climate) == pytest.approx(annual(BARE, half, wind_factor=1.0), rel=1e-12)
    assert annual(BARE, climate) != pytest.approx(annual(BARE, half), rel=1e-3)


def test_terms_of_wind_and_long_wave_radiation_enter_with_their_sign() -> None:
    climate = shipped()
    assert climate.EL is not None
    assert climate.u is not None
    year, rise = plane_year(climate), 20.0 - climate.t_amb
    wind, sky = 0.5 * climate.u - 3.0, climate.EL - 5.67e-8 * (climate.t_amb + 273.15) ** 4
    k = CHAPPEE.modifier.at(year.theta)
    total = year.beam + year.diffuse
    q = 0.739 * (k * year.beam + 0.91 * year.diffuse) - 12.0 * rise - 1.7 * wind * rise
    q += 0.44 * sky - 0.003 * wind * total - 0.001 * wind * sky
    found = hourly_yield(collector=BARE, year=year, temperatures=[20.0])[0]
    np.testing.assert_allclose(found, np.maximum(q, 0.0), atol=1e-9)


@pytest.mark.parametrize(("lost", "complaint"), [("u", "depends on wind"), ("EL", "depends on long-wave")])
def test_a_climate_without_what_a_collector_depends_on_is_refused(lost: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        annual(BARE, replace(shipped(), **{lost: None}))
    assert annual(CHAPPEE, replace(shipped(), **{lost: None})) > 0.0


def test_parameters_of_the_aperture_an_unknown_sun_and_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="aperture"):
        annual(replace(CHAPPEE, area_basis="aperture"), shipped())
    with pytest.raises(ValueError, match="the sun 'moon' is not known"):
        plane_year(shipped(), sun="moon")
    with pytest.raises(ValueError, match="at least one"):
        gross_thermal_yield(collectors=[], climates=[shipped()])


def test_a_plane_on_the_other_half_of_the_earth_faces_north() -> None:
    south = plane_year(replace(shipped(), latitude=-45.0))
    assert (south.tilt, south.azimuth) == (30.0, 0.0)
    assert keymark_tilt(3.0) == 0.0


def test_the_simple_sun_is_highest_at_noon_in_june() -> None:
    climate = replace(shipped(), latitude=40.0, longitude=0.0, centre=0.0)
    elevation, azimuth = simple_sun(climate)
    assert elevation.max() == pytest.approx(90.0 - 40.0 + 23.45, abs=0.6)
    top = int(np.argmax(elevation))
    assert top // 24 in range(165, 180)
    assert azimuth[top] == pytest.approx(180.0, abs=16.0)


def test_tubes_along_and_across_differ() -> None:
    steep, flat = ten_degree_table([0.99, 0.95, 0.9, 0.8, 0.7, 0.5, 0.3, 0.1, 0]), Unity()
    collector = replace(CHAPPEE, modifier=Biaxial(transversal=steep, longitudinal=flat))

    def year(tubes: str) -> Yields:
        return gross_thermal_yield(collectors=[collector], climates=[shipped()], tubes=tubes)

    assert year("along").annual[0, 0, 0] != pytest.approx(year("across").annual[0, 0, 0], rel=0.005)
    assert np.isfinite(year("along").annual).all()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"utc_offset": 1.0}, "1 h later"),
        ({"utc_offset": -2.0}, "2 h earlier"),
        ({"longitude": -8.0}, "1 h later"),
        ({"centre": 0.9261}, "0.75 h earlier"),
    ],
)
def test_a_climate_whose_head_names_another_clock_or_place_is_refused(wrong: dict[str, float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        in_step(replace(shipped(), **wrong))


def test_a_climate_that_is_not_consistent_in_itself_has_no_wrong_clock() -> None:
    climate = shipped()
    noise = np.random.default_rng(1).uniform(0.6, 1.4, climate.G_h.size)
    assert clock_error(replace(climate, G_h=climate.G_h * noise)) == 0.0
    assert clock_error(greensboro()) == 0.0


def test_a_temperature_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="a mean temperature is nan; give numbers, in degC"):
        gross_thermal_yield(collectors=[CHAPPEE], climates=[shipped()], temperatures=(25.0, float("nan")))
