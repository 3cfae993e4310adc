"""Sun and angles against pvlib's implementation of NREL's SPA, which is independent of ours."""

import numpy as np
import pandas as pd
import pvlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.incidence import (
    cosine_of_incidence,
    horizon_elevation,
    modifier_b0,
    modifier_excess,
    projected_angles,
    sun_position,
)


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(47.05, 15.44), (39.9, 116.4), (-33.9, 151.2), (0.0, -78.5), (69.6, 18.9)]
)
def test_the_sun_stands_within_a_hundredth_of_a_degree_of_spa_from_2000_to_2060(
    latitude: float, longitude: float
) -> None:
    time = np.sort(np.random.default_rng(0).uniform(946_684_800, 2_840_140_800, 500))
    oracle = pvlib.solarposition.get_solarposition(pd.to_datetime(time, unit="s", utc=True), latitude, longitude, 0)
    elevation, azimuth = sun_position(time=time, latitude=latitude, longitude=longitude)
    across = ((azimuth - oracle["azimuth"] + 180.0) % 360.0 - 180.0) * np.cos(np.radians(elevation))
    assert np.hypot(elevation - oracle["elevation"], across).max() < 0.01


def test_the_angle_of_incidence_is_that_of_pvlib() -> None:
    elevation, azimuth = np.array([60.0, 30.0, 10.0, 50.0]), np.array([180.0, 120.0, 300.0, 10.0])
    cosine = cosine_of_incidence(elevation=elevation, azimuth=azimuth, tilt=35.0, plane_azimuth=160.0)
    oracle = pvlib.irradiance.aoi(35.0, 160.0, 90.0 - elevation, azimuth)
    np.testing.assert_allclose(np.degrees(np.arccos(cosine)), oracle, atol=1e-9)


SUN = {"elevation": np.array([60.0, 30.0, 10.0, 50.0]), "azimuth": np.array([180.0, 120.0, 250.0, 210.0])}


def test_the_angles_of_tubes_along_the_slope_are_those_of_an_axis_tilted_with_it() -> None:
    transversal, longitudinal = projected_angles(**SUN, tilt=35.0, plane_azimuth=160.0)
    zenith = 90.0 - SUN["elevation"]
    oracle = pvlib.shading.projected_solar_zenith_angle(zenith, SUN["azimuth"], 35.0, 160.0)
    np.testing.assert_allclose(transversal, np.abs(oracle), atol=1e-9)
    # theta_L = |tilt - atan(tan(zenith) cos(dgamma))|
    turned = np.degrees(np.arctan(np.tan(np.radians(zenith)) * np.cos(np.radians(SUN["azimuth"] - 160.0))))
    np.testing.assert_allclose(longitudinal, np.abs(35.0 - turned), atol=1e-9)


def test_the_angles_of_tubes_across_the_slope_are_those_of_a_horizontal_axis() -> None:
    transversal, longitudinal = projected_angles(**SUN, tilt=35.0, plane_azimuth=160.0, tubes="across")
    oracle = pvlib.shading.projected_solar_zenith_angle(90.0 - SUN["elevation"], SUN["azimuth"], 0.0, 70.0)
    np.testing.assert_allclose(transversal, np.abs(np.abs(oracle) - 35.0), atol=1e-9)
    np.testing.assert_allclose((longitudinal, transversal), projected_angles(**SUN, tilt=35.0, plane_azimuth=160.0))


@given(st.floats(0.0, 90.0), st.floats(0.0, 360.0), st.floats(0.0, 90.0))
def test_both_angles_together_are_the_angle_of_incidence(elevation: float, azimuth: float, tilt: float) -> None:
    sun = {"elevation": np.array([elevation]), "azimuth": np.array([azimuth]), "tilt": tilt, "plane_azimuth": 180.0}
    cosine, angles = cosine_of_incidence(**sun), np.array(projected_angles(**sun))
    if cosine[0] <= 0:
        assert np.isnan(angles).all()
    elif cosine[0] > 1e-3:
        # tan(theta)^2 = tan(theta_T)^2 + tan(theta_L)^2
        square = np.sum(np.tan(np.radians(angles)) ** 2)
        assert 1.0 / (1.0 + square) == pytest.approx(cosine[0] ** 2, rel=1e-9)


def test_tubes_in_another_direction_are_refused() -> None:
    with pytest.raises(ValueError, match="along or across the slope"):
        projected_angles(**SUN, tilt=35.0, plane_azimuth=160.0, tubes="NS")


@given(st.floats(0.0, 89.0), st.floats(0.0, 360.0))
def test_a_plane_that_looks_at_the_sun_sees_it_at_a_right_angle(elevation: float, azimuth: float) -> None:
    cosine = cosine_of_incidence(
        elevation=np.array([elevation]), azimuth=np.array([azimuth]), tilt=90.0 - elevation, plane_azimuth=azimuth
    )
    assert cosine[0] == pytest.approx(1.0)


def test_fifty_degrees_give_the_modifier_that_b0_is_defined_by() -> None:
    # b0 = (1 - K50)/0.55572: with K50 = 0.90, b0 = 0.17995.
    cosine = np.cos(np.radians([0.0, 50.0]))
    np.testing.assert_allclose(modifier_b0(cosine=cosine, b0=0.1 / 0.55572), [1.0, 0.90], atol=1e-6)


def test_behind_the_plane_there_is_no_modifier() -> None:
    assert np.isnan(modifier_excess(np.array([-0.1, 0.0]))).all()


def test_a_horizon_is_interpolated_around_north() -> None:
    horizon = [(350.0, 10.0), (10.0, 20.0), (180.0, 0.0)]
    found = horizon_elevation(azimuth=np.array([0.0, 350.0, 95.0]), horizon=horizon)
    np.testing.assert_allclose(found, [15.0, 10.0, 10.0])


def test_a_horizon_without_pairs_is_refused() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        horizon_elevation(azimuth=np.array([0.0]), horizon=[])
