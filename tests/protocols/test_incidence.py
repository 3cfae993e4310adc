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
