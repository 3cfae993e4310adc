"""Fits of modifiers: known truth, an independent program, and what cannot be fitted."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import curve_fit

from protocols.collectors.diffuse_modifier import plausibility
from protocols.collectors.modifier import Ambrosetti, TwoTerm, ten_degree_table
from protocols.collectors.modifier_fit import FittedModifier, fit_ambrosetti, fit_b0, fit_two_term
from protocols.limits import read_limits
from tests.protocols.conftest import ROOT

# Arcon HTHEATstore 35/10, certificate SP SC0843-14
THETA = np.array([10.0, 20.0, 30.0, 40.0, 50.0, 60.0])
K = np.array([1.0, 0.99, 0.97, 0.94, 0.90, 0.82])
U = np.array([0.01, 0.01, 0.01, 0.012, 0.015, 0.02])
FORMS = (
    (fit_b0, lambda t, b0: 1 - b0 * (1 / np.cos(np.radians(t)) - 1), (0.1,)),
    (
        fit_two_term,
        lambda t, b0, b1: 1 - b0 * (1 / np.cos(np.radians(t)) - 1) - b1 * (1 / np.cos(np.radians(t)) - 1) ** 2,
        (0.1, 0.0),
    ),
    (fit_ambrosetti, lambda t, kappa: 1 - np.tan(np.radians(t) / 2) ** kappa, (3.0,)),
)
Fit = Callable[..., FittedModifier]


@pytest.mark.parametrize(("fit", "form", "start"), FORMS)
@pytest.mark.parametrize("sigma", [None, U, 1e-4 * np.eye(6) + 4e-5], ids=["alike", "weighted", "correlated"])
def test_the_fit_is_that_of_an_independent_program(
    fit: Fit, form: Callable[..., np.ndarray], start: tuple[float, ...], sigma: np.ndarray | None
) -> None:
    values, covariance = curve_fit(form, THETA, K, p0=start, sigma=sigma, absolute_sigma=sigma is not None, xtol=1e-14)
    given = {} if sigma is None else {"standard_uncertainty" if sigma.ndim == 1 else "covariance": sigma}
    ours = fit(theta=THETA, K=K, **given)
    np.testing.assert_allclose(ours.values, values, rtol=1e-5)
    np.testing.assert_allclose(ours.covariance, covariance, rtol=1e-3)
    np.testing.assert_allclose(ours.residuals, K - form(THETA, *values), atol=1e-6)
    assert list(ours.standard_uncertainties.values()) == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-3)


@pytest.mark.parametrize(
    ("fit", "truth"),
    [
        (fit_b0, TwoTerm(b0=0.15)),
        (fit_b0, TwoTerm(b0=-0.05)),
        (fit_two_term, TwoTerm(b0=0.1, b1=0.05)),
        (fit_ambrosetti, Ambrosetti(kappa=1.3)),
        (fit_ambrosetti, Ambrosetti(kappa=4.7)),
    ],
)
def test_a_known_form_is_found_again(fit: Fit, truth: TwoTerm | Ambrosetti) -> None:
    theta = np.array([0.0, 20.0, 45.0, 60.0, 70.0])
    found = fit(theta=theta, K=truth.at(theta), standard_uncertainty=np.full(5, 0.01)).modifier
    np.testing.assert_allclose(found.at(THETA), truth.at(THETA), atol=1e-9)


def test_one_value_gives_b0_with_the_uncertainty_of_that_value() -> None:
    fit = fit_b0(theta=[0.0, 50.0], K=[1.0, 0.9], standard_uncertainty=[0.01, 0.01])
    # b0 = (1 - K50)/0.55572
    assert fit.values == pytest.approx([0.1 / 0.55572], rel=1e-5)
    assert fit.standard_uncertainties == pytest.approx({"b0": 0.01 / 0.55572}, rel=1e-5)


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (lambda: fit_b0(theta=[50.0, 90.0], K=[0.9, 0.0]), "90 deg tells nothing"),
        (lambda: fit_b0(theta=[50.0, np.nan], K=[0.9, 0.8]), "nan deg"),
        (lambda: fit_b0(theta=[50.0], K=[0.9, 0.8]), "one number for each angle"),
        (lambda: fit_two_term(theta=[50.0, 60.0], K=[0.9, np.nan]), "without gaps"),
        (lambda: fit_b0(theta=[50.0], K=[0.9]), "1 points cannot give 1"),
        (lambda: fit_b0(theta=[0.0, 0.0], K=[1.0, 1.0]), "b0"),
        (lambda: fit_ambrosetti(theta=[0.0, 50.0], K=[1.0, 1.02]), "kappa cannot be found"),
    ],
)
def test_what_cannot_be_fitted_is_refused(refused: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        refused()


def test_a_diffuse_modifier_far_from_that_of_the_beam_is_told() -> None:
    limits = read_limits(ROOT / "config" / "limits" / "standard_reporting.toml")
    arcon = ten_degree_table([1, 0.99, 0.97, 0.94, 0.9, 0.82, 0.65, 0.32])  # isotropic mean 0.851
    for Kd in (0.83, 0.93, 0.97):
        assert plausibility(Kd=Kd, modifier=arcon, limits=limits) is None
    for Kd, difference in ((0.80, "+0.051"), (0.99, "-0.139")):
        note = plausibility(Kd=Kd, modifier=arcon, limits=limits)
        assert note is not None
        assert difference in note.sentence_en
        assert difference in note.sentence_zh
