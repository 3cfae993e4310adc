"""The incidence angle modifier against its definitions, closed forms and published tables."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.collectors.modifier import (
    Ambrosetti,
    Biaxial,
    Modifier,
    Tabulated,
    TwoTerm,
    Unity,
    b0_from_k50,
    tabulated,
    ten_degree_table,
)
from tests.protocols.conftest import DATA

FORMS = (
    Unity(),
    TwoTerm(b0=0.18),
    TwoTerm(b0=-1.3766, b1=0.9294),
    Ambrosetti(kappa=3.5),
    ten_degree_table([1, 0.99, 0.97, 0.94, 0.9, 0.82, 0.65, 0.32, 0]),
    Biaxial(transversal=TwoTerm(b0=-0.1), longitudinal=Ambrosetti(kappa=3.0)),
)


def case(name: str) -> dict[str, dict[str, object]]:
    return next(one for one in json.loads((DATA / "collectors" / "cases.json").read_text("utf-8")) if one["id"] == name)


def at(modifier: Modifier, theta: object) -> np.ndarray:
    return modifier.at(theta, transversal=theta, longitudinal=0.0)


@pytest.mark.parametrize("modifier", FORMS)
def test_every_form_is_one_at_normal_incidence_and_zero_where_the_beam_does_not_meet_the_front(
    modifier: Modifier,
) -> None:
    np.testing.assert_array_equal(at(modifier, [0.0, 90.0, 135.0, 180.0]), [1.0, 0.0, 0.0, 0.0])
    assert np.all(at(modifier, np.linspace(0.0, 90.0, 1001)) >= 0.0)


@pytest.mark.parametrize("modifier", FORMS)
def test_a_missing_angle_has_no_modifier(modifier: Modifier) -> None:
    assert np.isnan(at(modifier, np.nan))


@pytest.mark.parametrize("theta", [-1.0, 181.0])
@pytest.mark.parametrize("modifier", FORMS)
def test_an_angle_that_cannot_be_is_refused(modifier: Modifier, theta: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 180 deg"):
        at(modifier, theta)


def test_b0_goes_through_the_value_at_fifty_degrees() -> None:
    # b0 = (1 - K50)/0.55572 (ISO 9806 as SunPeek has it)
    assert b0_from_k50(0.89) == pytest.approx(0.11 / 0.55572, rel=1e-5)
    assert TwoTerm.from_k50(0.89).at(50.0) == pytest.approx(0.89, rel=1e-12)
    for k50 in (float("nan"), float("inf"), 0.0):
        with pytest.raises(ValueError, match="positive"):
            b0_from_k50(k50)


def test_the_sign_of_srcc_is_the_opposite_one() -> None:
    # K = 1 + B0 x + B1 x^2, x(60 deg) = 1: 1 - 0.2 + 0.05
    assert TwoTerm.srcc(B0=-0.2, B1=0.05).at(60.0) == pytest.approx(0.85, rel=1e-12)


def test_ambrosetti_is_half_where_the_tangent_says_so() -> None:
    # tan(theta/2)^2 = 1/2
    angle = 2.0 * np.degrees(np.arctan(np.sqrt(0.5)))
    assert Ambrosetti(kappa=2.0).at(angle) == pytest.approx(0.5, rel=1e-12)


def test_a_table_is_linear_between_its_angles_and_ends_at_zero() -> None:
    table = tabulated([(60.0, 0.8), (30.0, 0.95)])
    np.testing.assert_allclose(table.at([15.0, 30.0, 45.0, 75.0, 90.0]), [0.975, 0.95, 0.875, 0.4, 0.0])
    assert ten_degree_table([0.9] * 8) == ten_degree_table([*[0.9] * 8, 0.0])


def test_two_axes_multiply() -> None:
    tubes = Biaxial(transversal=tabulated([(40.0, 1.2)]), longitudinal=tabulated([(40.0, 0.9)]))
    assert tubes.at(50.0, transversal=40.0, longitudinal=40.0) == pytest.approx(1.08)
    with pytest.raises(ValueError, match="both projected angles"):
        tubes.at(50.0, transversal=40.0)


@given(st.floats(0.0, 3.0))
def test_the_diffuse_modifier_of_b0_is_one_over_one_plus_b0(b0: float) -> None:
    # int_m0^1 2 m (1 + b0 - b0/m) dm with K(m0) = 0 at m0 = b0/(1 + b0)
    assert TwoTerm(b0=b0).diffuse() == pytest.approx(1.0 / (1.0 + b0), rel=1e-12)


def test_the_diffuse_modifier_of_ambrosetti_with_kappa_two_is_four_ln_two_minus_two() -> None:
    # With t = tan(theta/2): 1 - int 8 t^3 (1 - t^2)/(1 + t^2)^3 dt over 0..1 = 1 - (3 - 4 ln 2)
    assert Ambrosetti(kappa=2.0).diffuse() == pytest.approx(4.0 * np.log(2.0) - 2.0, rel=1e-12)


def midpoints(modifier: Modifier, count: int) -> float:
    """The hemisphere by brute force, `count` rings by `count` sectors of a quarter."""
    theta, phi = np.meshgrid(*[(np.arange(count) + 0.5) / count * np.pi / 2.0] * 2)
    transversal = np.degrees(np.arctan(np.tan(theta) * np.cos(phi)))
    longitudinal = np.degrees(np.arctan(np.tan(theta) * np.sin(phi)))
    k = modifier.at(np.degrees(theta), transversal=transversal, longitudinal=longitudinal)
    return float(np.sum(k * np.sin(2.0 * theta)) / np.sum(np.sin(2.0 * theta)))


@pytest.mark.parametrize("modifier", FORMS)
def test_the_diffuse_modifier_is_the_mean_over_the_hemisphere(modifier: Modifier) -> None:
    assert modifier.diffuse() == pytest.approx(midpoints(modifier, 400), abs=1e-5)


def test_two_equal_axes_may_be_exchanged() -> None:
    first, second = TwoTerm(b0=0.1), Ambrosetti(kappa=4.0)
    one = Biaxial(transversal=first, longitudinal=second).diffuse()
    assert Biaxial(transversal=second, longitudinal=first).diffuse() == pytest.approx(one, rel=1e-12)


def test_a_modifier_that_grows_without_limit_has_no_diffuse_mean() -> None:
    with pytest.raises(ValueError, match="without limit"):
        TwoTerm.srcc(B0=-0.2, B1=0.05).diffuse()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: TwoTerm(b0=float("nan")), "must both be numbers"),
        (lambda: Ambrosetti(kappa=0.0), "positive"),
        (lambda: tabulated([(40.0, 0.9), (40.0, 0.8)]), "must rise"),
        (lambda: tabulated([(95.0, 0.1)]), "must rise"),
        (lambda: tabulated([(0.0, 0.98), (40.0, 0.9)]), "1 at 0 deg"),
        (lambda: tabulated([(90.0, 0.2)]), "0 at 90 deg"),
        (lambda: tabulated([(40.0, -0.1)]), "not negative"),
        (lambda: tabulated([(40.0, float("nan"))]), "not negative"),
        (lambda: Tabulated(angles=(0.0, 90.0), values=(1.0,)), "one number"),
        (lambda: ten_degree_table([1.0, 0.9]), "2 modifiers were given"),
    ],
)
def test_a_modifier_that_cannot_be_is_refused(make: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


def test_the_isotropic_mean_of_nine_certificates_lies_below_their_diffuse_modifier() -> None:
    # C19: published Kd is a regression coefficient; the isotropic integral is 0.006 to 0.106 lower.
    for one in case("C19")["inputs"]["collectors"]:
        assert -0.107 < ten_degree_table(one["iam"]).diffuse() - one["Kd"] < -0.005
