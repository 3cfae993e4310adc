"""Resistance to temperature against published fixed points and tables."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.thermometry import CallendarVanDusen, Its90, reference_ratio, solved

PLATINUM = json.loads((Path(__file__).parents[1] / "data" / "thermometry" / "platinum.json").read_text("utf-8"))
PT100, ITS90 = PLATINUM["iec60751_pt100"], PLATINUM["its90_reference_function"]
IEC = CallendarVanDusen(r0=100.0, a=3.9083e-3, b=-5.775e-7, c=-4.183e-12)


@pytest.mark.parametrize(("t", "resistance"), [(float(t), r) for t, r in PT100["expected_R_ohm"].items()])
def test_resistances_of_a_pt100_are_those_of_iec_60751_and_lead_back(t, resistance):
    assert IEC.resistance(t) == pytest.approx(resistance, abs=0.5e-4)
    assert IEC.temperature(resistance) == pytest.approx(t, abs=2.5e-4)  # 0.05 mohm of rounding, up to 0.3 ohm/K


@pytest.mark.parametrize("point", ITS90["fixed_points"].values(), ids=ITS90["fixed_points"])
def test_the_reference_function_gives_the_ratios_of_the_fixed_points(point):
    assert reference_ratio(point["t90"]) == pytest.approx(point["Wr_published"], abs=1.1e-8)


@pytest.mark.parametrize(("t", "ratio"), [(float(t), w) for t, w in ITS90["Wr_grid"].items() if float(t) > 0.01])
def test_between_the_fixed_points_a_thermometer_without_deviation_gives_the_published_ratios_back(t, ratio):
    assert reference_ratio(t) == pytest.approx(ratio, rel=1e-13)
    assert Its90(rtpw=25.5, a=0.0).temperature(25.5 * ratio) == pytest.approx(t, abs=1e-9)


@pytest.mark.parametrize("one", ITS90["inverse"], ids=lambda one: f"{one['t']} degC")
def test_the_solved_function_is_nearer_than_the_published_inverse_and_agrees_with_it_to_its_accuracy(one):
    found = Its90(rtpw=1.0, a=0.0).temperature(one["W"])
    assert found == pytest.approx(one["t"], abs=1e-9)
    assert found == pytest.approx(one["t_inv"], abs=0.13e-3)


def test_the_deviation_is_taken_off_the_measured_ratio():
    """At gallium Wr = 1.11813889; with a = 1e-4 the thermometer's W is (Wr − a) / (1 − a)."""
    gallium = ITS90["fixed_points"]["Ga"]
    w = (gallium["Wr_published"] - 1e-4) / (1.0 - 1e-4)
    assert Its90(rtpw=100.0, a=1e-4).temperature(100.0 * w) == pytest.approx(gallium["t90"], abs=3e-6)


@given(
    t=st.floats(-180.0, 600.0),
    a=st.floats(-1e-3, 1e-3),
    b=st.floats(-1e-4, 1e-4),
    a_below=st.floats(-1e-3, 1e-3),
    b_below=st.floats(-1e-4, 1e-4),
)
def test_its90_leads_back_to_the_temperature_for_any_certificate(t, a, b, a_below, b_below):
    thermometer = Its90(rtpw=25.4879, a=a, b=b, c=1e-6, a_below=a_below, b_below=b_below)
    assert thermometer.temperature(thermometer.resistance(t)) == pytest.approx(t, abs=1e-7)


def test_below_the_triple_point_nothing_is_answered_without_coefficients_for_it():
    assert Its90(rtpw=25.5, a=1e-4).temperature(25.4) is None
    assert Its90(rtpw=25.5, a=1e-4, a_below=1e-4, b_below=0.0).temperature(25.4) == pytest.approx(-0.97, abs=0.02)


@pytest.mark.parametrize("resistance", [-1.0, 0.0, 18.0, 400.0, float("inf"), float("nan")])
def test_outside_its_range_a_pt100_has_no_temperature(resistance):
    assert IEC.temperature(resistance) is None


@pytest.mark.parametrize("resistance", [-1.0, 0.0, 1e6, float("inf"), float("nan")])
def test_outside_its_range_a_standard_thermometer_has_no_temperature(resistance):
    assert Its90(rtpw=25.5, a=0.0, a_below=0.0, b_below=0.0).temperature(resistance) is None


def test_solving_finds_the_ends_too():
    assert solved(lambda x: x, 0.0, low=0.0, high=8.0) == pytest.approx(0.0, abs=1e-300)
    assert solved(lambda x: x, 8.0, low=0.0, high=8.0) == 8.0
