"""Global risks against JCGM 106, Deaver's paper, closed forms and scipy's quadrature."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from protocols.metrology.risk import (
    GammaPrior,
    NormalPrior,
    acceptance_factor,
    global_risk,
    guard_for_consumer_risk,
    normal_prior_of,
)
from tests.protocols.conftest import DATA

CASES = json.loads((DATA / "conformity" / "cases.json").read_text("utf-8"))
UNIT = NormalPrior(mean=0.0, standard_deviation=1.0)


def test_the_ball_bearings_of_jcgm_106_have_their_published_risks() -> None:
    expected = CASES["jcgm106_9_5_4_ball_bearings"]["expected_recomputed"]
    prior = GammaPrior(shape=4.0, scale=0.25)
    found = global_risk(prior, 0.25, upper=2.0)
    assert found.nonconforming == pytest.approx(expected["p_nonconform_prior"], rel=1e-12)
    assert found.consumer == pytest.approx(expected["PFA_simple"], rel=1e-12)
    guard = guard_for_consumer_risk(prior, 0.25, target=0.001, upper=2.0)
    assert guard == pytest.approx(expected["guard_band_um"], rel=1e-10)


@pytest.mark.parametrize("row", CASES["deaver_pfa"]["rows"], ids=lambda row: f"{row['SL_sigma']}-{row['gb_factor']}")
def test_the_risks_of_deavers_paper_are_found(row: dict[str, float]) -> None:
    limit, accepted = row["SL_sigma"], row["SL_sigma"] * row["gb_factor"]
    found = global_risk(
        UNIT,
        1.0 / row["TUR_sigma_ratio"],
        lower=-limit,
        upper=limit,
        lower_acceptance=-accepted,
        upper_acceptance=accepted,
    )
    assert found.consumer == pytest.approx(row["PFA"], rel=1e-10)
    assert found.producer == pytest.approx(row["PFR"], rel=1e-10)


def test_a_guard_band_of_u_for_the_resistors_of_jcgm_106_costs_a_quarter_of_the_good_ones() -> None:
    prior = NormalPrior(mean=1500.0, standard_deviation=0.12)
    limits = {"lower": 1499.8, "upper": 1500.2}
    simple = global_risk(prior, 0.04, **limits)
    guarded = global_risk(prior, 0.04, **limits, lower_acceptance=1499.88, upper_acceptance=1500.12)
    np.testing.assert_allclose([simple.consumer, simple.producer], [0.01894, 0.03721], atol=5e-6)
    np.testing.assert_allclose([guarded.consumer, guarded.producer], [0.00047, 0.248], atol=5e-4)


@pytest.mark.parametrize("uncertainty", [0.003, 0.4, 3.0])
@pytest.mark.parametrize(
    ("prior", "density"),
    [
        (NormalPrior(mean=0.3, standard_deviation=1.2), stats.norm(0.3, 1.2)),
        (GammaPrior(shape=1.0, scale=0.8), stats.gamma(1.0, scale=0.8)),
        (GammaPrior(shape=2.5, scale=0.8), stats.gamma(2.5, scale=0.8)),
        (GammaPrior(shape=400.0, scale=0.0025), stats.gamma(400.0, scale=0.0025)),
    ],
)
def test_risks_agree_with_adaptive_quadrature(
    prior: NormalPrior | GammaPrior, density: stats.rv_continuous, uncertainty: float
) -> None:
    low, high, first, last = 0.2, 1.5, 0.3, 1.35
    found = global_risk(prior, uncertainty, lower=low, upper=high, lower_acceptance=first, upper_acceptance=last)

    def accept(x: float) -> float:
        return stats.norm.cdf((last - x) / uncertainty) - stats.norm.cdf((first - x) / uncertainty)

    def integral(weight: object, a: float, b: float) -> float:
        cuts = np.unique(
            np.clip([a, b, *np.add.outer([first, last], uncertainty * np.arange(-8.0, 9.0)).ravel()], a, b)
        )
        pieces = pairwise(cuts)
        return sum(
            integrate.quad(lambda x: density.pdf(x) * weight(x), *each, epsabs=1e-13, epsrel=1e-11, limit=200)[0]
            for each in pieces
        )

    least, most = max(density.mean() - 12 * density.std(), density.support()[0]), density.mean() + 30 * density.std()
    consumer = integral(accept, least, min(low, most)) + integral(accept, high, max(most, high))
    assert found.consumer == pytest.approx(consumer, abs=1e-11)
    assert found.producer == pytest.approx(integral(lambda x: 1.0 - accept(x), low, high), abs=1e-11)
    assert found.nonconforming == pytest.approx(density.cdf(low) + density.sf(high), abs=1e-14)
    assert found.accepted == pytest.approx(found.consumer + 1.0 - found.nonconforming - found.producer, abs=1e-11)
    assert found.conditional_consumer == pytest.approx(found.consumer / found.accepted)


def test_a_perfect_measurement_takes_no_risk_and_an_empty_one_accepts_like_chance() -> None:
    perfect = global_risk(UNIT, 0.0, upper=1.0)
    assert (perfect.consumer, perfect.producer) == (0.0, 0.0)
    assert perfect.accepted == pytest.approx(stats.norm.cdf(1.0), abs=1e-13)
    # bivariate normal with equal spreads and limits at the mean: correlation 1/sqrt(2), one quarter minus asin/(2 pi)
    chance = global_risk(UNIT, 1.0, upper=0.0)
    assert chance.consumer == pytest.approx(0.25 - math.asin(math.sqrt(0.5)) / (2.0 * math.pi), rel=1e-11)
    assert chance.consumer == pytest.approx(chance.producer, rel=1e-11)


def test_the_guard_band_for_a_risk_gives_that_risk_also_with_two_limits_and_beyond_them() -> None:
    for target in (0.001, 0.02, 0.04):
        w = guard_for_consumer_risk(UNIT, 0.25, target=target, lower=-2.0, upper=2.0)
        found = global_risk(UNIT, 0.25, lower=-2.0, upper=2.0, lower_acceptance=-2.0 + w, upper_acceptance=2.0 - w)
        assert found.consumer == pytest.approx(target, rel=1e-9)
    assert w < 0.0  # four per cent is more than simple acceptance risks
    with pytest.raises(ValueError, match="no guard band"):
        guard_for_consumer_risk(UNIT, 0.25, target=0.5, lower=-2.0, upper=2.0)


def test_items_of_which_a_share_conforms_are_as_wide_as_that() -> None:
    prior = normal_prior_of(in_tolerance=0.95, lower=9.0, upper=11.0)
    assert prior.mean == 10.0
    assert prior.within(9.0, 11.0) == pytest.approx(0.95, rel=1e-12)


def test_acceptance_factors_by_test_uncertainty_ratio_are_the_published_ones() -> None:
    expected = CASES["guardband_tur_methods"]
    for method, name in (("rss", "RSS"), ("test95", "test95"), ("rp10", "RP10"), ("dobbert", "dobbert_managed_risk")):
        found = acceptance_factor(expected["TUR"], method=method)
        assert found == pytest.approx(expected["expected"][name], rel=1e-12)
        assert acceptance_factor(1e3, method=method) <= 1.0


def test_dobberts_guard_band_keeps_the_consumers_risk_below_two_percent() -> None:
    # k = 2: T = ratio U = 2 ratio u
    for ratio in (1.5, 2.0, 4.0, 10.0):
        accepted = acceptance_factor(ratio, method="dobbert")
        for share in (0.5, 0.7, 0.9, 0.95, 0.99):
            prior = normal_prior_of(in_tolerance=share, lower=-1.0, upper=1.0)
            found = global_risk(
                prior, 0.5 / ratio, lower=-1.0, upper=1.0, lower_acceptance=-accepted, upper_acceptance=accepted
            )
            assert found.consumer < 0.0205


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: global_risk(UNIT, 0.1), "no limit"),
        (lambda: global_risk(UNIT, 0.1, lower=2.0, upper=1.0), "not below"),
        (lambda: global_risk(UNIT, 0.1, upper=math.nan), "not below"),
        (lambda: global_risk(UNIT, 0.1, lower=0.0, upper=1.0, lower_acceptance=2.0), "acceptance"),
        (lambda: global_risk(UNIT, math.nan, upper=1.0), "standard uncertainty"),
        (lambda: global_risk(UNIT, -0.1, upper=1.0), "standard uncertainty"),
        (lambda: NormalPrior(mean=0.0, standard_deviation=0.0), "standard deviation"),
        (lambda: GammaPrior(shape=0.5, scale=1.0), "at least 1"),
        (lambda: GammaPrior(shape=2.0, scale=0.0), "scale"),
        (lambda: normal_prior_of(in_tolerance=1.0, lower=0.0, upper=1.0), "no spread"),
        (lambda: acceptance_factor(2.0, method="guess"), "not known"),
        (lambda: acceptance_factor(1.0, method="rss"), "nothing to accept"),
        (lambda: acceptance_factor(0.0, method="rss"), "ratio"),
    ],
)
def test_a_risk_that_cannot_be_told_is_refused_in_a_sentence(wrong: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        wrong()  # type: ignore[operator]
