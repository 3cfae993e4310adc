"""Distributions against scipy, closed forms, and the asymptotic series where scipy itself runs out of digits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from protocols.metrology import distributions as ours

TAILS = 10.0 ** -np.arange(1, 11)
P = np.concatenate([TAILS, [0.3, 0.5, 0.7, 0.9, 0.95, 0.975, 0.999, 1.0 - 1e-6]])
DOF = [0.5, 1.0, 2.5, 4.0, 18.0, 100.0, 1e4, 1e6]
NEAR = {"rtol": 1e-11, "atol": 1e-300}


def test_the_normal_distribution_is_that_of_scipy_in_both_tails() -> None:
    x = np.linspace(-37.0, 37.0, 149)
    np.testing.assert_allclose(ours.normal_cdf(x), stats.norm.cdf(x), **NEAR)
    np.testing.assert_allclose(ours.normal_sf(x), stats.norm.sf(x), **NEAR)
    np.testing.assert_allclose(ours.normal_pdf(x), stats.norm.pdf(x), **NEAR)
    np.testing.assert_allclose(ours.normal_ppf(P), stats.norm.ppf(P), rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("dof", DOF)
def test_t_probabilities_and_quantiles_are_those_of_scipy(dof: float) -> None:
    x = stats.t.ppf(P, dof)
    np.testing.assert_allclose(ours.t_cdf(x, dof), stats.t.cdf(x, dof), **NEAR)
    np.testing.assert_allclose(ours.t_sf(x, dof), stats.t.sf(x, dof), **NEAR)
    np.testing.assert_allclose(ours.t_ppf(P, dof), x, **NEAR)


@pytest.mark.parametrize("dof", DOF[:-1])  # scipy's own chi-squared has 8 digits at a million: see the next test
def test_chi_squared_and_gamma_are_those_of_scipy(dof: float) -> None:
    x = stats.chi2.ppf(P, dof)
    np.testing.assert_allclose(ours.chi2_cdf(x, dof), stats.chi2.cdf(x, dof), **NEAR)
    np.testing.assert_allclose(ours.chi2_sf(x, dof), stats.chi2.sf(x, dof), **NEAR)
    np.testing.assert_allclose(ours.chi2_ppf(P, dof), x, **NEAR)
    y = 3.0 * stats.gamma.ppf(P, dof)
    np.testing.assert_allclose(ours.gamma_cdf(y, dof, 3.0), stats.gamma.cdf(y, dof, scale=3.0), **NEAR)
    np.testing.assert_allclose(ours.gamma_sf(y, dof, 3.0), stats.gamma.sf(y, dof, scale=3.0), **NEAR)
    np.testing.assert_allclose(ours.gamma_pdf(y, dof, 3.0), stats.gamma.pdf(y, dof, scale=3.0), rtol=1e-10)
    np.testing.assert_allclose(ours.gamma_ppf(P, dof, 3.0), y, **NEAR)


def test_chi_squared_of_a_million_degrees_is_found_again_from_its_quantile() -> None:
    np.testing.assert_allclose(ours.chi2_cdf(ours.chi2_ppf(TAILS, 1e6), 1e6), TAILS, rtol=1e-11)
    # the median, k (1 - 2/(9k))^3 to a term of 1/k^2 (Wilson and Hilferty)
    assert float(ours.chi2_ppf(0.5, 1e6)) == pytest.approx(1e6 * (1.0 - 2.0 / 9e6) ** 3, rel=1e-11)


@pytest.mark.parametrize("dof2", [0.5, 3.0, 50.0, 1e4])
@pytest.mark.parametrize("dof1", DOF[:-1])
def test_f_and_beta_probabilities_are_those_of_scipy(dof1: float, dof2: float) -> None:
    x = stats.f.ppf(P, dof1, dof2)
    np.testing.assert_allclose(ours.f_cdf(x, dof1, dof2), stats.f.cdf(x, dof1, dof2), **NEAR)
    np.testing.assert_allclose(ours.f_sf(x, dof1, dof2), stats.f.sf(x, dof1, dof2), **NEAR)
    np.testing.assert_allclose(ours.f_ppf(P, dof1, dof2), x, **NEAR)
    share = ours.beta_ppf(P, dof1, dof2)
    held = (share > 0.0) & (1.0 - share > 1e-4)  # nearer to one a share itself has lost the digits
    np.testing.assert_allclose(special.betainc(dof1, dof2, share)[held], P[held], **NEAR)
    np.testing.assert_allclose(ours.beta_cdf(share, dof1, dof2)[held], P[held], **NEAR)


def test_quantiles_of_t_that_have_a_closed_form() -> None:
    np.testing.assert_allclose(ours.t_ppf(TAILS, 1.0), -1.0 / np.tan(np.pi * TAILS), rtol=1e-13)  # Cauchy
    a = 4.0 * TAILS * (1.0 - TAILS)
    np.testing.assert_allclose(ours.t_ppf(TAILS, 2.0), 2.0 * (TAILS - 0.5) * np.sqrt(2.0 / a), rtol=1e-13)


def test_t_of_a_million_degrees_follows_the_expansion_about_the_normal_quantile() -> None:
    z, n = stats.norm.ppf(TAILS), 1e6  # Abramowitz and Stegun 26.7.5
    expected = z + (z**3 + z) / (4 * n) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
    np.testing.assert_allclose(ours.t_ppf(TAILS, n), expected, rtol=1e-13)


def test_t_of_infinitely_many_degrees_is_normal_also_beside_finite_ones() -> None:
    np.testing.assert_array_equal(ours.t_ppf(P, np.inf), ours.normal_ppf(P))
    np.testing.assert_allclose(ours.t_ppf(0.975, [1.0, np.inf]), [12.706204736174694, 1.959963984540054], rtol=1e-13)
    np.testing.assert_array_equal(ours.t_sf([-1.0, 2.0], np.inf), ours.normal_sf([-1.0, 2.0]))


@settings(max_examples=15, deadline=None)
@given(st.floats(1e-12, 1.0 - 1e-12), st.floats(0.3, 1e5), st.floats(0.3, 1e5))
def test_a_quantile_has_the_probability_it_was_asked_for(p: float, one: float, two: float) -> None:
    found = [
        ours.t_cdf(ours.t_ppf(p, one), one),
        ours.chi2_cdf(ours.chi2_ppf(p, one), one),
        ours.f_cdf(ours.f_ppf(p, one, two), one, two),
        ours.normal_cdf(ours.normal_ppf(p)),
    ]
    np.testing.assert_allclose(found, p, rtol=1e-10)


@settings(max_examples=40, deadline=None)
@given(st.floats(-50.0, 50.0), st.floats(0.3, 1e5))
def test_both_tails_make_one_and_t_is_symmetric(x: float, dof: float) -> None:
    assert float(ours.t_cdf(x, dof) + ours.t_sf(x, dof)) == pytest.approx(1.0, abs=1e-14)
    assert float(ours.t_cdf(x, dof)) == float(ours.t_sf(-x, dof))
    assert float(ours.chi2_cdf(abs(x), dof) + ours.chi2_sf(abs(x), dof)) == pytest.approx(1.0, abs=1e-14)
    # F with one degree is t squared
    assert float(ours.f_sf(x**2, 1.0, dof)) == pytest.approx(2.0 * float(ours.t_sf(abs(x), dof)), rel=1e-12)


def test_the_ends_are_where_they_should_be() -> None:
    np.testing.assert_array_equal(ours.t_ppf([0.0, 0.5, 1.0], 3.0), [-np.inf, 0.0, np.inf])
    np.testing.assert_array_equal(ours.normal_ppf([0.0, 1.0]), [-np.inf, np.inf])
    np.testing.assert_array_equal(ours.t_cdf([-np.inf, 0.0, np.inf], 3.0), [0.0, 0.5, 1.0])
    np.testing.assert_array_equal(ours.f_cdf([-1.0, 0.0, np.inf], 2.0, 3.0), [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(ours.chi2_sf([-1.0, 0.0, np.inf], 2.0), [1.0, 1.0, 0.0])
    np.testing.assert_array_equal(ours.gamma_pdf([-1.0, 0.0, np.inf], 2.0, 1.0), [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(ours.chi2_ppf([0.0, 1.0], 2.0), [0.0, np.inf])
    np.testing.assert_array_equal(ours.beta_cdf([-1.0, 0.0, 1.0, 2.0], 2.0, 3.0), [0.0, 0.0, 1.0, 1.0])
    # scipy says inf here; so far out the tail of t with three degrees is 2 sqrt(3)/(pi |t|^3)
    assert float(ours.t_ppf(1e-300, 3.0)) == pytest.approx(
        -((2.0 * 3.0**0.5 / np.pi * 1e300) ** (1.0 / 3.0)), rel=1e-12
    )


def test_every_value_between_the_ends_is_as_likely() -> None:
    np.testing.assert_allclose(ours.uniform_cdf([1.0, 2.0, 3.5, 5.0], 2.0, 4.0), [0.0, 0.0, 0.75, 1.0])
    np.testing.assert_allclose(ours.uniform_ppf([0.0, 0.75, 1.0], 2.0, 4.0), [2.0, 3.5, 4.0])


def test_what_has_no_probability_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="NaN"):
        ours.t_cdf([1.0, np.nan], 3.0)
    with pytest.raises(ValueError, match="from 0 to 1"):
        ours.normal_ppf(1.5)
    with pytest.raises(ValueError, match="from 0 to 1"):
        ours.t_ppf(np.nan, 3.0)
    with pytest.raises(ValueError, match="degrees of freedom of a distribution must be positive"):
        ours.t_ppf(0.5, 0.0)
    with pytest.raises(ValueError, match="positive and finite"):
        ours.f_cdf(1.0, 2.0, np.inf)
    with pytest.raises(ValueError, match="width"):
        ours.uniform_cdf(1.0, 2.0, 2.0)
    with pytest.raises(ValueError, match="too extreme"):
        ours.chi2_ppf(1e-10, 0.01)


def test_parameters_for_which_the_series_would_never_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "_MOST_TERMS", 5)
    for compute in (
        lambda: ours.gamma_cdf(900.0, 1000.0, 1.0),
        lambda: ours.gamma_sf(1100.0, 1000.0, 1.0),
        lambda: ours.beta_cdf(0.4, 1000.0, 1000.0),
    ):
        with pytest.raises(ValueError, match="too large"):
            compute()
