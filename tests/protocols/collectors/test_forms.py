"""Conversions between forms: published examples, the power that must stay, covariances against differences."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.collectors.collector import FORM_2013, FORM_2017, FORM_2025, SYMBOLS, CollectorParameters
from protocols.collectors.forms import (
    UNGLAZED_SYMBOLS,
    PointValues,
    Unglazed2013,
    at_wind,
    beam_efficiency,
    from_2013,
    from_2025,
    from_unglazed,
    hemispherical_efficiency,
    ten_degree_mean,
    to_aperture,
    to_gross,
    unglazed_at_wind,
)
from protocols.collectors.inlet_curve import LinearCurve, to_inlet, to_mean
from protocols.collectors.modifier import TwoTerm, Unity, ten_degree_table

OLD = CollectorParameters(
    name="old",
    area=1.66,
    form=FORM_2013,
    eta0b=0.475,
    Kd=0.95,
    a1=7.411,
    a2=0.01,
    a3=1.7,
    a4=0.437,
    a5=42200.0,
    a6=0.003,
    modifier=Unity(),
)
UNGLAZED = Unglazed2013(
    name="unglazed",
    area=1.64,
    eta0hem=0.535,
    b1=10.74,
    b2=1.0997,
    bu=0.067,
    emission_ratio=0.85,
    modifier=ten_degree_table([1, 1, 1, 0.99, 0.97, 0.92, 0.80, 0.55, 0]),
)
RANDOM = np.random.default_rng(1)
WIND = st.floats(0.0, 8.0)
RISE = st.floats(-10.0, 60.0)
SKY = st.floats(-150.0, 20.0)


def spread(size: int, scale: np.ndarray) -> np.ndarray:
    root = RANDOM.normal(size=(size, size)) * scale[:, None]
    return root @ root.T


def differences(convert: Callable[[np.ndarray], np.ndarray], at: np.ndarray) -> np.ndarray:
    """The Jacobian by central differences; zero for what is zero, which has no variance in these tests."""
    jacobian = np.zeros((convert(at).size, at.size))
    for place in np.flatnonzero(at):
        step = np.zeros(at.size)
        step[place] = 1e-5 * at[place]
        jacobian[:, place] = (convert(at + step) - convert(at - step)) / (2.0 * step[place])
    return jacobian


# --- 2013 and 2025 ---


@given(WIND, RISE, SKY, st.floats(0.0, 1000.0), st.floats(0.0, 500.0))
def test_the_power_stays_when_the_diffuse_modifier_is_converted_with_it(
    u: float, rise: float, long_wave: float, Gb: float, Gd: float
) -> None:
    at = {"Gb": Gb, "Gd": Gd, "rise": rise, "u": u, "long_wave": long_wave, "rate": 0.01}
    new = from_2013(OLD, Kd="power")
    assert new.form == FORM_2017
    assert new.power(**at) == pytest.approx(float(OLD.power(**at)), rel=1e-9, abs=1e-6)


@given(WIND, RISE)
def test_the_power_stays_under_beam_when_the_diffuse_modifier_is_kept(u: float, rise: float) -> None:
    new = from_2013(OLD)
    assert new.Kd == OLD.Kd
    at = {"Gb": 900.0, "Gd": 0.0, "rise": rise, "u": u}
    assert new.power(**at) == pytest.approx(float(OLD.power(**at)), rel=1e-9)
    # eta0b Kd loses 3 c6 Kd instead of 3 c6
    cloudy = {"Gb": 0.0, "Gd": 100.0, "rise": rise, "u": u}
    assert new.power(**cloudy) - OLD.power(**cloudy) == pytest.approx(3.0 * 0.003 * (1.0 - 0.95) * 100.0, abs=1e-9)


@given(WIND, RISE, st.sampled_from([0.0, 30.0, 50.0]))
def test_the_power_of_the_2025_form_stays_at_the_angle_that_was_asked_for(u: float, rise: float, theta: float) -> None:
    newest = replace(OLD, form=FORM_2025, modifier=TwoTerm(b0=0.1))
    at = {"Gb": 850.0, "Gd": 150.0, "rise": rise, "u": u, "Kb": newest.modifier.at(theta)}
    assert from_2025(newest, theta=theta).power(**at) == pytest.approx(float(newest.power(**at)), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("form", "convert"),
    [
        (FORM_2013, from_2013),
        (FORM_2013, lambda old: from_2013(old, Kd="power")),
        (FORM_2025, from_2025),
        (FORM_2025, lambda old: from_2025(old, theta=30.0)),
        (FORM_2017, lambda old: to_aperture(old, aperture_area=1.5)),
    ],
)
def test_covariances_go_with_the_coefficients(form: str, convert: Callable[[object], CollectorParameters]) -> None:
    old = replace(OLD, form=form, modifier=TwoTerm(b0=0.1))
    at = np.array(list(old.coefficients.values()))
    covariance = spread(10, 0.01 * at)
    jacobian = differences(
        lambda values: np.array(
            list(convert(replace(old, **dict(zip(SYMBOLS, values, strict=True)))).coefficients.values())
        ),
        at,
    )
    found = convert(replace(old, covariance=covariance)).covariance
    assert found is not None
    np.testing.assert_allclose(found, jacobian @ covariance @ jacobian.T, rtol=1e-6, atol=1e-12)
    assert convert(old).covariance is None


def test_where_a_conversion_came_from_is_told() -> None:
    assert from_2013(OLD).source == "converted from ISO 9806:2013"
    assert from_2013(replace(OLD, source="certificate")).source == "certificate, converted from ISO 9806:2013"


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (lambda: from_2013(replace(OLD, form=FORM_2017)), "converts from ISO 9806:2013"),
        (lambda: from_2025(OLD), "converts from ISO 9806:2025"),
        (lambda: from_2013(replace(OLD, a7=0.1)), "the 2013 form has none"),
        (lambda: from_2013(OLD, Kd="workbook"), "kept or power"),
        (lambda: to_gross(OLD, gross_area=2.0), "per gross area already"),
        (lambda: to_aperture(OLD, aperture_area=2.0), "2 m2 of aperture in 1.66 m2"),
        (lambda: to_aperture(OLD, aperture_area=float("nan")), "correct one"),
        (lambda: from_unglazed(replace(UNGLAZED, bu=0.4)), "eta0b"),
    ],
)
def test_what_cannot_be_converted_is_refused(refused: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        refused()


# --- unglazed ---


@given(WIND, RISE, SKY, st.floats(100.0, 1100.0))
def test_the_power_of_an_unglazed_collector_stays(u: float, rise: float, long_wave: float, G: float) -> None:
    # eta0hem (1 - bu u) (G + eps/alpha L) - (b1 + b2 u) (tm - ta)
    old = 0.535 * (1 - 0.067 * u) * (G + 0.85 * long_wave) - (10.74 + 1.0997 * u) * rise
    new = from_unglazed(UNGLAZED)
    at = {"Gb": 0.85 * G, "Gd": 0.15 * G, "rise": rise, "u": u, "long_wave": long_wave}
    assert new.power(**at) == pytest.approx(old, rel=1e-9, abs=1e-6)


def test_the_covariance_of_an_unglazed_collector_goes_with_it() -> None:
    at = np.array([getattr(UNGLAZED, symbol) for symbol in UNGLAZED_SYMBOLS])
    covariance = spread(4, 0.01 * at)

    def new(values: np.ndarray) -> np.ndarray:
        old = replace(UNGLAZED, **dict(zip(UNGLAZED_SYMBOLS, values, strict=True)))
        return np.array(list(from_unglazed(old).coefficients.values()))

    jacobian = differences(new, at)
    found = from_unglazed(replace(UNGLAZED, covariance=covariance)).covariance
    assert found is not None
    np.testing.assert_allclose(found, jacobian @ covariance @ jacobian.T, rtol=1e-6, atol=1e-12)


def test_the_diffuse_modifier_of_ten_degree_steps_is_near_the_integral() -> None:
    assert ten_degree_mean(UNGLAZED.modifier) == pytest.approx(UNGLAZED.modifier.diffuse(), abs=0.01)
    assert from_unglazed(UNGLAZED, Kd=0.9).Kd == 0.9


# --- points, areas, inlet ---


def as_array(point: PointValues) -> np.ndarray:
    return np.array([point.eta0, point.a1, point.a2])


@pytest.mark.parametrize("form", [FORM_2013, FORM_2017, FORM_2025])
def test_the_values_for_one_wind_are_those_of_the_power_at_it(form: str) -> None:
    collector = replace(OLD, form=form)
    point = at_wind(collector, u=1.0)
    power = collector.power(Gb=850.0, Gd=150.0, rise=20.0, u=1.0)
    assert 1000.0 * point.eta0 - 20.0 * point.a1 - 400.0 * point.a2 == pytest.approx(float(power), rel=1e-12)


@pytest.mark.parametrize("form", [FORM_2013, FORM_2017, FORM_2025])
def test_the_covariance_for_one_wind_goes_with_the_values(form: str) -> None:
    collector = replace(OLD, form=form)
    at = np.array(list(collector.coefficients.values()))
    covariance = spread(10, 0.01 * at)
    jacobian = differences(
        lambda values: as_array(at_wind(replace(collector, **dict(zip(SYMBOLS, values, strict=True))), u=1.0)), at
    )
    found = at_wind(replace(collector, covariance=covariance), u=1.0).covariance
    assert found is not None
    np.testing.assert_allclose(found, jacobian @ covariance @ jacobian.T, rtol=1e-6, atol=1e-12)


def test_an_unglazed_collector_has_the_same_values_for_one_wind_before_and_after_its_conversion() -> None:
    covariance = spread(4, np.array([0.01, 0.1, 0.02, 0.002]))
    before = unglazed_at_wind(replace(UNGLAZED, covariance=covariance), u=1.0)
    after = at_wind(from_unglazed(replace(UNGLAZED, covariance=covariance)), u=1.0)
    np.testing.assert_allclose(as_array(after), as_array(before), rtol=1e-12)
    assert before.covariance is not None
    assert after.covariance is not None
    np.testing.assert_allclose(after.covariance, before.covariance, rtol=1e-9, atol=1e-15)


@given(st.floats(0.5, 1.0))
def test_gross_and_back_is_where_it_began(share: float) -> None:
    collector = replace(OLD, form=FORM_2017)
    there = to_aperture(collector, aperture_area=share * collector.area)
    back = to_gross(there, gross_area=collector.area)
    np.testing.assert_allclose(list(back.coefficients.values()), list(collector.coefficients.values()), rtol=1e-12)
    at = {"Gb": 700.0, "Gd": 100.0, "rise": 30.0, "u": 2.0}
    # The power of the module does not depend on the area it is referred to.
    assert there.power(**at) * there.area == pytest.approx(float(collector.power(**at)) * collector.area, rel=1e-9)


def test_the_hemispherical_efficiency_is_the_beam_efficiency_with_a_share_of_diffuse() -> None:
    assert hemispherical_efficiency(eta0b=0.8, Kd=0.9) == pytest.approx(0.8 * 0.985)
    assert beam_efficiency(eta0hem=hemispherical_efficiency(eta0b=0.8, Kd=0.9), Kd=0.9) == pytest.approx(0.8)


CURVE = LinearCurve(eta0=0.72, U=4.9, area=2.0, temperature="inlet")
FLOW = 0.04 * 4180.0  # W/K


@given(st.floats(0.0, 1000.0), st.floats(-10.0, 80.0))
def test_a_curve_of_the_mean_gives_the_power_of_that_of_the_inlet(G: float, above: float) -> None:
    heat = CURVE.area * (CURVE.eta0 * G - CURVE.U * above)
    mean_above = above + heat / (2.0 * FLOW)
    mean = to_mean(CURVE, capacity_flow=FLOW)
    assert CURVE.area * (mean.eta0 * G - mean.U * mean_above) == pytest.approx(heat, rel=1e-9, abs=1e-6)


def test_a_curve_goes_to_the_mean_and_back_with_its_covariance() -> None:
    covariance = np.array([[1e-5, -2e-4], [-2e-4, 1e-2]])
    there = to_mean(replace(CURVE, covariance=covariance), capacity_flow=FLOW)
    back = to_inlet(there, capacity_flow=FLOW)
    assert (back.eta0, back.U) == pytest.approx((0.72, 4.9), rel=1e-12)
    assert back.covariance is not None
    np.testing.assert_allclose(back.covariance, covariance, rtol=1e-9)

    def new(values: np.ndarray) -> np.ndarray:
        mean = to_mean(replace(CURVE, eta0=values[0], U=values[1]), capacity_flow=FLOW)
        return np.array([mean.eta0, mean.U])

    jacobian = differences(new, np.array([0.72, 4.9]))
    assert there.covariance is not None
    np.testing.assert_allclose(there.covariance, jacobian @ covariance @ jacobian.T, rtol=1e-6)


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (lambda: to_mean(CURVE, capacity_flow=4.9), "warm the fluid above"),
        (lambda: to_mean(CURVE, capacity_flow=0.0), "positive number"),
        (lambda: to_inlet(CURVE, capacity_flow=FLOW), "refers to the inlet temperature already"),
        (lambda: replace(CURVE, temperature="outlet"), "inlet or mean"),
        (lambda: replace(CURVE, area=0.0), "positive"),
        (lambda: replace(CURVE, eta0=float("nan")), "give both as numbers"),
        (lambda: replace(CURVE, U=float("inf")), "give both as numbers"),
    ],
)
def test_a_curve_that_cannot_be_referred_is_refused(refused: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        refused()
